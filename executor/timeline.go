package executor

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pglogrepl"
	"github.com/jackc/pgx/v5/pgconn"

	"sluice/executor/session"
	"sluice/planner"
	"sluice/state"
)

// A source that fails over to a standby, or is recovered, goes on in another timeline.
// Where it may, the slot comes along; but what we have seen behind the place where the
// timelines part is not in the new one, and its positions come once more for something
// else. The slot and the end of the WAL do not show that, so the state has the timeline
// of all that was read.
// https://www.postgresql.org/docs/current/continuous-archiving.html#BACKUP-TIMELINES

// sameHistory checks, on a connection that speaks the replication protocol, that the
// source's WAL has what was read of it up to a position, which is that of what.
func (x *run) sameHistory(position pglogrepl.LSN, what, wayOut string) func(context.Context, *pgconn.PgConn) error {
	return func(ctx context.Context, conn *pgconn.PgConn) error {
		now, err := pglogrepl.IdentifySystem(ctx, conn)
		if err != nil {
			return fmt.Errorf("asking %s for its timeline: %w", x.Source.Ref, err)
		}
		st, err := x.Store.State(ctx)
		if err != nil || st.Timeline == now.Timeline {
			return err
		}
		if st.Timeline != 0 {
			parted, err := parting(ctx, conn, st.Timeline, now.Timeline)
			if err != nil {
				return fmt.Errorf("looking for where the timelines of %s part: %w", x.Source.Ref, err)
			}
			if furthest := x.furthest(st); furthest > position {
				position, what = furthest, "what was read"
			}
			if x.loading(st) {
				position, what = now.XLogPos, "some of what was loaded"
			}
			if parted < position {
				return fmt.Errorf("%s has failed over, or was recovered: its WAL is that of timeline %d up to %s only, and %s reaches to %s; "+
					"changes are missing, or were undone, and sluice stops rather than leave a hole; %s", x.Source.Ref, st.Timeline, parted, what, position, wayOut)
			}
			x.Log.Warn("the source is on another timeline", "timeline", now.Timeline, "was", st.Timeline, "since", parted, "position", position)
			x.Progress.Notice(fmt.Sprintf("%s is on timeline %d since %s, behind all that was read: nothing is missing", x.Source.Ref, now.Timeline, parted))
		}
		return x.record(ctx, x.Store.Timeline(now.Timeline))
	}
}

// begins checks the source's history before a slot is made there.
func (x *run) begins(ctx context.Context) error {
	conn, err := x.Source.Replicate(ctx)
	if err != nil {
		return err
	}
	defer session.Close(ctx, conn)
	return x.sameHistory(0, "", reloadWayOut)(ctx, conn)
}

// furthest is up to where anything was read of the slots.
func (x *run) furthest(st state.State) pglogrepl.LSN {
	most := pglogrepl.LSN(max(st.Position.LSN, st.Spool.To))
	for _, q := range st.Quarantined {
		most = max(most, pglogrepl.LSN(q.LSN))
	}
	for _, step := range x.joiningSlots(st) {
		if at, err := pglogrepl.ParseLSN(st.Steps[step.ID].Fingerprint); err == nil {
			most = max(most, at)
		}
	}
	return most
}

// loading says that rows were read of which nobody knows the position.
func (x *run) loading(st state.State) bool {
	return len(st.Chunks) > 0 && (!x.converged(st) || len(x.joiningSlots(st)) > 0)
}

// joiningSlots are the steps that made the slots of tables on their way into the stream.
func (x *run) joiningSlots(st state.State) (steps []*planner.Step) {
	for i := range x.Plan.Steps {
		step := &x.Plan.Steps[i]
		if step.Action == planner.CreateSlot && step.Object.Name != x.Plan.Slot && st.Done(step.ID) {
			steps = append(steps, step)
		}
	}
	return steps
}

// parting is where a timeline was left on the way to another one.
func parting(ctx context.Context, conn *pgconn.PgConn, from, to int32) (pglogrepl.LSN, error) {
	if to < from {
		return 0, fmt.Errorf("timeline %d is not behind %d: it is another server", to, from)
	}
	history, err := pglogrepl.TimelineHistory(ctx, conn, to)
	if err != nil {
		return 0, err
	}
	lines := bufio.NewScanner(bytes.NewReader(history.Content))
	for lines.Scan() {
		var timeline int32
		var at string
		if n, _ := fmt.Sscan(lines.Text(), &timeline, &at); n == 2 && timeline == from {
			return pglogrepl.ParseLSN(at)
		}
	}
	return 0, errors.Join(lines.Err(), fmt.Errorf("the history of timeline %d has no timeline %d: it is another server", to, from))
}
