package executor_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sluice/examples/sandbox"
	"sluice/planner"
	"sluice/planner/catalog"
)

// Tables that were on the target before, and whose rows do not go there as they
// are; with rows in the ranges of existingTables:
//
//	people   in ranges of keys, filtered by the key, without one of its columns
//	bills    another unique key, whole old rows, other types, a filter on the rest
//	log      no key
//	notes    not there before, but where nothing on the target is its own:
//	         a filter that an update does not say enough for
const mappedSource = `
	create table public.people (id int primary key, name text, secret text, big text);
	create table public.bills (no int generated always as identity primary key, code text unique, amount int, paid boolean, big text);
	create table public.log (at int, what text);
	create table public.notes (id int primary key, kind text, big text);
	alter table public.people alter big set storage external; alter table public.bills alter big set storage external, replica identity full;
	alter table public.log replica identity full; alter table public.notes alter big set storage external;`

const mappedTarget = `
	create table public.person (id int primary key, note text default 'mine', big varchar(9000), name text, origin text not null);
	create table public.bills (no int primary key, code text unique, amount numeric(12,2), paid boolean, big text, head text);
	create table public.log (at bigint, what text, op text);`

const mappedNotes = "create table public.notes (id int primary key, kind text, big text);"

func mappedRows(ids string) string {
	return strings.ReplaceAll(`
		insert into public.people select i, 'Source' || i, 's' || i, case when i < 1000 then repeat(md5(i::text), 90) end from $ids r (i);
		insert into public.bills (no, code, amount, paid, big) overriding system value select i, i, i, i % 3 = 0, case when i < 1000 then repeat(md5(i::text), 90) end from $ids r (i);
		insert into public.log select i, case when i % 4 = 0 then 'noise' else 'w' || i end from $ids r (i);
		insert into public.notes select i, case when i % 5 = 0 then 'secret' else 'k' end, repeat(md5(i::text), 90) from $ids r (i) where i < 1000;`, "$ids", ids)
}

// mappedRestored are the rows as somebody brought them to the target by other means.
const mappedRestored = `
	insert into public.person (id, name, big, origin) select i, 'SOURCE' || i || '/s' || i, case when i < 1000 then repeat(md5(i::text), 90) end, 'old' from $ids r (i) where i % 10 <> 0;
	insert into public.bills select i, 'x' || i, i, false, case when i < 1000 then repeat(md5(i::text), 90) end, case when i < 1000 then left(md5(i::text), 4) || i end from $ids r (i) where i % 3 <> 0;
	insert into public.log select i, 'w' || i || '!' from $ids r (i) where i % 4 <> 0;
	insert into public.notes select i, 'k', left(md5(i::text), 9) || 'k' from $ids r (i) where i < 1000 and i % 5 <> 0;`

// mappedTables are what the target must hold: SQL on the source and on the target,
// with the key as id, and the target's own rows.
var mappedTables = map[string]struct{ source, target, own string }{
	"people": {
		"select id, upper(name) || '/' || secret as name, big, 'old' from public.people where id % 10 <> 0",
		"select id, name, big, origin from public.person",
		"insert into public.person (id, name, origin) select i, 'target', 'mine' from %s r (i)",
	},
	"bills": {
		"select no as id, 'x' || code, amount::numeric(12,2), paid, big, left(big, 4) || code from public.bills where not paid",
		"select no as id, code, amount, paid, big, head from public.bills",
		"insert into public.bills (no, code, head) select i, 'x' || i, 'target' from %s r (i)",
	},
	"log": {
		"select at::bigint as id, what || '!' from public.log where what <> 'noise'",
		"select at as id, what from public.log",
		"insert into public.log select i, 'target' from %s r (i)",
	},
	"notes": {
		"select id, kind, left(big, 9) || kind from public.notes where kind <> 'secret'",
		"select id, kind, big from public.notes", "",
	},
}

// mapped declares how the tables meet.
func (m *move) mapped(c planner.Conflicts) {
	m.spec.Conflicts = c
	m.spec.LargeTable, m.chunkBytes = 1, 32<<10
	name := func(table string) catalog.Name { return catalog.Name{Schema: "public", Local: table} }
	m.spec.Tables = []planner.TableRule{
		{Table: name("people"), To: name("person"), Where: sqlText("id % 10 <> 0"), Exclude: []string{"secret"},
			Columns: []planner.ColumnRule{value("name", "upper(name) || '/' || secret"), retyped("big", "varchar(9000)", ""), added("origin", "text not null", "'old'")}},
		{Table: name("bills"), Where: sqlText("not paid"),
			Columns: []planner.ColumnRule{value("code", "'x' || code"), retyped("amount", "numeric(12,2)", ""), added("head", "text", "left(big, 4) || code")}},
		{Table: name("log"), Where: sqlText("what <> 'noise'"), Columns: []planner.ColumnRule{retyped("at", "bigint", ""), value("what", "what || '!'"), added("op", "text", "sluice_op")}},
		{Table: name("notes"), Where: sqlText("kind <> 'secret'"), Columns: []planner.ColumnRule{value("big", "left(big, 9) || kind")}},
	}
}

// churnMapped writes rows below 1000, and new ones from 3000 on: into the filters
// and out of them, by columns and by keys.
func (l *live) churnMapped() (stop func()) {
	return l.repeat(func(n int) string {
		return strings.NewReplacer("$n", fmt.Sprint(n), "$m", fmt.Sprint(n%50), "$k", fmt.Sprint(3000+n)).Replace(`
				update public.people set name = name || '+' where id % 50 = $m and id < 800;
				update public.people set id = id + 100000 where id = 800 + $m;
				update public.people set id = id + 100001 where id = 850 + $m;
				update public.people set id = id - 101 where id = 100950 + $m % 10;
				delete from public.people where id = 900 + $m;
				insert into public.people values ($k, 'New', 'n', repeat('p', 3000));
				begin;
				update public.bills set paid = not paid where no % 50 = $m and no < 800;
				update public.bills set amount = amount + 1 where no % 49 = $m and no < 800;
				update public.bills set code = 'c' || code, paid = false where no = 800 + $m;
				delete from public.bills where no = 900 + $m;
				insert into public.bills (no, code, amount, paid, big) overriding system value values ($k, $k, $n, $n % 2 = 0, repeat('b', 3000));
				commit;
				update public.log set what = case what when 'noise' then 'loud' else 'noise' end where at % 50 = $m and at < 900;
				delete from public.log where at = 900 + $m;
				insert into public.log values ($k, 'noise'), ($k, 'new');
				update public.notes set kind = case kind when 'secret' then 'open' else 'secret' end where id % 50 = $m and id < 800;
				update public.notes set id = id + 100000 where id = 800 + $m;
				delete from public.notes where id = 900 + $m`)
	})
}

// Filters, values, other types, added columns and those that are left out, into
// tables that were there before, under live writes, over kills in the load and in
// the changes.
func TestExistingTablesAsMapped(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		planner.Conflicts
		untouched string // whose rows of both sides count, before a change comes; empty: none of the target's
	}{
		{planner.Conflicts{OnExisting: planner.ExistingAppend}, "target"},
		{planner.Conflicts{OnExisting: planner.ExistingAppend, RowFull: planner.RowOverwrite, RowIncremental: planner.RowError}, "source"},
		{planner.Conflicts{OnExisting: planner.ExistingTruncate}, ""},
		{planner.Conflicts{OnExisting: planner.ExistingAdopt}, ""},
	} {
		t.Run(fmt.Sprintf("%s, %s, %s", c.OnExisting, c.RowFull, c.RowIncremental), func(t *testing.T) {
			t.Parallel()
			l := &live{move: newMove(t, 0, 0)}
			ctx, cancel := context.WithTimeout(t.Context(), limit)
			t.Cleanup(cancel)
			l.t, l.ctx = t, ctx
			l.mapped(c.Conflicts)
			sandbox.Exec(t, l.source, marksTable+mappedSource+mappedRows(sourceIDs))
			sandbox.Exec(t, l.target, mappedTarget)
			adopted := c.OnExisting == planner.ExistingAdopt
			if adopted || c.OnExisting == planner.ExistingTruncate {
				sandbox.Exec(t, l.target, mappedNotes)
			}
			for _, table := range mappedTables {
				if table.own != "" && !adopted {
					sandbox.Exec(t, l.target, fmt.Sprintf(table.own, targetIDs))
				}
			}
			points := []string{"load: after a chunk has committed#6", "replay: before a commit#1", "replay: after a commit, before it is acknowledged#0"}
			if adopted {
				sandbox.Exec(t, l.target, strings.ReplaceAll(mappedRestored, "$ids", sourceIDs))
				l.follow(nil)
				l.rest()
				points = points[1:]
			}
			if c.OnExisting == planner.ExistingTruncate {
				points[0] = "step: before its commit#1"
			}
			stop := l.churnMapped()
			meets := fmt.Sprintf("%s=%s,%s,%s", childMeets, c.OnExisting, c.RowFull, c.RowIncremental)
			for _, point := range points {
				if !l.dies(ctx, t, l.move.start(t, point, "", meets)) {
					t.Errorf("%s was not reached", point)
				}
			}
			l.follow(nil)
			l.do("update public.people set name = 'changed' where id between 1021 and 1040; update public.bills set amount = 7 where no between 1021 and 1040")
			stop()
			l.settle()
			for name, filtered := range map[string]string{"people": "id % 10 = 0", "bills": "id % 3 = 0", "log": "true", "notes": "false"} {
				own := "false"
				switch {
				case name == "notes" || c.OnExisting != planner.ExistingAppend:
				case c.untouched == "target":
					own = alone + " or " + untouched + " or " + touched + " and " + filtered
				case c.untouched == "source":
					own = alone + " or id between 1001 and 1040 and " + filtered
				}
				l.met(name, own)
			}
			l.verified(ctx, t)
			l.rest()
			l.nothingLeft(t)
		})
	}
}

// met compares a table as it is mapped, but for the rows that are the target's
// own: by id those that are to be.
func (l *live) met(table, own string) {
	l.t.Helper()
	m := mappedTables[table]
	rows := func(url, sql, where string) []string {
		return sandbox.Query(l.t, url, fmt.Sprintf("select id || ' ' || left(r::text, 80) || ' ' || md5(r::text) from (%s) r where %s order by id, 1", sql, where))
	}
	theirs := "not (" + own + ")"
	if table == "log" { // no row is another
		theirs = "true"
	}
	mine := "r::text like '%target%'"
	if diff := cmp.Diff(rows(l.source, m.source, theirs), rows(l.target, m.target, "not "+mine)); diff != "" {
		l.t.Errorf("%s (-source +target):\n%s", table, diff)
	}
	if diff := cmp.Diff(sandbox.Query(l.t, l.target, "select id from generate_series(1, 2020) r (id) where "+own+" order by id"),
		sandbox.Query(l.t, l.target, fmt.Sprintf("select id from (%s) r where %s order by id", m.target, mine))); diff != "" {
		l.t.Errorf("%s's rows of its own (-want +got):\n%s", table, diff)
	}
}
