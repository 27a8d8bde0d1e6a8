package introspect

import (
	"fmt"
	"strings"
	"testing"

	"sluice/examples/sandbox"
	"sluice/planner/catalog"
)

func TestLibrariesAreCalledTheSameWhereverTheyLie(t *testing.T) {
	t.Parallel()
	for file, want := range map[string]string{
		"":                                     "",
		"$libdir/hstore":                       "hstore",
		"hstore":                               "hstore",
		"/usr/lib/postgresql/15/lib/geos.so":   "geos",
		"$libdir/postgis-3":                    "postgis-3",
		"$libdir/sub/geos-1.2.so":              "geos-1.2",
		"/opt/lib/geos.dylib":                  "geos",
		`C:\Program Files\PostgreSQL\geos.dll`: "geos",
	} {
		if got := library(file); got != want {
			t.Errorf("%q is the library %q, want %q", file, got, want)
		}
	}
}

// A name that the server chose is left out, or it would stand in the statement
// for a server that would choose the same, and differ from an older one's none.
func TestNamesThatTheServerChoseAreLeftOut(t *testing.T) {
	onEveryMajor(t, func(t *testing.T, server *sandbox.Server, _ int) {
		url := server.Database(t)
		names := []string{
			"short", "Upper", `a"b`, "a range", "range", "orange_ranges", strings.Repeat("x", 53), strings.Repeat("x", 63),
			"range_" + strings.Repeat("x", 57), strings.Repeat("ü", 26), strings.Repeat("ü", 31), "a" + strings.Repeat("ü", 31),
		}
		for i, n := range names {
			q := fmt.Sprintf("d%d.%s", i, catalog.Quote(n))
			sandbox.Exec(t, url, fmt.Sprintf("create schema d%d; create domain %s as int not null", i, q))
			q = fmt.Sprintf("r%d.%s", i, catalog.Quote(n))
			sandbox.Exec(t, url, fmt.Sprintf("create schema r%d; create type %s as range (subtype = int)", i, q))
		}
		c := read(t, url)
		for i, n := range names {
			domain := find[*catalog.Domain](t, c, catalog.ID{Kind: catalog.KindDomain, Schema: fmt.Sprintf("d%d", i), Name: n})
			if domain.NotNullName != "" {
				t.Errorf("NOT NULL of %s is called %s", n, domain.NotNullName)
			}
			span := find[*catalog.Range](t, c, catalog.ID{Kind: catalog.KindType, Schema: fmt.Sprintf("r%d", i), Name: n})
			if span.Multirange != (catalog.Name{}) {
				t.Errorf("the multirange of %s is called %s", n, span.Multirange)
			}
		}
	})
}
