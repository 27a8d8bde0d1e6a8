package ddl

import "sluice/planner/catalog"

// hostile is a name that ends a quoted identifier, a string and a comment.
const hostile = `a"b'c\d; drop table x --/*`

func in(schema string, kind catalog.Kind, name string) catalog.ID {
	return catalog.ID{Kind: kind, Schema: schema, Name: name}
}

func on(table string, kind catalog.Kind, name string) catalog.ID {
	return catalog.ID{Kind: kind, Schema: "public", Table: table, Name: name}
}

func public(name string) catalog.Name { return catalog.Name{Schema: "public", Local: name} }

var bigint = catalog.SequenceOptions{Type: "bigint", Start: 1, Increment: 1, Min: 1, Max: 9223372036854775807, Cache: 1}

func schemaSamples() []sample {
	return []sample{
		{"plain", 0, catalog.Object{ID: catalog.ID{Kind: catalog.KindSchema, Name: "billing"}, Spec: &catalog.Schema{}}},
		{"hostile, with a comment", 0, catalog.Object{
			ID: catalog.ID{Kind: catalog.KindSchema, Name: hostile}, Comment: hostile, Spec: &catalog.Schema{}}},
	}
}

func typeSamples() []sample {
	return []sample{
		{"enum", 0, catalog.Object{ID: in("public", catalog.KindType, "status"), Comment: "of an order",
			Spec: &catalog.Enum{Labels: []string{"new", "it's", hostile, ""}}}},
		{"enum without labels", 0, catalog.Object{ID: in(hostile, catalog.KindType, hostile), Spec: &catalog.Enum{}}},
		{"domain with nothing", 0, catalog.Object{ID: in("public", catalog.KindDomain, "d"), Spec: &catalog.Domain{Type: "integer"}}},
		{"domain with everything", 0, catalog.Object{ID: in("public", catalog.KindDomain, hostile), Comment: "a domain",
			Spec: &catalog.Domain{
				Type: "character varying(10)", Collation: `pg_catalog."C"`, Default: "'x'::character varying", NotNull: true,
				Checks: []catalog.DomainCheck{
					{Name: hostile, Definition: `CHECK (((VALUE)::text <> ' NOT VALID'::text))`, Comment: hostile},
					{Name: "later", Definition: "CHECK ((length((VALUE)::text) > 1)) NOT VALID"},
				}}}},
	}
}

func sequenceSamples() []sample {
	down := catalog.SequenceOptions{Type: "smallint", Start: -1, Increment: -5, Min: -32768, Max: -1, Cache: 20, Cycle: true}
	return []sample{
		{"plain", 0, catalog.Object{ID: in("public", catalog.KindSequence, "s"), Spec: &catalog.Sequence{Options: bigint}}},
		{"every option, hostile", 0, catalog.Object{ID: in(hostile, catalog.KindSequence, hostile), Comment: "downwards",
			Spec: &catalog.Sequence{Options: down, Unlogged: true,
				OwnedBy: &catalog.ColumnRef{Table: catalog.Name{Schema: hostile, Local: hostile}, Column: hostile}}}},
		{"unlogged before 15", 140000, catalog.Object{ID: in("public", catalog.KindSequence, "s"),
			Spec: &catalog.Sequence{Options: bigint, Unlogged: true}}},
	}
}

func functionSamples() []sample {
	function := in("public", catalog.KindFunction, hostile)
	function.Args = "a integer, VARIADIC b text[]"
	procedure := in("public", catalog.KindFunction, "p")
	return []sample{
		{"function, with a body that looks like one", 0, catalog.Object{ID: function, Comment: hostile, Spec: &catalog.Function{
			Language:   "sql",
			Definition: "CREATE OR REPLACE FUNCTION public.f(a integer, VARIADIC b text[])\n RETURNS text\n LANGUAGE sql\nAS $function$ select 'CREATE OR REPLACE ' $function$\n"}}},
		{"procedure", 0, catalog.Object{ID: procedure, Comment: "a procedure", Spec: &catalog.Function{
			Language: "sql", Procedure: true,
			Definition: "CREATE OR REPLACE PROCEDURE public.p()\n LANGUAGE sql\nBEGIN ATOMIC\n SELECT 1;\nEND\n"}}},
	}
}

func tableSamples() []sample {
	column := func(name, of string) catalog.Column {
		return catalog.Column{Name: name, Type: of, Statistics: -1}
	}
	everything := catalog.Table{
		Unlogged: true, RowSecurity: true, ForceRowSec: true, AccessMethod: "heap2", Tablespace: "fast",
		Options:      []string{"fillfactor=70", "autovacuum_enabled=false", `odd"name=it's`, "user_catalog_table=true"},
		ToastOptions: []string{"autovacuum_enabled=off"},
		Identity:     catalog.ReplicaIdentity{Kind: catalog.IdentityIndex, Index: hostile},
		Columns: []catalog.Column{
			{Name: "id", Type: "bigint", NotNull: true, Identity: "always", Statistics: -1,
				Sequence: &catalog.IdentitySequence{Name: public(hostile), Options: bigint}},
			{Name: "n", Type: "smallint", NotNull: true, Identity: "by default", Statistics: -1,
				Sequence: &catalog.IdentitySequence{Name: public("t_n_seq"), Options: catalog.SequenceOptions{
					Type: "smallint", Start: 7, Increment: 2, Min: 3, Max: 99, Cache: 4, Cycle: true}}},
			{Name: hostile, Type: "text", Default: "'x'::text", Collation: `pg_catalog."C"`, Storage: "external",
				Compressed: "lz4", Statistics: 0, Options: []string{"n_distinct=-0.5", "n_distinct_inherited=100"}, Comment: hostile},
			{Name: "twice", Type: "integer", Default: "(n * 2)", Generated: "stored", Statistics: -1, Comment: "generated"},
			{Name: "seen", Type: "integer", Default: "(n * 3)", Generated: "virtual", Statistics: -1},
		}}
	return []sample{
		{"no columns", 0, catalog.Object{ID: in("public", catalog.KindTable, "t"), Spec: &catalog.Table{}}},
		{"one column", 0, catalog.Object{ID: in("public", catalog.KindTable, "t"),
			Spec: &catalog.Table{Columns: []catalog.Column{column("a", "integer")}}}},
		{"everything", 0, catalog.Object{ID: in("public", catalog.KindTable, hostile), Comment: hostile, Spec: &everything}},
		{"everything before 14", 130000, catalog.Object{ID: in("public", catalog.KindTable, "t"), Spec: &everything}},
		{"toast options only, no replica identity", 0, catalog.Object{ID: in("public", catalog.KindTable, "t"),
			Spec: &catalog.Table{Columns: []catalog.Column{column("a", "text")}, ToastOptions: []string{"autovacuum_enabled=off"},
				Identity: catalog.ReplicaIdentity{Kind: catalog.IdentityNothing}}}},
		{"full replica identity", 0, catalog.Object{ID: in("public", catalog.KindTable, hostile),
			Spec: &catalog.Table{Identity: catalog.ReplicaIdentity{Kind: catalog.IdentityFull}}}},
		{"default replica identity", 0, catalog.Object{ID: in("public", catalog.KindTable, "t"),
			Spec: &catalog.Table{Identity: catalog.ReplicaIdentity{Kind: catalog.IdentityDefault}}}},
	}
}

func partitionSamples() []sample {
	columns := []catalog.Column{
		{Name: "id", Type: "bigint", NotNull: true, Statistics: -1, Inherited: true, Identity: "always"},
		{Name: hostile, Type: "timestamp with time zone", NotNull: true, Statistics: -1, Inherited: true, Comment: "when"},
	}
	return []sample{
		{"partitioned", 0, catalog.Object{ID: in("public", catalog.KindTable, "orders"), Comment: "parent", Spec: &catalog.Table{
			PartitionKey: `RANGE ("a""b'c\d; drop table x --/*", lower(id))`, Columns: columns[1:]}}},
		{"partition that is partitioned, its identity the parent's", 0, catalog.Object{ID: in(hostile, catalog.KindTable, "orders_1"), Spec: &catalog.Table{
			Of: public("orders"), Bound: "FOR VALUES FROM ('2024-01-01') TO (MAXVALUE)", PartitionKey: "LIST (id)", Columns: columns}}},
		{"partition with identity of its own", 160000, numberedPartition()},
		{"partition with identity of its own, 17", 170000, numberedPartition()},
		{"default partition with a default of its own", 0, catalog.Object{ID: in("public", catalog.KindTable, "orders_default"), Spec: &catalog.Table{
			Of: public("orders"), Bound: "DEFAULT",
			Columns: []catalog.Column{{Name: "a", Type: "integer", Default: "5", Inherited: true, Statistics: 100}}}}},
		{"unlogged and partitioned, 17", 170000, catalog.Object{ID: in("public", catalog.KindTable, "u"), Spec: &catalog.Table{
			Unlogged: true, PartitionKey: "HASH (id)", Columns: columns[:1]}}},
		{"unlogged and partitioned, 18", 180000, catalog.Object{ID: in("public", catalog.KindTable, "u"), Spec: &catalog.Table{
			Unlogged: true, PartitionKey: "HASH (id)", Columns: columns[:1]}}},
	}
}

func inheritSamples() []sample {
	sequence := &catalog.IdentitySequence{Name: public("child_i_seq"), Options: bigint}
	return []sample{
		{"columns from two parents, with defaults and identity of its own", 0, catalog.Object{ID: in("public", catalog.KindTable, "child"), Spec: &catalog.Table{
			Inherits: []catalog.Name{public("parent"), {Schema: hostile, Local: hostile}},
			Options:  []string{"fillfactor=50"},
			Columns: []catalog.Column{
				{Name: "a", Type: "integer", NotNull: true, Inherited: true, Statistics: -1},
				{Name: "same", Type: "integer", NotNull: true, Inherited: true, NotNullInherited: true, Statistics: -1},
				{Name: "b", Type: "text", Default: "'child'::text", Inherited: true, Storage: "external", Statistics: -1},
				{Name: "g", Type: "integer", Default: "(a + 1)", Generated: "stored", Inherited: true, Statistics: -1},
				{Name: "i", Type: "bigint", NotNull: true, Identity: "always", Sequence: sequence, Inherited: true, Statistics: -1},
				{Name: "own", Type: "integer", NotNull: true, Statistics: -1},
				{Name: "own_default", Type: "integer", Default: "1", Statistics: -1},
			}}}},
		{"nothing of its own", 0, catalog.Object{ID: in("public", catalog.KindTable, "child"), Spec: &catalog.Table{
			Inherits: []catalog.Name{public("parent")},
			Columns:  []catalog.Column{{Name: "a", Type: "integer", Inherited: true, Statistics: -1}}}}},
		{"every column declared in the child: made a child afterwards", 0, catalog.Object{ID: in("public", catalog.KindTable, "child"), Spec: &catalog.Table{
			Inherits: []catalog.Name{public("parent"), public("other")},
			Columns:  []catalog.Column{{Name: "a", Type: "integer", Statistics: -1}}}}},
	}
}

func indexSamples() []sample {
	return []sample{
		{"plain", 0, catalog.Object{ID: in("public", catalog.KindIndex, "i"), Comment: "an index", Spec: &catalog.Index{
			Table: public("t"), Definition: "CREATE UNIQUE INDEX i ON public.t USING btree (a)", Unique: true, Valid: true}}},
		{"attached", 0, catalog.Object{ID: in("public", catalog.KindIndex, hostile), Comment: hostile, Spec: &catalog.Index{
			Table: public("t_1"), Definition: "CREATE INDEX t_1_i ON public.t_1 USING btree (a)", Of: catalog.Name{Schema: hostile, Local: "i"}, Valid: true}}},
		{"clustered", 0, catalog.Object{ID: in("public", catalog.KindIndex, hostile), Spec: &catalog.Index{
			Table: public(hostile), Definition: "CREATE INDEX i ON public.t USING btree (a)", Clustered: true, Valid: true}}},
		{"clustered, on a materialised view", 0, catalog.Object{ID: in("public", catalog.KindIndex, "i"), Spec: &catalog.Index{
			Table: public("m"), Definition: "CREATE INDEX i ON public.m USING btree (a)", Clustered: true, OnMaterialized: true, Valid: true}}},
	}
}

func constraintSamples() []sample {
	key := func(name string, spec catalog.Constraint) catalog.Object {
		kind := catalog.KindConstraint
		if spec.Type == catalog.ForeignKey {
			kind = catalog.KindForeignKey
		}
		return catalog.Object{ID: on("t", kind, name), Spec: &spec}
	}
	commented := key(hostile, catalog.Constraint{Type: catalog.Check, Definition: "CHECK ((a > 0))", Valid: true})
	commented.Comment = hostile
	return []sample{
		{"primary key", 0, key("t_pkey", catalog.Constraint{Type: catalog.PrimaryKey, Definition: "PRIMARY KEY (id)", Valid: true, Clustered: true})},
		{"key of a partition", 0, key(hostile, catalog.Constraint{Type: catalog.PrimaryKey, Definition: "PRIMARY KEY (id)", Valid: true,
			Inherited: true, Of: catalog.Name{Schema: hostile, Local: "p"}})},
		{"key with storage parameters", 0, key("u", catalog.Constraint{Type: catalog.Unique, Definition: "UNIQUE (a) INCLUDE (b)", Valid: true,
			Options: []string{"fillfactor=70"}})},
		{"deferrable key with storage parameters and a column of that name", 0, key("u", catalog.Constraint{Type: catalog.Unique, Valid: true,
			Definition: `UNIQUE ("x DEFERRABLE") DEFERRABLE INITIALLY DEFERRED`, Deferrable: true, Options: []string{"fillfactor=70"}})},
		{"key that takes every clause", 0, key(hostile, catalog.Constraint{Type: catalog.Unique, Valid: true,
			Definition: `UNIQUE NULLS NOT DISTINCT (a, ") DEFERRABLE (") INCLUDE (b) DEFERRABLE`, Deferrable: true,
			Options: []string{"fillfactor=70"}, Tablespace: hostile})},
		{"key of a partitioned table", 0, key("p", catalog.Constraint{Type: catalog.PrimaryKey, Definition: "PRIMARY KEY (id)", Valid: true, Partitioned: true})},
		{"primary key of a partition, on 18", 0, key("p", catalog.Constraint{Type: catalog.PrimaryKey, Definition: "PRIMARY KEY (id)", Valid: true, Below: true})},
		{"primary key of a partition, before 18", 170000, key("p", catalog.Constraint{Type: catalog.PrimaryKey, Definition: "PRIMARY KEY (id)", Valid: true, Below: true})},
		{"key of periods", 0, key("p", catalog.Constraint{Type: catalog.PrimaryKey, Definition: "PRIMARY KEY (id, during WITHOUT OVERLAPS)", Valid: true,
			Options: []string{"fillfactor=70"}, Tablespace: "fast"})},
		{"exclusion", 0, key("x", catalog.Constraint{Type: catalog.Exclusion, Valid: true,
			Definition: "EXCLUDE USING gist (during WITH &&) WITH (fillfactor='70') WHERE ((a > 0))"})},
		{"check with a comment", 0, commented},
		{"check that is not valid", 0, key("c", catalog.Constraint{Type: catalog.Check, Definition: "CHECK ((a > 0)) NOT VALID"})},
		{"foreign key", 0, key(hostile, catalog.Constraint{Type: catalog.ForeignKey, Valid: true, References: public("o"),
			Definition: "FOREIGN KEY (a) REFERENCES public.o(id) DEFERRABLE INITIALLY DEFERRED", Deferrable: true})},
		{"foreign key that is not valid", 0, key("f", catalog.Constraint{Type: catalog.ForeignKey, References: public("o"),
			Definition: "FOREIGN KEY (a) REFERENCES public.o(id) NOT VALID"})},
		{"foreign key to a partitioned table", 0, key("f", catalog.Constraint{Type: catalog.ForeignKey, Valid: true, References: public("o"),
			Definition: "FOREIGN KEY (a) REFERENCES public.o(id)", ReferencesPartitioned: true})},
		{"foreign key of a partitioned table", 0, key("f", catalog.Constraint{Type: catalog.ForeignKey, Valid: true, References: public("o"),
			Definition: "FOREIGN KEY (a) REFERENCES public.o(id)", Partitioned: true})},
	}
}

func triggerSamples() []sample {
	trigger := func(about, enabled string) sample {
		return sample{about, 0, catalog.Object{ID: on(hostile, catalog.KindTrigger, hostile), Comment: hostile, Spec: &catalog.Trigger{
			Definition: "CREATE TRIGGER t BEFORE UPDATE ON public.t FOR EACH ROW EXECUTE FUNCTION public.f()", Enabled: enabled}}}
	}
	return []sample{
		trigger("as usual", "origin"), trigger("disabled", "disabled"), trigger("for replicas", "replica"), trigger("always", "always"),
	}
}

func noneSamples() []sample {
	return []sample{
		{"not carried over", 0, catalog.Object{ID: in("public", "aggregate", "a"), Spec: &catalog.Unsupported{Reason: "aggregate"}}},
		{"check that comes with the parent's", 0, catalog.Object{ID: on("t", catalog.KindConstraint, "c"),
			Spec: &catalog.Constraint{Type: catalog.Check, Definition: "CHECK ((a > 0))", Inherited: true}}},
		{"foreign key that comes with the parent's", 0, catalog.Object{ID: on("t", catalog.KindForeignKey, "f"),
			Spec: &catalog.Constraint{Type: catalog.ForeignKey, Definition: "FOREIGN KEY (a) REFERENCES public.o(id)", Inherited: true}}},
	}
}
