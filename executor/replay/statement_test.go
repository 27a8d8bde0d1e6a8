package replay

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"sluice/examples/sandbox"
	"sluice/executor/handoff"
	"sluice/executor/stream"
	"sluice/planner"
	"sluice/planner/catalog"
)

// names are identifiers that break SQL where they are not quoted, or quoted
// wrongly. The last has 63 bytes, the longest there is.
var names = []string{
	"plain", "Select", "user", `"`, `""`, `a"b`, "a b", "a'b", `a\b`, "a\nb", "$1", "$$", "a.b", "--", "/*", "%s", "%", ";drop", "tableoid2",
	"né", "名前", "old", "new", "gone", "excluded", "ctid2", strings.Repeat("é", 31) + "x",
}

// relationOf makes a relation with columns of these names, of type text, or integer
// where they are GENERATED ALWAYS.
func relationOf(t *testing.T, table catalog.Name, columns []string, identity []string, always ...string) *relation {
	t.Helper()
	def := stream.RelationDef{ID: 1, Schema: table.Schema, Name: table.Local, Identity: 'f'}
	spec := &planner.CopySpec{Identity: identity}
	for _, c := range columns {
		isAlways := false
		for _, a := range always {
			isAlways = isAlways || a == c
		}
		oid := uint32(pgtype.TextOID)
		if isAlways {
			oid = pgtype.Int4OID
		}
		def.Columns = append(def.Columns, stream.ColumnDef{Key: true, Name: c, TypeOID: oid})
		spec.Columns = append(spec.Columns, planner.CopyColumn{Name: c, From: c, Type: "text", Always: isAlways})
	}
	r, err := newRelation(&Table{Name: table, Copy: spec, Loaded: unread(t)}, def)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// unread is a table whose load has seen no transaction.
func unread(t testing.TB) *handoff.Table {
	t.Helper()
	loaded, err := handoff.NewTable("", nil, []handoff.Range{{Snapshot: handoff.Snapshot{Xmin: 3, Xmax: 3}}})
	if err != nil {
		t.Fatal(err)
	}
	return loaded
}

// Every statement, on tables and columns with hostile names, hits its row and no
// other: the server is the judge.
func TestStatementsQuoteEveryName(t *testing.T) {
	url := sandbox.Shared(t, 0, "target").Database(t)
	ctx := t.Context()
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	run := func(sql string, params ...string) int64 {
		t.Helper()
		values := make([][]byte, len(params))
		for i, p := range params {
			if p != "NULL" {
				values[i] = []byte(p)
			}
		}
		result := conn.PgConn().ExecParams(ctx, sql, values, nil, nil, nil).Read()
		if result.Err != nil {
			t.Fatalf("%v\n%s", result.Err, sql)
		}
		return result.CommandTag.RowsAffected()
	}
	for _, name := range names {
		table := catalog.Name{Schema: name, Local: name}
		run("create schema " + catalog.Quote(name))
		run("create table " + table.SQL() + " (" + catalog.Quote(name) + " text, k text, n int generated always as identity)")
		columns := []string{name, "k", "n"}
		for what, r := range map[string]*relation{
			"by key": relationOf(t, table, columns, []string{name}, "n"),
			"full":   relationOf(t, table, columns, nil, "n"),
		} {
			run("truncate " + table.SQL())
			find := func(key, k, n string) []string {
				if r.full() {
					return []string{key, k, n}
				}
				return []string{key}
			}
			one := func(sql string, params ...string) {
				t.Helper()
				if n := run(sql, params...); n != 1 {
					t.Errorf("%s, %q: %d rows\n%s", what, name, n, sql)
				}
			}
			one(r.insertion(r.Name), "1", "NULL", "7")
			one(r.insertion(r.Name), "2", "", "8")
			one(r.modification("010"), append([]string{"it's \\ $1"}, find("1", "NULL", "7")...)...)
			one(r.replacement("101"), append([]string{"3", "9"}, find("2", "", "8")...)...)
			one(r.replacement("001"), append([]string{"10"}, find("3", "", "9")...)...)
			if got := sandbox.Query(t, url, "select * from "+table.SQL()+" order by 1"); strings.Join(got, " ") != `1|it's \ $1|7 3||10` {
				t.Errorf("%s, %q: %q", what, name, got)
			}
			one(r.deletion(), find("3", "", "10")...)
			if n := run(r.deletion(), find("3", "", "10")...); n != 0 {
				t.Errorf("%s, %q: %d rows deleted of none", what, name, n)
			}
		}
	}
}

// A table without columns has rows all the same.
func TestStatementsOfATableWithoutColumns(t *testing.T) {
	r := relationOf(t, catalog.Name{Schema: "s", Local: "t"}, nil, nil)
	for got, want := range map[string]string{
		r.insertion(r.Name): `insert into "s"."t" default values`,
		r.deletion():        `delete from only "s"."t" where ctid = (select ctid from only "s"."t" where true limit 1)`,
	} {
		if strings.ReplaceAll(got, `"`, "") != strings.ReplaceAll(want, `"`, "") {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// What the announcement says must be what the plan knows, by name, whatever the
// order of the columns.
func TestRelationDrift(t *testing.T) {
	column := func(name string, key bool) stream.ColumnDef { return stream.ColumnDef{Name: name, Key: key} }
	id, v := column("id", true), column("v", false)
	for name, c := range map[string]struct {
		identity byte
		columns  []stream.ColumnDef
		by       []string
		says     string
	}{
		"as planned":                     {'d', []stream.ColumnDef{id, v}, []string{"id"}, ""},
		"another order":                  {'d', []stream.ColumnDef{v, id}, []string{"id"}, ""},
		"full with a key":                {'f', []stream.ColumnDef{id, column("v", true)}, []string{"id"}, ""},
		"a new column":                   {'d', []stream.ColumnDef{id, v, column("x", false)}, []string{"id"}, `"x" is new`},
		"a column gone":                  {'d', []stream.ColumnDef{id}, []string{"id"}, `"v" is gone`},
		"renamed to another case":        {'d', []stream.ColumnDef{id, column("V", false)}, []string{"id"}, `"V" is new`},
		"key not in the identity":        {'i', []stream.ColumnDef{column("id", false), column("v", true)}, []string{"id"}, `"id" is not in its replica identity`},
		"no identity any more":           {'n', []stream.ColumnDef{column("id", false), v}, []string{"id"}, `"id" is not in its replica identity`},
		"key column that is not planned": {'d', []stream.ColumnDef{id, v}, []string{"k"}, `no column "k"`},
	} {
		table := &Table{
			Name: catalog.Name{Schema: "s", Local: "t"}, Loaded: unread(t),
			Copy: &planner.CopySpec{Columns: []planner.CopyColumn{{Name: "id", From: "id"}, {Name: "v", From: "v"}}, Identity: c.by},
		}
		_, err := newRelation(table, stream.RelationDef{ID: 1, Schema: "s", Name: "t", Identity: c.identity, Columns: c.columns})
		var drift *DriftError
		switch {
		case c.says == "" && err != nil:
			t.Errorf("%s: %v", name, err)
		case c.says != "" && (!errors.As(err, &drift) || !strings.Contains(err.Error(), c.says) || drift.Table != table.Name):
			t.Errorf("%s: %v, want a drift that says %s", name, err, c.says)
		}
	}
}

// A row that cannot be found by what was sent is not looked for.
func TestRelationRefusesChangesThatDoNotFit(t *testing.T) {
	tuple := func(kinds string) stream.Tuple {
		var values stream.Tuple
		for _, k := range kinds {
			values = append(values, stream.Value{Kind: stream.ValueKind(k), Text: []byte("1")})
		}
		return values
	}
	name := catalog.Name{Schema: "s", Local: "t"}
	keyed, full := relationOf(t, name, []string{"a", "b"}, []string{"a"}), relationOf(t, name, []string{"a", "b"}, nil)
	for what, c := range map[string]struct {
		r    *relation
		m    stream.Message
		fits bool
	}{
		"update without old row, by key":  {keyed, stream.Message{Kind: stream.Update, New: tuple("tt")}, true},
		"update without old row, in full": {full, stream.Message{Kind: stream.Update, New: tuple("tt")}, false},
		"delete by key":                   {keyed, stream.Message{Kind: stream.Delete, Old: tuple("tn"), HasOld: true, OldKey: true}, true},
		"delete by key, in full":          {full, stream.Message{Kind: stream.Delete, Old: tuple("tn"), HasOld: true, OldKey: true}, false},
		"delete in full":                  {full, stream.Message{Kind: stream.Delete, Old: tuple("tn"), HasOld: true}, true},
		"insert of too few values":        {keyed, stream.Message{Kind: stream.Insert, New: tuple("t")}, false},
		"update with too many values":     {keyed, stream.Message{Kind: stream.Update, New: tuple("ttt")}, false},
		"delete with too few values":      {keyed, stream.Message{Kind: stream.Delete, Old: tuple("t"), HasOld: true}, false},
	} {
		if err := c.r.fits(&c.m); (err == nil) != c.fits {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// A row without a key is found by an index on one of its columns where there is
// one, and is the row with exactly these values.
func TestARowWithoutAKeyIsFoundByAnIndex(t *testing.T) {
	t.Parallel()
	url := sandbox.Shared(t, 0, "target").Database(t)
	sandbox.Exec(t, url, `
		create table t (path text, n int);
		insert into t select 'p' || i % 20000, nullif(i % 3, 0) from generate_series(1, 40000) i;
		create index on t (path);
		analyze t`)
	def := stream.RelationDef{ID: 1, Schema: "public", Name: "t", Identity: 'f', Columns: []stream.ColumnDef{
		{Key: true, Name: "path", TypeOID: pgtype.TextOID}, {Key: true, Name: "n", TypeOID: pgtype.Int4OID}}}
	spec := &planner.CopySpec{Columns: []planner.CopyColumn{{Name: "path", From: "path", Type: "text"}, {Name: "n", From: "n", Type: "integer"}}}
	r, err := newRelation(&Table{Name: catalog.Name{Schema: "public", Local: "t"}, Copy: spec, Loaded: unread(t)}, def)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(t.Context()))
	if _, err := conn.Exec(t.Context(), "prepare gone as "+r.deletion()); err != nil {
		t.Fatal(err)
	}
	for range 10 { // the server could make one plan for all values after five times
		rows, err := conn.Query(t.Context(), "explain (analyze, costs off) execute gone ('p9', null)", pgx.QueryExecModeSimpleProtocol)
		if err != nil {
			t.Fatal(err)
		}
		plan, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			t.Fatal(err)
		}
		if text := strings.Join(plan, "\n"); !strings.Contains(text, "t_path_idx") {
			t.Fatalf("no index is used:\n%s", text)
		}
	}
	if left := sandbox.Query(t, url, "select n is null from t where path = 'p9' order by 1"); !slices.Equal(left, []string{"f"}) {
		t.Errorf("of the two rows, one with a null, %v are left", left)
	}
}
