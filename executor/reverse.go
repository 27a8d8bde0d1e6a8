package executor

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pglogrepl"
	"github.com/jackc/pgx/v5/pgconn"

	"sluice/executor/session"
	"sluice/executor/slot"
	"sluice/planner"
	"sluice/state"
)

// The way back (planner/reverse.go) is a run as any other, with the sides exchanged. What
// is its own is how it begins: the slot is made while the source still takes writes, and
// the changes begin where the target's WAL is when nothing comes to it any more from the
// source, and nothing yet from the application.

// arming is the plan's step that makes the slot of the way back; nil: it leaves none.
func (c *switchover) arming() *planner.Step {
	for i := range c.plan.Steps {
		if c.plan.Steps[i].Action == planner.Arm {
			return &c.plan.Steps[i]
		}
	}
	return nil
}

// arm makes publication and slot. What an earlier attempt has left goes before: nobody
// has written on the target since.
func (c *switchover) arm(ctx context.Context) error {
	step, x := c.arming(), c.run
	if step == nil {
		return nil
	}
	x.Progress.StepStarted(step.ID)
	for _, record := range step.Records() {
		if err := x.Store.Write(ctx, x.Store.StepIntent(record.Step, record.Fingerprint)); err != nil {
			return err
		}
	}
	err := x.retrying(ctx, func(ctx context.Context) (bool, error) {
		name := step.Object.Name
		if err := slot.Drop(ctx, x.Target, name); err != nil {
			return false, err
		}
		if err := with(ctx, x.Target, "arm", func(conn *pgconn.PgConn) error { return transaction(ctx, conn, step.SQL) }); err != nil {
			return false, err
		}
		x.Point("arm: before the slot")
		return false, slot.Create(ctx, x.Target, slot.Options{Name: name, Patience: x.retryOther(), Waiting: x.Progress.Waiting})
	})
	if err != nil {
		return fmt.Errorf("step %d, %s: %w", step.Number, step.ID, err)
	}
	x.Progress.StepDone(step.ID)
	x.Point("cutover: after arm")
	c.request.Say(lineOf(step))
	return nil
}

// armed is the record of where the way back begins. The target has all that came from
// the source, and takes no writes but ours until the opening's commit.
func (c *switchover) armed(ctx context.Context) (records []state.Record, err error) {
	step := c.arming()
	if step == nil {
		return nil, nil
	}
	conn, err := c.run.Target.Connect(ctx, "arm")
	if err != nil {
		return nil, err
	}
	defer session.Close(ctx, conn)
	begins, err := slot.SourceLSN(ctx, conn)
	return []state.Record{c.run.Store.StepDone(step.ID, begins.String())}, err
}

// disarm takes the slot away again, also when ctx is over.
func (c *switchover) disarm(ctx context.Context) error {
	step := c.arming()
	if step == nil {
		return nil
	}
	var records []string
	for _, r := range step.Records() {
		records = append(records, r.Step)
	}
	return insist(ctx, func(ctx context.Context) error { return c.run.disarm(ctx, step, step.Undo, records) })
}

func (x *run) disarm(ctx context.Context, step *planner.Step, sql, records []string) error {
	if err := slot.Drop(ctx, x.Target, step.Object.Name); err != nil {
		return err
	}
	err := with(ctx, x.Target, "arm", func(conn *pgconn.PgConn) error { return transaction(ctx, conn, sql) })
	for _, id := range records {
		if err == nil && step.Stage != planner.StageCleanup { // there all records go
			err = x.Store.Write(ctx, x.Store.TakeBack(id))
		}
	}
	return err
}

// beginBack gives the way back its first position, as the opening has recorded it. All
// that a migration does before it follows was done there, or by the cutover.
func (x *run) beginBack(ctx context.Context) error {
	if x.Plan.Back == nil || x.cleansUp() || x.state.Position.LSN != 0 {
		return nil
	}
	begins, err := pglogrepl.ParseLSN(x.Plan.Back.Begins)
	if err != nil || begins == 0 {
		return errors.Join(fmt.Errorf("the plan of the way back has no position to begin at: %q", x.Plan.Back.Begins), err)
	}
	var done []state.Done
	records := []state.Record{x.Store.Position(state.Position{LSN: uint64(begins)})}
	for i := range x.Plan.Steps {
		step := &x.Plan.Steps[i]
		switch step.Action {
		case planner.Adopt:
			records = append(records, x.Store.Followed(step.Followed()))
			fallthrough
		case planner.Create, planner.CreateSlot, planner.Converge:
			done = append(done, state.Done{Step: step.ID, Fingerprint: step.Fingerprint})
		}
	}
	if err := x.record(ctx, append(records, x.Store.StepsDone(done...))...); err != nil {
		return err
	}
	x.Point("reverse: after its first record")
	x.state, err = x.Store.State(ctx)
	return err
}
