package load

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"sluice/executor/session"
)

// ErrGivenUp says that a table was let go of for somebody else's sake.
var ErrGivenUp = errors.New(waitedFor)

const waitedFor = "somebody waits for the table, and gets it"

// AsideError says that a table was left to somebody who waits for our lock on it:
// the application's ALTER TABLE does not wait for a load. It passes.
type AsideError struct {
	PID  int64
	Mode string // AccessExclusiveLock
}

func (e *AsideError) Error() string {
	return fmt.Sprintf("left to pid %d, which waits for %s", e.PID, e.Mode)
}

func (e *AsideError) Unwrap() error { return ErrGivenUp }

// asideEvery is how often the source is asked for who waits: who does gets the
// lock within two seconds.
const asideEvery = time.Second

// aside knows the sessions that hold locks on the source's tables.
type aside struct {
	source session.Server

	mu   sync.Mutex
	held map[int64]context.CancelCauseFunc // by the pid of the server's process
}

// unless runs work on what the session holds, unless somebody waits for that: then
// the error is an AsideError.
func (a *aside) unless(ctx context.Context, session *pgconn.PgConn, work func(context.Context) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	pid := int64(session.PID())
	a.mu.Lock()
	a.held[pid] = cancel
	a.mu.Unlock()
	defer func() {
		a.mu.Lock()
		defer a.mu.Unlock()
		delete(a.held, pid)
	}()
	err := work(ctx)
	if left := new(AsideError); err != nil && errors.As(context.Cause(ctx), &left) {
		return left // whatever the end of its context looked like
	}
	return err
}

func (a *aside) pids() (pids []int64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for pid := range a.held {
		pids = append(pids, pid)
	}
	return pids
}

// watch looks for those who wait until ctx ends. What goes wrong meanwhile is the
// loads' to find out: they use the same server.
func (a *aside) watch(ctx context.Context) {
	var conn *pgx.Conn
	defer func() {
		if conn != nil {
			session.Close(ctx, conn)
		}
	}()
	tick := time.NewTicker(asideEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		pids := a.pids()
		if len(pids) == 0 {
			continue
		}
		var err error
		if conn == nil {
			if conn, err = a.source.Connect(ctx, "aside"); err != nil {
				continue
			}
		}
		if err = a.leave(ctx, conn, pids); err != nil {
			session.Close(ctx, conn)
			conn = nil
		}
	}
}

// leave ends the sessions for which somebody waits. A server that is about to send
// nothing for a while does not see that its client has gone, so it is told.
func (a *aside) leave(ctx context.Context, conn *pgx.Conn, pids []int64) error {
	rows, err := conn.Query(ctx, blockingSQL, pids)
	if err != nil {
		return err
	}
	type blocking struct {
		Ours int64
		AsideError
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (b blocking, err error) {
		return b, row.Scan(&b.Ours, &b.PID, &b.Mode)
	})
	if err != nil {
		return err
	}
	for _, b := range found {
		a.mu.Lock()
		cancel := a.held[b.Ours]
		a.mu.Unlock()
		if cancel == nil { // it is through by now, and its session may do something else
			continue
		}
		cancel(&b.AsideError)
		if _, err := conn.Exec(ctx, "select pg_catalog.pg_terminate_backend($1::pg_catalog.int4)", b.Ours); err != nil {
			return err
		}
	}
	return nil
}

// blockingSQL finds who of ours keeps whom waiting, and for which lock.
// https://www.postgresql.org/docs/current/functions-info.html (pg_blocking_pids)
const blockingSQL = `
select distinct on (b.pid) b.pid::pg_catalog.int8, l.pid::pg_catalog.int8, l.mode
from pg_catalog.pg_locks l
cross join lateral pg_catalog.unnest(pg_catalog.pg_blocking_pids(l.pid)) as b (pid)
where not l.granted and l.locktype = 'relation'
  and b.pid::pg_catalog.int8 = any ($1::pg_catalog.int8[])
  and l.pid::pg_catalog.int8 <> all ($1::pg_catalog.int8[])
order by b.pid, l.pid`
