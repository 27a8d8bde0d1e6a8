package slot_test

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"encoding/binary"

	"github.com/jackc/pglogrepl"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"golang.org/x/sync/errgroup"

	"sluice/examples/sandbox"
	"sluice/executor/session"
	"sluice/executor/slot"
)

// The tests of this package are not parallel: to make a slot is to wait for
// every transaction of the server, and some of them hold one open.
func TestMain(m *testing.M) { os.Exit(sandbox.Main(m)) }

// limit only ends a test that hangs.
const limit = time.Minute

func newSource(t *testing.T) (ctx context.Context, url string, source session.Server) {
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	t.Cleanup(cancel)
	url = sandbox.Shared(t, 0, "source").Database(t)
	sandbox.Exec(t, url, "create table public.t (id bigint generated always as identity primary key)")
	return ctx, url, session.At("source.old", url)
}

func connect(ctx context.Context, t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.WithoutCancel(ctx)) })
	return conn
}

// held is a transaction with an xid that is open.
type held struct {
	name string // by which an explanation has to call it
	end  func(t *testing.T)
}

func holdIdle(ctx context.Context, t *testing.T, url string) held {
	conn := connect(ctx, t, url)
	execute(ctx, t, conn, "begin; insert into public.t default values")
	return held{fmt.Sprintf("pid %d ", conn.PgConn().PID()), func(t *testing.T) { execute(ctx, t, conn, "commit") }}
}

func holdPrepared(ctx context.Context, t *testing.T, url string) held {
	conn := connect(ctx, t, url)
	gid := fmt.Sprintf("it's %d", conn.PgConn().PID())
	execute(ctx, t, conn, "begin; insert into public.t default values; prepare transaction '"+strings.ReplaceAll(gid, "'", "''")+"'")
	return held{"prepared transaction '" + strings.ReplaceAll(gid, "'", "''") + "'",
		func(t *testing.T) {
			execute(ctx, t, conn, "commit prepared '"+strings.ReplaceAll(gid, "'", "''")+"'")
		}}
}

func execute(ctx context.Context, t *testing.T, conn *pgx.Conn, sql string) {
	t.Helper()
	if _, err := conn.PgConn().Exec(ctx, sql).ReadAll(); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

var holders = map[string]func(context.Context, *testing.T, string) held{
	"an idle transaction":    holdIdle,
	"a prepared transaction": holdPrepared,
}

// What a session does is shown, and no value that it does it with.
func TestWhatIsWaitedForIsShownWithoutValues(t *testing.T) {
	ctx, url, source := newSource(t)
	conn := connect(ctx, t, url)
	execute(ctx, t, conn, "begin; create table public.t1 (v text, n int)")
	for query, want := range map[string]string{
		"insert into public.t1\n  values (4711.5)":               "insert into public.t1 values (?)",
		"insert into public.t1 values ('it''s secret', 4711)":    "insert into public.t1 values (...",
		"insert into public.t1 values (E'4711\\'secret', 4711)":  "insert into public.t1 values (E...",
		"insert into public.t1 values ($a$secret$a$, 4711)":      "insert into public.t1 values (...",
		"update public.t1 set n = 5 where n = -4711 and n < 1.5": "update public.t1 set n = ? where n = -? and n < ?",
	} {
		execute(ctx, t, conn, query)
		err := slot.Barrier(ctx, source, slot.Options{Patience: time.Millisecond})
		if !errors.Is(err, slot.ErrPatience) || !strings.HasSuffix(err.Error(), " s: "+want) {
			t.Errorf("%s: error %v, want %q at its end", query, err, want)
		}
	}
	execute(ctx, t, conn, "rollback")
}

// Promise 5: what stands in the way is named, and then it goes on by itself.
func TestCreateWaitsForATransactionAndSaysForWhich(t *testing.T) {
	for name, hold := range holders {
		t.Run(name, func(t *testing.T) {
			ctx, url, source := newSource(t)
			h := hold(ctx, t, url)
			said := make(chan string, 100)
			made := make(chan error, 1)
			go func() {
				made <- slot.Create(ctx, source, slot.Options{Name: "s_" + databaseOf(url), Waiting: func(what string) { said <- what }})
			}()
			if what := first(ctx, t, said, made); !strings.Contains(what, h.name) {
				t.Errorf("waiting for %q, want %q named", what, h.name)
			}
			h.end(t)
			if err := <-made; err != nil {
				t.Fatal(err)
			}
			close(said)
			last := "never told"
			for last = range said {
			}
			if last != "" {
				t.Errorf("the last word was %q, want none", last)
			}
			found := find(ctx, t, url)
			if found == nil || !found.Ready || found.ActivePID != 0 {
				t.Errorf("the slot is %+v", found)
			}
		})
	}
}

// first waits for the first word of somebody who must not be done yet.
func first(ctx context.Context, t *testing.T, said <-chan string, done <-chan error) string {
	t.Helper()
	select {
	case what := <-said:
		return what
	case err := <-done:
		t.Fatalf("did not wait: %v", err)
	case <-ctx.Done():
		t.Fatal("says nothing")
	}
	return ""
}

func databaseOf(url string) string {
	config, _ := pgx.ParseConfig(url)
	return config.Database
}

func find(ctx context.Context, t *testing.T, url string) *slot.Slot {
	t.Helper()
	found, err := slot.Find(ctx, connect(ctx, t, url), "s_"+databaseOf(url))
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// Promise 5: a wait that is too long, however short, ends with a reason and
// leaves neither slot nor backend; so does one that is cancelled.
func TestCreateGivesUpAndLeavesNothing(t *testing.T) {
	for name, patience := range map[string]time.Duration{"after an explanation": 2500 * time.Millisecond, "before any": 300 * time.Millisecond, "cancelled": 0} {
		t.Run(name, func(t *testing.T) {
			ctx, url, source := newSource(t)
			h := holdIdle(ctx, t, url)
			making, cancel := context.WithCancel(ctx)
			defer cancel()
			if patience == 0 {
				go func() {
					eventually(t, url, "select count(*) from pg_replication_slots where database = current_database() and active", "1")
					cancel()
				}()
			}
			err := slot.Create(making, source, slot.Options{Name: "s_" + databaseOf(url), Patience: patience})
			if patience > 0 && (!errors.Is(err, slot.ErrPatience) || !strings.Contains(err.Error(), h.name)) {
				t.Errorf("error %v, want one that names %q", err, h.name)
			}
			if patience == 0 && !errors.Is(err, context.Canceled) {
				t.Errorf("error %v", err)
			}
			if found := find(ctx, t, url); found != nil {
				t.Errorf("it left the slot %+v", found)
			}
			eventually(t, url, "select count(*) from pg_stat_activity where datname = current_database() and application_name like 'sluice%'", "0")
			h.end(t)
			if err := slot.Create(ctx, source, slot.Options{Name: "s_" + databaseOf(url)}); err != nil {
				t.Errorf("afterwards: %v", err)
			}
		})
	}
}

// A role that may replicate sees no other session's xid in pg_stat_activity,
// and is told the pid all the same.
func TestCreateExplainsToARoleThatSeesLittle(t *testing.T) {
	ctx, url, _ := newSource(t)
	role := "little_" + databaseOf(url)
	sandbox.Exec(t, url, "create role "+role+" login replication")
	t.Cleanup(func() { sandbox.Exec(t, url, "drop role "+role) })
	h := holdIdle(ctx, t, url)
	source := session.At("source.old", strings.Replace(url, "postgres@", role+"@", 1))
	err := slot.Create(ctx, source, slot.Options{Name: "s_" + databaseOf(url), Patience: 3 * time.Second})
	if !errors.Is(err, slot.ErrPatience) || !strings.Contains(err.Error(), h.name) {
		t.Errorf("error %v, want one that names %q", err, h.name)
	}
	if found := find(ctx, t, url); found != nil {
		t.Errorf("it left the slot %+v", found)
	}
	h.end(t)
}

func TestCreateLeavesAForeignSlotAlone(t *testing.T) {
	ctx, url, source := newSource(t)
	o := slot.Options{Name: "s_" + databaseOf(url)}
	if err := slot.Create(ctx, source, o); err != nil {
		t.Fatal(err)
	}
	before := find(ctx, t, url)
	said := new(pgconn.PgError)
	if err := slot.Create(ctx, source, o); !errors.As(err, &said) || said.Code != "42710" {
		t.Errorf("error %v, want 42710", err)
	}
	if after := find(ctx, t, url); after == nil || after.Confirmed != before.Confirmed {
		t.Errorf("the slot was %+v and is %+v", before, after)
	}
}

func TestDropEndsTheReader(t *testing.T) {
	ctx, url, source := newSource(t)
	name := "s_" + databaseOf(url)
	sandbox.Exec(t, url, "create publication p for all tables")
	if err := slot.Create(ctx, source, slot.Options{Name: name}); err != nil {
		t.Fatal(err)
	}
	reader, err := source.Replicate(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close(ctx)
	if err := pglogrepl.StartReplication(ctx, reader, name, 0, pglogrepl.StartReplicationOptions{
		PluginArgs: []string{"proto_version '1'", "publication_names 'p'"}}); err != nil {
		t.Fatal(err)
	}
	if err := slot.Drop(ctx, source, name); err != nil {
		t.Fatal(err)
	}
	if found := find(ctx, t, url); found != nil {
		t.Errorf("the slot is still there: %+v", found)
	}
	if err := slot.Drop(ctx, source, name); err != nil {
		t.Errorf("the second time: %v", err)
	}
}

func TestBarrierWaitsForWhatIsOlder(t *testing.T) {
	for name, hold := range holders {
		t.Run(name, func(t *testing.T) {
			ctx, url, source := newSource(t)
			h := hold(ctx, t, url)
			said := make(chan string, 100)
			passed := make(chan error, 1)
			go func() {
				passed <- slot.Barrier(ctx, source, slot.Options{Waiting: func(what string) { said <- what }})
			}()
			if what := first(ctx, t, said, passed); !strings.Contains(what, h.name) {
				t.Errorf("waiting for %q, want %q named", what, h.name)
			}
			younger := holdIdle(ctx, t, url)
			h.end(t)
			if err := <-passed; err != nil {
				t.Error(err)
			}
			younger.end(t)
		})
	}
}

func TestMarkerIsBehindEveryCommitAndFlushed(t *testing.T) {
	ctx, url, _ := newSource(t)
	writer, conn := connect(ctx, t, url), connect(ctx, t, url)
	execute(ctx, t, writer, "set synchronous_commit = off")
	for range 20 {
		execute(ctx, t, writer, "insert into public.t default values")
		end, err := slot.SourceLSN(ctx, writer)
		if err != nil {
			t.Fatal(err)
		}
		marker, err := slot.Marker(ctx, conn)
		if err != nil {
			t.Fatal(err)
		}
		flushed, err := pglogrepl.ParseLSN(sandbox.Query(t, url, "select pg_current_wal_flush_lsn()")[0])
		if err != nil || marker < end || flushed < marker {
			t.Fatalf("marker %s, the WAL ended at %s before and is flushed to %s (%v)", marker, end, flushed, err)
		}
	}
}

// The snapshot shows what was committed before its LSN, no more and no less,
// while writers commit all the time.
func TestTemporaryIsTheStateAtItsLSN(t *testing.T) {
	ctx, url, source := newSource(t)
	name := "s_" + databaseOf(url)
	sandbox.Exec(t, url, "create publication p for all tables")
	if err := slot.Create(ctx, source, slot.Options{Name: name}); err != nil {
		t.Fatal(err)
	}
	writing, stop := context.WithCancel(ctx)
	defer stop()
	var writers errgroup.Group
	for range 4 {
		conn := connect(ctx, t, url)
		writers.Go(func() error {
			for writing.Err() == nil {
				if _, err := conn.Exec(ctx, "begin; insert into public.t default values; insert into public.t default values; commit", pgx.QueryExecModeSimpleProtocol); err != nil {
					return err
				}
			}
			return nil
		})
	}
	type point struct {
		lsn  pglogrepl.LSN
		rows int
	}
	var points []point
	reader := connect(ctx, t, url)
	for range 15 {
		x, err := slot.Temporary(ctx, source, slot.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := slot.Barrier(ctx, source, slot.Options{}); err != nil {
			t.Fatal(err)
		}
		var n int
		execute(ctx, t, reader, "begin isolation level repeatable read; set transaction snapshot '"+x.Snapshot+"'")
		if err := reader.QueryRow(ctx, "select count(*) from public.t").Scan(&n); err != nil {
			t.Fatal(err)
		}
		execute(ctx, t, reader, "commit")
		x.Close(ctx)
		points = append(points, point{x.LSN, n})
	}
	stop()
	if err := writers.Wait(); err != nil {
		t.Fatal(err)
	}
	commits := commitsOf(t, url, name)
	if len(commits) == 0 {
		t.Fatal("nothing was written")
	}
	for _, p := range points {
		want := 0
		for _, lsn := range commits {
			if lsn < p.lsn {
				want += 2
			}
		}
		if p.rows != want {
			t.Errorf("the snapshot at %s shows %d rows, and %d were committed before", p.lsn, p.rows, want)
		}
	}
	t.Logf("%d commits, %d snapshots, the last of %d rows", len(commits), len(points), points[len(points)-1].rows)
	eventually(t, url, "select count(*) from pg_replication_slots where database = current_database() and temporary", "0")
}

// commitsOf are the positions of the commits that the slot streams: pgoutput's
// message C has flags, then the commit's own LSN.
func commitsOf(t *testing.T, url, name string) (commits []pglogrepl.LSN) {
	t.Helper()
	for _, text := range sandbox.Query(t, url, `select encode(substring(data from 3 for 8), 'hex')
			from pg_logical_slot_peek_binary_changes($1, null, null, 'proto_version', '1', 'publication_names', 'p')
			where get_byte(data, 0) = ascii('C')`, name) {
		raw, err := hex.DecodeString(text)
		if err != nil || len(raw) != 8 {
			t.Fatalf("commit at %s: %v", strconv.Quote(text), err)
		}
		commits = append(commits, pglogrepl.LSN(binary.BigEndian.Uint64(raw)))
	}
	return commits
}

// eventually waits until a query has this answer: the end of a session is a
// moment behind that of its connection.
func eventually(t *testing.T, url, sql, want string) {
	t.Helper()
	give := time.After(20 * time.Second)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		got := sandbox.Query(t, url, sql)
		if len(got) == 1 && got[0] == want {
			return
		}
		select {
		case <-tick.C:
		case <-give:
			t.Fatalf("%s: %q, want %q", sql, got, want)
		}
	}
}
