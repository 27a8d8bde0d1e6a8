package executor_test

import (
	"context"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"sluice/examples/sandbox"
	"sluice/executor"
	"sluice/executor/progress"
	"sluice/state"
)

// An index that is being built says in which phase it is and how far, here and in
// the state; a foreign key, that its rows are checked; afterwards nothing is built.
func TestWhatIsBuiltSaysHowFarItIs(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	t.Cleanup(cancel)
	l := &live{move: newMove(t, 0, 0), t: t, ctx: ctx}
	sandbox.Exec(t, l.source, marksTable+`
		create function public.held(i int) returns int immutable language plpgsql as 'begin perform pg_advisory_xact_lock_shared(4711); return i; end';
		create table public.t (id int primary key, filler text default repeat('f', 400));
		insert into public.t select i from generate_series(1, 4000) i;
		create index t_held on public.t (public.held(id), filler);
		create table public.u (id int primary key references public.t, filler text default repeat('f', 400));
		insert into public.u select i from generate_series(1, 4000) i`)
	holder := connect(t, l.target)
	if _, err := holder.Exec(ctx, "select pg_advisory_lock(4711)"); err != nil {
		t.Fatal(err)
	}
	var one sync.Mutex
	phases := map[string]string{} // by step, of what was being built at a commit
	l.start(func(r *executor.Run) {
		r.Point = func(point string) {
			if point == "step: before its commit" {
				one.Lock()
				defer one.Unlock()
				for _, b := range r.Progress.Snapshot().Builds {
					phases[b.Step] = b.Phase
				}
			}
		}
	})

	var recorded []state.Build
	l.comes(func(st state.State) bool {
		recorded = st.Lease.Builds
		return len(recorded) == 1 && recorded[0].Unit != ""
	})
	want := progress.Build{Step: "create index public.t_held", Schema: "public", Table: "t", Phase: "reading the table", Unit: "blocks"}
	numbers := cmpopts.IgnoreFields(progress.Build{}, "Done", "Total", "Since")
	shown := l.progress.Load().Snapshot()
	if diff := cmp.Diff([]progress.Build{want}, shown.Builds, numbers); diff != "" {
		t.Errorf("shown is (-want +got):\n%s", diff)
	}
	got := progress.Build(recorded[0])
	if diff := cmp.Diff(want, got, numbers); diff != "" {
		t.Errorf("recorded is (-want +got):\n%s", diff)
	}
	if got.Total < 100 || got.Done > got.Total || got.Since.IsZero() || got.Since.After(shown.At) {
		t.Errorf("it has read %d of %d blocks since %s", got.Done, got.Total, got.Since)
	}

	if _, err := holder.Exec(ctx, "select pg_advisory_unlock(4711)"); err != nil {
		t.Fatal(err)
	}
	l.comes(func(st state.State) bool { return st.Phase == state.Following && len(st.Lease.Builds) == 0 })
	if left := l.progress.Load().Snapshot().Builds; len(left) > 0 {
		t.Errorf("at the end it still builds %+v", left)
	}
	one.Lock()
	defer one.Unlock()
	if phase := phases["alter foreign key public.u.u_id_fkey validated"]; phase != "checking rows" {
		t.Errorf("the foreign key was in phase %q; seen were %v", phase, phases)
	}
	l.rest()
}
