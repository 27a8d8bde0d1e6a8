package ddl

import (
	"strings"

	"sluice/planner/catalog"
)

func createView(o *catalog.Object, view *catalog.View) []string {
	name := o.ID.Qualified().SQL()
	statements := []string{"create view " + name + columnList(view.Columns) + with(" ", view.Options) +
		" as\n" + query(view.Definition)}
	for _, c := range view.Columns {
		if c.Default != "" {
			statements = append(statements, "alter view "+name+" alter column "+catalog.Quote(c.Name)+" set default "+c.Default)
		}
	}
	return append(commented(o, statements...), viewColumnComments(name, view.Columns)...)
}

func createMaterializedView(o *catalog.Object, view *catalog.MaterializedView, version int) []string {
	name := o.ID.Qualified().SQL()
	create := "create materialized view " + name + columnList(view.Columns)
	if view.AccessMethod != "" {
		create += "\nusing " + catalog.Quote(view.AccessMethod)
	}
	create += storageParameters(view.Options, view.ToastOptions)
	if view.Tablespace != "" {
		create += "\ntablespace " + catalog.Quote(view.Tablespace)
	}
	statements := []string{create + " as\n" + query(view.Definition) + "\nwith no data"}
	var actions []string
	for _, c := range view.Columns {
		stored := catalog.Column{Storage: c.Storage, Compressed: c.Compressed, Statistics: c.Statistics, Options: c.Options}
		for _, action := range storageActions(&stored, version) {
			actions = append(actions, "alter column "+catalog.Quote(c.Name)+" "+action)
		}
	}
	if len(actions) > 0 {
		statements = append(statements, "alter materialized view "+name+"\n  "+strings.Join(actions, ",\n  "))
	}
	return append(commented(o, statements...), viewColumnComments(name, view.Columns)...)
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

func viewColumnComments(view string, columns []catalog.ViewColumn) []string {
	var statements []string
	for _, c := range columns {
		statements = append(statements, columnComment(view, c.Name, c.Comment)...)
	}
	return statements
}

// query is what pg_get_viewdef prints, without the semicolon at its end.
func query(definition string) string {
	return strings.TrimSuffix(strings.TrimRight(definition, " \n"), ";")
}
