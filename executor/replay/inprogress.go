package replay

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"sluice/executor/progress"
	"sluice/executor/session"
	"sluice/executor/stream"
)

// A large transaction may come before it is committed on the source: in blocks,
// between which others come whole. It goes to a transaction of the target that stays
// open from block to block, on a connection of its own.
//
//	start of a block   all that came before commits; then the block goes to the
//	                   transaction's own connection
//	end of a block     all of it is written there; then the others go on
//	commit             all that came before commits; then it does, with the position
//	                   behind its commit record
//	abort              it is rolled back; of a subtransaction, to its savepoint
//
// So one connection works at a time, and a change finds the row as it does on the
// source: whoever changed the row before has committed there, its commit came before
// the block (a block is sent after all of its changes were decoded), and it is
// committed here. Whoever changes it later waits there for the end of this
// transaction, or of its subtransaction, which comes before.
//
// The position moves on between the blocks, also past the beginning of the
// transaction: a server sends whatever is committed behind the position whole,
// however much of it was sent before. It has the WAL for that, since a slot's
// restart_lsn stays before the beginning of the oldest transaction that is being
// decoded (SnapBuildProcessRunningXacts in snapbuild.c), and does not send a part
// before it has read past the position (ReorderBufferCanStartStreaming in
// reorderbuffer.c). What a keepalive says holds as well: the server has decoded all
// before it, and sent what was committed by then.
//
// Not everything can be done before the commit: the source shows nobody the rows,
// a value may be its time, and what the target refuses may be taken back. Then
// nothing of it is kept, and a WholeError asks for whole transactions. The same where
// one of our own connections waits for another: the one that it waits for cannot end.

// inProgress is a transaction of the source that is not committed.
type inProgress struct {
	xid     uint32
	connect func(context.Context) (sink, error)
	to      sink // nil: no change of it was applied yet
	known   announced
	sent    map[uint32]bool // relations that count as announced once it commits
	subs    []subtransaction
	changes int
	counts  progress.Counts
	passed  map[int]int64 // changes of tables in quarantine: what of Applier.passed
}

// subtransaction has a savepoint. The ones behind it began later.
type subtransaction struct {
	xid     uint32
	changes int // before it
	counts  progress.Counts
	passed  map[int]int64
}

// Limits of what is in progress: a connection each, and a savepoint each, which the
// target keeps in memory until the end.
const (
	maxInProgress      = 16
	maxSubtransactions = 1000
)

// WholeError says that a transaction which is in progress on the source cannot be
// applied before it is committed. Nothing of it is on the target. Whoever reads whole
// transactions, from the position on, meets what is wrong again, if it is committed.
type WholeError struct {
	Err error
}

func (e *WholeError) Error() string {
	return fmt.Sprintf("a transaction that is in progress on the source cannot be applied yet: %v", e.Err)
}

func (e *WholeError) Unwrap() error { return e.Err }

// early makes a WholeError of one that a transaction in progress has met.
func (a *Applier) early(ctx context.Context, err error) error {
	whole := new(WholeError)
	switch {
	case err == nil, a.within == nil, ctx.Err() != nil, errors.As(err, &whole),
		errors.Is(err, session.ErrFenced), errors.Is(err, ErrStopped):
		return err
	}
	return &WholeError{err}
}

func notYet(format string, args ...any) error { return &WholeError{fmt.Errorf(format, args...)} }

// InProgress is how many transactions have come in part.
func (a *Applier) InProgress() int { return len(a.inProgress) }

// Again begins anew at the position, for another feed: what is in progress is rolled
// back, and comes again.
func (a *Applier) Again(ctx context.Context) {
	for _, x := range a.inProgress {
		a.rollBack(ctx, x)
	}
	a.items = nil
	a.shown()
}

// started is the start of a block.
func (a *Applier) started(ctx context.Context, s Feed, m *stream.Message) error {
	x := a.inProgress[m.Xid]
	switch {
	case (x == nil) != m.First:
		return fmt.Errorf("a block of transaction %d that is not the one to come", m.Xid)
	case x == nil && len(a.inProgress) == maxInProgress:
		return notYet("%d are in progress already", maxInProgress)
	}
	if err := a.before(ctx, s); err != nil {
		return err
	}
	if x == nil {
		x = &inProgress{xid: m.Xid, connect: a.another, known: newAnnounced(), sent: map[uint32]bool{}, passed: map[int]int64{}}
		a.inProgress[m.Xid] = x
	}
	a.enter(x)
	return nil
}

// before waits until all that came before is committed.
func (a *Applier) before(ctx context.Context, s Feed) error {
	if err := a.commit(ctx, s); err != nil {
		return err
	}
	if a.changes > 0 { // a row is owed
		return notYet("what came before it cannot be committed: %w", a.missing())
	}
	return nil
}

// enter lets what follows be of a transaction in progress.
func (a *Applier) enter(x *inProgress) {
	a.within, a.inside = x, true
	a.known, x.known = x.known, a.known
	a.changes, a.counts = x.changes, x.counts
	a.xid, a.finalLSN = x.xid, 0 // which nobody knows yet
}

// leave is the end of that, with all of it written.
func (a *Applier) leave(ctx context.Context, s Feed) error {
	x := a.within
	if len(a.job.changes) > 0 {
		a.job.rests = true
		if err := a.hand(ctx, s, false); err != nil {
			return err
		}
	}
	if err := a.land(s); err != nil {
		return err
	}
	x.changes, x.counts = a.changes, a.counts
	a.outside(x)
	return nil
}

// outside goes on with whole transactions.
func (a *Applier) outside(x *inProgress) {
	a.known, x.known = x.known, a.known
	a.within, a.inside = nil, false
	a.changes, a.counts = 0, progress.Counts{}
}

// stopped is the end of a block.
func (a *Applier) stopped(ctx context.Context, s Feed) error {
	if a.within == nil {
		return errors.New("the end of a block that has not begun")
	}
	if err := a.leave(ctx, s); err != nil {
		return err
	}
	a.options.Point("replay: behind a block")
	a.shown()
	return nil
}

// of lets a change be one of a subtransaction: behind its savepoint.
func (a *Applier) of(xid uint32) error {
	x := a.within
	if xid == 0 {
		return errors.New("a change within a block is of no transaction")
	}
	if xid == x.xid || slices.ContainsFunc(x.subs, func(s subtransaction) bool { return s.xid == xid }) {
		return nil
	}
	if len(x.subs) == maxSubtransactions {
		return notYet("it has more than %d subtransactions", maxSubtransactions)
	}
	x.subs = append(x.subs, subtransaction{xid, a.changes, a.counts, maps.Clone(x.passed)})
	a.addOnce("savepoint " + savepoint(xid))
	return nil
}

func savepoint(xid uint32) string { return "sluice_" + strconv.FormatUint(uint64(xid), 10) }

// aborted takes back what a transaction did, or one of its subtransactions. One that
// is not known has done nothing here, or went with one that began before it.
func (a *Applier) aborted(ctx context.Context, s Feed, m *stream.Message) error {
	x := a.inProgress[m.Xid]
	if x == nil {
		return nil
	}
	if err := a.before(ctx, s); err != nil {
		return err
	}
	if m.Subxid == x.xid {
		a.rollBack(ctx, x)
		a.shown()
		return nil
	}
	clear(x.sent) // the server announces all again (pgoutput_stream_abort in pgoutput.c)
	i := slices.IndexFunc(x.subs, func(s subtransaction) bool { return s.xid == m.Subxid })
	if i < 0 {
		return nil
	}
	sub := x.subs[i]
	x.subs, x.passed = x.subs[:i], sub.passed
	a.enter(x)
	// It is done when the next item comes: with its locks the subtransaction may hold
	// up others.
	a.addOnce("rollback to savepoint " + savepoint(sub.xid))
	a.addOnce("release savepoint " + savepoint(sub.xid))
	a.changes, a.counts = sub.changes, sub.counts
	return a.leave(ctx, s)
}

func (a *Applier) rollBack(ctx context.Context, x *inProgress) {
	delete(a.inProgress, x.xid)
	x.end(ctx)
}

// ended commits a transaction that was in progress.
func (a *Applier) ended(ctx context.Context, s Feed, m *stream.Message) error {
	x := a.inProgress[m.Xid]
	if x == nil {
		return fmt.Errorf("the commit of transaction %d, of which nothing came", m.Xid)
	}
	if err := a.before(ctx, s); err != nil {
		return err
	}
	if uint64(m.FinalLSN) < a.position.LSN { // it is on the target
		a.rollBack(ctx, x)
		return nil
	}
	if err := a.unchanged(ctx, x); err != nil {
		return err
	}
	a.position.LSN, a.position.CommitTime = uint64(m.EndLSN), m.CommitTime
	for i, changes := range x.passed {
		a.pass(i, changes)
	}
	a.notePassed()
	if x.to != nil {
		a.options.Progress.Arrived(m.CommitTime)
		a.enter(x)
		a.counts.Transactions++
		if err := a.hand(ctx, s, true); err != nil {
			return err
		}
		if err := a.land(s); err != nil {
			return err
		}
		a.outside(x)
	}
	a.rollBack(ctx, x) // of what is committed nothing is left
	a.merge(x)
	a.shown()
	return nil
}

// shown tells how much is in progress.
func (a *Applier) shown() {
	changes := 0
	for _, x := range a.inProgress {
		changes += x.changes
	}
	a.options.Progress.InProgress(len(a.inProgress), int64(changes))
}

// opened is where the changes go, from the first of them on.
func (x *inProgress) opened(ctx context.Context) (sink, error) {
	if x.to == nil {
		to, err := x.connect(ctx)
		if err != nil {
			return nil, err
		}
		x.to = to
	}
	return x.to, nil
}

func (x *inProgress) end(ctx context.Context) {
	if x.to != nil {
		x.to.end(ctx)
	}
	x.to = nil
}
