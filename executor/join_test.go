package executor_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"sluice/examples/sandbox"
	"sluice/executor"
	"sluice/planner"
	"sluice/planner/catalog"
)

// late is a table that turns up later, with a key and one without.
const late = `
	create table public.late (id int primary key, v int, pad text);
	create table public.bare (v int);
	alter table public.bare replica identity full;
	create index late_v on public.late (v);
	insert into public.late select i, 0, repeat('p', 100) from generate_series(1, 3000) i;
	insert into public.bare select i % 7 from generate_series(1, 500) i`

// crowd writes to tables until the returned function is called: transactions of
// every length, some with savepoints, some rolled back, across whatever happens.
// A statement is repeated with $n as a number that is never the same.
func (l *live) crowd(writers int, statements ...string) (stop func()) {
	ctx, cancel := context.WithCancel(l.ctx)
	first := l.crowds * 5_000_000
	l.crowds++
	var ended sync.WaitGroup
	for w := range writers {
		ended.Go(func() {
			conn, err := pgx.Connect(ctx, l.source)
			if err != nil {
				if ctx.Err() == nil {
					l.t.Error(err)
				}
				return
			}
			defer conn.Close(context.WithoutCancel(ctx))
			tick := time.NewTicker(time.Millisecond)
			defer tick.Stop()
			for n := first + w; ; n += writers {
				select {
				case <-ctx.Done():
					return
				case <-tick.C:
				}
				l.breathe(ctx, conn)
				script := "begin;"
				for i, s := range statements {
					s = strings.ReplaceAll(s, "$n", fmt.Sprint(n))
					if (n+i)%5 == 0 {
						script += fmt.Sprintf("savepoint s; %s; rollback to s; savepoint r; %s; release r;", s, s)
					} else {
						script += s + ";"
					}
				}
				if w == 0 { // long enough to span what a join does
					script += "select pg_sleep(0.05);" + strings.ReplaceAll(statements[0], "$n", fmt.Sprint(-1-n)) + ";"
				}
				end := "commit"
				if n%11 == 0 {
					end = "rollback"
				}
				_, err := conn.PgConn().Exec(ctx, script+end).ReadAll()
				if err == nil {
					continue
				}
				said := new(pgconn.PgError)
				errors.As(err, &said)
				if l.fenced && (said.Code == "25006" || conn.IsClosed()) {
					return
				}
				if ctx.Err() == nil && said.Code != "40P01" { // a deadlock is between writers: none of ours
					l.t.Errorf("%v: %s", err, script)
					return
				}
				_, _ = conn.PgConn().Exec(ctx, "rollback").ReadAll()
			}
		})
	}
	return func() {
		cancel()
		ended.Wait()
	}
}

// onLate are what the writers do to all tables.
var onLate = []string{
	"insert into public.late values (10000 + $n, 0, 'x')",
	"insert into public.bare values ($n % 5)",
	"update public.late set v = v + 1 where id = abs($n) % 3000",
	"delete from public.late where id = 10000 + $n - 20",
	"update public.late set id = id + 1000000 where id = 10000 + $n - 7",
	"delete from public.bare where ctid = (select min(ctid) from public.bare)",
	"insert into public.keyed values ($n, 0) on conflict do nothing",
	"update public.keyed set v = v + 1 where id = $n / 2",
	"insert into public.plain values ($n % 5)",
}

// A table that turns up later joins the stream while the others' changes flow, and
// a second plan has nothing to do.
func TestATableJoins(t *testing.T) {
	t.Parallel()
	for name, large := range map[string]int64{"under one snapshot": 0, "in ranges of keys": 1} {
		for _, major := range widestMajors() {
			t.Run(fmt.Sprintf("%s, PostgreSQL %d", name, major), func(t *testing.T) {
				t.Parallel()
				tableJoins(t, major, large)
			})
		}
	}
}

func tableJoins(t *testing.T, major int, large int64) {
	l := &live{move: newMove(t, major, 0)}
	l.begin(t, counted, nil)
	l.rest()
	l.spec.LargeTable, l.chunkBytes = large, 32<<10
	l.do(late)
	stop := l.crowd(4, onLate...)
	var flows sync.Once
	l.follow(func(r *executor.Run) {
		r.Point = func(name string) {
			if name == "load: before a chunk commits" {
				flows.Do(func() { // what is written now is on the target before the table's rows are
					l.beside("insert into public.plain values (4711)")
					l.wait("select from public.plain where v = 4711")
				})
			}
		}
	})
	flows.Do(func() { t.Error("nothing was loaded") })
	if n := sandbox.Query(t, l.target, "select count(*) > 5 from sluice.chunk where table_name = 'late' and by_key"); large > 0 && n[0] != "t" {
		t.Error("late was not read in ranges of keys")
	}
	stop()
	l.same()
	l.nothingLeft(t)
	l.nothingApart()
}

// nothingApart checks that no slot and no publication is left but the migration's.
func (l *live) nothingApart() {
	l.t.Helper()
	left := sandbox.Query(l.t, l.source, "select slot_name from pg_replication_slots where database = current_database() and slot_name <> $1 union all select pubname from pg_publication where pubname <> $1", l.spec.Slot)
	if len(left) > 0 {
		l.t.Errorf("left on the source: %v", left)
	}
}

// A process that is killed anywhere while a table joins, is loaded again or leaves
// costs no row: the next one carries the edit out.
func TestKillsWhileATableJoins(t *testing.T) {
	t.Parallel()
	l := newLive(t, counted+late)
	l.rest()
	again, leaves := childAgain+"=late", childLeaves+"=public.late"
	for _, c := range []struct{ point, edit string }{
		{"leave: before its record#0", again},
		{"leave: before the rows go#0", again},
		{"leave: before its commit#0", again},
		{"source step: after its intent#0", again},
		{"source step: before its record#0", again},
		{"slot: after its intent#0", again},
		{"slot: before the barrier#0", again},
		{"load: before a chunk commits#0", again},
		{"load: after a chunk has committed#0", again},
		{"join: before the streams are held#0", again},
		{"join: between the streams#0", again},
		{"join: before its record#0", again},
		{"join: after its record#0", again},
		{"remove: before the records go#0", again},
		{"remove: before the records go#1", again},
		{"replay: before a commit#9", again},
		{"leave: before its record#0", leaves},
		{"publish: before a statement#0", leaves}, // the table has left, and is published still
		{"join: before its record#0", ""},         // it comes back
	} {
		stop := l.crowd(2, onLate...)
		cmd := l.move.start(t, c.point, executor.UntilEnd, c.edit)
		if err := cmd.Wait(); cmd.ProcessState.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
			t.Fatalf("%s: the child was not killed there: %v", c.point, err)
		}
		if c.edit == leaves {
			stop()
			continue
		}
		l.follow(nil)
		stop()
		l.same()
		if t.Failed() {
			t.Fatalf("after a kill at %q", c.point)
		}
		l.rest()
	}
	l.nothingLeft(t)
	l.nothingApart()
}

// A table that is not selected any more keeps its rows, and gets no more; taken in
// again, it is loaded again.
func TestATableLeavesAndComesBack(t *testing.T) {
	t.Parallel()
	l := newLive(t, counted+late)
	stop := l.crowd(2, onLate...)
	l.rest()
	l.spec.Exclude = []planner.Pattern{pattern("public.late"), pattern("public.bare")}
	l.follow(nil)
	before := sandbox.Sums(t, l.target)
	l.settle()
	after := sandbox.Sums(t, l.target)
	for _, table := range []string{"public.late", "public.bare"} {
		if before[table] != after[table] {
			t.Errorf("%s has changed after it left", table)
		}
	}
	if names := sandbox.Query(t, l.source, "select tablename from pg_publication_tables where pubname = $1 and tablename in ('late', 'bare')", l.spec.Slot); len(names) > 0 {
		t.Errorf("still published: %v", names)
	}
	l.rest()
	l.spec.Exclude = nil
	l.follow(nil)
	stop()
	l.same()
	l.nothingLeft(t)
	l.nothingApart()
}

// -replace loads a table again that is in use: it has its keys, and others refer
// to it.
func TestATableIsLoadedAgain(t *testing.T) {
	t.Parallel()
	l := newLive(t, counted+late+`;
		create unique index late_unique on public.late (pad, v, id);
		create table public.child (id int primary key, late int references public.late);
		create function public.no() returns trigger language plpgsql as $$ begin raise exception 'fired'; end $$;
		insert into public.child select i, i from generate_series(1, 100) i;
		create trigger no before insert on public.late for each row when (new.v = -1) execute function public.no()`)
	stop := l.crowd(2, onLate...)
	l.rest()
	sandbox.Exec(t, l.target, "set session_replication_role = replica; update public.late set v = -5 where id < 50; delete from public.late where id between 50 and 90")
	l.spec.LargeTable, l.chunkBytes = 1, 32<<10 // which it must not be: its unique index is there
	l.spec.Replace = []catalog.Name{{Schema: "public", Local: "late"}}
	l.follow(nil)
	l.spec.Replace = nil
	if n := sandbox.Query(t, l.target, "select count(*) from sluice.chunk where table_name = 'late' and by_key"); n[0] != "0" {
		t.Errorf("%s chunks by key", n[0])
	}
	stop()
	l.same()
	l.nothingLeft(t)
	l.nothingApart()
}

// Where nothing else is written to, all that the stream has sent when a table joins
// was passed over: it goes on behind that all the same.
func TestATableJoinsThatAloneIsWrittenTo(t *testing.T) {
	t.Parallel()
	l := newLive(t, late)
	l.spec.Replace = []catalog.Name{{Schema: "public", Local: "late"}, {Schema: "public", Local: "bare"}}
	stop := l.crowd(3, slices.DeleteFunc(slices.Clone(onLate), func(s string) bool { return strings.Contains(s, "keyed") || strings.Contains(s, "plain") })...)
	for range 3 {
		l.rest()
		l.follow(nil)
	}
	l.spec.Replace = nil
	stop()
	l.same()
	l.nothingLeft(t)
}

// A filter that is edited, or a value, loads the table again with what is declared
// now; the next plan has nothing to do.
func TestAnEditedFilterLoadsATableAgain(t *testing.T) {
	t.Parallel()
	l := newLive(t, counted+late)
	stop := l.crowd(2, onLate...)
	for _, e := range []struct{ where, value string }{
		{"id % 2 = 0", ""},
		{"id % 3 = 0 or v > 2", ""},
		{"id % 3 = 0 or v > 2", "upper(pad) || v"},
		{"", ""},
	} {
		l.rest()
		rule := planner.TableRule{Table: catalog.Name{Schema: "public", Local: "late"}, Where: sqlText(e.where)}
		if e.value != "" {
			rule.Columns = []planner.ColumnRule{{Column: "pad", Value: sqlText(e.value)}}
		}
		l.spec.Tables = []planner.TableRule{rule}
		l.follow(nil)
		stop()
		l.settle()
		where, value := cmp.Or(e.where, "true"), cmp.Or(e.value, "pad")
		sum := func(url, where, value string) []string {
			return sandbox.Query(t, url, fmt.Sprintf("select count(*), sum(hashtext(concat_ws('|', id, v, %s))) from public.late where %s", value, where))
		}
		if source, target := sum(l.source, where, value), sum(l.target, "true", "pad"); !slices.Equal(source, target) {
			t.Errorf("%+v: %s on the source, %s on the target", e, source, target)
		}
		l.nothingLeft(t)
		stop = l.crowd(2, onLate...)
	}
	stop()
	l.same()
	l.nothingApart()
}

// The source truncates tables together that refer to each other, of which some are
// not followed: PostgreSQL would refuse that of the others alone.
func TestTruncatesBesideTablesThatAreNotFollowed(t *testing.T) {
	t.Parallel()
	l := newLive(t, `
		create table public.parent (id int primary key);
		create table public.child (id int primary key, parent int references public.parent);
		insert into public.parent select generate_series(1, 50);
		insert into public.child select i, i from generate_series(1, 50) i;`)
	again := func(table string) {
		l.rest()
		l.spec.Replace = []catalog.Name{{Schema: "public", Local: table}}
		var truncated sync.Once
		l.follow(func(r *executor.Run) {
			r.Point = func(name string) {
				if name == "join: before the streams are held" {
					truncated.Do(func() {
						l.beside("truncate public.parent cascade; insert into public.parent values (1); insert into public.child values (1, 1)")
					})
				}
			}
		})
		truncated.Do(func() { t.Error("nothing was loaded") })
		l.spec.Replace = nil
		l.same()
	}
	again("parent")
	again("child")
	l.rest()
	l.spec.Exclude = []planner.Pattern{pattern("public.child")}
	l.follow(nil)
	l.do("truncate public.parent cascade; insert into public.parent values (2)")
	l.settle()
	if rows := sandbox.Query(t, l.target, "select (select string_agg(id::text, ',') from public.parent) || '/' || (select count(*) from public.child)"); rows[0] != "2/1" {
		t.Errorf("the target has %s", rows)
	}
}

// An edit before the tables have converged is no other: what is new joins behind
// that, what is not selected any more leaves before it.
func TestAnEditBeforeTheConvergence(t *testing.T) {
	t.Parallel()
	l := &live{move: newMove(t, 0, 0), t: t, ctx: t.Context()}
	l.do(marksTable + counted + "create table public.leaves (id int primary key); insert into public.leaves values (1); create table public.again (id int primary key)")
	outcome, err := l.run(t.Context(), func(r *executor.Run) { r.Until = executor.UntilFull })
	if err != nil || outcome != executor.Reached {
		t.Fatal(outcome, err)
	}
	l.do(late)
	l.spec.Exclude = []planner.Pattern{pattern("public.leaves")}
	l.spec.Replace = []catalog.Name{{Schema: "public", Local: "again"}}
	stop := l.crowd(2, append(onLate, "insert into public.leaves values ($n + 10)", "insert into public.again values ($n)")...)
	l.follow(nil)
	l.spec.Replace = nil
	stop()
	l.settle()
	if rows := sandbox.Query(t, l.target, "select count(*) from public.leaves"); rows[0] != "1" {
		t.Errorf("%s rows came after the table had left", rows[0])
	}
	sandbox.Exec(t, l.source, "truncate public.leaves; insert into public.leaves values (1)")
	l.same()
	l.nothingLeft(t)
	l.nothingApart()
}
