package executor

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5/pgconn"

	"sluice/executor/session"
	"sluice/planner"
	"sluice/planner/catalog"
	"sluice/state"
)

// takesExisting says that rows go into a table that others made.
func (x *run) takesExisting() bool {
	return slices.ContainsFunc(x.Plan.Steps, func(s planner.Step) bool { return s.Copy != nil && s.Copy.Existing != nil })
}

// loadsAgain says that a table may be loaded that has all that it needs already.
func (x *run) loadsAgain() bool {
	return x.converged(x.state) || slices.ContainsFunc(x.Plan.Steps, func(s planner.Step) bool { return s.Action == planner.Reload })
}

// replicaForLoad keeps what is on the target's tables from firing for the load; nil:
// there can be nothing.
func (x *run) replicaForLoad() func(context.Context, *pgconn.PgConn) error {
	if x.Plan.Stages.Schema && !x.takesExisting() && !x.loadsAgain() {
		return nil
	}
	var tables []catalog.Name
	for id, step := range x.rows {
		if step.Action == planner.Copy {
			tables = append(tables, id.Qualified())
		}
	}
	return func(ctx context.Context, target *pgconn.PgConn) error {
		return session.Replica(ctx, target, x.Plan.Origin, tables)
	}
}

// publicationOf is the publication that a table of the target must be in when it
// is read: its own until it has joined; empty where nothing follows.
func (x *run) publicationOf(table catalog.Name) string {
	if !x.Plan.Stages.Incremental {
		return ""
	}
	if apart := x.apart[catalog.ID{Kind: catalog.KindTable, Schema: table.Schema, Name: table.Local}]; apart != "" {
		return apart
	}
	return x.Plan.Slot
}

// truncate empties tables that others made, once: the record commits with it.
// What was copied since is never in it, whatever plan is run.
func (x *run) truncate(ctx context.Context, step *planner.Step) error {
	st, err := x.Store.State(ctx)
	if err != nil {
		return err
	}
	for _, id := range append([]catalog.ID{step.Object}, step.Covers...) {
		copied := func(c state.Chunk) bool {
			rows := x.rows[catalog.ID{Kind: catalog.KindTable, Schema: c.Schema, Name: c.Table}]
			return c.Schema == id.Schema && c.Table == id.Name || rows != nil && rows.Into() == id.Qualified()
		}
		if slices.ContainsFunc(st.Chunks, copied) {
			return fmt.Errorf("%s holds rows that sluice copied, and is not truncated any more", id)
		}
	}
	return x.onTarget(ctx, nil, step)
}
