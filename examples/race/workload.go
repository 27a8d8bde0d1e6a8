//go:build unix

package main

import (
	"fmt"
	"slices"
	"strings"
)

// workload is a kind of database to move, or of changes to follow.
type workload struct {
	name      string
	about     string // in the words of the heading
	scale     int    // for a run of a few minutes
	published int    // of the published figures
	tables    func(scale int) []table
	changes   *changes // to these tables; nil: the load is raced
}

// table is made in four steps, so that racers can copy into what is bare and index afterwards. Everything is in schema
// public and has the same rows on every run.
type table struct {
	name    string
	columns string
	rows    string   // the query that they are
	indexes []string // statements; primary and unique keys, too
	keys    []string // statements: foreign keys, when the indexes of all tables are there
}

var workloads = []workload{
	{"pgbench", "the tables of pgbench", 10, 100, pgbench, nil},
	{"mixed", "tables of mixed sizes and types with indexes, unique and foreign keys", 100, 800, mixed, nil},
	{"nokey", "one table without a key, wide rows", 20, 350, nokey, nil},
	{"small", "small tables with an index each", 500, 5000, small, nil},
	{"indexed", "one table with a key and three indexes", 20, 200, indexed, nil},

	{"transactions", "transactions of pgbench", 100_000, 100_000, accounts, backlogOf(writeTransactions)},
	{"updates", "updates of a row each, ten a transaction, over 100 tables", 250_000, 500_000, scattered, backlogOf(writeUpdates)},
	{"inserts", "inserted rows, a thousand a transaction", 500_000, 1_000_000, growing, backlogOf(writeInserts)},
	{"deletes", "rows deleted by key, a thousand a transaction", 500_000, 500_000, shrinking, backlogOf(writeDeletes)},
	{"giant", "inserted rows in one transaction", 500_000, 1_000_000, growing, backlogOf(writeGiant)},
	{"latency", "transactions of a row each, 500 a second", 10_000, 10_000, ticking, &changes{class: live, meanwhile: (*lane).paced}},
}

func names() (names []string) {
	for _, w := range workloads {
		names = append(names, w.name)
	}
	return names
}

func find(name string) (workload, error) {
	i := slices.Index(names(), name)
	if i < 0 {
		return workload{}, fmt.Errorf("there is no workload %q, but %s", name, strings.Join(names(), ", "))
	}
	return workloads[i], nil
}

// pgbench is what pgbench -i -I dtGvp makes: a scale is 100,000 accounts.
// https://www.postgresql.org/docs/current/pgbench.html
func pgbench(scale int) []table {
	key := func(table, column string) []string {
		return []string{fmt.Sprintf("alter table public.%s add primary key (%s)", table, column)}
	}
	return []table{
		{name: "pgbench_accounts", columns: "aid int not null, bid int, abalance int, filler char(84)",
			rows:    fmt.Sprintf("select n, (n - 1) / 100000 + 1, 0, '' from generate_series(1, %d) n", scale*100_000),
			indexes: key("pgbench_accounts", "aid")},
		{name: "pgbench_branches", columns: "bid int not null, bbalance int, filler char(88)",
			rows:    fmt.Sprintf("select n, 0 from generate_series(1, %d) n", scale),
			indexes: key("pgbench_branches", "bid")},
		{name: "pgbench_tellers", columns: "tid int not null, bid int, tbalance int, filler char(84)",
			rows:    fmt.Sprintf("select n, (n - 1) / 10 + 1, 0 from generate_series(1, %d) n", scale*10),
			indexes: key("pgbench_tellers", "tid")},
		{name: "pgbench_history", columns: "tid int, bid int, aid int, delta int, mtime timestamp, filler char(22)",
			rows: "select 0 where false"},
	}
}

// shapes are the kinds of tables of mixed: columns behind id and parent, the query's values for row n, and indexes.
var shapes = []struct{ name, columns, values, index string }{
	{"orders", "placed timestamptz, amount numeric(12,2), state text, note text",
		`timestamptz '2025-01-01 00:00+00' + n * interval '7 seconds', n % 99991 / 100.0, (array['new', 'paid', 'sent'])[1 + n % 3], repeat(md5(n::text), 1 + (n % 4)::int)`,
		"create index on public.%s (state, placed)"},
	{"people", "mail text, name text, born date, tags text[], settings jsonb",
		`'user' || n || '@example.org', md5(n::text), date '1950-01-01' + (n * 7919 % 25000)::int, array[md5(n::text), n::text], jsonb_build_object('n', n, 'theme', md5((n % 7)::text), 'on', n % 2 = 0)`,
		"alter table public.%s add unique (mail)"},
	{"readings", "at timestamptz, value float8, error float8, quality smallint, good boolean",
		`timestamptz '2025-01-01 00:00+00' + n * interval '1 second', sqrt(n), 1.0 / n, (n % 100)::smallint, n % 3 = 0`,
		"create index on public.%s (at)"},
	{"documents", "token uuid, title varchar(80), body text, data bytea",
		`md5(n::text)::uuid, 'Title ' || n, repeat(md5(n::text) || ' ', 12), decode(md5((n + 1)::text), 'hex')`,
		"create unique index on public.%s (token)"},
}

// mixed are four large tables, of 1,000 rows a scale, and from a scale of 100 on 200 smaller ones. Each but the first
// refers to another one.
func mixed(scale int) []table {
	const large = 4
	all := large + min(2*scale, 200)
	rows := func(i int) int {
		if i < large {
			return 1000 * scale
		}
		return scale * (1 + i%40)
	}
	name := func(i int) string { return fmt.Sprintf("%s_%03d", shapes[i%len(shapes)].name, i) }
	tables := make([]table, all)
	for i := range tables {
		shape, parent := shapes[i%len(shapes)], i/2
		tables[i] = table{
			name:    name(i),
			columns: "id bigint not null, parent bigint not null, " + shape.columns,
			rows:    fmt.Sprintf("select n, 1 + n %% %d, %s from generate_series(1, %d::bigint) n", rows(parent), shape.values, rows(i)),
			indexes: []string{
				fmt.Sprintf("alter table public.%s add primary key (id)", name(i)),
				fmt.Sprintf("create index on public.%s (parent)", name(i)),
				fmt.Sprintf(shape.index, name(i)),
			},
		}
		if i > 0 {
			tables[i].keys = []string{fmt.Sprintf("alter table public.%s add foreign key (parent) references public.%s (id)", name(i), name(parent))}
		}
	}
	return tables
}

// nokey is one table of rows of about 800 bytes, 10,000 a scale.
func nokey(scale int) []table {
	columns, values := []string{"n bigint", "at timestamptz"}, []string{"n", "timestamptz '2025-01-01 00:00+00' + n * interval '1 second'"}
	for i := range 10 {
		columns = append(columns, fmt.Sprintf("f%d float8", i))
		values = append(values, fmt.Sprintf("sqrt(n + %d)", i))
	}
	for i := range 20 {
		columns = append(columns, fmt.Sprintf("t%d text", i))
		values = append(values, fmt.Sprintf("md5((n + %d)::text)", i))
	}
	return []table{{
		name:    "wide",
		columns: strings.Join(columns, ", "),
		rows:    fmt.Sprintf("select %s from generate_series(1, %d::bigint) n", strings.Join(values, ", "), scale*10_000),
	}}
}

// indexed is one table of 100,000 rows a scale.
func indexed(scale int) []table {
	t := keyed("indexed", scale*100_000)
	for _, column := range []string{"parent", "placed", "token"} {
		t.indexes = append(t.indexes, fmt.Sprintf("create index on public.indexed (%s)", column))
	}
	return []table{t}
}

// keyed is a table with a primary key.
func keyed(name string, rows int) table {
	return table{
		name:    name,
		columns: "id bigint not null, parent bigint, placed timestamptz, token text",
		rows:    keyedRows(1, rows),
		indexes: []string{fmt.Sprintf("alter table public.%s add primary key (id)", name)},
	}
}

// keyedRows is the query for rows of keyed, by their first and last id.
func keyedRows(first, last any) string {
	return fmt.Sprintf("select n, n * 7919 %% 99991, timestamptz '2025-01-01 00:00+00' + n * interval '7 seconds', md5(n::text) from generate_series(%v::bigint, %v) n", first, last)
}

// small is a table of ten rows for each of the scale.
func small(scale int) []table {
	tables := make([]table, scale)
	for i := range tables {
		name := fmt.Sprintf("small_%05d", i)
		tables[i] = table{
			name:    name,
			columns: "id int not null, at timestamptz, body text",
			rows:    "select n, timestamptz '2025-01-01 00:00+00' + n * interval '1 day', md5(n::text) from generate_series(1, 10) n",
			indexes: []string{fmt.Sprintf("create index on public.%s (id)", name)},
		}
	}
	return tables
}

// create are the statements that make tables without anything on them.
func create(tables []table) (statements []string) {
	for _, t := range tables {
		statements = append(statements, fmt.Sprintf("create table public.%s (%s)", t.name, t.columns))
	}
	return statements
}

func fill(tables []table) (statements []string) {
	for _, t := range tables {
		statements = append(statements, fmt.Sprintf("insert into public.%s %s", t.name, t.rows))
	}
	return statements
}

// warm are the statements that read every row: of a database that nobody has read for minutes, the first racer would
// bring in the pages for the others.
func warm(tables []table) (statements []string) {
	for _, t := range tables {
		statements = append(statements, fmt.Sprintf("select count(t.*) from public.%s t", t.name)) // a plain count may read an index instead
	}
	return statements
}

// finishing are the statements for what is on the tables, in two steps, of which the second needs all of the first.
// Each step is a list for each table.
func finishing(tables []table) (steps [2][][]string) {
	for _, t := range tables {
		for i, statements := range [][]string{t.indexes, t.keys} {
			if len(statements) > 0 {
				steps[i] = append(steps[i], statements)
			}
		}
	}
	return steps
}

// finish is finishing in one line.
func finish(tables []table) []string {
	steps := finishing(tables)
	return append(slices.Concat(steps[0]...), slices.Concat(steps[1]...)...)
}
