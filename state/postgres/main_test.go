package postgres

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"go.uber.org/goleak"

	"sluice/examples/sandbox"
	"sluice/state"
)

// TestMain looks for goroutines that outlive their Store.
func TestMain(m *testing.M) {
	code := sandbox.Main(m)
	if err := goleak.Find(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = max(code, 1)
	}
	os.Exit(code)
}

const crm = `migration.shop["crm"]`

// beat is short, so that what is noticed by a heartbeat is noticed soon.
const beat = 10 * time.Millisecond

func database(t *testing.T) string {
	t.Helper()
	return sandbox.Shared(t, 0, "target").Database(t)
}

func connector(url string) Connect {
	return func(ctx context.Context) (*pgx.Conn, error) { return pgx.Connect(ctx, url) }
}

func dial(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { hangUp(context.Background(), conn) })
	return conn
}

// hold acquires a migration for the length of the test.
func hold(t *testing.T, url, address string) *Store {
	t.Helper()
	return holdOver(t, connector(url), address)
}

func holdOver(t *testing.T, connect Connect, address string) *Store {
	t.Helper()
	s, err := Acquire(t.Context(), connect, Options{Address: address, Holder: "test/1", Heartbeat: beat})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Release(context.Background()); err != nil {
			t.Errorf("releasing: %v", err)
		}
	})
	return s
}

// line is the way of one process to the target.
type line struct {
	url string
	cut atomic.Bool // no connection comes about
}

func (l *line) connect(ctx context.Context) (*pgx.Conn, error) {
	if l.cut.Load() {
		return nil, errors.New("the line is cut")
	}
	return pgx.Connect(ctx, l.url)
}

// orphan leaves a process without its lock, and without a way to get it again.
func (l *line) orphan(t *testing.T, s *Store) {
	t.Helper()
	l.cut.Store(true)
	interrupt(t, l.url, s)
	// A backend says goodbye before it drops its locks.
	until(t, l.url, "select not live from sluice.holder where address = $1", s.address)
}

// interrupt ends the session of the lock, as an administrator or a network would.
func interrupt(t *testing.T, url string, s *Store) Outage {
	t.Helper()
	got := sandbox.Query(t, url, "select pg_terminate_backend(pid) from sluice.lease where address = $1", s.address)
	if len(got) != 1 || got[0] != "t" {
		t.Fatalf("terminating the lock's backend: %v", got)
	}
	return await(t, s.Outages(), "outage")
}

// await waits for an event.
func await[T any](t *testing.T, c <-chan T, what string) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(time.Minute):
		t.Fatalf("no %s within a minute", what)
		panic("unreachable")
	}
}

// until asks again and again over one connection until the answer is true.
func until(t *testing.T, url, sql string, args ...any) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	conn := dial(t, url)
	for {
		var yes bool
		if err := conn.QueryRow(ctx, sql, args...).Scan(&yes); err != nil {
			t.Fatalf("waiting for %s: %v", sql, err)
		}
		if yes {
			return
		}
	}
}

// blocked is true when n sessions of this database wait for another one.
const blocked = `select count(*) >= $1 from pg_stat_activity
where datname = current_database() and cardinality(pg_blocking_pids(pid)) > 0`

// execute runs a record and returns how many rows it hit.
func execute(t *testing.T, conn *pgx.Conn, r state.Record) int64 {
	t.Helper()
	tag, err := conn.Exec(t.Context(), r.SQL, r.Args...)
	if err != nil {
		t.Fatalf("running a record: %v", err)
	}
	return tag.RowsAffected()
}

// records is one of each.
func records(s *Store) map[string]state.Record {
	return map[string]state.Record{
		"StepDone":     s.StepDone("create table public.orders", "f"),
		"StepIntent":   s.StepIntent("create slot", ""),
		"ChunkDone":    s.ChunksDone(state.Chunk{Schema: "public", Table: "orders", Number: 7}),
		"TableRestart": s.TableRestart("public", "orders"),
		"TakeBack":     s.TakeBack("create publication"),
		"Followed":     s.Followed(state.Followed{Schema: "public", Table: "orders"}),
		"Quarantine":   s.Quarantine(state.Quarantined{Schema: "public", Table: "orders"}),
		"Paused":       s.Paused("public", "orders", 1),
		"Resumed":      s.Resumed("public", "orders"),
		"Position":     s.Position(state.Position{LSN: 1}),
		"Passed":       s.Position(state.Position{LSN: 1, Passed: &[]state.Passed{{Schema: "public", Table: "orders", Changes: 1}}}),
		"Spool":        s.Spool(state.Spool{Directory: "/var/lib/sluice"}),
		"Building":     s.Building([]state.Build{}),
		"Certificate":  s.Certificate(state.Certificate{Schema: "public", Table: "orders"}),
	}
}

func loaded(t *testing.T, url, address string) state.State {
	t.Helper()
	st, err := Load(t.Context(), dial(t, url), address)
	if err != nil {
		t.Fatal(err)
	}
	return st
}
