package verify_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/google/go-cmp/cmp"

	"sluice/examples/sandbox"
	"sluice/executor/session"
	"sluice/executor/verify"
	"sluice/planner/catalog"
)

func TestMain(m *testing.M) { os.Exit(sandbox.Main(m)) }

// limit only ends a test that hangs.
const limit = time.Minute

// world is a pair of databases with the same tables.
type world struct {
	source, target string // URLs
	options        verify.Options
	schemas        int
}

// newWorld runs sql on both sides.
func newWorld(t *testing.T, sql string) *world {
	w := &world{
		source: sandbox.Shared(t, 0, "source").Database(t),
		target: sandbox.Shared(t, 0, "target").Database(t),
	}
	w.options = verify.Options{Source: session.At("source", w.source), Target: session.At("target", w.target)}
	sandbox.Exec(t, w.source, sql)
	sandbox.Exec(t, w.target, sql)
	return w
}

func (w *world) compare(t *testing.T, tables ...verify.Table) []verify.Result {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	results, err := verify.Compare(ctx, w.options, tables)
	if err != nil {
		t.Fatal(err)
	}
	return results
}

// fill runs sql in a schema of its own, which it returns: on both sides, then on
// each. A database for each case would take longer than the case.
func (w *world) fill(t *testing.T, both, source, target string) (schema string) {
	w.schemas++
	schema = fmt.Sprintf("s%d", w.schemas)
	both = "create schema " + schema + ";" + both
	for url, sql := range map[string]string{w.source: both + ";" + source, w.target: both + ";" + target} {
		sandbox.Exec(t, url, strings.ReplaceAll(sql, "public.", schema+"."))
	}
	return schema
}

func in(schema string, t verify.Table) verify.Table {
	t.Source.Name.Schema, t.Target.Name.Schema = schema, schema
	return t
}

func table(name string, key []string, columns ...string) verify.Table {
	side := verify.Side{Name: catalog.Name{Schema: "public", Local: name}}
	for _, column := range key {
		side.Key = append(side.Key, catalog.Quote(column))
	}
	for _, column := range columns {
		side.Values = append(side.Values, catalog.Quote(column))
	}
	return verify.Table{Source: side, Target: side}
}

// What differs is found and named by key; what is the same never is.
func TestCompareNamesEachRowThatDiffers(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "")
	const keyed = "create table public.t (id int primary key, v text); insert into public.t select i, 'v' || i from generate_series(1, 10000) i;"
	const free = "create table public.t (id int, v text); insert into public.t select i % 10, 'v' from generate_series(1, 1000) i;"
	for name, c := range map[string]struct {
		both, source, target string
		free                 bool // no key
		want                 []verify.Difference
	}{
		"nothing":           {both: keyed},
		"order of the rows": {both: keyed, target: "create table public.u as select * from public.t order by id desc; truncate public.t; insert into public.t table public.u"},
		"dead rows":         {both: keyed, target: "update public.t set v = v; delete from public.t where id = 7; insert into public.t values (7, 'v7')"},
		"one value":         {both: keyed, target: "update public.t set v = 'w' where id = 4711", want: []verify.Difference{{Key: "(4711)", What: "different"}}},
		"one row less":      {both: keyed, target: "delete from public.t where id = 4711", want: []verify.Difference{{Key: "(4711)", What: "only on the source"}}},
		"one row more":      {both: keyed, source: "delete from public.t where id = 4711", want: []verify.Difference{{Key: "(4711)", What: "only on the target"}}},
		"two values swapped": {both: keyed, target: "update public.t set v = case id when 1 then 'v2' else 'v1' end where id in (1, 2)",
			want: []verify.Difference{{Key: "(1)", What: "different"}, {Key: "(2)", What: "different"}}},
		"NULL is not the empty string": {both: keyed, source: "update public.t set v = null where id = 1", target: "update public.t set v = '' where id = 1",
			want: []verify.Difference{{Key: "(1)", What: "different"}}},
		"NULL is not the word": {both: keyed, source: "update public.t set v = null where id = 1", target: "update public.t set v = 'NULL' where id = 1", want: []verify.Difference{{Key: "(1)", What: "different"}}},
		"a blank at the end":   {both: keyed, target: "update public.t set v = v || ' ' where id = 1", want: []verify.Difference{{Key: "(1)", What: "different"}}},
		"a doubled row":        {both: free, free: true, target: "insert into public.t values (1, 'v')", want: []verify.Difference{{Key: "?", What: "different"}}},
		"duplicates, no key":   {both: free, free: true},
		"a row less, no key":   {both: free, free: true, target: "delete from public.t where ctid = (select min(ctid) from public.t where id = 3)", want: []verify.Difference{{Key: "?", What: "different"}}},
		"another row, no key":  {both: free, free: true, target: "update public.t set v = 'secret' where id = 9 and ctid = (select min(ctid) from public.t where id = 9)", want: []verify.Difference{{Key: "?", What: "different"}, {Key: "?", What: "only on the target"}}},
		"the target is empty":  {both: keyed + "delete from public.t where id > 3", target: "truncate public.t", want: []verify.Difference{{Key: "(1)", What: "only on the source"}, {Key: "(2)", What: "only on the source"}, {Key: "(3)", What: "only on the source"}}},
		"minus zero is not zero": {both: "create table public.t (id int primary key, v float8); insert into public.t values (1, 0)",
			target: "update public.t set v = '-0'", want: []verify.Difference{{Key: "(1)", What: "different"}}},
		"1.0 is not 1.00": {both: "create table public.t (id int primary key, v numeric); insert into public.t values (1, 1.0)",
			target: "update public.t set v = 1.00", want: []verify.Difference{{Key: "(1)", What: "different"}}},
		"bounds of an array": {both: "create table public.t (id int primary key, v int[]); insert into public.t values (1, '{1,2}')",
			target: "update public.t set v = '[0:1]={1,2}'", want: []verify.Difference{{Key: "(1)", What: "different"}}},
	} {
		t.Run(name, func(t *testing.T) {
			schema := w.fill(t, c.both, c.source, c.target)
			key := []string{"id"}
			if c.free {
				key = nil
			}
			r := w.compare(t, in(schema, table("t", key, "id", "v")))[0]
			got := r.Different
			for i := range got {
				if c.free {
					if len(got[i].Key) != 32 {
						t.Errorf("a row without key is called %q, want a hash", got[i].Key)
					}
					got[i].Key = "?"
				}
			}
			if c.free && len(got) == 2 && got[0].What > got[1].What { // sorted by hash
				got[0], got[1] = got[1], got[0]
			}
			if diff := cmp.Diff(c.want, got); diff != "" || r.Equal != (len(c.want) == 0) || r.More || r.Moved {
				t.Errorf("%+v (-want +got):\n%s", r, diff)
			}
		})
	}
}

// The text of a row is quoted: no two rows have the same.
func TestCompareTellsRowsApartWhoseTextRunsTogether(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "")
	for i, c := range [][2][2]string{
		{{`a,b`, `c`}, {`a`, `b,c`}},
		{{`a"`, `b`}, {`a`, `"b`}},
		{{`a\`, `b`}, {`a`, `\b`}},
		{{`a\",b`, ``}, {`a\"`, `b,`}},
		{{`(`, `)`}, {``, `()`}},
		{{`","`, ``}, {``, `","`}},
		{{"a\n", "b"}, {"a", "\nb"}},
	} {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			insert := func(row [2]string) string {
				return "insert into public.t values (" + catalog.Literal(row[0]) + ", " + catalog.Literal(row[1]) + ")"
			}
			schema := w.fill(t, "create table public.t (a text, b text)", insert(c[0]), insert(c[1]))
			if r := w.compare(t, in(schema, table("t", nil, "a", "b")))[0]; r.Equal || len(r.Different) != 2 {
				t.Errorf("%q and %q: %+v", c[0], c[1], r)
			}
			if r := w.compare(t, in(schema, table("t", []string{"a", "b"}, "a", "b")))[0]; r.Equal || len(r.Different) != 2 {
				t.Errorf("as keys, %q and %q: %+v", c[0], c[1], r)
			}
		})
	}
}

func TestCompareListsTheFirstOfMany(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "create table public.t (id int primary key); insert into public.t select generate_series(1, 1000)")
	sandbox.Exec(t, w.target, "delete from public.t")
	if r := w.compare(t, table("t", []string{"id"}, "id"))[0]; r.Equal || len(r.Different) != 20 || !r.More || r.Rows != 1000 || r.TargetRows != 0 {
		t.Errorf("%+v", r)
	}
}

// Tables of strange shape: no column, 1,600 columns, hostile names, a parent
// whose children are not its own rows.
func TestCompareTablesOfAnyShape(t *testing.T) {
	t.Parallel()
	const hostile = "a \"b\".c'd\\ \n—$$ select"
	var wide []string
	for i := range 1600 {
		wide = append(wide, fmt.Sprintf("c%d", i+1))
	}
	w := newWorld(t, "create table public.nothing (); insert into public.nothing default values; insert into public.nothing default values;"+
		"create table public.wide ("+strings.Join(wide, " int, ")+" int); insert into public.wide (c1, c1600) values (1, 1600);"+
		"create table public.parent (id int primary key); create table public.child () inherits (public.parent); insert into public.parent values (1);"+
		"create table public."+catalog.Quote(hostile)+" ("+catalog.Quote(hostile)+" text primary key, k text, h text); insert into public."+catalog.Quote(hostile)+" values ('x', 'y', 'z')")
	sandbox.Exec(t, w.source, "insert into public.child values (2)")
	for _, r := range w.compare(t, table("nothing", nil), table("wide", nil, wide...), table("parent", []string{"id"}, "id"),
		table(hostile, []string{hostile, "k"}, hostile, "k", "h")) {
		if !r.Equal {
			t.Errorf("%+v", r)
		}
	}
	sandbox.Exec(t, w.target, "insert into public.nothing default values; update public.wide set c1600 = 0; update public."+catalog.Quote(hostile)+" set h = ''")
	for i, r := range w.compare(t, table("nothing", nil), table("wide", nil, wide...), table(hostile, []string{hostile}, hostile, "k", "h")) {
		if r.Equal || len(r.Different) == 0 {
			t.Errorf("%d: %+v", i, r)
		}
	}
}

// snapshots exports one on each side, as the executor does.
func (w *world) snapshots(t *testing.T) {
	t.Helper()
	for url, into := range map[string]*string{w.source: &w.options.SourceSnapshot, w.target: &w.options.TargetSnapshot} {
		conn, err := pgx.Connect(t.Context(), url)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close(context.WithoutCancel(t.Context())) })
		if _, err := conn.Exec(t.Context(), "begin isolation level repeatable read read only"); err != nil {
			t.Fatal(err)
		}
		if err := conn.QueryRow(t.Context(), "select pg_export_snapshot()").Scan(into); err != nil {
			t.Fatal(err)
		}
	}
}

func TestCompareReadsItsSnapshots(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "create table public.t (id int primary key, v text); insert into public.t select i from generate_series(1, 100) i")
	w.snapshots(t)
	sandbox.Exec(t, w.source, "update public.t set v = 'new'; delete from public.t where id > 50; alter table public.t add column more int")
	if r := w.compare(t, table("t", []string{"id"}, "id", "v"))[0]; !r.Equal || r.Rows != 100 {
		t.Errorf("%+v", r)
	}
}

// Neither side's truncation or rewrite is taken for a difference, nor for
// equality: it is said to have moved.
func TestCompareSaysThatATableHasMoved(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "create table public.still (id int)")
	cases := map[string]struct{ source, target string }{
		"truncated on the source": {source: "truncate public.t"},
		"truncated on the target": {target: "truncate public.t"},
		"truncated on both":       {source: "truncate public.t", target: "truncate public.t"},
		"rewritten on the source": {source: "alter table public.t alter id type bigint"},
		"truncated and filled":    {source: "truncate public.t; insert into public.t select generate_series(1, 100)"},
	}
	schemas := map[string]string{}
	for name := range cases {
		schemas[name] = w.fill(t, "create table public.t (id int primary key); insert into public.t select generate_series(1, 100)", "", "")
	}
	w.snapshots(t)
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			sandbox.Exec(t, w.source, strings.ReplaceAll(c.source, "public.", schemas[name]+"."))
			sandbox.Exec(t, w.target, strings.ReplaceAll(c.target, "public.", schemas[name]+"."))
			results := w.compare(t, in(schemas[name], table("t", []string{"id"}, "id")), table("still", nil, "id"))
			if r := results[0]; !r.Moved || r.Equal || len(r.Different) > 0 {
				t.Errorf("%+v, want that it has moved", r)
			}
			if r := results[1]; r.Moved || !r.Equal {
				t.Errorf("the other table: %+v", r)
			}
		})
	}
}

// What was compared is not locked any more: an ALTER TABLE of the application
// does not wait for the rest of the database, nor a TRUNCATE among the changes.
func TestCompareHoldsNoLockOnWhatItHasDone(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "create table public.a (id int); create table public.b (id int)")
	w.snapshots(t)
	w.options.Workers = 1
	w.options.Done = func(r verify.Result) {
		for _, url := range []string{w.source, w.target} {
			sandbox.Exec(t, url, "set lock_timeout = '5s'; alter table "+r.Table.SQL()+" add column more int")
		}
	}
	for _, r := range w.compare(t, table("a", nil, "id"), table("b", nil, "id")) {
		if !r.Equal {
			t.Errorf("%+v", r)
		}
	}
}

// Row security never thins a comparison: it is an error.
func TestCompareRefusesToBeThinnedByRowSecurity(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "create table public.t (id int primary key); insert into public.t values (1), (2)")
	database, _ := pgx.ParseConfig(w.source)
	role := "reader_" + database.Database
	sandbox.Exec(t, w.source, "alter table public.t enable row level security; create policy p on public.t using (id = 1);"+
		"create role "+role+" login; grant select on public.t to "+role)
	t.Cleanup(func() { sandbox.Exec(t, w.source, "drop owned by "+role+"; drop role "+role) })
	w.options.Source = session.At("source", strings.Replace(w.source, "postgres@", role+"@", 1))
	if results, err := verify.Compare(t.Context(), w.options, []verify.Table{table("t", []string{"id"}, "id")}); err == nil {
		t.Errorf("%+v, want an error", results)
	}
}
