package executor

import (
	"context"
	"fmt"
	"time"

	"sluice/executor/session"
	"sluice/state/postgres"
)

// watchLock returns why the run must end: another process has the migration, or the
// session of the lock did not come back in time, or the run was asked to stop
// meanwhile. It returns nil at the end of ctx.
func (x *run) watchLock(ctx context.Context) error {
	for {
		select {
		case <-x.Store.Lost():
			return fmt.Errorf("%w: %w", session.ErrFenced, x.Store.Err())
		case o := <-x.Store.Outages():
			if err := x.outlast(ctx, o); err != nil {
				return err
			}
		case <-ctx.Done():
			return nil
		}
	}
}

// outlast waits for the end of an outage of the target. What the steps do meanwhile
// fails, or waits for the state; each has its own budget, but a run that only waits
// has none but this one.
func (x *run) outlast(ctx context.Context, o postgres.Outage) error {
	budget := x.retryConnection()
	since := time.Now()
	t := &trouble{since, since.Add(budget), o.Cause.Error()}
	x.Log.Warn("the session of the lock broke", "error", o.Cause, "until", t.until)
	x.phases.retrying(ctx, nil, t)
	spent := time.NewTimer(budget)
	defer spent.Stop()
	select {
	case <-o.Over:
		x.phases.resumed(ctx, t)
		return nil
	case <-spent.C:
		return fmt.Errorf("%w: %w", ErrBudget, o.Cause)
	case <-x.Stop:
		return ErrStopped
	case <-x.Store.Lost():
		return nil // said by the caller
	case <-ctx.Done():
		return nil
	}
}
