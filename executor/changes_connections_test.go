package executor_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sluice/examples/sandbox"
	"sluice/executor"
	"sluice/executor/replay"
)

// abreast follows changes that came while nobody followed, and counts what batches do
// that are written at once.
type abreast struct {
	*live
	behind, back, again, commits atomic.Int64
	// hold, where it is set, is called before a commit.
	hold func()
}

func (l *abreast) watch(r *executor.Run) {
	r.Point = func(name string) {
		switch name {
		case "replay: behind others":
			l.behind.Add(1)
		case "replay: back behind others":
			l.back.Add(1)
		case "replay: again, as the first":
			l.again.Add(1)
		case "replay: before a commit":
			if l.commits.Add(1) == 1 && l.hold != nil {
				l.hold()
			}
		}
	}
}

// reach waits until a counter is there; the run may not end before.
func (l *abreast) reach(counter *atomic.Int64, n int64) {
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for counter.Load() < n {
		select {
		case <-l.ctx.Done():
			l.t.Errorf("%d batches are behind others, %d are back, %d were done again: what was waited for never came", l.behind.Load(), l.back.Load(), l.again.Load())
			return
		case <-tick.C:
		}
	}
}

// newAbreast has followed what the script makes, and rests.
func newAbreast(t *testing.T, script string) *abreast {
	t.Helper()
	l := &abreast{live: &live{move: newMove(t, 0, 0)}}
	l.begin(t, script, l.watch)
	l.rest()
	return l
}

// after follows what the script changes, and compares.
func (l *abreast) after(script string) {
	l.t.Helper()
	l.behind.Store(0)
	l.back.Store(0)
	l.again.Store(0)
	l.commits.Store(0)
	l.do(script)
	l.follow(l.watch)
	l.same()
	l.rest()
}

// wide is what makes few rows fill a batch: about 700 of them do.
const wide = "repeat('wide', 750)"

// wideTable has rows that fill batches.
func wideTable(name string, rows int) string {
	return fmt.Sprintf(`create table public.%[1]s (id int primary key, n int, u int unique, v text);
		alter table public.%[1]s alter v set storage plain;
		insert into public.%[1]s select i, 0, i, %[3]s from generate_series(1, %[2]d) i;`, name, rows, wide)
}

// eachOf is a transaction for each of so many hundreds of rows from one on.
func eachOf(from, hundreds int, script string) string {
	var b strings.Builder
	for i := range hundreds {
		first := from + 100*i
		b.WriteString("begin;" + strings.NewReplacer("$1", fmt.Sprint(first), "$2", fmt.Sprint(first+99)).Replace(script) + ";commit;")
	}
	return b.String()
}

const adds = "update public.t set n = n + 1 where id between $1 and $2"

// Batches that do not depend on each other are under way at once, each on a connection
// of its own, and nobody sees anything of one before those ahead of it.
func TestChangesOverSeveralConnections(t *testing.T) {
	t.Parallel()
	l := newAbreast(t, wideTable("t", 6000))
	l.whileFirstWaits("public.t", func() {
		l.reach(&l.behind, 3)
		if open := sandbox.Query(t, l.target, writersOpen); len(open) != 4 {
			t.Errorf("%d sessions write, want 4", len(open))
		}
		if seen := sandbox.Query(t, l.target, "select count(*) from public.t where n > 0"); seen[0] != "0" {
			t.Errorf("%s rows are seen before the first commit", seen[0])
		}
	}, eachOf(1, 60, adds))
	if l.again.Load() > 0 {
		t.Errorf("%d batches were done again", l.again.Load())
	}
	left := fmt.Sprintf("select from pg_stat_activity where application_name in ('sluice changes', 'sluice waits') and datname = %s", "current_database()")
	if open := sandbox.Query(t, l.target, left); len(open) > 0 {
		t.Errorf("%d sessions are left", len(open))
	}
	l.do(eachOf(1, 60, adds))
	l.behind.Store(0)
	l.follow(func(r *executor.Run) {
		l.watch(r)
		r.Settings.Connections = 1
	})
	l.same()
	if l.behind.Load() > 0 {
		t.Errorf("with one connection %d batches were behind others", l.behind.Load())
	}
}

// Whatever batches have in common, the target is as the source in the end. together: the
// first ones have nothing.
func TestChangesThatFollowEachOtherOverConnections(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		tables, script string
		together       bool
	}{
		"rows that come, change and go": {
			wideTable("t", 10),
			eachOf(101, 20, "insert into public.t select i, 0, i, "+wide+" from generate_series($1, $2) i") +
				eachOf(101, 20, adds) + eachOf(101, 20, "delete from public.t where id between $1 and $2") +
				eachOf(101, 20, "insert into public.t select i, 1, i, "+wide+" from generate_series($1, $2) i"),
			false,
		},
		"keys that rows exchange": {
			wideTable("t", 4000),
			eachOf(1, 20, "update public.t set id = -id where id between $1 and $2") +
				eachOf(2001, 20, "update public.t set id = id - 2000 where id between $1 and $2") +
				eachOf(1, 20, "update public.t set id = 2000 - id where id between -$2 and -$1"),
			false,
		},
		"unique values that move to other rows": {
			wideTable("t", 6000),
			eachOf(1, 20, "update public.t set u = -u where id between $1 and $2") +
				eachOf(2001, 20, "update public.t set u = id - 2000 where id between $1 and $2") +
				eachOf(4001, 20, "update public.t set u = id - 2000 where id between $1 and $2"),
			false,
		},
		"unique values of rows that go": {
			wideTable("t", 4000),
			eachOf(1, 20, "delete from public.t where id between $1 and $2") +
				eachOf(8001, 20, "insert into public.t select i, 0, i - 8000, "+wide+" from generate_series($1, $2) i"),
			false,
		},
		"rows without a key that come": {
			"create table public.t (n int, v text); alter table public.t replica identity full;",
			eachOf(1, 60, "insert into public.t select i / 2, "+wide+" from generate_series($1, $2) i"),
			true,
		},
		"rows without a key that go": {
			"create table public.t (n int, v text); alter table public.t replica identity full;" + wideTable("other", 4000),
			eachOf(1, 20, "insert into public.t select i / 2, "+wide+" from generate_series($1, $2) i") +
				"delete from public.t where n < 100 and n % 3 = 0;" +
				eachOf(1, 40, "update public.other set n = n + 1 where id between $1 and $2") +
				"update public.t set n = n + 1 where n < 200;",
			true,
		},
		"a key whose equal values differ": {
			"create table public.t (id numeric primary key, c citext unique, n int, v text);" + wideTable("other", 4000),
			eachOf(1, 40, "update public.other set n = n + 1 where id between $1 and $2") +
				eachOf(1, 20, "insert into public.t select i + 0.0, 'a' || i, 0, "+wide+" from generate_series($1, $2) i") +
				eachOf(1, 20, "delete from public.t where id between $1 and $2") +
				eachOf(1, 20, "insert into public.t select i + 0.00, 'A' || i, 0, "+wide+" from generate_series($1, $2) i") +
				eachOf(1, 40, "update public.other set n = n + 1 where id between $1 and $2"),
			true,
		},
		"a table that is emptied": {
			wideTable("t", 10),
			eachOf(101, 40, "insert into public.t select i, 0, i, "+wide+" from generate_series($1, $2) i") + strings.Repeat("truncate public.t;"+eachOf(1, 20, "insert into public.t select i, 0, i, "+wide+" from generate_series($1, $2) i"), 3),
			true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newAbreast(t, "create extension citext;"+c.tables)
			if c.together {
				l.hold = func() { l.reach(&l.behind, 1) }
			}
			l.after(c.script)
			t.Logf("%d batches were behind others, %d back, %d done again", l.behind.Load(), l.back.Load(), l.again.Load())
		})
	}
}

// locked is a session of the target that holds up others until it ends.
func (l *abreast) locked(sql string) (end func()) {
	l.t.Helper()
	conn := connect(l.t, l.target)
	if _, err := conn.Exec(l.ctx, "begin; "+sql); err != nil {
		l.t.Fatal(err)
	}
	return func() {
		if _, err := conn.Exec(l.ctx, "rollback"); err != nil {
			l.t.Error(err)
		}
	}
}

// whileFirstWaits follows what the script changes, and does something while the first
// batch waits for the row 1 of a table.
func (l *abreast) whileFirstWaits(table string, do func(), script string) {
	l.t.Helper()
	end := l.locked("select from " + table + " where id = 1 for update")
	var doing sync.WaitGroup
	doing.Go(func() {
		do()
		end()
	})
	l.after(script)
	doing.Wait()
}

// A batch behind others is not believed where the target refuses it: once they are
// committed it is done again, and fits. Here a row still has the value that another is
// to have, since the update that frees it waits.
func TestChangesBehindOthersAreDoneAgain(t *testing.T) {
	t.Parallel()
	l := newAbreast(t, wideTable("t", 4000))
	end := l.locked("select from public.t where id = 1 for update")
	l.do(eachOf(1, 20, "update public.t set u = -u where id between $1 and $2") +
		eachOf(2001, 20, "update public.t set u = id - 2000 where id between $1 and $2"))
	l.hold = nil
	var waiting sync.WaitGroup
	waiting.Go(func() {
		l.reach(&l.back, 1)
		end()
	})
	l.follow(l.watch)
	waiting.Wait()
	l.same()
	if l.again.Load() == 0 {
		t.Error("no batch was done again")
	}
}

// Where one ahead waits for a batch behind it, be it through somebody else's lock, the
// one behind gives way: the one ahead commits first.
func TestChangesBehindOthersGiveWay(t *testing.T) {
	t.Parallel()
	l := newAbreast(t, wideTable("t", 4000)+wideTable("u", 4000))
	end := l.locked("select from public.t where id = 1 for update")
	// The first batch waits for that row, and comes to the other table behind it.
	l.do("begin; update public.t set n = n + 1 where id <= 20; update public.u set n = n + 1 where id <= 20; commit;" +
		eachOf(1001, 20, "update public.u set n = n + 1 where id between $1 and $2"))
	var waiting sync.WaitGroup
	waiting.Go(func() {
		l.reach(&l.behind, 1)
		other := connect(t, l.target)
		locked := make(chan error, 1)
		go func() {
			_, err := other.Exec(l.ctx, "begin; lock table public.u in access exclusive mode; rollback")
			locked <- err
		}()
		l.wait(fmt.Sprintf("select from pg_locks where pid = %d and mode = 'AccessExclusiveLock' and not granted", other.PgConn().PID()))
		end()
		if err := <-locked; err != nil {
			t.Error(err)
		}
	})
	l.follow(l.watch)
	waiting.Wait()
	l.same()
	if l.back.Load() == 0 || l.again.Load() == 0 {
		t.Errorf("%d batches gave way, %d were done again", l.back.Load(), l.again.Load())
	}
}

// A change that does not fit, in the second of several batches under way, stops right
// before its transaction: the first is there, what comes behind is not.
func TestChangesThatDoNotFitBehindOthers(t *testing.T) {
	t.Parallel()
	l := newAbreast(t, wideTable("t", 4000))
	sandbox.Exec(t, l.target, "delete from public.t where id = 1550")
	l.hold = func() {
		l.reach(&l.behind, 2)
		l.reach(&l.back, 1)
	}
	l.do(eachOf(1, 40, adds))
	l.start(l.watch)
	refusal[*replay.Divergence](t, l.failure(), "public.t", "id=1550", "touched 0 rows")
	const changed = "select min(id), max(id), count(*) from public.t where n > 0"
	if got := sandbox.Query(t, l.target, changed); got[0] != "1|1500|1500" {
		t.Errorf("rows on the target that have changed: %s", got[0])
	}
	sandbox.Exec(t, l.target, "insert into public.t values (1550, 0, 1550, 'put back')")
	l.hold = nil
	l.follow(l.watch)
	l.settle()
	if got := sandbox.Query(t, l.target, changed); got[0] != "1|4000|4000" {
		t.Errorf("rows on the target that have changed, in the end: %s", got[0])
	}
}

// Whoever reads sees whole transactions, in the order of their commits: what each adds
// to one table it adds to the other, and the last is seen with all before it.
func TestChangesOverConnectionsAreSeenInOrder(t *testing.T) {
	t.Parallel()
	l := newAbreast(t, wideTable("t", 6000)+wideTable("u", 6000)+"create table public.last (n int primary key);")
	var script strings.Builder
	for i := range 60 {
		script.WriteString(eachOf(100*i+1, 1, adds+"; update public.u set n = n + 1 where id between $1 and $2; insert into public.last values ("+fmt.Sprint(i+1)+")"))
	}
	reader := connect(t, l.target)
	ctx, cancel := context.WithCancel(l.ctx)
	var reading sync.WaitGroup
	var reads atomic.Int64
	reading.Go(func() {
		for ctx.Err() == nil {
			var t1, u1, last, count int
			err := reader.QueryRow(ctx, "select (select sum(n) from public.t), (select sum(n) from public.u), (select coalesce(max(n), 0) from public.last), (select count(*) from public.last)").Scan(&t1, &u1, &last, &count)
			if ctx.Err() != nil {
				return
			}
			if err != nil || t1 != u1 || t1 != 100*last || last != count {
				t.Errorf("a reader sees %d and %d changes of %d transactions, the last of which is %d: %v", t1, u1, count, last, err)
				return
			}
			reads.Add(1)
		}
	})
	l.whileFirstWaits("public.t", func() {
		l.reach(&l.behind, 3)
		for before := reads.Load(); reads.Load() < before+2 && !t.Failed(); {
			runtime.Gosched()
		}
	}, script.String())
	cancel()
	reading.Wait()
}

// A process that is killed while several batches are under way leaves a commit of the
// source, with its position: before the first commit, between two, and behind one.
func TestChangesOverConnectionsSurviveKills(t *testing.T) {
	t.Parallel()
	const insertions = "insert into public.log select i, " + wide + " from generate_series($1, $2) i;"
	for _, point := range []string{
		"replay: behind others#0", "replay: before a commit#0", "replay: before a commit#2", "replay: before a commit#3",
		"replay: after a commit, before it is acknowledged#1", "replay: after a commit, before it is acknowledged#3",
		"replay: back behind others#0", "replay: again, as the first#0",
	} {
		t.Run(point, func(t *testing.T) {
			t.Parallel()
			l := newAbreast(t, wideTable("t", 4000)+"create table public.log (n int, v text); alter table public.log replica identity full;")
			end := func() {}
			if strings.Contains(point, "again") || strings.Contains(point, "behind") { // as in TestChangesBehindOthersAreDoneAgain
				end = l.locked("select from public.t where id = 1 for update")
			}
			l.do(eachOf(1, 5, "update public.t set u = -u where id between $1 and $2;"+insertions) +
				eachOf(2001, 5, "update public.t set u = id - 2000 where id between $1 and $2;"+insertions) +
				eachOf(3001, 10, "update public.t set n = n + 1 where id between $1 and $2;"+insertions))
			child := l.move.start(t, point, "")
			if strings.Contains(point, "again") {
				l.wait("select from pg_stat_activity where application_name = 'sluice changes' and datname = current_database() and state = 'idle' and query = 'rollback'")
				end()
			}
			l.killed(child, 1_000_000)
			if !strings.Contains(point, "again") {
				end()
			}
			partly := sandbox.Query(t, l.target, "select coalesce(string_agg(n::text, ' '), '') from (select n / 100 as n from public.log where n % 100 > 0 group by 1 having count(*) <> 99) _")
			if partly[0] != "" {
				t.Errorf("transactions that are there in part: %s", partly[0])
			}
			l.follow(nil)
			l.same()
		})
	}
}

// Writers who know nothing of each other, on tables of every kind, against as many
// connections as there may be, and against as many as the target has room for.
func TestChangesOverConnectionsOfManyWriters(t *testing.T) {
	t.Parallel()
	for _, connections := range []int{2, 16} {
		t.Run(fmt.Sprint(connections), func(t *testing.T) {
			t.Parallel()
			l := newAbreast(t, wideTable("t", 3000)+wideTable("u", 3000)+`
				create table public.folded (id numeric primary key, n int);
				create table public.log (n int, v text); alter table public.log replica identity full;
				create table public.two (a int, b text, u int, w int, primary key (a, b), unique (u, w));
				insert into public.folded select i, 0 from generate_series(1, 100) i;
				insert into public.two select i, i, i, i from generate_series(1, 2000) i;
				-- Writers pass over the rows one behind the other, and seldom meet.
				create procedure public.work(times int, start int) language plpgsql as $$
				declare k int; what int;
				begin
					for i in 1..times loop
						k := 1 + 100 * ((start + i + floor(random() * 2)::int) % 29);
						what := floor(random() * 60);
						begin
							if what = 0 then
								update public.t set id = -id where id between k and k + 5;
								update public.t set id = -id where id between -k - 5 and -k;
							elsif what = 1 then delete from public.log where n = k;
							elsif what = 2 then update public.folded set n = n + 1 where id = k / 100 + 1;
							elsif what < 5 then update public.t set u = -u where id between k and k + 20;
							elsif what < 9 then
								delete from public.u where id between k and k + 50;
								insert into public.u select j, 0, j, repeat('wide', 750) from generate_series(k, k + 50) j;
							elsif what < 18 then insert into public.log select j, repeat('wide', 750) from generate_series(k, k + 50) j;
							elsif what < 25 then
								update public.two set u = -u - 10000 where a between k and k + 99;
								update public.two set w = w + 1 where a between k + 50 and k + 150;
							elsif what < 40 then update public.t set n = n + 1 where id between k and k + 99;
							else update public.u set n = n - 1 where id between k and k + 99;
							end if;
						exception when unique_violation or deadlock_detected then null;
						end;
						commit;
					end loop;
				end $$`)
			sandbox.Exec(t, l.target, "create unique index on public.two (w, a); create index on public.t (n)")
			var writing sync.WaitGroup
			for i := range 3 {
				writing.Go(func() { l.beside(fmt.Sprintf("call public.work(150, %d)", 10*i)) })
			}
			writing.Wait()
			l.follow(func(r *executor.Run) {
				l.watch(r)
				r.Settings.Connections = connections
			})
			stop := l.repeat(func(n int) string { return fmt.Sprintf("call public.work(20, %d)", 20*n) })
			for range 5 {
				l.settle()
			}
			stop()
			l.same()
			t.Logf("%d batches were behind others, %d back, %d done again", l.behind.Load(), l.back.Load(), l.again.Load())
		})
	}
}

// Where the target has no room for more connections, the changes go over those that
// there are.
func TestChangesOverAsManyConnectionsAsThereAre(t *testing.T) {
	t.Parallel()
	l := newAbreast(t, wideTable("t", 6000))
	l.targetRole = limited(t, l.target, 5)
	sandbox.Exec(t, l.target, fmt.Sprintf("grant usage on schema sluice to %[1]s; grant all on all tables in schema sluice, public to %[1]s; grant all on all sequences in schema sluice, public to %[1]s", l.targetRole))
	l.do(eachOf(1, 60, adds))
	var said retries
	l.follow(func(r *executor.Run) {
		l.watch(r)
		r.Log = slog.New(slog.NewTextHandler(&said, nil))
	})
	l.same()
	if said.Load() > 0 {
		t.Errorf("it has tried %d times again", said.Load())
	}
}

// retries counts the lines of a log that speak of one.
type retries struct{ atomic.Int64 }

func (r *retries) Write(line []byte) (int, error) {
	if bytes.Contains(line, []byte("msg=retrying")) {
		r.Add(1)
	}
	return len(line), nil
}
