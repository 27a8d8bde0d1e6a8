// Package progress turns what happens in a run into a Status.
//
// The executor tells a Tracker of events; the terminal, the JSON output, a web
// page and the alerts read the Status, and nothing else. The Tracker decides
// nothing and is not where a run keeps its records: those are in state, and a
// run that starts over tells a new Tracker what was done before.
//
//	event ──▶ Tracker (counters, sliding windows, notices) ──Snapshot──▶ Status
//
// Every method may be called by several goroutines, costs a lock and some
// additions, and does nothing on a nil Tracker. Call it per chunk, per buffer
// or per batch, never per row. A Status is a copy: it never changes again.
package progress

import (
	"slices"
	"sync"
	"time"
)

// Tracker collects the events of one run. The zero value is not usable, nil is.
type Tracker struct {
	now func() time.Time

	mu sync.Mutex // guards all below

	phase      string
	phaseSince time.Time
	stepsTotal int
	stepsDone  int
	active     []string // steps, in order of their start

	tables []*table // in order of their announcement
	byName map[name]*table
	load   load
	builds []Build // in order of their start

	stream   stream
	waiting  string
	retrying *Retrying
	trouble  trouble
	notices  notices
}

// New returns a Tracker that reads the time from now (time.Now in a process).
func New(now func() time.Time) *Tracker {
	return &Tracker{now: now, byName: map[name]*table{}}
}

// update runs change under the lock, with one reading of the clock.
func (t *Tracker) update(change func(now time.Time)) {
	if t == nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	change(t.now())
}

// Plan says how many steps there are, and how many of them were done before
// this run began.
func (t *Tracker) Plan(steps, done int) {
	t.update(func(now time.Time) { t.stepsTotal, t.stepsDone, t.trouble.moved = steps, done, now })
}

// Phase says where the run is, in the words of state.Phase.
func (t *Tracker) Phase(phase string) {
	t.update(func(now time.Time) {
		if t.phase != phase {
			t.phase, t.phaseSince = phase, now
		}
	})
}

// StepStarted says that a step runs.
func (t *Tracker) StepStarted(id string) {
	t.update(func(now time.Time) {
		t.active = append(t.active, id)
		t.trouble.moved = now
	})
}

// StepDone says that a step is done and recorded. Those of a cutover are not
// among the ones that Plan has counted, and add to them.
func (t *Tracker) StepDone(id string) {
	t.update(func(now time.Time) {
		t.advanced(now)
		t.stepsDone++
		t.stepsTotal = max(t.stepsTotal, t.stepsDone)
		t.leave(id)
	})
}

// StepPutBack says that a step runs no more, and will be tried again.
func (t *Tracker) StepPutBack(id string) {
	t.update(func(time.Time) { t.leave(id) })
}

func (t *Tracker) leave(id string) {
	if i := slices.Index(t.active, id); i >= 0 {
		t.active = slices.Delete(t.active, i, i+1)
	}
}

// Waiting says what the run waits for, as "slot: pid 4711 holds transaction
// 812, idle in transaction for 2m"; the empty string says that it goes on.
func (t *Tracker) Waiting(what string) {
	t.update(func(time.Time) { t.waiting = what })
}

// Retrying says that the run tries again since since, gives up at until, and
// why.
func (t *Tracker) Retrying(since, until time.Time, reason string) {
	t.update(func(time.Time) {
		t.retrying = &Retrying{Since: since.UTC(), Until: until.UTC(), Reason: reason}
	})
}

// Resumed says that what was tried again has succeeded.
func (t *Tracker) Resumed() {
	t.update(func(time.Time) { t.retrying = nil })
}
