package introspect

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"sluice/examples/sandbox"
	"sluice/planner/catalog"
)

func TestAccessIsReadTheSameOnEveryMajor(t *testing.T) {
	onEveryMajor(t, func(t *testing.T, server *sandbox.Server, _ int) {
		url := server.Database(t)
		sandbox.Exec(t, url, script(t, "access.sql"))
		golden(t, "access.golden", describe(t, read(t, url)))
	})
}

// ownerless are the kinds without an owner of their own or of a relation's.
var ownerless = []catalog.Kind{
	catalog.KindAccessMethod, catalog.KindCast, catalog.KindTransform, catalog.KindParser, catalog.KindTemplate,
	catalog.KindUserMapping, catalog.KindLargeObjects, catalog.KindSecurityLabel,
}

func TestEveryObjectHasItsOwner(t *testing.T) {
	onEveryMajor(t, func(t *testing.T, server *sandbox.Server, major int) {
		url := server.Database(t)
		owner := newRole(t, url, "owner")
		sandbox.Exec(t, url, "alter role "+owner+" superuser") // or it could not own event triggers
		t.Cleanup(func() { sandbox.Exec(t, url, "drop owned by "+owner+" cascade") })
		for _, file := range []string{"kinds.sql", "access.sql"} {
			sandbox.Exec(t, as(t, url, owner), script(t, file))
		}
		for _, o := range read(t, url).Objects {
			want := owner
			switch {
			case slices.Contains(ownerless, o.ID.Kind):
				want = ""
			case o.ID.Name == "public" && major >= 15:
				want = "pg_database_owner"
			case o.ID.Name == "public":
				want = "postgres"
			}
			if o.Owner != want {
				t.Errorf("%s belongs to %q, not %q", o.ID, o.Owner, want)
			}
		}
	})
}

func TestGrantsAreWhatIsNotTheDefault(t *testing.T) {
	onEveryMajor(t, func(t *testing.T, server *sandbox.Server, major int) {
		url := server.Database(t)
		reader, deputy := newRole(t, url, "reader"), newRole(t, url, "deputy")
		sandbox.Exec(t, url, strings.NewReplacer("READER", reader, "DEPUTY", deputy).Replace(`
			create schema s;
			grant usage on schema s to READER;
			create table s.plain (a int, b int generated always as identity);
			create table s.t (a int, "Col""umn" int, i int generated always as identity);
			grant insert, select on s.t to READER with grant option;
			grant select ("Col""umn") on s.t to public;
			grant usage on sequence s.t_i_seq to READER;
			set role READER;
			grant select on s.t to DEPUTY;
			reset role;
			revoke truncate on s.t from postgres;
			create table s.same (a int);
			grant select on s.same to READER;
			revoke select on s.same from READER; -- an ACL that says what none would say
			create table s.none (a int);
			revoke all on s.none from postgres;
			create function s.f() returns int language sql as 'select 1';
			revoke execute on function s.f() from public;
			create function s.g() returns int language sql as 'select 1';
			grant execute on function s.g() to READER;
			create type s.e as enum ();
			revoke all on type s.e from public, postgres;`))
		// What holds a role's grants has to go before the role.
		t.Cleanup(func() { sandbox.Exec(t, url, "drop schema s cascade") })
		c := read(t, url)
		want := map[string]string{
			"schema s":        fmt.Sprintf("%s USAGE", reader),
			"function s.f()":  "not public",
			"function s.g()":  fmt.Sprintf("%s EXECUTE", reader),
			"table s.none":    "not the owner",
			"type s.e":        "not public, not the owner",
			"identity of s.t": fmt.Sprintf("%s USAGE", reader),
			"schema public":   "not public, public USAGE",
		}
		if major < 15 {
			want["schema public"] = "not public, public CREATE, public USAGE"
		}
		owners := []string{"DELETE", "INSERT", "REFERENCES", "SELECT", "TRIGGER", "UPDATE"}
		if major >= 17 {
			owners = []string{"DELETE", "INSERT", "MAINTAIN", "REFERENCES", "SELECT", "TRIGGER", "UPDATE"}
		}
		list := []string{"not the owner", fmt.Sprintf("%s SELECT by %s", deputy, reader)}
		for _, privilege := range owners {
			list = append(list, "postgres "+privilege)
		}
		want["table s.t"] = strings.Join(append(list, reader+" INSERT*", reader+" SELECT*", `public SELECT of Col"umn`), ", ")

		got := map[string]string{}
		for _, o := range c.Objects {
			if o.Grants != nil {
				got[o.ID.String()] = summary(o.Grants)
			}
			if table, ok := o.Spec.(*catalog.Table); ok {
				for _, column := range table.Columns {
					if column.Sequence != nil && column.Sequence.Grants != nil {
						got["identity of "+o.ID.Label()] = summary(column.Sequence.Grants)
					}
				}
			}
		}
		for object := range want {
			if got[object] != want[object] {
				t.Errorf("%s:\n got %s\nwant %s", object, got[object], want[object])
			}
		}
		if len(got) != len(want) {
			t.Errorf("grants of %d objects, not %d: %v", len(got), len(want), got)
		}
	})
}

// summary is what grants say, in a line.
func summary(grants *catalog.Grants) string {
	var list []string
	if grants.RevokedFromPublic {
		list = append(list, "not public")
	}
	if grants.RevokedFromOwner {
		list = append(list, "not the owner")
	}
	for _, g := range grants.List {
		text := g.Grantee + " " + g.Privilege
		if g.Grantee == "" {
			text = "public " + g.Privilege
		}
		if g.Grantable {
			text += "*"
		}
		if g.Column != "" {
			text += " of " + g.Column
		}
		if g.FromOthers != "" {
			text += " by " + g.FromOthers
		}
		list = append(list, text)
	}
	return strings.Join(list, ", ")
}

func TestWhatPublicationsNeed(t *testing.T) {
	onEveryMajor(t, func(t *testing.T, server *sandbox.Server, major int) {
		url := server.Database(t)
		sandbox.Exec(t, url, `create table t (a int primary key, b int); create table u (a int);
			create function e() returns event_trigger language plpgsql as 'begin end';
			create event trigger e on sql_drop execute function e();
			create publication p for table t, u`)
		c := read(t, url)
		if got := needs(t, c, "publication p"); !slices.Equal(got, []string{"table public.t", "table public.u"}) {
			t.Errorf("the publication needs %q", got)
		}
		if got := needs(t, c, "event trigger e"); !slices.Equal(got, []string{"function public.e()"}) {
			t.Errorf("the event trigger needs %q", got)
		}
		if major < 15 {
			return
		}
		sandbox.Exec(t, url, `create schema s; create publication s for tables in schema s;
			create function f(int) returns int language sql immutable as 'select 1';
			create publication filtered for table t (b, a) where (a > 5) with (publish = 'insert')`)
		c = read(t, url)
		if o := c.Find(catalog.ID{Kind: catalog.KindPublication, Name: "s"}); len(o.Depends) != 1 || o.Depends[0].Name != "s" {
			t.Errorf("the publication of a schema needs %v", o.Depends)
		}
		filtered := find[*catalog.Publication](t, c, catalog.ID{Kind: catalog.KindPublication, Name: "filtered"})
		if table := filtered.Tables[0]; !slices.Equal(table.Columns, []string{"a", "b"}) || table.Where != "(a > 5)" {
			t.Errorf("the table is published as %+v", table)
		}
	})
}
