package postgres

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"sluice/examples/sandbox"
)

// What waits for the lock meanwhile is done once it is held again, and a record
// from before, or from in between, is as good as any.
func TestTheLockIsHeldAgainAfterItsSessionBroke(t *testing.T) {
	t.Parallel()
	url := database(t)
	s := hold(t, url, crm)
	before := s.StepDone("before", "")
	outage := interrupt(t, url, s)
	if outage.Cause == nil {
		t.Error("the outage has no cause")
	}
	if err := errors.Join(s.Write(t.Context(), before), s.Write(t.Context(), s.StepDone("meanwhile", ""))); err != nil {
		t.Fatal(err)
	}
	await(t, outage.Over, "end of the outage")
	st, err := s.State(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if !st.Done("before") || !st.Done("meanwhile") || !st.Lease.Live || st.Epoch != s.Epoch() || s.Err() != nil {
		t.Errorf("the state is %+v, and Err %v", st, s.Err())
	}
	if _, err := Acquire(t.Context(), connector(url), Options{Address: crm}); !errors.As(err, new(*HeldError)) {
		t.Errorf("another process gets %v", err)
	}
	history := sandbox.Query(t, url, "select what from sluice.event order by id")
	if want := []string{"took the lock", "took the lock again"}; !slices.Equal(history, want) {
		t.Errorf("history is %q, not %q", history, want)
	}
}

// Whoever has raised the epoch since, and has the lock or not, is the end of it.
func TestTheLockIsLostToWhoeverRaisedTheEpoch(t *testing.T) {
	t.Parallel()
	for name, since := range map[string]func(*testing.T, string){
		"and holds it": func(t *testing.T, url string) { hold(t, url, crm) },
		"and has released it": func(t *testing.T, url string) {
			if err := hold(t, url, crm).Release(t.Context()); err != nil {
				t.Fatal(err)
			}
		},
		"and died": func(t *testing.T, url string) {
			way := &line{url: url}
			way.orphan(t, holdOver(t, way.connect, crm))
		},
		"and has forgotten the migration": func(t *testing.T, url string) {
			s := hold(t, url, crm)
			if err := errors.Join(s.Forget(t.Context()), s.Release(t.Context())); err != nil {
				t.Fatal(err)
			}
		},
		"and made another one of that name": func(t *testing.T, url string) {
			s := hold(t, url, crm)
			if err := errors.Join(s.Forget(t.Context()), s.Release(t.Context())); err != nil {
				t.Fatal(err)
			}
			hold(t, url, crm)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := database(t)
			way := &line{url: url}
			s := holdOver(t, way.connect, crm)
			way.orphan(t, s)
			since(t, url)
			way.cut.Store(false)
			await(t, s.Lost(), "Lost")
			if !errors.Is(s.Err(), ErrFenced) {
				t.Errorf("Err is %v", s.Err())
			}
			if err := s.Note(t.Context(), "late"); !errors.Is(err, ErrFenced) {
				t.Errorf("Note: %v", err)
			}
		})
	}
}

// A heartbeat that the server cancels, or has no room for, is no loss of the session.
func TestAHeartbeatThatIsCancelledKeepsTheLock(t *testing.T) {
	t.Parallel()
	url := database(t)
	s := hold(t, url, crm)
	tx, err := dial(t, url).Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(t.Context(), "lock table sluice.lease in access exclusive mode"); err != nil {
		t.Fatal(err)
	}
	until(t, url, blocked, 1)
	until(t, url, "select bool_or(pg_cancel_backend(pid)) from pg_stat_activity where datname = current_database() and cardinality(pg_blocking_pids(pid)) > 0")
	if err := tx.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.Note(t.Context(), "still here"); err != nil {
		t.Error(err)
	}
	until(t, url, "select clock_timestamp() - heartbeat < '1 s' from sluice.lease")
	if history := sandbox.Query(t, url, "select what from sluice.event order by id"); len(history) != 2 {
		t.Errorf("history is %q: the session was another one in between", history)
	}
}

// A standby that takes over may lack the last commits, and nobody can say which.
func TestTheLockIsLostWhereTheTargetWasPromoted(t *testing.T) {
	t.Parallel()
	server, err := sandbox.Start(t.Context(), sandbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Stop(); err != nil {
			t.Error(err)
		}
	})
	url := server.Database(t)
	s := hold(t, url, crm)
	if err := server.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(server.Dir(), "data", "standby.signal"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := server.Restart(t.Context(), sandbox.Immediate); err != nil {
		t.Fatal(err)
	}
	sandbox.Exec(t, url, "select pg_promote()")
	await(t, s.Lost(), "Lost")
	if !errors.Is(s.Err(), ErrPromoted) {
		t.Errorf("Err is %v", s.Err())
	}
	hold(t, url, crm)
}
