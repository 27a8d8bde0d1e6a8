package introspect

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"sluice/examples/sandbox"
	"sluice/planner/catalog"
)

// serversDefinitions asks the server for the definition of every index and key.
const serversDefinitions = `
select quote_literal(n.nspname) || '.' || quote_literal(c.relname) || ' ' || d.definition
  from (select x.indexrelid as relation, pg_get_indexdef(x.indexrelid) as definition
          from pg_index as x
         where not exists (select from pg_constraint as k where k.conindid = x.indexrelid and k.contype in ('p', 'u', 'x'))
         union all
        select k.conrelid, k.conname || ' ' || pg_get_constraintdef(k.oid)
          from pg_constraint as k
         where k.contype in ('p', 'u', 'x', 'c') or k.contype = 'f' and k.conparentid = 0) as d
  join pg_class as c on c.oid = d.relation
  join pg_namespace as n on n.oid = c.relnamespace
 where n.nspname !~ '^(pg_|(information_schema|sluice)$)'
   and not exists (select from pg_depend as e where e.objid = c.oid and e.classid = 'pg_class'::regclass and e.deptype = 'e')`

// ownDefinitions are the same, of a catalog.
func ownDefinitions(c *catalog.Catalog) map[string]bool {
	definitions := map[string]bool{}
	for _, o := range c.Objects {
		name := o.ID.Name
		definition := ""
		switch spec := o.Spec.(type) {
		case *catalog.Index:
			definition = spec.Definition
		case *catalog.Constraint:
			if spec.Type == catalog.NotNull {
				continue
			}
			name, definition = o.ID.Table, o.ID.Name+" "+spec.Definition
		default:
			continue
		}
		definitions[catalog.Literal(o.ID.Schema)+"."+catalog.Literal(name)+" "+definition] = true
	}
	return definitions
}

func judgeDefinitions(t *testing.T, url string) {
	t.Helper()
	own := ownDefinitions(read(t, url))
	for _, definition := range sandbox.Query(t, url+"&search_path=", serversDefinitions) { // as it is pinned
		if !own[definition] {
			t.Errorf("the server says  %s", definition)
		}
		delete(own, definition)
	}
	for definition := range own {
		t.Errorf("the catalog says %s", definition)
	}
}

func TestDefinitionsAreThoseOfTheServer(t *testing.T) {
	onEveryMajor(t, func(t *testing.T, server *sandbox.Server, major int) {
		for _, name := range []string{"definitions", "kinds", "types"} {
			url := server.Database(t)
			sandbox.Exec(t, url, script(t, name+".sql"))
			if name == "definitions" && major >= 15 {
				sandbox.Exec(t, url, `create unique index on plain (g) nulls not distinct;
					create table undistinct (a int, unique nulls not distinct (a))`)
			}
			if name == "definitions" && major >= 18 {
				sandbox.Exec(t, url, `create table spans (a int4range, during int4range, primary key (a, during without overlaps));
					create table within (a int4range, during int4range, foreign key (a, period during) references spans);
					create table unenforced (a int references keys (c) not enforced)`)
			}
			judgeDefinitions(t, url)
		}
	})
}

// Which names need quotes depends on the server's own list of keywords.
func TestDefinitionsQuoteAsTheServerDoes(t *testing.T) {
	onEveryMajor(t, func(t *testing.T, server *sandbox.Server, _ int) {
		url := server.Database(t)
		names := append(sandbox.Query(t, url, "select word from pg_get_keywords()"), hostile...)
		names = append(names, "plain", "_x", "a1", "1a", "a$", "É")
		slices.Sort(names)
		var all strings.Builder
		for i, n := range slices.Compact(names) {
			all.WriteString(strings.NewReplacer("NAME", catalog.Quote(n), "HERE", fmt.Sprintf("s%d", i)).Replace(`
				create schema HERE;
				create table HERE.NAME (NAME int primary key, other int references HERE.NAME, unique (other, NAME));
				create index on HERE.NAME (NAME);
				create schema if not exists NAME;
				create table NAME.own (NAME int);
				create index NAME on NAME.own (NAME);`))
		}
		sandbox.Exec(t, url, all.String())
		judgeDefinitions(t, url)
	})
}
