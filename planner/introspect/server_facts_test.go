package introspect

import (
	"slices"
	"testing"

	"sluice/examples/sandbox"
)

func TestFactsOfTheServerAreForEverybody(t *testing.T) {
	onEveryMajor(t, func(t *testing.T, server *sandbox.Server, _ int) {
		dsn := server.Database(t)
		role := newRole(t, dsn, "facts")
		all, few := read(t, dsn).Server, read(t, as(t, dsn, role)).Server

		if !slices.IsSorted(few.Roles) || !slices.Contains(few.Roles, role) || !slices.Contains(few.Roles, "pg_monitor") {
			t.Errorf("roles %q", few.Roles)
		}
		if versions := few.Available["hstore"]; len(versions) < 2 || len(all.Available) < 30 || len(few.Available) != len(all.Available) {
			t.Errorf("%d extensions are available, hstore as %q", len(few.Available), versions)
		}
		want := sandbox.Query(t, dsn, "select default_version from pg_available_extensions where name = 'hstore'")[0]
		if got := few.Available["hstore"]; got[0] != want {
			t.Errorf("of hstore comes first %s, not %s", got[0], want)
		}
		// The superuser lists the directory; a stranger knows what functions come from.
		if !slices.Contains(all.Libraries, "hstore") || slices.Contains(few.Libraries, "hstore") || !slices.Contains(few.Libraries, "plpgsql") {
			t.Errorf("libraries %q of %q", few.Libraries, all.Libraries)
		}
		if !all.BypassRLS || few.BypassRLS {
			t.Errorf("policies are passed by %t and %t", all.BypassRLS, few.BypassRLS)
		}
		sandbox.Exec(t, dsn, "alter role "+role+" bypassrls; create extension hstore")
		few = read(t, as(t, dsn, role)).Server
		if !few.BypassRLS || !slices.Contains(few.Libraries, "hstore") {
			t.Errorf("after all: policies are passed: %t, libraries %q", few.BypassRLS, few.Libraries)
		}
	})
}

func TestTablespacesAreTheUsers(t *testing.T) {
	t.Parallel()
	majors := sandbox.Majors()
	if majors[len(majors)-1] < 15 {
		t.Skip("no tablespace without a directory of its own before 15")
	}
	dsn := sandbox.Shared(t, 0, "source").Database(t)
	conn := connect(t, dsn)
	for _, sql := range []string{"set allow_in_place_tablespaces = on", `create tablespace "fa""st" location ''`} {
		if _, err := conn.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() { sandbox.Exec(t, dsn, `drop tablespace "fa""st"`) })
	if got := read(t, dsn).Server.Tablespaces; !slices.Equal(got, []string{`fa"st`}) {
		t.Errorf("tablespaces %q", got)
	}
}

// A control file that cannot be read must not keep the rest from being read.
func TestABrokenExtensionIsNoError(t *testing.T) {
	t.Parallel()
	server := sandbox.WithExtensions(t, map[string]string{"broken.control": "what is = = this\n"})
	dsn := server.Database(t)
	sandbox.Exec(t, dsn, "create table t (a int)")
	c := read(t, dsn)
	if len(c.Server.Available) != 0 || len(c.Objects) != 2 || !slices.Contains(c.Server.Libraries, "hstore") {
		t.Errorf("read %q, libraries %q, available %v", labels(c), c.Server.Libraries, c.Server.Available)
	}
}
