package ddl

import (
	"strings"

	"sluice/planner/catalog"
)

func createView(o *catalog.Object, view *catalog.View) string {
	return "create view " + o.ID.Qualified().SQL() + columnList(view.Columns) + with(" ", view.Options) +
		" as\n" + query(view.Definition)
}

func createMaterializedView(o *catalog.Object, view *catalog.MaterializedView) string {
	return "create materialized view " + o.ID.Qualified().SQL() + columnList(view.Columns) + with(" ", view.Options) +
		" as\n" + query(view.Definition) + "\nwith no data"
}

// Refresh returns the statement that fills a materialised view, empty for all else.
func Refresh(o *catalog.Object) string {
	if _, ok := o.Spec.(*catalog.MaterializedView); !ok {
		return ""
	}
	return "refresh materialized view " + o.ID.Qualified().SQL()
}

// columnList is empty for a view without columns, which () could not say.
func columnList(columns []string) string {
	if len(columns) == 0 {
		return ""
	}
	return " (" + catalog.QuoteAll(columns) + ")"
}

// query is what pg_get_viewdef prints, without the semicolon at its end.
func query(definition string) string {
	return strings.TrimSuffix(strings.TrimRight(definition, " \n"), ";")
}
