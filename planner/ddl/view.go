package ddl

import (
	"strings"

	"sluice/planner/catalog"
)

func createView(o *catalog.Object, view *catalog.View) []string {
	return commented(o, "create view "+o.ID.Qualified().SQL()+columnList(view.Columns)+with(" ", view.Options)+
		" as\n"+query(view.Definition))
}

func createMaterializedView(o *catalog.Object, view *catalog.MaterializedView, version int) []string {
	return commented(o, "create materialized view "+o.ID.Qualified().SQL()+columnList(view.Columns)+with(" ", view.Options)+
		" as\n"+query(view.Definition)+"\nwith no data")
}

// Refresh returns the statement that fills a materialised view, empty for all else.
func Refresh(o *catalog.Object) string {
	if _, ok := o.Spec.(*catalog.MaterializedView); !ok {
		return ""
	}
	return "refresh materialized view " + o.ID.Qualified().SQL()
}

// columnList is empty for a view without columns, which () could not say.
func columnList(columns []catalog.ViewColumn) string {
	if len(columns) == 0 {
		return ""
	}
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.Name
	}
	return " (" + catalog.QuoteAll(names) + ")"
}

// query is what pg_get_viewdef prints, without the semicolon at its end.
func query(definition string) string {
	return strings.TrimSuffix(strings.TrimRight(definition, " \n"), ";")
}
