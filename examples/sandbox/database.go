package sandbox

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

const (
	databaseLimit = 60 * time.Second      // making or dropping one on a busy machine
	dropPoll      = 20 * time.Millisecond // between two attempts to drop what is still in use
)

// databases numbers the databases of this process.
var databases atomic.Int64

var notWord = regexp.MustCompile(`[^a-z0-9]+`)

// Database makes a fresh database for this test and returns its URL. At cleanup it is dropped, together with its
// logical slots, prepared transactions and whoever is still connected, walsenders included.
func (s *Server) Database(t testing.TB) string {
	t.Helper()
	name := notWord.ReplaceAllString(strings.ToLower(t.Name()), "_")
	name = fmt.Sprintf("%.40s_%d", name, databases.Add(1))
	ctx, cancel := context.WithTimeout(t.Context(), databaseLimit)
	defer cancel()
	if err := s.Create(ctx, name); err != nil {
		t.Fatalf("%v\n%s", err, s.Log())
	}
	t.Cleanup(func() {
		// t.Context has ended by now.
		ctx, cancel := context.WithTimeout(context.Background(), databaseLimit)
		defer cancel()
		if err := s.Drop(ctx, name); err != nil {
			t.Error(err)
		}
	})
	return s.URL(name)
}

// Drop removes a database, together with its logical slots and prepared transactions, whoever is connected to it. It
// waits until those have left, or ctx ends. A subscription must have been dropped before.
func (s *Server) Drop(ctx context.Context, database string) error {
	if err := s.drop(ctx, database); err != nil {
		return fmt.Errorf("dropping database %q: %w", database, err)
	}
	return nil
}

// drop removes a database whatever uses it. drop database … with (force) is not enough: it exists from 13 on, and
// refuses logical slots and prepared transactions.
func (s *Server) drop(ctx context.Context, name string) error {
	if s.Pid() == 0 {
		return nil // the test killed its server: Stop removes everything
	}
	if err := s.rollbackPrepared(ctx, name); err != nil {
		return err
	}
	quoted := pgx.Identifier{name}.Sanitize()
	conn, err := pgx.Connect(ctx, s.URL("postgres"))
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	// From here on nobody comes back, not even a walsender that reconnects at once.
	if _, err := conn.Exec(ctx, "alter database "+quoted+" with allow_connections false"); err != nil {
		return fmt.Errorf("closing it: %w", err)
	}
	for {
		err := dropOnce(ctx, conn, name, quoted)
		var pg *pgconn.PgError
		if err == nil || !errors.As(err, &pg) || pg.Code != "55006" && pg.Code != "42704" {
			return err
		}
		// object_in_use: terminated backends need a moment; undefined_object: they dropped their temporary slot.
		if !pause(ctx, dropPoll) {
			return err
		}
	}
}

func dropOnce(ctx context.Context, conn *pgx.Conn, name, quoted string) error {
	steps := []string{
		"select pg_terminate_backend(pid) from pg_stat_activity where datname = $1",
		"select pg_drop_replication_slot(slot_name) from pg_replication_slots where database = $1 and not temporary",
	}
	for _, sql := range steps {
		if _, err := conn.Exec(ctx, sql, name); err != nil {
			return err
		}
	}
	_, err := conn.Exec(ctx, "drop database "+quoted)
	return err
}

// rollbackPrepared ends prepared transactions, which works only from within their database.
func (s *Server) rollbackPrepared(ctx context.Context, name string) error {
	conn, err := pgx.Connect(ctx, s.URL("postgres"))
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	rows, err := conn.Query(ctx, "select format('rollback prepared %L', gid) from pg_prepared_xacts where database = $1", name)
	if err != nil {
		return err
	}
	statements, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(statements) == 0 {
		return err
	}
	inside, err := pgx.Connect(ctx, s.URL(name))
	if err != nil {
		return err
	}
	defer inside.Close(context.WithoutCancel(ctx))
	for _, sql := range statements {
		if _, err := inside.Exec(ctx, sql); err != nil {
			return fmt.Errorf("%s: %w", sql, err)
		}
	}
	return nil
}
