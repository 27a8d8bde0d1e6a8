package load

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/jackc/pgx/v5/pgconn"
	"golang.org/x/sync/errgroup"

	"sluice/executor/progress"
	"sluice/executor/session"
	"sluice/executor/throttle"
	"sluice/planner"
	"sluice/planner/catalog"
	"sluice/state"
)

// Ledger makes the records that commit together with a chunk's rows.
type Ledger interface {
	ChunksDone(chunks ...state.Chunk) state.Record
	StepsDone(done ...state.Done) state.Record
	TableRestart(schema, table string) state.Record
}

// Options of a Loader.
type Options struct {
	Source, Target session.Server
	Ledger         Ledger
	Progress       *progress.Tracker
	Workers        int             // chunks at once; 0 is state.DefaultWorkers
	ChunkBytes     int64           // of the table on disk; 0 is DefaultChunkBytes
	Flow           throttle.Flow   // of COPY, for all tables together
	Queries        *throttle.Brake // of queries on the source
	Stop           <-chan struct{} // closed: begin no other chunk
	// Publication that a table, by its name on the target, must be in, and whose
	// slot will send what is committed later; nil or empty: nothing is followed.
	Publication func(table catalog.Name) string
	// Existing: the tables were there before, and must be empty.
	Existing bool
	// Replica keeps triggers and keys of the tables from firing for the rows that a
	// session of the target writes: they have fired on the source. nil: none can be there.
	Replica func(ctx context.Context, target *pgconn.PgConn) error
	// Retry runs work again and again while what stops it passes; ErrStopped where
	// Stop ended that. nil: once.
	Retry func(ctx context.Context, work func(context.Context) (progressed bool, err error)) error
	// Settled returns a chunk as it is recorded, or nil, once no commit of this
	// migration is in doubt any more. It goes with Retry.
	Settled func(ctx context.Context, c state.Chunk) (*state.Chunk, error)
	Crowd   *session.Crowd    // which the connections belong to; nil: they are alone on the servers
	Point   func(name string) // called at points of no return, for tests that crash there
}

// Defaults.
const (
	maxWorkers        = 256
	DefaultChunkBytes = 256 << 20
)

// ErrStopped says that Stop was closed before the table was complete. What is
// recorded is there; the next run goes on.
var ErrStopped = errors.New("stopped")

// ErrDrift says that a table of the source is no longer what the plan saw.
var ErrDrift = errors.New("the table has changed on the source since the plan was made; plan again")

// Loader loads tables side by side.
type Loader struct {
	Options
	pairs *session.Pool[*pair]
	queue *queue
	flush *flusher
	aside *aside
	cuts  sync.Map // catalog.Name -> string: why a table begins anew
}

// New returns a Loader; Close gives its connections back.
func New(o Options) *Loader {
	if o.Workers == 0 {
		o.Workers = state.DefaultWorkers
	}
	if o.ChunkBytes == 0 {
		o.ChunkBytes = DefaultChunkBytes
	}
	if o.Point == nil {
		o.Point = func(string) {}
	}
	if o.Retry == nil {
		o.Retry = func(ctx context.Context, work func(context.Context) (bool, error)) error {
			_, err := work(ctx)
			return err
		}
	}
	l := &Loader{
		Options: o,
		pairs:   newPairs(o.Source, o.Target, o.Replica, o.Workers),
		queue:   newQueue(o.Workers),
		flush:   &flusher{source: o.Source},
		aside:   &aside{source: o.Source, held: map[int64]context.CancelCauseFunc{}},
	}
	if o.Crowd != nil {
		l.pairs.Join(o.Crowd)
	}
	return l
}

// SetWorkers changes how many chunks are copied at once, also while they are.
func (l *Loader) SetWorkers(ctx context.Context, n int) {
	l.queue.resize(n)
	l.pairs.Resize(ctx, n)
}

// Watch steps aside for those who wait for a lock that a load holds, until ctx ends.
func (l *Loader) Watch(ctx context.Context) { l.aside.watch(ctx) }

// Close ends the idle connections.
func (l *Loader) Close(ctx context.Context) {
	l.pairs.Resize(ctx, 0)
	l.flush.close(ctx)
}

// Table loads what is missing of a table and records the step. done are the
// chunks that the state knows of. With an error it says whether more are there now.
func (l *Loader) Table(ctx context.Context, step *planner.Step, done []state.Chunk) (progressed bool, err error) {
	t := l.table(step)
	if t.mustBeEmpty() && len(done) == 0 {
		if err := t.empty(ctx); err != nil {
			return false, fmt.Errorf("loading %s: %w", t.name, err)
		}
	}
	work := t.bySnapshot
	if t.spec.Mode == planner.ChunkSnapshots {
		work = t.byKey
	}
	if err := work(ctx, done); err != nil {
		return t.got.Load(), fmt.Errorf("loading %s: %w", t.name, err)
	}
	l.Progress.TableDone(t.name.Schema, t.name.Local)
	return true, nil
}

// table is one table on its way.
type table struct {
	*Loader
	step *planner.Step
	name catalog.Name
	into catalog.Name // the target's table that takes the rows; name, but where that is partitioned otherwise
	spec *planner.CopySpec

	publication string      // empty: nothing follows
	got         atomic.Bool // a chunk, of several
}

func (l *Loader) table(step *planner.Step) *table {
	t := &table{Loader: l, step: step, name: step.Object.Qualified(), into: step.Into(), spec: step.Copy}
	if l.Publication != nil {
		t.publication = l.Publication(t.name)
	}
	return t
}

// Ranks in the queue: a table that has begun comes before one that has not.
const (
	rankBegun = iota
	rankNew
)

// bySnapshot loads the table under one snapshot. What an earlier run has left
// was read under another one, so it goes first.
func (t *table) bySnapshot(ctx context.Context, done []state.Chunk) error {
	if len(done) > 0 {
		if t.whole() {
			return errOtherCut
		}
		if err := t.restart(ctx); err != nil {
			return err
		}
	}
	if err := t.enter(ctx, rankNew); err != nil {
		return err
	}
	h, err := t.hold(ctx)
	t.queue.leave()
	if err != nil {
		return err
	}
	if h == nil { // loaded whole, no need to share a snapshot
		return nil
	}
	defer h.close(ctx)
	t.Progress.TableStarted(t.name.Schema, t.name.Local, len(h.parts), 0)
	err = t.aside.unless(ctx, h.conn, func(ctx context.Context) error { return t.all(ctx, h.parts) })
	if left := new(AsideError); errors.As(err, &left) {
		t.cuts.Store(t.name, waitedFor)
	}
	if err != nil {
		return err
	}
	return t.finish(ctx)
}

// enter waits for a place, unless the run is stopping.
func (t *table) enter(ctx context.Context, rank int) error {
	if err := t.queue.enter(ctx, rank, t.step.Number); err != nil {
		return err
	}
	select {
	case <-t.Stop:
		t.queue.leave()
		return ErrStopped
	default:
		return nil
	}
}

// all loads parts side by side, as many as there are places. Stopping is no
// error within the group: it would cancel the parts that are in hand.
func (t *table) all(ctx context.Context, parts []part) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(maxWorkers) // how many of them work is the queue's business
	var stopped atomic.Bool
	for _, p := range parts {
		group.Go(func() error {
			err := t.enter(ctx, rankBegun)
			if err == nil {
				err = t.part(ctx, p)
				t.queue.leave()
			}
			if errors.Is(err, ErrStopped) {
				stopped.Store(true)
				return nil
			}
			return err
		})
	}
	if err := group.Wait(); err != nil || !stopped.Load() {
		return err
	}
	return ErrStopped
}

// finish records the step where no chunk could do so itself.
func (t *table) finish(ctx context.Context) error {
	return t.Retry(ctx, func(ctx context.Context) (bool, error) {
		return false, t.pairs.With(ctx, func(c *pair) error {
			t.Point("load: before the step's record")
			return session.Record(ctx, c.target, t.Ledger.StepsDone(t.done()))
		})
	})
}

// restart empties the table and its records in one transaction.
func (t *table) restart(ctx context.Context) error {
	t.Progress.TableRestarted(t.name.Schema, t.name.Local, t.cutOff())
	return t.pairs.With(ctx, func(c *pair) error {
		if err := session.Exec(ctx, c.target, "begin"); err != nil {
			return err
		}
		if err := Empty(ctx, c.target, t.name); err != nil {
			return err
		}
		if err := session.Record(ctx, c.target, t.Ledger.TableRestart(t.name.Schema, t.name.Local)); err != nil {
			return err
		}
		t.Point("load: before a restart commits")
		return session.Exec(ctx, c.target, "commit")
	})
}

// Empty deletes all rows of a table on the target, in the transaction that is open.
func Empty(ctx context.Context, target *pgconn.PgConn, table catalog.Name) error {
	referenced, err := session.Row(ctx, target, referencedSQL, table.SQL())
	if err != nil {
		return err
	}
	if referenced[0] == "t" { // TRUNCATE refuses such a table, whatever refers to it is empty or not
		return session.Exec(ctx, target, "delete from only "+table.SQL())
	}
	return session.Exec(ctx, target, "truncate only "+table.SQL())
}

// referencedSQL says whether a foreign key points to the table: it was there
// before, or is loaded again.
const referencedSQL = `
select exists (select from pg_catalog.pg_constraint
               where contype = 'f' and confrelid = $1::text::pg_catalog.regclass and conrelid <> confrelid)`

// row asks the source for one row.
func (l *Loader) row(ctx context.Context, c *pair, sql string, params ...string) ([]string, error) {
	if err := l.Queries.Take(ctx, 1); err != nil {
		return nil, err
	}
	return session.Row(ctx, c.source, sql, params...)
}

// exec runs statements on the source.
func (l *Loader) exec(ctx context.Context, c *pair, sql string) error {
	if err := l.Queries.Take(ctx, 1); err != nil {
		return err
	}
	return session.Exec(ctx, c.source, sql)
}

// ErrNotEmpty says that a table which was there before holds rows: a load that
// has to start over could not tell them from its own.
var ErrNotEmpty = errors.New("the table has rows on the target already; empty it first")

func (t *table) empty(ctx context.Context) error {
	return t.pairs.With(ctx, func(c *pair) error {
		row, err := session.Row(ctx, c.target, "select exists (select from only "+t.name.SQL()+")")
		if err == nil && row[0] == "t" {
			err = ErrNotEmpty
		}
		return err
	})
}

// number is the next free chunk number after those that are done.
func number(done []state.Chunk) int {
	n := 0
	for _, c := range done {
		n = max(n, c.Number)
	}
	return n + 1
}
