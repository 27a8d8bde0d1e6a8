package introspect

import (
	"slices"
	"strings"
	"testing"

	"sluice/examples/sandbox"
)

// onlyThese compares all objects of a database, but for the schema public.
func onlyThese(t *testing.T, url string, want ...string) {
	t.Helper()
	got := slices.DeleteFunc(labels(read(t, url)), func(label string) bool { return label == "schema public" })
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("read\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

func TestAnEmptyDatabaseHoldsPublicAlone(t *testing.T) {
	onEveryMajor(t, func(t *testing.T, server *sandbox.Server, _ int) {
		c := read(t, server.Database(t))
		if len(c.Objects) != 1 || c.Objects[0].ID.String() != "schema public" || c.Objects[0].Comment != "standard public schema" {
			t.Errorf("read %+v", c.Objects)
		}
	})
}

func TestWhatSluiceMadeIsLeftOut(t *testing.T) {
	onEveryMajor(t, func(t *testing.T, server *sandbox.Server, _ int) {
		url := server.Database(t)
		sandbox.Exec(t, url, `
			create schema sluice;
			create type sluice.e as enum ('a');
			create domain sluice.d as int check (value > 0);
			create sequence sluice.s;
			create table sluice.migration (id serial primary key, e sluice.e, parent int references sluice.migration);
			create index on sluice.migration (e);
			create view sluice.status as select m.id from sluice.migration m join sluice.migration n using (id);
			create function sluice.fence() returns trigger language plpgsql as 'begin end';
			create function sluice.ddl() returns event_trigger language plpgsql as 'begin end';
			create type sluice.composite as (a int);
			create type sluice.span as range (subtype = int);
			create type sluice.shell;
			create collation sluice.c (locale = 'C');
			create conversion sluice.c for 'LATIN1' to 'UTF8' from iso8859_1_to_utf8;
			create text search parser sluice.p
			  (start = prsd_start, gettoken = prsd_nexttoken, end = prsd_end, lextypes = prsd_lextype);
			create text search template sluice.t (lexize = dsimple_lexize);
			create text search dictionary sluice.d (template = simple);
			create text search configuration sluice.c (copy = simple);
			create aggregate sluice.sum2(int) (sfunc = int4pl, stype = int);
			create event trigger sluice_ddl on ddl_command_end execute function sluice.ddl();
			alter event trigger sluice_ddl disable;
			alter default privileges in schema sluice grant select on tables to public;
			create foreign data wrapper theirs;
			create server theirs foreign data wrapper theirs;
			create foreign table sluice.far (a int default 1) server theirs;
			create materialized view sluice.kept as select 1 as a;
			create type sluice.pair as (a int);
			create table sluice.typed of sluice.pair;
			create table t (a int primary key);
			create trigger fence before insert on t execute function sluice.fence();
			create trigger chunk before insert on sluice.migration execute function sluice.fence();
			create operator sluice.=== (leftarg = int, rightarg = int, function = int4eq);
			create operator family sluice.family using btree;
			create operator class sluice.class for type int using btree as function 1 btint4cmp(int, int);
			create rule r as on delete to sluice.migration do instead nothing;
			create policy p on sluice.migration;
			create statistics sluice.stats on id, e from sluice.migration;
			create publication sluice_shop for table t;
			create publication theirs for table t;`)
		onlyThese(t, url, "table public.t", "constraint public.t.t_pkey", "publication theirs",
			"foreign data wrapper theirs", "server theirs")
	})
}

func TestWhatGoesWithSomethingElseIsLeftOut(t *testing.T) {
	onEveryMajor(t, func(t *testing.T, server *sandbox.Server, _ int) {
		url := server.Database(t)
		sandbox.Exec(t, url, `
			create type span as range (subtype = int);
			create table t (a int generated always as identity primary key, b text unique, c span, d text[]);
			create table p (a int, b int references t) partition by list (a);
			create table p1 partition of p for values in (1);
			create table r (a int);
			create function f() returns trigger language plpgsql as 'begin end';
			create trigger tr after insert on p for each row execute function f();
			create extension hstore; -- types, casts, functions in C
			create extension unaccent; -- a template and a dictionary
			create extension bloom; -- an access method
			create extension citext;
			create extension earthdistance cascade;`)
		onlyThese(t, url,
			"type public.span",
			"table public.t", "constraint public.t.t_pkey", "constraint public.t.t_b_key",
			"table public.p", "table public.p1", "table public.r",
			"foreign key public.p.p_b_fkey", // p1 has one, too, and seven internal triggers
			"trigger public.p.tr",           // and p1
			"function public.f()",
			"extension hstore", "extension unaccent", "extension bloom", "extension citext", "extension cube", "extension earthdistance",
		)
	})
}

func TestTemporaryObjectsAreLeftOut(t *testing.T) {
	onEveryMajor(t, func(t *testing.T, server *sandbox.Server, _ int) {
		url := server.Database(t)
		conn := connect(t, url)
		_, err := conn.Exec(t.Context(), `create temp table temporary (a serial primary key, b text);
			create temp view v as select a from temporary`)
		if err != nil {
			t.Fatal(err)
		}
		for _, who := range []string{"the session that has them", "another"} {
			c, err := Read(t.Context(), conn)
			if err != nil {
				t.Fatal(err)
			}
			if len(c.Objects) != 1 || len(c.Server.Schemas) != 1 {
				t.Errorf("%s sees %q and schemas %q", who, labels(c), c.Server.Schemas)
			}
			other := connect(t, url)
			conn = other
		}
	})
}

// Privileges on what the system or an extension brings do not go, and are not
// passed over either.
func TestPrivilegesOnWhatIsNotTheUsersAreNamed(t *testing.T) {
	onEveryMajor(t, func(t *testing.T, server *sandbox.Server, _ int) {
		url := server.Database(t)
		sandbox.Exec(t, url, `
			create extension hstore;
			revoke execute on function hstore_in(cstring) from public;
			grant select on pg_catalog.pg_authid to public`)
		onlyThese(t, url, "extension hstore", `privileges "function public.hstore_in(cstring)"`, `privileges "table pg_authid"`)
	})
}
