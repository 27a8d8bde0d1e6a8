package executor_test

import (
	"context"
	"slices"
	"testing"

	"sluice/examples/sandbox"
	"sluice/executor"
	"sluice/planner"
	"sluice/planner/catalog"
	"sluice/state"
)

// cleanUp plans a cleanup and runs it.
func (m *move) cleanUp(t *testing.T, dropCreated bool) {
	t.Helper()
	plan, err := m.planned(t.Context(), func(spec planner.Spec, source, target *catalog.Catalog, done state.State) *planner.Plan {
		return planner.Cleanup(spec, source, target, done, dropCreated)
	}, planner.CleanupBack)
	if err != nil {
		t.Fatalf("the cleanup has conflicts: %v", err)
	}
	outcome, err := m.runPlan(t.Context(), plan, nil)
	if err != nil || outcome != executor.Finished {
		t.Fatalf("cleanup: outcome %q, %v", outcome, err)
	}
}

// nothingIsLeftBehind checks that neither side shows that sluice was there.
func (m *move) nothingIsLeftBehind(t *testing.T) {
	t.Helper()
	for _, url := range []string{m.source, m.target} {
		eventually(t, url, "select count(*) from pg_stat_activity where datname = current_database() and application_name like 'sluice%'", "0")
		left := sandbox.Query(t, url, `
			select 'slot ' || slot_name from pg_replication_slots where database = current_database()
			union all select 'publication ' || pubname from pg_publication where pubname like 'sluice%'
			union all select 'schema ' || nspname from pg_namespace where nspname like 'sluice%'
			union all select 'trigger ' || tgname from pg_trigger where tgname like 'sluice%'
			union all select 'event trigger ' || evtname from pg_event_trigger where evtname like 'sluice%'
			union all select 'function ' || proname from pg_proc where proname like 'sluice%'
			union all select 'origin ' || roname from pg_replication_origin where roname like 'sluice%'
			union all select 'setting ' || array_to_string(setconfig, ', ') from pg_db_role_setting where setdatabase = (select oid from pg_database where datname = current_database())
			order by 1`)
		if len(left) > 0 {
			t.Errorf("left behind: %q", left)
		}
	}
}

// Promise 28: after a kill in the middle of the load, or before the slot is
// done, cleanup leaves nothing; with -drop-created no object either.
func TestCleanupAfterAKillLeavesNothing(t *testing.T) {
	t.Parallel()
	for _, point := range []string{"source step: before its record#0", "slot: after its intent#0", "slot: before its record#0", "load: before a chunk commits#3"} {
		t.Run(point, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), limit)
			defer cancel()
			m := newThreeWays(t)
			before := objects(t, m.target)
			if !m.dies(ctx, t, m.start(t, point, "")) {
				t.Fatal("the process was not killed")
			}
			m.awaitRelease(t)
			m.cleanUp(t, true)
			m.nothingIsLeftBehind(t)
			if got := objects(t, m.target); !slices.Equal(got, before) {
				t.Errorf("objects on the target: %q, want %q", got, before)
			}
		})
	}
}

// awaitRelease waits until the server has noticed that the process is gone.
func (m *move) awaitRelease(t *testing.T) {
	t.Helper()
	for _, url := range []string{m.source, m.target} {
		eventually(t, url, "select count(*) from pg_stat_activity where datname = current_database() and application_name like 'sluice%'", "0")
	}
}

func objects(t *testing.T, url string) []string {
	t.Helper()
	return sandbox.Query(t, url, "select relname from pg_class where relnamespace::regnamespace::text = 'public' order by 1")
}
