//go:build unix

package main

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"
)

// period is between two transactions of the workload latency.
const period = 2 * time.Millisecond

// every is how many transactions there are for one whose way is measured: that takes asking the target without a
// break, which would take a processor if it were done for all.
const every = 10

// paced writes transactions while the racer follows, and measures how long they take.
func (l *lane) paced(ctx context.Context) error {
	if err := l.drained(ctx); err != nil {
		return err
	}
	sent := make(chan int, l.scale)
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		defer close(sent)
		return with(ctx, l.url, func(conn *pgx.Conn) error { return l.write(ctx, conn, sent) })
	})
	group.Go(func() error {
		return with(ctx, l.into, func(conn *pgx.Conn) error { return l.see(ctx, conn, sent) })
	})
	return group.Wait()
}

// write commits rows at their time each, and late ones at once.
func (l *lane) write(ctx context.Context, conn *pgx.Conn, sent chan<- int) error {
	var first int // racers before this one have written, too
	if err := conn.QueryRow(ctx, "select max(n) + 1 from public.ticks").Scan(&first); err != nil {
		return err
	}
	start := time.Now()
	for i := range l.scale {
		time.Sleep(time.Until(start.Add(time.Duration(i) * period)))
		if _, err := conn.Exec(ctx, "insert into public.ticks values ($1, clock_timestamp())", first+i); err != nil {
			return err
		}
		if i%every == 0 || i == l.scale-1 {
			sent <- first + i
		}
	}
	l.seen.rate = float64(l.scale) / time.Since(start).Seconds()
	return nil
}

// see asks the target for each row that was sent, until it is there. Both servers have the clock of this machine.
func (l *lane) see(ctx context.Context, conn *pgx.Conn, sent <-chan int) error {
	var took []time.Duration
	for n := range sent {
		for {
			var one time.Duration
			err := conn.QueryRow(ctx, "select clock_timestamp() - at from public.ticks where n = $1", n).Scan(&one)
			if err == nil {
				took = append(took, one)
				break
			}
			if !errors.Is(err, pgx.ErrNoRows) {
				return err
			}
		}
	}
	slices.Sort(took)
	l.seen.took, l.seen.p99 = took[len(took)/2], took[len(took)*99/100]
	return nil
}
