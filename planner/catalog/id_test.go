package catalog

import (
	"encoding/json"
	"slices"
	"testing"
)

func TestLabelNamesAnObjectByWhereItIs(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		id    ID
		label string
		text  string
	}{
		{ID{Kind: KindSchema, Name: "public"}, "public", "schema public"},
		{ID{Kind: KindTable, Schema: "public", Name: "orders"}, "public.orders", "table public.orders"},
		{
			ID{Kind: KindConstraint, Schema: "public", Table: "orders", Name: "orders_pkey"},
			"public.orders.orders_pkey", "constraint public.orders.orders_pkey",
		},
		{
			ID{Kind: KindFunction, Schema: "public", Name: "total", Args: "order_id integer"},
			"public.total(order_id integer)", "function public.total(order_id integer)",
		},
		{ID{Kind: KindFunction, Schema: "public", Name: "now"}, "public.now()", "function public.now()"},
		{
			ID{Kind: "aggregate", Schema: "public", Name: "total", Args: "integer"},
			"public.total(integer)", "aggregate public.total(integer)",
		},
		{ID{Kind: "extension", Name: "uuid-ossp"}, "uuid-ossp", "extension uuid-ossp"},
		{
			ID{Kind: KindTrigger, Schema: "a.b", Table: `c"d`, Name: "e\nf"},
			`"a.b"."c""d"."e\nf"`, `trigger "a.b"."c""d"."e\nf"`,
		},
	} {
		if got := test.id.Label(); got != test.label {
			t.Errorf("label %s, want %s", got, test.label)
		}
		if got := test.id.String(); got != test.text {
			t.Errorf("text %s, want %s", got, test.text)
		}
	}
}

func TestIDTellsObjectAndRelationApart(t *testing.T) {
	t.Parallel()
	id := ID{Kind: KindTrigger, Schema: "public", Table: "orders", Name: "audit"}
	if got, want := id.Relation(), (Name{"public", "orders"}); got != want {
		t.Errorf("on %v, want %v", got, want)
	}
	if got, want := id.Qualified(), (Name{"public", "audit"}); got != want {
		t.Errorf("itself %v, want %v", got, want)
	}
}

// ordered is every way in which two IDs may differ, from small to large.
var ordered = []ID{
	{Kind: KindConstraint, Schema: "z", Table: "z", Name: "z"},
	{Kind: KindFunction, Schema: "a", Name: "f", Args: "bigint"},
	{Kind: KindFunction, Schema: "a", Name: "f", Args: "integer"},
	{Kind: KindFunction, Schema: "a", Name: "g", Args: "bigint"},
	{Kind: KindFunction, Schema: "b", Name: "f", Args: "bigint"},
	{Kind: KindTrigger, Schema: "a", Table: "t", Name: "x"},
	{Kind: KindTrigger, Schema: "a", Table: "u", Name: "a"},
	{Kind: KindTrigger, Schema: "a", Table: "ü", Name: "a"}, // by bytes, in no language's order
}

func TestCompareGoesByKindSchemaTableNameAndArguments(t *testing.T) {
	t.Parallel()
	for i, a := range ordered {
		for j, b := range ordered {
			got := Compare(a, b)
			if want := sign(i - j); got != want {
				t.Errorf("Compare(%s, %s) = %d, want %d", a, b, got, want)
			}
		}
	}
}

func sign(n int) int { return min(max(n, -1), 1) }

func TestFindFindsEachAndNothingElse(t *testing.T) {
	t.Parallel()
	for n := range len(ordered) + 1 {
		c := Catalog{}
		for _, id := range ordered[:n] {
			c.Objects = append(c.Objects, Object{ID: id})
		}
		for i, id := range ordered {
			found := c.Find(id)
			if i < n && (found == nil || found.ID != id || found != &c.Objects[i]) || i >= n && found != nil {
				t.Errorf("of %d objects, %s is found as %v", n, id, found)
			}
		}
	}
}

func TestIDsKeepTheirFormInJSON(t *testing.T) {
	t.Parallel()
	for _, id := range ordered {
		text, err := json.Marshal(id)
		if err != nil {
			t.Fatal(err)
		}
		var back ID
		if err := json.Unmarshal(text, &back); err != nil || back != id {
			t.Errorf("%s comes back as %s: %v", text, back, err)
		}
	}
	text, err := json.Marshal(ID{Kind: KindSchema, Name: "public"})
	if want := `{"kind":"schema","name":"public"}`; err != nil || string(text) != want {
		t.Errorf("got %s, want %s: %v", text, want, err)
	}
}

func TestMajorIsOfTheVersionNumber(t *testing.T) {
	t.Parallel()
	got := []int{Server{Version: 100023}.Major(), Server{Version: 150018}.Major(), Server{Version: 180004}.Major()}
	if !slices.Equal(got, []int{10, 15, 18}) {
		t.Errorf("got %v", got)
	}
}
