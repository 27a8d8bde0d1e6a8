package introspect

import "sluice/planner/catalog"

type viewRow struct {
	named
	Definition string
	Columns    []string
	Options    []string
}

func (r *reader) addView(row viewRow) {
	id := catalog.ID{Kind: catalog.KindView, Schema: row.Schema, Name: row.Name}
	r.add(classClass, row.named, id, &catalog.View{
		Definition: row.Definition,
		Columns:    viewColumns(row.Columns),
		Options:    row.Options,
	})
}

type materializedViewRow struct {
	viewRow
	Populated bool
	Rows      int64
	Pages     int64
	Bytes     int64
}

func (r *reader) addMaterializedView(row materializedViewRow) {
	id := catalog.ID{Kind: catalog.KindMaterializedView, Schema: row.Schema, Name: row.Name}
	r.add(classClass, row.named, id, &catalog.MaterializedView{
		Definition: row.Definition,
		Columns:    viewColumns(row.Columns),
		Options:    row.Options,
		Populated:  row.Populated,
		Size:       catalog.Size{Rows: row.Rows, Pages: row.Pages, Bytes: row.Bytes},
	})
}

func viewColumns(names []string) []catalog.ViewColumn {
	columns := make([]catalog.ViewColumn, len(names))
	for i, name := range names {
		columns[i] = catalog.ViewColumn{Name: name, Statistics: -1}
	}
	return columns
}
