package executor_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sluice/examples/sandbox"
	"sluice/executor"
	"sluice/executor/load"
	"sluice/executor/replay"
	"sluice/executor/transform"
	"sluice/planner"
	"sluice/planner/catalog"
)

// transformCase is a table with a filter and values, what is written to it, and
// what the target then has.
type transformCase struct {
	name    string
	table   string // SQL; $t is its name
	rule    planner.TableRule
	changes string
	want    string // SQL on the source
	got     string // SQL on the target; empty: all columns
}

func where(sql string, columns ...planner.ColumnRule) planner.TableRule {
	return planner.TableRule{Where: sqlText(sql), Columns: columns}
}

func valued(columns ...planner.ColumnRule) planner.TableRule {
	return planner.TableRule{Columns: columns}
}

func value(column, sql string) planner.ColumnRule {
	return planner.ColumnRule{Column: column, Value: sqlText(sql)}
}

func retyped(column, kind, sql string) planner.ColumnRule {
	return planner.ColumnRule{Column: column, Type: sqlText(kind), Value: sqlText(sql)}
}

func added(column, kind, sql string) planner.ColumnRule {
	return planner.ColumnRule{Column: column, Add: true, Type: sqlText(kind), Value: sqlText(sql)}
}

var transformCases = []transformCase{
	{
		name:  "a value relies on the filter",
		table: "create table $t (id int primary key, sum int, parts int); insert into $t values (1, 6, 3), (2, 1, 0), (3, 8, 4)",
		rule:  where("parts <> 0", value("sum", "sum / parts")),
		changes: `insert into $t values (4, 1, 0), (5, 9, 3); update $t set parts = 0 where id = 1; update $t set parts = 1 where id = 2;
			update $t set id = 30 where id = 3; delete from $t where id = 4`,
		want: "select id, sum / parts, parts from $t where parts <> 0",
	},
	{
		name: "a value relies on a filter over whole rows without key",
		table: `create table $t (sum int, parts int); alter table $t replica identity full;
			insert into $t values (6, 3), (1, 0), (8, 4)`,
		rule:    where("parts <> 0", value("sum", "sum / parts")),
		changes: "insert into $t values (1, 0), (9, 3), (9, 3); update $t set parts = 0 where sum = 6; update $t set parts = 1 where sum = 1; delete from $t where sum = 9 and ctid in (select min(ctid) from $t where sum = 9)",
		want:    "select sum / parts, parts from $t where parts <> 0",
	},
	{
		name: "a value does not take the NULLs of an old key",
		table: `create function public.strict_length(v text) returns int immutable language plpgsql as $$ begin if v is null then raise 'null'; end if; return length(v); end $$;
			create table $t (id int primary key, v text not null, big text not null); alter table $t alter big set storage external;
			insert into $t select i, 'v' || i, repeat('x', 3000 + i) from generate_series(1, 9) i`,
		rule:    valued(value("v", "public.strict_length(v)::text"), added("size", "int not null", "public.strict_length(big)")),
		changes: "update $t set id = 100 where id = 1; delete from $t where id = 2; update $t set v = 'longer' where id = 3; update $t set big = 'short' where id = 4",
		want:    "select id, length(v)::text, big, length(big) from $t",
	},
	{
		name: "a domain that takes no NULL",
		table: `create domain public.filled as text not null check (value <> '');
			create table $t (id int primary key, v public.filled, big public.filled); alter table $t alter big set storage external;
			insert into $t select i, 'v' || i, repeat('x', 3000 + i) from generate_series(1, 9) i`,
		rule:    where("v <> 'gone'", value("v", "upper(v)"), added("copy", "public.filled", "left(big, 3) || v")),
		changes: "update $t set id = 100 where id = 1; delete from $t where id = 2; update $t set v = 'gone' where id = 3; update $t set v = 'more' where id = 4; update $t set big = 'short' where id = 5",
		want:    "select id, upper(v), big, left(big, 3) || v from $t where v <> 'gone'",
	},
	{
		name: "without key rows are found by what the target rounds and pads",
		table: `create table $t (n numeric, c text, at timestamp, i int, b text); alter table $t replica identity full;
			insert into $t select i + 0.005, 'c' || i, timestamp '2026-01-01 00:00:00.123456' + i * interval '1 s', i, i from generate_series(1, 9) i`,
		rule:    valued(retyped("n", "numeric(12,2)", ""), retyped("c", "char(7)", ""), retyped("at", "timestamp(1)", ""), retyped("i", "numeric(12,2)", ""), retyped("b", "varchar(9)", "b || '   '")),
		changes: "update $t set n = n + 1 where i = 1; delete from $t where i = 2; insert into $t values (1.005, 'x', now(), 50, 'y'), (1.005, 'x', null, null, null); delete from $t where i = 50; update $t set c = null where i = 3",
		want:    "select n::numeric(12,2), c::char(7), at::timestamp(1), i::numeric(12,2), (b || '   ')::varchar(9) from $t",
	},
	{
		name:    "a key that the target rounds",
		table:   "create table $t (id numeric primary key, v text, on_ boolean); insert into $t select i + 0.126, 'v', i % 2 = 0 from generate_series(1, 9) i",
		rule:    where("on_", retyped("id", "numeric(12,2)", "")),
		changes: "update $t set v = 'w' where id < 5; update $t set on_ = not on_ where id > 3; update $t set id = id + 100 where id > 8; delete from $t where id between 2 and 3",
		want:    "select id::numeric(12,2), v, on_ from $t where on_",
	},
	{
		name: "hostile names",
		table: `create table $t ("Order" int primary key, "a""b'c%d$1" text, "sluice_op" text, "offset" int, "` + strings.Repeat("ü", 31) + `" text);
			insert into $t select i, 'v' || i, 'o' || i, i, 'u' from generate_series(1, 9) i`,
		rule: where(`"a""b'c%d$1" <> 'v3' and "offset" <> 4 -- it's "100%"`, value("sluice_op", `sluice_op || '%s $1 %% ''' || "`+strings.Repeat("ü", 31)+`" /* ' */ --`),
			added("what", "text", "sluice_op"), added("lsn_", "pg_lsn", "sluice_lsn")),
		changes: `update $t set "a""b'c%d$1" = 'v3' where "Order" = 1; update $t set "a""b'c%d$1" = 'x' where "Order" = 3; delete from $t where "Order" = 5; insert into $t values (20, '', '', 0, 'ä'), (21, null, null, null, null)`,
		want:    `select "Order", "a""b'c%d$1", sluice_op || '%s $1 %% ''' || "` + strings.Repeat("ü", 31) + `", "offset", "` + strings.Repeat("ü", 31) + `", sluice_op from $t where "a""b'c%d$1" <> 'v3' and "offset" <> 4`,
		got:     `select "Order", "a""b'c%d$1", sluice_op, "offset", "` + strings.Repeat("ü", 31) + `", what from $t`,
	},
	{
		name:    "a collation, and NULL beside the empty text",
		table:   `create table $t (id int primary key, name text collate "C", other text); insert into $t values (1, 'Zoe', ''), (2, 'adam', null), (3, 'Ärger', 'x'), (4, null, null)`,
		rule:    where("name < 'M' or name is null", value("other", "other || '!'")),
		changes: "update $t set name = 'Bob' where id = 1; update $t set name = 'bob' where id = 4; insert into $t values (5, 'B', ''), (6, 'b', ''), (7, '', null)",
		want:    "select id, name, other || '!' from $t where name < 'M' or name is null",
	},
	{
		name: "types of every kind",
		table: `create type public.mood as enum ('sad', 'ok'); create type public.pair as (a int, b text);
			create table $t (id int primary key, a bytea, b json, c int[], d public.pair, e int4range, f public.mood, g bit(3), h char(4), i "char", j name, k jsonb, l numeric(8,3), m interval, n timestamptz, o text[]);
			insert into $t select i, '\x00ff', '{"a": 1}', '{1,NULL}', row(i, 'x y,"')::public.pair, int4range(1, i + 1), 'ok', b'101', 'ab', 'x', 'nm', '{"b": 2}', i + 0.5, '1 mon -2 days', '2026-01-01 10:00+02', '{"",NULL,"a,b"}' from generate_series(1, 5) i`,
		rule: where("c[1] = 1 and not isempty(e) and f = 'ok'::public.mood and (d).a > 0 and g <> b'000'",
			value("a", "a || '\\x01'::bytea"), value("b", "b"), value("c", "c || 5"), value("d", "row((d).a + 1, (d).b)::public.pair"), value("e", "e + int4range(1, 100)"),
			value("f", "f"), value("g", "~g"), value("h", "h || 'c'"), value("i", "i"), value("j", "j"), value("k", "k"), value("l", "l + 1"), value("m", "m * 2"), value("n", "n"), value("o", "o || ''::text")),
		changes: "update $t set c = '{2}' where id = 1; update $t set l = 7 where id = 2; update $t set id = 10 where id = 3; delete from $t where id = 4; insert into $t select 20, a, b, c, d, e, f, g, h, i, j, k, l, m, n, o from $t where id = 5; insert into $t (id, c, e, f, d, g) values (21, '{1}', '[1,2)', 'ok', row(1, '')::public.pair, b'111')",
		want:    `select id, a || '\x01', b, c || 5, row((d).a + 1, (d).b)::public.pair, e + int4range(1, 100), f, ~g, (h || 'c')::char(4), i, j, k, l + 1, m * 2, n, o || ''::text from $t where c[1] = 1 and not isempty(e) and f = 'ok' and (d).a > 0 and g <> b'000'`,
	},
	{
		name: "a key of which a part is computed, and swaps",
		table: `create table $t (a int, b text, big text, primary key (a, b)); alter table $t alter big set storage external;
			insert into $t select i, 'k' || i, repeat(md5(i::text), 100) from generate_series(1, 20) i`,
		rule: where("a % 2 = 0", value("b", "b || '/old'"), added("head", "text", "left(big, 4) || a")),
		changes: `begin; update $t set a = -1 where a = 2; update $t set a = 2 where a = 3; update $t set a = 3 where a = -1; commit;
			update $t set a = 40 where a = 5; update $t set a = 41 where a = 6; update $t set b = b || '+' where a in (7, 8);
			begin; insert into $t values (50, 'x', repeat('y', 4000)); update $t set a = 52 where a = 50; delete from $t where a = 52; insert into $t values (50, 'x', repeat('z', 4000)); commit;
			begin; savepoint s; delete from $t; rollback to s; update $t set a = a + 100 where a = 10; savepoint r; update $t set b = 'r' where a = 110; release r; commit; delete from $t where a = 12`,
		want: "select a, b || '/old', big, left(big, 4) || a from $t where a % 2 = 0",
	},
	{
		name: "an unchanged long value decides, over every change of a key",
		table: `create table $t (a int primary key, big text, n int); alter table $t alter big set storage external;
			insert into $t select i, repeat(case when i % 2 = 0 then 'a' else 'b' end, 3000), 0 from generate_series(1, 20) i`,
		rule: where("big like 'a%'", added("twice", "int", "n * 2")),
		changes: `begin; update $t set a = -1 where a = 2; update $t set a = 2 where a = 3; update $t set a = 3 where a = -1; commit;
			update $t set n = n + 1 where a < 9; update $t set big = replace(big, 'b', 'a') where a = 5; update $t set n = n + 1 where a = 5; update $t set a = 50 where a = 5;
			begin; update $t set n = 5 where a = 10; delete from $t where a = 10; insert into $t values (10, repeat('b', 3000), 1); update $t set n = 6 where a = 10; commit;
			update $t set big = null where a = 12; update $t set big = 'a' where a = 13; update $t set n = 9 where a = 14; delete from $t where a in (14, 15)`,
		want: "select a, big, n, n * 2 from $t where big like 'a%'",
	},
	{
		name: "rows that come in by their key, and are gone when their long value is read again",
		table: `create table $t (id int primary key, v text, big text); alter table $t alter big set storage external;
			insert into $t select i, 'v' || i, repeat(md5(i::text), 100) from generate_series(1, 30) i`,
		rule: where("id >= 100", value("v", "upper(v)"), added("head", "text", "left(big, 4) || v")),
		changes: `begin; update $t set id = 101 where id = 1; commit; update $t set v = 'w' where id = 101; begin; update $t set id = 102 where id = 101; update $t set v = 'x' where id = 102; commit; delete from $t where id = 102;
			begin; update $t set id = 201 where id = 2; commit; begin; update $t set v = 'w' where id = 201; commit; begin; update $t set id = 202 where id = 201; commit;
			begin; update $t set id = 301 where id = 3; commit; begin; update $t set id = 3 where id = 301; commit;
			begin; update $t set id = 401 where id = 4; commit; begin; update $t set big = 'short' where id = 401; commit; begin; update $t set id = 402 where id = 401; commit;
			begin; update $t set id = 501 where id = 5; commit; begin; delete from $t where id = 501; insert into $t values (501, 'again', 'other'); commit;
			begin; update $t set id = 601 where id = 6; commit; begin; update $t set big = null where id = 601; commit; delete from $t where id = 601`,
		want: "select id, upper(v), big, left(big, 4) || v from $t where id >= 100",
	},
	{
		name: "identity by an index, with a filter outside it",
		table: `create table $t (id int, code text not null, v text, big text); create unique index on $t (code); alter table $t replica identity using index $i, alter big set storage external;
			insert into $t select i, 'c' || i, 'v', repeat('b', 3000) from generate_series(1, 9) i`,
		rule:    where("v = 'v'", value("code", "'x' || code"), value("big", "left(big, 2)")),
		changes: "update $t set v = 'w' where id = 1; update $t set v = 'v' where id = 1; update $t set code = 'd' || id where id in (2, 3); update $t set v = 'w', code = 'e' where id = 4; delete from $t where id = 5",
		want:    "select id, 'x' || code, v, left(big, 2) from $t where v = 'v'",
	},
	{
		name: "identity columns that no update sets",
		table: `create table $t (id int generated always as identity primary key, n int generated by default as identity, m int, g int generated always as (m * 2) stored);
			insert into $t (m) select i from generate_series(1, 9) i`,
		rule:    where("m > 2", value("id", "id + 1000"), value("m", "m + 1")),
		changes: "update $t set m = m + 1 where id = 2; update $t set m = 0 where id = 3; update $t set n = 50 where id = 4; delete from $t where id = 5; update $t set id = default where id = 6; insert into $t (m) values (8)",
		want:    "select id + 1000, n, m + 1, (m + 1) * 2 from $t where m > 2",
		got:     "select id, n, m, g from $t",
	},
	{
		name:    "everything is emptied",
		table:   "create table $t (id int primary key, v text); insert into $t select i, 'v' from generate_series(1, 9) i",
		rule:    where("v <> 'w'", value("v", "upper(v)")),
		changes: "truncate $t; insert into $t values (1, 'a'), (2, 'w'); update $t set v = 'b' where id = 2",
		want:    "select id, upper(v) from $t where v <> 'w'",
	},
	{
		name:    "a column that is left out decides",
		table:   "create table $t (id int primary key, v text, secret text, n int); insert into $t select i, 'v', 's' || i, i from generate_series(1, 9) i",
		rule:    planner.TableRule{Where: sqlText("secret <> 's3'"), Exclude: []string{"secret"}, Columns: []planner.ColumnRule{value("v", "md5(secret)")}},
		changes: "update $t set secret = 's3' where id = 1; update $t set secret = 's4' where id = 3; update $t set n = 50 where id = 5; insert into $t values (20, 'v', null, 1), (21, 'v', 'x', 1)",
		want:    "select id, md5(secret), n from $t where secret <> 's3'",
	},
	{
		name: "more is read again than fits into memory at once",
		table: `create table $t (id int primary key, n int, big text); alter table $t alter big set storage external;
			insert into $t select i, i, repeat(md5(i::text), 30000) from generate_series(1, 30) i`,
		rule:    where("n > 0", added("head", "text", "left(big, 4) || n")),
		changes: "update $t set n = n - 5; update $t set n = n + 3; delete from $t where id = 9; update $t set id = id + 100 where id > 25",
		want:    "select id, n, big, left(big, 4) || n from $t where n > 0",
	},
	{
		name: "heirs are filtered and computed as what is above them",
		table: `create table $t (id int primary key, v text); create table $t_heir (primary key (id), more text) inherits ($t); create table $t_both (primary key (id)) inherits ($t_heir);
			insert into $t values (1, 'a'), (2, 'b'); insert into $t_heir values (3, 'a', 'm'), (4, 'b', 'm'); insert into $t_both values (5, 'a', 'm'), (6, 'b', 'm')`,
		rule:    where("v <> 'b'", value("v", "upper(v)"), added("n", "int", "id * 2")),
		changes: "update $t set v = 'b' where id in (1, 5); update $t set v = 'c' where id in (4, 6); insert into $t_heir values (7, 'b', 'm'), (8, 'x', 'm'); delete from $t where id = 3",
		want:    "select id, upper(v), id * 2, tableoid::regclass::text from $t where v <> 'b'",
		got:     "select id, v, n, tableoid::regclass::text from $t",
	},
	{
		name: "rows go from one partition to another, below others",
		table: `create table $t (id int, day date, v text, big text, primary key (id, day)) partition by range (day);
			create table $t_1 partition of $t for values from ('2026-01-01') to ('2026-02-01');
			create table $t_2 (v text, big text, gone int, day date not null, id int not null) partition by hash (id); alter table $t_2 drop gone;
			alter table $t attach partition $t_2 for values from ('2026-02-01') to ('2026-03-01'); create table $t_2_0 partition of $t_2 for values with (modulus 1, remainder 0);
			alter table $t_2_0 alter big set storage external;
			insert into $t select i, date '2026-01-15' + i, 'v' || i % 3, repeat(md5(i::text), 100) from generate_series(1, 30) i`,
		rule: where("v <> 'v0' and id % 7 <> 0", value("v", "v || left(big, 4)"), retyped("big", "varchar(9000)", ""), added("month", "int not null", "extract(month from day)::int")),
		changes: `update $t set day = '2026-02-20' where id < 10; update $t set day = '2026-01-20', v = 'v0' where id > 20 and id < 25; update $t set v = 'w' where id in (3, 21, 28);
			update $t set id = id + 100 where id > 27; delete from $t where id = 11; begin; update $t set day = '2026-02-01' where id = 12; update $t set v = 'x' where id = 12; update $t set day = '2026-01-01' where id = 12; commit`,
		want: "select id, day, v || left(big, 4), big::varchar(9000), extract(month from day)::int, tableoid::regclass::text from $t where v <> 'v0' and id % 7 <> 0",
		got:  "select id, day, v, big, month, tableoid::regclass::text from $t",
	},
	{
		name:    "a typed table",
		table:   `create type public.shape as (id int, v text); create table $t of public.shape (primary key (id)); insert into $t values (1, 'a'), (2, 'b')`,
		rule:    where("v <> 'b'", value("v", "upper(v)")),
		changes: "update $t set v = 'c' where id = 2; insert into $t values (3, 'b')",
		want:    "select id, upper(v) from $t where v <> 'b'",
	},
	{
		name: "a default, a check and an index on what has another type",
		table: `create table $t (id int primary key, n int not null default 7 check (n > 0), m int); create index on $t (n); create unique index on $t (n, m);
			insert into $t select i, i, null from generate_series(1, 9) i`,
		rule:    valued(retyped("id", "bigint", ""), retyped("n", "bigint", ""), retyped("m", "text", "m::text")),
		changes: "update $t set n = n + 100 where id < 3; insert into $t (id) values (50); update $t set id = id + 1000 where id = 5; update $t set m = 3 where id = 6",
		want:    "select id::bigint, n::bigint, m::text from $t",
	},
}

// Each case is a table of one database; all of them go through the load and the
// changes.
func TestTransformedRows(t *testing.T) {
	t.Parallel()
	for _, p := range pairsOfMajors() {
		t.Run(p.String(), func(t *testing.T) {
			t.Parallel()
			l := &live{move: newMove(t, p.source, p.target)}
			l.transformed(t, transformCases, false)
		})
	}
}

// The changes are made once a part of the rows is read, and applied when all are.
func TestTransformedRowsDuringTheLoad(t *testing.T) {
	t.Parallel()
	l := &live{move: newMove(t, 0, 0)}
	l.spec.LargeTable, l.chunkBytes = 1, 8<<10
	l.transformed(t, transformCases, true)
}

func (l *live) transformed(t *testing.T, cases []transformCase, during bool) {
	t.Helper()
	var script, changes strings.Builder
	sql := func(i int, text string) string {
		return strings.NewReplacer("$t", fmt.Sprintf("public.t%d", i), "$i", fmt.Sprintf("t%d_code_idx", i)).Replace(text)
	}
	for i, c := range cases {
		fmt.Fprintf(&script, "%s;\n", sql(i, c.table))
		fmt.Fprintf(&changes, "%s;\n", sql(i, c.changes))
		c.rule.Table = catalog.Name{Schema: "public", Local: fmt.Sprintf("t%d", i)}
		l.spec.Tables = append(l.spec.Tables, c.rule)
	}
	var once sync.Once
	change := func() { once.Do(func() { l.beside(changes.String()) }) }
	l.begin(t, script.String(), func(r *executor.Run) {
		r.Point = func(reached string) {
			if during && reached == "load: after a chunk has committed" {
				change()
			}
		}
	})
	change()
	l.settle()
	for i, c := range cases {
		got := c.got
		if got == "" {
			got = "select * from $t"
		}
		rows := func(url, text string) []string {
			return sandbox.Query(t, url, fmt.Sprintf("select left(r::text, 300) || ' ' || md5(convert_to(r::text, 'UTF8')) from (%s) r order by convert_to(r::text, 'UTF8')", sql(i, text)))
		}
		if diff := cmp.Diff(rows(l.source, c.want), rows(l.target, got)); diff != "" {
			t.Errorf("%s (-source +target):\n%s", c.name, diff)
		}
	}
	l.verified(l.ctx, t)
	l.rest()
	l.nothingLeft(t)
}

// What does not fit into a column is not cut off: the run stops, says where, and
// goes on once the row is another one.
func TestTransformsCutNothingOff(t *testing.T) {
	t.Parallel()
	for name, kind := range map[string]string{"varchar": "varchar(5)", "domain": "public.code"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := &live{move: newMove(t, 0, 0)}
			rule := valued(retyped("v", kind, "v || ''"))
			rule.Table = catalog.Name{Schema: "public", Local: "cut"}
			l.spec.Tables = []planner.TableRule{rule}
			l.begin(t, "create domain public.code as varchar(5); create table public.cut (id int primary key, v text); insert into public.cut values (1, 'short')", nil)
			l.do("insert into public.cut values (2, 'too long')")
			refusal[*replay.Divergence](t, l.failure(), "public.cut", "id=2", "too long for type character varying(5)")
			l.do("update public.cut set v = 'kept' where id = 2")
			if err := l.restarted(); err == nil {
				t.Fatal("a row that does not fit was passed over")
			}
			sandbox.Exec(t, l.target, "alter table public.cut alter v type text")
			l.follow(nil)
			l.same()
			l.rest()
		})
	}
}

// restarted runs again, and returns the error it ends with.
func (l *live) restarted() error {
	l.start(nil)
	return l.failure()
}

// An expression that one row makes fail: the load and the changes stop, and name
// it; once the row, or the expression, is another one they go on, and all is there.
func TestTransformsGoOnAfterAnEdit(t *testing.T) {
	t.Parallel()
	l := &live{move: newMove(t, 0, 0)}
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	t.Cleanup(cancel)
	l.t, l.ctx = t, ctx
	l.spec.LargeTable, l.chunkBytes = 1, 8<<10
	for table, rule := range map[string]planner.TableRule{
		"shares": valued(value("n", "100 / n")),
		"loose":  where("100 / n <> 7", retyped("v", "int", "")),
		"parts":  valued(retyped("v", "int", "")),
	} {
		rule.Table = catalog.Name{Schema: "public", Local: table}
		l.spec.Tables = append(l.spec.Tables, rule)
	}
	sandbox.Exec(t, l.source, marksTable+`
		create table public.shares (id int primary key, n int); insert into public.shares select i, i % 7 + 1 from generate_series(1, 2000) i;
		create table public.loose (n int, v text); alter table public.loose replica identity full; insert into public.loose select i % 7 + 1, i from generate_series(1, 500) i;
		create table public.parts (a text, b numeric, v text, primary key (b, a)); insert into public.parts select 'k' || i, i, i from generate_series(1, 500) i;
		update public.shares set n = 0 where id = 1500; update public.loose set n = 0 where v = '400'; update public.parts set v = 'x' where b = 77`)
	l.start(nil)
	refusal[*load.RowError](t, l.failure(), "loading public.shares", "row id=1500: ERROR: division by zero", "loading public.loose", "row ctid=(", "loading public.parts", "row b=77, a=k77: ERROR: invalid input syntax", "run sluice apply again")
	l.do("update public.shares set n = 7 where id = 1500; update public.loose set n = 7 where n = 0; update public.parts set v = '7' where v = 'x'")
	// What was read is changed before the rest is.
	l.do("update public.shares set n = 0 where id = 3; delete from public.shares where id = 4")
	l.start(nil)
	refusal[*transform.RowError](t, l.failure(), "public.shares", "(id=3) at 0/", "division by zero", "loads the table again")
	for i := range l.spec.Tables {
		if l.spec.Tables[i].Table.Local == "shares" {
			l.spec.Tables[i].Columns[0].Value = sqlText("100 / nullif(n, 0)")
		}
	}
	l.follow(nil)
	l.do("insert into public.shares values (5000, 0), (5001, 4); delete from public.loose where n = 3")
	l.settle()
	for source, target := range map[string]string{
		"select id, 100 / nullif(n, 0) from public.shares order by id":          "select * from public.shares order by id",
		"select n, v::int as v from public.loose where 100 / n <> 7 order by v": "select * from public.loose order by v",
		"select a, b, v::int as v from public.parts order by b":                 "select * from public.parts order by b",
	} {
		if diff := cmp.Diff(sandbox.Query(t, l.source, source), sandbox.Query(t, l.target, target)); diff != "" {
			t.Errorf("(-source +target):\n%s", diff)
		}
	}
	l.verified(l.ctx, t)
	l.rest()
	l.nothingLeft(t)
}

// A value that cannot be computed stops the changes: it names the row, is not
// passed over by the next run, and the changes go on once it can be.
func TestTransformsStopWhereAValueFails(t *testing.T) {
	t.Parallel()
	l := &live{move: newMove(t, 0, 0)}
	rule := valued(value("n", "mask.share(n)"))
	rule.Table = catalog.Name{Schema: "public", Local: "shares"}
	l.spec.Tables = []planner.TableRule{rule}
	l.spec.Include = []planner.Pattern{{Text: "public.*", Parts: []string{"public", "*"}}}
	l.begin(t, `create schema mask; create function mask.share(n int) returns int immutable language plpgsql as 'begin return 100 / n; end';
		create table public.shares (id int primary key, n int); insert into public.shares values (1, 5)`, nil)
	l.do("insert into public.shares values (2, 4), (3, 0), (4, 2)")
	for _, err := range []error{l.failure(), l.restarted()} {
		refusal[*transform.RowError](t, err, "public.shares", "id=3", " at 0/", "division by zero")
	}
	if got := sandbox.Query(t, l.target, "select id from public.shares"); !cmp.Equal(got, []string{"1"}) {
		t.Errorf("rows %v of a transaction that was not applied", got)
	}
	l.do("create or replace function mask.share(n int) returns int immutable language plpgsql as 'begin return 100 / nullif(n, 0); end'")
	l.follow(nil)
	if got := sandbox.Query(t, l.target, "select n from public.shares order by id"); !cmp.Equal(got, []string{"20", "25", `\N`, "50"}) {
		t.Errorf("rows %v", got)
	}
	l.rest()
}
