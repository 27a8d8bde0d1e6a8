package introspect

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"sluice/examples/sandbox"
	"sluice/planner/catalog"
)

// hostile are names that some way of quoting, splitting or cutting gets wrong.
var hostile = []string{
	`a"b`, `a'b`, `a\b`, `a.b`, "a\nb", "a\tb", ` a `, `A`, `select`, `user`, `$$`, `$1`, `%s`, `{a,b}`, `"`, `""`, `''`, `\`,
	`größe`, `名前`, `🐘`, `e` + "\u0301", `--`, `/*`, `;`, `*`, `public`, `null`, `-- from 12`, `(x)`, `[]`, `1`,
	strings.Repeat("x", 63), strings.Repeat("ü", 31),
}

func TestHostileNamesComeBackAsTheyAre(t *testing.T) {
	onEveryMajor(t, func(t *testing.T, server *sandbox.Server, _ int) {
		url := server.Database(t)
		for i, n := range hostile {
			q := catalog.Quote(n)
			here := catalog.Quote(fmt.Sprintf("s%d", i)) // relations, indexes, types: one name space each
			sandbox.Exec(t, url, strings.NewReplacer("NAME", q, "HERE", here, "TEXT", catalog.Literal(n)).Replace(`
				create schema if not exists NAME;
				comment on schema NAME is TEXT;
				create schema if not exists HERE;
				create table HERE.NAME (NAME int not null default 1, constraint NAME check (NAME > 0), primary key (NAME),
				  id int generated always as identity);
				comment on column HERE.NAME.NAME is TEXT;
				create type HERE.enum as enum (TEXT);`))
		}
		c := read(t, url)
		for i, n := range hostile {
			schema := fmt.Sprintf("s%d", i)
			o := c.Find(catalog.ID{Kind: catalog.KindTable, Schema: schema, Name: n})
			if o == nil {
				t.Errorf("no table %q", n)
				continue
			}
			column := o.Spec.(*catalog.Table).Columns[0]
			if column.Name != n || column.Comment != n {
				t.Errorf("column %q reads as %q with comment %q", n, column.Name, column.Comment)
			}
			check := c.Find(catalog.ID{Kind: catalog.KindConstraint, Schema: schema, Table: n, Name: n})
			if check == nil || !slices.Equal(check.Spec.(*catalog.Constraint).Columns, []string{n}) {
				t.Errorf("the check of %q reads as %+v", n, check)
			}
			enum := c.Find(catalog.ID{Kind: catalog.KindType, Schema: schema, Name: "enum"})
			if enum == nil || !slices.Equal(enum.Spec.(*catalog.Enum).Labels, []string{n}) {
				t.Errorf("the enum with label %q reads as %+v", n, enum)
			}
			if named := c.Find(catalog.ID{Kind: catalog.KindSchema, Name: n}); named == nil || named.Comment != n {
				t.Errorf("the schema %q reads as %+v", n, named)
			}
		}
	})
}
