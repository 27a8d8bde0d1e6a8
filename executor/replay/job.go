package replay

import (
	"context"
	"runtime/debug"
	"slices"
	"time"

	"github.com/jackc/pglogrepl"

	"sluice/executor/progress"
	"sluice/executor/stream"
	"sluice/planner/catalog"
	"sluice/state"
)

// A batch is what the target commits together: whole transactions of the source
// and the position behind the last of them. It goes to the writer in jobs: while
// one is written the next is collected.
//
//	take ──changes──▶ job ──hand──▶ writer ──land──▶ acknowledged
//
// At most one job is under way, also where a transaction in progress has a writer
// of its own (inprogress.go), but for batches that do not depend on each other
// (flight.go).

// origin is where a change comes from.
type origin struct {
	lsn  pglogrepl.LSN
	data []byte // the message
}

func (a *Applier) origin() origin { return origin{a.finalLSN, a.item.Data} }

// change is what one does to a row of the target, in its columns.
type change struct {
	origin
	relation *relation // nil: the statement is not of one table
	kind     stream.Kind
	row      stream.Tuple // the values after: of an insert, an update
	mask     string       // the columns that an update sets
	old      stream.Tuple // by which the row is found
	alone    bool         // it does not go with others
	single   *single      // what is done instead; nil: what kind says
}

// single is a statement for one change, at its place.
type single struct {
	shape  string // tells the relation's statements apart; "": it is not worth preparing
	sql    func() string
	params [][]byte
	expect expectation
	column string // whose value the change lacks, should it find no row
	holds  string // condition of the rows that a truncation wants gone
	// empties are the tables of a truncation.
	empties []catalog.Name
}

// job is a part of a batch, or a whole one.
type job struct {
	changes []change
	bytes   int             // of their messages
	tuples  stream.Tuple    // memory of their tuples
	values  int             // of their tuples
	commit  *state.Position // behind the last change; nil: the batch goes on
	counts  progress.Counts // of the batch, where it commits
	rests   bool            // the connection has nothing to do behind it
	begun   time.Time       // when it was handed over

	// tentative: others are to commit before it. What is refused is not looked into.
	tentative bool

	footprint []uint64
	traced    bool // footprint is known
	beside    bool // it may go beside others
}

// sink is where jobs are done, one at a time and in their order.
type sink interface {
	do(context.Context, *job) error             // what commits is there for good, with the position
	save(context.Context, state.Position) error // the position by itself, between batches
	back(context.Context) error                 // rolls back what a job has left open
	end(context.Context)                        // takes back what is not committed
}

// Limits of a job, and of a batch: it ends with the first commit of the source
// after which maxChanges are in it, or nothing more is at hand and the target is free.
const (
	maxJob      = 20000
	maxJobBytes = 4 << 20
	maxChanges  = 20000
)

// After a job of so many bytes what it took is given back before the next values come.
// It had a few that are large: left to itself, the heap grows to twice what they take.
const largeJob = 64 << 20

// After a job of manyChanges the next one waits as long as that took, up to maxLinger.
const (
	manyChanges = 256
	maxLinger   = 50 * time.Millisecond
)

// longest is how long a change may be to go with others: its values are copied.
const longest = 64 << 10

func (j *job) full() bool { return len(j.changes) >= maxJob || j.bytes >= maxJobBytes }

// keep copies a tuple: the message that has it is used again.
func (j *job) keep(t stream.Tuple) stream.Tuple {
	if len(t) > cap(j.tuples)-len(j.tuples) {
		j.tuples = make(stream.Tuple, 0, max(len(t), 4096))
	}
	j.values += len(t)
	from := len(j.tuples)
	j.tuples = append(j.tuples, t...)
	return j.tuples[from:len(j.tuples):len(j.tuples)]
}

func (j *job) empty() {
	clear(j.changes)
	clear(j.tuples)
	*j = job{changes: j.changes[:0], tuples: j.tuples[:0], footprint: j.footprint[:0]}
}

// add adds a change to the job.
func (a *Applier) add(c change) {
	if a.changes == 0 && a.within == nil {
		a.options.Progress.Arrived(a.commitTime)
	}
	a.changes++
	a.quiet = 0
	c.origin = a.origin()
	a.job.changes = append(a.job.changes, c)
	a.job.bytes += len(c.data)
}

// apply adds a change that hits one row.
func (a *Applier) apply(c change) {
	r := c.relation
	same := len(c.row) > 0 && len(c.old) > 0 && &c.row[0] == &c.old[0]
	c.row = a.job.keep(c.row)
	if same {
		c.old = c.row
	} else {
		c.old = a.job.keep(c.old)
	}
	c.alone = !r.bySet() || len(a.item.Data) > longest || c.kind != stream.Insert && r.full() ||
		c.kind == stream.Update && (r.rekeys(c.old, c.row) || !r.sets(c.mask))
	a.add(c)
}

// rekeys says that an update gives the row another identity.
func (r *relation) rekeys(old, row stream.Tuple) bool {
	for _, i := range r.identity {
		if string(old[i].Text) != string(row[i].Text) {
			return true
		}
	}
	return false
}

// hand gives the target what was collected, once it is free; with ends it commits
// that.
func (a *Applier) hand(ctx context.Context, s Feed, ends bool) error {
	to, err := a.place(ctx, s, ends)
	if err != nil {
		return err
	}
	do := a.doing(to)
	if ends {
		a.position.Inserts += a.counts.Inserts
		a.position.Updates += a.counts.Updates
		a.position.Deletes += a.counts.Deletes
		a.position.Truncates += a.counts.Truncates
		position := a.position
		a.job.commit, a.job.counts = &position, a.counts
		a.changes, a.counts = 0, progress.Counts{}
	}
	a.send(ctx, to, do)
	a.job = new(job)
	if last := len(a.spare) - 1; last >= 0 {
		a.job, a.spare = a.spare[last], a.spare[:last]
	}
	return nil
}

// landed takes note of what came of the first under way. What was committed is
// acknowledged.
func (a *Applier) landed(s Feed) error {
	f := a.under[0]
	a.under = slices.Delete(a.under, 0, 1)
	if f.err != nil {
		return f.err
	}
	j := f.job
	if f.met {
		for _, token := range j.footprint {
			if a.touched[token] == f {
				delete(a.touched, token)
			}
		}
	}
	if p := j.commit; p != nil {
		a.noteSaved(*p)
		s.Acknowledge(pglogrepl.LSN(p.LSN))
		if j.counts != (progress.Counts{}) {
			a.options.Progress.Applied(j.counts, p.LSN, p.CommitTime)
		}
	}
	if a.quiet > 0 && a.changes == 0 && len(a.under) == 0 {
		a.options.Progress.Drained(a.quiet)
	}
	a.due = time.Time{}
	if now := time.Now(); len(j.changes) >= manyChanges {
		a.due = now.Add(min(now.Sub(j.begun), maxLinger))
	}
	large := j.bytes >= largeJob
	j.empty()
	a.spare = append(a.spare, j)
	if large {
		debug.FreeOSMemory()
	}
	return nil
}

// commit makes the batch and its position durable, then acknowledges it. Within a
// transaction of the source, and while a row is owed, it only waits for what is
// under way.
func (a *Applier) commit(ctx context.Context, s Feed) error {
	if a.changes > 0 && !a.isOpen() {
		if err := a.hand(ctx, s, true); err != nil {
			return err
		}
	}
	return a.land(s)
}
