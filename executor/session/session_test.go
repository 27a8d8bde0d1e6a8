package session_test

import (
	"os"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"sluice/examples/sandbox"
	"sluice/executor/session"
)

func TestMain(m *testing.M) { os.Exit(sandbox.Main(m)) }

// Whatever a role, a database or a server declares, our sessions print and read
// values alike, and are not ended for being long.
func TestConnectPinsWhatOthersMayHaveSet(t *testing.T) {
	t.Parallel()
	url := sandbox.Shared(t, 0, "source").Database(t)
	config, _ := pgx.ParseConfig(url)
	var alter strings.Builder
	for name, value := range map[string]string{
		"datestyle": "'German, DMY'", "intervalstyle": "sql_standard", "timezone": "'Asia/Kathmandu'", "extra_float_digits": "-5",
		"bytea_output": "escape", "search_path": "public", "quote_all_identifiers": "on", "xmloption": "document",
		"default_transaction_read_only": "on", "default_transaction_isolation": "serializable", "synchronous_commit": "off",
		"statement_timeout": "1", "lock_timeout": "1", "client_encoding": "latin1", "array_nulls": "off",
	} {
		alter.WriteString("alter database " + pgx.Identifier{config.Database}.Sanitize() + " set " + name + " = " + value + ";")
	}
	sandbox.Exec(t, url, alter.String())
	conn, err := session.At("source.old", url).Connect(t.Context(), "test")
	if err != nil {
		t.Fatal(err)
	}
	defer session.Close(t.Context(), conn)
	for sql, want := range map[string]string{
		"select '2024-02-03 04:05:06+00'::timestamptz::text": "2024-02-03 04:05:06+00",
		"select '1 year -2 days'::interval::text":            "1 year -2 days",
		"select (0.1::float8 + 0.2::float8)::text":           "0.30000000000000004",
		"select '\\xff00'::bytea::text":                      `\xff00`,
		"select 'pg_class'::regclass::text":                  "pg_class",
		"select ('{a,null}'::text[])[2] is null":             "t",
		"show transaction_isolation":                         "read committed",
		"show transaction_read_only":                         "off",
		"show synchronous_commit":                            "on",
		"show client_encoding":                               "UTF8",
		"show statement_timeout":                             "0",
		"show lock_timeout":                                  "0",
		"show application_name":                              "sluice test",
	} {
		row, err := session.Row(t.Context(), conn.PgConn(), sql)
		if err != nil || strings.Join(row, "|") != want {
			t.Errorf("%s: %q, %v; want %q", sql, row, err, want)
		}
	}
}
