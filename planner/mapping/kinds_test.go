package mapping

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"strings"
	"testing"

	"sluice/planner/catalog"
)

// TestEveryKindHasAWord reads the kinds from the source of package catalog, so
// that a new one without an answer is found.
func TestEveryKindHasAWord(t *testing.T) {
	t.Parallel()
	file, err := parser.ParseFile(token.NewFileSet(), "../catalog/id.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || !strings.HasPrefix(spec.Names[0].Name, "Kind") {
			return true
		}
		text, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		if err != nil {
			t.Fatal(err)
		}
		seen++
		if _, ok := words[catalog.Kind(text)]; !ok {
			t.Errorf("%q has no word among kinds, nor is it said that it needs none", text)
		}
		return true
	})
	if seen != len(words) {
		t.Errorf("package catalog has %d kinds, and there are words for %d", seen, len(words))
	}
}

func TestProceduresAreNoFunctions(t *testing.T) {
	t.Parallel()
	id := catalog.ID{Kind: catalog.KindFunction, Schema: "public", Name: "f"}
	for want, spec := range map[string]*catalog.Function{"function": {}, "procedure": {Procedure: true}} {
		if got := Word(&catalog.Object{ID: id, Spec: spec}); got != want {
			t.Errorf("%+v is a %q, want %q", spec, got, want)
		}
	}
}

// kindsCatalog has a table with all that can be on one, and what uses it.
func kindsCatalog() *Relations {
	in := func(kind catalog.Kind, local string) catalog.ID {
		return catalog.ID{Kind: kind, Schema: "public", Name: local}
	}
	on := func(kind catalog.Kind, table, local string) catalog.ID {
		return catalog.ID{Kind: kind, Schema: "public", Table: table, Name: local}
	}
	of := func(kind catalog.Kind, local string) catalog.ID { return catalog.ID{Kind: kind, Name: local} }
	name := func(local string) catalog.Name { return catalog.Name{Schema: "public", Local: local} }
	audit := catalog.ID{Kind: catalog.KindFunction, Schema: "audit", Name: "log"}
	orders, citext := in(catalog.KindTable, "orders"), of(catalog.KindExtension, "citext")
	objects := []catalog.Object{
		{ID: of(catalog.KindSchema, "public"), Spec: &catalog.Schema{}},
		{ID: of(catalog.KindSchema, "audit"), Spec: &catalog.Schema{}},
		{ID: citext, Spec: &catalog.Extension{}},
		{ID: of(catalog.KindExtension, "hstore"), Spec: &catalog.Extension{}},
		{ID: of(catalog.KindSubscription, "s"), Spec: &catalog.Unsupported{Reason: "a subscription"}},
		{ID: in(catalog.KindType, "status"), Spec: &catalog.Enum{}},
		{ID: in(catalog.KindType, "unused"), Spec: &catalog.Enum{}},
		{ID: of(catalog.KindCast, "public.status as text"), Spec: &catalog.Cast{},
			Depends: []catalog.ID{in(catalog.KindType, "status"), in(catalog.KindFunction, "shown")}},
		{ID: of(catalog.KindCast, "public.unused as text"), Depends: []catalog.ID{in(catalog.KindType, "unused")}, Spec: &catalog.Cast{}},
		{ID: catalog.ID{Kind: catalog.KindSecurityLabel, Name: "selinux", Args: "table orders"}, Depends: []catalog.ID{orders}, Spec: &catalog.SecurityLabel{On: orders}},
		{ID: catalog.ID{Kind: catalog.KindSecurityLabel, Name: "selinux", Args: "view recent"}, Depends: []catalog.ID{in(catalog.KindView, "recent")},
			Spec: &catalog.SecurityLabel{On: in(catalog.KindView, "recent")}},
		{ID: in(catalog.KindFunction, "shown"), Spec: &catalog.Function{}},
		{ID: in(catalog.KindFunction, "valid"), Depends: []catalog.ID{in(catalog.KindType, "status")}, Spec: &catalog.Function{}},
		{ID: in(catalog.KindFunction, "touch"), Spec: &catalog.Function{}},
		{ID: in(catalog.KindFunction, "in_c"), Spec: &catalog.Unsupported{Reason: "written in C"}},
		{ID: in(catalog.KindFunction, "close"), Spec: &catalog.Function{Procedure: true}},
		{ID: audit, Spec: &catalog.Function{}},
		{ID: in(catalog.KindSequence, "orders_id_seq"), Spec: &catalog.Sequence{OwnedBy: &catalog.ColumnRef{Table: name("orders"), Column: "id"}}},
		{ID: in(catalog.KindSequence, "free"), Spec: &catalog.Sequence{}},
		{ID: orders, Depends: []catalog.ID{in(catalog.KindSequence, "orders_id_seq"), citext, in(catalog.KindType, "status")}, Spec: &catalog.Table{PartitionKey: "LIST (a)"}},
		{ID: in(catalog.KindForeignTable, "orders_far"), Spec: &catalog.ForeignTable{Table: catalog.Table{Of: name("orders")}, Server: "far"}},
		{ID: of(catalog.KindServer, "far"), Spec: &catalog.ForeignServer{}},
		{ID: of(catalog.KindServer, "unused"), Spec: &catalog.ForeignServer{}},
		{ID: catalog.ID{Kind: catalog.KindUserMapping, Name: "public", Args: "far"}, Spec: &catalog.UserMapping{}},
		{ID: on(catalog.KindConstraint, "orders", "check"), Depends: []catalog.ID{in(catalog.KindFunction, "valid")}, Spec: &catalog.Constraint{Type: catalog.Check}},
		{ID: in(catalog.KindIndex, "orders_at"), Spec: &catalog.Index{Table: name("orders")}},
		{ID: in(catalog.KindStatistics, "orders_stat"), Spec: &catalog.Statistics{Table: name("orders")}},
		{ID: on(catalog.KindTrigger, "orders", "touch"), Spec: &catalog.Trigger{Function: in(catalog.KindFunction, "touch")}},
		{ID: on(catalog.KindTrigger, "orders", "log"), Spec: &catalog.Trigger{Function: audit}},
		{ID: on(catalog.KindTrigger, "orders", "count"), Spec: &catalog.Trigger{Function: in(catalog.KindFunction, "in_c")}},
		{ID: on(catalog.KindRule, "orders", "quiet"), Spec: &catalog.Rule{}},
		{ID: on(catalog.KindPolicy, "orders", "mine"), Spec: &catalog.Policy{}},
		{ID: in(catalog.KindView, "recent"), Depends: []catalog.ID{orders}, Spec: &catalog.View{}},
		{ID: in(catalog.KindMaterializedView, "sales"), Depends: []catalog.ID{orders}, Spec: &catalog.MaterializedView{}},
		{ID: in(catalog.KindIndex, "sales_n"), Spec: &catalog.Index{Table: name("sales")}},
	}
	slices.SortFunc(objects, func(a, b catalog.Object) int { return catalog.Compare(a.ID, b.ID) })
	return Relate(&catalog.Catalog{Objects: objects})
}

func TestSelectByKind(t *testing.T) {
	t.Parallel()
	table := map[string]Cause{
		"schema public": Needed, "extension citext": Needed, "type public.status": Needed, "function public.valid()": Needed,
		"index public.orders_at": With, "statistics public.orders_stat": With, "constraint public.orders.check": With,
		"foreign table public.orders_far": With, "server far": Needed, "user mapping public(far)": With,
		"trigger public.orders.touch": WithoutKind, "rule public.orders.quiet": WithoutKind, "policy public.orders.mine": WithoutKind,
		"view public.recent": WithoutKind, "materialized view public.sales": WithoutKind, "index public.sales_n": WithoutTable,
		"function public.touch()": WithoutKind, "function public.close()": WithoutKind,
		"type public.unused": WithoutKind, "sequence public.free": WithoutKind,
	}
	for name, c := range map[string]struct {
		include, exclude, kinds []string
		want                    map[string]Cause
		also                    map[string]Cause
	}{
		"tables of a whole schema, and what they need of it": {
			include: []string{"public.*"}, kinds: []string{"table"}, want: table,
			also: map[string]Cause{"table public.orders": Included, "sequence public.orders_id_seq": Included,
				"extension hstore": NotSelected, "function audit.log()": NotSelected},
		},
		"tables of the whole database": {
			include: []string{"*.*"}, kinds: []string{"table"}, want: table,
			also: map[string]Cause{"extension hstore": WithoutKind, "function audit.log()": WithoutKind, "schema audit": WithoutKind,
				"server unused": WithoutKind, "subscription s": Unsupported},
		},
		"the casts of a type, which a default may use without a record of it": {
			include: []string{"*.*"}, kinds: []string{"table"},
			want: map[string]Cause{"cast \"public.status as text\"": With, "function public.shown()": Needed, "cast \"public.unused as text\"": WithoutKind},
		},
		"a security label goes with what it is on": {
			include: []string{"*.*"}, kinds: []string{"table"},
			want: map[string]Cause{"security label selinux(table orders)": With, "security label selinux(view recent)": WithoutKind},
		},
		"no cast that is excluded": {
			include: []string{"*.*"}, exclude: []string{"*as text"}, kinds: []string{"table"},
			want: map[string]Cause{"function public.shown()": WithoutKind},
		},
		"a named table": {
			include: []string{"public.orders"}, kinds: []string{"table"},
			want: map[string]Cause{
				"table public.orders": Included, "sequence public.orders_id_seq": Needed, "type public.status": Needed,
				"policy public.orders.mine": WithoutKind, "trigger public.orders.log": WithoutKind, "view public.recent": NotSelected,
			},
		},
		"triggers that are asked for come with their functions": {
			include: []string{"public.*"}, kinds: []string{"table", "trigger"},
			want: map[string]Cause{
				"trigger public.orders.touch": Included, "function public.touch()": Needed, "rule public.orders.quiet": WithoutKind,
				"trigger public.orders.log": WithoutFunction, "trigger public.orders.count": WithoutFunction,
			},
		},
		"triggers that are asked for by kind come with a table that is named": {
			include: []string{"public.orders"}, kinds: []string{"table", "trigger", "rule"},
			want: map[string]Cause{"trigger public.orders.log": With, "function audit.log()": Needed, "schema audit": Needed,
				"rule public.orders.quiet": With},
		},
		"a trigger whose function is excluded stays": {
			include: []string{"public.*"}, exclude: []string{"public.touch"}, kinds: []string{"table", "trigger"},
			want: map[string]Cause{"trigger public.orders.touch": WithoutFunction, "function public.touch()": Excluded},
		},
		"a named sequence goes with its table, where there is no word for it": {
			include: []string{"public.orders", "public.*_seq"}, kinds: []string{"table"},
			want: map[string]Cause{"sequence public.orders_id_seq": Needed},
		},
		"a sequence does not go without its table": {
			include: []string{"public.*"}, kinds: []string{"sequence"},
			want: map[string]Cause{"sequence public.orders_id_seq": WithoutTable, "sequence public.free": Included, "table public.orders": WithoutKind},
		},
		"a view does not pull its table in": {
			include: []string{"public.*"}, kinds: []string{"view"},
			want: map[string]Cause{"view public.recent": Included, "table public.orders": WithoutKind, "trigger public.orders.log": WithoutKind,
				"index public.orders_at": WithoutTable, "schema public": Needed},
		},
		"procedures without functions": {
			include: []string{"public.*"}, kinds: []string{"procedure"},
			want: map[string]Cause{"function public.close()": Included, "function public.touch()": WithoutKind},
		},
		"foreign servers come with their user mappings": {
			include: []string{"*.*"}, kinds: []string{"foreign_server"},
			want: map[string]Cause{"server far": Included, "server unused": Included, "foreign table public.orders_far": WithoutKind},
		},
		"what is excluded is not pulled in": {
			include: []string{"public.*"}, exclude: []string{"public.status"}, kinds: []string{"table"},
			want: map[string]Cause{"type public.status": Excluded, "table public.orders": Included},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := kindsCatalog()
			got := Select(r, rules(c.include...), rules(c.exclude...), c.kinds)
			for _, want := range []map[string]Cause{c.want, c.also} {
				checkCauses(t, r, got, want)
			}
		})
	}
}

func checkCauses(t *testing.T, r *Relations, got *Selection, want map[string]Cause) {
	t.Helper()
	seen := 0
	for i := range r.Catalog.Objects {
		o := &r.Catalog.Objects[i]
		v := got.Of(o)
		if cause, ok := want[o.ID.String()]; ok {
			seen++
			if v.Cause != cause {
				t.Errorf("%s: %+v, want %s", o.ID, v, cause)
			}
		}
		if takes := v.Cause == Included || v.Cause == With || v.Cause == Needed; takes != v.Taken {
			t.Errorf("%s: taken is %v, and the cause %q", o.ID, v.Taken, v.Cause)
		}
	}
	if seen != len(want) {
		t.Errorf("%d of %d objects are there", seen, len(want))
	}
}
