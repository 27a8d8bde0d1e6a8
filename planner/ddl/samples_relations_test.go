package ddl

import "sluice/planner/catalog"

func viewSamples() []sample {
	return []sample{
		{"view", 0, catalog.Object{ID: in("public", catalog.KindView, hostile), Comment: "a view", Spec: &catalog.View{
			Definition: " SELECT 1 AS a,\n    ';'::text AS b;", Columns: viewColumns("a", hostile),
			Options: []string{"security_barrier=true", "check_option=local"}}}},
		{"view without columns", 0, catalog.Object{ID: in("public", catalog.KindView, "v"), Spec: &catalog.View{Definition: " SELECT;"}}},
		{"columns with defaults and comments", 0, catalog.Object{ID: in("public", catalog.KindView, "v"), Comment: "a view", Spec: &catalog.View{
			Definition: " SELECT 1 AS a,\n    'x'::text AS b;", Columns: []catalog.ViewColumn{
				{Name: "a", Type: "integer", Default: "nextval('public.s'::regclass)", Statistics: -1},
				{Name: hostile, Type: "text", Collation: `pg_catalog."C"`, Default: "'it''s'::text", Comment: hostile, Statistics: -1},
			}}}},
		{"materialised view", 0, catalog.Object{ID: in("public", catalog.KindMaterializedView, "m"), Comment: hostile, Spec: &catalog.MaterializedView{
			Definition: " SELECT 1 AS a;", Columns: viewColumns("a"), Options: []string{"fillfactor=90"}, Populated: true}}},
		{"materialised view with everything", 0, materialized()},
		{"materialised view with everything, before 14", 130000, materialized()},
	}
}

func typedSamples() []sample {
	columns := func(of string) []catalog.Column {
		return []catalog.Column{
			{Name: "a", Type: "integer", Statistics: -1},
			{Name: hostile, Type: of, Default: "1", NotNull: true, Statistics: 7, Storage: "plain", Comment: hostile},
		}
	}
	return []sample{
		{"nothing of its own", 0, catalog.Object{ID: in("public", catalog.KindTable, "t"), Spec: &catalog.Table{
			Type: public("pair"), Columns: columns("integer")[:1]}}},
		{"a column with something of its own, partitioned", 0, catalog.Object{ID: in("public", catalog.KindTable, "t"), Spec: &catalog.Table{
			Type: catalog.Name{Schema: hostile, Local: hostile}, PartitionKey: "LIST (a)", Columns: columns("integer")}}},
	}
}

func materialized() catalog.Object {
	return catalog.Object{ID: in("public", catalog.KindMaterializedView, hostile), Spec: &catalog.MaterializedView{
		Definition: " SELECT 1 AS a,\n    'x'::text AS b;", AccessMethod: hostile, Tablespace: hostile,
		Options: []string{"autovacuum_enabled=false"}, ToastOptions: []string{"autovacuum_vacuum_threshold=7"},
		Columns: []catalog.ViewColumn{
			{Name: "a", Type: "integer", Statistics: 0, Options: []string{"n_distinct=-0.5"}, Comment: "a number"},
			{Name: hostile, Type: "text", Statistics: -1, Storage: "external", Compressed: "lz4"},
		}}}
}

func viewColumns(names ...string) []catalog.ViewColumn {
	columns := make([]catalog.ViewColumn, len(names))
	for i, name := range names {
		columns[i] = catalog.ViewColumn{Name: name, Type: "integer", Statistics: -1}
	}
	return columns
}
