package executor

import (
	"context"
	"errors"

	"github.com/jackc/pglogrepl"

	"sluice/executor/replay"
)

// apply applies everything that was committed before limit over one connection, or
// over a few where that helps:
//
//	a transaction that is in progress on the source is an error
//	            whole transactions are read for a while
//	what the session knows of the target is not so any more
//	            another one goes on, unless nothing has come of one already
//	a change is an error
//	            all that was committed before it is applied: a person who looks at the
//	            row, and puts it right, has it as that change should have found it;
//	            where quarantine is declared, the others go on
//	a table's definition is another one than planned
//	            the same; that table is paused, and the others go on
//
// After an error that it returns nothing is open.
func (f *follower) apply(ctx context.Context, limit pglogrepl.LSN, stop <-chan struct{}) (progressed bool, err error) {
	if err := f.open(ctx); err != nil {
		f.close(ctx)
		return false, err
	}
	before := f.applier.Position().LSN
	err = f.applier.To(ctx, f.feed, limit, stop)
	at := f.applier.Position().LSN
	progressed = at > before
	if f.fallsBack(ctx, err) {
		further, err := f.apply(ctx, limit, stop)
		return progressed || further, err
	}
	switch {
	case err == nil:
		if f.applier.InProgress() > 0 {
			f.again(ctx)
		}
		return progressed, nil
	case errors.Is(err, replay.ErrStopped):
		return progressed, ErrStopped
	}
	f.close(ctx)
	if replay.Outdated(err) && f.renewedAt != at {
		f.run.Log.Info("the target may have changed: another session goes on", "error", err)
		f.renewedAt = at
		further, err := f.apply(ctx, limit, stop)
		return progressed || further, err
	}
	if lsn := replay.StoppedAt(err); lsn != 0 {
		earlier := f.to(ctx, lsn, stop)
		f.close(ctx)
		if earlier != nil && !errors.Is(earlier, ErrStopped) {
			return progressed, earlier
		}
		f.showRows(ctx, err)
		if earlier != nil {
			return progressed, err
		}
		done, refused := f.setAside(ctx, err)
		if refused != nil {
			return progressed, refused
		}
		if done {
			_, err = f.apply(ctx, limit, stop)
			return true, err
		}
	}
	return progressed, err
}

// setAside lets the others go on without the tables of an error, where that may be.
func (f *follower) setAside(ctx context.Context, cause error) (done bool, err error) {
	if drift := new(replay.DriftError); errors.As(cause, &drift) {
		return f.pause(ctx, drift)
	}
	return f.quarantine(ctx, cause)
}
