package introspect

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"golang.org/x/sync/errgroup"

	"sluice/planner/catalog"
)

// Read reads the database that conn is connected to, in one transaction that is
// REPEATABLE READ and READ ONLY. It writes nothing and leaves the session as it
// was. An error says what was being read, and wraps the server's.
func Read(ctx context.Context, conn *pgx.Conn) (*catalog.Catalog, error) {
	return ReadTogether(ctx, conn, nil)
}

// ReadTogether is Read with a second connection, so that two processes of the
// server share the work, and the snapshot. It opens it with another, to the same
// database and as the same role, and closes it. Where that fails, or the server
// cannot share a snapshot, conn reads alone: what is read is the same.
func ReadTogether(ctx context.Context, conn *pgx.Conn, another func(context.Context) (*pgx.Conn, error)) (*catalog.Catalog, error) {
	tx, snapshot, err := begin(ctx, conn, another != nil)
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
	var fromSecond []answer // nil: there is no second connection
	reading, readingCtx := errgroup.WithContext(ctx)
	if snapshot != "" {
		reading.Go(func() (err error) {
			fromSecond, err = readBeside(readingCtx, another, snapshot, r.major)
			return err
		})
	}
	reading.Go(func() error { return r.readFirst(readingCtx, tx) })
	if err := reading.Wait(); err != nil {
		return nil, err
	}
	if fromSecond == nil {
		if fromSecond, err = readAll(ctx, tx, attached, r.major); err != nil {
			return nil, err
		}
	}
	r.take(fromSecond)
	return r.catalog()
}

// readFirst reads all that is not attached.
func (r *reader) readFirst(ctx context.Context, tx pgx.Tx) error {
	answers, err := readAll(ctx, tx, queries, r.major)
	if err != nil {
		return err
	}
	r.take(answers)
	if err := r.readOptional(ctx, tx); err != nil {
		return err
	}
	if r.server.SystemIdentifier, err = systemIdentifier(ctx, tx); err != nil {
		return fmt.Errorf("reading the system identifier: %w", err)
	}
	return nil
}

// take adds what queries have found, in their order.
func (r *reader) take(answers []answer) {
	for _, add := range answers {
		add(r)
	}
}

func major(ctx context.Context, tx pgx.Tx) (int, error) {
	var version int
	row := tx.QueryRow(ctx, "select pg_catalog.current_setting('server_version_num')::integer")
	err := row.Scan(&version)
	return version / 10000, err
}

// readAll runs the queries in one round trip, and takes the answers in order.
func readAll(ctx context.Context, tx pgx.Tx, list []query, major int) ([]answer, error) {
	batch := &pgx.Batch{}
	for _, q := range list {
		batch.Queue(forMajor(q.sql, major))
	}
	results := tx.SendBatch(ctx, batch)
	var answers []answer
	for _, q := range list {
		rows, err := results.Query()
		if err == nil {
			var found answer
			found, err = q.take(rows)
			answers = append(answers, found)
		}
		if err != nil {
			results.Close() // says the same once more
			return nil, fmt.Errorf("reading %s: %w", q.what, err)
		}
	}
	if err := results.Close(); err != nil {
		return nil, fmt.Errorf("reading the catalog: %w", err)
	}
	return answers, nil
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
