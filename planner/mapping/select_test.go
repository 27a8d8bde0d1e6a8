package mapping

import (
	"slices"
	"strings"
	"testing"

	"sluice/planner/catalog"
)

// shop is a catalog in which every way of taking and leaving occurs.
func shop() *Relations {
	name := func(schema, local string) catalog.Name { return catalog.Name{Schema: schema, Local: local} }
	id := func(kind catalog.Kind, schema, table, local string) catalog.ID {
		return catalog.ID{Kind: kind, Schema: schema, Table: table, Name: local}
	}
	status := id(catalog.KindType, "types", "", "status")
	audit := id(catalog.KindFunction, "audit", "", "log")
	sequence := id(catalog.KindSequence, "public", "", "orders_id_seq")
	objects := []catalog.Object{
		{ID: id(catalog.KindSchema, "", "", "public"), Spec: &catalog.Schema{}},
		{ID: id(catalog.KindSchema, "", "", "types"), Spec: &catalog.Schema{}},
		{ID: id(catalog.KindSchema, "", "", "audit"), Spec: &catalog.Schema{}},
		{ID: id("extension", "", "", "hstore"), Spec: &catalog.Unsupported{Reason: "an extension"}},
		{ID: status, Spec: &catalog.Enum{}},
		{ID: audit, Spec: &catalog.Function{}},
		{ID: sequence, Spec: &catalog.Sequence{OwnedBy: &catalog.ColumnRef{Table: name("public", "orders"), Column: "id"}}},
		{ID: id(catalog.KindTable, "public", "", "orders"), Depends: []catalog.ID{sequence, status}, Spec: &catalog.Table{}},
		{ID: id(catalog.KindTable, "public", "", "users"), Spec: &catalog.Table{}},
		{ID: id(catalog.KindTable, "public", "", "events"), Spec: &catalog.Table{PartitionKey: "RANGE (at)"}},
		{ID: id(catalog.KindTable, "parts", "", "events_1"), Spec: &catalog.Table{Of: name("public", "events")}},
		{ID: id(catalog.KindSchema, "", "", "parts"), Spec: &catalog.Schema{}},
		{ID: id(catalog.KindIndex, "public", "", "orders_at"), Spec: &catalog.Index{Table: name("public", "orders")}},
		{ID: id(catalog.KindConstraint, "public", "orders", "orders_pkey"), Spec: &catalog.Constraint{Type: catalog.PrimaryKey}},
		{ID: id(catalog.KindForeignKey, "public", "orders", "orders_user"),
			Spec: &catalog.Constraint{Type: catalog.ForeignKey, References: name("public", "users")}},
		{ID: id(catalog.KindTrigger, "public", "orders", "log"), Spec: &catalog.Trigger{Function: audit}},
		{ID: id(catalog.KindView, "public", "", "recent"), Depends: []catalog.ID{id(catalog.KindTable, "public", "", "orders")}, Spec: &catalog.View{}},
		{ID: id("policy", "public", "orders", "mine"), Spec: &catalog.Unsupported{Reason: "a policy"}},
	}
	slices.SortFunc(objects, func(a, b catalog.Object) int { return catalog.Compare(a.ID, b.ID) })
	return Relate(&catalog.Catalog{Objects: objects})
}

func rules(patterns ...string) []Rule {
	all := make([]Rule, len(patterns))
	for i, p := range patterns {
		all[i].Pattern = strings.Split(p, ".")
	}
	return all
}

func TestSelect(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		include, exclude []string
		want             map[string]Cause
	}{
		"a whole schema takes every kind in it, and nothing of another": {
			include: []string{"public.*"},
			want: map[string]Cause{
				"schema public": Included, "table public.orders": Included, "view public.recent": Included,
				"sequence public.orders_id_seq": Included, "index public.orders_at": With,
				"foreign key public.orders.orders_user": With,
				"trigger public.orders.log":             WithoutFunction,
				"type types.status":                     NotSelected, "schema types": NotSelected,
				"policy public.orders.mine": Unsupported, "extension hstore": NotSelected,
			},
		},
		"partitions come with their table from wherever they are, with what they need": {
			include: []string{"public.*"},
			want:    map[string]Cause{"table parts.events_1": With, "schema parts": Needed},
		},
		"a named table takes what it needs, but no other rows and no behaviour": {
			include: []string{"public.orders"},
			want: map[string]Cause{
				"schema public": Needed, "table public.orders": Included, "type types.status": Needed, "schema types": Needed,
				"sequence public.orders_id_seq": Needed, "constraint public.orders.orders_pkey": With,
				"foreign key public.orders.orders_user": With, "table public.users": NotSelected,
				"trigger public.orders.log": NotSelected, "view public.recent": NotSelected,
			},
		},
		"a named view does not pull its table in": {
			include: []string{"public.recent"},
			want:    map[string]Cause{"view public.recent": Included, "table public.orders": NotSelected},
		},
		"a named trigger takes its function": {
			include: []string{"public.orders", "public.orders.log"},
			want:    map[string]Cause{"trigger public.orders.log": Included, "function audit.log()": Needed},
		},
		"a trigger whose table is not selected stays": {
			include: []string{"public.orders.log"},
			want:    map[string]Cause{"trigger public.orders.log": WithoutTable, "table public.orders": NotSelected},
		},
		"the whole database takes what belongs to no schema": {
			include: []string{"*.*"},
			want: map[string]Cause{
				"extension hstore": Unsupported, "trigger public.orders.log": Included,
				"type types.status": Included, "table parts.events_1": Included,
			},
		},
		"an excluded table takes along what is on it and what it owns": {
			include: []string{"*.*"}, exclude: []string{"public.orders"},
			want: map[string]Cause{
				"table public.orders": Excluded, "index public.orders_at": Excluded, "sequence public.orders_id_seq": Excluded,
				"trigger public.orders.log": Excluded, "policy public.orders.mine": Excluded, "view public.recent": Included,
			},
		},
		"an excluded partitioned table takes its partitions along": {
			include: []string{"*.*"}, exclude: []string{"public.events"},
			want: map[string]Cause{"table parts.events_1": Excluded},
		},
		"three parts exclude what is on a table": {
			include: []string{"public.*"}, exclude: []string{"public.orders.orders_*"},
			want: map[string]Cause{"index public.orders_at": Excluded, "foreign key public.orders.orders_user": Excluded, "table public.orders": Included},
		},
		"what is excluded is not pulled in": {
			include: []string{"public.orders"}, exclude: []string{"types.*"},
			want: map[string]Cause{"type types.status": Excluded, "schema types": Excluded},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := shop()
			got := Select(r, rules(c.include...), rules(c.exclude...), nil)
			for i := range r.Catalog.Objects {
				o := &r.Catalog.Objects[i]
				v := got.Of(o)
				if want, ok := c.want[o.ID.String()]; ok && v.Cause != want {
					t.Errorf("%s: %+v, want %s", o.ID, v, want)
				}
				if takes := v.Cause == Included || v.Cause == With || v.Cause == Needed; takes != v.Taken {
					t.Errorf("%s: taken is %v, and the cause %q", o.ID, v.Taken, v.Cause)
				}
			}
		})
	}
}

func TestPatternsThatMatchNothingAreNamed(t *testing.T) {
	t.Parallel()
	s := Select(shop(), rules("public.*", "public.ordres"), rules("tmp.*", "public.users"), nil)
	if !slices.Equal(s.UnusedInclude, []int{1}) || !slices.Equal(s.UnusedExclude, []int{0}) {
		t.Errorf("unused: include %v, exclude %v", s.UnusedInclude, s.UnusedExclude)
	}
}

func TestSuggest(t *testing.T) {
	t.Parallel()
	names := []string{"public.Orders", "public.orders_old", "public.users", "public.order"}
	near, onlyCase := Suggest("public.ordres", names)
	if !slices.Equal(near, []string{"public.Orders", "public.order"}) || onlyCase {
		t.Errorf("got %q, only case: %v", near, onlyCase)
	}
	near, onlyCase = Suggest("PUBLIC.orders", names)
	if len(near) == 0 || near[0] != "public.Orders" || !onlyCase {
		t.Errorf("got %q, only case: %v", near, onlyCase)
	}
	if near, _ := Suggest("billing.*", names); len(near) != 0 {
		t.Errorf("got %q for a name that is like none", near)
	}
}
