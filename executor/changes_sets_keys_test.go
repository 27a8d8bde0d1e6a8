package executor_test

import (
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"sluice/examples/sandbox"
	"sluice/executor"
)

// bySet counts the runs that were applied by the set, and those that could not be.
type bySet struct{ applied, backed atomic.Int64 }

func (b *bySet) watch(r *executor.Run) {
	r.Point = func(point string) {
		switch point {
		case "replay: by the set":
			b.applied.Add(1)
		case "replay: back to the savepoint":
			b.backed.Add(1)
		}
	}
}

// padded makes a transaction long enough to go by the set.
func padded(script string) string {
	return "begin; update public.pad set n = n + 1;" + script + "; commit"
}

const pad = "create table public.pad (id int primary key, n int); insert into public.pad select i, 0 from generate_series(1, 20) i;"

// keyKind is a type of keys, four values of it, and one that is equal to the first and
// has another text, where there is one.
type keyKind struct {
	name, typ string
	values    [4]string
	equal     string
}

var keyKinds = []keyKind{
	{"text", "text", [4]string{"''", `E'a\nb\tc'`, `'back\\slash\'`, `'"quo''ted" {NULL}, null'`}, ""},
	{"varchar", "varchar(9)", [4]string{"'NULL'", "'null'", `'\N'`, "''"}, ""},
	{"padded", "char(5)", [4]string{"'a'", "''", "'a b'", "'é '"}, ""},
	{"name", "name", [4]string{"'a b'", "''", `'a"b'`, `'\'`}, ""},
	{"byte", `"char"`, [4]string{"'a'", "''", `'\'`, "','"}, ""},
	{"folded", "text collate public.any_case", [4]string{"'abc'", "'b'", "''", "'ÄÖ'"}, "'ABC'"},
	{"citext", "public.citext", [4]string{"'abc'", "'b'", "''", "'ÄÖ'"}, "'ABC'"},
	{"ltree", "public.ltree", [4]string{"'a.b.c'", "'a'", "''", "'x_1.Y'"}, ""},
	{"hstore", "public.hstore", [4]string{"'a=>1'", "''", `'"q\"u"=>"a b\\"'`, "'n=>NULL'"}, ""},
	{"integer", "int", [4]string{"0", "-1", "2147483647", "7"}, ""},
	{"numeric", "numeric", [4]string{"1.0", "-0.001", "'NaN'", "1e30"}, "1.00"},
	{"float", "float8", [4]string{"0", "'NaN'", "'-infinity'", "0.1::float8 + 0.2::float8"}, "'-0'"},
	{"real", "real", [4]string{"0", "1e-45", "0.1", "'NaN'"}, "'-0'"},
	{"money", "money", [4]string{"1.1", "-1.1", "0", "1234567.89"}, ""},
	{"date", "date", [4]string{"'infinity'", "'-infinity'", "'0044-03-15 BC'", "'2024-02-29'"}, ""},
	{"stamp", "timestamptz", [4]string{"'infinity'", "'2024-02-29 23:59:59.999999+05'", "'0044-03-15 00:00:00 BC'", "'epoch'"}, ""},
	{"interval", "interval", [4]string{"'1 day'", "'0'", "'-1 mon'", "'1 us'"}, "'24 hours'"},
	{"time", "timetz", [4]string{"'12:00+00'", "'13:00+01'", "'24:00-08'", "'0:00+00'"}, ""},
	{"bytes", "bytea", [4]string{`'\x00'`, "''", `'\x5c'`, `'\x220a'`}, ""},
	{"uuid", "uuid", [4]string{"'00000000-0000-0000-0000-000000000000'", "md5('a')::uuid", "md5('b')::uuid", "md5('c')::uuid"}, ""},
	{"inet", "inet", [4]string{"'10.0.0.1'", "'10.0.0.1/8'", "'::1'", "'::/0'"}, ""},
	{"bits", "bit varying", [4]string{"B''", "B'0'", "B'00'", "B'1'"}, ""},
	{"jsonb", "jsonb", [4]string{"'1'", `'"a\\\"b"'`, "'null'", `'{"a": [1, {}]}'`}, "'1.0'"},
	{"enum", "public.mood", [4]string{`'a,"b"\'`, "''", "'so so'", "'it''s'"}, ""},
	{"domain", "public.code", [4]string{"'a'", "'A'", "''", "' '"}, ""},
	{"amount", "public.amount", [4]string{"1.0", "0", "'NaN'", "-5"}, "1.000"},
	{"array", "text[]", [4]string{"'{}'", "'{NULL}'", `'{"NULL","a,b","\"{"}'`, "'{{1},{2}}'"}, ""},
	{"numbers", "numeric[]", [4]string{"'{1.0}'", "'{}'", "'{1,NULL}'", "'[0:1]={1,2}'"}, "'{1.00}'"},
	{"pair", "public.pair", [4]string{"row(1.0, 'a')", "row(null, '')", `row(2, '(",\"')`, "row(3, null)"}, "row(1.00, 'a')"},
	{"range", "numrange", [4]string{"'[1.0,2)'", "'empty'", "'(,)'", "'[3,4]'"}, "'[1.00,2)'"},
	{"lexemes", "tsvector", [4]string{"'a:1'", "''", "'''b c'':2A'", "'d'"}, ""},
	{"place", "pg_lsn", [4]string{"'0/0'", "'16/B374D848'", "'0/1'", "'FFFFFFFF/FFFFFFFF'"}, ""},
}

// Whatever the type of a key is, and however its values are compared, the rows are
// found by the set: also where values that are equal have another text, and where the
// operator is in a schema of an extension.
func TestChangesBySetFindEveryKey(t *testing.T) {
	t.Parallel()
	l := &live{move: newMove(t, 0, 0)}
	missing := collations(t, l.source)
	script := pad + `create extension citext schema public; create extension ltree schema public; create extension hstore schema public;
		create type public.mood as enum ('so so', 'it''s', 'a,"b"\', ''); create domain public.amount as numeric check (value > -10); create type public.pair as (a numeric, b text);`
	var changes []string
	for _, k := range keyKinds {
		if slices.ContainsFunc(missing, func(m string) bool { return strings.HasSuffix(k.typ, m) }) {
			continue
		}
		name, typ := "public.k_"+k.name, strings.Split(k.typ, " collate")[0]
		at := func(value string) string { return fmt.Sprintf("k = (%s)::%s", value, typ) }
		first, second, third, fourth := k.values[0], k.values[1], k.values[2], k.values[3]
		script += fmt.Sprintf("create table %s (k %s primary key, v int);", name, k.typ)
		for _, v := range k.values[:3] {
			script += fmt.Sprintf("insert into %s values (%s, 0);", name, v)
		}
		changes = append(changes, fmt.Sprintf(`
			update %[1]s set v = v + 1; update %[1]s set v = v + 1 where %[2]s;
			delete from %[1]s where %[3]s; insert into %[1]s values (%[4]s, 5);
			delete from %[1]s where %[5]s; insert into %[1]s values (%[6]s, 6); update %[1]s set v = 7 where %[7]s`,
			name, at(first), at(second), second, at(third), fourth, at(fourth)))
		if k.equal != "" {
			changes = append(changes,
				fmt.Sprintf("update %[1]s set v = 10 where %[2]s; delete from %[1]s where %[2]s; insert into %[1]s values (%[3]s, 11); update %[1]s set v = 12 where %[2]s", name, at(first), k.equal),
				fmt.Sprintf("update %[1]s set v = 13 where %[2]s; update %[1]s set k = %[3]s where %[2]s; update %[1]s set v = 14 where %[2]s", name, at(first), first),
				fmt.Sprintf("update %[1]s set k = %[3]s where %[2]s; delete from %[1]s where %[2]s; insert into %[1]s values (%[4]s, 15)", name, at(first), k.equal, first),
				fmt.Sprintf("update %[1]s set v = 16 where %[2]s", name, at(first)))
		}
	}
	var runs bySet
	l.begin(t, script, runs.watch)
	for _, change := range changes {
		backed := runs.backed.Load()
		l.do(padded(change))
		l.settle()
		if runs.backed.Load() > backed {
			t.Errorf("not by the set: %s", change)
		}
	}
	l.same()
	if runs.applied.Load() == 0 {
		t.Error("nothing was applied by the set: the test shows nothing")
	}
	if n := sandbox.Query(t, l.source, "select count(*) from public.k_numeric where v = 16")[0]; n != "1" {
		t.Errorf("%s rows are the last that was changed: the test shows nothing", n)
	}
}

// An index may tell values apart that the column's own collation takes for one: each
// row gets its own values, and not another's.
func TestChangesBySetTellApartWhatTheKeyDoes(t *testing.T) {
	t.Parallel()
	l := &live{move: newMove(t, 0, 0)}
	if len(collations(t, l.source)) > 0 {
		t.Skip("the server has no collation that takes two texts for one")
	}
	var runs bySet
	l.begin(t, pad+`
		create table public.folded (k text collate public.any_case not null, v text);
		create unique index folded_k on public.folded (k collate "C");
		alter table public.folded replica identity using index folded_k;
		insert into public.folded select x || i, 'v' from generate_series(1, 20) i, unnest(array['a', 'A']) x`, runs.watch)
	for _, script := range []string{
		`update public.folded set v = k collate "C"`,
		`update public.folded set v = 'one' where k collate "C" = 'a1'; update public.folded set v = 'other' where k collate "C" = 'A1'`,
		`delete from public.folded where k collate "C" < 'a'`,
	} {
		l.do(padded(script))
		l.same()
	}
	if runs.applied.Load() == 0 || runs.backed.Load() > 0 {
		t.Errorf("%d runs by the set, and %d that could not be", runs.applied.Load(), runs.backed.Load())
	}
}

// A cast that a user has made from text is not the type's own input.
func TestChangesBySetCallNoCastOfUsers(t *testing.T) {
	t.Parallel()
	var runs bySet
	l := &live{move: newMove(t, 0, 0)}
	l.begin(t, pad+`
		create type public.pair as (a int, b text);
		create domain public.twin as public.pair;
		create function public.wrong(text) returns public.pair language sql as $$ select row(0, 'cast')::public.pair $$;
		create cast (text as public.pair) with function public.wrong(text) as implicit;
		create function public.wrong_tags(text) returns text[] language sql as $$ select array['cast'] $$;
		create cast (text as text[]) with function public.wrong_tags(text) as assignment;
		create table public.t (id int primary key, p public.pair, d public.twin, ps public.pair[], tags text[]);
		insert into public.t select i from generate_series(1, 40) i`, runs.watch)
	l.do(padded("update public.t set p = row(id, 'right'), d = row(id, 'too'), ps = array[row(id, 'all')::public.pair], tags = array['a', null]"))
	l.same()
	if runs.applied.Load() == 0 {
		t.Error("nothing was applied by the set: the test shows nothing")
	}
}
