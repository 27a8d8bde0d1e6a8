package executor_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os/exec"
	"sync"
	"testing"

	"sluice/examples/sandbox"
	"sluice/state"
)

// Promise 1: two dozen writers with savepoints, prepared transactions and commits out
// of the order in which they began, keepalives that want an answer all the time, and a
// process that is killed again and again, at points where something is half done and at
// any others: each row is on the target once.
func TestChangesSurviveKills(t *testing.T) {
	t.Parallel()
	kills := 10
	if *long {
		kills = 200
	}
	source := ownServer(t, sandbox.Options{Settings: map[string]string{"max_prepared_transactions": "100", "wal_sender_timeout": "2s"}})
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	t.Cleanup(cancel)
	l := &live{move: &move{source: source.Database(t), target: sandbox.Shared(t, 0, "target").Database(t)}, t: t, ctx: ctx}
	l.spec = spec(l.source)
	const rows = 2000
	sandbox.Exec(t, l.source, marksTable+fmt.Sprintf(stressTables, rows))
	w := startWriters(t, l.source, rows)
	stop := l.letting(w)
	random := rand.New(rand.NewPCG(1, 2))
	for range kills {
		var point string
		if at := []string{"", "", "replay: before a commit", "replay: after a commit, before it is acknowledged", "replay: by the set"}[random.IntN(5)]; at != "" {
			point = fmt.Sprintf("%s#%d", at, random.IntN(20))
		}
		l.killed(l.move.start(t, point, ""), random.Int64N(5000))
	}
	stop()
	w.finish()
	l.follow(nil)
	l.same()
	const arrived = "select count(*) - count(distinct (writer, n, part)), count(distinct (writer, n)) from public.keyless where writer >= 0"
	if got, want := sandbox.Query(t, l.target, arrived)[0], fmt.Sprintf("0|%d", w.committed.Load()); got != want {
		t.Errorf("rows that are there twice, and transactions: %s; want %s", got, want)
	}
}

// letting lets the writers write, as fast as the run can follow.
func (l *live) letting(w *writers) (stop func()) {
	conn := connect(l.t, l.source)
	ctx, cancel := context.WithCancel(l.ctx)
	var letting sync.WaitGroup
	letting.Go(func() {
		for ctx.Err() == nil && w.let(1) {
			l.breathe(ctx, conn)
		}
	})
	return func() {
		cancel()
		letting.Wait()
	}
}

// killed kills a process once it has applied so many changes more, unless it kills
// itself before.
func (l *live) killed(child *exec.Cmd, changes int64) {
	l.t.Helper()
	ctx, ended := context.WithCancel(l.ctx)
	var waiting sync.WaitGroup
	waiting.Go(func() {
		defer ended()
		if err := child.Wait(); err == nil || child.ProcessState.Exited() {
			l.t.Errorf("the process ended by itself: %v", err)
		}
	})
	before := int64(-1)
	_ = l.until(ctx, func(st state.State) bool {
		applied := st.Position.Inserts + st.Position.Updates + st.Position.Deletes
		if before < 0 {
			before = applied
		}
		return st.Phase == state.Following && applied > before+changes
	})
	_ = child.Process.Kill() // it may be gone
	waiting.Wait()
	if l.ctx.Err() != nil {
		l.t.Fatal("the process got nowhere")
	}
}
