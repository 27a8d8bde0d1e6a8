package planner

import (
	"slices"
	"testing"

	"sluice/planner/catalog"
	"sluice/state"
)

// onlyKinds declares kinds, beside everything.
func onlyKinds(words ...string) Spec {
	s := everything()
	s.Kinds = Kinds{Words: words, Place: Place{File: "shop.sluice.hcl", Line: 16, Column: 15}}
	return s
}

func TestTablesAloneLeaveTheRestBehindByName(t *testing.T) {
	t.Parallel()
	p := Build(onlyKinds("table"), shop(), emptyTarget(), state.State{})
	if p.Conflicts() > 0 {
		t.Fatalf("conflicts: %+v", p.Findings)
	}
	for id, want := range map[string]string{
		"create table public.orders":                           `include "public.*"`,
		"create type public.order_status":                      "needed by table public.orders",
		"create index public.orders_at":                        "with table public.orders",
		"create constraint public.orders.orders_pkey":          "with table public.orders",
		"create foreign key public.orders.orders_user_id_fkey": "with table public.orders",
		"create table public.events_1":                         `include "public.*"`,
		"create sequence public.orders_id_seq":                 `include "public.*"`,
	} {
		step := stepOf(p, id)
		if step == nil {
			t.Errorf("there is no step %q", id)
			continue
		}
		if step.Reason.Text != want {
			t.Errorf("%s: %s, want %s", id, step.Reason.Text, want)
		}
	}
	for id, want := range map[string]string{
		"view public.all_orders":         "kind view is not among kinds",
		"materialized view public.sales": "kind materialized_view is not among kinds",
		"function public.touch()":        "kind function is not among kinds",
		"trigger public.orders.touch":    "kind trigger is not among kinds",
		"index public.sales_n":           "materialized view public.sales is not migrated",
		"table public.tmp_import":        `excluded by "public.tmp_*"`,
	} {
		i := slices.IndexFunc(p.NotMigrated, func(o Omission) bool { return o.Object.String() == id })
		if i < 0 {
			t.Errorf("%s is not among what is left", id)
			continue
		}
		o := p.NotMigrated[i]
		if o.Reason != want {
			t.Errorf("%s: %s, want %s", id, o.Reason, want)
		}
		if byKind := o.Place != nil && o.Place.Line == 16; byKind != (o.Reason[:4] == "kind") {
			t.Errorf("%s: the place is %+v", id, o.Place)
		}
	}
}

// What kinds leave out and something needs is a conflict, and the fix is an edit.
func TestWhatKindsLeaveOutAndIsNeeded(t *testing.T) {
	t.Parallel()
	elsewhere := shop()
	elsewhere.Find(in(catalog.KindView, "all_orders")).Depends = []catalog.ID{{Kind: catalog.KindTable, Schema: "other", Name: "t"}}
	other := table("t")
	other.ID.Schema = "other"
	elsewhere = with(elsewhere.Server, append(elsewhere.Objects, other, schema("other"))...)
	for name, c := range map[string]struct {
		source *catalog.Catalog
		object string
		fix    []string
	}{
		"of what the patterns take": {shop(), "view public.orders_by_user",
			[]string{`kinds = ["view", "table"]`, `or exclude = ["public.orders_by_user"]`}},
		"of what they do not": {elsewhere, "view public.all_orders",
			[]string{`include = ["other.t"]`, `and kinds = ["view", "table"]`, `or exclude = ["public.all_orders"]`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := Build(onlyKinds("view"), c.source, emptyTarget(), state.State{})
			i := slices.IndexFunc(p.Findings, func(f Finding) bool { return f.Code == "C107" && f.Object.String() == c.object })
			if i < 0 {
				t.Fatalf("no C107 of %s: %+v", c.object, p.Findings)
			}
			if !slices.Equal(p.Findings[i].Fix, c.fix) {
				t.Errorf("%q, want %q", p.Findings[i].Fix, c.fix)
			}
		})
	}
}
