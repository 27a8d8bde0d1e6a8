package executor

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"golang.org/x/sync/errgroup"

	"sluice/executor/session"
	"sluice/planner"
	"sluice/planner/catalog"
	"sluice/state"
)

// The opening makes the target the one to write to, in one transaction there: what
// had to wait until no change comes any more (foreign keys, triggers, rules), the
// records of that, and the phase. A crash leaves all of it or nothing, so a cutover
// that is undone has nothing on the target to take back, and none that is served
// once more meets what an earlier one has made.
//
// Its commit is the point of no return. Where the answer to it is lost, the state
// says what came of it; as long as that cannot be read the source stays fenced, since
// writes there and an open target would be two databases.

// errInDoubt says that nobody knows whether the target was opened.
var errInDoubt = errors.New("whether the target was opened is not known, so the source stays fenced: sluice apply goes on once the target can be reached")

// opening are the steps of a cutover's plan that open the target, with Open as the
// last, and those that come when it is open.
func opening(plan *planner.Plan) (first, behind int) {
	for i := range plan.Steps {
		if plan.Steps[i].Action == planner.Open {
			behind = i + 1
		}
	}
	for first = max(behind-1, 0); first > 0 && plan.Steps[first-1].Action == planner.Create; first-- {
	}
	return first, behind
}

// open runs the steps of the opening, and answers the request. With errInDoubt the
// target may be open.
func (c *switchover) open(ctx context.Context, first, behind int) error {
	x, steps := c.run, c.plan.Steps[first:behind]
	var done []state.Done
	var lines []string
	for i := range steps {
		done = append(done, state.Done{Step: steps[i].ID, Fingerprint: steps[i].Fingerprint})
		lines = append(lines, lineOf(&steps[i]))
	}
	records := []state.Record{x.Store.StepsDone(done...)}
	for _, step := range c.plan.Steps[behind:] {
		records = append(records, x.Store.StepIntent(step.ID, step.Fingerprint))
	}
	records = append(records, x.Store.Phase(state.CutOver, ""))
	armed, err := c.armed(ctx)
	if err != nil {
		return err
	}
	records = append(records, armed...)
	rested := func() (result []byte, said []string) {
		pause := time.Since(c.began).Round(time.Millisecond)
		return fmt.Appendf(nil, "%q", pause), append(lines, fmt.Sprintf("the target is open: writes rested for %s", pause))
	}
	err = x.phases.recorded(ctx, state.CutOver, func() error {
		sent := false
		err := with(ctx, x.Target, "cutover", func(conn *pgconn.PgConn) error {
			if err := session.Exec(ctx, conn, "begin"); err != nil {
				return err
			}
			for i := range steps {
				if err := c.make(ctx, conn, &steps[i]); err != nil {
					return fmt.Errorf("step %d, %s: %w", steps[i].Number, steps[i].ID, err)
				}
			}
			if c.request.Answered != nil {
				records = append(records, c.request.Answered(rested())...)
			}
			if err := session.Record(ctx, conn, records...); err != nil {
				return err
			}
			x.Point("cutover: before its commit")
			sent = true
			if err := session.Exec(ctx, conn, "commit"); err != nil {
				return err
			}
			x.Point("cutover: after its commit")
			return nil
		})
		if err == nil || !sent {
			return err
		}
		opened, unknown := c.wasOpened(ctx)
		switch {
		case unknown != nil:
			return errors.Join(errInDoubt, err, unknown)
		case opened:
			return nil
		}
		return err
	})
	if err == nil && c.request.Answered == nil {
		result, lines := rested()
		for _, line := range lines {
			c.request.Say(line)
		}
		c.request.Answer(result, nil)
	}
	return err
}

// make runs the statements of one step of the opening.
func (c *switchover) make(ctx context.Context, conn *pgconn.PgConn, step *planner.Step) error {
	c.run.Progress.StepStarted(step.ID)
	defer c.run.builds.begun(conn.PID(), []*planner.Step{step})()
	if err := statements(ctx, conn, step.SQL); err != nil {
		return err
	}
	c.run.Progress.StepDone(step.ID)
	return nil
}

// wasOpened reads what came of a commit that failed, also when ctx is over.
func (c *switchover) wasOpened(ctx context.Context) (opened bool, err error) {
	err = insist(ctx, func(ctx context.Context) error {
		if err := c.run.settle(ctx); err != nil {
			return err
		}
		st, err := c.run.Store.State(ctx)
		opened = st.Phase == state.CutOver
		return err
	})
	return opened, err
}

// AfterCutoverError is what failed once the target was open: nothing is undone.
type AfterCutoverError struct{ Err error }

func (e *AfterCutoverError) Error() string {
	return "the target is open, and what is left to do there has failed: " + e.Err.Error() + "; sluice apply tries it again"
}

func (e *AfterCutoverError) Unwrap() error { return e.Err }

// whenOpen runs what a plan has left to do on the open target: the rows are checked
// of foreign keys that came with the opening, and after a rollback the fence goes. Keys
// of one table follow each other, as their locks would; one that fails stops no other.
func (x *run) whenOpen(ctx context.Context, plan *planner.Plan) error {
	_, behind := opening(plan)
	for i := behind; i < len(plan.Steps); i++ {
		if step := &plan.Steps[i]; step.Action == planner.Lift && !step.Done {
			if err := x.perform(ctx, step, false, nil); err != nil {
				return &AfterCutoverError{err}
			}
		}
	}
	var tables []catalog.Name
	keys := map[catalog.Name][]*planner.Step{}
	for i := behind; i < len(plan.Steps); i++ {
		step := &plan.Steps[i]
		if step.Stage != planner.StageCutover || step.Action != planner.Alter || step.Done {
			continue
		}
		table := step.Object.Relation()
		if keys[table] == nil {
			tables = append(tables, table)
		}
		keys[table] = append(keys[table], step)
	}
	if len(tables) == 0 {
		return nil
	}
	x.Progress.Notice("the target is open; meanwhile the rows of foreign keys are checked")
	failed := make([]error, len(tables))
	group := errgroup.Group{}
	group.SetLimit(x.workers())
	for i, table := range tables {
		group.Go(func() error {
			for _, step := range keys[table] {
				if x.stopping() {
					x.Progress.Notice(step.ID + ": left to the next sluice apply")
					continue
				}
				x.Progress.StepStarted(step.ID)
				if err := x.perform(ctx, step, false, nil); err != nil {
					failed[i] = errors.Join(failed[i], fmt.Errorf("%s: %w", step.ID, err))
					continue
				}
				x.Progress.StepDone(step.ID)
			}
			return nil
		})
	}
	_ = group.Wait() // they are in failed
	if err := errors.Join(failed...); err != nil {
		return &AfterCutoverError{err}
	}
	x.phases.enter(ctx, state.CutOver) // without the reason that an earlier run has left
	return nil
}
