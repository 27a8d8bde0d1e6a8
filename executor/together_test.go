package executor_test

import (
	"context"
	"strings"
	"testing"

	"sluice/examples/sandbox"
	"sluice/executor"
	"sluice/planner"
	"sluice/state"
)

// Many tables go together. One that somebody has locked, and an index that the
// target refuses, are tried by themselves, and keep nothing else back.
func TestOneOfManyFailsAlone(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	m := newMove(t, 0, 0)
	m.spec.Stages = planner.Stages{Schema: true, Full: true}
	sandbox.Exec(t, m.source, `
		create function public.only_here(v int) returns int language plpgsql immutable as $$ begin
			if pg_catalog.to_regnamespace('sluice') is not null and pg_catalog.to_regnamespace('allowed') is null then
				raise 'not here' using errcode = 'P0007';
			end if;
			return v;
		end $$;
		do $$ begin for n in 1..40 loop
			execute format('create table public.t%1$s (id int primary key, v int); create index on public.t%1$s (v);
				insert into public.t%1$s select i, -i from generate_series(1, %1$s) i', n);
		end loop; end $$;
		create index refused on public.t7 (public.only_here(v));`)
	locker := connect(t, m.source)
	ended := make(chan error, 1)
	there, stop := context.WithCancel(ctx)
	defer stop()
	go func() {
		_, err := m.run(ctx, func(*executor.Run) { // once it is planned
			if _, err := locker.Exec(ctx, "begin; lock table public.t9"); err != nil {
				t.Error(err)
			}
		})
		stop()
		ended <- err
	}()
	// All but the locked one are there, with their indexes, before it is let go.
	if err := m.until(there, func(st state.State) bool { return len(st.Chunks) == 39 && indexes(st) == 39*2 }); err != nil {
		t.Fatal(err, <-ended)
	}
	if _, err := locker.Exec(ctx, "commit"); err != nil {
		t.Fatal(err)
	}
	err := <-ended
	if err == nil || !strings.Contains(err.Error(), "create index public.refused") || !strings.Contains(err.Error(), "P0007") || strings.Count(err.Error(), "step") != 1 {
		t.Errorf("error %v, want the one of index refused alone", err)
	}
	if n := indexes(m.state(t)); n != 40*2 {
		t.Errorf("%d indexes and keys are there, want 80", n)
	}
	m.equal(t)

	sandbox.Exec(t, m.target, "create schema allowed")
	if outcome, err := m.run(ctx, nil); err != nil || outcome != executor.Finished {
		t.Errorf("the second run: outcome %q, %v", outcome, err)
	}
}

// indexes are how many indexes and keys are recorded.
func indexes(st state.State) (n int) {
	for id, step := range st.Steps {
		if (strings.HasPrefix(id, "create index ") || strings.HasPrefix(id, "create constraint ")) && step.State == state.StepDone {
			n++
		}
	}
	return n
}
