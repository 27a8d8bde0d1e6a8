package ddl

import (
	"fmt"
	"slices"
	"testing"

	"sluice/examples/sandbox"
	"sluice/planner/catalog"
)

// TestForwardAndCompleteMakeWhatCreateMakes: every object that has a form with
// less in it goes through that form, and the servers see no difference.
func TestForwardAndCompleteMakeWhatCreateMakes(t *testing.T) {
	t.Parallel()
	for _, major := range sandbox.Majors() {
		t.Run(fmt.Sprint(major), func(t *testing.T) {
			t.Parallel()
			server := sandbox.Shared(t, major, "source")
			a, b := server.Database(t), server.Database(t)
			fillRich(t, a, major)
			source := read(t, a)
			rebuildForward(t, b, source)
			sameCatalog(t, source, read(t, b))
			sameSet(t, "the server", system(t, a), system(t, b))
			sameDump(t, a, b)
		})
	}
}

// rebuildForward makes tables and views bare, in order with all else, and
// completes them at the end, when more exists than they need. A domain is
// completed at once: what uses it in an array forbids that later.
func rebuildForward(t *testing.T, url string, source *catalog.Catalog) {
	t.Helper()
	there := read(t, url)
	version := there.Server.Version
	builder := newBuilder(t, url)
	var incomplete []*catalog.Object
	begun := map[catalog.ID]bool{}
	for _, o := range inOrder(source) {
		if there.Find(o.ID) != nil { // the schema public is
			builder.run(o, Comment(o))
			continue
		}
		forward := Forward(o, version)
		if inTwoSteps(o) { // and there twice
			if begun[o.ID] {
				forward = Complete(o, version)
			}
			begun[o.ID] = true
			builder.run(o, forward...)
			continue
		}
		switch o.Spec.(type) {
		case *catalog.Domain:
			builder.run(o, forward...)
			builder.run(o, Complete(o, version)...)
		case *catalog.Table, *catalog.ForeignTable, *catalog.View:
			if forward == nil { // nothing to leave out
				builder.run(o, Create(o, version)...)
				continue
			}
			builder.run(o, forward...)
			incomplete = append(incomplete, o)
		default:
			builder.run(o, Create(o, version)...)
		}
	}
	for _, o := range incomplete {
		builder.run(o, Complete(o, version)...)
	}
	builder.finish(source)
}

// TestCirclesAreBroken: what needs each other cannot be made in any order
// without a form that needs less.
func TestCirclesAreBroken(t *testing.T) {
	t.Parallel()
	for _, major := range sandbox.Majors() {
		t.Run(fmt.Sprint(major), func(t *testing.T) {
			t.Parallel()
			server := sandbox.Shared(t, major, "source")
			a, b := server.Database(t), server.Database(t)
			sandbox.Exec(t, a, `
				create view v with (security_barrier) as select 1 as a, 'x'::varchar(3) collate "POSIX" as b, array[1.5]::numeric(5,2)[] as c;
				create function of_view() returns setof v language sql as 'select 1, null::varchar, null::numeric[]';
				create or replace view v with (security_barrier) as
				  select f.a, f.b::varchar(3) collate "POSIX" as b, f.c::numeric(5,2)[] as c from of_view() as f;
				create function b_of(v) returns text language sql as 'select $1.b';
				alter view v alter a set default 7, alter b set default b_of(null);
				comment on column v.b is 'b';
				create table t (a int, b text);
				create function of_table(t) returns int language sql as 'select 1';
				alter table t alter a set default of_table(null);
				create domain d as text collate "C" not null;
				create function of_domain(d) returns boolean language sql immutable as 'select true';
				alter domain d add constraint "odd ""one" check (of_domain(value));
				alter domain d set default 'x';
				comment on constraint "odd ""one" on domain d is 'a circle';
				create foreign data wrapper w;
				create server s foreign data wrapper w;
				create foreign table f (a int options (x 'y')) server s;
				create function of_foreign(f) returns int language sql as 'select 1';
				alter foreign table f alter a set default of_foreign(null)`)
			source := read(t, a)
			there := read(t, b).Server.Version
			builder := newBuilder(t, b)
			object := func(name string) *catalog.Object {
				i := slices.IndexFunc(source.Objects, func(o catalog.Object) bool { return o.ID.Name == name })
				return &source.Objects[i]
			}
			for _, name := range []string{"w", "s"} {
				builder.run(object(name), Create(object(name), there)...)
			}
			for _, circle := range [][]string{{"v", "of_view", "b_of"}, {"t", "of_table"}, {"d", "of_domain"}, {"f", "of_foreign"}} {
				first := object(circle[0])
				builder.run(first, Forward(first, there)...)
				for _, name := range circle[1:] {
					function := object(name)
					if !slices.Contains(first.Depends, function.ID) || !slices.Contains(function.Depends, first.ID) {
						t.Errorf("%s and %s do not need each other", first.ID, function.ID)
					}
					builder.run(function, Create(function, there)...)
				}
				builder.run(first, Complete(first, there)...)
			}
			sameCatalog(t, source, read(t, b))
			sameSet(t, "the server", system(t, a), system(t, b))
		})
	}
}
