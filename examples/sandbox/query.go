package sandbox

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// queryLimit keeps a test that waits for a lock from waiting for the timeout of go test.
const queryLimit = 2 * time.Minute

// Exec runs a script of SQL (several statements) on the URL and fails the test on an error. Several statements are
// one transaction, unless they say begin and commit; so what cannot be in one (vacuum, create index concurrently)
// must be alone.
func Exec(t testing.TB, url, sql string) {
	t.Helper()
	err := with(t, url, func(ctx context.Context, conn *pgx.Conn) error {
		_, err := conn.PgConn().Exec(ctx, sql).ReadAll()
		return err
	})
	if err != nil {
		t.Fatalf("running SQL: %s", explain(err, sql))
	}
}

// Query runs one statement and returns its rows as text: "a|b|c", NULL as \N, one string a row. It fails the test on
// an error.
func Query(t testing.TB, url, sql string, args ...any) []string {
	t.Helper()
	var lines []string
	err := with(t, url, func(ctx context.Context, conn *pgx.Conn) (err error) {
		lines, err = query(ctx, conn, sql, args...)
		return err
	})
	if err != nil {
		t.Fatalf("running SQL: %s", explain(err, sql))
	}
	return lines
}

// sumsSQL lists the relations and, for each, the statement that sums it up.
//
//go:embed sums.sql
var sumsSQL string

// sumsSettings make a row's text the same on every server and major.
var sumsSettings = map[string]string{
	"datestyle":          "ISO, MDY",
	"intervalstyle":      "postgres",
	"timezone":           "UTC",
	"extra_float_digits": "3",
	"bytea_output":       "hex",
	"search_path":        "",
}

// Sums is Checksums for tests: it fails the test on an error.
func Sums(t testing.TB, url string, settings ...[2]string) map[string]string {
	t.Helper()
	// Not t.Context: a cleanup may ask the database, too.
	ctx, cancel := context.WithTimeout(context.Background(), queryLimit)
	defer cancel()
	sums, err := Checksums(ctx, url, settings...)
	if err != nil {
		t.Fatalf("summing up the database: %s", explain(err, sumsSQL))
	}
	return sums
}

// Checksums returns "rows:checksum" for every ordinary table, partition leaf and materialised view of the database,
// by schema.name, for comparing two databases. The checksum is of the rows' text and free of their order. The
// schemas of the system and of sluice's own state are left out; a materialised view without data is "unpopulated".
// All of it is of one snapshot, and under settings.
func Checksums(ctx context.Context, url string, settings ...[2]string) (map[string]string, error) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return nil, err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	tx, err := conn.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		return nil, err
	}
	defer tx.Rollback(context.WithoutCancel(ctx))
	for name, value := range sumsSettings {
		if _, err := tx.Exec(ctx, "select set_config($1, $2, true)", name, value); err != nil {
			return nil, fmt.Errorf("setting %s: %w", name, err)
		}
	}
	for _, s := range settings {
		if _, err := tx.Exec(ctx, "select set_config($1, $2, true)", s[0], s[1]); err != nil {
			return nil, fmt.Errorf("setting %s: %w", s[0], err)
		}
	}
	rows, err := tx.Query(ctx, sumsSQL)
	if err != nil {
		return nil, err
	}
	type relation struct{ Name, SQL string }
	relations, err := pgx.CollectRows(rows, pgx.RowToStructByPos[relation])
	if err != nil {
		return nil, err
	}
	sums := map[string]string{}
	for _, r := range relations {
		lines, err := query(ctx, conn, r.SQL)
		if err != nil {
			return nil, fmt.Errorf("summing up %s: %w", r.Name, err)
		}
		sums[r.Name] = lines[0]
	}
	return sums, nil
}

// with runs f on a connection of its own.
func with(t testing.TB, url string, f func(context.Context, *pgx.Conn) error) error {
	// Not t.Context: a cleanup may ask the database, too.
	ctx, cancel := context.WithTimeout(context.Background(), queryLimit)
	defer cancel()
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	return f(ctx, conn)
}

func query(ctx context.Context, conn *pgx.Conn, sql string, args ...any) ([]string, error) {
	args = append([]any{pgx.QueryResultFormats{pgx.TextFormatCode}}, args...)
	rows, err := conn.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var lines []string
	for rows.Next() {
		var fields []string
		for _, value := range rows.RawValues() {
			if value == nil {
				fields = append(fields, `\N`)
				continue
			}
			fields = append(fields, string(value))
		}
		lines = append(lines, strings.Join(fields, "|"))
	}
	return lines, rows.Err()
}

// explain adds what a server says beside its message, and the line of the script it points at.
func explain(err error, sql string) string {
	var pg *pgconn.PgError
	if !errors.As(err, &pg) {
		return err.Error()
	}
	out := err.Error()
	for _, part := range []struct{ label, text string }{
		{"detail", pg.Detail}, {"hint", pg.Hint}, {"where", pg.Where},
	} {
		if part.text != "" {
			out += "\n" + part.label + ": " + part.text
		}
	}
	if runes := []rune(sql); pg.Position > 0 && int(pg.Position) <= len(runes) {
		line := strings.Count(string(runes[:pg.Position-1]), "\n")
		out += fmt.Sprintf("\nline %d: %s", line+1, strings.Split(sql, "\n")[line])
	}
	return out
}
