package executor_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5/pgconn"

	"sluice/examples/sandbox"
	"sluice/executor/replay"
	"sluice/state"
)

// keylessType is a column type with values that a comparison may confuse.
type keylessType struct {
	name, typ string
	values    [3]string
}

// keyless are column types without an equality, or with one under which
// different values are equal.
var keyless = []keylessType{
	{"real", "real", [3]string{"'NaN'", "0", "'-0'"}},
	{"float", "double precision", [3]string{"'NaN'", "'infinity'", "'-0'"}},
	{"zero", "double precision", [3]string{"0", "'-0'", "0.1::float8 + 0.2::float8"}},
	{"numeric", "numeric", [3]string{"1.0", "1.00", "'NaN'"}},
	{"json", "json", [3]string{`'{"a":1,"b":2}'`, `'{"b":2,"a":1}'`, `'{"a": 1,"b":2}'`}},
	{"jsonb", "jsonb", [3]string{`'{"a":1}'`, `'{"a":1.0}'`, `'null'`}},
	{"xml", "xml", [3]string{`'<a/>'`, `'<a></a>'`, `'text'`}},
	{"point", "point", [3]string{"'(0,0)'", "'(-0,0)'", "'(1e-7,NaN)'"}},
	{"box", "box", [3]string{"'(1,1),(0,0)'", "'(2,0.5),(0,0)'", "'(1,1),(1,1)'"}},
	{"bytea", "bytea", [3]string{`'\x00'`, `''`, `'\x0000'`}},
	{"char", "character(5)", [3]string{"'a'", "''", "'a b'"}},
	{"bit", "bit varying", [3]string{"B''", "B'0'", "B'00'"}},
	{"bool", "boolean", [3]string{"true", "false", "true"}},
	{"text", "text", [3]string{"''", "'NULL'", `E'tab\t quote'' back\\ \u00e9\u4e2d'`}},
	{"array", "text[]", [3]string{"'{}'", "'{NULL}'", `'{"NULL"}'`}},
	{"bounds", "int[]", [3]string{"'{1,2}'", "'[0:1]={1,2}'", "'{{1,2}}'"}},
	{"interval", "interval", [3]string{"'1 day'", "'24 hours'", "'1 mon -30 days'"}},
	{"stamp", "timestamptz", [3]string{"'infinity'", "'2024-02-29 23:59:59.999999+05'", "'0044-03-15 00:00:00 BC'"}},
	{"time", "timetz", [3]string{"'12:00+00'", "'13:00+01'", "'24:00-08'"}},
	{"range", "numrange", [3]string{"'[1.0,2)'", "'[1.00,2)'", "'empty'"}},
	{"money", "money", [3]string{"1.1", "-1.1", "1234567.89"}},
}

// hasXML says whether the server was built with libxml.
func hasXML(t *testing.T, url string) bool {
	return slices.Contains(sandbox.Query(t, url,
		"select exists (select from pg_config() where name = 'CONFIGURE' and setting like '%--with-libxml%')"), "t")
}

// Promise 3: without a key a row is found by its text. A change of one of three
// equal rows touches one; values that are equal and not the same stay apart.
func TestChangesWithoutKeyTouchExactlyOneRow(t *testing.T) {
	t.Parallel()
	l := &live{move: newMove(t, 0, 0)}
	kinds := slices.Clone(keyless)
	if !hasXML(t, l.source) {
		kinds = slices.DeleteFunc(kinds, func(k keylessType) bool { return k.typ == "xml" })
	}
	var script, changes strings.Builder
	for _, k := range kinds {
		name := "public.\"no key " + k.name + "\""
		// "a""v" is a name that has to be quoted; n tells nothing apart.
		fmt.Fprintf(&script, "create table %s (n int, \"a\"\"v\" %s);\nalter table %s replica identity full;\n", name, k.typ, name)
		for _, v := range append(k.values[:], "null") {
			fmt.Fprintf(&script, "insert into %s select 1, %s from generate_series(1, 3);\n", name, v)
		}
		for i, v := range append(k.values[:], "null") {
			one := fmt.Sprintf("ctid = (select ctid from %s where \"a\"\"v\"::text is not distinct from (select (%s)::%s)::text limit 1)", name, v, k.typ)
			next := append(k.values[:], "null")[(i+1)%4]
			fmt.Fprintf(&changes, "delete from %s where %s;\n", name, one)
			fmt.Fprintf(&changes, "update %s set n = n + 1 where %s;\n", name, one)
			fmt.Fprintf(&changes, "update %s set \"a\"\"v\" = %s where %s;\n", name, next, one)
			fmt.Fprintf(&changes, "insert into %s values (1, %s), (1, %s);\n", name, v, v)
		}
	}
	l.begin(t, script.String(), nil)
	l.do(changes.String())
	l.same()
	for _, k := range kinds {
		source := sandbox.Query(t, l.source, "select n, \"a\"\"v\"::text, count(*) from public.\"no key "+k.name+"\" group by 1, 2 order by 1, 2")
		target := sandbox.Query(t, l.target, "select n, \"a\"\"v\"::text, count(*) from public.\"no key "+k.name+"\" group by 1, 2 order by 1, 2")
		if diff := cmp.Diff(source, target); diff != "" {
			t.Errorf("%s (-source +target):\n%s", k.typ, diff)
		}
	}
}

// Promise 3: a row that somebody changed on the target is a divergence at its
// next update or delete, and nothing of that transaction stays. Once the row is
// repaired the same changes apply.
func TestChangesOfACorruptedRowAreADivergence(t *testing.T) {
	t.Parallel()
	l := newLive(t, `
		create table public.plain (a int, b text);
		alter table public.plain replica identity full;
		create table public.keyed (a int primary key, b text);
		insert into public.plain select i, 'row' from generate_series(1, 9) i;
		insert into public.keyed table public.plain;`)
	for _, c := range []struct{ name, corrupt, change, key, op, repair string }{
		{
			"update without key", "update public.plain set b = 'by hand' where a = 2",
			"update public.plain set b = 'new' where a = 2", "no key", "update",
			"update public.plain set b = 'row' where a = 2",
		},
		{
			"delete without key", "update public.plain set b = null where a = 3",
			"delete from public.plain where a = 3", "no key", "delete",
			"update public.plain set b = 'row' where a = 3",
		},
		{
			"update with key", "delete from public.keyed where a = 2",
			"update public.keyed set b = 'new' where a = 2", "a=2", "update",
			"insert into public.keyed values (2, 'row')",
		},
		{
			"delete with key", "delete from public.keyed where a = 3",
			"delete from public.keyed where a = 3", "a=3", "delete",
			"insert into public.keyed values (3, 'row')",
		},
		{
			"change of the key", "delete from public.keyed where a = 4",
			"update public.keyed set a = 44 where a = 4", "a=4", "update",
			"insert into public.keyed values (4, 'row')",
		},
		{
			"insert of what is there", "insert into public.keyed values (10, 'by hand')",
			"insert into public.keyed values (10, 'ten')", "a=10", "insert",
			"delete from public.keyed where a = 10",
		},
	} {
		sandbox.Exec(t, l.target, c.corrupt)
		before := l.recorded().Position
		l.do("insert into public.plain values (100, 'with it');" + c.change + "; insert into public.keyed values (100, 'with it')")
		l.do("delete from public.plain where a = 100; delete from public.keyed where a = 100")
		d := refusal[*replay.Divergence](t, l.failure())
		if d.Op != c.op || d.Key != c.key || d.LSN == 0 || !strings.Contains(d.Error(), d.LSN.String()) || !strings.Contains(d.Error(), d.Table.String()) {
			t.Errorf("%s: the divergence is %+v: %v", c.name, d, d)
		}
		if c.op == "insert" {
			refusal[*pgconn.PgError](t, d, "23505")
		} else if d.Rows != 0 || d.Err != nil {
			t.Errorf("%s: the divergence is %+v, want 0 rows", c.name, d)
		}
		st := l.recorded()
		if st.Phase != state.Failed || !strings.Contains(st.Error, d.LSN.String()) {
			t.Errorf("%s: the state is %q: %s", c.name, st.Phase, st.Error)
		}
		if rows := sandbox.Query(t, l.target, "select a from public.keyed where a >= 100 union all select a from public.plain where a >= 100"); len(rows) > 0 {
			t.Errorf("%s: of the transaction that was refused these rows stay: %v", c.name, rows)
		}
		if st.Position.Inserts != before.Inserts || uint64(d.LSN) < st.Position.LSN {
			t.Errorf("%s: the position went from %+v to %+v, behind the refused change", c.name, before, st.Position)
		}
		sandbox.Exec(t, l.target, c.repair)
		l.follow(nil)
		l.same()
	}
}

// A row that is equal and not the same is not the one that was changed.
func TestChangesWithoutKeyAreNotFoundByEquality(t *testing.T) {
	t.Parallel()
	l := newLive(t, `
		create table public.plain (a numeric);
		alter table public.plain replica identity full;
		insert into public.plain values (1.0);`)
	l.rest()
	sandbox.Exec(t, l.target, "update public.plain set a = 1.00")
	l.do("delete from public.plain")
	l.start(nil)
	refusal[*replay.Divergence](t, l.failure(), "public.plain", "no key")
	sandbox.Exec(t, l.target, "update public.plain set a = 1.0")
	l.follow(nil)
	l.same()
}

// Promise 2: what a target refuses stops the changes there, with everything a
// person needs to find the row, and goes on when the reason is gone.
func TestChangesThatTheTargetRefusesStopThere(t *testing.T) {
	t.Parallel()
	l := newLive(t, "create table public.t (a int primary key, b text, c int); ")
	for _, c := range []struct{ name, refuse, allow, state string }{
		{"check constraint", "alter table public.t add constraint small check (a < 50)", "alter table public.t drop constraint small", "23514"},
		{"not null", "alter table public.t alter c set not null", "alter table public.t alter c drop not null", "23502"},
		{"narrow column", "alter table public.t alter b type varchar(3)", "alter table public.t alter b type text", "22001"},
		{"missing column", "alter table public.t rename b to bb", "alter table public.t rename bb to b", "42703"},
		{"missing table", "alter table public.t rename to tt", "alter table public.tt rename to t", "42P01"},
		{"trigger", `create function public.no() returns trigger language plpgsql as $$ begin raise exception 'no'; end $$;
			create trigger no before insert on public.t for each row when (new.a = 50) execute function public.no();
			alter table public.t enable always trigger no`, "drop trigger no on public.t; drop function public.no()", "P0001"},
	} {
		sandbox.Exec(t, l.target, c.refuse)
		l.do("insert into public.t values (49, 'abc', 1); insert into public.t values (50, 'abcd', null); insert into public.t values (51, 'abc', 1)")
		l.do("insert into public.t values (52, 'abc', 1)")
		key := "a=50"
		if c.state[:2] == "42" {
			key = "a=49" // the statement is refused, whatever its row
		}
		d := refusal[*replay.Divergence](t, l.failure(), "public.t", key, c.state)
		if d.LSN == 0 || !strings.Contains(d.Error(), d.LSN.String()) {
			t.Errorf("%s: the error has no LSN: %v", c.name, d)
		}
		sandbox.Exec(t, l.target, c.allow)
		if rows := sandbox.Query(t, l.target, "select a from public.t"); len(rows) > 0 {
			t.Errorf("%s: of the transaction that was refused, or from behind it, these rows stay: %v", c.name, rows)
		}
		l.follow(nil)
		l.same()
		l.do("truncate public.t")
		l.settle()
	}
}
