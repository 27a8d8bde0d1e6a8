package executor_test

import (
	"context"
	"fmt"
	"testing"

	"sluice/examples/sandbox"
	"sluice/executor"
	"sluice/planner"
)

// The index is held up until it is let go. One key is built meanwhile, and waits
// for it with the table; the other key would be a deadlock, and does not begin.
func TestAKeyIsBuiltWhileAnIndexIs(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	m := newMove(t, 0, 0)
	m.spec.Stages = planner.Stages{Schema: true, Full: true}
	sandbox.Exec(t, m.source, `
		create function public.held(v int) returns int language plpgsql immutable as $$ begin
			if v = 1 and pg_catalog.to_regnamespace('sluice') is not null then
				perform pg_catalog.pg_advisory_xact_lock(1);
			end if;
			return v;
		end $$;
		create table public.t as select i as id, i as other, i as v from generate_series(1, 100000) i;
		alter table public.t add primary key (id), add unique (other);
		create index held on public.t (public.held(v));`)
	holder := connect(t, m.target)
	if _, err := holder.Exec(ctx, "select pg_advisory_lock(1)"); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() {
		outcome, err := m.run(ctx, nil)
		if err == nil && outcome != executor.Finished {
			err = fmt.Errorf("outcome %q", outcome)
		}
		ended <- err
	}()
	eventually(t, m.target, `select string_agg(wait_event, ', ' order by wait_event) from pg_stat_activity
		where datname = current_database() and query ilike 'begin%create%index%' and wait_event_type = 'Lock'`, "advisory, relation")
	if _, err := holder.Exec(ctx, "select pg_advisory_unlock(1)"); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	if got := sandbox.Query(t, m.target, "select deadlocks from pg_stat_database where datname = current_database()"); got[0] != "0" {
		t.Errorf("%s deadlocks", got[0])
	}
	m.equal(t)
	m.nothingLeft(t)
}
