package ddl

import "sluice/planner/catalog"

func createIndex(o *catalog.Object, index *catalog.Index) []string {
	definition := index.Definition
	if index.Tablespace != "" { // of which pg_get_indexdef says nothing
		definition = insert(definition, " tablespace "+catalog.Quote(index.Tablespace), "WHERE ")
	}
	statements := []string{definition}
	statements = append(statements, attachIndex(index.Of, o.ID.Qualified())...)
	statements = append(statements, indexStatistics(o.ID.Qualified(), index.Statistics)...)
	if index.Clustered {
		statements = append(statements, cluster(index.Table, index.OnMaterialized, o.ID.Name))
	}
	return commented(o, statements...)
}

// Attach returns the statement that attaches an index, or a key's, to the one on
// the partitioned table above; empty where there is none. Create has it already.
func Attach(o *catalog.Object) string {
	var of catalog.Name
	switch spec := o.Spec.(type) {
	case *catalog.Index:
		of = spec.Of
	case *catalog.Constraint:
		of = spec.Of
	}
	if of == (catalog.Name{}) {
		return ""
	}
	return attachIndex(of, o.ID.Qualified())[0]
}

// attachIndex makes an index a part of that on the partitioned table.
func attachIndex(parent, index catalog.Name) []string {
	if parent == (catalog.Name{}) {
		return nil
	}
	return []string{"alter index " + parent.SQL() + " attach partition " + index.SQL()}
}

// cluster only marks the index: no row moves.
func cluster(relation catalog.Name, materialized bool, index string) string {
	kind := "table "
	if materialized {
		kind = "materialized view "
	}
	return "alter " + kind + relation.SQL() + " cluster on " + catalog.Quote(index)
}
