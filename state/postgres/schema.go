package postgres

import (
	"context"
	_ "embed"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// format is the number of the schema's form that this package reads and writes.
const format = 7

// schemaLock is the advisory lock under which the schema is made and dropped:
// the bytes of "sluice" and a zero. It lives until the end of a transaction.
const schemaLock = 0x736c756963650000

var (
	//go:embed sql/schema.sql
	schemaSQL string
	//go:embed sql/drop.sql
	dropSQL string
)

// recorded says whether there is a state in this database, and refuses one that
// it cannot read.
func recorded(ctx context.Context, conn *pgx.Conn) (bool, error) {
	var exists bool
	if err := conn.QueryRow(ctx, "select to_regclass('sluice.format') is not null").Scan(&exists); err != nil || !exists {
		return false, err
	}
	var version int
	if err := conn.QueryRow(ctx, "select version from sluice.format").Scan(&version); err != nil {
		return false, fmt.Errorf("reading the format of schema sluice: %w", err)
	}
	if version != format {
		return false, fmt.Errorf("schema sluice has format %d, this sluice knows format %d: use the sluice that wrote it, or a newer one",
			version, format)
	}
	return true, nil
}

// install makes the schema where it is missing. Of several processes the first
// makes it; the others wait for its transaction and then find it.
func install(ctx context.Context, tx pgx.Tx) error {
	if err := lockSchema(ctx, tx); err != nil {
		return err
	}
	if exists, err := recorded(ctx, tx.Conn()); err != nil || exists {
		return err
	}
	// Not "if not exists": that asks for the right to create a schema even
	// where it exists.
	var missing bool
	if err := tx.QueryRow(ctx, "select to_regnamespace('sluice') is null").Scan(&missing); err != nil {
		return err
	}
	script := schemaSQL
	if missing {
		script = "create schema sluice;\n" + script
	}
	if _, err := tx.Conn().PgConn().Exec(ctx, script).ReadAll(); err != nil {
		return fmt.Errorf("making schema sluice: %w", err)
	}
	return nil
}

// uninstall drops the schema if no migration is left in it. Where somebody has
// put something of their own into it, or depends on it, that and what it needs
// stays.
func uninstall(ctx context.Context, tx pgx.Tx) error {
	var used bool
	if err := tx.QueryRow(ctx, "select exists (select from sluice.migration)").Scan(&used); err != nil || used {
		return err
	}
	for _, script := range []string{dropSQL, "drop schema sluice"} {
		kept, err := try(ctx, tx, script)
		if err != nil {
			return fmt.Errorf("dropping schema sluice: %w", err)
		}
		if kept {
			return nil
		}
	}
	return nil
}

// try runs a script in a savepoint, and says whether it was undone because
// others depend on what it drops (2BP01), or because it is not ours (42501), as
// a schema that was made for a role that may not make one.
func try(ctx context.Context, tx pgx.Tx, script string) (undone bool, err error) {
	err = pgx.BeginFunc(ctx, tx, func(inner pgx.Tx) error {
		_, err := inner.Conn().PgConn().Exec(ctx, script).ReadAll()
		return err
	})
	var refused *pgconn.PgError
	if errors.As(err, &refused) && (refused.Code == "2BP01" || refused.Code == "42501") {
		return true, nil
	}
	return false, err
}

func lockSchema(ctx context.Context, tx pgx.Tx) error {
	_, err := tx.Exec(ctx, "select pg_advisory_xact_lock($1::bigint)", number(schemaLock))
	return err
}
