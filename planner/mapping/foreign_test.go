package mapping

import (
	"slices"
	"testing"

	"sluice/planner/catalog"
)

// afar is a catalog with foreign tables of all sorts.
func afar() *Relations {
	name := func(local string) catalog.Name { return catalog.Name{Schema: "public", Local: local} }
	in := func(kind catalog.Kind, local string) catalog.ID {
		return catalog.ID{Kind: kind, Schema: "public", Name: local}
	}
	of := func(kind catalog.Kind, name string) catalog.ID { return catalog.ID{Kind: kind, Name: name} }
	on := func(kind catalog.Kind, table, local string) catalog.ID {
		return catalog.ID{Kind: kind, Schema: "public", Table: table, Name: local}
	}
	foreign := func(server string, table catalog.Table) *catalog.ForeignTable {
		return &catalog.ForeignTable{Table: table, Server: server, Wrapper: "wrapper"}
	}
	objects := []catalog.Object{
		{ID: of(catalog.KindSchema, "public"), Spec: &catalog.Schema{}},
		{ID: of(catalog.KindExtension, "postgres_fdw"), Spec: &catalog.Extension{}},
		{ID: of(catalog.KindWrapper, "wrapper"), Spec: &catalog.Wrapper{}},
		{ID: of(catalog.KindServer, "near"), Spec: &catalog.ForeignServer{Wrapper: "wrapper"}},
		{ID: of(catalog.KindServer, "far"), Depends: []catalog.ID{of(catalog.KindExtension, "postgres_fdw")}, Spec: &catalog.ForeignServer{Wrapper: "postgres_fdw"}},
		{ID: catalog.ID{Kind: catalog.KindUserMapping, Name: "public", Args: "far"}, Spec: &catalog.UserMapping{}},
		{ID: catalog.ID{Kind: catalog.KindUserMapping, Name: "app", Args: "near"}, Spec: &catalog.UserMapping{}},
		{ID: in(catalog.KindForeignTable, "remote"), Spec: foreign("far", catalog.Table{})},
		{ID: on(catalog.KindConstraint, "remote", "positive"), Spec: &catalog.Constraint{Type: catalog.Check}},
		{ID: on(catalog.KindTrigger, "remote", "touch"), Spec: &catalog.Trigger{}},
		{ID: in(catalog.KindSequence, "remote_id_seq"), Spec: &catalog.Sequence{OwnedBy: &catalog.ColumnRef{Table: name("remote"), Column: "id"}}},
		{ID: in(catalog.KindTable, "parts"), Spec: &catalog.Table{PartitionKey: "LIST (a)"}},
		{ID: in(catalog.KindForeignTable, "part"), Spec: foreign("near", catalog.Table{Of: name("parts")})},
		{ID: in(catalog.KindTable, "parent"), Spec: &catalog.Table{}},
		{ID: in(catalog.KindForeignTable, "child"), Spec: foreign("near", catalog.Table{Inherits: []catalog.Name{name("parent")}})},
		{ID: in(catalog.KindTable, "grandchild"), Spec: &catalog.Table{Inherits: []catalog.Name{name("child")}}},
	}
	slices.SortFunc(objects, func(a, b catalog.Object) int { return catalog.Compare(a.ID, b.ID) })
	return Relate(&catalog.Catalog{Objects: objects})
}

func TestForeignTablesTakeTheirPartsAndTheirServer(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		include, exclude []string
		want             map[string]Cause
	}{
		"a named one": {
			include: []string{"public.remote"},
			want: map[string]Cause{
				"foreign table public.remote": Included, "constraint public.remote.positive": With, "schema public": Needed,
				"sequence public.remote_id_seq": Needed, "server far": Needed, "extension postgres_fdw": Needed,
				"user mapping public(far)": With, "trigger public.remote.touch": NotSelected,
				"server near": NotSelected, "user mapping app(near)": NotSelected, "foreign table public.part": NotSelected,
			},
		},
		"those of a whole schema, though a server is in none": {
			include: []string{"public.*"},
			want: map[string]Cause{
				"foreign table public.remote": Included, "server far": Needed, "server near": Needed, "extension postgres_fdw": Needed,
				"foreign data wrapper wrapper": Needed, "user mapping app(near)": With,
				"constraint public.remote.positive": With, "trigger public.remote.touch": Included,
			},
		},
		"a partition goes with its table": {
			include: []string{"public.parts"},
			want:    map[string]Cause{"foreign table public.part": With, "server near": Needed, "foreign data wrapper wrapper": Needed},
		},
		"a partition pulls the table above it, an heir no parent": {
			include: []string{"public.part", "public.child"},
			want:    map[string]Cause{"table public.parts": Needed, "table public.parent": NotSelected},
		},
		"an excluded server stays, with its user mappings": {
			include: []string{"*.*"}, exclude: []string{"far"},
			want: map[string]Cause{"server far": Excluded, "user mapping public(far)": Excluded, "foreign table public.remote": Included},
		},
		"an excluded table takes along its partitions and sequences": {
			include: []string{"*.*"}, exclude: []string{"public.parts", "public.remote"},
			want: map[string]Cause{"foreign table public.part": Excluded, "sequence public.remote_id_seq": Excluded,
				"constraint public.remote.positive": Excluded},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := afar()
			got := Select(r, rules(c.include...), rules(c.exclude...), nil)
			seen := 0
			for i := range r.Catalog.Objects {
				o := &r.Catalog.Objects[i]
				want, ok := c.want[o.ID.String()]
				if ok {
					seen++
				}
				if v := got.Of(o); ok && v.Cause != want {
					t.Errorf("%s: %+v, want %s", o.ID, v, want)
				}
			}
			if seen != len(c.want) {
				t.Errorf("%d of %d objects are there", seen, len(c.want))
			}
		})
	}
}

func TestForeignTablesNeedTheirServerAndParents(t *testing.T) {
	t.Parallel()
	r := afar()
	for i := range r.Catalog.Objects {
		o := &r.Catalog.Objects[i]
		want, ok := map[string][]string{
			"foreign table public.part":     {"schema public", "server near", "table public.parts"},
			"foreign table public.child":    {"schema public", "server near", "table public.parent"},
			"table public.grandchild":       {"foreign table public.child", "schema public"},
			"server near":                   {"foreign data wrapper wrapper"},
			"server far":                    {"extension postgres_fdw"},
			"user mapping app(near)":        {"server near"},
			"sequence public.remote_id_seq": {"schema public"},
		}[o.ID.String()]
		if !ok {
			continue
		}
		var got []string
		for _, need := range r.Needs(o) {
			got = append(got, need.ID.String())
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s needs %q, want %q", o.ID, got, want)
		}
	}
	below := r.Below(catalog.Name{Schema: "public", Local: "parent"})
	if len(below) != 3 || below[1].Local != "child" || below[2].Local != "grandchild" {
		t.Errorf("below parent are %v", below)
	}
}
