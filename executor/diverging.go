package executor

import (
	"context"
	"errors"

	"github.com/jackc/pglogrepl"
	"github.com/jackc/pgx/v5/pgconn"

	"sluice/executor/replay"
)

// apply applies everything that was committed before limit over one connection, or
// over a few where that helps:
//
//	what the session knows of the target is not so any more
//	            another one goes on, unless nothing has come of one already
//	a change is an error
//	            all that was committed before it is applied: a person who looks at the
//	            row, and puts it right, has it as that change should have found it
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
	switch {
	case err == nil:
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
		_, earlier := f.apply(ctx, lsn, stop)
		f.close(ctx)
		if earlier != nil && !errors.Is(earlier, ErrStopped) {
			return progressed, earlier
		}
		f.showRows(ctx, err)
	}
	return progressed, err
}

// showRows shows the rows of a divergence to whoever asked for them. That it cannot
// is nothing more than a line less.
func (f *follower) showRows(ctx context.Context, err error) {
	d := new(replay.Divergence)
	if f.run.ShowRows == nil || !errors.As(err, &d) {
		return
	}
	var text string
	err = with(ctx, f.run.Target, "rows", func(conn *pgconn.PgConn) (err error) {
		text, err = d.Show(ctx, conn)
		return err
	})
	if err != nil {
		f.run.Log.Warn("showing the rows", "error", err)
	}
	if text != "" {
		f.run.ShowRows(text)
	}
}
