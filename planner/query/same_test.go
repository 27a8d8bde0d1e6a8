package query_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"sluice/examples/sandbox"
	"sluice/planner/query"
)

func TestMain(m *testing.M) { os.Exit(sandbox.Main(m)) }

// lines of a file of testdata.
func lines(t testing.TB, file string) []string {
	t.Helper()
	text, err := os.ReadFile("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(string(text)), "\n")
}

// definitions makes a view of each query on a server, and returns what it
// prints of them.
func definitions(t *testing.T, major int, queries []string) []string {
	t.Helper()
	url := sandbox.Shared(t, major, "source").Database(t)
	script := lines(t, "queries.sql")
	for i, query := range queries {
		script = append(script, fmt.Sprintf("create view q.v%d as %s;", i, query))
	}
	script = append(script, "do $$ begin execute format('alter database %I set search_path = %L', current_database(), ''); end $$")
	sandbox.Exec(t, url, strings.Join(script, "\n"))
	printed := sandbox.Query(t, url, `
		select pg_get_viewdef(c.oid) from pg_class as c
		 where c.relkind = 'v' and c.relnamespace = 'q'::regnamespace order by c.oid`)
	if len(printed) != len(queries) {
		t.Fatalf("%d: %d views of %d queries", major, len(printed), len(queries))
	}
	return printed
}

// Each query is the same to itself on every major, and to no other.
func TestQueriesAreTheSameOnEveryMajor(t *testing.T) {
	t.Parallel()
	queries := lines(t, "views.sql")
	majors, printed := sandbox.Majors(), map[int][]string{}
	for _, major := range majors {
		printed[major] = definitions(t, major, queries)
	}
	for _, a := range majors {
		for _, b := range majors {
			for i := range queries {
				if !query.Same(printed[a][i], printed[b][i]) {
					t.Errorf("not the same, of\n%d: %s\n%d: %s", a, printed[a][i], b, printed[b][i])
				}
			}
		}
	}
	oldest, newest := printed[majors[0]], printed[majors[len(majors)-1]]
	for i := range queries {
		for k := range queries {
			if i != k && query.Same(oldest[i], newest[k]) {
				t.Errorf("the same, of\n%s\n%s", oldest[i], newest[k])
			}
		}
	}
}

// changed are pairs of queries that differ in what only looks like a qualifier.
var changed = [][2]string{
	{"select x.id from q.a as x join q.b as y on x.id = y.a_id", "select y.id from q.a as x join q.b as y on x.id = y.a_id"},
	{"select a.t from q.a, q.b", "select b.t from q.a, q.b"},
	{"select a.id, b.id as b_id from q.a, q.b where a.t = b.t", "select b.id, a.id as b_id from q.a, q.b where a.t = b.t"},
	{"select s.id from (select a.id, b.id as b from q.a, q.b) as s", "select s.id from (select b.id, a.id as b from q.a, q.b) as s"},
	{"select id from q.a where exists (select from q.b where b.id = a.id)", "select id from q.a where exists (select from q.b where b.id = b.id)"},
	{"select id from q.a where exists (select from q.b as a where a.id = a_id)", "select id from q.a where exists (select from q.b where a.id = a_id)"},
	{"select -id as id, t from q.a order by id", "select -id as id, t from q.a order by a.id"},
	{"select distinct on (id) -id as id, t from q.a", "select distinct on (a.id) -id as id, t from q.a"},
	{"select t::text as t from q.b as q", "select t::q.text as t from q.b as q"},
	{"select lower(t) as t from q.b as q", "select q.lower(t) as t from q.b as q"},
	{"select t collate \"C\" as t from q.b as q", "select t collate q.\"C\" as t from q.b as q"},
	{"select id + 1 as n from q.b as q", "select id operator(q.+) 1 as n from q.b as q"},
	{"select \"true\" as x from q.a", "select true as x from q.a"},
	{"select t::\"char\" as x from q.a", "select t::char as x from q.a"},
	{"select 'a.id' as x from q.a", "select 'id' as x from q.a"},
	{"select t from q.b", "select t from q.b as z (t, u)"},
	{"select (p).x from q.a", "select (p).y from q.a"},
	{"select row(row(id, a)) is null as n from q.a", "select row(id, a) is null as n from q.a"},
	{"select id from q.a", "select a.id from q.a as x, q.a"},
	{"select id from q.a", "select id from only q.a"},
	{"select id from q.a union all select id from q.b", "select id from q.a union select id from q.b"},
	{"select id from q.a limit 1", "select id from q.a offset 1"},
	{"select 'x' as t, id from q.a", "select 'x ' as t, id from q.a"},
	{"select id - (a - q) as n from q.a", "select (id - a) - q as n from q.a"},
}

// What was changed is not the same, whichever server prints which.
func TestChangedQueriesAreNotTheSame(t *testing.T) {
	t.Parallel()
	var queries []string
	for _, pair := range changed {
		queries = append(queries, pair[0], pair[1])
	}
	printed := map[int][]string{}
	for _, major := range sandbox.Majors() {
		printed[major] = definitions(t, major, queries)
	}
	for a, ofA := range printed {
		for b, ofB := range printed {
			for i := 0; i < len(queries); i += 2 {
				if query.Same(ofA[i], ofB[i+1]) || query.Same(ofA[i+1], ofB[i]) {
					t.Errorf("the same, of\n%d: %s\n%d: %s", a, ofA[i], b, ofB[i+1])
				}
			}
		}
	}
}

func TestSame(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		same bool
		a, b string
	}{
		{true, " SELECT a.id\n   FROM q.a;", "SELECT id FROM q.a;"},
		{true, "SELECT ((a.id)) FROM q.a", "SELECT (id) FROM q.a"},
		{true, "SELECT f(((a.id + 1))) FROM q.a", "SELECT f((id + 1)) FROM q.a"},
		{true, `SELECT a."system_user" FROM q.a`, "SELECT system_user FROM q.a"},
		{true, `SELECT a."Id" FROM q.a`, `SELECT "Id" FROM q.a`},
		{true, `SELECT "A.b".id FROM q."A.b"`, `SELECT id FROM q."A.b"`},
		{false, "SELECT b.id FROM q.a", "SELECT id FROM q.a"},
		{false, "SELECT a.id FROM q.a", "SELECT t FROM q.a"},
		{false, `SELECT a."Id" FROM q.a`, `SELECT "id" FROM q.a`},
		{false, "SELECT a.id FROM q.a, q.b", "SELECT id FROM q.a, q.b"},
		{false, "SELECT a.id FROM (q.a JOIN q.b ON (true))", "SELECT id FROM (q.a JOIN q.b ON (true))"},
		{false, "SELECT a.id FROM q.a UNION SELECT b.id FROM q.b", "SELECT id FROM q.a UNION SELECT id FROM q.b"},
		{false, "SELECT ( SELECT a.id FROM q.b) AS x FROM q.a", "SELECT ( SELECT id FROM q.b) AS x FROM q.a"},
		{false, "SELECT a.f(1) FROM q.a", "SELECT f(1) FROM q.a"},
		{false, "SELECT 'x'::a.b FROM q.a", "SELECT 'x'::b FROM q.a"},
		{false, "SELECT x.a.id FROM q.a", "SELECT x.id FROM q.a"},
		{false, "SELECT a.b FROM a.b", "SELECT b FROM b"},
		{false, "SELECT ROW((a.*)) FROM q.a", "SELECT ROW(a.*) FROM q.a"},
		{false, "SELECT f((1, 2)) FROM q.a", "SELECT f(1, 2) FROM q.a"},
		{false, "SELECT (1 = ANY (( SELECT x FROM y))) FROM q.a", "SELECT (1 = ANY ( SELECT x FROM y)) FROM q.a"},
		{false, "SELECT lower(a.t) AS t FROM q.a ORDER BY a.t", "SELECT lower(t) AS t FROM q.a ORDER BY t"},
		{false, "SELECT lower(a.t) AS t FROM q.a ORDER BY (a.t), a.id", "SELECT lower(t) AS t FROM q.a ORDER BY (t), id"},
		{false, "SELECT a.id FROM q.a -- x", "SELECT id FROM q.a -- x"},
		{false, "SELECT 'a", "SELECT a"},
		{false, "SELECT (a.id FROM q.a", "SELECT (id FROM q.a"},
		{false, "", "SELECT"},
	} {
		if query.Same(test.a, test.b) != test.same || query.Same(test.b, test.a) != test.same {
			t.Errorf("the same: %t, of %s and %s", !test.same, test.a, test.b)
		}
	}
}

// FuzzSame: any text is the same as itself, in either order, and as itself
// with other white space.
func FuzzSame(f *testing.F) {
	f.Add("SELECT a.id FROM q.a;", "SELECT id FROM q.a;")
	f.Add(`SELECT DISTINCT ON ((a."x")) E'\'' AS x FROM ROWS FROM(f(1)) a ORDER BY (a.x)`, "((")
	f.Fuzz(func(t *testing.T, a, b string) {
		if !query.Same(a, a) {
			t.Errorf("%q is not the same as itself", a)
		}
		if query.Same(a, b) != query.Same(b, a) {
			t.Errorf("%q and %q are the same in one order only", a, b)
		}
	})
}
