package executor_test

import (
	"context"
	"strings"
	"testing"

	"sluice/examples/sandbox"
)

// Promise 25: after a failover the source may have a slot of that name, and its WAL be
// long enough; whether it has what was applied, its timelines tell.
func TestAFailoverOfTheSource(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		applied string // what the standby had not received when it was promoted; empty: all
		slot    string // what becomes of the slot there
		want    string // in the error; empty: it goes on
	}{
		{"behind all that was applied", "", "", ""},
		{"before what was applied", "insert into public.plain values (2)", "", "has failed over, or was recovered"},
		{"without the slot", "", "select pg_drop_replication_slot(slot_name) from pg_replication_slots", "is gone from source.old"},
		{"with a new slot", "", `select pg_drop_replication_slot(slot_name), pg_create_logical_replication_slot(slot_name, plugin) from pg_replication_slots`,
			"stands at"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			source := ownServer(t, sandbox.Options{})
			l := &live{move: &move{source: source.Database(t), target: sandbox.Shared(t, 0, "target").Database(t)}}
			l.spec = spec(l.source)
			l.begin(t, counted, nil)
			l.do("insert into public.plain values (1)")
			l.settle()
			l.rest()
			backup, err := source.Backup(l.ctx)
			if err != nil {
				t.Fatal(err)
			}
			want := "1"
			if c.applied != "" {
				l.do(c.applied)
				l.start(nil)
				l.settle()
				l.rest()
				want = "2"
			}
			if err := backup.Promote(l.ctx); err != nil {
				t.Fatal(err)
			}
			eventually(t, l.source, "select pg_is_in_recovery()", "f")
			l.do("insert into public.plain values (3)")
			if c.slot != "" {
				l.do(c.slot)
			}
			// By now its positions are ones that have been something else.
			l.do("create table public.busy as select repeat('v', 1000) from generate_series(1, 2000) i; drop table public.busy")
			l.start(nil)
			if c.want == "" {
				l.same()
				if on := sandbox.Query(t, l.target, "select source_timeline from sluice.migration")[0]; on != "2" {
					t.Errorf("the state has timeline %s", on)
				}
				return
			}
			if err := l.failure(); !strings.Contains(err.Error(), c.want) {
				t.Errorf("the run ended with %v", err)
			}
			if rows := sandbox.Query(t, l.target, "select max(v) from public.plain")[0]; rows != want {
				t.Errorf("the target has rows up to %s, want %s", rows, want)
			}
		})
	}
}

// Of rows that were loaded nobody knows up to where the source was read for them: they
// may be of a timeline that is left.
func TestAFailoverOfTheSourceWhileItIsLoaded(t *testing.T) {
	t.Parallel()
	source := ownServer(t, sandbox.Options{})
	l := &live{move: &move{source: source.Database(t), target: sandbox.Shared(t, 0, "target").Database(t)}, t: t}
	var cancel context.CancelFunc
	l.ctx, cancel = context.WithTimeout(t.Context(), limit)
	t.Cleanup(cancel)
	l.spec = spec(l.source)
	sandbox.Exec(t, l.source, marksTable+counted+"; insert into public.plain values (1)")
	if err := l.move.start(t, "load: after a chunk has committed", "").Wait(); err == nil {
		t.Fatal("the process was not killed")
	}
	backup, err := source.Backup(l.ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := backup.Promote(l.ctx); err != nil {
		t.Fatal(err)
	}
	eventually(t, l.source, "select pg_is_in_recovery()", "f")
	l.start(nil)
	if err := l.failure(); !strings.Contains(err.Error(), "some of what was loaded reaches to") {
		t.Errorf("the run ended with %v", err)
	}
}
