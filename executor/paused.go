package executor

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pglogrepl"

	"sluice/executor/progress"
	"sluice/executor/replay"
	"sluice/planner"
	"sluice/planner/catalog"
	"sluice/state"
	"sluice/state/postgres"
)

// A table whose definition is another one on the source than in the plan is paused, and
// the others go on:
//
//	apply     all that was committed before the first transaction that has it so
//	record    the table is paused, from that transaction on
//	open      the changes anew, without the table: its own are counted
//
// As in quarantine, but nothing is given up: whatever is applied of the others, no more
// is acknowledged than up to the earliest pause. So the source, or the spool, has all
// that a paused table still needs. The next run has a plan of the new definition:
//
//	resume    the changes of that table alone, up to the position of the others, each
//	          with the table's own position in one transaction
//	record    the table is not paused any more
//	open      all of them, from the position of the others on
//
// A crash at any point leaves both positions true, each for itself. Where the changes
// of the table do not fit yet, it stays paused at the first of them that does not.
//
// Before the tables have converged, and on its way into the stream, a table stops the
// run instead.

// errStays says that a paused table cannot go on yet.
var errStays = errors.New("the table stays paused")

// pause takes a table out of the stream for a while. The follower stands right before
// the transaction that has it otherwise.
func (f *follower) pause(ctx context.Context, drift *replay.DriftError) (done bool, err error) {
	x := f.run
	st, err := x.Store.State(ctx)
	if err != nil {
		return false, err
	}
	step := x.into(drift.Table)
	if why := f.cannotPause(step, st, drift); why != "" {
		return false, fmt.Errorf("%w; the others stop with it, since %s", drift, why)
	}
	q := state.Quarantined{
		Schema: drift.Table.Schema, Table: drift.Table.Local, FromSchema: step.Copy.From.Schema, FromTable: step.Copy.From.Local,
		LSN: uint64(drift.LSN), Paused: true, Reason: drift.Detail,
	}
	x.Point("pause: before its record")
	if err := x.record(ctx, x.Store.Quarantine(q)); err != nil {
		return false, fmt.Errorf("recording a pause: %w", err)
	}
	x.Point("pause: after its record")
	x.Log.Warn("paused", "table", drift.Table, "lsn", drift.LSN, "reason", drift.Detail)
	x.Progress.Notice(fmt.Sprintf("%s is paused, since it has changed on the source: %s. Its changes from %s on are kept, and the others go on. "+
		"sluice plan says what is to do", drift.Table, drift.Detail, drift.LSN))
	if f.paused != nil {
		return false, errStays
	}
	return true, nil
}

// cannotPause is why a table stops the others.
func (f *follower) cannotPause(step *planner.Step, st state.State, drift *replay.DriftError) string {
	switch {
	case f.paused != nil:
		return ""
	case f.joining != nil:
		return "it has not joined yet"
	case step == nil:
		return "the plan does not have it"
	case !f.run.converged(st):
		return "the tables have not caught up with the load yet"
	case step.Copy.Partly():
		return "its rows share a table of the target with those of others"
	case drift.Remade:
		return "changes from before that look like those from behind it"
	}
	return ""
}

// resume lets each paused table catch up with the others, from the earliest on. Nobody
// reads the slot, or the spool, meanwhile.
func (x *run) resume(ctx context.Context) error {
	st, err := x.Store.State(ctx)
	if err != nil {
		return err
	}
	waiting := slices.DeleteFunc(st.Quarantined, func(q state.Quarantined) bool { return !q.Paused })
	slices.SortStableFunc(waiting, func(a, b state.Quarantined) int { return cmp.Compare(a.LSN, b.LSN) })
	for _, q := range waiting {
		step := x.into(catalog.Name{Schema: q.Schema, Local: q.Table})
		if step == nil || step.Copy.Waits {
			continue
		}
		x.phases.enter(ctx, state.CatchingUp)
		x.follow.close(ctx)
		if err := x.goOn(ctx, step, pglogrepl.LSN(st.Position.LSN)); err != nil {
			return err
		}
	}
	return nil
}

// goOn applies the changes of a paused table up to the position of the others.
func (x *run) goOn(ctx context.Context, step *planner.Step, position pglogrepl.LSN) error {
	own := &follower{run: x, paused: step}
	defer own.close(ctx)
	missing := new(replay.MissingValueError)
	switch err := own.to(ctx, position, x.Stop); {
	case errors.Is(err, errStays):
		return nil
	case errors.As(err, &missing): // what took it away may be behind the position
		x.Progress.Notice(fmt.Sprintf("%s stays paused: %v", step.Into(), err))
		return nil
	case err != nil:
		return err
	}
	x.Point("resume: before its record")
	if err := x.Store.Write(ctx, x.Store.Resumed(step.Into().Schema, step.Into().Local)); err != nil {
		return err
	}
	x.Point("resume: after its record")
	x.Progress.Notice(fmt.Sprintf("%s is not paused any more: its changes come with the others'", step.Into()))
	return nil
}

// into is the step for the rows of a table of the target; one of several where it takes
// those of others, too. nil: there is none.
func (x *run) into(table catalog.Name) *planner.Step {
	for _, step := range x.rows {
		if step.Into() == table {
			return step
		}
	}
	return nil
}

// alone lets the follower apply the changes of one paused table, with a position of its
// own and its figures apart from those of the others.
func (f *follower) alone(o *replay.Options, st state.State) {
	x, into := f.run, f.paused.Into()
	o.Ledger = pausedLedger{x.Store, into}
	o.Progress = progress.New(time.Now)
	o.Position = func(ctx context.Context) (state.Position, error) {
		st, err := x.Store.State(ctx)
		if err != nil {
			return state.Position{}, err
		}
		for _, q := range st.Quarantined {
			if q.Paused && q.Schema == into.Schema && q.Table == into.Local {
				return state.Position{LSN: q.LSN}, nil
			}
		}
		return state.Position{}, errStays // it has gone into quarantine
	}
	// What was altered since the pause was not altered at once: a column may come later.
	spec := *f.paused.Copy
	spec.Columns = slices.Clone(spec.Columns)
	for i := range spec.Columns {
		spec.Columns[i].Added = true
	}
	o.Tables = []*replay.Table{{Name: into, Copy: &spec}}
	o.Partial = true
	o.Ignored = x.ignored(st)
	for _, f := range st.Followed {
		o.Ignored = append(o.Ignored, catalog.Name{Schema: f.FromSchema, Local: f.FromTable})
	}
}

// pausedLedger keeps the position of a paused table.
type pausedLedger struct {
	*postgres.Store
	table catalog.Name
}

func (l pausedLedger) Position(p state.Position) state.Record {
	return l.Paused(l.table.Schema, l.table.Local, p.LSN)
}
