package replay

import (
	"fmt"
	"slices"
	"testing"

	"github.com/jackc/pgx/v5/pgtype"

	"sluice/examples/sandbox"
	"sluice/executor/session"
	"sluice/executor/stream"
	"sluice/planner"
	"sluice/planner/catalog"
)

// What two changes have in common is found in the keys that the target has, and in the
// table where those do not tell it.
func TestFootprints(t *testing.T) {
	t.Parallel()
	for _, major := range []int{10, 18} {
		t.Run(fmt.Sprint(major), func(t *testing.T) {
			t.Parallel()
			footprints(t, major)
		})
	}
}

func footprints(t *testing.T, major int) {
	url := sandbox.Shared(t, major, "target").Database(t)
	sandbox.Exec(t, url, `
		create table plain (id int primary key, u int, v text, unique (u, v));
		create table folded (id int primary key, u int, v text);
		create unique index on folded (lower(v));
		create table partly (id int primary key, u int, v text);
		create unique index on partly (u) where v = 'x';
		create table apart (id int primary key, u int, v text, exclude using btree (u with =));
		create table exact (id numeric primary key, u int, v text);
		create table short (id int primary key, u int, v varchar(3) unique);
		create table hidden (id int primary key, u int, v text, more int unique);
		create table none (id int, u int, v text);
		create table included (id int primary key, u int, v text);
		create table partitioned (id int, u int, v text) partition by range (id)`)
	if major >= 12 {
		sandbox.Exec(t, url, `create unique index on included (u) include (v);
			create collation any_case (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
			create table anycase (id int primary key, u int, v text collate any_case unique)`)
	}
	if major >= 15 {
		sandbox.Exec(t, url, "create table onenull (id int primary key, u int, v text unique nulls not distinct)")
	}
	conn, err := session.At("target.new", url).Connect(t.Context(), "test")
	if err != nil {
		t.Fatal(err)
	}
	defer session.Close(t.Context(), conn)

	of := func(name string, identity []string) *relation {
		table := &Table{Name: catalog.Name{Schema: "public", Local: name}, Copy: &planner.CopySpec{
			Columns: []planner.CopyColumn{{Name: "id", From: "id"}, {Name: "u", From: "u"}, {Name: "v", From: "v"}}, Identity: identity,
		}}
		types, err := targetTables(t.Context(), conn, []*Table{table})
		if err != nil {
			t.Fatal(err)
		}
		r, err := newRelation(table, stream.RelationDef{Columns: []stream.ColumnDef{
			{Name: "id", TypeOID: pgtype.Int4OID, Typmod: -1, Key: true}, {Name: "u", TypeOID: pgtype.Int4OID, Typmod: -1}, {Name: "v", TypeOID: pgtype.TextOID, Typmod: -1},
		}})
		if err != nil {
			t.Fatal(err)
		}
		r.typed(types[table.Name])
		r.claim(types[table.Name], true)
		return r
	}
	row := func(values ...string) (row stream.Tuple) {
		for _, v := range values {
			switch v {
			case unsent:
				row = append(row, stream.Value{Kind: stream.Unchanged})
			case null:
				row = append(row, stream.Value{Kind: stream.Null})
			default:
				row = append(row, stream.Value{Kind: stream.Text, Text: []byte(v)})
			}
		}
		return row
	}
	trace := func(r *relation, kind stream.Kind, values ...string) []uint64 {
		t.Helper()
		c := change{relation: r, kind: kind, row: row(values...), old: row(values...)}
		if kind == stream.Delete {
			c.row = nil
		}
		footprint, told := c.trace(nil)
		if !told {
			t.Errorf("%s: %q cannot be told", r.Name, values)
		}
		return footprint
	}
	meet := func(a, b []uint64) bool {
		return slices.ContainsFunc(a, func(token uint64) bool { return slices.Contains(b, token) })
	}

	key := []string{"id"}
	for name, whole := range map[string]bool{
		"plain": false, "none": false, "included": false, "anycase": true, "onenull": false, "folded": true, "partly": true,
		"apart": true, "exact": true, "short": true, "hidden": true, "partitioned": true,
	} {
		if name == "anycase" && major < 12 || name == "onenull" && major < 15 {
			continue
		}
		r := of(name, key)
		if r.whole != whole {
			t.Errorf("%s: its changes are told by the table: %t", name, r.whole)
		}
		if got := meet(trace(r, stream.Insert, "1", "1", "a"), trace(r, stream.Insert, "2", "2", "b")); got != whole {
			t.Errorf("%s: two rows meet: %t", name, got)
		}
		if !meet(trace(r, stream.Insert, "1", "1", "a"), trace(r, stream.Delete, "1", null, null)) {
			t.Errorf("%s: a row that comes does not meet itself when it goes", name)
		}
	}
	plain, keyless := of("plain", key), of("none", nil)
	for _, c := range []struct {
		a, b []uint64
		want bool
	}{
		{trace(plain, stream.Insert, "1", "7", "x"), trace(plain, stream.Update, "2", "7", "x"), true},
		{trace(plain, stream.Insert, "1", "7", "x"), trace(plain, stream.Update, "2", "7", "y"), false},
		{trace(plain, stream.Insert, "1", "7", null), trace(plain, stream.Update, "2", "7", null), false},
		{trace(plain, stream.Update, "1", unsent, unsent), trace(plain, stream.Update, "2", unsent, unsent), false},
		{trace(plain, stream.Update, "1", "7", "x"), trace(plain, stream.Delete, "1", null, null), true},
		{trace(keyless, stream.Insert, "1", "7", "x"), trace(keyless, stream.Insert, "1", "7", "x"), false},
	} {
		if meet(c.a, c.b) != c.want {
			t.Errorf("%v and %v meet: %t", c.a, c.b, !c.want)
		}
	}
	if major >= 15 {
		r := of("onenull", key)
		if !meet(trace(r, stream.Insert, "1", "1", null), trace(r, stream.Insert, "2", "2", null)) {
			t.Error("NULL does not meet NULL where it is one value")
		}
	}
	c := change{relation: plain, kind: stream.Update, row: row("1", "7", unsent), old: row("1", "7", unsent)}
	if _, told := c.trace(nil); told {
		t.Error("a value of which a part was not sent is told")
	}
}
