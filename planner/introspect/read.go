package introspect

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

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
	var found, foundBeside answers // the latter nil: there is no second connection
	reading, readingCtx := errgroup.WithContext(ctx)
	if snapshot != "" {
		reading.Go(func() (err error) {
			foundBeside, err = readBeside(readingCtx, another, snapshot, r.major)
			return err
		})
	}
	reading.Go(func() (err error) {
		found, err = r.readFirst(readingCtx, tx)
		return err
	})
	if err := reading.Wait(); err != nil {
		return nil, err
	}
	if foundBeside == nil {
		if foundBeside, err = readAll(ctx, tx, queriesOf(onSecond), r.major); err != nil {
			return nil, err
		}
	}
	maps.Copy(found, foundBeside)
	for _, q := range slices.Concat(queries, optional) {
		if add := found[q.what]; add != nil { // nil: refused
			add(r)
		}
	}
	return r.catalog()
}

// readFirst reads all that the second connection does not.
func (r *reader) readFirst(ctx context.Context, tx pgx.Tx) (answers, error) {
	about, err := readAll(ctx, tx, []query{facts}, r.major)
	if err != nil {
		return nil, err
	}
	about[facts.what](r)
	found, err := readAll(ctx, tx, queriesOf(onFirst), r.major)
	if err != nil {
		return nil, err
	}
	if err := r.readOptional(ctx, tx, found); err != nil {
		return nil, err
	}
	if r.server.SystemIdentifier, err = systemIdentifier(ctx, tx); err != nil {
		return nil, fmt.Errorf("reading the system identifier: %w", err)
	}
	return found, nil
}

func major(ctx context.Context, tx pgx.Tx) (int, error) {
	var version int
	row := tx.QueryRow(ctx, "select pg_catalog.current_setting('server_version_num')::integer")
	err := row.Scan(&version)
	return version / 10000, err
}

// answers are what queries have found, by their what.
type answers map[string]answer

// readAll runs the queries in one round trip.
func readAll(ctx context.Context, tx pgx.Tx, list []query, major int) (answers, error) {
	batch := &pgx.Batch{}
	for _, q := range list {
		batch.Queue(forMajor(q.sql, major))
	}
	results := tx.SendBatch(ctx, batch)
	found := answers{}
	for _, q := range list {
		rows, err := results.Query()
		if err == nil {
			found[q.what], err = q.take(rows)
		}
		if err != nil {
			results.Close() // says the same once more
			return nil, fmt.Errorf("reading %s: %w", q.what, err)
		}
	}
	if err := results.Close(); err != nil {
		return nil, fmt.Errorf("reading the catalog: %w", err)
	}
	return found, nil
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
