package slot

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"sluice/executor/session"
)

// pollEvery is how often a server is asked whether it has got somewhere.
const pollEvery = 50 * time.Millisecond

// explainAfter is how long a wait stays silent.
const explainAfter = 2 * time.Second

// ErrPatience says that running transactions did not end in time.
var ErrPatience = errors.New("running transactions did not end in time")

// Barrier returns when every transaction that had a commit record before the
// slot became consistent is visible to new snapshots.
//
// A transaction is streamed if its commit record follows the slot's consistent
// point. One that precedes it may still be invisible: it writes the record
// first, then waits for its synchronous standbys, and only then leaves the list
// of running transactions. Its xid was assigned before ours, so when the oldest
// running xid has passed ours, it is through.
func Barrier(ctx context.Context, source session.Server, o Options) error {
	if err := barrier(ctx, source, o); err != nil {
		return fmt.Errorf("passing the barrier: %w", err)
	}
	return nil
}

func barrier(ctx context.Context, source session.Server, o Options) error {
	conn, err := source.Connect(ctx, "barrier")
	if err != nil {
		return err
	}
	defer session.Close(ctx, conn)

	// The txid_ functions have the same meaning on every version from 10 to 18.
	var x int64
	if err := conn.QueryRow(ctx, `select pg_catalog.txid_current()`).Scan(&x); err != nil {
		return err
	}
	// Mostly there is nothing to wait for, and nothing to watch.
	if done, err := passed(ctx, conn, x); err != nil || done {
		return err
	}
	watcher, err := source.Connect(ctx, "slot")
	if err != nil {
		return err
	}
	defer session.Close(ctx, watcher)
	return o.wait(ctx, watcher, nil, func(ctx context.Context) error { return pass(ctx, conn, x) })
}

// passed says that each transaction from before x has ended.
func passed(ctx context.Context, conn *pgx.Conn, x int64) (done bool, err error) {
	const sql = `select pg_catalog.txid_snapshot_xmin(pg_catalog.txid_current_snapshot()) > $1`
	err = conn.QueryRow(ctx, sql, x).Scan(&done)
	return done, err
}

func pass(ctx context.Context, conn *pgx.Conn, x int64) error {
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		if done, err := passed(ctx, conn, x); err != nil || done {
			return err
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-tick.C:
		}
	}
}

// blockersSQL names the transactions that hold an xid, oldest first.
//
//go:embed blockers.sql
var blockersSQL string

// wait runs work, which waits for running transactions, within o.Patience, and
// tells o.Waiting whose they are.
func (o Options) wait(ctx context.Context, watcher *pgx.Conn, ours []int32, work func(context.Context) error) error {
	patience := o.Patience
	if patience == 0 {
		patience = DefaultPatience
	}
	ctx, cancel := context.WithTimeoutCause(ctx, patience, ErrPatience)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- work(ctx) }()

	explain := time.NewTimer(explainAfter)
	defer explain.Stop()
	ours = append(ours, int32(watcher.PgConn().PID()))
	last := ""
	for {
		select {
		case err := <-done:
			if last != "" && o.Waiting != nil {
				o.Waiting("")
			}
			if err != nil && errors.Is(context.Cause(ctx), ErrPatience) {
				if last == "" { // shorter than explainAfter
					last = lastWord(ctx, watcher, ours)
				}
				return fmt.Errorf("%w (%s): %s", ErrPatience, patience, last)
			}
			return err
		case <-explain.C:
			names, err := blockers(ctx, watcher, ours)
			if err == nil { // else the work fails for the same reason, or ends
				last = describe(names)
			}
			if last != "" && o.Waiting != nil {
				o.Waiting(last)
			}
			explain.Reset(time.Second)
		}
	}
}

// lastWord says what stands in the way when the time is over.
func lastWord(ctx context.Context, watcher *pgx.Conn, ours []int32) string {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), explainAfter)
	defer cancel()
	names, err := blockers(ctx, watcher, ours)
	if err != nil {
		return "and the source does not say which"
	}
	return describe(names)
}

func blockers(ctx context.Context, conn *pgx.Conn, ours []int32) ([]string, error) {
	rows, err := conn.Query(ctx, blockersSQL, ours)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}
