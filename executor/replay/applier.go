package replay

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/jackc/pglogrepl"

	"sluice/executor/progress"
	"sluice/executor/session"
	"sluice/executor/stream"
	"sluice/executor/throttle"
	"sluice/executor/transform"
	"sluice/planner/catalog"
	"sluice/state"
)

// Ledger makes the record of the position.
type Ledger interface {
	Position(p state.Position) state.Record
	Settle() state.Record
}

// Feed is where an Applier takes changes from: a stream, or a spool.
type Feed interface {
	C() <-chan *stream.Batch       // closed at the end; Err says why
	Acknowledge(lsn pglogrepl.LSN) // everything before is on the target for good
	Ask(on bool)                   // the source says how far it is, while on is true
	Err() error
}

// Options of an Applier.
type Options struct {
	Source session.Server // computes filters and values
	Target session.Server
	Ledger Ledger
	Tables []*Table
	// Ignored are tables of the source that the publication may have and whose
	// changes are not for this applier.
	Ignored []catalog.Name
	// Quarantined are those of Tables whose changes are passed over.
	Quarantined []Quarantined
	// OldSource: it is older than PostgreSQL 12, and prints floats in other digits
	// than a target that is not.
	OldSource bool
	// Partial: a table of the target may refer to one of these without being among
	// them, so that TRUNCATE would be refused: rows are deleted instead.
	Partial bool
	// Origin: the role may not set session_replication_role, and nothing may be on the
	// tables that fires for what it writes.
	Origin bool
	// Position reads what the state has. It is called once a commit in doubt, of
	// a connection that broke, is settled. nil: nothing was applied.
	Position func(context.Context) (state.Position, error)
	// Columns asks the source about the columns of a table that was announced.
	// nil: only their names are compared with the plan's.
	Columns  func(context.Context, stream.RelationDef) ([]Column, error)
	Progress *progress.Tracker
	Flow     throttle.Flow // of changes, in bytes of the stream
	// Connections is how many may write changes at once; nil: one does.
	Connections func() int
	Point       func(name string) // called at points of no return, for tests that crash there
}

// ErrStopped says that the applier was asked to stop; everything it has applied
// is committed.
var ErrStopped = errors.New("stopped")

// Applier applies a stream to the target over one connection, a few where batches do
// not depend on each other, and one for each transaction in progress. After an error it is of no more use: open another one with
// the position of the state.
type Applier struct {
	options     Options
	source      *transform.Source // nil: it was not needed yet
	computed    map[*byte]*computed
	ahead       map[catalog.Name]pglogrepl.LSN
	owed        map[owedRow]error
	tables      map[catalog.Name]*Table
	types       map[catalog.Name]targetTable
	known       announced
	quarantined map[catalog.Name]int // of passed, by the name on the source
	passed      []state.Passed
	passing     bool            // since the last commit
	position    state.Position  // behind the last commit of the source
	durable     state.Position  // committed on the target
	counts      progress.Counts // of the batch

	items      []stream.Item // received, not looked at yet
	message    stream.Message
	item       stream.Item   // the one that is looked at
	received   pglogrepl.LSN // the last that one had
	xid        uint32        // of the source's transaction
	finalLSN   pglogrepl.LSN // of its commit record
	commitTime time.Time
	inside     bool // within one that is applied
	skipping   bool // within one that was applied before

	inProgress map[uint32]*inProgress // by xid
	within     *inProgress            // whose block comes; nil: of none
	another    func(context.Context) (sink, error)

	sink    sink
	job     *job      // what is collected
	under   []*flight // what the target does, in the order of the commits
	spare   []*job    // empty ones
	due     time.Time // when another one may go; zero: at once
	changes int       // of the batch
	quiet   uint64    // up to where the source says that no change follows the last one; 0: it did not
	saved   time.Time // when the position was last written
	unsaved bool      // it has moved since, by what the source said only

	further func(context.Context) (sink, error) // opens one of beside; nil: there is none
	beside  []sink                              // used with sink, where batches go at once
	asks    *asker                              // who waits for whom
	least   int                                 // changes of a batch that goes beside others
	touched map[uint64]*flight                  // the last that has this in its footprint
	noRoom  time.Time                           // when the target last had none for another one
	usedAt  time.Time                           // when one of beside was

	deferrable map[catalog.Name]bool // tables that TRUNCATE may refuse; none as a replica
}

// newApplier gives what it applies to a target.
func newApplier(o Options, to sink) *Applier {
	a := &Applier{options: o, sink: to, job: new(job), least: enoughChanges, touched: map[uint64]*flight{}, asks: new(asker),
		tables: map[catalog.Name]*Table{}, known: newAnnounced(), inProgress: map[uint32]*inProgress{},
		quarantined: map[catalog.Name]int{},
		computed:    map[*byte]*computed{}, ahead: map[catalog.Name]pglogrepl.LSN{}, owed: map[owedRow]error{}}
	for _, t := range o.Tables {
		a.tables[t.Copy.From] = t
	}
	a.quarantine(o.Quarantined)
	return a
}

// Close rolls back what is not committed.
func (a *Applier) Close(ctx context.Context) {
	if a.source != nil {
		a.source.Close(ctx)
	}
	a.Again(ctx)
	a.alone(ctx)
	a.sink.end(ctx)
}

// Ahead says up to where rows of a table were read again while changes were
// applied: before that position the target may have a value of theirs already
// that the source got only later. 0: none was.
func (a *Applier) Ahead(table catalog.Name) pglogrepl.LSN { return a.ahead[table] }

// Position is what is committed on the target. It must not be ahead of that:
// whoever retries takes a position that moves for progress.
func (a *Applier) Position() state.Position { return a.durable }

// Received is where the source was at the least when it sent what came last. Not
// every message says it.
func (a *Applier) Received() pglogrepl.LSN { return max(a.received, pglogrepl.LSN(a.durable.LSN)) }

// To applies everything that was committed before limit and nothing after it,
// and returns nil; with limit 0 it goes on until stop is closed, and returns
// ErrStopped. Either way all that was applied is committed, at the limit with the
// position, and the stream can be followed further from there. What is in progress
// stays so: Again takes it back.
func (a *Applier) To(ctx context.Context, s Feed, limit pglogrepl.LSN, stop <-chan struct{}) (err error) {
	s.Ask(limit != 0)
	defer s.Ask(false)
	defer func() {
		if err != nil { // nothing is under way any more
			err = a.early(ctx, cmp.Or(a.land(s), err))
		}
		a.alone(ctx) // others need the room meanwhile
	}()
	for {
		if limit != 0 && !a.inside && pglogrepl.LSN(a.position.LSN) >= limit && a.changes == 0 {
			return a.arrive(ctx, s)
		}
		item, err := a.next(ctx, s, stop)
		if err != nil {
			return err
		}
		reached, err := a.take(ctx, s, item, limit)
		if err != nil {
			return err
		}
		if reached {
			return a.arrive(ctx, s)
		}
	}
}

// arrive ends at the limit, with the position on the target also where nothing was
// to be committed: behind the limit a change may mean another thing than before,
// since the load is not asked any more, or a table has joined.
func (a *Applier) arrive(ctx context.Context, s Feed) error {
	if err := a.missing(); err != nil {
		return err
	}
	if err := a.commit(ctx, s); err != nil || a.durable.LSN == a.position.LSN {
		return err
	}
	return a.save(ctx, s)
}

// next returns the next item. Before it stops it commits.
func (a *Applier) next(ctx context.Context, s Feed, stop <-chan struct{}) (stream.Item, error) {
	for len(a.items) == 0 {
		batch, ok, err := a.receive(ctx, s, stop)
		switch {
		case err != nil:
			return stream.Item{}, err
		case !ok:
			return stream.Item{}, errors.Join(errors.New("the stream has ended"), s.Err())
		}
		a.items = batch.Items
	}
	item := a.items[0]
	a.items = a.items[1:]
	a.received = max(a.received, item.LSN)
	return item, nil
}

// receive returns what comes next of the stream. Meanwhile what was collected goes
// to the target as soon as that is free: the slower it is, the larger its commits.
func (a *Applier) receive(ctx context.Context, s Feed, stop <-chan struct{}) (*stream.Batch, bool, error) {
	if a.isOpen() {
		stop = nil // a transaction ends where the source ended it
	}
	for {
		select {
		case <-stop: // looked at first: on a busy source there is always a batch
			if err := a.commit(ctx, s); err != nil {
				return nil, false, err
			}
			return nil, false, ErrStopped
		default:
		}
		select {
		case batch, ok := <-s.C():
			return batch, ok, nil
		default:
		}
		var due, linger <-chan time.Time
		switch {
		case len(a.under) > 0 || a.isOpen():
		case a.changes > 0:
			if wait := a.lingers(); wait > 0 {
				linger = time.After(wait)
				break
			}
			if err := a.hand(ctx, s, true); err != nil {
				return nil, false, err
			}
		case a.unsaved: // the server may say nothing more for half a minute
			due = time.After(savePositionEvery - time.Since(a.saved))
		}
		select {
		case batch, ok := <-s.C():
			return batch, ok, nil
		case <-a.first():
			if err := a.landed(s); err != nil {
				return nil, false, err
			}
		case <-linger:
			if err := a.hand(ctx, s, true); err != nil {
				return nil, false, err
			}
		case <-a.rested():
			a.alone(ctx)
		case <-due:
			return &stream.Batch{}, true, a.save(ctx, s)
		case <-stop:
		case <-ctx.Done():
			return nil, false, context.Cause(ctx)
		}
	}
}

// lingers is how long to wait for what follows: after a job of many changes as long
// as that took, since many small batches cost both servers more than a large one.
// Where changes come slowly none waits.
func (a *Applier) lingers() time.Duration {
	if a.job.full() {
		return 0
	}
	return time.Until(a.due)
}

// take takes one item. reached says that everything before limit is applied;
// the item is then kept for later if it belongs behind it.
func (a *Applier) take(ctx context.Context, s Feed, item stream.Item, limit pglogrepl.LSN) (reached bool, err error) {
	if item.Data == nil {
		if a.inside || a.skipping {
			return false, nil
		}
		if len(a.owed) > 0 {
			return limit != 0 && item.LSN >= limit, nil
		}
		return limit != 0 && item.LSN >= limit, a.idle(ctx, s, item.LSN)
	}
	a.item = item
	m := &a.message
	if err := m.Decode(item.Data); err != nil {
		return false, err
	}
	switch m.Kind {
	case stream.Begin:
		if limit != 0 && m.FinalLSN >= limit {
			a.items = append([]stream.Item{item}, a.items...)
			return true, nil
		}
		a.skipping = uint64(m.FinalLSN) < a.position.LSN
		if !a.skipping && a.options.Flow.Owes() { // what is applied is seen before the next one waits
			err = a.commit(ctx, s)
		}
		a.xid, a.finalLSN, a.commitTime = m.Xid, m.FinalLSN, m.CommitTime
		a.inside = !a.skipping
		return false, err
	case stream.Relation:
		return false, a.placed(a.announce(ctx, m.Rel))
	case stream.StreamStart:
		return false, a.started(ctx, s, m)
	case stream.StreamStop:
		return false, a.stopped(ctx, s)
	case stream.StreamAbort:
		return false, a.aborted(ctx, s, m)
	case stream.StreamCommit:
		if limit > 0 && m.FinalLSN >= limit {
			return true, nil // whoever goes on takes another feed
		}
		return limit != 0 && m.EndLSN >= limit, a.ended(ctx, s, m)
	}
	if a.skipping {
		a.skipping = m.Kind != stream.Commit
		return false, nil
	}
	switch m.Kind {
	case stream.Insert, stream.Update, stream.Delete, stream.Truncate:
		if a.within != nil {
			err = a.of(item.Xid)
		}
	}
	if err != nil {
		return false, err
	}
	switch m.Kind {
	case stream.Insert, stream.Update, stream.Delete:
		if err = a.options.Flow.Take(ctx, 1, len(item.Data)); err == nil {
			err = a.placed(a.change(ctx, m))
		}
	case stream.Truncate:
		err = a.truncate(m)
	case stream.Commit:
		return limit != 0 && m.EndLSN >= limit, a.committed(ctx, s, m)
	}
	if err == nil && a.job.full() {
		err = a.hand(ctx, s, false)
	}
	return false, err
}

// committed is the end of a transaction of the source.
func (a *Applier) committed(ctx context.Context, s Feed, m *stream.Message) error {
	a.inside = false
	a.position.LSN = uint64(m.EndLSN)
	a.position.CommitTime = m.CommitTime
	a.counts.Transactions++
	a.notePassed()
	if a.enough() && !a.isOpen() {
		return a.hand(ctx, s, true)
	}
	return nil
}

// savePositionEvery is how often the position is written while the source only
// says that there is nothing for us. Only what is written is acknowledged: a
// slot that stands behind the recorded position has then lost something.
const savePositionEvery = time.Second

// idle moves the position past WAL that holds no change of ours. With an open batch it
// goes there: a server that keeps up says so after every transaction.
func (a *Applier) idle(ctx context.Context, s Feed, lsn pglogrepl.LSN) error {
	a.position.LSN = max(a.position.LSN, uint64(lsn))
	a.quiet = uint64(lsn)
	if a.changes > 0 || len(a.under) > 0 {
		return nil
	}
	a.options.Progress.Drained(uint64(lsn))
	a.unsaved = a.position != a.durable
	if !a.unsaved || time.Since(a.saved) < savePositionEvery {
		return nil
	}
	return a.save(ctx, s)
}

// save writes the position by itself, then acknowledges it.
func (a *Applier) save(ctx context.Context, s Feed) error {
	if err := a.sink.save(ctx, a.position); err != nil {
		return err
	}
	a.noteSaved(a.position)
	s.Acknowledge(pglogrepl.LSN(a.position.LSN))
	return nil
}

// noteSaved says that a position is on the target.
func (a *Applier) noteSaved(p state.Position) {
	a.saved, a.durable, a.unsaved = time.Now(), p, p != a.position
}
