package executor_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"sluice/examples/sandbox"
)

// Promise 12: what other databases of the server write is not kept for a migration of a
// database in which nothing happens.
func TestAnIdleDatabaseHoldsNoWAL(t *testing.T) {
	t.Parallel()
	megabytes := 100
	if *long {
		megabytes = 1000
	}
	source := ownServer(t, sandbox.Options{})
	l := &live{move: &move{source: source.Database(t), target: sandbox.Shared(t, 0, "target").Database(t)}}
	l.spec = spec(l.source)
	l.begin(t, counted, nil)
	other := source.Database(t)
	sandbox.Exec(t, other, fmt.Sprintf("create table public.busy (v text); insert into public.busy select repeat('v', 1000) from generate_series(1, %d) i", megabytes*1000))
	const kept = "select pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn) from pg_replication_slots where restart_lsn is not null"
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for bytes := int64(0); ; {
		// A checkpoint writes down which transactions run: from there a slot may begin.
		// A server does that by itself every 15 seconds.
		sandbox.Exec(t, other, "checkpoint")
		if _, err := fmt.Sscan(sandbox.Query(t, l.source, kept)[0], &bytes); err != nil {
			t.Fatal(err)
		}
		if bytes < 32<<20 {
			break
		}
		select {
		case <-tick.C:
		case <-l.ended:
			t.Fatalf("the run ended with %q, %v", l.outcome, l.err)
		case <-l.ctx.Done():
			t.Fatalf("the slot keeps %d bytes", bytes)
		}
	}
	l.do("insert into public.plain values (1)")
	l.same()
}

// A slot that the server has invalidated, since it kept too much, has lost changes:
// the run says so, whether it was at work or not, and leaves no hole.
func TestChangesStopWhereTheSlotWasInvalidated(t *testing.T) {
	t.Parallel()
	source := ownServer(t, sandbox.Options{Settings: map[string]string{"max_slot_wal_keep_size": "16MB", "min_wal_size": "32MB", "max_wal_size": "32MB"}})
	l := &live{move: &move{source: source.Database(t), target: sandbox.Shared(t, 0, "target").Database(t)}}
	l.spec = spec(l.source)
	l.begin(t, counted, nil)
	l.rest()
	l.do("insert into public.plain values (1)")
	l.do("create table public.busy (v text)")
	for range 6 {
		l.do("insert into public.busy select repeat('v', 1000) from generate_series(1, 10000) i")
		l.do("checkpoint")
	}
	eventually(t, l.source, "select wal_status from pg_replication_slots", "lost")
	l.do("drop table public.busy")
	l.start(nil)
	if err := l.failure(); !strings.Contains(err.Error(), l.spec.Slot) || !strings.Contains(err.Error(), "was invalidated by source.old") {
		t.Errorf("the run ended with %v", err)
	}
	if rows := sandbox.Query(t, l.target, "select count(*) from public.plain"); rows[0] != "0" {
		t.Errorf("%s rows came after a hole", rows[0])
	}
}
