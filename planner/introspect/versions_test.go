package introspect

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sluice/examples/sandbox"
	"sluice/planner/catalog"
)

func TestLinesAreForTheirMajorsOnly(t *testing.T) {
	t.Parallel()
	const sql = "select a, -- why a\n       b -- from 14\n       c -- before 14\n  from d\n"
	for major, want := range map[int]string{
		13: "select a, -- why a\n       c -- before 14\n  from d\n",
		14: "select a, -- why a\n       b -- from 14\n  from d\n",
		18: "select a, -- why a\n       b -- from 14\n  from d\n",
	} {
		if got := forMajor(sql, major); got != want {
			t.Errorf("for %d:\n%s\nwant\n%s", major, got, want)
		}
	}
}

// unqualified is a relation or function of the system's, called without pg_catalog.
var unqualified = regexp.MustCompile(`\b(?:from|join) pg_[a-z]+ |[^.]\bpg_(?:get|has)_`)

func TestQueriesKeepToTheHouseStyle(t *testing.T) {
	t.Parallel()
	for _, q := range slices.Concat([]query{facts}, queries, optional) {
		if !strings.HasPrefix(q.sql, "-- ") || !strings.Contains(q.sql, "https://") {
			t.Errorf("%s: no comment with the manual's page", q.what)
		}
		for major := 10; major <= 19; major++ {
			text := forMajor(q.sql, major)
			if !strings.Contains(text, "\n order by ") && q.what != "the server's facts" {
				t.Errorf("%s: not ordered on %d", q.what, major)
			}
		}
		for number, line := range strings.Split(q.sql, "\n") {
			if unqualified.MatchString(line) {
				t.Errorf("%s, line %d: a catalog without its schema: %s", q.what, number+1, line)
			}
			if len(line) > 120 {
				t.Errorf("%s, line %d has %d characters", q.what, number+1, len(line))
			}
		}
	}
}

// find is the Spec of an object that must be there.
func find[Spec catalog.Spec](t testing.TB, c *catalog.Catalog, id catalog.ID) Spec {
	t.Helper()
	o := c.Find(id)
	if o == nil {
		t.Fatalf("no %s among\n%s", id, strings.Join(labels(c), "\n"))
	}
	spec, ok := o.Spec.(Spec)
	if !ok {
		t.Fatalf("%s is %+v", id, o.Spec)
	}
	return spec
}

func in(kind catalog.Kind, name string) catalog.ID {
	return catalog.ID{Kind: kind, Schema: "public", Name: name}
}

func on(kind catalog.Kind, table, name string) catalog.ID {
	return catalog.ID{Kind: kind, Schema: "public", Table: table, Name: name}
}

// What a later major brought is read where there is such a server.
func TestWhatLaterMajorsBrought(t *testing.T) {
	onEveryMajor(t, func(t *testing.T, server *sandbox.Server, major int) {
		url := server.Database(t)
		for _, since := range []struct {
			major int
			sql   string
			check func(*testing.T, *catalog.Catalog)
		}{
			{14, `
				create table compressed (a text compression pglz);
				create function atomic(a int) returns int begin atomic select public.used(a); end;
				create type spans as range (subtype = int, multirange_type_name = many);
				create table multi (a many);
				create procedure out_args(out a int) language plpgsql as 'begin a := 1; end'`,
				func(t *testing.T, c *catalog.Catalog) {
					if got := tableOf(t, c, "public", "compressed").Columns[0].Compressed; got != "pglz" {
						t.Errorf("compression %q", got)
					}
					if got := needs(t, c, "function public.atomic(a integer)"); !slices.Equal(got, []string{"function public.used(integer)"}) {
						t.Errorf("the SQL-standard body needs %q", got)
					}
					if got := needs(t, c, "table public.multi"); !slices.Equal(got, []string{"type public.spans"}) {
						t.Errorf("the column of the multirange needs %q", got)
					}
					if got := find[*catalog.Range](t, c, in(catalog.KindType, "spans")).Multirange; got.String() != "public.many" {
						t.Errorf("the multirange is called %s", got)
					}
				}},
			{15, `
				create unlogged sequence unlogged;
				create table nulls (a int, unique nulls not distinct (a));
				create view invoker with (security_invoker) as select 1 as a`,
				func(t *testing.T, c *catalog.Catalog) {
					if !find[*catalog.Sequence](t, c, in(catalog.KindSequence, "unlogged")).Unlogged {
						t.Error("the sequence is not unlogged")
					}
					key := find[*catalog.Constraint](t, c, on(catalog.KindConstraint, "nulls", "nulls_a_key"))
					if want := "UNIQUE NULLS NOT DISTINCT (a)"; key.Definition != want {
						t.Errorf("the key is %s, want %s", key.Definition, want)
					}
				}},
			{16, `
				create collation ruled (provider = icu, locale = 'de', rules = '&a < g')`,
				func(t *testing.T, c *catalog.Catalog) {
					got := find[*catalog.Collation](t, c, in(catalog.KindCollation, "ruled"))
					if got.Provider != "icu" || got.Locale != "de" || got.Rules != "&a < g" || !got.Deterministic || got.Version == "" {
						t.Errorf("the collation is %+v", got)
					}
				}},
			{17, `
				create collation builtin (provider = builtin, locale = 'C.UTF-8');
				create domain chosen as int not null;
				create domain told as int constraint why not null;
				create domain noted as int not null;
				comment on constraint noted_not_null on domain noted is 'since ever'`,
				func(t *testing.T, c *catalog.Catalog) {
					if got := find[*catalog.Collation](t, c, in(catalog.KindCollation, "builtin")); got.Provider != "builtin" || got.Locale != "C.UTF-8" {
						t.Errorf("the collation is %+v", got)
					}
					for name, want := range map[string]catalog.Domain{
						"chosen": {}, "told": {NotNullName: "why"}, "noted": {NotNullName: "noted_not_null", NotNullComment: "since ever"},
					} {
						got := find[*catalog.Domain](t, c, in(catalog.KindDomain, name))
						if !got.NotNull || got.NotNullName != want.NotNullName || got.NotNullComment != want.NotNullComment {
							t.Errorf("the domain %s is %+v", name, got)
						}
					}
				}},
			{18, `
				create table virtual (a int, b int generated always as (a * 2) virtual);
				create table named (a int constraint told not null, b int, c int not null no inherit);
				comment on constraint told on named is 'Why';
				alter table named add constraint later not null b not valid;
				create extension btree_gist;
				create table booked (room int, at daterange, primary key (room, at without overlaps));
				create table used_ (room int, at daterange,
				  constraint during foreign key (room, period at) references booked (room, period at));
				create table lax (a int constraint small check (a < 9) not enforced)`,
				func(t *testing.T, c *catalog.Catalog) {
					if got := tableOf(t, c, "public", "virtual").Columns[1]; got.Generated != "virtual" || got.Default != "(a * 2)" {
						t.Errorf("the virtual column is %+v", got)
					}
					named := tableOf(t, c, "public", "named").Columns
					if !named[0].NotNull || named[1].NotNull {
						t.Errorf("not null are %+v", named)
					}
					if named[0].NotNullName != "told" || named[0].NotNullComment != "Why" || named[2].NotNullName != "" ||
						!named[2].NotNullNoInherit {
						t.Errorf("named are %+v", named)
					}
					later := find[*catalog.Constraint](t, c, on(catalog.KindConstraint, "named", "later"))
					if want := "NOT NULL b NOT VALID"; later.Type != catalog.NotNull || later.Definition != want || later.Valid {
						t.Errorf("the constraint is %+v, want %s", later, want)
					}
					if c.Find(on(catalog.KindConstraint, "named", "told")) != nil {
						t.Error("NOT NULL is an object")
					}
					key := find[*catalog.Constraint](t, c, on(catalog.KindConstraint, "booked", "booked_pkey"))
					if want := "PRIMARY KEY (room, at WITHOUT OVERLAPS)"; key.Type != catalog.PrimaryKey || key.Definition != want {
						t.Errorf("the key is %+v, want %s", key, want)
					}
					during := find[*catalog.Constraint](t, c, on(catalog.KindForeignKey, "used_", "during"))
					if want := "FOREIGN KEY (room, PERIOD at) REFERENCES booked(room, PERIOD at)"; strings.ReplaceAll(during.Definition, "public.", "") != want {
						t.Errorf("the foreign key is %s, want %s", during.Definition, want)
					}
					if lax := find[*catalog.Constraint](t, c, on(catalog.KindConstraint, "lax", "small")); lax.Valid {
						t.Errorf("a constraint that is not enforced is valid: %+v", lax)
					}
				}},
		} {
			if major < since.major {
				continue
			}
			sandbox.Exec(t, url, "create or replace function public.used(int) returns int language sql as 'select 1'")
			sandbox.Exec(t, url, since.sql)
			since.check(t, read(t, url))
		}
	})
}

func TestIndexesSayWhatStateTheyAreIn(t *testing.T) {
	onEveryMajor(t, func(t *testing.T, server *sandbox.Server, _ int) {
		url := server.Database(t)
		sandbox.Exec(t, url, `
			create table t (a int, b int);
			insert into t values (1, 1), (1, 2);
			create index plain on t (a);
			alter table t cluster on plain;
			create table p (a int) partition by list (a);
			create table p1 partition of p for values in (1);
			create index waiting on only p (a);`)
		conn := connect(t, url)
		if _, err := conn.Exec(t.Context(), "create unique index concurrently broken on t (a)"); err == nil {
			t.Fatal("the index could be built")
		}
		c := read(t, url)
		for name, want := range map[string]catalog.Index{
			"plain":   {Valid: true, Clustered: true},
			"broken":  {Unique: true},
			"waiting": {},
		} {
			got := find[*catalog.Index](t, c, in(catalog.KindIndex, name))
			if got.Valid != want.Valid || got.Clustered != want.Clustered || got.Unique != want.Unique {
				t.Errorf("%s is %+v", name, got)
			}
		}
	})
}

func TestStableAndOrderedFollowTheType(t *testing.T) {
	onEveryMajor(t, func(t *testing.T, server *sandbox.Server, _ int) {
		url := server.Database(t)
		sandbox.Exec(t, url, `
			create extension citext;
			create extension hstore;
			create type e as enum ('a');
			create type composite as (a int);
			create type span as range (subtype = int);
			create domain d as int;
			create domain dd as d;
			create domain da as int[];
			create domain dt as text;
			create domain dc as text collate "C";
			create domain de as e;`)
		columns := []struct {
			sql             string
			stable, ordered bool
		}{
			{"smallint", true, true}, {"integer", true, true}, {"bigint", true, true}, {"uuid", true, true},
			{"date", true, true}, {"timestamp", true, true}, {"timestamptz(3)", true, true}, {"bytea", true, true},
			{`text collate "C"`, true, true}, {`varchar(9) collate "POSIX"`, true, true},
			{`text collate "de-x-icu"`, true, false}, {`varchar(9) collate "de-x-icu"`, true, false},
			{`char(3) collate "C"`, true, false}, {"name", true, false},
			{"boolean", true, false}, {"numeric", true, false}, {"double precision", true, false}, {"real", true, false},
			{"interval", true, false}, {"time", true, false}, {"timetz", true, false}, {"jsonb", true, false},
			{"json", true, false}, {"inet", true, false}, {"cidr", true, false}, {"macaddr", true, false},
			{"macaddr8", true, false}, {"bit(3)", true, false}, {"varbit", true, false}, {"point", true, false},
			{"polygon", true, false}, {"tsvector", true, false}, {"pg_lsn", true, false},
			{"oid", true, false}, {`"char"`, true, false}, {"int4range", true, false}, {"tstzrange", true, false},
			{"integer[]", true, false}, {"text[][]", true, false}, {"numeric(9,2)[]", true, false},
			{"d", true, true}, {"dd", true, true}, {"da", true, false}, {"dc", true, true},
			{`dt collate "de-x-icu"`, true, false},
			{"dd[]", false, false}, // an array's binary form names its element's type by OID
			{"e", false, false}, {"e[]", false, false}, {"de", false, false}, {"composite", false, false},
			{"span", false, false}, {"citext", false, false}, {"hstore", false, false}, {"regclass", false, false},
			{"regtype[]", false, false}, {"money", false, false}, {"xml", false, false},
			{"tsquery", false, false}, {"tsquery[]", false, false}, {"int2vector", false, false},
		}
		var definitions []string
		for i, column := range columns {
			definitions = append(definitions, fmt.Sprintf("c%d %s", i, column.sql))
		}
		sandbox.Exec(t, url, "create table t ("+strings.Join(definitions, ", ")+")")
		read := tableOf(t, read(t, url), "public", "t").Columns
		for i, column := range columns {
			if got := read[i]; got.Stable != column.stable || got.Ordered != column.ordered {
				t.Errorf("%s: stable %t, ordered %t; want %t, %t", column.sql, got.Stable, got.Ordered, column.stable, column.ordered)
			}
		}
	})
}

func TestTextIsOrderedWhereItsBytesAre(t *testing.T) {
	t.Parallel()
	server := sandbox.Shared(t, 0, "source")
	for _, test := range []struct {
		options           string
		byDefault, underC bool
	}{
		{"encoding 'UTF8' lc_collate 'C' lc_ctype 'C'", true, true},
		{"encoding 'SQL_ASCII' lc_collate 'C' lc_ctype 'C'", true, true},
		{"encoding 'LATIN1' lc_collate 'C' lc_ctype 'C'", true, true},
		{"encoding 'LATIN9' lc_collate 'C' lc_ctype 'C'", false, false}, // the euro sign is before Ÿ there
	} {
		name := strings.ToLower(strings.NewReplacer(" ", "_", "'", "").Replace("ordered_" + test.options)[:30])
		url := server.Database(t) // of which only the way to the server is used
		other := strings.Replace(url, sandbox.Query(t, url, "select current_database()")[0], name, 1)
		sandbox.Exec(t, url, "create database "+name+" template template0 "+test.options)
		t.Cleanup(func() { sandbox.Exec(t, url, "drop database "+name) })
		sandbox.Exec(t, other, `create table t (a text, b text collate "C", c int)`)
		columns := tableOf(t, read(t, other), "public", "t").Columns
		if columns[0].Ordered != test.byDefault || columns[1].Ordered != test.underC || !columns[2].Ordered {
			t.Errorf("%s: %+v", test.options, columns)
		}
	}
}
