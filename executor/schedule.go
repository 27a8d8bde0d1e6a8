package executor

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"sluice/executor/load"
	"sluice/planner"
	"sluice/state"
)

// steps runs every step whose dependencies are done, as many at once as there
// are workers, in the plan's order; then follows, where the plan says so. A step
// that fails keeps those back that depend on it, and no others.
//
// One goroutine, this one, knows what is ready; the others only work.
func (x *run) steps(ctx context.Context) (Outcome, error) {
	s := newSchedule(x)
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	x.beside.failed, x.beside.leave = cancel, s.leaves()
	if x.converged(x.state) && s.joins() {
		x.beside.start(ctx)
	}
	finished := make(chan result)
	var failures []error
	for {
		if !x.stopping() && ctx.Err() == nil {
			for _, step := range s.start() {
				x.Progress.StepStarted(step.ID)
				go func() { finished <- result{step, x.perform(ctx, step)} }()
			}
		}
		if s.running == 0 {
			break
		}
		x.enter(ctx, s.phase())
		var r result
		select {
		case r = <-finished:
		case <-x.changed: // there may be more workers
			continue
		}
		s.running--
		if r.err != nil {
			failures = append(failures, x.failedStep(r))
			continue
		}
		s.finish(r.step)
		x.Progress.StepDone(r.step.ID)
		if r.step.Action == planner.Converge && s.joins() {
			x.beside.start(ctx)
		}
		x.tell(s, r.step)
	}
	x.beside.stop()
	if ctx.Err() != nil {
		return "", context.Cause(ctx)
	}
	if err := errors.Join(failures...); err != nil {
		return "", err
	}
	if x.stopping() && !s.complete() {
		return Stopped, nil
	}
	return x.end(ctx, s)
}

// result is how a step ended.
type result struct {
	step *planner.Step
	err  error
}

// failedStep is the step's error for the run; that it was asked to stop is none.
func (x *run) failedStep(r result) error {
	if errors.Is(r.err, ErrStopped) || errors.Is(r.err, load.ErrStopped) {
		return nil
	}
	err := fmt.Errorf("step %d, %s: %w", r.step.Number, r.step.ID, r.err)
	x.Progress.Notice(err.Error())
	return err
}

// end is what comes after the steps.
func (x *run) end(ctx context.Context, s *schedule) (Outcome, error) {
	switch {
	case x.Until != UntilEnd:
		return Reached, nil
	case !s.complete():
		return "", errors.New("the plan's steps wait for each other")
	case s.follow != nil:
		return x.followUntilCutover(ctx)
	case len(x.Plan.Steps) > 0 && x.Plan.Steps[0].Stage == planner.StageCleanup:
		return Finished, nil // no state is left to record it in
	}
	x.phase(ctx, state.Completed)
	return Finished, nil
}

// tell says what is worth a line in a log: a stage that is through, and the
// point from which on the target equals a state of the source.
func (x *run) tell(s *schedule, step *planner.Step) {
	switch {
	case step.Action == planner.Converge:
		x.Progress.Notice("every table equals one state of the source")
	case step.Action == planner.CreateSlot:
		x.Progress.Notice("slot " + step.Object.Name + " keeps every change from now on")
	case step.Action == planner.Join:
		x.Progress.Notice(fmt.Sprintf("%d tables have joined: their changes come with the others'", len(step.Follows)))
	case step.Stage == planner.StageCleanup || !s.through(step.Stage):
	case step.Stage == planner.StageLoad:
		l := x.Progress.Snapshot().Load
		x.Progress.Notice(fmt.Sprintf("%s: done, %d tables, %d rows", step.Stage, l.TablesDone, l.Rows))
	default:
		x.Progress.Notice(string(step.Stage) + ": done")
	}
}

// enter records the phase, where it is another one.
func (x *run) enter(ctx context.Context, phase state.Phase) {
	if phase != "" && phase != x.state.Phase {
		x.state.Phase = phase
		x.phase(ctx, phase)
	}
}

// schedule knows which steps are done, running and ready.
type schedule struct {
	steps   []*planner.Step // that are to run, in order
	done    map[int]bool    // by number
	waits   map[int][]int   // by number: the steps to run that come before; through those that are done, too
	started map[int]bool
	running int
	limit   func() int
	follow  *planner.Step
}

func newSchedule(x *run) *schedule {
	s := &schedule{done: map[int]bool{}, waits: map[int][]int{}, started: map[int]bool{}, limit: x.workers}
	for i := range x.Plan.Steps {
		step := &x.Plan.Steps[i]
		s.wait(step)
		switch {
		case x.done(step):
			s.done[step.Number] = true
		case step.Action == planner.Follow:
			s.follow = step
		case x.wanted(step):
			s.steps = append(s.steps, step)
		}
	}
	return s
}

// wait finds the steps that one waits for. Of what is done already there may be
// some behind a step that is to run again: what they say of the order still holds.
func (s *schedule) wait(step *planner.Step) {
	var before []int
	for _, n := range step.After {
		if s.done[n] {
			before = append(before, s.waits[n]...)
		} else {
			before = append(before, n)
		}
	}
	slices.Sort(before)
	s.waits[step.Number] = slices.Compact(before)
}

// wanted says whether a step belongs to what Until names.
func (x *run) wanted(step *planner.Step) bool {
	switch x.Until {
	case UntilSchema:
		return step.Stage == planner.StageSchema && step.Action != planner.CreateSlot
	case UntilFull:
		return step.Action != planner.Converge && step.Action != planner.Join
	}
	return true
}

// start returns the steps to start now. Copies are not counted: the loader has
// its own places, and gives them to the largest tables first.
func (s *schedule) start() (ready []*planner.Step) {
	for _, step := range s.steps {
		if s.started[step.Number] || !s.ready(step) {
			continue
		}
		if step.Action != planner.Copy && s.running-s.copies() >= s.limit() {
			continue
		}
		s.started[step.Number] = true
		s.running++
		ready = append(ready, step)
	}
	return ready
}

// phase is that of the earliest thing that is running: indexes of small tables
// are built while large ones are still copied.
func (s *schedule) phase() state.Phase {
	phases := []state.Phase{state.Schema, state.FullLoad, state.CatchingUp, state.Indexes}
	earliest := len(phases)
	for _, step := range s.steps {
		if s.started[step.Number] && !s.done[step.Number] {
			earliest = min(earliest, slices.Index(phases, phaseOf(step)))
		}
	}
	if earliest == len(phases) {
		return ""
	}
	return phases[earliest]
}

func phaseOf(step *planner.Step) state.Phase {
	switch {
	case step.Stage == planner.StageSchema:
		return state.Schema
	case step.Stage == planner.StageLoad:
		return state.FullLoad
	case step.Action == planner.Converge, step.Action == planner.Join:
		return state.CatchingUp
	}
	return state.Indexes
}

// joins says that tables are still to join.
func (s *schedule) joins() bool {
	return slices.ContainsFunc(s.steps, func(step *planner.Step) bool { return step.Action == planner.Join && !s.done[step.Number] })
}

// leaves are the steps that take tables out of the stream.
func (s *schedule) leaves() (ids []string) {
	for _, step := range s.steps {
		if takesOut(step) {
			ids = append(ids, step.ID)
		}
	}
	return ids
}

func (s *schedule) copies() (n int) {
	for _, step := range s.steps {
		if step.Action == planner.Copy && s.started[step.Number] && !s.done[step.Number] {
			n++
		}
	}
	return n
}

func (s *schedule) ready(step *planner.Step) bool {
	return !slices.ContainsFunc(s.waits[step.Number], func(n int) bool { return !s.done[n] })
}

func (s *schedule) finish(step *planner.Step) { s.done[step.Number] = true }

// through says that every step of a stage is done.
func (s *schedule) through(stage planner.Stage) bool {
	return !slices.ContainsFunc(s.steps, func(step *planner.Step) bool {
		return step.Stage == stage && !s.done[step.Number]
	})
}

func (s *schedule) complete() bool {
	return !slices.ContainsFunc(s.steps, func(step *planner.Step) bool { return !s.done[step.Number] })
}
