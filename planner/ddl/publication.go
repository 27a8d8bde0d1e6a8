package ddl

import (
	"strings"

	"sluice/planner/catalog"
)

func createPublication(o *catalog.Object, publication *catalog.Publication) string {
	create := "create publication " + catalog.Quote(o.ID.Name)
	if published := published(publication); len(published) > 0 {
		create += " for\n  " + strings.Join(published, ",\n  ")
	}
	return create + with("\n", publication.Options)
}

// published are the objects of FOR. TABLE is said once, which every server takes.
func published(publication *catalog.Publication) []string {
	var objects []string
	if publication.AllTables {
		objects = append(objects, "all tables")
	}
	if publication.AllSequences {
		objects = append(objects, "all sequences")
	}
	for i, table := range publication.Tables {
		object := publishedTable(table)
		if i == 0 {
			object = "table " + object
		}
		objects = append(objects, object)
	}
	for _, schema := range publication.Schemas {
		objects = append(objects, "tables in schema "+catalog.Quote(schema))
	}
	return objects
}

// publishedTable says ONLY, since what inherits from the table is listed by itself.
func publishedTable(table catalog.PublishedTable) string {
	clause := "only " + table.Name.SQL()
	if len(table.Columns) > 0 {
		clause += " (" + catalog.QuoteAll(table.Columns) + ")"
	}
	if table.Where != "" {
		clause += " where (" + table.Where + ")"
	}
	return clause
}
