package executor_test

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"sluice/examples/sandbox"
	"sluice/executor"
	"sluice/executor/progress"
)

// Where a role may have fewer connections than there are workers, the run goes on
// with those it gets, to the end, and says what the others wait for.
func TestFewerConnectionsThanWorkers(t *testing.T) {
	t.Parallel()
	for name, limits := range map[string]struct{ source, target int }{
		"on the source": {7, -1},
		"on the target": {-1, 5},
		"on both":       {7, 5},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), limit)
			defer cancel()
			m := newMove(t, 0, 0)
			m.spec.LargeTable, m.chunkBytes = 1<<20, 64<<10
			m.sourceRole = limited(t, m.source, limits.source)
			m.targetRole = limited(t, m.target, limits.target)
			sandbox.Exec(t, m.source, "set role "+m.sourceRole+";"+threeWays)
			var told *progress.Tracker
			var waited atomic.Bool
			m.whileFollowing(ctx, t, func(r *executor.Run) {
				told = r.Progress
				r.Settings.Workers = 10
				r.Point = func(point string) {
					if point != "load: before a chunk is copied" {
						return
					}
					tick := time.NewTicker(10 * time.Millisecond)
					defer tick.Stop()
					for !waited.Load() { // with what is in use here there is no room for the others
						if strings.Contains(told.Snapshot().Waiting, "too many connections for role") {
							waited.Store(true)
						}
						select {
						case <-tick.C:
						case <-ctx.Done():
							return
						}
					}
				}
			}, func() {
				m.equal(t)
				m.counted(t, told)
			})
			if waiting := told.Snapshot().Waiting; !waited.Load() || waiting != "" {
				t.Errorf("it has said that it waits: %t; at the end it says %q", waited.Load(), waiting)
			}
		})
	}
}

// limited makes a role that may move a database with so many connections.
func limited(t *testing.T, url string, connections int) (role string) {
	t.Helper()
	database := databaseName(url)
	role = "limited_" + database
	sandbox.Exec(t, url, fmt.Sprintf("create role %s login replication connection limit %d; grant create on database %s to %[1]s; grant all on schema public to %[1]s; grant set on parameter session_replication_role to %[1]s",
		role, connections, database))
	t.Cleanup(func() {
		sandbox.Exec(t, url, fmt.Sprintf("reassign owned by %[1]s to current_user; drop owned by %[1]s; drop role %[1]s", role))
	})
	return role
}
