package introspect

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"pgregory.net/rapid"

	"sluice/examples/sandbox"
	"sluice/executor/session"
	"sluice/planner/catalog"
)

// judged has a source judge expressions, as the role and with the settings of a
// connection that nothing is pinned on.
func judged(t testing.TB, url string, declared ...catalog.Expression) []catalog.Expression {
	t.Helper()
	return judgedOn(t, connect(t, url), declared...)
}

func judgedOn(t testing.TB, conn *pgx.Conn, declared ...catalog.Expression) []catalog.Expression {
	t.Helper()
	answered, err := Check(t.Context(), conn, declared)
	if err != nil {
		t.Fatal(err)
	}
	if len(answered) != len(declared) {
		t.Fatalf("%d answers to %d expressions", len(answered), len(declared))
	}
	return answered
}

var judgedTable = catalog.Name{Schema: "public", Local: "t"}

// value is a value of a column that the source has not, of any type.
func value(sql, of string) catalog.Expression {
	return catalog.Expression{Table: judgedTable, SQL: sql, Type: of}
}

func filter(sql string) catalog.Expression { return value(sql, "boolean") }

// refusal is what tests compare of one: what the server says differs by major.
func refusal(e catalog.Expression) string {
	if e.Refused == nil {
		return ""
	}
	return fmt.Sprintf("%s @%d", e.Refused.Message, e.Refused.Position)
}

// expressionsSQL is a table with columns of all sorts, and functions of each
// volatility, some of which say something else than what their bodies do.
const expressionsSQL = `
	create domain small as int check (value < 1000);
	create domain needed as int not null;
	create domain flag as boolean;
	create domain price as numeric(12,2);
	create type mood as enum ('now', 'later');
	create type pair as (x int, y text);
	create function immutable_one(int) returns int immutable language plpgsql as 'begin return $1; end';
	create function stable_one(int) returns int stable language plpgsql as 'begin return $1; end';
	create function volatile_one(int) returns int volatile language plpgsql as 'begin return $1; end';
	create function inlined(int) returns int volatile language sql as 'select $1 + 1';
	create function inlined_stable(int) returns timestamptz language sql as 'select now() + $1 * interval ''1 s''';
	create function promised(timestamptz) returns text immutable language sql as 'select $1::text';
	create function many(int) returns setof int immutable language sql as 'select $1';
	create function only_pair(int) returns pair immutable language sql as 'select $1, ''y''';
	create operator === (leftarg = int, rightarg = int, procedure = stable_equal);
	create sequence counter;
	create table t (id bigint primary key, a int, b int, name text, code varchar(5), fixed char(3), at timestamptz, day date,
	  j jsonb, x xml, p pair, list int[], texts text[], m mood, s small, n needed, f flag, ok boolean, cost numeric(12,2),
	  "select" int, "Upper" int, "größe" int, "values" int);
	alter table t enable row level security;
	alter table t force row level security;
	create policy nothing on t using (false);`

func createJudged(t testing.TB, url string) {
	t.Helper()
	sandbox.Exec(t, url, "create function stable_equal(int, int) returns boolean stable language plpgsql as 'begin return $1 = $2; end'")
	sandbox.Exec(t, url, expressionsSQL)
}

// What may give something else for the same row, by everything that an
// expression may be made of. The row level security of t hides all its rows.
func TestMutableIsExact(t *testing.T) {
	onEveryMajor(t, func(t *testing.T, server *sandbox.Server, _ int) {
		url := server.Database(t)
		createJudged(t, url)
		conn := connect(t, url)
		for _, c := range []struct {
			mutable bool
			sql     []string
		}{
			{false, []string{ // PostgreSQL's own
				"a + 1", "lower(name)", "1", "'aurora'", "null", "a is null", "coalesce(a, 1)", "greatest(a, b)", "a in (1, 2)", "a = any (list)",
				"array[a, b]", "(p).x", "row(a, b)", "(a, b) < (1, 2)", "row(a, b)::public.pair", "list[1:2]", "j->>'a'", "j::text", "x::text", "a::text",
				"name || a", "xmlelement(name a, name)", "to_tsvector('english', name)", "at at time zone 'UTC'", "(at at time zone 'UTC')::date",
				"day + 1", "at < '2024-01-01'", "day = date '2024-01-01'", "a::public.small", "s + 1", "n + 1", "not f", "cost * 2", "m < 'later'",
			}},
			{true, []string{
				"now()", "current_timestamp", "current_date", "localtime", "clock_timestamp()", "random()", "nextval('public.counter')", "current_user",
				"session_user", "current_schema", "txid_current()", "a + random()", "random() is null", "coalesce(a, random())", "row(a, now())",
				"array[now(), at]", "to_char(at, 'YYYY')", "at >= day", "at::date", "at::text", "name || at", "name::timestamptz", "name::date",
				"date_trunc('day', at)", "extract(hour from at)", "at - interval '1 day'", "array_to_string(texts, ',')", "format('%s', a)", "concat(a)",
				"to_tsvector(name)", "to_jsonb(a)", "current_setting('timezone')", "name::regclass", "xmlelement(name a, random())",
			}},
			{false, []string{ // users' own
				"public.immutable_one(a)", "public.immutable_one(1)", "public.inlined(a)", "public.promised(at)", "(public.only_pair(a)).y",
			}},
			{true, []string{
				"public.stable_one(a)", "public.stable_one(1)", "public.volatile_one(a)", "public.volatile_one(1)", "public.inlined_stable(a)",
				"public.promised(now())", "name::public.mood", "a operator(public.===) b", "public.immutable_one(public.stable_one(a))",
			}},
			{false, []string{ // what is never reached
				"case when true then 1 else random() end", "false and random() > 1", "null::int + public.stable_one(1)", "coalesce(1, random())", "true or ok",
			}},
			{true, []string{"case when a > 0 then 1 else random() end", "ok or random() > 2", "coalesce(null, random())"}},
		} {
			for _, sql := range c.sql {
				e := judgedOn(t, conn, value(sql, "text"))[0]
				if e.Refused != nil {
					t.Errorf("%s: %s", sql, refusal(e))
				}
				if e.Mutable != c.mutable {
					t.Errorf("%s (%s): mutable %t", sql, e.Result, e.Mutable)
				}
				if index := noIndex(t, conn, sql); index != c.mutable {
					t.Errorf("%s: an index would be refused: %t", sql, index)
				}
			}
		}
	})
}

// What later majors brought, as an index judges it.
func TestMutableIsAsAnIndexSays(t *testing.T) {
	onEveryMajor(t, func(t *testing.T, server *sandbox.Server, major int) {
		url := server.Database(t)
		createJudged(t, url)
		conn := connect(t, url)
		for sql, since := range map[string]int{
			"jsonb_path_query_first(j, '$.a')": 12, "jsonb_path_exists_tz(j, '$.a.datetime()')": 13, "name is normalized": 13, "date_bin('1 h', at, at)": 14,
			"extract(epoch from day)": 14, "'{[1,2)}'::int4multirange": 14, "regexp_like(name, 'a')": 15, "name is json": 16, "json_array(a, at)": 16, "json_object('a': now())": 16,
			"date_add(at, interval '1 day', 'UTC')": 16, "json_value(j, '$.a')": 17, "json_value(j, '$.a.date() < \"2024-01-01\".date()')": 17,
			"json_value(j, '$.a.timestamp_tz()' returning timestamptz)": 17, "json_query(j, '$.a' default '1' on error)": 17, "json_exists(j, '$.a')": 17,
			"casefold(name)": 18, "uuidv7()": 18, "gamma(cost::float8)": 18, "json_scalar(at)": 17, "random(1, 2)": 17, "at at local": 17,
		} {
			if major < since {
				continue
			}
			e := judgedOn(t, conn, value(sql, "text"))[0]
			if e.Refused != nil {
				t.Errorf("%s: %s", sql, refusal(e))
			}
			if index := noIndex(t, conn, sql); index != e.Mutable {
				t.Errorf("%s: mutable %t, an index would be refused: %t", sql, e.Mutable, index)
			}
		}
	})
}

// noIndex says whether the server refuses an index over the expression since it
// is mutable: the predicate of a partial one, so that no operator class matters.
func noIndex(t testing.TB, conn *pgx.Conn, sql string) bool {
	t.Helper()
	_, err := conn.PgConn().Exec(t.Context(), "begin; set local search_path = ''; set local timezone = 'UTC';"+
		"create index on public.t (id) where pg_catalog.num_nulls(("+sql+")) = 0").ReadAll()
	if _, err := conn.PgConn().Exec(t.Context(), "rollback").ReadAll(); err != nil {
		t.Fatal(err)
	}
	var refused *pgconn.PgError
	if errors.As(err, &refused) && refused.Code == "42P17" { // invalid_object_definition
		return true
	}
	if err != nil {
		t.Errorf("an index over %s: %v", sql, err)
	}
	return false
}

// A literal that says now is a constant when it is planned, of which an index
// knows nothing either.
func TestTheClockAsALiteralIsMutable(t *testing.T) {
	onEveryMajor(t, func(t *testing.T, server *sandbox.Server, _ int) {
		url := server.Database(t)
		createJudged(t, url)
		conn := connect(t, url)
		for sql, mutable := range map[string]bool{
			"timestamptz 'now'": true, "'now'::timestamptz": true, "day < 'today'": true, "at > 'TOMORROW'": true, "day = any ('{yesterday}')": true,
			"'[now,)'::tstzrange": true, "day < $q$today$q$": true, "cast('today 10:00' as timestamp)": true, "name = 'x' and day < E'today'": true,
			"'now'": false, "'now'::text": false, "name = 'now'": false, "m = 'now'": false, "m = $$now$$::public.mood": false,
			"name = 'I know'": false, "day < '2024-01-01' or name = 'today'": false, "j @> '{\"now\": 1}'": false,
		} {
			if e := judgedOn(t, conn, value(sql, "text"))[0]; e.Mutable != mutable || e.Refused != nil {
				t.Errorf("%s: mutable %t, %s", sql, e.Mutable, refusal(e))
			}
		}
	})
}

func TestStampsAreReadByValuesOnly(t *testing.T) {
	onEveryMajor(t, func(t *testing.T, server *sandbox.Server, _ int) {
		url := server.Database(t)
		sandbox.Exec(t, url, `create table t (a int, note text); create table hides (sluice_op int, "SLUICE_LSN" int)`)
		hides := catalog.Name{Schema: "public", Local: "hides"}
		for _, c := range []struct {
			catalog.Expression
			stamps []catalog.Stamp
			uses   []string
			gives  string
		}{
			{value("sluice_op", "text"), []catalog.Stamp{catalog.StampOp}, nil, "text"},
			{catalog.Expression{Table: judgedTable, Column: "note", SQL: "sluice_op || SLUICE_lsn"}, []catalog.Stamp{catalog.StampOp, catalog.StampLSN}, nil, "text"},
			{value("sluice_commit_time", "text"), []catalog.Stamp{catalog.StampCommitTime}, nil, "timestamp with time zone"},
			{catalog.Expression{Table: judgedTable, Column: "a", SQL: "sluice_lsn is null", Type: "boolean"}, []catalog.Stamp{catalog.StampLSN}, nil, "boolean"},
			{filter("a = 1"), nil, []string{"a"}, "boolean"},
			{catalog.Expression{Table: hides, SQL: "sluice_op", Type: "int"}, nil, []string{"sluice_op"}, "integer"},
			{catalog.Expression{Table: hides, SQL: "sluice_lsn", Type: "int"}, []catalog.Stamp{catalog.StampLSN}, nil, "pg_lsn"},
		} {
			e := judged(t, url, c.Expression)[0]
			if e.Refused != nil || !slices.Equal(e.Stamps, c.stamps) || !slices.Equal(e.Uses, c.uses) || e.Result != c.gives {
				t.Errorf("%s: %+v, %s", c.SQL, e, refusal(e))
			}
		}
		e := judged(t, url, filter("sluice_op = 'load'"))[0]
		if got, want := refusal(e), `column "sluice_op" does not exist @1`; got != want {
			t.Errorf("a filter over a stamp: %s, want %s", got, want)
		}
	})
}

// What a declared type is called, and what fits it.
func TestTypesAreNamedByTheServer(t *testing.T) {
	onEveryMajor(t, func(t *testing.T, server *sandbox.Server, _ int) {
		url := server.Database(t)
		sandbox.Exec(t, url, "create extension citext")
		createJudged(t, url)
		conn := connect(t, url)
		for _, c := range []struct {
			sql, of          string
			result, as, base string
			fits, stable     bool
		}{
			{"a", "int", "integer", "integer", "integer", true, true},
			{"a", "int8", "integer", "bigint", "bigint", true, true},
			{"id", "int", "bigint", "integer", "integer", false, true},
			{"cost", "numeric(12, 2)", "numeric(12,2)", "numeric(12,2)", "numeric", true, true},
			{"a", "decimal(5)", "integer", "numeric(5,0)", "numeric", true, true},
			{"cost", "int", "numeric(12,2)", "integer", "integer", false, true},
			{"name", "varchar(20)", "text", "character varying(20)", "character varying", true, true},
			{"code", "text", "character varying(5)", "text", "text", true, true},
			{"fixed", "char(3)", "character(3)", "character(3)", "bpchar", true, true},
			{"name", "char", "text", "character(1)", "bpchar", true, true},
			{"name", "bit(3)", "text", "bit(3)", `"bit"`, false, true},
			{"list", "bigint[]", "integer[]", "bigint[]", "bigint[]", true, true},
			{"list", "text[]", "integer[]", "text[]", "text[]", false, true},
			{"texts", "varchar(3) array", "text[]", "character varying(3)[]", "character varying[]", true, true},
			{"at", "timestamp(3) with time zone", "timestamp with time zone", "timestamp(3) with time zone", "timestamp with time zone", true, true},
			{"day", "timestamptz", "date", "timestamp with time zone", "timestamp with time zone", true, true},
			{"name", "date", "text", "date", "date", false, true},
			{"interval '1 h'", "interval hour to minute", "interval", "interval hour to minute", "interval", true, true},
			{"a", "float(24)", "integer", "real", "real", true, true},
			{"s", "public.small", "public.small", "public.small", "integer", true, true},
			{"a", "public.small", "integer", "public.small", "integer", true, true},
			{"s", "int", "public.small", "integer", "integer", true, true},
			{"s", "bigint", "public.small", "bigint", "bigint", true, true},
			{"n", "public.needed", "public.needed", "public.needed", "integer", true, true},
			{"null::public.price", "public.price", "public.price", "public.price", "numeric", true, true},
			{"f", "boolean", "public.flag", "boolean", "boolean", true, true},
			{"name", "boolean", "text", "boolean", "boolean", false, true},
			{"a", "boolean", "integer", "boolean", "boolean", false, true},
			{"ok", "boolean", "boolean", "boolean", "boolean", true, true},
			{"m", "public.mood", "public.mood", "public.mood", "public.mood", true, false},
			{"m", "public.mood[]", "public.mood", "public.mood[]", "public.mood[]", false, false},
			{"p", "public.pair", "public.pair", "public.pair", "public.pair", true, false},
			{"row(a, name)", "public.pair", "record", "public.pair", "public.pair", false, false},
			{"name", "public.citext", "text", "public.citext", "public.citext", true, false},
			{"name::public.citext", "text", "public.citext", "text", "text", true, true},
			{"'aurora'", "text", "text", "text", "text", true, true},
			{"'aurora'", "varchar(20)", "text", "character varying(20)", "character varying", true, true},
			{" 'aurora' -- it", "public.citext", "text", "public.citext", "public.citext", true, false},
			{"'2024-01-01'", "date", "text", "date", "date", false, true},
			{"date '2024-01-01'", "date", "date", "date", "date", true, true},
			{"'t'", "boolean", "text", "boolean", "boolean", false, true},
			{"null", "date", "text", "date", "date", true, true},
			{" NULL /* none */", "public.pair", "text", "public.pair", "public.pair", true, false},
			{"null::int", "date", "integer", "date", "date", false, true},
			{"null", "boolean", "text", "boolean", "boolean", true, true},
			{"\"values\"", "int", "integer", "integer", "integer", true, true},
		} {
			e := judgedOn(t, conn, value(c.sql, c.of))[0]
			got := []any{e.Result, e.As, e.Base, e.Fits, e.Stable, refusal(e)}
			if diff := cmp.Diff([]any{c.result, c.as, c.base, c.fits, c.stable, ""}, got); diff != "" {
				t.Errorf("%s as %s: -want +got\n%s", c.sql, c.of, diff)
			}
		}
	})
}

func TestWithoutADeclaredTypeItIsThatOfTheColumn(t *testing.T) {
	onEveryMajor(t, func(t *testing.T, server *sandbox.Server, _ int) {
		url := server.Database(t)
		createJudged(t, url)
		of := func(column, sql string) catalog.Expression {
			return catalog.Expression{Table: judgedTable, Column: column, SQL: sql}
		}
		answered := judged(t, url, of("cost", "cost / 2"), of("code", "upper(code)"), of("s", "a"), of("m", "name"), of("fixed", "null"))
		var got []string
		for _, e := range answered {
			got = append(got, fmt.Sprint(e.Column, " ", e.Result, " ", e.As, " ", e.Base, " ", e.Fits, " ", e.Stable, refusal(e)))
		}
		want := []string{
			"cost numeric numeric(12,2) numeric true true",
			"code text character varying(5) character varying true true",
			"s integer public.small integer true true",
			"m text public.mood public.mood false false",
			"fixed text character(3) bpchar true true",
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("-want +got\n%s", diff)
		}
	})
}

func TestATypeIsNothingButAType(t *testing.T) {
	onEveryMajor(t, func(t *testing.T, server *sandbox.Server, _ int) {
		url := server.Database(t)
		createJudged(t, url)
		conn := connect(t, url)
		for of, want := range map[string]string{
			"text) , (select 1":     "this parenthesis closes none @5",
			"int) + cast(1 as int":  "this parenthesis closes none @4",
			"text -- x":             "a type has no comment @6",
			"text /* x */":          "a type has no comment @6",
			"int; drop table t":     "this is more than one expression @4",
			"text default 'x'":      `syntax error at or near "default" @6`,
			"text not null":         `syntax error at or near "not" @6`,
			"int, int":              `syntax error at or near "," @4`,
			"int + 1":               `syntax error at or near "+" @5`,
			`text collate "C"`:      `syntax error at or near "collate" @6`,
			"numeric(12":            "a parenthesis is not closed @11",
			"numeric(a)":            `invalid input syntax for type integer: "a"`,
			"numeric($1)":           "there are no parameters @9",
			"varchar(0)":            "length for type varchar must be at least 1",
			"nothing":               `type "nothing" does not exist @1`,
			"  mood":                `type "mood" does not exist @3`,
			"größe":                 `type "größe" does not exist @1`,
			"größe.größe":           `schema "größe" does not exist @1`,
			" ":                     "syntax error at end of input @2",
			"serial":                `type "serial" does not exist @1`,
			"setof int":             "a column holds one value, not a set @1",
			"record":                "a column cannot have the pseudo-type record @0",
			"anyelement":            "a column cannot have the pseudo-type anyelement @0",
			"cstring":               "a column cannot have the pseudo-type cstring @0",
			"public.t.a%type":       `syntax error at or near "%" @11`,
			"text\x00":              "this is no text: it has a zero byte in it, or is not UTF-8 @0",
			"text\xff":              "this is no text: it has a zero byte in it, or is not UTF-8 @0",
			`U&"t\0065xt"`:          "a name is written with its own characters, without U& @1",
			"(select 1)":            `syntax error at or near "(" @1`,
			"sluice_row":            "columns go by their names alone; the row as a whole has none @1",
			"'text'":                "syntax error at or near \"'text'\" @1",
			"text 'open":            "this quote is not closed @6",
			"bit(3) varying":        `syntax error at or near "varying" @8`,
			"pg_catalog.int4 array": "",
			"double  precision":     "",
		} {
			e := judgedOn(t, conn, value("a", of))[0]
			if got := refusal(e); !strings.HasPrefix(got, want) || want == "" && got != "" {
				t.Errorf("%q: %s, want %s", of, got, want)
			}
			if e.Refused != nil && (!e.Refused.OfType || e.As != "" || e.Base != "" || e.Fits || e.Result != "integer") {
				t.Errorf("%q: %+v %+v", of, e, e.Refused)
			}
		}
	})
}

// Each rule that an expression has to keep, with where it is broken.
func TestExpressionsAreOverOneRow(t *testing.T) {
	onEveryMajor(t, func(t *testing.T, server *sandbox.Server, _ int) {
		url := server.Database(t)
		createJudged(t, url)
		conn := connect(t, url)
		const subquery, row = "a subquery reads other rows", "columns go by their names alone; the row as a whole has none"
		for sql, want := range map[string]string{
			// one expression
			"":                      "syntax error at end of input @1",
			"-- nothing":            "syntax error at end of input @11",
			"a +":                   "syntax error at end of input @4",
			"a + -- more":           "syntax error at end of input @12",
			"a) or (b":              "this parenthesis closes none @2",
			"(a":                    "a parenthesis is not closed @3",
			"a)":                    "this parenthesis closes none @2",
			"a; delete from t":      "this is more than one expression @2",
			"a, b":                  "this is more than one expression @2",
			"a as x":                `syntax error at or near "as" @3`,
			"a from public.t":       `syntax error at or near "from" @3`,
			"a order by a":          `syntax error at or near "order" @3`,
			"distinct a":            `syntax error at or near "distinct" @1`,
			"*":                     `syntax error at or near "*" @1`,
			"'it":                   "this quote is not closed @1",
			`a = "b`:                "this quote is not closed @5",
			"a $$ b":                "this quote is not closed @3",
			"a /* b":                "this comment does not end @3",
			"a -- b\r) or (b":       "this parenthesis closes none @8",
			"'a'\n'b'":              "a string is written in one piece; || joins two @5",
			"E'a'\n'\\') or (b --'": "a string is written in one piece; || joins two @6",
			"a = $1":                "there are no parameters @5",
			"a \\ b":                `syntax error at or near "\" @3`,
			"a\x00":                 "this is no text: it has a zero byte in it, or is not UTF-8 @0",
			"'\xff'":                "this is no text: it has a zero byte in it, or is not UTF-8 @0",
			`U&"\0061"`:             "a name is written with its own characters, without U& @1",
			// one row
			"(select 1)":                     subquery + " @2",
			"select 1":                       subquery + " @1",
			"a in (SELECT id from public.t)": subquery + " @7",
			"exists ( /* any */ select from public.t)": subquery + " @20",
			"array(values (1), (2))":                   subquery + " @7",
			"(table public.t)":                         subquery + " @2",
			"((with x as (select 1) table x))":         subquery + " @3",
			"sluice_row":                               row + " @1",
			"sluice_row.a":                             row + " @1",
			`("sluice_row").a`:                         row + " @2",
			"row(SLUICE_row.*)":                        row + " @5",
			"count(*)":                                 "aggregate functions are not allowed in WHERE @1",
			"a + sum(a)":                               "aggregate functions are not allowed in WHERE @5",
			"grouping(a)":                              "grouping operations are not allowed in WHERE @1",
			"row_number() over ()":                     "window functions are not allowed in WHERE @1",
			"generate_series(1, a)":                    "set-returning functions are not allowed in WHERE @1",
			"public.many(a)":                           "set-returning functions are not allowed in WHERE @1",
			"t.a":                                      `missing FROM-clause entry for table "t" @1`,
			"public.t.a":                               `invalid reference to FROM-clause entry for table "t" @1`,
			"ctid":                                     `column "ctid" does not exist @1`,
			// names
			"nam = 1":           `column "nam" does not exist @1`,
			"upper = 1":         `column "upper" does not exist @1`,
			"nothing(a)":        "function nothing(integer) does not exist @1",
			"immutable_one(a)":  "function immutable_one(integer) does not exist @1",
			"a === b":           "operator does not exist: integer === integer @3",
			"a::mood":           `type "mood" does not exist @4`,
			"public.nothing(a)": "function public.nothing(integer) does not exist @1",
			"größe > 1 and '名前🐘' = name and x2": `column "x2" does not exist @32`,
			"'é' || /* ü */\n nam":              `column "nam" does not exist @17`,
			"'é' = name and count(*) > 1":       "aggregate functions are not allowed in WHERE @16",
			// values
			"a = 'x'":          `invalid input syntax for type integer: "x" @5`,
			"m = 'never'":      `invalid input value for enum public.mood: "never" @5`,
			"day > '32.13.20'": "date/time field value out of range: \"32.13.20\" @7",
			"1 / 0":            "division by zero @0",
			"name > 1":         "operator does not exist: text > integer @6",
		} {
			e := judgedOn(t, conn, value(sql, "int"))[0]
			if got := refusal(e); got != want && !(sql == "public.t.a" && e.Refused != nil) && !strings.HasPrefix(want, "invalid input syntax") {
				t.Errorf("%q: %s, want %s", sql, got, want)
			}
			if e.Refused != nil && (e.Refused.OfType || e.Result != "" || e.Uses != nil || e.Stamps != nil || e.Fits || e.Mutable) {
				t.Errorf("%q is refused and has answers: %+v", sql, e)
			}
			if e.As != "integer" || e.Base != "integer" || !e.Stable {
				t.Errorf("%q: its type is %q %q %t", sql, e.As, e.Base, e.Stable)
			}
		}
	})
}

// What looks like something that is refused, and what is read of the row.
func TestUsesAreWhatIsRead(t *testing.T) {
	onEveryMajor(t, func(t *testing.T, server *sandbox.Server, _ int) {
		url := server.Database(t)
		createJudged(t, url)
		conn := connect(t, url)
		sandbox.Exec(t, url, `alter table t add "year" int, add "date" date, add "ä" int, add "lower" text, drop column x`)
		for sql, want := range map[string][]string{
			"1":                                   nil,
			"a":                                   {"a"},
			"B + A -- and not b)":                 {"a", "b"},
			"b /* ( */ + /* /* */ ; */ a":         {"a", "b"},
			`"Upper" > 1 and upper(name)=''`:      {"name", "Upper"},
			"größe":                               {"größe"},
			`"select" + 1`:                        {"select"},
			"name = 'select (;--$1'":              {"name"},
			"name = $x$ ' ) $x$":                  {"name"},
			"(p).x":                               {"p"},
			"extract(year from day)":              {"day", "year"}, // too much: a keyword
			"extract(year from day) + year":       {"day", "year"},
			"date '2024-01-01'":                   nil,
			"day::date":                           {"day"},
			"case when true then 1 else a end":    {"a"},
			"lower(name) || lower":                {"name", "lower"},
			"a = any (list)":                      {"a", "list"},
			"array[a, b]":                         {"a", "b"},
			"values(a)":                           nil,
			"at at time zone 'UTC'":               {"at"},
			"cast(a as timestamp with time zone)": nil,
			"make_interval(days => a)":            {"a"},
			"U&'\\0061' = name":                   {"name"},
			"'b' \n = name -- it's":               {"name"},
			"sluice_op = name":                    {"name"},
		} {
			e := judgedOn(t, conn, value(sql, "text"))[0]
			if !slices.Equal(e.Uses, want) {
				t.Errorf("%s reads %q, want %q; %s", sql, e.Uses, want, refusal(e))
			}
		}
	})
}

// A connection on which everything is set that changes how SQL is read or
// planned finds the same, and is left as it was.
func TestExpressionsAreReadUnderPinnedSettings(t *testing.T) {
	onEveryMajor(t, func(t *testing.T, server *sandbox.Server, major int) {
		url := server.Database(t)
		createJudged(t, url)
		declared := []catalog.Expression{
			value("E'\\'' || '\\'", "text"), filter("day = '03/02/01'"), value("'now'::text::date", "date"), value("a + 1", "int"), value("mood", "text"),
			value("'{null}'::text[]", "text[]"), value("'<a/><b/>'::xml", "xml"), value("immutable_one(a)", "int"), value("a", "price"),
			value("lower(name)", "text"), value("null::public.t", "text"), filter("at > '2024-01-01'"), value("at::text", "text"), value("1 / 0", "int"),
		}
		want := judged(t, url, declared...)
		conn := connect(t, url)
		settings := map[string]string{
			"search_path": "public", "standard_conforming_strings": "off", "datestyle": "German, DMY", "intervalstyle": "sql_standard",
			"timezone": "Asia/Kathmandu", "extra_float_digits": "-5", "bytea_output": "escape", "array_nulls": "off", "xmloption": "document",
			"quote_all_identifiers": "on", "constraint_exclusion": "off", "default_transaction_read_only": "on", "default_transaction_isolation": "serializable",
			"statement_timeout": "59s", "lock_timeout": "1ms", "jit": "on", "row_security": "on", "escape_string_warning": "on",
		}
		if major >= 16 {
			settings["debug_parallel_query"] = "on"
		} else {
			settings["force_parallel_mode"] = "on"
		}
		for name, value := range settings {
			if _, err := conn.Exec(t.Context(), "select set_config($1, $2, false)", name, value); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
		before := currentSettings(t, conn)
		if diff := cmp.Diff(want, judgedOn(t, conn, declared...)); diff != "" {
			t.Errorf("-pinned +hostile\n%s", diff)
		}
		if diff := cmp.Diff(before, currentSettings(t, conn)); diff != "" {
			t.Errorf("settings of the session: -before +after\n%s", diff)
		}
		if status := conn.PgConn().TxStatus(); status != 'I' {
			t.Errorf("the connection is left in status %c", status)
		}
	})
}

func currentSettings(t testing.TB, conn *pgx.Conn) []string {
	t.Helper()
	rows, err := conn.Query(t.Context(), "select name || '=' || setting from pg_settings where name !~ 'transaction_' order by name")
	if err != nil {
		t.Fatal(err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// What is checked is evaluated in the executor's sessions: a setting that both
// pin has one value.
func TestExpressionsAreReadAsTheExecutorReadsThem(t *testing.T) {
	t.Parallel()
	conn, err := session.At("source.old", sandbox.Shared(t, 0, "source").Database(t)).Connect(t.Context(), "test")
	if err != nil {
		t.Fatal(err)
	}
	defer session.Close(t.Context(), conn)
	planning := []string{"constraint_exclusion", "force_parallel_mode", "debug_parallel_query", "jit", "max_parallel_workers_per_gather",
		"statement_timeout", "lock_timeout", "escape_string_warning"}
	executor := currentSettings(t, conn)
	tx, err := conn.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(t.Context())
	if _, err := tx.Exec(t.Context(), expressionSettingsSQL); err != nil {
		t.Fatal(err)
	}
	for i, setting := range currentSettings(t, conn) {
		name, _, _ := strings.Cut(setting, "=")
		if setting != executor[i] && !slices.Contains(planning, name) {
			t.Errorf("an expression is checked under %s and evaluated under %s", setting, executor[i])
		}
	}
}

// A role that may do nothing, on a database where nothing can be written: all is
// found out that needs no privilege.
func TestWhoMayReadNothingChecksAllTheSame(t *testing.T) {
	onEveryMajor(t, func(t *testing.T, server *sandbox.Server, _ int) {
		url := server.Database(t)
		createJudged(t, url)
		sandbox.Exec(t, url, `
			create schema closed;
			create function closed.f(int) returns int immutable language sql as 'select $1';
			create function denied(int) returns int immutable language plpgsql as 'begin return $1; end';
			create function denied_stable(int) returns int stable language plpgsql as 'begin return $1; end';
			create table closed.t (a int, b text);
			revoke execute on function denied(int), denied_stable(int) from public;
			revoke all on table t from public`)
		role := newRole(t, url, "reader")
		sandbox.Exec(t, url, "do $$ begin execute format('alter database %I set default_transaction_read_only = on', current_database()); end $$")
		closed := catalog.Name{Schema: "closed", Local: "t"}
		answered := judged(t, as(t, url, role),
			value("lower(name)", "text"), filter("at::date > day"), catalog.Expression{Table: closed, Column: "b", SQL: "a"},
			value("closed.f(a)", "int"), value("public.denied(a)", "int"), value("public.denied_stable(a)", "int"), value("public.denied(1)", "int"))
		var got []string
		for _, e := range answered {
			got = append(got, fmt.Sprint(e.Result, " ", e.Base, " ", e.Fits, " ", e.Uses, " ", e.Mutable, " ", refusal(e)))
		}
		want := []string{
			"text text true [name] false ",
			"boolean boolean true [at day] true ",
			"integer text false [a] false ",
			" integer false [] false permission denied for schema closed @1",
			" integer false [] false permission denied for function denied @0",
			" integer false [] false permission denied for function denied_stable @0",
			" integer false [] false permission denied for function denied @0",
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("-want +got\n%s", diff)
		}
		sandbox.Exec(t, url, "begin read write; do $$ begin execute format('alter database %I reset default_transaction_read_only', current_database()); end $$; commit")
	})
}

// Nothing is written: what a function would write that says it is immutable, and
// is called with constants when a statement is planned, is refused.
func TestCheckWritesNothing(t *testing.T) {
	onEveryMajor(t, func(t *testing.T, server *sandbox.Server, _ int) {
		url := server.Database(t)
		createJudged(t, url)
		sandbox.Exec(t, url, `
			create table written (a int);
			create function liar(int) returns int immutable language plpgsql as 'begin perform public.writes($1); return 1; end';
			create function writes(int) returns void language plpgsql as 'begin insert into public.written values ($1); end'`)
		before := sandbox.Query(t, url, "select pg_current_wal_insert_lsn()")
		answered := judged(t, url, value("public.liar(1)", "int"), value("a + nextval('public.counter')", "bigint"), filter("a ="), value("a", "nothing"))
		if got, want := refusal(answered[0]), "cannot execute INSERT in a read-only transaction @0"; got != want {
			t.Errorf("a function that writes: %s, want %s", got, want)
		}
		if !answered[1].Mutable {
			t.Error("nextval is not mutable")
		}
		if rows := sandbox.Query(t, url, "select count(*) || ' ' || (select is_called from counter) from written"); rows[0] != "0 false" {
			t.Errorf("written: %s, WAL was at %s", rows[0], before[0])
		}
	})
}

func TestTablesOfAnyKindAndName(t *testing.T) {
	onEveryMajor(t, func(t *testing.T, server *sandbox.Server, _ int) {
		url := server.Database(t)
		sandbox.Exec(t, url, `
			create table parts (a int, b text collate "C", gone int) partition by list (a);
			create table part partition of parts for values in (1);
			alter table parts drop column gone;
			create table none ();
			create view v as select 1 as a`)
		if server.Major() >= 12 {
			sandbox.Exec(t, url, "create table generated (a int, twice int generated always as (a * 2) stored)")
		}
		if server.Major() >= 18 {
			sandbox.Exec(t, url, "alter table generated add thrice int generated always as (a * 3)")
		}
		at := func(table, column, sql string) catalog.Expression {
			return catalog.Expression{Table: catalog.Name{Schema: "public", Local: table}, Column: column, SQL: sql, Type: "int"}
		}
		nothing := []catalog.Expression{at("v", "", "a"), at("missing", "", "a"), at("parts", "missing", "a"), at("PARTS", "", "a"), at("a\x00b", "", "1"), at("\xff", "", "1"),
			at("parts", "gone", "1")}
		if diff := cmp.Diff(nothing, judged(t, url, nothing...)); diff != "" {
			t.Errorf("what there is nothing to check of: -declared +answered\n%s", diff)
		}
		declared := []catalog.Expression{at("parts", "a", "length(b)"), at("part", "", "a + 1"), at("none", "", "1"), at("none", "", "length(sluice_op)")}
		if server.Major() >= 12 {
			declared = append(declared, at("generated", "", "twice + a"))
		}
		if server.Major() >= 18 {
			declared = append(declared, at("generated", "", "thrice"))
		}
		for _, e := range judged(t, url, declared...) {
			if e.Refused != nil || !e.Fits || e.Result != "integer" || e.Mutable {
				t.Errorf("%s of %s: %+v, %s", e.SQL, e.Table, e, refusal(e))
			}
		}
		if e := judged(t, url, at("parts", "", "gone"))[0]; e.Refused == nil {
			t.Error("a dropped column is read")
		}
		for _, n := range hostile {
			q := catalog.Quote(n)
			sandbox.Exec(t, url, "create table "+q+" ("+q+" int, other int)")
			hostileTable := catalog.Expression{Table: catalog.Name{Schema: "public", Local: n}, Column: n, SQL: q + " + other"}
			e := judged(t, url, hostileTable)[0]
			if e.Refused != nil || !e.Fits || !slices.Equal(e.Uses, []string{n, "other"}) {
				t.Errorf("%q: %+v, %s", n, e, refusal(e))
			}
		}
		long := strings.Repeat("x", 63)
		e := judged(t, url, catalog.Expression{Table: catalog.Name{Schema: "public", Local: long}, SQL: long + "YZ + 1", Type: "int"})[0]
		if e.Refused != nil || !slices.Equal(e.Uses, []string{long}) {
			t.Errorf("a name that the server cuts off: %+v, %s", e, refusal(e))
		}
	})
}

func TestATableOfManyColumns(t *testing.T) {
	t.Parallel()
	url := sandbox.Shared(t, 0, "source").Database(t)
	var columns []string
	for i := range 1600 {
		columns = append(columns, fmt.Sprintf("c%d bool", i))
	}
	sandbox.Exec(t, url, "create table t ("+strings.Join(columns, ", ")+")")
	var declared []catalog.Expression
	for i := range 50 {
		declared = append(declared, filter(fmt.Sprintf("c%d and c%d", i, 1599-i)))
	}
	for i, e := range judged(t, url, declared...) {
		if want := []string{fmt.Sprint("c", i), fmt.Sprint("c", 1599-i)}; !slices.Equal(e.Uses, want) || !e.Fits {
			t.Errorf("%s: %+v", e.SQL, e)
		}
	}
}

// A text that the server's encoding has no characters for is refused; a table of
// such a name is not there.
func TestAServerOfAnotherEncoding(t *testing.T) {
	t.Parallel()
	server := sandbox.Shared(t, 0, "source")
	url := server.Database(t)
	name := "latin1_" + sandbox.Query(t, url, "select oid from pg_database where datname = current_database()")[0]
	sandbox.Exec(t, url, "create database "+name+" template template0 encoding 'LATIN1' lc_collate 'C' lc_ctype 'C'")
	t.Cleanup(func() { sandbox.Exec(t, url, "drop database "+name) })
	conn, err := pgx.Connect(t.Context(), server.URL(name))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context()) // before the database is dropped
	for _, sql := range []string{"set client_encoding = 'UTF8'", `create table t (a int, "größe" int)`, "reset client_encoding"} {
		if _, err := conn.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	answered := judgedOn(t, conn, value("größe + nein", "int"), value("größe", "int"), value("'名前'", "text"), value("a", "名前"),
		catalog.Expression{Table: catalog.Name{Schema: "public", Local: "名前"}, SQL: "a", Type: "int"})
	if got, want := refusal(answered[0]), `column "nein" does not exist @9`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if !slices.Equal(answered[1].Uses, []string{"größe"}) {
		t.Errorf("%+v, %s", answered[1], refusal(answered[1]))
	}
	if answered[2].Refused == nil || answered[3].Refused == nil || !answered[3].Refused.OfType || answered[4].Result != "" || answered[4].Refused != nil {
		t.Errorf("%+v", answered[2:])
	}
}

// A hint names no alias that must not be used.
func TestHintsSayHowNamesGo(t *testing.T) {
	onEveryMajor(t, func(t *testing.T, server *sandbox.Server, _ int) {
		url := server.Database(t)
		createJudged(t, url)
		conn := connect(t, url)
		for sql, want := range map[string]string{
			"immutable_one(a)": "public.f(x)",
			"a === b":          "operator(public.=)",
			"a::mood":          "x::public.t",
			"nam":              `"name". Only the columns of the row itself`,
			"t.a":              "by their names alone",
			"count(*)":         "Only the one row",
			"rank() over ()":   "Only the one row",
			"public.many(a)":   "One row gives one value",
		} {
			e := judgedOn(t, conn, value(sql, "int"))[0]
			if e.Refused == nil || !strings.Contains(e.Refused.Hint, want) || strings.Contains(e.Refused.Hint, catalog.RowAlias) {
				t.Errorf("%s: %+v, want the hint %q", sql, e.Refused, want)
			}
		}
	})
}

// A session that ends is an error, and no refusal: also where it ends in the
// middle, of a function that is called when the statement is planned.
func TestALostConnectionIsAnError(t *testing.T) {
	t.Parallel()
	url := sandbox.Shared(t, 0, "source").Database(t)
	sandbox.Exec(t, url, `create table t (a int);
		create function ending() returns int immutable language plpgsql as 'begin perform pg_terminate_backend(pg_backend_pid()); return 1; end'`)
	conn := connect(t, url)
	if answered, err := Check(t.Context(), conn, []catalog.Expression{value("a", "int"), value("public.ending()", "int"), value("a", "int")}); err == nil {
		t.Errorf("no error, but %+v", answered)
	}
	if _, err := Check(t.Context(), conn, []catalog.Expression{value("a", "int")}); err == nil {
		t.Error("no error on a connection that is closed")
	}
	if answered, err := Check(t.Context(), conn, nil); err != nil || answered != nil {
		t.Errorf("nothing declared: %+v, %v", answered, err)
	}
}

// pieces are what odd expressions are made of.
var pieces = []string{
	"a", "b", "name", "sluice_op", "sluice_row", ".", ",", "(", ")", "[", "]", ";", "::", "int", "text", "'", "''", "'x'", `"`, `"a"`, "$1", "$$", "$q$", "--", "\n", "\r",
	"/*", "*/", " ", " ", " ", "+", "=", "*", "1", "1.5e3", "null", "true", "select", "values", "table", "with", "from", "where", "case when", "then", "else", "end", "and", "not",
	"over ()", "count(*)", "random()", "now()", "E'\\", "U&'", "U&\"", "\\", "é", "🐘", "\x00", "\xff", "cast(", "as", "in", "array[", "row(", "interval '1", "collate", "operator(", "%", "variadic", "{", "?", "@-",
	"'now'", "union", "returning", "into", "limit 0", "for update", "at time zone", "is", "json", "xmlelement(name", "position(", "=>", ":=", "..", "'{now}'", "generate_series(1,2)",
}

// No text, however odd, is anything but taken or refused.
func TestNoExpressionBreaksTheCheck(t *testing.T) {
	t.Parallel()
	for _, major := range []int{sandbox.Majors()[0], sandbox.Majors()[len(sandbox.Majors())-1]} {
		url := sandbox.Shared(t, major, "source").Database(t)
		sandbox.Exec(t, url, "create table t (a int, b text, name text)")
		conn := connect(t, url)
		text := rapid.Custom(func(t *rapid.T) string {
			between := rapid.SampledFrom([]string{"", " "}).Draw(t, "between")
			return strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 9).Draw(t, "pieces"), between)
		})
		rapid.Check(t, func(rt *rapid.T) {
			var declared []catalog.Expression
			for range 20 {
				declared = append(declared, value(text.Draw(rt, "SQL"), rapid.OneOf(rapid.Just("text"), text).Draw(rt, "type")))
				if e := &declared[len(declared)-1]; e.Type == "" { // that of no column
					e.Type = "text"
				}
			}
			answered, err := Check(context.Background(), conn, declared)
			if err != nil {
				rt.Fatal(err)
			}
			for _, e := range answered {
				if r := e.Refused; r != nil && (r.Message == "" || r.Position < 0 || r.Position > utf8.RuneCountInString(e.SQL+e.Type)+1) {
					rt.Errorf("%q as %q: %+v", e.SQL, e.Type, r)
				} else if r == nil && (e.Result == "" || e.As == "" || e.Base == "") {
					rt.Errorf("%q as %q is taken without a type: %+v", e.SQL, e.Type, e)
				}
			}
		})
	}
	deep := strings.Repeat("(", 200000) + "1" + strings.Repeat(")", 200000)
	url := sandbox.Shared(t, 0, "source").Database(t)
	sandbox.Exec(t, url, "create table t (a int)")
	if e := judged(t, url, value(deep, "int"), value("a", "int"))[1]; e.Refused != nil || e.Result != "integer" {
		t.Errorf("after one that is too deep: %+v", e)
	}
}
