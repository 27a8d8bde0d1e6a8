package replay

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

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
func (a *Applier) doing(to sink) (do func(context.Context, *job) error) {
	working, ok := to.(*writer)
	var resting []*writer
	for _, x := range a.inProgress {
		if w, ok := x.to.(*writer); ok && x != a.within {
			resting = append(resting, w)
		}
	}
	if !ok || len(resting) == 0 {
		return to.do
	}
	return func(ctx context.Context, j *job) error { return working.watched(ctx, j, resting) }
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
	var pids []uint32
	for _, r := range resting {
		pids = append(pids, r.conn.PID())
	}
	waits, err := wait(ctx, resting[0].conn, []uint32{w.conn.PID()}, pids)
	return err == nil && waits
}

// wait says whether some sessions wait for any of others, be it behind third ones.
func wait(ctx context.Context, conn *pgconn.PgConn, some, others []uint32) (bool, error) {
	row, err := session.Row(ctx, conn, fmt.Sprintf(`
		with recursive waited (pid) as (
			select unnest(pg_catalog.pg_blocking_pids(pid)) from (values %s) as asked (pid)
			union
			select unnest(pg_catalog.pg_blocking_pids(waited.pid)) from waited)
		select count(*) from waited where (pid) in (values %s)`, numbers(some), numbers(others)))
	return err == nil && row[0] != "0", err
}

// numbers are rows of VALUES.
func numbers(pids []uint32) string {
	rows := make([]string, len(pids))
	for i, pid := range pids {
		rows[i] = fmt.Sprintf("(%d)", pid)
	}
	return strings.Join(rows, ", ")
}

// A batch that is written behind others gives way where one of these waits for it.

// asker has a session of its own, since the others are at work.
type asker struct {
	connect func(context.Context) (*pgx.Conn, error)
	mu      sync.Mutex // guards what follows
	conn    *pgx.Conn  // nil: it was not opened yet
}

// ready opens the session.
func (k *asker) ready(ctx context.Context) (err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.open(ctx)
}

func (k *asker) open(ctx context.Context) (err error) {
	if k.conn == nil || k.conn.IsClosed() {
		k.conn, err = k.connect(ctx)
	}
	return err
}

func (k *asker) end(ctx context.Context) {
	if k.conn != nil {
		session.Close(ctx, k.conn)
	}
	k.conn = nil
}

// ends ends what a session is doing where one of those ahead of it waits for it, and
// says whether that is so. Where nobody can tell, it is taken for so.
func (k *asker) ends(ctx context.Context, ahead []uint32, pid uint32) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, waitsLimit)
	defer cancel()
	if k.open(ctx) != nil {
		return true
	}
	waits, err := wait(ctx, k.conn.PgConn(), ahead, []uint32{pid})
	if err != nil || !waits {
		return err != nil
	}
	_ = session.Exec(ctx, k.conn.PgConn(), fmt.Sprintf("select pg_catalog.pg_cancel_backend(%d)", pid)) // else it ends by itself
	return true
}

// watch closes givesWay where the batch is to be rolled back, since one ahead of it
// waits for it; what its session does then is ended. It must be ended itself before
// that session is used for more.
func (a *Applier) watch(ctx context.Context, f *flight) (givesWay <-chan struct{}, end func()) {
	own, ok := f.to.(*writer)
	if !ok {
		return nil, func() {}
	}
	gives, done, over := make(chan struct{}), make(chan struct{}), make(chan struct{})
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
			if ahead := f.working(); len(ahead) > 0 && a.asks.ends(ctx, ahead, own.conn.PID()) {
				close(gives)
				return
			}
		}
	}()
	return gives, func() {
		close(done)
		<-over
	}
}

// working are the sessions of those ahead that are not over.
func (f *flight) working() (pids []uint32) {
	for _, other := range f.ahead {
		select {
		case <-other.over:
		default:
			pids = append(pids, other.to.(*writer).conn.PID())
		}
	}
	return pids
}
