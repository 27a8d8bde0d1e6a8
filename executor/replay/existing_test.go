package replay

import (
	"testing"

	"github.com/jackc/pgx/v5"

	"sluice/examples/sandbox"
	"sluice/planner"
	"sluice/planner/catalog"
)

// What overwrites takes hostile names too, also one that ON CONFLICT has a meaning
// for: the server is the judge.
func TestOverwritingQuotesEveryName(t *testing.T) {
	url := sandbox.Shared(t, 0, "target").Database(t)
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	// run runs a statement and returns how many rows it touched.
	run := func(sql string, args ...string) int64 {
		t.Helper()
		params := make([][]byte, len(args))
		for i, a := range args {
			params[i] = []byte(a)
		}
		result := conn.PgConn().ExecParams(t.Context(), sql, params, nil, nil, nil).Read()
		if result.Err != nil {
			t.Fatalf("%v: %s", result.Err, sql)
		}
		return result.CommandTag.RowsAffected()
	}
	for _, name := range append([]string{"changed", "added", "kept"}, names...) {
		table := catalog.Name{Schema: "public", Local: name}
		r := relationOf(t, table, []string{name, "v v"}, []string{name})
		r.Copy.Existing = &planner.Existing{Mode: planner.ExistingAppend, Changes: planner.RowOverwrite, Key: []string{name}, Unique: true}
		run("create table " + table.SQL() + " (" + catalog.Quote(name) + " text primary key, \"v v\" text, own text default 'own')")
		insert, both := r.upsertion(), r.updateOrInsert("11")
		for _, c := range []struct {
			sql  string
			args []string
			want string
		}{
			{insert, []string{"a", "1"}, "a=1"},
			{insert, []string{"a", "2"}, "a=2"},
			{both, []string{"a", "3", "a"}, "a=3"},
			{both, []string{"b", "4", "a"}, "b=4"},
			{both, []string{"c", "5", "gone"}, "b=4 c=5"},
			{both, []string{"b", "6", "gone"}, "b=6 c=5"},
		} {
			if n := run(c.sql, c.args...); n != 1 {
				t.Errorf("%q: %d rows: %s", name, n, c.sql)
			}
			got := sandbox.Query(t, url, "select string_agg("+catalog.Quote(name)+" || '=' || \"v v\", ' ' order by "+catalog.Quote(name)+"), bool_and(own = 'own') from "+table.SQL())[0]
			if got != c.want+"|t" {
				t.Errorf("%q holds %s, want %s", name, got, c.want)
			}
		}
	}
}

// How many rows a statement may touch.
func TestExpectations(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		expectation
		met []bool // with 0, 1, 2 rows
	}{{one, []bool{false, true, false}}, {atMostOne, []bool{true, true, false}}, {none, []bool{true, false, false}}} {
		for rows, want := range c.met {
			if got := c.expectation.met(int64(rows)); got != want {
				t.Errorf("%d with %d rows: %t", c.expectation, rows, got)
			}
		}
	}
}
