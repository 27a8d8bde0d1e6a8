package executor_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"sluice/examples/sandbox"
	"sluice/executor"
	"sluice/planner"
	"sluice/planner/catalog"
	"sluice/state"
)

// kind is a type and the text of some of its values, each the most extreme of
// its sort.
type kind struct {
	name   string
	values []string
}

// stableKinds travel in binary.
var stableKinds = []kind{
	{"boolean", []string{"t", "f"}},
	{`"char"`, []string{"a", `\`, ""}},
	{"name", []string{strings.Repeat("ü", 31), ""}},
	{"smallint", []string{"-32768", "32767"}},
	{"integer", []string{"-2147483648", "2147483647"}},
	{"bigint", []string{"-9223372036854775808", "9223372036854775807"}},
	{"oid", []string{"0", "4294967295"}},
	{"real", []string{"NaN", "Infinity", "-Infinity", "-0", "1e-45", "3.4028235e38", "0.1"}},
	{"double precision", []string{"NaN", "Infinity", "-Infinity", "-0", "5e-324", "1.7976931348623157e308", "0.1"}},
	{"numeric", []string{"NaN", "0", "0.000", "-1.10", "1" + strings.Repeat("0", 3000) + ".5", "-0." + strings.Repeat("0", 2000) + "1"}},
	{"numeric(10,3)", []string{"9999999.999", "-0.001"}},
	{"text", []string{"", " ", "\\N", "\\.", "a\tb\nc\rd\\\v\f\b", "NULL", "null", "\"',{}()[]", "\u00a0\u200d\u2028𝒳🇨🇭e\u0301", "\x01\x7f"}},
	{"character varying(12)", []string{"", "      x     ", "žluťoučký ků"}},
	{"character(5)", []string{"", "ab", "ü   ü"}},
	{"bytea", []string{"", `\x00`, `\x00ff5c0a0d09`}},
	{"date", []string{"4713-01-01 BC", "5874897-12-31", "infinity", "-infinity", "0001-12-31 BC", "2000-02-29"}},
	{"time", []string{"00:00:00", "24:00:00", "23:59:59.999999"}},
	{"time(0)", []string{"12:00:00"}},
	{"time with time zone", []string{"00:00:00+15:59:59", "24:00:00-15:59:59", "12:00:00.000001+05:45"}},
	{"timestamp", []string{"4713-01-01 00:00:00 BC", "294276-12-31 23:59:59.999999", "infinity", "-infinity", "1999-12-31 23:59:59.999999"}},
	{"timestamp with time zone", []string{"4713-01-01 00:00:00+00 BC", "294276-12-31 23:59:59.999999+00", "infinity", "-infinity", "1883-11-18 12:03:58-04:56:02"}},
	{"interval", []string{"178000000 years", "-178000000 years", "1 mon -1 day +00:00:01", "-00:00:00.000001", "2147483647 days", "24:00:00", "1 day"}},
	{"interval day to second(2)", []string{"1 day 02:03:04.05"}},
	{"uuid", []string{"00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"}},
	{"json", []string{`null`, `{"a": 1, "a": 2,   "b":1.0}`, `"\u0000\ud83d\ude00"`, `1e400`}},
	{"jsonb", []string{`null`, `{"a": [1.00, -0.0, null, ""], "": {}}`, `1` + strings.Repeat("0", 400), `"\\\""`}},
	{"bit(3)", []string{"101", "000"}},
	{"bit varying", []string{"", "1", "000000001"}},
	{"inet", []string{"0.0.0.0/0", "255.255.255.255", "::/0", "2001:db8::ffff:1.2.3.4/127", "10.1.2.3/8"}},
	{"cidr", []string{"0.0.0.0/0", "10.0.0.0/8", "::ffff:0:0/96"}},
	{"macaddr", []string{"00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff"}},
	{"macaddr8", []string{"ff:ff:ff:ff:ff:ff:ff:ff"}},
	{"point", []string{"(NaN,Infinity)", "(-0,1e-300)", "(0.1,0.2)"}},
	{"line", []string{"{1,-1,0.1}"}},
	{"lseg", []string{"[(0,0),(1e300,-1e300)]"}},
	{"box", []string{"(1,1),(-0,0)"}},
	{"path", []string{"[(0,0),(1,1)]", "((0,0),(1,1))"}},
	{"polygon", []string{"((0,0),(1,1),(2,0))"}},
	{"circle", []string{"<(0,0),0>", "<(1,2),1e300>"}},
	{"tsvector", []string{"", "'a b':1A,2B 'c':16383 'it''s \\\\':3"}},
	{"pg_lsn", []string{"0/0", "FFFFFFFF/FFFFFFFF"}},
	{"int4range", []string{"empty", "(,)", "[1,2)", "[-2147483648,2147483647)"}},
	{"int8range", []string{"empty", "(,5)"}},
	{"numrange", []string{"(1.10,1.2]", "[NaN,NaN]", "(,)"}},
	{"tsrange", []string{"[-infinity,infinity]", "empty"}},
	{"tstzrange", []string{`["2000-01-01 00:00:00+00",)`, "(,)"}},
	{"daterange", []string{"[infinity,)", "[0001-01-01 BC,2000-01-01)"}},
}

// otherKinds travel as text: their binary form has an OID, a locale or a
// library's version in it, or nobody says that it stays as it is.
var otherKinds = []kind{
	// An empty tsquery is sent in binary and not received: tsqueryrecv wants an
	// operand (src/backend/utils/adt/tsquery.c).
	{"tsquery", []string{"", "'a' & !'b' | ( 'c':*AB <-> 'd' )"}},
	{"money", []string{"-92233720368547758.08", "92233720368547758.07"}},
	{"xml", []string{"<a b=\"1\">&lt;ü<!-- c --></a>", "text only", ""}},
	{"jsonpath", []string{"$", `strict $."a"[*] ? (@ > 1.5 && @ like_regex "^\\d")`}},
	{"xid", []string{"0", "4294967295"}},
	{"cid", []string{"4294967295"}},
	{"tid", []string{"(0,0)", "(4294967295,65535)"}},
	{"txid_snapshot", []string{"10:20:10,14,15"}},
	{"refcursor", []string{"a \"cursor\""}},
	{"int2vector", []string{"1 -2 32767"}},
	{"oidvector", []string{"1 4294967295"}},
	{"regclass", []string{"pg_class", "public.lower", `public."Not lower"`}},
	{"regtype", []string{"timestamp with time zone", "public.mood[]"}},
	{"regprocedure", []string{"lower(text)", "public.mine(public.mood)"}},
	{"regconfig", []string{"english"}},
	{"aclitem", []string{"=r/postgres"}},
	{"public.mood", []string{"so so", "it's", "a,\"b\"\\", ""}},
	{"public.positive", []string{"1", "1e1000"}},
	{"public.moods", []string{`{"so so","it's"}`}},
	{"public.pair", []string{"(,,)", `(-2147483648,"","{}")`, `(1,"a,b (""c"") \\ 'd'","{{NaN,-0.10},{NULL,1e400}}")`}},
	{"public.deep", []string{`("(1,""a,b"",{1.0})","{""(,,)"",NULL}",infinity)`, "(,,)"}},
	{"public.paired", []string{`(1,NULL,"{1.50}")`}},
	{"public.span", []string{"empty", "(,)", `["a ""b,","c\\)"]`, `["",é)`}},
	{"public.mood_span", []string{`["so so","a,""b""\\"]`, "(,)"}},
}

// extensionKinds are of extensions, and travel as text.
var extensionKinds = []kind{
	{"public.hstore", []string{"", `"a b"=>"c\"d\\", e=>NULL, ""=>"NULL"`}},
	{"public.citext", []string{"Žluťoučký", "ŽLUŤOUČKÝ", ""}},
	{"public.cube", []string{"(0.1,-1e300),(2,3)", "()"}},
}

// since14 are the types that exist from 14 on, or 13.
var since14 = []kind{
	{"int4multirange", []string{"{}", "{(,1),[5,6),[10,)}"}},
	{"nummultirange", []string{"{[1.10,1.2],(3,)}"}},
	{"datemultirange", []string{"{[-infinity,2000-01-01),[infinity,)}"}},
	{"tstzmultirange", []string{`{["2000-01-01 00:00:00+00","2001-01-01 00:00:00+00")}`}},
	{"public.span_multirange", []string{"{}", `{[a,b),["c d",)}`}},
	{"public.mood_span_multirange", []string{`{["so so","so so"],["a,""b""\\",)}`}},
	{"pg_snapshot", []string{"10:20:10,14,15"}},
	{"xid8", []string{"0", "18446744073709551615"}},
}

const kindsSQL = `
create type public.mood as enum ('so so', 'it''s', 'a,"b"\', '');
create domain public.positive as numeric not null check (value > 0);
create domain public.moods as public.mood[];
create type public.pair as (a int, b text, c numeric[]);
create type public.deep as (p public.pair, ps public.pair[], at timestamptz);
create domain public.paired as public.pair check ((value).a > 0);
create type public.span as range (subtype = text, collation = "C");
create type public.mood_span as range (subtype = public.mood);
create extension hstore schema public; create extension citext schema public; create extension cube schema public;
create table public.lower (id int primary key); create table public."Not lower" (id int primary key);
create function public.mine(public.mood) returns int language sql as 'select 1';
`

// notNull are types that refuse NULL, vectors those whose arrays the parser takes
// for themselves.
var (
	notNull = []string{"public.positive"}
	vectors = []string{"int2vector", "oidvector"}
)

// table is the statement that makes a table of kinds and its arrays, and the
// one that fills it: row i has the i-th value of each kind, and one array of
// all. Rows from 1,001 on have nothing but an id.
func kindsTable(name string, kinds []kind) string {
	var columns, values []string
	rows := 0
	for _, k := range kinds {
		rows = max(rows, len(k.values))
	}
	for i, k := range kinds {
		columns = append(columns, fmt.Sprintf("c%d %s, a%d %s[]", i, k.name, i, k.name))
	}
	for row := range rows + 1 {
		fields := []string{fmt.Sprint(row + 1)}
		for _, k := range kinds {
			fields = append(fields, k.value(row), k.array(row))
		}
		values = append(values, "("+strings.Join(fields, ", ")+")")
	}
	return fmt.Sprintf("create table public.%s (id int primary key, %s);\ninsert into public.%s values %s;\n",
		name, strings.Join(columns, ", "), name, strings.Join(values, ",\n"))
}

func (k kind) value(row int) string {
	if row >= len(k.values) {
		if slices.Contains(notNull, k.name) {
			row = 0
		} else {
			return "null"
		}
	}
	return catalog.Literal(k.values[row]) + "::" + k.name
}

// array is none, an empty one, or one of two dimensions with bounds of its own.
func (k kind) array(row int) string {
	if slices.Contains(vectors, k.name) {
		return "null"
	}
	all := make([]string, len(k.values))
	for i := range k.values {
		all[i] = k.value(i)
	}
	switch row {
	case 0:
		return "array[array[" + strings.Join(all, ",") + "], array[" + strings.Join(all, ",") + "]]"
	case 1:
		return "'{}'::" + k.name + "[]"
	case 2:
		if slices.Contains(notNull, k.name) {
			return "null"
		}
		return "'[-2:-2]={NULL}'::" + k.name + "[]"
	}
	return "null"
}

// Promise 4: values do not change on the way, neither in the load nor among the
// changes, in binary or as text.
func TestValuesArriveAsTheyWere(t *testing.T) {
	t.Parallel()
	for _, majors := range pairsOfMajors() {
		t.Run(majors.String(), func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), limit)
			defer cancel()
			m := newMove(t, majors.source, majors.target)
			others := otherKinds
			if majors.source >= 14 {
				others = append(slices.Clone(otherKinds), since14...)
			}
			tables := map[string][]kind{"stable": stableKinds, "others": others, "extensions": extensionKinds}
			sandbox.Exec(t, m.source, kindsSQL)
			for name, kinds := range tables {
				sandbox.Exec(t, m.source, kindsTable(name, kinds))
			}
			plan, err := m.plan(ctx)
			if err != nil {
				t.Fatal(err)
			}
			if binary := binaryTables(plan); !binary["stable"] || binary["others"] || binary["extensions"] {
				t.Errorf("in binary: %v, want the stable types and only them", binary)
			}
			m.whileFollowing(ctx, t, nil, func() {
				for name, kinds := range tables {
					m.sameRows(t, name, "after the load")
					var columns []string
					for i := range kinds {
						columns = append(columns, fmt.Sprintf("c%d, a%d", i, i))
					}
					list := strings.Join(columns, ", ")
					// Inserted by a change, and a row that becomes another one by a change.
					sandbox.Exec(t, m.source, fmt.Sprintf(`
						insert into public.%[1]s select id + 1000, %[2]s from public.%[1]s where id < 1000;
						update public.%[1]s t set (%[2]s) = (select %[2]s from public.%[1]s s where s.id = 1 + (t.id + 1) %% 1000) where t.id between 1001 and 1002`, name, list))
				}
				m.drain(ctx, t)
				for name := range tables {
					m.sameRows(t, name, "after the changes")
				}
			})
		})
	}
}

func binaryTables(plan *planner.Plan) map[string]bool {
	binary := map[string]bool{}
	for _, s := range plan.Steps {
		if s.Action == planner.Copy {
			binary[s.Object.Name] = s.Copy.Binary
		}
	}
	return binary
}

// sameRows compares a table row by row as text, whatever its columns are.
func (m *move) sameRows(t *testing.T, table, when string) {
	t.Helper()
	const settings = "set client_encoding = 'UTF8'; set extra_float_digits = 3; set timezone = 'UTC'; set bytea_output = 'hex'"
	rows := func(url string) (all []string) {
		conn := connect(t, url)
		if _, err := conn.PgConn().Exec(t.Context(), settings).ReadAll(); err != nil {
			t.Fatal(err)
		}
		name := pgx.Identifier{"public", table}.Sanitize()
		found, err := conn.Query(t.Context(), "select x from (select t::text as x from only "+name+" t) r order by x collate \"C\"")
		if err == nil {
			all, err = pgx.CollectRows(found, pgx.RowTo[string])
		}
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	source, target := rows(m.source), rows(m.target)
	if len(source) == 0 {
		t.Errorf("%s, %s has no rows: the test shows nothing", when, table)
	}
	if diff := cmp.Diff(source, target); diff != "" {
		t.Errorf("%s, %s differs (-source +target):\n%s", when, table, diff)
	}
}

// whileFollowing applies in the background; when the changes flow it calls f,
// then stops the run, which must end well.
func (m *move) whileFollowing(ctx context.Context, t *testing.T, change func(*executor.Run), f func()) {
	t.Helper()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	stop := make(chan struct{})
	ended := make(chan error, 1)
	go func() {
		outcome, err := m.run(ctx, func(r *executor.Run) {
			r.Stop = stop
			if change != nil {
				change(r)
			}
		})
		if err == nil && outcome != executor.Stopped {
			err = fmt.Errorf("outcome %q, want %q", outcome, executor.Stopped)
		}
		if err != nil {
			cancel(err)
		}
		ended <- err
	}()
	// A Fatal within f must not leave the run behind its databases.
	defer func() {
		close(stop)
		if err := <-ended; err != nil {
			t.Errorf("the run: %v", err)
		}
	}()
	if err := m.until(ctx, inPhase(state.Following)); err != nil {
		t.Errorf("waiting for the changes to flow: %v", err)
		return
	}
	f()
}

// drain waits until everything that is committed now is applied: a comparison
// begins by that.
func (m *move) drain(ctx context.Context, t *testing.T) {
	t.Helper()
	if _, err := m.ask(ctx, t, executor.RequestVerify, nil); err != nil {
		t.Errorf("verifying: %v", err)
	}
}
