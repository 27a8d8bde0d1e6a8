package planner

import (
	"slices"
	"strings"

	"sluice/planner/catalog"
	"sluice/state"
)

// Constructors for catalogs of a few lines. Objects are changed by the case that
// needs them otherwise.

func named(schema, local string) catalog.Name { return catalog.Name{Schema: schema, Local: local} }

func in(kind catalog.Kind, local string) catalog.ID {
	return catalog.ID{Kind: kind, Schema: "public", Name: local}
}

func on(kind catalog.Kind, table, local string) catalog.ID {
	return catalog.ID{Kind: kind, Schema: "public", Table: table, Name: local}
}

func schema(name string) catalog.Object {
	o := catalog.Object{ID: catalog.ID{Kind: catalog.KindSchema, Name: name}, Spec: &catalog.Schema{}}
	if name == "public" {
		o.Comment, o.Spec = "standard public schema", &catalog.Schema{OwnedAsMade: true}
	}
	return o
}

// table has a column id bigint that chunks can be cut by, and text columns.
func table(name string, columns ...string) catalog.Object {
	spec := &catalog.Table{
		Columns:  []catalog.Column{{Name: "id", Number: 1, Type: "bigint", NotNull: true, Stable: true, Ordered: true, Statistics: -1}},
		Identity: catalog.ReplicaIdentity{Kind: catalog.IdentityDefault},
		Size:     catalog.Size{Rows: 1000, Pages: 10, Bytes: 80 << 10},
		Access:   catalog.Access{Select: true, Owner: true},
	}
	for _, c := range columns {
		spec.Columns = append(spec.Columns, catalog.Column{Name: c, Number: int16(len(spec.Columns) + 1), Type: "text", Stable: true, Statistics: -1})
	}
	return catalog.Object{ID: in(catalog.KindTable, name), Owner: "shop", Spec: spec}
}

func primaryKey(table string, columns ...string) catalog.Object {
	return catalog.Object{
		ID:      on(catalog.KindConstraint, table, table+"_pkey"),
		Depends: []catalog.ID{in(catalog.KindTable, table)},
		Spec: &catalog.Constraint{Type: catalog.PrimaryKey, Columns: columns, Valid: true, Index: table + "_pkey",
			Definition: "PRIMARY KEY (" + strings.Join(columns, ", ") + ")"},
	}
}

func unique(table, column string) catalog.Object {
	name := table + "_" + column + "_key"
	return catalog.Object{
		ID: on(catalog.KindConstraint, table, name),
		Spec: &catalog.Constraint{Type: catalog.Unique, Columns: []string{column}, Valid: true, Index: name,
			Definition: "UNIQUE (" + column + ")"},
	}
}

func foreignKey(table, column, references string) catalog.Object {
	return catalog.Object{
		ID:      on(catalog.KindForeignKey, table, table+"_"+column+"_fkey"),
		Depends: []catalog.ID{in(catalog.KindTable, table), in(catalog.KindTable, references)},
		Spec: &catalog.Constraint{Type: catalog.ForeignKey, Columns: []string{column}, Valid: true,
			References: named("public", references), Definition: "FOREIGN KEY (" + column + ") REFERENCES public." + references + "(id)"},
	}
}

func index(table, name string) catalog.Object {
	return catalog.Object{
		ID: in(catalog.KindIndex, name),
		Spec: &catalog.Index{Table: named("public", table), Valid: true, Bytes: 16 << 10,
			Definition: "CREATE INDEX " + name + " ON public." + table + " USING btree (id)"},
	}
}

func sequence(name, table, column string) catalog.Object {
	return catalog.Object{
		ID: in(catalog.KindSequence, name),
		Spec: &catalog.Sequence{OwnedBy: &catalog.ColumnRef{Table: named("public", table), Column: column},
			Options: catalog.SequenceOptions{Type: "bigint", Start: 1, Increment: 1, Min: 1, Max: 9223372036854775807, Cache: 1}},
	}
}

func enum(name string, labels ...string) catalog.Object {
	return catalog.Object{ID: in(catalog.KindType, name), Spec: &catalog.Enum{Labels: labels}}
}

func function(name string) catalog.Object {
	return catalog.Object{ID: in(catalog.KindFunction, name), Spec: &catalog.Function{Language: "plpgsql",
		Definition: "CREATE OR REPLACE FUNCTION public." + name + "()\n RETURNS trigger\n LANGUAGE plpgsql\nAS $function$begin return new; end$function$\n"}}
}

func trigger(table, name, function string) catalog.Object {
	return catalog.Object{
		ID: on(catalog.KindTrigger, table, name),
		Spec: &catalog.Trigger{Enabled: "origin", Function: in(catalog.KindFunction, function),
			Definition: "CREATE TRIGGER " + name + " BEFORE UPDATE ON public." + table + " FOR EACH ROW EXECUTE FUNCTION public." + function + "()"},
	}
}

func view(name string, depends ...catalog.ID) catalog.Object {
	return catalog.Object{ID: in(catalog.KindView, name), Depends: depends, Spec: &catalog.View{Definition: " SELECT 1;", Columns: viewColumns("n")}}
}

func materialized(name string, depends ...catalog.ID) catalog.Object {
	return catalog.Object{ID: in(catalog.KindMaterializedView, name), Depends: depends,
		Spec: &catalog.MaterializedView{Definition: " SELECT 1;", Columns: viewColumns("n"), Populated: true}}
}

func unsupported(kind catalog.Kind, schema, name, reason, code string) catalog.Object {
	return catalog.Object{ID: catalog.ID{Kind: kind, Schema: schema, Name: name}, Spec: &catalog.Unsupported{Reason: reason, Code: code}}
}

func tableSpec(c *catalog.Catalog, name string) *catalog.Table {
	return c.Find(in(catalog.KindTable, name)).Spec.(*catalog.Table)
}

// with returns a catalog of the objects, sorted.
func with(server catalog.Server, objects ...catalog.Object) *catalog.Catalog {
	c := &catalog.Catalog{Server: server, Objects: objects}
	slices.SortFunc(c.Objects, func(a, b catalog.Object) int { return catalog.Compare(a.ID, b.ID) })
	return c
}

func sourceServer() catalog.Server {
	return catalog.Server{
		Version: 140009, VersionText: "14.9", SystemIdentifier: "7000000000000000001", Database: "shop", Bytes: 42 << 30,
		Encoding: "UTF8", Collate: "C.UTF-8", Ctype: "C.UTF-8", User: "migrator",
		Replication: true, CreateOn: true, Temporary: true, DatabaseOwner: true,
		Settings: map[string]string{"wal_level": "logical", "max_replication_slots": "10", "max_wal_senders": "10", "max_slot_wal_keep_size": "-1"},
	}
}

func targetServer() catalog.Server {
	s := sourceServer()
	s.Version, s.VersionText, s.SystemIdentifier, s.Database, s.Bytes = 160004, "16.4", "7000000000000000002", "shop_prod", 8<<20
	s.MayReplicaRole = true
	s.Schemas = []string{"public"}
	return s
}

// shop is a source in which most kinds of objects and dependencies occur.
func shop() *catalog.Catalog {
	orders := table("orders", "note")
	orders.Depends = []catalog.ID{in(catalog.KindType, "order_status"), in(catalog.KindSequence, "orders_id_seq")}
	ordersSpec := orders.Spec.(*catalog.Table)
	ordersSpec.Columns = append(ordersSpec.Columns,
		catalog.Column{Name: "status", Number: 3, Type: "public.order_status", Statistics: -1},
		catalog.Column{Name: "user_id", Number: 4, Type: "bigint", Stable: true, Statistics: -1},
		catalog.Column{Name: "length", Type: "integer", Generated: "stored", Default: "length(note)", Stable: true, Statistics: -1})
	ordersSpec.Columns[0].Default = "nextval('public.orders_id_seq'::regclass)"
	ordersSpec.Size = catalog.Size{Rows: 29_000_000, Pages: 1_000_000, Bytes: 8 << 30}

	events := table("events", "kind")
	events.Spec.(*catalog.Table).PartitionKey = "RANGE (id)"
	partition := table("events_1", "kind")
	partitionSpec := partition.Spec.(*catalog.Table)
	partitionSpec.Of, partitionSpec.Bound = named("public", "events"), "FOR VALUES FROM (MINVALUE) TO (MAXVALUE)"
	partitionKey := primaryKey("events_1", "id")
	keySpec := partitionKey.Spec.(*catalog.Constraint)
	keySpec.Of, keySpec.Inherited = named("public", "events_pkey"), true

	byUser := view("orders_by_user", in(catalog.KindTable, "users"), on(catalog.KindConstraint, "users", "users_pkey"))
	return with(sourceServer(),
		schema("public"), enum("order_status", "new", "paid", "sent", "lost"), function("touch"),
		table("users", "email"), primaryKey("users", "id"), unique("users", "email"),
		sequence("orders_id_seq", "orders", "id"),
		orders, primaryKey("orders", "id"), index("orders", "orders_at"), foreignKey("orders", "user_id", "users"),
		trigger("orders", "touch", "touch"),
		events, primaryKey("events", "id"), partition, partitionKey,
		table("tmp_import"), byUser, view("all_orders", in(catalog.KindTable, "orders"), in(catalog.KindView, "orders_by_user")),
		materialized("sales", in(catalog.KindTable, "orders")), index("sales", "sales_n"),
		unsupported(catalog.KindFunction, "public", "c_sum", "written in C", "N310"),
		unsupported("extension", "", "hstore", "extensions are not carried over", ""),
	)
}

func emptyTarget() *catalog.Catalog { return with(targetServer(), schema("public")) }

func pattern(text string, line int) Pattern {
	return Pattern{Text: text, Parts: strings.Split(text, "."), Place: Place{File: "shop.sluice.hcl", Line: line, Column: 16}}
}

// everything declares all stages for all of public but tmp_*.
func everything() Spec {
	return Spec{
		Migration: "migration.shop",
		Place:     Place{File: "shop.sluice.hcl", Line: 9},
		Source:    Declared{Ref: "source.old", Place: Place{File: "shop.sluice.hcl", Line: 1}},
		Target:    Declared{Ref: "target.new", Place: Place{File: "shop.sluice.hcl", Line: 5}},
		Stages:    Stages{Schema: true, Full: true, Incremental: true},
		Include:   []Pattern{pattern("public.*", 14)},
		Exclude:   []Pattern{pattern("public.tmp_*", 15)},
		Slot:      "sluice_shop",
	}
}

// doneBy is the state after the first n steps of a plan.
func doneBy(p *Plan, n int) state.State {
	s := state.State{
		Lineage: "l", Phase: state.Schema, Slot: p.Slot, Steps: map[string]state.Step{},
		Source: state.Server{SystemIdentifier: p.Source.SystemIdentifier, Database: p.Source.Database},
		Target: state.Server{SystemIdentifier: p.Target.SystemIdentifier, Database: p.Target.Database},
	}
	for _, step := range p.Steps[:n] {
		s.Steps[step.ID] = state.Step{State: state.StepDone, Fingerprint: step.Fingerprint}
		s.Followed = append(s.Followed, p.followed(step.Follows)...)
	}
	return s
}

// followed are the records of tables.
func (p *Plan) followed(tables []catalog.ID) (list []state.Followed) {
	for i := range p.Steps {
		if s := &p.Steps[i]; s.Table() && slices.Contains(tables, s.Object) {
			list = append(list, s.Followed())
		}
	}
	return list
}

// created is the target after the create steps among the first n.
func created(source, target *catalog.Catalog, p *Plan, n int) *catalog.Catalog {
	objects := slices.Clone(target.Objects)
	for _, step := range p.Steps[:n] {
		if o := source.Find(step.Object); step.Action == Create && step.Side == Target && o != nil {
			objects = append(objects, *o)
		}
	}
	return with(target.Server, objects...)
}

func stepOf(p *Plan, id string) *Step {
	i := slices.IndexFunc(p.Steps, func(s Step) bool { return s.ID == id })
	if i < 0 {
		return nil
	}
	return &p.Steps[i]
}

func viewColumns(names ...string) []catalog.ViewColumn {
	columns := make([]catalog.ViewColumn, len(names))
	for i, name := range names {
		columns[i] = catalog.ViewColumn{Name: name, Type: "integer", Statistics: -1}
	}
	return columns
}
