// Package shop is the sample database of the demo and of the end-to-end tests: a schema with one of each kind of
// object that sluice carries, deterministic rows, and writers that behave like a live application.
//
// Load makes the database. Write runs transactions against it and keeps a ledger, in the database and outside of it,
// which proves afterwards that no transaction was lost or applied twice. Two databases are compared by
// sandbox.Sums: nothing here looks at the target.
//
// It relies on PostgreSQL 12 or later, an empty database, and a role that owns what it creates; it uses no
// extension. The rows of Load do not depend on the clock or on random(); those of Write depend on how its
// transactions interleave.
package shop

import (
	"context"
	_ "embed"
	"fmt"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
)

//go:embed schema.sql
var schemaSQL string

//go:embed fill.sql
var fillSQL string

// Load creates the shop in an empty database and fills it, in one transaction, with some 100,000 rows times scale.
// With scale 0 the tables are empty, and Write has nothing to work on.
func Load(ctx context.Context, conn *pgx.Conn, scale int) error {
	tx, err := conn.Begin(ctx)
	if err != nil {
		return fmt.Errorf("loading the shop: %w", err)
	}
	defer tx.Rollback(context.WithoutCancel(ctx)) // nothing to do after the commit
	if _, err := tx.Exec(ctx, "select set_config('shop.scale', $1, true)", strconv.Itoa(scale)); err != nil {
		return fmt.Errorf("setting the shop's scale: %w", err)
	}
	for _, script := range []struct{ what, sql string }{
		{"creating the shop's schema", schemaSQL},
		{"filling the shop", fillSQL},
	} {
		if _, err := tx.Conn().PgConn().Exec(ctx, script.sql).ReadAll(); err != nil {
			return fmt.Errorf("%s: %w", script.what, err)
		}
	}
	if err := tx.Commit(ctx); err != nil {
		return fmt.Errorf("committing the shop: %w", err)
	}
	if _, err := conn.Exec(ctx, "analyze"); err != nil {
		return fmt.Errorf("analysing the shop: %w", err)
	}
	return nil
}

// Config is the smallest configuration that moves the shop from one URL to another.
func Config(source, target string) string {
	return fmt.Sprintf(`source "old" {
  url = %s
}

target "new" {
  url = %s
}

migration "shop" {
  source = source.old
  target = target.new

  objects {
    include = ["public.*", "billing.*"]
  }
}
`, quote(source), quote(target))
}

// quote makes an HCL string: as Go's, but ${ and %{ would start a template.
func quote(s string) string {
	return strings.NewReplacer("${", "$${", "%{", "%%{").Replace(strconv.Quote(s))
}
