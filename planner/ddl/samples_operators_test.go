package ddl

import "sluice/planner/catalog"

func withArgs(id catalog.ID, args string) catalog.ID {
	id.Args = args
	return id
}

func aggregateSamples() []sample {
	text := func(s string) *string { return &s }
	everything := withArgs(in(hostile, catalog.KindAggregate, hostile), "a integer")
	ranked := withArgs(in("public", catalog.KindAggregate, "ranked"), `VARIADIC "any" ORDER BY VARIADIC "any"`)
	return []sample{
		{"with nothing, of nothing", 0, catalog.Object{ID: in("public", catalog.KindAggregate, "a"), Comment: hostile, Spec: &catalog.Aggregate{
			Kind: "normal", Transition: `"pg_catalog"."int8inc"`, StateType: "bigint"}}},
		{"everything", 0, catalog.Object{ID: everything, Comment: "an aggregate", Spec: &catalog.Aggregate{
			Args: "a integer", Kind: "normal", Transition: public(hostile).SQL(), StateType: "integer", StateSize: 9,
			Final: public("final").SQL(), FinalExtra: true, FinalModify: "shareable", Combine: public("combine").SQL(),
			Serial: public("serial").SQL(), Deserial: public("deserial").SQL(), Initial: text(hostile),
			MovingTransition: public("add").SQL(), MovingInverse: public("subtract").SQL(), MovingStateType: "bigint", MovingStateSize: 8,
			MovingFinal: public("finish").SQL(), MovingExtra: true, MovingModify: "read_write", MovingInitial: text(""),
			SortOperator: `operator("pg_catalog".<)`, Parallel: "safe"}}},
		{"hypothetical", 0, catalog.Object{ID: ranked, Comment: "a rank", Spec: &catalog.Aggregate{
			Args: ranked.Args, Kind: "hypothetical", Transition: `"pg_catalog"."ordered_set_transition_multi"`, StateType: "internal",
			Final: `"pg_catalog"."rank_final"`, FinalExtra: true}}},
	}
}

func operatorSamples() []sample {
	operator := func(name, args string) catalog.ID { return withArgs(in(hostile, catalog.KindOperator, name), args) }
	return []sample{
		{"prefix", 0, catalog.Object{ID: operator("##", "NONE, integer"), Comment: hostile,
			Spec: &catalog.Operator{Right: "integer", Function: public(hostile).SQL()}}},
		{"postfix, from before 14", 0, catalog.Object{ID: operator("!!", "integer, NONE"),
			Spec: &catalog.Operator{Left: "integer", Function: public("f").SQL()}}},
		{"everything", 0, catalog.Object{ID: operator("===", "integer, text"), Spec: &catalog.Operator{
			Left: "integer", Right: "text", Function: public("same").SQL(), Commutator: `operator("public".===)`,
			Negator: `operator("other".<>)`, Restrict: `"pg_catalog"."eqsel"`, Join: `"pg_catalog"."eqjoinsel"`, Hashes: true, Merges: true}}},
	}
}

func operatorClassSamples() []sample {
	family := withArgs(in("public", catalog.KindOperatorFamily, "f"), "btree")
	class := withArgs(in(hostile, catalog.KindOperatorClass, hostile), "gist")
	return []sample{
		{"family", 0, catalog.Object{ID: family, Comment: hostile, Spec: &catalog.OperatorFamily{Method: "btree"}}},
		{"family with loose members", 0, catalog.Object{ID: withArgs(in(hostile, catalog.KindOperatorFamily, hostile), hostile),
			Spec: &catalog.OperatorFamily{Method: hostile, Members: []string{
				`operator 1 "pg_catalog".< (integer, bigint)`, `function 1 (integer, bigint) "pg_catalog"."btint48cmp"(integer, bigint)`}}}},
		{"class", 0, catalog.Object{ID: class, Comment: hostile, Spec: &catalog.OperatorClass{
			Method: "gist", Type: "point", Default: true, Family: public(hostile), Storage: "box", Members: []string{
				`operator 15 "pg_catalog".<-> (point, point) for order by "pg_catalog"."float_ops"`,
				`function 1 (point, point) "pg_catalog"."gist_point_consistent"(internal, point, smallint, oid, internal)`}}}},
		{"class whose members are all loose", 0, catalog.Object{ID: withArgs(in("public", catalog.KindOperatorClass, "c"), "spgist"),
			Spec: &catalog.OperatorClass{Method: "spgist", Type: "text", Family: public("f")}}},
	}
}

func statisticsSamples() []sample {
	return []sample{
		{"plain", 0, catalog.Object{ID: in("public", catalog.KindStatistics, "s"), Spec: &catalog.Statistics{
			Table: public("t"), Definition: "CREATE STATISTICS public.s (mcv) ON a, b FROM public.t", Target: -1}}},
		{"with a target", 0, catalog.Object{ID: in(hostile, catalog.KindStatistics, hostile), Comment: hostile, Spec: &catalog.Statistics{
			Table: public("t"), Definition: "CREATE STATISTICS public.s ON (a + b) FROM public.t", Target: 0}}},
	}
}

func ruleSamples() []sample {
	rule := func(about, enabled string) sample {
		return sample{about, 0, catalog.Object{ID: on(hostile, catalog.KindRule, hostile), Comment: hostile, Spec: &catalog.Rule{
			Definition: "CREATE RULE r AS\n    ON DELETE TO public.t DO ( SELECT ';'::text;\n SELECT 2;\n);", Enabled: enabled}}}
	}
	return []sample{
		rule("as usual", "origin"), rule("disabled", "disabled"), rule("for replicas", "replica"), rule("always", "always"),
	}
}

func policySamples() []sample {
	return []sample{
		{"with nothing", 0, catalog.Object{ID: on("t", catalog.KindPolicy, "p"), Spec: &catalog.Policy{Command: "all", Permissive: true}}},
		{"with everything", 0, catalog.Object{ID: on(hostile, catalog.KindPolicy, hostile), Comment: hostile, Spec: &catalog.Policy{
			Command: "update", Roles: []string{hostile, "reader"}, Using: "(a > 0)", Check: "(a < 9)"}}},
	}
}

func notNullSamples() []sample {
	columns := []catalog.Column{
		{Name: "a", Type: "integer", NotNull: true, NotNullName: hostile, NotNullComment: hostile, Statistics: -1, Comment: "a column"},
		{Name: "b", Type: "integer", NotNull: true, NotNullNoInherit: true, Statistics: -1},
		{Name: "c", Type: "integer", NotNull: true, Statistics: -1},
		{Name: "d", Type: "integer", NotNull: true, NotNullInherited: true, NotNullName: "parents", NotNullComment: "the child's", Statistics: -1},
	}
	child := make([]catalog.Column, len(columns))
	for i, c := range columns {
		c.Inherited = true
		child[i] = c
	}
	return []sample{
		{"named, not inherited, plain", 0, catalog.Object{ID: in("public", catalog.KindTable, "t"), Spec: &catalog.Table{Columns: columns[:3]}}},
		{"of inherited columns", 0, catalog.Object{ID: in("public", catalog.KindTable, "t"),
			Spec: &catalog.Table{Columns: child, Inherits: []catalog.Name{public("parent")}}}},
		{"not valid", 0, catalog.Object{ID: on("t", catalog.KindConstraint, hostile), Comment: hostile,
			Spec: &catalog.Constraint{Type: catalog.NotNull, Definition: "NOT NULL a NOT VALID"}}},
		{"valid where the parent's is not", 0, catalog.Object{ID: on("t", catalog.KindConstraint, hostile), Comment: hostile,
			Spec: &catalog.Constraint{Type: catalog.NotNull, Definition: "NOT NULL a", Valid: true, Validated: true, Inherited: true}}},
	}
}

func detailSamples() []sample {
	key := func(spec catalog.Constraint) catalog.Object {
		return catalog.Object{ID: on("t", catalog.KindConstraint, hostile), Spec: &spec}
	}
	extended := func(id catalog.ID, spec catalog.Spec) catalog.Object {
		return catalog.Object{ID: id, Extensions: []string{"citext", hostile}, Spec: spec}
	}
	inherited := key(catalog.Constraint{Type: catalog.Check, Definition: "CHECK ((a > 0))", Inherited: true, Valid: true})
	inherited.Comment = hostile
	return []sample{
		{"index with a tablespace, and the same words in names", 0, catalog.Object{ID: in("public", catalog.KindIndex, "i"), Spec: &catalog.Index{
			Table: public("t"), Tablespace: hostile, Statistics: []catalog.IndexStatistics{{Column: 1, Target: 0}, {Column: 3, Target: 500}},
			Definition: `CREATE INDEX i ON public." WHERE " USING btree (((a || ' WHERE '::text)), "x"" WHERE ") WITH (fillfactor='70') WHERE (b = E'\\'' WHERE '::text)`}}},
		{"index with a tablespace, of all rows", 0, catalog.Object{ID: in("public", catalog.KindIndex, "i"), Spec: &catalog.Index{
			Table: public("t"), Tablespace: "fast", Definition: "CREATE INDEX i ON public.t USING btree (a)"}}},
		{"key with a tablespace", 0, key(catalog.Constraint{Type: catalog.PrimaryKey, Definition: `PRIMARY KEY (" DEFERRABLE") INCLUDE (b) DEFERRABLE`,
			Valid: true, Deferrable: true, Tablespace: hostile, Options: []string{"fillfactor=70"}, IndexComment: hostile})},
		{"exclusion with a tablespace", 0, key(catalog.Constraint{Type: catalog.Exclusion, Valid: true, Tablespace: "fast",
			Definition: "EXCLUDE USING gist (box(a, b) WITH &&) WITH (fillfactor='70') WHERE ((a > 0)) DEFERRABLE INITIALLY DEFERRED",
			Statistics: []catalog.IndexStatistics{{Column: 1, Target: 9}}})},
		{"inherited check with a comment", 0, inherited},
		{"trigger with other copies", 0, catalog.Object{ID: on("t", catalog.KindTrigger, hostile), Spec: &catalog.Trigger{
			Definition: "CREATE TRIGGER t AFTER INSERT ON public.t FOR EACH ROW EXECUTE FUNCTION public.f()", Enabled: "always",
			Below: []catalog.PartitionTrigger{{Table: public("t_1"), Enabled: "origin"}, {Table: public(hostile), Enabled: "disabled"}}}}},
		{"key that goes with extensions", 0, extended(on("t", catalog.KindConstraint, "k"),
			&catalog.Constraint{Type: catalog.Unique, Definition: "UNIQUE (a)", Valid: true})},
		{"trigger that goes with extensions", 0, extended(on("t", catalog.KindTrigger, "tr"), &catalog.Trigger{
			Definition: "CREATE TRIGGER tr AFTER INSERT ON public.t EXECUTE FUNCTION public.f()", Enabled: "origin"})},
		{"materialised view that goes with extensions", 0, extended(in("public", catalog.KindMaterializedView, "m"),
			&catalog.MaterializedView{Definition: " SELECT 1 AS a;"})},
	}
}
