package executor_test

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sluice/examples/sandbox"
	"sluice/executor"
	"sluice/executor/load"
	"sluice/executor/replay"
	"sluice/planner"
	"sluice/planner/catalog"
)

// Tables as a target may have them already, each with rows in these ranges of id:
//
//	1 … 999      on the source; updated, deleted and moved there while it is loaded
//	1001 … 1020  on both sides, other values; not touched on the source
//	1021 … 1040  on both sides, other values; updated on the source once it is followed
//	2001 … 2020  on the target alone
//
// keyed is loaded under a snapshot for each range of keys, two under one, since
// it has another unique key. keyless has no conflict whatever it holds.
const existingTables = `
	create table public.keyed (id int primary key, v text, big text);
	create table public.two (id int generated always as identity primary key, v text, u int unique, twice int generated always as (length(v) * 2) stored);
	create table public.keyless (id int, v text);
	alter table public.keyless replica identity full;`

func existingRows(ids, v string) string {
	return fmt.Sprintf(`
		insert into public.keyed select i, '%[2]s', repeat(md5(i::text), 20) from %[1]s r (i);
		insert into public.two (id, v, u) overriding system value select i, '%[2]s', i from %[1]s r (i);
		insert into public.keyless select i, '%[2]s' from %[1]s r (i);`, ids, v)
}

const (
	sourceIDs = "(select generate_series(1, 999) union all select generate_series(1001, 1040))"
	targetIDs = "(select generate_series(1001, 1040) union all select generate_series(2001, 2020))"
)

// meet makes a move whose target has the tables, with a column and a trigger of
// its own, and the rows that it is given.
func meet(t *testing.T, c planner.Conflicts, rows string) *live {
	t.Helper()
	l := &live{move: newMove(t, 0, 0)}
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	t.Cleanup(cancel)
	l.t, l.ctx = t, ctx
	l.spec.Conflicts = c
	l.spec.LargeTable, l.chunkBytes = 1, 32<<10
	sandbox.Exec(t, l.source, marksTable+existingTables+existingRows(sourceIDs, "source"))
	sandbox.Exec(t, l.target, existingTables+`
		alter table public.keyed add note text default 'mine';
		create function public.fired() returns trigger language plpgsql as $$ begin raise 'fired'; end $$;
		create trigger fires before insert or update or delete on public.keyed for each row execute function public.fired();
		alter table public.keyed disable trigger fires;`+rows+`
		alter table public.keyed enable trigger fires;`)
	return l
}

// busy writes on the source until it is stopped: every id below 1000, and new
// ones from 3000 on.
func (l *live) busy() (stop func()) {
	return l.repeat(func(n int) string {
		return fmt.Sprintf(`
				update public.keyed set v = v || '+' where id %% 50 = %[1]d and id < 900;
				update public.two set v = v || '+' where id %% 50 = %[1]d and id < 900;
				update public.keyless set v = v || '+' where id %% 50 = %[1]d and id < 900;
				insert into public.keyed values (%[2]d, 'new');
				insert into public.two (id, v, u) overriding system value values (%[2]d, 'new', %[2]d);
				insert into public.keyless values (%[2]d, 'new');
				update public.keyed set id = id + 10000 where id = 900 + %[3]d;
				update public.two set u = 10000 - u where id = 900 + %[3]d;
				delete from public.keyed where id = 990 - %[3]d;
				delete from public.keyless where id = 990 - %[3]d;`, n%50, 3000+n, n%45)
	})
}

// rowsOf are the rows of a table as text, by id.
func rowsOf(t *testing.T, url, table, where string) []string {
	t.Helper()
	columns := map[string]string{"keyed": "id, v, big", "two": "id, v, u, twice", "keyless": "id, v"}[table]
	return sandbox.Query(t, url, fmt.Sprintf("select row(%s)::text from public.%s where %s order by id, v", columns, table, where))
}

// expectRows compares what a condition takes on the target with the source's, or
// with as many rows of the target's own value.
func (l *live) expectRows(table, where, want string) {
	l.t.Helper()
	got := rowsOf(l.t, l.target, table, where)
	if want == "source" {
		if diff := cmp.Diff(rowsOf(l.t, l.source, table, where), got); diff != "" {
			l.t.Errorf("%s where %s (-source +target):\n%s", table, where, diff)
		}
		return
	}
	for _, row := range got {
		if !strings.Contains(row, ","+want) {
			l.t.Errorf("%s where %s holds %s, want %s", table, where, row, want)
		}
	}
	if len(got) != 20 {
		l.t.Errorf("%s where %s holds %d rows, want 20", table, where, len(got))
	}
}

const (
	alone     = "id between 2001 and 2020"
	untouched = "id between 1001 and 1020"
	touched   = "id between 1021 and 1040"
	others    = "id not between 1001 and 1040 and id not between 2001 and 2020"
)

// Appended, adopted or emptied, under live writes: which row counts is what was
// declared, in the load and in the changes.
func TestExistingTablesUnderLiveWrites(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		planner.Conflicts
		untouched string // whose rows of both sides count, before a change comes
	}{
		{planner.Conflicts{OnExisting: planner.ExistingAppend}, "target"},
		{planner.Conflicts{OnExisting: planner.ExistingAppend, RowIncremental: planner.RowError}, "target"},
		{planner.Conflicts{OnExisting: planner.ExistingAppend, RowFull: planner.RowOverwrite}, "source"},
		{planner.Conflicts{OnExisting: planner.ExistingAppend, RowFull: planner.RowOverwrite, RowIncremental: planner.RowError}, "source"},
		{planner.Conflicts{OnExisting: planner.ExistingTruncate}, ""},
		{planner.Conflicts{OnExisting: planner.ExistingTruncate, RowFull: planner.RowError, RowIncremental: planner.RowError}, ""},
	} {
		t.Run(fmt.Sprintf("%s, %s, %s", c.OnExisting, c.RowFull, c.RowIncremental), func(t *testing.T) {
			t.Parallel()
			l := meet(t, c.Conflicts, existingRows(targetIDs, "target"))
			stop := l.busy()
			l.follow(nil)
			l.do(`
				update public.keyed set v = 'changed' where id between 1021 and 1040;
				update public.two set v = 'changed' where id between 1021 and 1040;`)
			stop()
			l.settle()
			for _, table := range []string{"keyed", "two"} {
				l.expectRows(table, others, "source")
				l.expectRows(table, touched, "source")
				if c.untouched == "" {
					l.expectRows(table, "true", "source")
					continue
				}
				l.expectRows(table, untouched, c.untouched)
				l.expectRows(table, alone, "target")
			}
			l.keylessHas(c.untouched != "")
			if c.untouched != "" {
				if notes := sandbox.Query(t, l.target, "select distinct note from public.keyed where id between 1001 and 1040"); !cmp.Equal(notes, []string{"mine"}) {
					t.Errorf("a column of the target alone has %v", notes)
				}
			}
			l.verified(l.ctx, t)
			l.verifyFinds("delete from public.keyed where id = 1", "insert into public.keyed select id, v, big from pg_temp.gone")
			l.rest()
			l.nothingLeft(t)
		})
	}
}

// keylessHas checks that a table without key has the source's rows and, where
// they stay, the target's.
func (l *live) keylessHas(own bool) {
	l.t.Helper()
	want := sandbox.Query(l.t, l.source, "select row(id, v)::text from public.keyless order by id, v")
	got := sandbox.Query(l.t, l.target, "select row(id, v)::text from public.keyless where v <> 'target' order by id, v")
	if diff := cmp.Diff(want, got); diff != "" {
		l.t.Errorf("keyless (-source +target):\n%s", diff)
	}
	stayed := sandbox.Query(l.t, l.target, "select count(*) from public.keyless where v = 'target'")[0]
	if own && stayed != "60" || !own && stayed != "0" {
		l.t.Errorf("keyless holds %s rows of its own", stayed)
	}
}

// verifyFinds spoils the target and checks that a comparison says so, then
// repairs it; pg_temp.gone holds the table keyed as it was.
func (l *live) verifyFinds(spoil, repair string) {
	l.t.Helper()
	sandbox.Exec(l.t, l.target, "set session_replication_role = replica; create temporary table gone as select * from public.keyed where id = 1;"+
		"create table public.kept_for_test as table pg_temp.gone;"+spoil)
	if differ := l.compared(l.ctx, l.t); len(differ["keyed"]) != 1 || len(differ) != 1 {
		l.t.Errorf("a comparison finds %v, want one row of keyed", differ)
	}
	if differ := l.differ(l.ctx, l.t, []byte(executor.RepairRows)); len(differ["keyed"]) != 1 { // the target has more there than the source
		l.t.Errorf("a repair leaves %v, want that row", differ)
	}
	sandbox.Exec(l.t, l.target, "set session_replication_role = replica;"+strings.ReplaceAll(repair, "pg_temp.gone", "public.kept_for_test")+";drop table public.kept_for_test")
	l.verified(l.ctx, l.t)
}

// row_full = "error": the load stops and names table and key, and goes on once
// the rows are out of the way.
func TestAppendStopsAtARowThatIsThere(t *testing.T) {
	t.Parallel()
	for _, incremental := range []planner.RowRule{planner.RowOverwrite, planner.RowError} {
		t.Run(string(incremental), func(t *testing.T) {
			t.Parallel()
			l := meet(t, planner.Conflicts{OnExisting: planner.ExistingAppend, RowFull: planner.RowError, RowIncremental: incremental}, existingRows(targetIDs, "target"))
			stop := l.busy()
			l.start(nil)
			refusal[*load.RowExistsError](t, l.failure(), "public.", "Key (id)=(10", "keep_target")
			sandbox.Exec(t, l.target, "set session_replication_role = replica; delete from public.keyed where id < 2000 and v = 'target'; delete from public.two where id < 2000 and v = 'target'")
			l.follow(nil)
			stop()
			l.settle()
			for _, table := range []string{"keyed", "two"} {
				l.expectRows(table, "id not between 2001 and 2020", "source")
				l.expectRows(table, alone, "target")
			}
			l.keylessHas(true)
			l.verified(l.ctx, t)
		})
	}
}

// A row that another key keeps out is no row of the same key: to replace it would
// take another row away.
func TestAppendDoesNotOverwriteByAnotherKey(t *testing.T) {
	t.Parallel()
	l := meet(t, planner.Conflicts{OnExisting: planner.ExistingAppend, RowFull: planner.RowOverwrite},
		"insert into public.two (id, v, u) overriding system value values (5000, 'target', 7);")
	l.start(nil)
	refusal[*load.RowExistsError](t, l.failure(), "public.two", "Key (u)=(7)", "two_u_key")
}

// Two rows that become one by their values are not taken for the target's own.
func TestAppendDoesNotTakeTwoRowsForOne(t *testing.T) {
	t.Parallel()
	for _, full := range []planner.RowRule{planner.RowKeep, planner.RowOverwrite} {
		t.Run(string(full), func(t *testing.T) {
			t.Parallel()
			l := meet(t, planner.Conflicts{OnExisting: planner.ExistingAppend, RowFull: full}, existingRows(targetIDs, "target"))
			rule := valued(value("id", "id / 2"))
			rule.Table = catalog.Name{Schema: "public", Local: "keyed"}
			l.spec.Tables = []planner.TableRule{rule}
			l.start(nil)
			refusal[*load.SameKeyError](t, l.failure(), "loading public.keyed", `("id")=(1)`)
			l.cleanUp(t, true)
			l.spec.Tables[0].Columns[0].Value = sqlText("id + 5000")
			l.follow(nil)
			want := sandbox.Query(t, l.source, "select id + 5000, v from public.keyed order by id")
			if diff := cmp.Diff(want, sandbox.Query(t, l.target, "select id, v from public.keyed where id > 5000 order by id")); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			l.verified(l.ctx, t)
		})
	}
}

// metByChanges are rows of the target that somebody changed there, what the
// source does to them, and how the target is put right for row_incremental =
// "error". Each has rows of its own.
var metByChanges = []struct{ name, table, where, spoil, change, repair string }{
	{"insert of a key that is there", "keyed", "id = 5001", "insert into public.keyed values (5001, 'target')",
		"insert into public.keyed values (5001, 'new')", "delete from public.keyed where id = 5001"},
	{"insert of an identity", "two", "id = 5001", "insert into public.two (id, v) overriding system value values (5001, 'target')",
		"insert into public.two (id, v) overriding system value values (5001, 'new')", "delete from public.two where id = 5001"},
	{"update of a row that is missing", "keyed", "id = 7", "delete from public.keyed where id = 7",
		"update public.keyed set v = 'new' where id = 7", "insert into public.keyed values (7, 'source', repeat(md5('7'), 20))"},
	{"update of an identity's row", "two", "id = 8", "delete from public.two where id = 8",
		"update public.two set v = 'new' where id = 8", "insert into public.two (id, v, u) overriding system value values (8, 'source', 8)"},
	{"update without key", "keyless", "id = 9", "delete from public.keyless where id = 9",
		"update public.keyless set v = 'new' where id = 9", "insert into public.keyless values (9, 'source')"},
	{"update to a key that is there", "keyed", "id in (10, 5010)", "insert into public.keyed values (5010, 'target')",
		"update public.keyed set id = 5010 where id = 10", "delete from public.keyed where id = 5010"},
	{"update of a missing row's key", "keyed", "id in (11, 5011)", "delete from public.keyed where id = 11",
		"update public.keyed set id = 5011 where id = 11", "insert into public.keyed values (11, 'source', repeat(md5('11'), 20))"},
	{"a new identity, of a missing row", "two", "u = 12", "delete from public.two where id = 12",
		"update public.two set id = default where id = 12", "insert into public.two (id, v, u) overriding system value values (12, 'source', 12)"},
	{"delete of a row that is missing", "keyed", "id = 13", "delete from public.keyed where id = 13",
		"delete from public.keyed where id = 13", "insert into public.keyed values (13, 'source', repeat(md5('13'), 20))"},
	{"delete without key", "keyless", "id = 14", "delete from public.keyless where id = 14",
		"delete from public.keyless where id = 14", "insert into public.keyless values (14, 'source')"},
}

// What changes do to rows that are there, or are not: row_incremental says it.
func TestChangesOfExistingTables(t *testing.T) {
	t.Parallel()
	for _, mode := range []planner.OnExisting{planner.ExistingAppend, planner.ExistingAdopt} {
		for _, rule := range []planner.RowRule{planner.RowOverwrite, planner.RowError} {
			t.Run(fmt.Sprintf("%s, %s", mode, rule), func(t *testing.T) {
				t.Parallel()
				// The appended tables get their keys from the plan.
				rows := "alter table public.keyed drop constraint keyed_pkey; alter table public.two drop constraint two_pkey;"
				if mode == planner.ExistingAdopt {
					rows = existingRows(sourceIDs, "source")
				}
				l := meet(t, planner.Conflicts{OnExisting: mode, RowIncremental: rule}, rows)
				l.do("select setval('public.two_id_seq', 8000)")
				l.follow(nil)
				for _, c := range metByChanges {
					sandbox.Exec(t, l.target, "set session_replication_role = replica;"+c.spoil)
					l.do(c.change)
					if rule == planner.RowError {
						if d := refusal[*replay.Divergence](t, l.failure(), "public."+c.table); d.LSN == 0 {
							t.Errorf("%s: the divergence is %+v", c.name, d)
						}
						sandbox.Exec(t, l.target, "set session_replication_role = replica;"+c.repair)
						l.follow(nil)
					}
					l.settle()
					l.expectRows(c.table, c.where, "source")
				}
				l.verified(l.ctx, t)
			})
		}
	}
}

// An update that does not carry a value which the missing row had cannot insert
// it: it stops, and goes on once the row is there.
func TestChangesOfAMissingRowWithoutAllValues(t *testing.T) {
	t.Parallel()
	l := meet(t, planner.Conflicts{OnExisting: planner.ExistingAppend}, "")
	l.do("alter table public.keyed alter big set storage external; insert into public.keyed values (7001, 'v', repeat('x', 10000))")
	l.follow(nil)
	sandbox.Exec(t, l.target, "set session_replication_role = replica; delete from public.keyed where id = 7001")
	l.do("update public.keyed set v = 'new' where id = 7001")
	refusal[*replay.MissingRowError](t, l.failure(), "public.keyed", "id=7001", `"big"`)
	sandbox.Exec(t, l.target, "set session_replication_role = replica; insert into public.keyed values (7001, 'v', repeat('x', 10000))")
	l.follow(nil)
	l.expectRows("keyed", "true", "source")
}

// The source's TRUNCATE of an appended table stops: what is the target's own
// nobody could tell. An adopted one is the source's, and is emptied.
func TestATruncationOfAnExistingTable(t *testing.T) {
	t.Parallel()
	t.Run("append", func(t *testing.T) {
		t.Parallel()
		l := meet(t, planner.Conflicts{OnExisting: planner.ExistingAppend}, existingRows(targetIDs, "target"))
		l.follow(nil)
		l.do("truncate public.keyed; insert into public.keyed values (1, 'after')")
		refusal[*replay.TruncatedError](t, l.failure(), "public.keyed")
		if n := sandbox.Query(t, l.target, "select count(*) from public.keyed where "+alone)[0]; n != "20" {
			t.Errorf("of the target's own 20 rows %s are left", n)
		}
		sandbox.Exec(t, l.target, "truncate public.keyed")
		l.follow(nil)
		l.expectRows("keyed", "true", "source")
	})
	// While the table is loaded: a part of its rows is read before, and a part
	// behind the truncation. Those before the truncation are to go, and no other;
	// changes that come before it in one batch or one transaction are no obstacle.
	for _, rule := range []planner.RowRule{planner.RowOverwrite, planner.RowError} {
		t.Run("append, during the load, "+string(rule), func(t *testing.T) {
			t.Parallel()
			l := meet(t, planner.Conflicts{OnExisting: planner.ExistingAppend, RowIncremental: rule}, existingRows("(select generate_series(2001, 2020))", "target"))
			sandbox.Exec(t, l.source, "drop table public.two, public.keyless")
			truncated := make(chan struct{})
			var copied atomic.Int64
			l.start(func(r *executor.Run) {
				r.Settings.Workers = 1
				r.Point = func(reached string) {
					if reached != "load: before a chunk commits" || copied.Add(1) != 3 {
						return
					}
					go func() { // waits for the chunk
						defer close(truncated)
						l.beside("update public.keyed set v = 'before' where id = 2")
						change := "update public.keyed set v = 'within' where id = 3; insert into public.keyed values (999999, 'within');"
						if rule == planner.RowError {
							change = ""
						}
						l.beside("begin;" + change + `truncate public.keyed;
							insert into public.keyed select i, 'after' from generate_series(1, 1000) i;
							update public.keyed set v = 'later' where id % 7 = 0; commit`)
						l.beside("delete from public.keyed where id % 11 = 0")
					}()
					eventually(t, l.source, "select exists (select from pg_locks where not granted and database = (select oid from pg_database where datname = current_database()))", "t")
				}
			})
			refused := refusal[*replay.TruncatedError](t, l.failure(), "public.keyed", "delete from only")
			<-truncated
			if chunks := len(l.chunks(t, "keyed")); chunks < 6 || refused.Rows == "" {
				t.Fatalf("%d chunks, %+v: the test shows nothing", chunks, refused)
			}
			sandbox.Exec(t, l.target, "set session_replication_role = replica;"+refused.Rows)
			l.follow(nil)
			l.expectRows("keyed", others, "source")
			l.verified(l.ctx, t)
		})
	}
	t.Run("adopt", func(t *testing.T) {
		t.Parallel()
		l := meet(t, planner.Conflicts{OnExisting: planner.ExistingAdopt}, existingRows(sourceIDs, "source"))
		l.follow(nil)
		l.do("truncate public.keyed; insert into public.keyed values (1, 'after')")
		l.settle()
		l.expectRows("keyed", "true", "source")
	})
}

// Adopted rows are not copied, and compared in full.
func TestAdoptedTablesAreFollowed(t *testing.T) {
	t.Parallel()
	l := meet(t, planner.Conflicts{OnExisting: planner.ExistingAdopt}, existingRows("(select generate_series(1, 999) union all select generate_series(1001, 1039))", "source"))
	l.follow(nil)
	l.do("update public.keyed set v = 'new' where id < 100; update public.two set v = 'new', u = 10000 - u where id < 100; delete from public.keyless where id < 100")
	l.settle()
	l.expectRows("keyed", "id < 1040", "source")
	l.expectRows("two", "id < 1040", "source")
	if differ := l.compared(l.ctx, t); len(differ) != 3 || len(differ["keyed"]) != 1 || differ["keyed"][0].Key != "(1040)" {
		t.Errorf("a comparison finds %v, want the row 1040 of each table", differ)
	}
	l.do("update public.keyed set v = 'now' where id = 1040; update public.two set v = 'now' where id = 1040; update public.keyless set v = 'now' where id = 1040")
	l.settle()
	l.verified(l.ctx, t)
}

// A skipped table is neither touched nor followed; one that is not there is made.
func TestSkippedTablesStayAsTheyAre(t *testing.T) {
	t.Parallel()
	l := meet(t, planner.Conflicts{OnExisting: planner.ExistingSkip}, existingRows(targetIDs, "target"))
	l.do("create table public.fresh (id int primary key references public.keyed); insert into public.fresh values (1001)")
	before := sandbox.Query(t, l.target, "select row(k.*)::text from public.keyed k order by id")
	l.follow(nil)
	l.do("update public.keyed set v = 'new'; insert into public.fresh values (1002)")
	l.settle()
	if diff := cmp.Diff(before, sandbox.Query(t, l.target, "select row(k.*)::text from public.keyed k order by id")); diff != "" {
		t.Errorf("(-before +now):\n%s", diff)
	}
	if got := sandbox.Query(t, l.target, "select id from public.fresh order by id"); !cmp.Equal(got, []string{"1001", "1002"}) {
		t.Errorf("the table that was not there has %v", got)
	}
	l.verified(l.ctx, t)
}

// on_existing = "error" is the default, and each table's block wins.
func TestExistingTablesAreAConflict(t *testing.T) {
	t.Parallel()
	l := meet(t, planner.Conflicts{}, "")
	_, err := l.plan(t.Context())
	if err == nil || !strings.Contains(err.Error(), "C101") {
		t.Errorf("the plan says %v", err)
	}
}

// A crash right before or after a truncation, or in the middle of the rows: no
// row that was copied is ever truncated, and no own row of an appended table
// copied over or lost.
func TestExistingTablesSurviveACrash(t *testing.T) {
	t.Parallel()
	for _, mode := range []planner.OnExisting{planner.ExistingTruncate, planner.ExistingAppend} {
		for _, point := range []string{"step: before its commit", "load: before a chunk commits", "load: after a chunk has committed"} {
			t.Run(string(mode)+", "+point, func(t *testing.T) {
				t.Parallel()
				l := meet(t, planner.Conflicts{OnExisting: mode}, existingRows(targetIDs, "target"))
				for n := range 3 {
					ctx, cancel := context.WithCancelCause(l.ctx)
					left := n
					_, err := l.run(ctx, func(r *executor.Run) {
						r.Settings.Workers = 1
						r.Until = executor.UntilFull
						r.Point = func(reached string) {
							if reached == point {
								if left--; left < 0 {
									cancel(fmt.Errorf("the test's crash"))
								}
							}
						}
					})
					if err == nil {
						t.Log("it did not come to the point")
					}
					cancel(nil)
				}
				l.follow(nil)
				for _, table := range []string{"keyed", "two"} {
					where, rest := "true", ""
					if mode == planner.ExistingAppend {
						where, rest = others, "target"
					}
					l.expectRows(table, where, "source")
					if rest != "" {
						l.expectRows(table, untouched, rest)
						l.expectRows(table, alone, rest)
					}
				}
				l.keylessHas(mode == planner.ExistingAppend)
				l.verified(l.ctx, t)
			})
		}
	}
}

// The whole way with hierarchies and foreign keys that were there before: what is
// missing on such a table comes after its rows, what differs stays; sequences do
// not go back at the cutover; cleanup drops what was made and no table.
func TestExistingTablesThroughTheCutover(t *testing.T) {
	t.Parallel()
	for _, mode := range []planner.OnExisting{planner.ExistingAppend, planner.ExistingTruncate, planner.ExistingAdopt} {
		t.Run(string(mode), func(t *testing.T) {
			t.Parallel()
			l := &live{move: newMove(t, 0, 0)}
			ctx, cancel := context.WithTimeout(t.Context(), limit)
			t.Cleanup(cancel)
			l.t, l.ctx = t, ctx
			l.spec.Conflicts = planner.Conflicts{OnExisting: mode}
			const tables = `
				create table public.people (id bigint generated by default as identity primary key, name text);
				create table public.events (id int, at int, primary key (id, at)) partition by range (at);
				create table public.events_1 partition of public.events for values from (0) to (100);
				create table public.events_2 partition of public.events for values from (100) to (200);
				create table public.visits (id serial primary key, person bigint references public.people, event int, at int,
					foreign key (event, at) references public.events);
				create index by_name on public.people (name);`
			const rows = `
				insert into public.people (name) select 'p' || i from generate_series(1, 50) i;
				insert into public.events select i, i from generate_series(1, 150) i;
				insert into public.visits (person, event, at) select i, i, i from generate_series(1, 50) i;`
			sandbox.Exec(t, l.source, marksTable+tables+"create index by_person on public.visits (person); alter table public.visits add check (id > 0);"+rows)
			own := "insert into public.people values (1000, 'own'); insert into public.events values (1000, 1); insert into public.visits values (1000, 1000, 1000, 1);"
			if mode == planner.ExistingAdopt {
				own += rows
			}
			sandbox.Exec(t, l.target, tables+own+`drop index public.by_name; create index by_name on public.people (id, name);
				select setval('public.people_id_seq', 1000), setval('public.visits_id_seq', 1000)`)
			l.follow(nil)
			l.do("insert into public.people (name) values ('late'); insert into public.events values (7, 199); insert into public.visits (person, event, at) values (51, 7, 199); delete from public.visits where id = 3")
			l.settle()
			for _, table := range []string{"people", "events", "visits"} {
				all := "select row(x.*)::text from public." + table + " x where id <> 1000 order by 1"
				if diff := cmp.Diff(sandbox.Query(t, l.source, all), sandbox.Query(t, l.target, all)); diff != "" {
					t.Errorf("%s (-source +target):\n%s", table, diff)
				}
			}
			wantOwn, next := "3", "1001"
			if mode == planner.ExistingTruncate {
				wantOwn, next = "0", "52"
			}
			got := sandbox.Query(t, l.target, `select (select count(*) from public.people where id = 1000) + (select count(*) from public.events where id = 1000) + (select count(*) from public.visits where id = 1000)`)
			if got[0] != wantOwn {
				t.Errorf("%s rows of its own are left, want %s", got[0], wantOwn)
			}
			made := "select count(*) from pg_class where relname = 'by_person' union all select count(*) from pg_constraint where conname = 'visits_id_check' union all select count(*) from pg_indexes where indexname = 'by_name' and indexdef like '%(id, name)%'"
			if got := sandbox.Query(t, l.target, made); !cmp.Equal(got, []string{"1", "1", "1"}) {
				t.Errorf("the index, the constraint and the index of its own: %v", got)
			}
			if mode == planner.ExistingAdopt { // its own rows are a difference there
				sandbox.Exec(t, l.target, "set session_replication_role = replica; delete from public.people where id = 1000; delete from public.events where id = 1000; delete from public.visits where id = 1000")
			}
			if err := l.cutOver(ctx, t); err != nil {
				t.Fatal(err)
			}
			<-l.ended
			if l.err != nil || l.outcome != executor.CutOver {
				t.Fatalf("%q, %v", l.outcome, l.err)
			}
			if got := sandbox.Query(t, l.target, "insert into public.people (name) values ('next') returning id"); got[0] != next {
				t.Errorf("the next id is %s, want %s", got[0], next)
			}
			l.cleanUp(t, true)
			if got := sandbox.Query(t, l.target, "select count(*) from pg_class where relname in ('people', 'events', 'events_1', 'events_2', 'visits')"); got[0] != "5" {
				t.Errorf("of five tables %s are left", got[0])
			}
			if got := sandbox.Query(t, l.target, made); got[0] != "0" || sandbox.Query(t, l.target, "select count(*) > 50 from public.people")[0] != "t" {
				t.Errorf("after the cleanup the index is there %s times, or rows are gone", got[0])
			}
		})
	}
}

// Without the stage "incremental", and without "schema", the same words hold.
func TestExistingTablesWithoutChanges(t *testing.T) {
	t.Parallel()
	for _, stages := range []planner.Stages{{Schema: true, Full: true}, {Full: true}} {
		for mode, want := range map[planner.OnExisting]string{planner.ExistingAppend: "target", planner.ExistingTruncate: "", planner.ExistingSkip: "only"} {
			t.Run(fmt.Sprintf("%+v, %s", stages, mode), func(t *testing.T) {
				t.Parallel()
				l := meet(t, planner.Conflicts{OnExisting: mode}, existingRows(targetIDs, "target"))
				sandbox.Exec(t, l.source, "drop table public.marks")
				l.spec.Stages = stages
				outcome, err := l.run(l.ctx, nil)
				if err != nil || outcome != executor.Finished {
					t.Fatalf("%q, %v", outcome, err)
				}
				for _, table := range []string{"keyed", "two"} {
					switch want {
					case "target":
						l.expectRows(table, others, "source")
						l.expectRows(table, untouched, "target")
						l.expectRows(table, alone, "target")
					case "":
						l.expectRows(table, "true", "source")
					default:
						l.expectRows(table, alone, "target")
						if n := len(rowsOf(t, l.target, table, "true")); n != 60 {
							t.Errorf("%s has %d rows, want its own 60", table, n)
						}
					}
				}
				l.nothingLeft(t)
			})
		}
	}
}

// A table may meet one that is called otherwise than on the source, and its
// columns too.
func TestExistingTablesUnderOtherNames(t *testing.T) {
	t.Parallel()
	for _, mode := range []planner.OnExisting{planner.ExistingAppend, planner.ExistingTruncate, planner.ExistingAdopt} {
		t.Run(string(mode), func(t *testing.T) {
			t.Parallel()
			l := &live{move: newMove(t, 0, 0)}
			ctx, cancel := context.WithTimeout(t.Context(), limit)
			t.Cleanup(cancel)
			l.t, l.ctx = t, ctx
			l.spec.Tables = []planner.TableRule{{
				Table: catalog.Name{Schema: "public", Local: "tbl_users"}, To: catalog.Name{Schema: "public", Local: "users"}, OnExisting: mode,
				Columns: []planner.ColumnRule{{Column: "no", To: "id"}, {Column: "mail", To: "email"}},
			}}
			sandbox.Exec(t, l.source, marksTable+"create table public.tbl_users (no int primary key, mail text); insert into public.tbl_users select i, 'm' || i from generate_series(1, 9) i")
			own := "insert into public.users values (1, 'mine'), (100, 'own')"
			if mode == planner.ExistingAdopt {
				own = "insert into public.users select i, 'm' || i from generate_series(1, 9) i"
			}
			sandbox.Exec(t, l.target, "create table public.users (id int primary key, email text);"+own)
			l.follow(nil)
			if mode != planner.ExistingTruncate { // of which every row must be there
				sandbox.Exec(t, l.target, "delete from public.users where id = 4")
			}
			l.do("update public.tbl_users set mail = 'new' where no in (2, 4); update public.tbl_users set no = 33 where no = 3; insert into public.tbl_users values (100, 'theirs'); delete from public.tbl_users where no = 5")
			l.settle()
			want := sandbox.Query(t, l.source, "select no, mail from public.tbl_users order by no")
			if mode == planner.ExistingAppend {
				want[0] = "1|mine"
			}
			if diff := cmp.Diff(want, sandbox.Query(t, l.target, "select id, email from public.users order by id")); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			l.verified(ctx, t)
		})
	}
}
