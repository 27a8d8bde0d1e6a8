package shop

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"
)

// WriteOptions describe the load. The zero value is four writers as fast as they go, until ctx ends.
type WriteOptions struct {
	Writers      int     // 0: 4; numbered from 1 in public.ledger
	Rate         float64 // transactions a second of all writers together; 0: as fast as it goes
	Transactions int     // stop after so many commits of all writers together; 0: only when ctx ends
	Seed         uint64  // of the choices; the same seed is the same mix, not the same interleaving

	// OnError decides, after a transaction or an attempt to connect failed, whether that writer goes on. It is called
	// by several goroutines. nil: Retriable.
	//
	// A writer that does not go on stops silently where the error is Refused; after any other error Write ends and
	// returns it. One that goes on after a refusal connects again, possibly to another server, and finds out from the
	// ledger there whether its last transaction was committed.
	OnError func(error) bool
}

// Stats is what the writers know. It is valid beside an error, too.
type Stats struct {
	Writers []WriterStats
	Commits map[string]int // acknowledged commits by kind of transaction
	Errors  map[string]int // failed transactions and connections by SQLSTATE; "" for errors that are not a server's
}

// WriterStats is one writer's account. Each transaction that it commits puts the next n into public.ledger. So when
// it has ended, the ledger must hold for it 1 … m without a gap, Acknowledged ≤ m ≤ Attempted: less is a lost
// transaction, more a doubled one.
type WriterStats struct {
	Writer       int
	First        int64 // the first n of this call, 1 in a new shop
	Acknowledged int64 // the highest n that the server called committed, or that was seen in the ledger
	Attempted    int64 // the highest n tried; above Acknowledged only where the connection broke or the last was refused
}

const (
	defaultWriters = 4

	// grace is for the transaction in hand when ctx ends: it is finished, so that nothing is committed any more once
	// Write has returned. One that waits for a lock until then is given up.
	grace = 10 * time.Second

	// reconnectPause is between two attempts while OnError says to go on and the server refuses.
	reconnectPause = 50 * time.Millisecond
)

// Write runs o.Writers goroutines of mixed transactions on a loaded shop, each on a connection of its own from
// connect, until ctx ends, o.Transactions are committed, or all of them were refused. That ctx ends is no error.
//
//	each writer: connect; n = its highest in the ledger
//	  repeat: wait for its turn
//	          begin; one kind of work; insert ledger (writer, n+1); commit
//	          committed: n+1 is acknowledged
//	          failed:    count by SQLSTATE; go on, connect again, or stop (WriteOptions.OnError)
func Write(ctx context.Context, connect func(context.Context) (*pgx.Conn, error), o WriteOptions) (*Stats, error) {
	if o.Writers == 0 {
		o.Writers = defaultWriters
	}
	if o.OnError == nil {
		o.OnError = Retriable
	}
	c := &crew{
		options: o,
		connect: connect,
		pace:    pacer{rate: o.Rate},
		stats:   &Stats{Commits: map[string]int{}, Errors: map[string]int{}},
	}
	g, ctx := errgroup.WithContext(ctx)
	work, cancel := outlive(ctx, grace)
	defer cancel()
	writers := make([]WriterStats, o.Writers) // one element each
	for i := range writers {
		writers[i].Writer = i + 1
		g.Go(func() error {
			if err := newWriter(c, &writers[i]).run(ctx, work); err != nil {
				return fmt.Errorf("writer %d: %w", i+1, err)
			}
			return nil
		})
	}
	err := g.Wait()
	c.stats.Writers = writers
	return c.stats, err
}

// outlive returns a context that ends d after ctx.
func outlive(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	work, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		pause(work, d)
		cancel()
	})
	return work, func() { stop(); cancel() }
}

// crew is what the writers share.
type crew struct {
	options WriteOptions
	connect func(context.Context) (*pgx.Conn, error)
	pace    pacer

	mu      sync.Mutex
	started int    // guarded by mu; transactions begun and not failed, at most options.Transactions
	stats   *Stats // its maps are guarded by mu
}

// take is the permission for one more transaction.
func (c *crew) take() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.options.Transactions > 0 && c.started == c.options.Transactions {
		return false
	}
	c.started++
	return true
}

// committed counts a transaction.
func (c *crew) committed(kind string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stats.Commits[kind]++
}

// failed counts an error, and gives the permission back if the error has used one.
func (c *crew) failed(err error, taken bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if taken {
		c.started--
	}
	if !errors.Is(err, errAbandoned) {
		c.stats.Errors[sqlState(err)]++
	}
}

// pacer spreads the transactions of all writers evenly. What was missed while the server was slow is not made up
// for: a burst after an outage would be another load than the one that was asked for.
type pacer struct {
	rate float64 // a second; 0: no limit

	mu   sync.Mutex
	next time.Time // guarded by mu; when the next transaction may begin
}

// wait returns when it is the caller's turn; false when ctx ended.
func (p *pacer) wait(ctx context.Context) bool {
	if p.rate == 0 {
		return ctx.Err() == nil
	}
	p.mu.Lock()
	now := time.Now()
	if p.next.Before(now) {
		p.next = now
	}
	turn := p.next
	p.next = turn.Add(time.Duration(float64(time.Second) / p.rate))
	p.mu.Unlock()
	return pause(ctx, turn.Sub(now))
}

// pause waits for d; false when ctx ended.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return ctx.Err() == nil
	}
}
