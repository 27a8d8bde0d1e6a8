package executor

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/pgconn"

	"sluice/executor/progress"
	"sluice/executor/replay"
	"sluice/planner/catalog"
	"sluice/state"
)

// A table for which on_divergence = "quarantine" is declared stays behind when a change
// of its rows does not fit, and the others go on:
//
//	apply     all that was committed before that transaction, of all tables
//	record    the table is in quarantine, from that transaction on
//	open      the changes anew, without the table: its own are counted
//
// So the table has what the source had before that transaction, and nothing of it: no
// part of one is ever on the target. The record comes before the position gets past the
// transaction. A crash before it leaves a change that does not fit once more; behind
// it, what is sent again is passed over.
//
// A table that joins may go into quarantine on its way: it joins all the same, and is
// passed over by the stream that takes it. Its changes are counted from there on.
//
// It ends when the table is loaded again or leaves the stream, in the transaction that
// records that (state/postgres: restart.sql, followed.sql).

// quarantine takes the tables of a divergence out of the stream, where that is declared
// for each of them and rows are what does not fit. The follower stands right before.
func (f *follower) quarantine(ctx context.Context, cause error) (done bool, err error) {
	x, d := f.run, new(replay.Divergence)
	if !errors.As(cause, &d) || !d.OfRows() {
		return false, nil
	}
	var tables []state.Quarantined
	var records []state.Record
	for _, name := range d.Tables() {
		step := x.rows[catalog.ID{Kind: catalog.KindTable, Schema: name.Schema, Name: name.Local}]
		if step == nil || !step.Copy.Quarantine {
			return false, nil
		}
		q := state.Quarantined{
			Schema: name.Schema, Table: name.Local, FromSchema: step.Copy.From.Schema, FromTable: step.Copy.From.Local,
			LSN: uint64(d.LSN), Operation: d.Op, Key: d.Key, Reason: d.Reason(),
		}
		tables, records = append(tables, q), append(records, x.Store.Quarantine(q))
	}
	x.Point("quarantine: before its record")
	if err := x.record(ctx, records...); err != nil {
		return false, fmt.Errorf("recording a quarantine: %w", err)
	}
	x.Point("quarantine: after its record")
	x.Log.Warn("in quarantine", "tables", d.Tables(), "error", cause)
	for _, q := range tables {
		x.Progress.Notice(fmt.Sprintf("%s.%s is in quarantine: its changes from %s on are passed over, and the others go on. %v. "+
			"Put right what is in its way, and have it loaded again: stop, then sluice apply -replace %s.%s", q.Schema, q.Table, d.LSN, d, q.FromSchema, q.FromTable))
	}
	return true, nil
}

// passOver takes the tables in quarantine, and those that are paused, out of those that
// are followed, and tells people of them.
func (f *follower) passOver(o *replay.Options, st state.State) {
	var shown []progress.Quarantined
	for _, q := range st.Quarantined {
		name := catalog.Name{Schema: q.Schema, Local: q.Table}
		shown = append(shown, progress.Quarantined{Schema: q.Schema, Table: q.Table, LSN: progress.LSN(q.LSN), Paused: q.Paused, Reason: q.Reason, Since: q.Since})
		for i, t := range o.Tables {
			if t.Name == name {
				o.Tables = append(o.Tables[:i:i], o.Tables[i+1:]...)
				o.Quarantined = append(o.Quarantined, replay.Quarantined{From: t.Copy.From, Name: name, Passed: q.Passed})
				break
			}
		}
	}
	o.Partial = o.Partial || len(o.Quarantined) > 0
	f.run.Progress.Quarantined(shown)
}

// inQuarantine are the tables in quarantine or paused, and why.
func (x *run) inQuarantine(ctx context.Context) (map[catalog.Name]state.Quarantined, error) {
	st, err := x.Store.State(ctx)
	if err != nil {
		return nil, err
	}
	tables := map[catalog.Name]state.Quarantined{}
	for _, q := range st.Quarantined {
		tables[catalog.Name{Schema: q.Schema, Local: q.Table}] = q
	}
	return tables, nil
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
