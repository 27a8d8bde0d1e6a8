package introspect

import (
	"slices"
	"strings"
	"testing"

	"sluice/examples/sandbox"
	"sluice/planner/catalog"
)

// needs are what an object depends on, as text, without schemas.
func needs(t testing.TB, c *catalog.Catalog, object string) []string {
	t.Helper()
	for _, o := range c.Objects {
		if o.ID.String() != object {
			continue
		}
		var needs []string
		for _, id := range o.Depends {
			if id.Kind != catalog.KindSchema {
				needs = append(needs, id.String())
			}
		}
		return needs
	}
	t.Fatalf("there is no %s among\n%s", object, strings.Join(labels(c), "\n"))
	return nil
}

func labels(c *catalog.Catalog) []string {
	var labels []string
	for _, o := range c.Objects {
		labels = append(labels, o.ID.String())
	}
	return labels
}

func TestDependenciesAreThoseOfTheWhole(t *testing.T) {
	onEveryMajor(t, func(t *testing.T, server *sandbox.Server, _ int) {
		url := server.Database(t)
		sandbox.Exec(t, url, `
			create extension citext;
			create extension hstore;
			create type e as enum ('a', 'b');
			create function f(e) returns int language sql immutable as 'select 1';
			create function g(int) returns int language plpgsql immutable as 'begin return $1; end';
			create domain d as int check (g(value) > 0);
			create sequence s;
			create table t (id serial primary key, e e, es e[], d d default g(1), n bigint default nextval('s'),
				gen int generated always as (g(1)) stored, i int generated always as identity, c citext, h hstore,
				constraint uses_f check (f(e) > 0));
			create index by_f on t (f(e)) where g(id) > 0;
			create function row_of() returns t language plpgsql as 'begin end';
			create function rows_of(t[]) returns setof e language plpgsql as 'begin end';
			create view v as select t.id, u.e from t join t u using (id);
			create view over_v as select v.id from v join v w using (id);
			create materialized view m as select v.id from v join v w using (id);
			create view grouped as select t.id, t.e, count(*) from t join s on true group by t.id;
			create function trigger() returns trigger language plpgsql as 'begin end';
			create trigger tr before insert on t for each row when (f(new.e) > 1) execute function trigger();
			create trigger on_v instead of insert on v for each row execute function trigger();
			create table child () inherits (t);
			create table p (k int, e e) partition by range (g(k));
			create table p1 partition of p for values from (1) to (2);
			create table uses_identity (n bigint default nextval('t_i_seq'));
			create function returns_table(int default g(1)) returns table (a e) language plpgsql as 'begin end';`)
		c := read(t, url)
		for object, want := range map[string][]string{
			"function public.f(public.e)": {"type public.e"},
			"domain public.d":             {"function public.g(integer)"},
			"sequence public.t_id_seq":    nil, // though a column owns it
			"index public.by_f":           {"function public.f(public.e)", "function public.g(integer)", "table public.t"},
			"function public.row_of()":    {"table public.t"},
			"view public.v":               {"table public.t", "type public.e"},
			"view public.over_v":          {"view public.v"},
			"materialized view public.m":  {"view public.v"},
			"view public.grouped":         {"constraint public.t.t_pkey", "sequence public.s", "table public.t", "type public.e"},
			"table public.p":              {"function public.g(integer)", "type public.e"},
			"table public.p1":             {"table public.p", "type public.e"},
			"table public.uses_identity":  {"table public.t"},
			"trigger public.v.on_v":       {"function public.trigger()", "view public.v"},
			"trigger public.t.tr":         {"function public.f(public.e)", "function public.trigger()", "table public.t"},
			"constraint public.t.uses_f": {
				"function public.f(public.e)", "table public.t",
			},
			"function public.rows_of(public.t[])": {"table public.t", "type public.e"},
			"function public.returns_table(integer)": {
				"function public.g(integer)", "type public.e",
			},
			"table public.child": {
				"domain public.d", "extension citext", "extension hstore", "function public.g(integer)", "sequence public.s",
				"sequence public.t_id_seq", "table public.t", "type public.e",
			},
			"table public.t": {
				"domain public.d", "extension citext", "extension hstore", "function public.g(integer)", "sequence public.s",
				"sequence public.t_id_seq", "type public.e",
			},
		} {
			if got := needs(t, c, object); !slices.Equal(got, want) {
				t.Errorf("%s needs\n  %s\nwant\n  %s", object, strings.Join(got, "\n  "), strings.Join(want, "\n  "))
			}
		}
	})
}

func TestDependenciesAreSortedAndOfThisCatalog(t *testing.T) {
	onEveryMajor(t, func(t *testing.T, server *sandbox.Server, _ int) {
		url := server.Database(t)
		sandbox.Exec(t, url, script(t, "kinds.sql"))
		sandbox.Exec(t, url, script(t, "others.sql"))
		c := read(t, url)
		if !slices.IsSortedFunc(c.Objects, func(a, b catalog.Object) int { return catalog.Compare(a.ID, b.ID) }) {
			t.Error("objects are not sorted")
		}
		for _, o := range c.Objects {
			if !slices.IsSortedFunc(o.Depends, catalog.Compare) {
				t.Errorf("what %s needs is not sorted: %s", o.ID, o.Depends)
			}
			for i, id := range o.Depends {
				if c.Find(id) == nil || id == o.ID || i > 0 && id == o.Depends[i-1] {
					t.Errorf("%s needs %s", o.ID, id)
				}
			}
			if schema := (catalog.ID{Kind: catalog.KindSchema, Name: o.ID.Schema}); o.ID.Schema != "" &&
				!slices.Contains(o.Depends, schema) {
				t.Errorf("%s does not need its schema", o.ID)
			}
		}
	})
}

// What a partition, an inheriting table or a key has from above must come after it.
func TestChildrenNeedTheirParents(t *testing.T) {
	onEveryMajor(t, func(t *testing.T, server *sandbox.Server, _ int) {
		url := server.Database(t)
		sandbox.Exec(t, url, `
			create table p (a int, b int) partition by range (a);
			create index on p (b);
			create unique index p_a on p (a);
			create table p1 (a int not null, b int);
			create index own on p1 (b);
			alter table p1 add constraint own_key unique (a);
			alter table p attach partition p1 for values from (0) to (10);
			create table r (a int references p1 (a));
			create table parent1 (x int);
			create table parent2 (y int);
			create table child () inherits (parent2, parent1);`)
		c := read(t, url)
		for object, want := range map[string][]string{
			"table public.p1":              {"table public.p"},
			"index public.own":             {"index public.p_b_idx", "table public.p1"},
			"constraint public.p1.own_key": {"index public.p_a", "table public.p1"},
			"foreign key public.r.r_a_fkey": {
				"constraint public.p1.own_key", "table public.p1", "table public.r",
			},
			"table public.child": {"table public.parent1", "table public.parent2"},
		} {
			if got := needs(t, c, object); !slices.Equal(got, want) {
				t.Errorf("%s needs %q, want %q", object, got, want)
			}
		}
		child := c.Find(catalog.ID{Kind: catalog.KindTable, Schema: "public", Name: "child"}).Spec.(*catalog.Table)
		if want := []catalog.Name{{Schema: "public", Local: "parent2"}, {Schema: "public", Local: "parent1"}}; !slices.Equal(child.Inherits, want) {
			t.Errorf("child inherits %v, want %v", child.Inherits, want)
		}
		key := c.Find(catalog.ID{Kind: catalog.KindConstraint, Schema: "public", Table: "p1", Name: "own_key"}).Spec.(*catalog.Constraint)
		if want := (catalog.Name{Schema: "public", Local: "p_a"}); key.Of != want || key.Inherited {
			t.Errorf("the partition's key is of %v, inherited %t; want %v and its own", key.Of, key.Inherited, want)
		}
	})
}
