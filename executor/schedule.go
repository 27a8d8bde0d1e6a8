package executor

import (
	"context"
	"errors"
	"fmt"

	"sluice/executor/load"
	"sluice/planner"
	"sluice/state"
)

// steps runs every step whose dependencies are done, as many at once as there
// are workers; then follows, where the plan says so. A step that fails keeps those
// back that depend on it, and no others.
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
	loading, loaded := context.WithCancel(ctx)
	defer loaded()
	if x.Plan.Stages.Incremental { // the slot keeps WAL for as long as the load takes
		go x.watchSource(loading, false)
	}
	finished := make(chan result)
	var failures []error
	for {
		if !x.stopping() && ctx.Err() == nil {
			for _, u := range s.start() {
				for _, step := range u {
					x.Progress.StepStarted(step.ID)
				}
				alone, under := s.alone[u[0].Number], s.under(u[0])
				go func() { finished <- x.work(ctx, u, alone, under) }()
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
		s.finish(r)
		if r.err != nil {
			failures = append(failures, x.failedUnit(r)...)
			continue
		}
		for _, step := range r.unit {
			x.Progress.StepDone(step.ID)
			if step.Action == planner.Converge && s.joins() {
				x.beside.start(ctx)
			}
			x.tell(s, step)
		}
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
	loaded()
	return x.end(ctx, s)
}

// unit is what one worker does: one step, or several small ones in one
// transaction, since a round trip and a commit for each cost more than they do.
type unit []*planner.Step

// result is how a unit ended.
type result struct {
	unit unit
	err  error
}

// work runs a unit; alone: it is a step that failed together with others; under:
// settings for a large build.
func (x *run) work(ctx context.Context, u unit, alone bool, under []string) result {
	if len(u) == 1 {
		return result{u, x.perform(ctx, u[0], alone, under)}
	}
	return result{u, x.together(ctx, u)}
}

func (x *run) together(ctx context.Context, u unit) error {
	if u[0].Action == planner.Copy {
		return x.loader.Tables(ctx, u, mostCopied)
	}
	return x.onTarget(ctx, nil, u...)
}

// failedUnit is the error of a step for the run; that it was asked to stop is none.
// Of several steps nothing is done, and each is tried by itself.
func (x *run) failedUnit(r result) []error {
	if len(r.unit) > 1 {
		for _, step := range r.unit {
			x.Progress.StepPutBack(step.ID)
		}
		x.Log.Info("one by one, since together they failed", "steps", len(r.unit), "first", r.unit[0].ID, "error", r.err)
		return nil
	}
	if errors.Is(r.err, ErrStopped) || errors.Is(r.err, load.ErrStopped) {
		return nil
	}
	err := fmt.Errorf("step %d, %s: %w", r.unit[0].Number, r.unit[0].ID, r.err)
	x.Progress.Notice(err.Error())
	return []error{err}
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
	case x.cleansUp():
		return Finished, nil // no state is left to record it in
	}
	x.phases.enter(ctx, state.Completed)
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
	case step.Stage == planner.StageCleanup || !s.closes(step):
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
		x.phases.enter(ctx, phase)
	}
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

// phaseOf is the phase that a step belongs to.
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
