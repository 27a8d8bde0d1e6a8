package shop

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"

	"github.com/jackc/pgx/v5"
)

// writer is one application session.
type writer struct {
	*crew
	*rand.Rand
	stats *WriterStats // ours alone until Write returns
	conn  *pgx.Conn    // nil: to be connected
	shop  bounds
}

// bounds are the highest numbers in use when the writer connected, to choose rows by.
type bounds struct{ customers, products, orders int64 }

func newWriter(c *crew, stats *WriterStats) *writer {
	return &writer{crew: c, stats: stats, Rand: rand.New(rand.NewPCG(c.options.Seed, uint64(stats.Writer)))}
}

// run writes until ctx ends. work is the context of its transactions, which ends later.
func (w *writer) run(ctx, work context.Context) error {
	defer w.disconnect(work)
	for w.pace.wait(ctx) {
		if w.conn == nil {
			if err := w.open(work); err != nil {
				if stop, err := w.failure(ctx, err, false); stop {
					return err
				}
				continue
			}
		}
		if !w.take() {
			return nil
		}
		kind := w.choose()
		if err := w.transaction(work, kind); err != nil {
			if stop, err := w.failure(ctx, fmt.Errorf("%s: %w", kind.name, err), true); stop {
				return err
			}
			continue
		}
		w.committed(kind.name)
	}
	return nil
}

// failure counts an error and says whether the writer stops, and with which error.
func (w *writer) failure(ctx context.Context, err error, taken bool) (stop bool, _ error) {
	w.failed(err, taken)
	if errors.Is(err, errAbandoned) {
		return false, nil
	}
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		return true, nil // given up after the grace: its outcome is between Acknowledged and Attempted
	}
	if !w.options.OnError(err) {
		if Refused(err) {
			return true, nil
		}
		return true, err
	}
	if !Retriable(err) {
		w.disconnect(ctx)
		pause(ctx, reconnectPause) // the loop sees the end of ctx by itself
	}
	return false, nil
}

// open connects and goes on behind the highest n that the ledger has: the outcome of a commit whose answer was lost
// is known only from there.
func (w *writer) open(ctx context.Context) (err error) {
	conn, err := w.connect(ctx)
	if err != nil {
		return fmt.Errorf("connecting: %w", err)
	}
	var n int64
	err = conn.QueryRow(ctx, "select coalesce(max(n), 0) from public.ledger where writer = $1", w.stats.Writer).Scan(&n)
	if err == nil {
		err = conn.QueryRow(ctx, `
			select (select coalesce(max(id), 0) from public.customers),
			       (select coalesce(max(id), 0) from public.products),
			       (select coalesce(max(id), 0) from public.orders)`).
			Scan(&w.shop.customers, &w.shop.products, &w.shop.orders)
	}
	if err != nil {
		err = closed(conn, err)
		conn.Close(ctx)
		return fmt.Errorf("reading what the shop holds: %w", err)
	}
	if min(w.shop.customers, w.shop.products, w.shop.orders) == 0 {
		conn.Close(ctx)
		return errors.New("the shop is empty: load it with a scale above 0")
	}
	if w.stats.First == 0 {
		w.stats.First = n + 1
	}
	w.stats.Acknowledged, w.stats.Attempted = max(w.stats.Acknowledged, n), max(w.stats.Attempted, n)
	w.conn = conn
	return nil
}

func (w *writer) disconnect(ctx context.Context) {
	if w.conn != nil {
		w.conn.Close(ctx) // its error changes nothing
		w.conn = nil
	}
}

// transaction does one kind of work, and its line in the ledger, and commits.
func (w *writer) transaction(ctx context.Context, k kind) (err error) {
	conn := w.conn
	defer func() { err = closed(conn, err) }()
	tx, err := conn.Begin(ctx)
	if err != nil {
		return fmt.Errorf("beginning: %w", err)
	}
	defer tx.Rollback(ctx) // nothing to do after the commit
	if err := k.work(w, ctx, tx); err != nil {
		return err
	}
	n := w.stats.Acknowledged + 1
	w.stats.Attempted = max(w.stats.Attempted, n)
	if _, err := tx.Exec(ctx, "insert into public.ledger (writer, n) values ($1, $2)", w.stats.Writer, n); err != nil {
		// Where n is there after all, it is of a commit in doubt that came through after open had looked: look again.
		w.disconnect(ctx)
		return fmt.Errorf("writing the ledger: %w", err)
	}
	if err := tx.Commit(ctx); err != nil {
		return fmt.Errorf("committing: %w", err)
	}
	w.stats.Acknowledged = n
	return nil
}
