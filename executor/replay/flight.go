package replay

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"sluice/executor/session"
)

// Where changes come faster than one session of the target writes them, batches that
// do not depend on each other are written at once, over several connections. They
// commit in the source's order all the same:
//
//	a batch is enough   it waits until a connection is free, and until those under way
//	                    that touch what it touches are committed (footprint.go)
//	behind others       its statements; then it waits for the commit of the one before
//	refused, whyever    it is rolled back, and done again once it is the first
//	the first           the position, and the commit
//
// So a reader finds whole transactions of the source, in their order, and a crash
// leaves a commit of the source with its position, as it does with one connection.
//
// Why what is committed is the same as one by one: the first is not impressed by those
// behind it, since nothing of theirs is committed before it is; at most it waits for
// what they have locked. Of a batch behind it, take a change and what it could need:
//
//   - The row, for an update or a delete. If an earlier batch has put it there, taken it
//     away, or changed it, the footprints meet in its identity.
//   - A place in a unique index, for an insert or an update. If an earlier batch takes
//     that place, even for a moment, the footprints meet in the values. If it frees the
//     place (a delete, an update; the old values need not have been sent), then the
//     server lets the later one wait for the commit, or refuses it while the row is
//     still there: it is done again. A later batch that frees a place for an earlier
//     one cannot be: on the source it was not free.
//   - A row to refer to, for a foreign key. Nobody checks that: foreign keys do not fire
//     for a replica, and for a role that may not be one there are none before the
//     cutover, when nothing is applied any more.
//
// And where footprints say too little (an index that somebody has just made on the
// target, other values that a type takes for equal), the server does the rest: it lets
// nobody change a row that another transaction has changed, or take a place that
// another may have taken, before that has ended. The later one waits then, or is
// refused. Where the earlier one waits for the later, both would wait for ever, since
// the later one commits behind it: that is looked for, and the later one gives way
// (waiting.go).
//
// All else is done alone, when nothing is under way: changes that do not go by the set,
// transactions that are too large for a job, those that are in progress on the source.
// And while the target keeps up there is one batch under way, and one connection.

// flight is a job under way.
type flight struct {
	*job
	to    sink
	ahead []*flight     // not landed when it began; its own, and none once it is over
	over  chan struct{} // closed at its end; then err is valid
	err   error
	met   bool // its footprint is in Applier.touched
}

// Limits of what is under way over several connections.
const (
	enoughChanges = maxJob / 2
	enoughBytes   = maxJobBytes / 2
	maxUnder      = 32 << 20 // bytes of memory, of all jobs
)

const (
	openAgain    = 5 * time.Second  // until a server is asked again that has no room
	furtherRests = 10 * time.Second // until connections are closed that nobody uses
)

// connections is how many may write changes.
func (a *Applier) connections() int {
	if a.options.Connections == nil || a.further == nil {
		return 1
	}
	return a.options.Connections()
}

// enough says that a batch is large enough to go beside others, or to go at all.
func (a *Applier) enough() bool {
	return a.changes >= maxChanges || a.connections() > 1 && a.whole() &&
		(len(a.job.changes) >= a.least || a.job.bytes >= enoughBytes)
}

// whole says that all of the batch is in the job.
func (a *Applier) whole() bool { return a.within == nil && a.changes == len(a.job.changes) }

// place waits until what was collected may go, and says where to. ends: with it the
// batch ends.
func (a *Applier) place(ctx context.Context, s Feed, ends bool) (sink, error) {
	beside := ends && len(a.under) > 0 && a.enough() && a.whole() && len(a.inProgress) == 0 && a.connections() > 1 &&
		a.job.trace() && !slices.ContainsFunc(a.under, func(f *flight) bool { return f.commit == nil || !f.trace() })
	if !beside {
		if err := a.land(s); err != nil || a.within == nil {
			return a.sink, err
		}
		return a.within.opened(ctx)
	}
	last := a.meets()
	for len(a.under) > 0 {
		if !slices.Contains(a.under, last) {
			if to, err := a.free(ctx); to != nil || err != nil {
				return to, err
			}
		}
		if err := a.landFirst(s); err != nil {
			return nil, err
		}
	}
	return a.sink, nil
}

// meets is the last under way that touches what the job does; nil: none.
func (a *Applier) meets() (last *flight) {
	for _, f := range a.under {
		if !f.met {
			f.met = true
			for _, token := range f.footprint {
				a.touched[token] = f
			}
		}
	}
	for _, token := range a.job.footprint {
		if f := a.touched[token]; f != nil && (last == nil || slices.Index(a.under, f) > slices.Index(a.under, last)) {
			last = f
		}
	}
	return last
}

// free is a connection that nobody uses; nil: there is none yet, or no memory for what
// would go there.
func (a *Applier) free(ctx context.Context) (sink, error) {
	memory := a.job.memory()
	for _, f := range a.under {
		memory += f.memory()
	}
	if memory > maxUnder {
		return nil, nil
	}
	all := append([]sink{a.sink}, a.beside...)
	for _, to := range all[:min(len(all), a.connections())] {
		if !slices.ContainsFunc(a.under, func(f *flight) bool { return f.to == to }) {
			return to, nil
		}
	}
	if len(all) >= a.connections() || time.Since(a.noRoom) < openAgain {
		return nil, nil
	}
	err := a.asks.ready(ctx)
	var to sink
	if err == nil {
		to, err = a.further(ctx)
	}
	if session.Full(err) { // it goes on with those it has
		a.noRoom = time.Now()
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	a.beside = append(a.beside, to)
	return to, nil
}

// send sends a job, which is done by do where nothing is ahead of it.
func (a *Applier) send(ctx context.Context, to sink, do func(context.Context, *job) error) {
	f := &flight{job: a.job, to: to, ahead: slices.Clone(a.under), over: make(chan struct{})}
	f.begun = time.Now()
	a.under = append(a.under, f)
	if len(f.ahead) > 0 {
		a.usedAt = f.begun
	}
	go func() {
		defer close(f.over)
		if len(f.ahead) == 0 {
			f.err = do(ctx, f.job)
			return
		}
		f.err = a.behind(ctx, f)
		f.ahead = nil
	}()
}

// behind does a job that has others ahead of it.
func (a *Applier) behind(ctx context.Context, f *flight) error {
	before := f.ahead[len(f.ahead)-1]
	written, err := a.tentatively(ctx, f, before)
	<-before.over
	switch {
	case before.err != nil:
		if written {
			_ = f.to.back(ctx) // nobody uses the connection any more
		}
		return before.err
	case err != nil:
		return err
	case written:
		return f.to.do(ctx, &job{commit: f.commit})
	}
	a.options.Point("replay: again, as the first")
	return f.to.do(ctx, f.job)
}

// tentatively writes a job and does not commit it. written is false where it was
// refused, or has given way: then it is rolled back.
func (a *Applier) tentatively(ctx context.Context, f, before *flight) (written bool, err error) {
	tentative := *f.job
	tentative.commit, tentative.rests, tentative.tentative = nil, true, true
	givesWay, unwatch := a.watch(ctx, f)
	if err = f.to.do(ctx, &tentative); err == nil {
		a.options.Point("replay: behind others")
		select {
		case <-before.over:
			written = true
		case <-givesWay:
		}
	}
	unwatch()
	if !written {
		a.options.Point("replay: back behind others")
		return false, cmp.Or(f.to.back(ctx), brokenBy(err))
	}
	return true, nil
}

// errRefused is of a job that others are ahead of: what it was refused for is not
// looked into.
var errRefused = errors.New("refused while others are ahead")

// brokenBy is an error that is not of what was written.
func brokenBy(err error) error {
	if errors.Is(err, errRefused) {
		return nil
	}
	return err
}

// first is closed when the first under way is over; nil: nothing is.
func (a *Applier) first() <-chan struct{} {
	if len(a.under) == 0 {
		return nil
	}
	return a.under[0].over
}

// land waits until nothing is under way.
func (a *Applier) land(s Feed) (err error) {
	for len(a.under) > 0 {
		err = cmp.Or(err, a.landFirst(s))
	}
	return err
}

// landFirst waits for the first.
func (a *Applier) landFirst(s Feed) error {
	<-a.first()
	return a.landed(s)
}

// alone closes the connections that are for several batches.
func (a *Applier) alone(ctx context.Context) {
	for _, to := range a.beside {
		to.end(ctx)
	}
	a.beside = nil
	a.asks.end(ctx)
}

// rested is for when nothing is under way: it says when the connections for several
// batches are to be closed. nil: there are none.
func (a *Applier) rested() <-chan time.Time {
	if len(a.beside) == 0 || len(a.under) > 0 {
		return nil
	}
	return time.After(furtherRests - time.Since(a.usedAt))
}
