package replay

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"sluice/executor/session"
	"sluice/planner/catalog"
	"sluice/state"
)

// settings of the target's session. Statements for many rows would be compiled, each
// of them anew: PostgreSQL 10 has no such setting. And where pages cost as on a disk,
// the server reads a table of a million rows for each 5,000 that change, to save going
// down its index so often: that takes twice as long as the changes themselves.
const settings = `
set random_page_cost = 0.1;
select pg_catalog.set_config(name, 'off', false) from pg_catalog.pg_settings where name = 'jit'`

// connect opens a session that applies changes.
func connect(ctx context.Context, o Options) (*pgx.Conn, error) {
	conn, err := o.Target.Connect(ctx, "changes")
	if err != nil {
		return nil, err
	}
	if err := prepare(ctx, conn.PgConn(), o); err != nil {
		session.Close(ctx, conn)
		return nil, fmt.Errorf("applying changes: %w", err)
	}
	return conn, nil
}

// Open connects to the target.
func Open(ctx context.Context, o Options) (*Applier, error) {
	conn, err := connect(ctx, o)
	if err != nil {
		return nil, err
	}
	if o.Point == nil {
		o.Point = func(string) {}
	}
	position, err := settled(ctx, conn.PgConn(), o)
	if err != nil {
		session.Close(ctx, conn)
		return nil, err
	}
	types, err := targetTables(ctx, conn, o.Tables)
	if err != nil {
		session.Close(ctx, conn)
		return nil, fmt.Errorf("reading the tables of the target: %w", err)
	}
	a := newApplier(o, newWriter(conn, o))
	a.position, a.durable, a.types = position, position, types
	opens := func(o Options) func(context.Context) (sink, error) {
		return func(ctx context.Context) (sink, error) {
			conn, err := connect(ctx, o)
			if err != nil {
				return nil, err
			}
			return newWriter(conn, o), nil
		}
	}
	early := o
	early.Point = func(name string) { o.Point(name + ", of one in progress") }
	a.another, a.further = opens(early), opens(o)
	a.asks.connect = func(ctx context.Context) (*pgx.Conn, error) { return o.Target.Connect(ctx, "waits") }
	if o.Origin {
		if a.deferrable, err = deferrable(ctx, conn, o.Tables); err != nil {
			a.Close(ctx)
			return nil, fmt.Errorf("reading the tables of the target: %w", err)
		}
	}
	return a, nil
}

// prepare sets what the session needs.
func prepare(ctx context.Context, conn *pgconn.PgConn, o Options) error {
	var names []catalog.Name
	for _, t := range o.Tables {
		names = append(names, t.Name)
	}
	if err := session.Replica(ctx, conn, o.Origin, names); err != nil {
		return err
	}
	return session.Exec(ctx, conn, settings)
}

// settled returns the position, once nothing can change it any more: a commit
// whose answer was lost may still be under way, and would be applied again.
func settled(ctx context.Context, conn *pgconn.PgConn, o Options) (p state.Position, err error) {
	if err := session.Record(ctx, conn, o.Ledger.Settle()); err != nil {
		return p, fmt.Errorf("settling the position: %w", err)
	}
	if o.Position == nil {
		return p, nil
	}
	return o.Position(ctx)
}
