package executor_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"sluice/examples/sandbox"
	"sluice/executor"
)

// anticipating follows changes early, and says why it ever did not.
type anticipating struct {
	*live
	mu   sync.Mutex
	said strings.Builder
}

// Write takes a line of the log.
func (l *anticipating) Write(line []byte) (int, error) {
	if bytes.Contains(line, []byte("applied when they are committed")) {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.said.Write(line)
	}
	return len(line), nil
}

// whole is why transactions were applied when they were committed; empty: they were
// not.
func (l *anticipating) whole() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.said.String()
}

func (l *anticipating) logged(r *executor.Run) { r.Log = slog.New(slog.NewTextHandler(l, nil)) }

// sameEarly is same, where all was applied early.
func (l *anticipating) sameEarly() {
	l.t.Helper()
	l.same()
	if why := l.whole(); why != "" {
		l.t.Errorf("not all was applied early: %s", why)
	}
}

// newEarly is newLive with a source that sends every transaction of more than a few
// rows before it is committed. Tests with it hold transactions open, for which other
// tests' slots wait: they are not parallel.
func newEarly(t *testing.T, major int, script string) *anticipating {
	t.Helper()
	needsTheSlot(t)
	l := &anticipating{live: &live{move: newMove(t, major, major)}}
	sandbox.Exec(t, l.source, fmt.Sprintf("alter database %q set logical_decoding_work_mem = '64kB'", databaseName(l.source)))
	l.begin(t, script, l.logged)
	return l
}

// majorsThatStream are the oldest and the newest source at hand that can.
var majorsThatStream = []int{15, 18}

// early runs a test on each.
func early(t *testing.T, test func(t *testing.T, major int)) {
	for _, major := range majorsThatStream {
		t.Run(fmt.Sprint(major), func(t *testing.T) { test(t, major) })
	}
}

// opened is a session on the source.
func (l *live) opened() (do func(sql string)) {
	l.t.Helper()
	conn := connect(l.t, l.source)
	return func(sql string) {
		l.t.Helper()
		if _, err := conn.PgConn().Exec(l.ctx, sql).ReadAll(); err != nil {
			l.t.Fatalf("%v: %s", err, sql)
		}
	}
}

// inProgress waits until so many transactions are in progress on the target, with so
// many changes at least.
func (l *live) inProgress(transactions int, changes int64) {
	l.t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		if s := l.progress.Load().Snapshot().Stream; s != nil {
			switch p := s.InProgress; {
			case p == nil && transactions == 0:
				return
			case p != nil && p.Transactions == transactions && p.Changes >= changes:
				return
			}
		}
		select {
		case <-l.ended:
			l.t.Fatalf("the run ended (%q) before %d transactions were in progress: %v", l.outcome, transactions, l.err)
		case <-l.ctx.Done():
			l.t.Fatalf("%d transactions with %d changes were never in progress: %+v", transactions, changes, l.progress.Load().Snapshot().Stream)
		case <-tick.C:
		}
	}
}

// writers are the sessions of the target that have written and not committed.
const writersOpen = "select pid from pg_stat_activity where datname = current_database() and application_name = 'sluice changes' and backend_xid is not null"

const threeTables = `
	create table public.t (id int primary key, u int unique, v text);
	create table public.plain (v text);
	alter table public.plain replica identity full;
	create table public.toasted (id int primary key, n int, v text);
	alter table public.toasted alter v set storage external;
	insert into public.t select i, i, 'first' from generate_series(1, 100) i;
	insert into public.plain select 'first' from generate_series(1, 100);
	insert into public.toasted select i, 0, repeat('x', 3000) from generate_series(1, 20) i;`

// much is what makes the source send the transaction.
func much(from int) string {
	return fmt.Sprintf("insert into public.t select i, i, repeat('much', 20) from generate_series(%d, %d) i;", from, from+1999)
}

// A large transaction is on the target before the source has committed it, and is
// seen there when it has.
func TestChangesInProgressAreAppliedEarly(t *testing.T) {
	early(t, func(t *testing.T, major int) {
		l := newEarly(t, major, threeTables)
		do := l.opened()
		do("begin; update public.t set v = 'early', u = -u where id <= 50; " + much(1000) + much(3000))
		l.inProgress(1, 2000)
		l.settle() // others pass it
		if open := sandbox.Query(t, l.target, writersOpen); len(open) != 1 {
			t.Errorf("%d sessions hold what is in progress, want 1", len(open))
		}
		if rows := sandbox.Query(t, l.target, "select count(*), count(*) filter (where v = 'first') from public.t"); rows[0] != "100|100" {
			t.Errorf("on the target, before the commit: %s", rows[0])
		}
		do("delete from public.t where id between 40 and 1100; update public.t set id = id + 10000 where id < 10; commit")
		l.sameEarly()
		l.inProgress(0, 0)
		if got, want := l.recorded().Position.Inserts, int64(4000); got < want {
			t.Errorf("%d inserts are recorded, want %d", got, want)
		}
	})
}

// What the source takes back is taken back: all of it, or subtransactions, whichever
// way they are in each other.
func TestChangesInProgressThatAreRolledBack(t *testing.T) {
	early(t, func(t *testing.T, major int) {
		l := newEarly(t, major, threeTables)
		for i, script := range []string{
			"rollback",
			"savepoint a; " + much(5000) + "rollback to a; " + much(7000) + "commit",
			"savepoint a; " + much(5000) + "savepoint b; " + much(7000) + "rollback to b; update public.t set v = 'kept' where id between 5000 and 5100; commit",
			"savepoint a; " + much(5000) + "savepoint b; " + much(7000) + "release b; " + much(9000) + "rollback to a; " + much(5000) + "commit",
			"savepoint a; savepoint b; " + much(5000) + "release b; update public.t set v = 'a' where id < 10; savepoint c; " + much(7000) + "release c; rollback to a; " + much(7000) + "commit",
			"savepoint a; " + much(5000) + "release a; savepoint a; " + much(7000) + "release a; rollback",
			"savepoint a; " + much(5000) + "release a; savepoint b; delete from public.t where id > 6000; " + much(7000) + "rollback to b; delete from public.t where id > 5500; commit",
			"savepoint a; truncate public.plain; " + much(5000) + "rollback to a; insert into public.plain values ('after'); " + much(7000) + "commit",
		} {
			do := l.opened()
			do("begin; update public.t set v = 'early' where id <= 50; " + much(1000))
			l.inProgress(1, 500)
			for statement := range strings.SplitSeq(script, ";") {
				do(statement)
				if i%2 == 0 {
					l.settle()
				}
			}
			l.sameEarly()
			l.inProgress(0, 0)
			l.do("delete from public.t where id > 100; update public.t set v = 'first'")
		}
		l.sameEarly()
	})
}

// Some are in progress at once, and others come between them, on the rows that were
// theirs or are to be.
func TestChangesInProgressBesideOthers(t *testing.T) {
	early(t, func(t *testing.T, major int) {
		l := newEarly(t, major, threeTables)
		var sessions []func(string)
		for i := range 6 {
			sessions = append(sessions, l.opened())
			sessions[i]("begin; " + much(1000+2000*i))
		}
		l.inProgress(6, 6*500)
		for i, do := range sessions {
			l.do(fmt.Sprintf("update public.t set v = 'before' where id = %d; insert into public.plain values ('first')", 10+i))
			do(fmt.Sprintf("update public.t set v = v || ' within' where id = %d; delete from public.t where id = %d; insert into public.plain values ('of %d'); delete from public.plain where v = 'of %d'", 10+i, 20+i, i, i-1))
			do("update public.toasted set n = n + 1 where id = " + fmt.Sprint(i+1))
			do(fmt.Sprintf("savepoint a; update public.t set v = 'lost' where id = %d; update public.t set u = -u where id between %d and %d", 30+i, 1000+2000*i, 1900+2000*i))
			do("rollback to a")
			l.do(fmt.Sprintf("update public.t set v = v || 'behind' where id = %d; insert into public.t values (%d, %d, 'short')", 30+i, 50000+i, 50000+i))
		}
		l.settle()
		for i, do := range sessions {
			if i%3 == 1 {
				do("rollback")
			} else {
				do("commit")
			}
			l.do(fmt.Sprintf("update public.t set v = v || ' after' where id in (%d, %d); delete from public.t where id = %d; update public.toasted set n = n + 10, id = -id where id = %d", 10+i, 1000+2000*i, 1001+2000*i, i+1))
			if i == 2 {
				l.settle()
			}
		}
		l.sameEarly()
		l.inProgress(0, 0)
	})
}

// Keys that change, values that are not sent, tables that are emptied.
func TestChangesInProgressOfEveryKind(t *testing.T) {
	early(t, func(t *testing.T, major int) {
		l := newEarly(t, major, threeTables+"create table public.parts (id int primary key, v text) partition by range (id); create table public.parts_1 partition of public.parts for values from (0) to (1000); create table public.parts_2 partition of public.parts for values from (1000) to (9000000);")
		do := l.opened()
		do("begin; " + much(1000))
		l.inProgress(1, 500)
		for _, sql := range []string{
			"update public.toasted set n = n + 1",
			"update public.toasted set id = id + 1000 where id <= 10",
			"update public.toasted set v = repeat('y', 5000) where id = 11",
			"update public.t set u = case u when 1 then 2 else 1 end where u in (1, 2) and false; update public.t set u = -u where id <= 100; update public.t set u = -u + 1000000 where id <= 100",
			"insert into public.parts select i * 37, repeat('part', 10) from generate_series(1, 3000) i; update public.parts set id = id + 2000 where id < 900",
			"insert into public.plain select 'again' from generate_series(1, 3000)",
			"truncate public.plain; insert into public.plain select 'after' from generate_series(1, 3000)",
			"select pg_logical_emit_message(true, 'app', repeat('x', 100000)); analyze public.t; update public.t set v = 'analyzed' where id < 1500",
		} {
			do(sql)
			l.settle()
		}
		do("commit")
		l.sameEarly()
	})
}

// A session that goes away takes its transaction with it: of the source, of the
// stream, of the target.
func TestChangesInProgressSurviveLostConnections(t *testing.T) {
	early(t, func(t *testing.T, major int) {
		l := newEarly(t, major, threeTables)
		do := l.opened()
		do("begin; update public.t set v = 'early' where id <= 50; " + much(1000))
		for i, lost := range []struct{ url, condition string }{
			{l.source, "backend_type = 'walsender'"},
			{l.target, "application_name = 'sluice changes' and backend_xid is not null"},
			{l.target, "application_name = 'sluice changes'"},
			{l.source, "backend_type = 'walsender'"},
		} {
			l.inProgress(1, 500)
			if n := terminate(t, lost.url, lost.condition); n == 0 {
				t.Errorf("nobody was there: %s", lost.condition)
			}
			do(much(3000 + 2000*i))
			l.settle()
		}
		l.inProgress(1, 5000)
		gone := l.opened()
		gone("begin; update public.t set v = 'gone' where id = 99; " + much(30000))
		l.inProgress(2, 5000)
		terminate(t, l.source, "query ilike '%30000%' and pid <> pg_backend_pid()")
		l.inProgress(1, 5000)
		l.do("update public.t set v = 'not gone' where id = 99")
		l.settle()
		do("commit")
		l.sameEarly()
	})
}

// The run may stop while transactions are in progress, and begins with them anew.
func TestChangesInProgressAcrossAStop(t *testing.T) {
	l := newEarly(t, 0, threeTables)
	kept, lost := l.opened(), l.opened()
	kept("begin; update public.t set v = 'early' where id <= 50; " + much(1000))
	lost("begin; update public.t set v = 'lost' where id > 50; " + much(5000))
	l.inProgress(2, 1000)
	l.rest()
	if open := sandbox.Query(t, l.target, "select pid from pg_stat_activity where datname = current_database() and application_name like 'sluice%' and state <> 'idle' and pid <> pg_backend_pid()"); len(open) > 0 {
		t.Errorf("%d sessions are left", len(open))
	}
	lost("rollback")
	kept(much(3000))
	l.follow(l.logged)
	l.inProgress(1, 1000)
	kept("commit")
	l.sameEarly()
}
