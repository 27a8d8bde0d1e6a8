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

// What an index is built under is written down by a function that it calls.
func TestALargeIndexIsBuiltUnderItsShare(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		workers          int
		declared, memory int64
		parallel         int
	}{
		"all that there is": {4, 256 << 20, 256 << 20, 2},
		"the target's own":  {4, 0, 77 << 20, 2},
		"no place idle":     {1, 0, 77 << 20, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMove(t, 0, 0)
			m.spec.Stages = planner.Stages{Schema: true, Full: true}
			m.spec.Settings.Workers, m.spec.Settings.IndexMemory = c.workers, c.declared
			// Notes are in no plan: while rows of another table are copied, nothing is lent.
			const notes = "create schema notes; create table notes.noted (text text);"
			m.spec.Exclude = []planner.Pattern{pattern("notes.*")}
			sandbox.Exec(t, m.target, notes)
			sandbox.Exec(t, m.source, notes+`
				create function public.note() returns void language sql as $$
					insert into notes.noted select pg_catalog.current_setting('maintenance_work_mem') || ' ' ||
						pg_catalog.current_setting('max_parallel_maintenance_workers') $$;
				create function public.noting(v int) returns int language plpgsql immutable as $$ begin
					if v = 1 and pg_catalog.to_regnamespace('sluice') is not null and pg_catalog.current_query() ilike 'begin%create%index%' then
						perform public.note();
					end if;
					return v;
				end $$;
				create table public.t as select i as v from generate_series(1, 100000) i;
				create index noting on public.t (public.noting(v));`)
			sandbox.Exec(t, m.target, "do $$ begin execute format('alter database %I set maintenance_work_mem = %L', current_database(), '77MB'); end $$")
			plan, err := m.plan(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if want := (planner.IndexBuilds{Jobs: 1, AtOnce: 1, Memory: c.memory, Workers: 2}); plan.IndexBuilds != want {
				t.Errorf("the plan says %+v, want %+v", plan.IndexBuilds, want)
			}
			if outcome, err := m.run(t.Context(), func(r *executor.Run) { r.Settings = m.spec.Settings }); err != nil || outcome != executor.Finished {
				t.Fatal(outcome, err)
			}
			want := fmt.Sprintf("%dMB %d", c.memory>>20, c.parallel)
			if got := sandbox.Query(t, m.target, "select text from notes.noted"); len(got) != 1 || got[0] != want {
				t.Errorf("built under %q, want %q", got, want)
			}
		})
	}
}
