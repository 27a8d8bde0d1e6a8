// Package session opens connections to one server under the settings that every
// stage relies on.
//
// Values travel as text in more than one place (changes, hashes, text COPY), so
// both sides must print and read them alike: the settings are pinned in the
// startup message, which wins over ALTER ROLE … SET and ALTER DATABASE … SET.
// A caller must not change them, and asks for text by concat and not by a cast:
// users may have made one of their own (CREATE CAST (bigint AS text) …), which
// no search_path hides. Every connection's application_name begins
// with "sluice", by which the fence and cleanup know our own sessions.
package session

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"maps"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"
)

// pinned is what makes text the same on both sides.
var pinned = map[string]string{
	"client_encoding":                "UTF8",
	"datestyle":                      "ISO, YMD",
	"intervalstyle":                  "postgres",
	"timezone":                       "UTC",
	"extra_float_digits":             "3",
	"bytea_output":                   "hex",
	"search_path":                    "",
	"quote_all_identifiers":          "off",
	"standard_conforming_strings":    "on",
	"xmloption":                      "content",
	"xmlbinary":                      "base64",
	"transform_null_equals":          "off",
	"array_nulls":                    "on",
	"lc_monetary":                    "C",
	"client_min_messages":            "warning",
	"row_security":                   "off", // an error instead of a thinned result
	"default_transaction_read_only":  "off", // the fence of a cutover sets it for the database
	"default_transaction_isolation":  "read committed",
	"default_transaction_deferrable": "off",
	"default_tablespace":             "", // where tables lie that say nothing of it
	// What is acknowledged to the slot must be on the disk of the target.
	"synchronous_commit":                  "on",
	"statement_timeout":                   "0",
	"lock_timeout":                        "0",
	"idle_in_transaction_session_timeout": "0",
}

// asciiEncoding is that of databases whose text is bytes of any encoding. They convert
// nothing, and would refuse to give or take what is not valid in another one.
// https://www.postgresql.org/docs/current/multibyte.html
const asciiEncoding = "SQL_ASCII"

// pinnedLater are settings that only newer servers have, and that an older one
// would refuse in the startup message, or that depend on the database.
const pinnedLater = `
select pg_catalog.set_config(s.name, p.setting, false)
from (values ('idle_session_timeout', '0'), ('transaction_timeout', '0'), ('default_table_access_method', 'heap'),
	('client_encoding', '` + asciiEncoding + `')) as p (name, setting)
join pg_catalog.pg_settings s on s.name = p.name
where s.setting <> p.setting and (p.name <> 'client_encoding' or pg_catalog.getdatabaseencoding() = '` + asciiEncoding + `')`

// Server is one side of a migration.
type Server struct {
	Ref string // source.old, for errors
	// Config makes the configuration of one connection. It is called for each,
	// since a password may be a token that lives for minutes.
	Config func(ctx context.Context) (*pgx.ConnConfig, error)
	// Spare gives up connections that nobody uses, and says whether there were any,
	// where the server has no room for one more; nil: there are none.
	Spare func(ctx context.Context) bool
}

// With gives every session of the server a setting.
func (s Server) With(setting, value string) Server {
	config := s.Config
	s.Config = func(ctx context.Context) (*pgx.ConnConfig, error) {
		c, err := config(ctx)
		if err == nil {
			c.RuntimeParams[setting] = value
		}
		return c, err
	}
	return s
}

// Connect opens a connection; use is a word for pg_stat_activity ("copy").
func (s Server) Connect(ctx context.Context, use string) (*pgx.Conn, error) {
	config, err := s.configure(ctx, use)
	if err != nil {
		return nil, err
	}
	conn, err := spared(ctx, s, func() (*pgx.Conn, error) { return pgx.ConnectConfig(ctx, config) })
	if err != nil {
		return nil, fmt.Errorf("connecting to %s: %w", s.Ref, err)
	}
	if _, err := conn.Exec(ctx, pinnedLater); err != nil {
		Close(ctx, conn)
		return nil, fmt.Errorf("connecting to %s: %w", s.Ref, err)
	}
	return conn, nil
}

// Pool keeps up to keep idle connections for a use.
func (s Server) Pool(use string, keep int) *Pool[*pgx.Conn] {
	return &Pool[*pgx.Conn]{
		Open:  func(ctx context.Context) (*pgx.Conn, error) { return s.Connect(ctx, use) },
		Close: func(ctx context.Context, conn *pgx.Conn) { Close(ctx, conn) },
		Keep:  keep,
	}
}

// Replicate opens a connection that speaks the replication protocol.
func (s Server) Replicate(ctx context.Context) (*pgconn.PgConn, error) {
	config, err := s.configure(ctx, "changes")
	if err != nil {
		return nil, err
	}
	config.RuntimeParams["replication"] = "database"
	config.DialFunc, config.BuildFrontend = pacing(config.DialFunc), bundled
	conn, err := spared(ctx, s, func() (*pgconn.PgConn, error) { return pgconn.ConnectConfig(ctx, &config.Config) })
	if err != nil {
		return nil, fmt.Errorf("connecting to %s for replication: %w", s.Ref, err)
	}
	if conn.ParameterStatus("server_encoding") == asciiEncoding {
		if err := Exec(ctx, conn, "set client_encoding = "+asciiEncoding); err != nil {
			Close(ctx, conn)
			return nil, fmt.Errorf("connecting to %s for replication: %w", s.Ref, err)
		}
	}
	return conn, nil
}

// bundle is what is read at once of a stream.
const bundle = 256 << 10

func bundled(r io.Reader, w io.Writer) *pgproto3.Frontend {
	return pgproto3.NewFrontend(bufio.NewReaderSize(r, bundle), w)
}

// spared connects, and once more where there is something to give up for it.
func spared[T any](ctx context.Context, s Server, connect func() (T, error)) (T, error) {
	conn, err := connect()
	if Full(err) && s.Spare != nil && s.Spare(ctx) {
		return connect()
	}
	return conn, err
}

func (s Server) configure(ctx context.Context, use string) (*pgx.ConnConfig, error) {
	config, err := s.Config(ctx)
	if err != nil {
		return nil, fmt.Errorf("connecting to %s: %w", s.Ref, err)
	}
	maps.Copy(config.RuntimeParams, pinned)
	config.RuntimeParams["application_name"] = "sluice " + use
	// Statements differ from chunk to chunk: a cache of them only grows.
	config.DefaultQueryExecMode = pgx.QueryExecModeExec
	config.StatementCacheCapacity = 0
	config.DescriptionCacheCapacity = 0
	return config, nil
}

// closing limits the goodbye: a server that is gone must not hold up the end.
const closing = 2 * time.Second

// Close ends a connection, also when ctx is over.
func Close(ctx context.Context, conn interface{ Close(context.Context) error }) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closing)
	defer cancel()
	_ = conn.Close(ctx) // the server ends the session by itself, sooner or later
}

// At returns a server for a connection string, without secrets of its own: for
// the demo and for tests.
func At(ref, url string) Server {
	return Server{Ref: ref, Config: func(context.Context) (*pgx.ConnConfig, error) {
		return pgx.ParseConfig(url)
	}}
}
