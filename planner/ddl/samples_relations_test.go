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

func numberedPartition() catalog.Object {
	return catalog.Object{ID: in("public", catalog.KindTable, "orders_1"), Spec: &catalog.Table{
		Of: public("orders"), Bound: "DEFAULT", Columns: []catalog.Column{
			{Name: "id", Type: "bigint", NotNull: true, Identity: "always", Statistics: -1, Inherited: true,
				Sequence: &catalog.IdentitySequence{Name: public("orders_1_id_seq"), Options: bigint}}}}}
}

func patchworkSamples() []sample {
	columns := []catalog.Column{
		{Name: "a", Type: "integer", NotNull: true, Inherited: true, NotNullInherited: true, Statistics: -1},
		{Name: "own", Type: "integer", NotNull: true, Default: "1", Statistics: -1, Storage: "plain"},
		{Name: hostile, Type: "text", Collation: `pg_catalog."C"`, Default: "'x'::text", NotNull: true, Inherited: true, Statistics: -1, Comment: hostile},
		{Name: "g", Type: "integer", Default: "(a * 2)", Generated: "stored", Inherited: true, Statistics: -1},
		{Name: "named", Type: "integer", NotNull: true, NotNullInherited: true, NotNullName: hostile, Inherited: true, Statistics: 7},
	}
	return []sample{
		{"the child's own column stands before the parents' late ones", 0, catalog.Object{ID: in("public", catalog.KindTable, hostile), Comment: hostile,
			Spec: &catalog.Table{Inherits: []catalog.Name{public("parent"), {Schema: hostile, Local: hostile}}, Patchwork: true, Columns: columns, Options: []string{"fillfactor=50"}}}},
		{"foreign", 0, catalog.Object{ID: in("public", catalog.KindForeignTable, "child"), Spec: &catalog.ForeignTable{Server: "s",
			Table: catalog.Table{Inherits: []catalog.Name{public("parent")}, Patchwork: true, Columns: columns[:2]}}}},
		{"every column declared in the child", 0, catalog.Object{ID: in("public", catalog.KindTable, "child"), Spec: &catalog.Table{
			Inherits: []catalog.Name{public("parent")}, Patchwork: true, Columns: columns[1:2]}}},
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

func foreignSamples() []sample {
	wrapper := func(name string, spec catalog.Wrapper) catalog.Object {
		return catalog.Object{ID: catalog.ID{Kind: catalog.KindWrapper, Name: name}, Comment: name, Spec: &spec}
	}
	server := func(name string, spec catalog.ForeignServer) catalog.Object {
		return catalog.Object{ID: catalog.ID{Kind: catalog.KindServer, Name: name}, Comment: name, Spec: &spec}
	}
	mapping := func(role, server string, options ...string) catalog.Object {
		return catalog.Object{ID: catalog.ID{Kind: catalog.KindUserMapping, Name: role, Args: server}, Spec: &catalog.UserMapping{Options: options}}
	}
	columns := []catalog.Column{
		{Name: "a", Type: "integer", NotNull: true, Statistics: -1, Inherited: true, Fetch: []string{"column_name=A"}},
		{Name: hostile, Type: "text", Collation: `pg_catalog."C"`, Default: "'x'::text", Statistics: 7, Fetch: []string{hostile + "=" + hostile, "empty="}, Comment: hostile},
		{Name: "g", Type: "text", Default: "'x'::text", Generated: "stored", Statistics: -1},
	}
	table := func(spec catalog.ForeignTable) catalog.Object {
		return catalog.Object{ID: in("public", catalog.KindForeignTable, hostile), Comment: hostile, Spec: &spec}
	}
	return []sample{
		{"wrapper that is a name only", 0, wrapper("w", catalog.Wrapper{})},
		{"wrapper with everything", 0, wrapper(hostile, catalog.Wrapper{Handler: `"afar"."handler"`, Validator: `"pg_catalog"."postgresql_fdw_validator"`,
			Options: []string{"host=it's", "UPPER=a=b", hostile + "=" + hostile}, Secrets: []string{"password"}})},
		{"server", 0, server("s", catalog.ForeignServer{Wrapper: "w"})},
		{"server with everything", 0, server(hostile, catalog.ForeignServer{Wrapper: hostile, Type: hostile, Version: hostile, Options: []string{"port=5432"}})},
		{"user mapping of the public", 0, mapping("public", "s")},
		{"user mapping of a role", 0, mapping(hostile, hostile, "user="+hostile)},
		{"foreign table without columns", 0, table(catalog.ForeignTable{Server: "s"})},
		{"foreign table", 0, table(catalog.ForeignTable{Server: hostile, Fetch: []string{"table_name=" + hostile}, Table: catalog.Table{Columns: columns[1:]}})},
		{"partition", 0, table(catalog.ForeignTable{Server: "s", Table: catalog.Table{Columns: columns, Of: public("p"), Bound: "DEFAULT"}})},
		{"child", 0, table(catalog.ForeignTable{Server: "s", Table: catalog.Table{Columns: columns, Inherits: []catalog.Name{public("p")}}})},
		{"child that declares all itself", 0, table(catalog.ForeignTable{Server: "s", Table: catalog.Table{Columns: columns[1:2], Inherits: []catalog.Name{public("p")}}})},
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
