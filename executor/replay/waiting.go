package replay

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"sluice/executor/session"
)

// A transaction in progress keeps its locks on the target while others are applied.
// On the source none of them waits for it: one that did would not have come. The
// target may have what the source has not: a unique index of its own, or a lock on a
// table where the source takes one on rows. Then the wait would never end, since the
// transaction goes on only when what came before is committed. So who waits for
// longer than waitsEvery is looked at by a session that rests.

const (
	waitsEvery = time.Second
	waitsLimit = 10 * time.Second // for the answer
)

// doing is how a job is done. While it is under way its connection must not wait for
// another one of ours.
func (a *Applier) doing(ctx context.Context) (do func(context.Context, *job) error, err error) {
	to := a.sink
	if a.within != nil {
		if to, err = a.within.opened(ctx); err != nil {
			return nil, err
		}
	}
	working, ok := to.(*writer)
	var resting []*writer
	for _, x := range a.inProgress {
		if w, ok := x.to.(*writer); ok && x != a.within {
			resting = append(resting, w)
		}
	}
	if !ok || len(resting) == 0 {
		return to.do, nil
	}
	return func(ctx context.Context, j *job) error { return working.watched(ctx, j, resting) }, nil
}

// watched does a job that must not wait for those that rest.
func (w *writer) watched(ctx context.Context, j *job, resting []*writer) error {
	working, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	done, over := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(over)
		tick := time.NewTicker(waitsEvery)
		defer tick.Stop()
		for {
			select {
			case <-done:
				return
			case <-tick.C:
			}
			if w.waitsFor(ctx, resting) {
				cancel(notYet("what came before its commit waits for it on the target"))
				return
			}
		}
	}()
	err := w.do(working, j)
	close(done)
	<-over // before another one uses the session that it asks
	return err
}

// waitsFor says whether the session waits for a resting one, be it behind others. A
// session that cannot be asked says so when it is used next.
func (w *writer) waitsFor(ctx context.Context, resting []*writer) bool {
	ctx, cancel := context.WithTimeout(ctx, waitsLimit)
	defer cancel()
	var pids []string
	for _, r := range resting {
		pids = append(pids, strconv.FormatUint(uint64(r.conn.PID()), 10))
	}
	row, err := session.Row(ctx, resting[0].conn, fmt.Sprintf(`
		with recursive waited (pid) as (
			select unnest(pg_catalog.pg_blocking_pids(%d))
			union
			select unnest(pg_catalog.pg_blocking_pids(waited.pid)) from waited)
		select count(*) from waited where pid in (%s)`, w.conn.PID(), strings.Join(pids, ", ")))
	return err == nil && row[0] != "0"
}
