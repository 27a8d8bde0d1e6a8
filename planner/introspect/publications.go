package introspect

import (
	"strings"

	"sluice/planner/catalog"
)

type publicationRow struct {
	named
	AllTables    bool
	AllSequences bool
	Insert       bool
	Update       bool
	Delete       bool
	Truncate     bool
	ViaRoot      bool
	Generated    string // pg_publication.pubgencols: s: stored
	Schemas      []string
}

func (r *reader) addPublication(row publicationRow) {
	publication := &catalog.Publication{
		AllTables:    row.AllTables,
		AllSequences: row.AllSequences,
		Schemas:      row.Schemas,
		Options:      row.options(),
	}
	r.publications[row.OID] = publication
	if strings.HasPrefix(row.Name, "sluice") { // nothing that moves
		r.server.Publications[row.Name] = publication
		return
	}
	r.add(classPublication, row.named, catalog.ID{Kind: catalog.KindPublication, Name: row.Name}, publication)
}

// options says what is published also where it is everything: 10 had no
// TRUNCATE, and must not get it from the default of a newer server.
func (row publicationRow) options() []string {
	var published []string
	for _, operation := range []struct {
		name string
		does bool
	}{{"insert", row.Insert}, {"update", row.Update}, {"delete", row.Delete}, {"truncate", row.Truncate}} {
		if operation.does {
			published = append(published, operation.name)
		}
	}
	options := []string{"publish=" + strings.Join(published, ", ")}
	if row.ViaRoot {
		options = append(options, "publish_via_partition_root=true")
	}
	if row.Generated == "s" {
		options = append(options, "publish_generated_columns=stored")
	}
	return options
}

type publishedRow struct {
	Publication uint32
	Schema      string
	Name        string
	Columns     []string
	Where       string
}

func (r *reader) addPublished(row publishedRow) {
	if publication := r.publications[row.Publication]; publication != nil { // nil: made since
		publication.Tables = append(publication.Tables, catalog.PublishedTable{
			Name: name(row.Schema, row.Name), Columns: row.Columns, Where: row.Where,
		})
	}
}
