package executor

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"sluice/executor/configuration"
	"sluice/executor/largeobject"
	"sluice/executor/load"
	"sluice/executor/session"
	"sluice/executor/slot"
	"sluice/planner"
	"sluice/state"
)

// perform runs one step, again and again while what stops it passes; again: what
// has been tried may be done or not; under: settings for its transaction.
func (x *run) perform(ctx context.Context, step *planner.Step, again bool, under []string) error {
	prior := x.state.Steps[step.ID]
	return x.retrying(ctx, func(ctx context.Context) (progressed bool, err error) {
		if again {
			if prior, err = x.settled(ctx, step); err != nil {
				return false, err
			}
			if prior.State == state.StepDone {
				return false, x.found(ctx, step)
			}
		}
		again = true
		if step.Action == planner.Copy {
			return x.copy(ctx, step)
		}
		return false, x.attempt(ctx, step, prior, under)
	})
}

// settled reads a step's record after an attempt that failed. Its commit may have
// gone through although the answer was lost: that is waited for, and what the
// state says then is true.
func (x *run) settled(ctx context.Context, step *planner.Step) (state.Step, error) {
	if err := x.settle(ctx); err != nil {
		return state.Step{}, err
	}
	return x.Store.Step(ctx, step.ID)
}

// found tells of a step that an attempt has done although it failed.
func (x *run) found(ctx context.Context, step *planner.Step) error {
	switch step.Action {
	case planner.Copy:
	case planner.CreateSpool:
		return x.openSpool(ctx)
	default:
		return nil
	}
	chunks, err := x.Store.Chunks(ctx, step.Object.Schema, step.Object.Name)
	if err != nil {
		return err
	}
	x.loader.Found(step, chunks)
	return nil
}

func (x *run) settle(ctx context.Context) error {
	return with(ctx, x.Target, "settle", func(c *pgconn.PgConn) error {
		return session.Record(ctx, c, x.Store.Settle())
	})
}

// attempt runs one step by its action; prior is what the state says of it. The
// set is closed: a plan with any other action comes from a newer sluice.
func (x *run) attempt(ctx context.Context, step *planner.Step, prior state.Step, under []string) error {
	switch step.Action {
	case planner.Create, planner.Alter, planner.Drop, planner.Refresh, planner.Analyze:
		switch {
		case step.Stage == planner.StageCleanup:
			return x.execute(ctx, step)
		case step.Action == planner.Drop:
			return x.remove(ctx, step)
		case step.Side == planner.Source:
			return x.onSource(ctx, step, prior)
		}
		return x.onTarget(ctx, under, step)
	case planner.CreateSlot:
		return x.createSlot(ctx, step, prior)
	case planner.CreateSpool:
		return x.createSpool(ctx, step, prior)
	case planner.DropSpool:
		return x.dropSpool()
	case planner.Truncate:
		return x.truncate(ctx, step)
	case planner.Adopt:
		return x.Store.Write(ctx, x.Store.StepDone(step.ID, step.Fingerprint))
	case planner.CopyLargeObjects:
		return x.copyLargeObjects(ctx, step, prior)
	case planner.CopyConfiguration:
		return configuration.Copy(ctx, x.Source, x.Target, step.Configuration, x.Store.StepDone(step.ID, step.Fingerprint))
	case planner.SetSequences:
		return x.setSequences(ctx, step)
	case planner.Converge:
		return x.converge(ctx, step)
	case planner.DropSlot:
		return x.remove(ctx, step)
	case planner.Lift:
		return x.lift(ctx, x.server(step.Side), step.SQL, step.Forgets)
	case planner.Disarm:
		return x.disarm(ctx, step, step.SQL, step.Forgets)
	case planner.Leave, planner.Reload, planner.Remake:
		return x.leave(ctx, step)
	case planner.Publish:
		return x.republish(ctx, step, duplicateObject)
	case planner.Unpublish:
		return x.republish(ctx, step, undefinedObject)
	case planner.Join:
		return x.join(ctx, step)
	case planner.Forget:
		return x.Store.Forget(ctx)
	}
	return fmt.Errorf("this version of sluice does not know the action %q", step.Action)
}

// onTarget runs the statements of steps and their records in one transaction, under
// settings of its own.
func (x *run) onTarget(ctx context.Context, under []string, steps ...*planner.Step) error {
	sql, done := append([]string{"begin"}, under...), []state.Done(nil)
	for _, step := range steps {
		sql = append(sql, step.SQL...)
		for _, made := range step.Records() {
			done = append(done, state.Done{Step: made.Step, Fingerprint: made.Fingerprint})
		}
	}
	return x.targets.With(ctx, func(conn *pgx.Conn) error {
		c := conn.PgConn()
		defer x.builds.begun(c.PID(), steps)()
		if err := session.Exec(ctx, c, strings.Join(sql, ";\n")); err != nil {
			return err
		}
		if err := session.Record(ctx, c, x.Store.StepsDone(done...)); err != nil {
			return err
		}
		x.Point("step: before its commit")
		return session.Exec(ctx, c, "commit")
	})
}

// onSource runs a step that cannot commit together with its record: intent,
// work, record. An intent that is found at the start means that the work may be
// done or not: it is undone first.
func (x *run) onSource(ctx context.Context, step *planner.Step, prior state.Step) error {
	return with(ctx, x.Source, "schema", func(c *pgconn.PgConn) error {
		if prior.State == state.StepIntent {
			if err := undo(ctx, c, step.Undo); err != nil {
				return err
			}
		}
		if err := x.Store.Write(ctx, x.Store.StepIntent(step.ID, step.Fingerprint)); err != nil {
			return err
		}
		x.Point("source step: after its intent")
		if err := transaction(ctx, c, step.SQL); err != nil {
			return err
		}
		x.Point("source step: before its record")
		records := []state.Record{x.Store.StepDone(step.ID, step.Fingerprint)}
		for _, table := range step.Follows {
			if rows := x.rows[table]; rows != nil {
				records = append(records, x.Store.Followed(rows.Followed()))
			}
		}
		return x.record(ctx, records...)
	})
}

// execute runs a step's statements without a record: those of a cleanup, which
// can run again.
func (x *run) execute(ctx context.Context, step *planner.Step) error {
	return with(ctx, x.server(step.Side), "schema", func(c *pgconn.PgConn) error { return transaction(ctx, c, step.SQL) })
}

// server is the one on a side.
func (x *run) server(side planner.Side) session.Server {
	if side == planner.Source {
		return x.Source
	}
	return x.Target
}

// undo runs statements of which each may have nothing to undo, or, under a
// lock_timeout, nothing that could not stay.
func undo(ctx context.Context, c *pgconn.PgConn, sql []string) error {
	for _, statement := range sql {
		err := session.Exec(ctx, c, statement)
		var said *pgconn.PgError
		if errors.As(err, &said) && (said.Code == undefinedObject || said.Code == lockNotAvailable) {
			continue
		}
		if err != nil {
			return fmt.Errorf("undoing: %w", err)
		}
	}
	return nil
}

func transaction(ctx context.Context, c *pgconn.PgConn, sql []string) error {
	if err := session.Exec(ctx, c, "begin"); err != nil {
		return err
	}
	if err := statements(ctx, c, sql); err != nil {
		return err
	}
	return session.Exec(ctx, c, "commit")
}

func statements(ctx context.Context, c *pgconn.PgConn, sql []string) error {
	for _, statement := range sql {
		if err := session.Exec(ctx, c, statement); err != nil {
			return err
		}
	}
	return nil
}

// with runs f on a connection of its own: a step that fails leaves nothing open.
func with(ctx context.Context, server session.Server, use string, f func(*pgconn.PgConn) error) error {
	conn, err := server.Connect(ctx, use)
	if err != nil {
		return err
	}
	defer session.Close(ctx, conn)
	return f(conn.PgConn())
}

// createSlot makes the slot and passes the barrier. A slot that an earlier run
// has left without finishing the step is of no use yet: nothing was read since.
func (x *run) createSlot(ctx context.Context, step *planner.Step, prior state.Step) error {
	ctx, end := x.untilStop(ctx) // it may wait for minutes for somebody's transaction
	defer end()
	err := x.makeSlot(ctx, step, prior)
	if errors.Is(context.Cause(ctx), ErrStopped) {
		return ErrStopped
	}
	return err
}

// untilStop returns a context that ends when the run is asked to stop.
func (x *run) untilStop(ctx context.Context) (_ context.Context, end func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	go func() {
		select {
		case <-x.Stop:
			cancel(ErrStopped)
		case <-ctx.Done():
		}
	}()
	return ctx, func() { cancel(nil) }
}

func (x *run) makeSlot(ctx context.Context, step *planner.Step, prior state.Step) error {
	name := step.Object.Name
	if prior.State == state.StepIntent {
		if err := slot.Drop(ctx, x.Source, name); err != nil {
			return err
		}
	}
	o := slot.Options{Name: name, Patience: x.retryOther(), Waiting: x.Progress.Waiting}
	if err := x.free(ctx, name); err != nil {
		return err
	}
	if err := x.Store.Write(ctx, x.Store.StepIntent(step.ID, step.Fingerprint)); err != nil {
		return err
	}
	x.Point("slot: after its intent")
	if err := x.begins(ctx); err != nil {
		return err
	}
	if err := slot.Create(ctx, x.Source, o); err != nil {
		return err
	}
	x.Point("slot: before the barrier")
	if err := slot.Barrier(ctx, x.Source, o); err != nil {
		return errors.Join(err, slot.Drop(context.WithoutCancel(ctx), x.Source, name))
	}
	// Where the slot begins is the first position: a slot that stands behind
	// the recorded one has lost something.
	var made *slot.Slot
	err := x.onSourceConn(ctx, func(conn *pgx.Conn) (err error) {
		if made, err = slot.Find(ctx, conn, name); err == nil && made == nil {
			err = fmt.Errorf("slot %s is gone as soon as it was made", name)
		}
		return err
	})
	if err != nil {
		return err
	}
	if name != x.Plan.Slot { // tables join through it: its position is kept with the step
		return x.Store.Write(ctx, x.Store.StepDone(step.ID, made.Confirmed.String()))
	}
	if err := x.Store.Write(ctx, x.Store.Position(state.Position{LSN: uint64(made.Confirmed)})); err != nil {
		return err
	}
	x.Point("slot: before its record")
	return x.Store.Write(ctx, x.Store.StepDone(step.ID, step.Fingerprint))
}

// free checks that nobody else has a slot of that name: with our intent
// recorded it would be taken for ours, and dropped.
func (x *run) free(ctx context.Context, name string) error {
	conn, err := x.Source.Connect(ctx, "slot")
	if err != nil {
		return err
	}
	defer session.Close(ctx, conn)
	found, err := slot.Find(ctx, conn, name)
	if err != nil || found == nil {
		return err
	}
	return fmt.Errorf("a slot %s exists already and is not ours; choose another name with incremental { slot = … }", name)
}

func (x *run) copy(ctx context.Context, step *planner.Step) (progressed bool, err error) {
	done, err := x.Store.Chunks(ctx, step.Object.Schema, step.Object.Name)
	if err != nil {
		return false, err
	}
	return x.loader.Table(ctx, step, done)
}

// retryChunk is retrying for the loader.
func (x *run) retryChunk(ctx context.Context, work func(context.Context) (bool, error)) error {
	err := x.retrying(ctx, work)
	if errors.Is(err, ErrStopped) {
		err = load.ErrStopped
	}
	return err
}

// settledChunk is settled for a chunk; nil: it is not recorded.
func (x *run) settledChunk(ctx context.Context, c state.Chunk) (*state.Chunk, error) {
	if err := x.settle(ctx); err != nil {
		return nil, err
	}
	chunks, err := x.Store.Chunks(ctx, c.Schema, c.Table)
	for _, known := range chunks {
		if known.Number == c.Number {
			return &known, err
		}
	}
	return nil, err
}

// copyLargeObjects copies all of them. An intent goes before: from there on
// large objects on the target may be ours, and a plan must know that.
func (x *run) copyLargeObjects(ctx context.Context, step *planner.Step, prior state.Step) error {
	if prior.State != state.StepIntent {
		if err := x.Store.Write(ctx, x.Store.StepIntent(step.ID, step.Fingerprint)); err != nil {
			return err
		}
	}
	spec := step.LargeObjects
	return largeobject.Copy(ctx, largeobject.Options{
		Source: x.Source, Target: x.Target,
		Made:    spec.Made,
		Guard:   x.Store.Settle(),
		Done:    x.Store.StepDone(step.ID, step.Fingerprint),
		Owners:  spec.Owners,
		Grants:  spec.Grants,
		Role:    spec.Role,
		ByOwner: spec.ByOwner,
	})
}

// setSequences gives each sequence the source's value, whatever its increment:
// last_value and is_called say what nextval will return, max(id) does not.
func (x *run) setSequences(ctx context.Context, step *planner.Step) error {
	source, err := x.Source.Connect(ctx, "sequences")
	if err != nil {
		return err
	}
	defer session.Close(ctx, source)
	return with(ctx, x.Target, "sequences", func(c *pgconn.PgConn) error {
		if err := session.Exec(ctx, c, "begin"); err != nil {
			return err
		}
		for i, sequence := range step.Sequences {
			row, err := session.Row(ctx, source.PgConn(), "select last_value, is_called from "+sequence.SQL())
			if err != nil {
				return fmt.Errorf("reading sequence %s: %w", sequence, err)
			}
			if _, err := session.Row(ctx, c, step.SQL[i], row...); err != nil {
				return fmt.Errorf("setting sequence %s: %w", sequence, err)
			}
		}
		if err := session.Record(ctx, c, x.Store.StepDone(step.ID, step.Fingerprint)); err != nil {
			return err
		}
		return session.Exec(ctx, c, "commit")
	})
}

// converge follows the changes to a marker behind the last chunk.
func (x *run) converge(ctx context.Context, step *planner.Step) error {
	marker, err := x.marker(ctx)
	if err != nil {
		return err
	}
	if err := x.follow.to(ctx, marker, x.Stop); err != nil {
		return err
	}
	if err := x.Store.Write(ctx, x.Store.StepDone(step.ID, step.Fingerprint)); err != nil {
		return err
	}
	// From here on no change can be in a snapshot any more: the follower begins
	// anew, without them.
	x.follow.close(ctx)
	return nil
}

// onSourceConn runs f on a connection to the source.
func (x *run) onSourceConn(ctx context.Context, f func(*pgx.Conn) error) error {
	conn, err := x.Source.Connect(ctx, "marker")
	if err != nil {
		return err
	}
	defer session.Close(ctx, conn)
	return f(conn)
}
