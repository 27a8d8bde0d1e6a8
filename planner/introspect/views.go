package introspect

import "sluice/planner/catalog"

type viewRow struct {
	named
	Definition string
	Options    []string
}

func (r *reader) addView(row viewRow) {
	id := catalog.ID{Kind: catalog.KindView, Schema: row.Schema, Name: row.Name}
	view := &catalog.View{Definition: row.Definition, Options: row.Options}
	r.views[row.OID] = &view.Columns
	r.add(classClass, row.named, id, view)
}

type materializedViewRow struct {
	viewRow
	ToastOptions []string
	AccessMethod string
	Tablespace   string
	Populated    bool
	Rows         int64
	Pages        int64
	Bytes        int64
}

func (r *reader) addMaterializedView(row materializedViewRow) {
	id := catalog.ID{Kind: catalog.KindMaterializedView, Schema: row.Schema, Name: row.Name}
	view := &catalog.MaterializedView{
		Definition:   row.Definition,
		Options:      row.Options,
		ToastOptions: row.ToastOptions,
		AccessMethod: row.AccessMethod,
		Tablespace:   row.Tablespace,
		Populated:    row.Populated,
		Size:         catalog.Size{Rows: row.Rows, Pages: row.Pages, Bytes: row.Bytes},
	}
	r.views[row.OID] = &view.Columns
	r.add(classClass, row.named, id, view)
}

type viewColumnRow struct {
	Relation        uint32
	Name            string
	Type            string
	CollationSchema string
	CollationName   string
	Default         string
	Storage         string
	Compression     string
	Statistics      int
	Options         []string
	Comment         string
}

func (r *reader) addViewColumn(row viewColumnRow) {
	columns := r.views[row.Relation]
	if columns == nil { // of an extension
		return
	}
	*columns = append(*columns, catalog.ViewColumn{
		Name:       row.Name,
		Type:       row.Type,
		Collation:  quoted(row.CollationSchema, row.CollationName),
		Default:    row.Default,
		Storage:    storageWords[row.Storage],
		Compressed: compressionWords[row.Compression],
		Statistics: row.Statistics,
		Options:    row.Options,
		Comment:    row.Comment,
	})
}
