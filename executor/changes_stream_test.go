package executor_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"sluice/examples/sandbox"
	"sluice/executor"
)

// counted are tables in which a change that is lost or doubled shows: one has no
// key that would refuse a second row.
const counted = `
	create table public.keyed (id int primary key, v int);
	create table public.plain (v int);
	alter table public.plain replica identity full;`

// writing writes transactions to counted tables until the returned function is
// called, and goes on where the server was away.
func (l *live) writing() (stop func()) {
	ctx, cancel := context.WithCancel(l.ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(time.Millisecond)
		defer tick.Stop()
		var conn *pgx.Conn
		defer func() {
			if conn != nil {
				conn.Close(context.WithoutCancel(ctx))
			}
		}()
		for n := 0; ; n++ {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			if conn == nil || conn.IsClosed() {
				var err error
				if conn, err = pgx.Connect(ctx, l.source); err != nil {
					conn = nil
					continue
				}
			}
			// Whether it was committed is the source's business.
			_, _ = conn.PgConn().Exec(ctx, fmt.Sprintf(`
				insert into public.keyed values (%d, 0) on conflict do nothing; insert into public.plain values (%d %% 5), (%d %% 5);
				update public.keyed set v = v + 1 where id = %d / 2; delete from public.plain where ctid = (select min(ctid) from public.plain)`,
				n, n, n, n)).ReadAll()
		}
	}()
	return func() {
		cancel()
		<-ended
	}
}

// terminate ends sessions of a database, and says how many.
func terminate(t *testing.T, url, condition string) int {
	t.Helper()
	return len(sandbox.Query(t, url, "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and "+condition))
}

// Connections that are ended at any moment cost time, and no row.
func TestChangesSurviveLostConnections(t *testing.T) {
	t.Parallel()
	newLive(t, counted).losesConnections()
}

// losesConnections ends sessions again and again while counted tables are written.
func (l *live) losesConnections() {
	l.t.Helper()
	times := 12
	if *long {
		times = 150
	}
	stop := l.writing()
	for i := range times {
		url, condition := l.source, "backend_type = 'walsender'"
		if i%3 == 2 {
			url, condition = l.target, "application_name = 'sluice changes'"
		}
		for terminate(l.t, url, condition) == 0 { // it is on its way back
			l.wait("select")
		}
		if i%4 == 3 {
			l.settle()
		}
	}
	stop()
	l.same()
}

// Servers that crash or are restarted cost time, and no row: the run goes on by itself.
func TestChangesSurviveRestartsOfTheServers(t *testing.T) {
	t.Parallel()
	modes := []sandbox.Mode{sandbox.Immediate, sandbox.Fast, sandbox.Immediate}
	if *long {
		modes = slices.Concat(modes, slices.Repeat([]sandbox.Mode{sandbox.Immediate}, 18))
	}
	w := newWeather(t)
	w.begin(t, counted, nil)
	stop := w.writing()
	for _, server := range []*sandbox.Server{w.sourceServer, w.targetServer} {
		for _, mode := range modes {
			if err := server.Restart(w.ctx, mode); err != nil {
				t.Fatal(err)
			}
			w.settle()
		}
	}
	stop()
	w.same()
}

// A slot that somebody removed, made anew or moved has lost changes: the run
// says so, and never begins behind the hole.
func TestChangesStopWhereTheSlotHasAHole(t *testing.T) {
	t.Parallel()
	l := newLive(t, counted)
	slot := l.spec.Slot
	l.rest()
	for _, c := range []struct{ name, break_, says string }{
		{"advanced", "select pg_replication_slot_advance('%s', pg_current_wal_lsn())", "stands at"},
		{"dropped", "select pg_drop_replication_slot('%s')", "is gone"},
		{"made anew", "select pg_create_logical_replication_slot('%s', 'pgoutput')", "stands at"},
	} {
		l.do("insert into public.plain values (1)")
		l.do(fmt.Sprintf(c.break_, slot))
		l.start(nil)
		err := l.failure()
		if !strings.Contains(err.Error(), slot) || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), "source.old") {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	if rows := sandbox.Query(t, l.target, "select count(*) from public.plain"); rows[0] != "0" {
		t.Errorf("%s rows came after a hole", rows[0])
	}
}

// While nobody takes what was received, the source still hears from the stream:
// its walsender would end after wal_sender_timeout.
func TestChangesAnswerTheSourceWhileTheyAreHeld(t *testing.T) {
	t.Parallel()
	l := &live{move: newMove(t, 0, 0)}
	sandbox.Exec(t, l.source, "do $$ begin execute format('alter database %I set wal_sender_timeout = ''1s''', current_database()); end $$")
	l.begin(t, counted, nil)
	const sender = "select pid from pg_stat_activity where datname = current_database() and backend_type = 'walsender'"
	pid := sandbox.Query(t, l.source, sender)[0]

	holder := connect(t, l.target)
	tx, err := holder.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(context.WithoutCancel(t.Context()))
	if _, err := tx.Exec(t.Context(), "lock table public.plain in access exclusive mode"); err != nil {
		t.Fatal(err)
	}
	// More than fits into what is in flight, so that the stream is held too.
	l.do("insert into public.plain select i from generate_series(1, 60000) i")
	l.wait("select from pg_stat_activity where datname = current_database() and application_name = 'sluice changes' and wait_event_type = 'Lock' and clock_timestamp() - query_start > '3 s'")
	if now := sandbox.Query(t, l.source, sender); len(now) != 1 || now[0] != pid {
		t.Errorf("the walsender was %s and is %v", pid, now)
	}
	if err := tx.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	l.same()
	if now := sandbox.Query(t, l.source, sender); len(now) != 1 || now[0] != pid {
		t.Errorf("the walsender was %s and is %v", pid, now)
	}
}

// What fails again and again is not progress, although each attempt begins with
// changes that it can apply: the budget ends it.
func TestChangesThatNeverCommitUseUpTheBudget(t *testing.T) {
	t.Parallel()
	l := newLive(t, counted)
	l.rest()
	sandbox.Exec(t, l.target, `
		create function public.full() returns trigger language plpgsql as $$ begin raise exception 'no space' using errcode = '53100'; end $$;
		create trigger no before insert on public.plain for each row execute function public.full();
		alter table public.plain enable always trigger no`)
	l.do("insert into public.keyed values (1, 1); insert into public.plain values (1)")
	l.start(func(r *executor.Run) { r.Settings.RetryOther = time.Second })
	if err := l.failure(); !strings.Contains(err.Error(), executor.ErrBudget.Error()) || !strings.Contains(err.Error(), "53100") {
		t.Errorf("the run ended with %v, want %v", err, executor.ErrBudget)
	}
	sandbox.Exec(t, l.target, "drop trigger no on public.plain; drop function public.full()")
	l.follow(nil)
	l.same()
}

// Past the convergence the snapshots of the load say nothing any more. The ids
// of transactions go round after 2^31 of them, days on a busy source: a snapshot
// that is consulted still would take every change for one that it has seen.
func TestChangesAfterTheConvergenceNeedNoSnapshot(t *testing.T) {
	t.Parallel()
	l := newLive(t, counted+"insert into public.plain values (1)")
	l.rest()
	// As if the load had been 2^31 transactions ago, and some.
	now := sandbox.Query(t, l.source, "select (txid_current() + 2147483648 - 1000)::text")[0]
	sandbox.Exec(t, l.target, fmt.Sprintf("update sluice.chunk set snapshot = '%s:%s:' where table_name <> 'marks'", now, now))
	l.do("insert into public.plain values (2); insert into public.keyed values (2, 2)")
	l.follow(nil)
	l.same()
}

// With synchronous_commit off a transaction is visible before its WAL is on the
// disk, and a crash of the source takes it back: what the load has read of it
// must not stay on the target.
func TestChangesAfterACrashDoNotKeepWhatItTookBack(t *testing.T) {
	t.Parallel()
	server := ownServer(t, sandbox.Options{Settings: map[string]string{"synchronous_commit": "off", "wal_writer_delay": "1s"}})
	l := &live{move: &move{source: server.Database(t), target: sandbox.Shared(t, 0, "target").Database(t)}}
	l.spec = spec(l.source)
	l.chunkBytes, l.spec.LargeTable = 64<<10, 64<<10
	var wrote, crashed bool
	l.begin(t, `
		create table public.t (id int primary key, v text);
		insert into public.t select i, repeat('v', 100) from generate_series(1, 4000) i;`, func(r *executor.Run) {
		r.Settings.Workers = 1 // the points come one after the other
		r.Point = func(name string) {
			switch {
			case name == "load: after a chunk has committed" && !wrote && chunksOf(l, "t") == 1:
				wrote = true
				l.beside("insert into public.t values (100000, 'visible, not on the disk')")
			case name == "load: before the step's record" && wrote && !crashed:
				crashed = true
				if err := server.Restart(l.ctx, sandbox.Immediate); err != nil {
					t.Error(err)
				}
			}
		}
	})
	if !crashed {
		t.Fatal("the source did not crash: the test shows nothing")
	}
	if rows := sandbox.Query(t, l.source, "select count(*) from public.t where id = 100000"); rows[0] != "0" {
		t.Skip("the transaction was on the disk in time")
	}
	l.same()
}

// chunksOf is how many chunks of a table are recorded.
func chunksOf(l *live, table string) (n int) {
	conn, err := pgx.Connect(l.ctx, l.target)
	if err == nil {
		err = conn.QueryRow(l.ctx, "select count(*) from sluice.chunk where table_name = $1", table).Scan(&n)
		conn.Close(context.WithoutCancel(l.ctx))
	}
	if err != nil {
		l.t.Error(err)
	}
	return n
}
