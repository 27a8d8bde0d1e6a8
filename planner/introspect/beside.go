package introspect

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"sluice/planner/catalog"
)

// begin begins the snapshot, and where it is to be shared says its name. No name:
// the server shares none, as one behind a proxy may not. Nothing of the database
// is written: the name is that of a small file which the server keeps until the
// transaction ends.
// https://www.postgresql.org/docs/current/functions-admin.html#FUNCTIONS-SNAPSHOT-SYNCHRONIZATION
func begin(ctx context.Context, conn *pgx.Conn, share bool) (tx pgx.Tx, name string, err error) {
	tx, err = conn.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil || !share {
		return tx, "", err
	}
	err = tx.QueryRow(ctx, "select pg_catalog.pg_export_snapshot()").Scan(&name)
	if err == nil {
		return tx, name, nil
	}
	_ = tx.Rollback(ctx) // where this fails, so does what follows
	var refused *pgconn.PgError
	if !errors.As(err, &refused) {
		return nil, "", err
	}
	return begin(ctx, conn, false)
}

// opening limits how long the second connection is waited for, so that a server
// which has no room for it holds nothing up.
const opening = 5 * time.Second

// readBeside runs the second connection's queries, in the first one's
// snapshot. nil, and no error: there is no such connection.
func readBeside(ctx context.Context, another func(context.Context) (*pgx.Conn, error), snapshot string, major int) (answers, error) {
	openingCtx, cancel := context.WithTimeout(ctx, opening)
	defer cancel()
	conn, err := another(openingCtx)
	if err != nil {
		return nil, ctx.Err() // its own reason is none to give up
	}
	defer hangUp(ctx, conn)
	tx, _, err := begin(ctx, conn, false)
	if err != nil {
		return nil, ctx.Err()
	}
	// Refused where the first connection leads to another server, or to a pooler's other database.
	if _, err := tx.Exec(ctx, "set transaction snapshot "+catalog.Literal(snapshot)); err != nil {
		return nil, ctx.Err()
	}
	if _, err := tx.Exec(ctx, pinSQL); err != nil {
		return nil, fmt.Errorf("pinning the settings: %w", err)
	}
	return readAll(ctx, tx, queriesOf(onSecond), major)
}

// hangUp ends the session, and its transaction with it.
func hangUp(ctx context.Context, conn *pgx.Conn) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	_ = conn.Close(ctx) // the server ends it by itself, sooner or later
}
