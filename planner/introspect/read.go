package introspect

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"sluice/planner/catalog"
)

// Read reads the database that conn is connected to, in one transaction that is
// REPEATABLE READ and READ ONLY. It writes nothing and leaves the session as it
// was. An error says what was being read, and wraps the server's.
func Read(ctx context.Context, conn *pgx.Conn) (*catalog.Catalog, error) {
	tx, err := conn.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		return nil, fmt.Errorf("beginning the snapshot to read the catalog in: %w", err)
	}
	// Nothing to commit. After a cancelled ctx pgx has closed the connection, and this returns at once.
	defer tx.Rollback(context.WithoutCancel(ctx))

	if _, err := tx.Exec(ctx, pinSQL); err != nil {
		return nil, fmt.Errorf("pinning the settings: %w", err)
	}
	r := newReader()
	if r.major, err = major(ctx, tx); err != nil {
		return nil, fmt.Errorf("reading the server's version: %w", err)
	}
	if err := r.readAll(ctx, tx); err != nil {
		return nil, err
	}
	if err := r.readOptional(ctx, tx); err != nil {
		return nil, err
	}
	if r.server.SystemIdentifier, err = systemIdentifier(ctx, tx); err != nil {
		return nil, fmt.Errorf("reading the system identifier: %w", err)
	}
	return r.catalog()
}

func major(ctx context.Context, tx pgx.Tx) (int, error) {
	var version int
	row := tx.QueryRow(ctx, "select pg_catalog.current_setting('server_version_num')::integer")
	err := row.Scan(&version)
	return version / 10000, err
}

// readAll runs every query in one round trip, and takes the answers in order.
func (r *reader) readAll(ctx context.Context, tx pgx.Tx) error {
	batch := &pgx.Batch{}
	for _, q := range queries {
		batch.Queue(forMajor(q.sql, r.major))
	}
	results := tx.SendBatch(ctx, batch)
	for _, q := range queries {
		rows, err := results.Query()
		if err == nil {
			err = q.take(r, rows)
		}
		if err != nil {
			results.Close() // says the same once more
			return fmt.Errorf("reading %s: %w", q.what, err)
		}
	}
	if err := results.Close(); err != nil {
		return fmt.Errorf("reading the catalog: %w", err)
	}
	return nil
}

// systemIdentifier reads the control file, which some managed servers do not
// let their users do: then it is empty.
// https://www.postgresql.org/docs/current/functions-info.html#FUNCTIONS-INFO-CONTROLDATA
func systemIdentifier(ctx context.Context, tx pgx.Tx) (string, error) {
	var identifier string
	err := pgx.BeginFunc(ctx, tx, func(savepoint pgx.Tx) error {
		row := savepoint.QueryRow(ctx, "select pg_catalog.concat(system_identifier) from pg_catalog.pg_control_system()")
		return row.Scan(&identifier)
	})
	var pg *pgconn.PgError
	if errors.As(err, &pg) && (pg.Code == "42501" || pg.Code == "0A000") { // insufficient_privilege, feature_not_supported
		return "", nil
	}
	return identifier, err
}
