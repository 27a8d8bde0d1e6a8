package planner

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sluice/planner/catalog"
	"sluice/planner/mapping"
	"sluice/state"
)

// anyCatalog draws a catalog of tables, what is on them, and what depends on
// them; every object depends on earlier ones only, so there is no circle.
func anyCatalog(t *rapid.T) *catalog.Catalog {
	objects := []catalog.Object{schema("public"), schema("empty"), function("f0"), enum("e0", "a")}
	var tables, ids []catalog.ID
	ids = append(ids, in(catalog.KindType, "e0"), in(catalog.KindFunction, "f0"))
	for n := range rapid.IntRange(0, 12).Draw(t, "objects") {
		name := fmt.Sprintf("o%d", n)
		var o catalog.Object
		switch kind := rapid.IntRange(0, 6).Draw(t, "kind"); {
		case kind <= 2 || len(tables) == 0:
			o = anyTable(t, name, tables)
			tables = append(tables, o.ID)
			objects = append(objects, anyParts(t, name, tables)...)
		case kind == 3:
			o = view(name)
		case kind == 4:
			o = materialized(name)
		case kind == 5:
			o = sequence(name, rapid.SampledFrom(tables).Draw(t, "owner").Name, "id")
		default:
			o = unsupported("collation", "public", name, "not yet", "")
		}
		if rapid.Bool().Draw(t, "depends") {
			o.Depends = []catalog.ID{rapid.SampledFrom(ids).Draw(t, "on")}
		}
		objects, ids = append(objects, o), append(ids, o.ID)
	}
	return with(sourceServer(), objects...)
}

func anyTable(t *rapid.T, name string, tables []catalog.ID) catalog.Object {
	o := table(name, "note")
	spec := o.Spec.(*catalog.Table)
	spec.Size.Bytes = rapid.Int64Range(0, 1<<40).Draw(t, "bytes")
	spec.Unlogged = rapid.IntRange(0, 9).Draw(t, "unlogged") == 0
	spec.Identity.Kind = rapid.SampledFrom([]catalog.ReplicaIdentityKind{catalog.IdentityDefault, catalog.IdentityFull}).Draw(t, "identity")
	switch shape := rapid.IntRange(0, 5).Draw(t, "shape"); {
	case shape == 0:
		spec.PartitionKey = "RANGE (id)"
	case shape == 1 && len(tables) > 0:
		spec.Of, spec.Bound = rapid.SampledFrom(tables).Draw(t, "parent").Qualified(), "DEFAULT"
	}
	return o
}

func anyParts(t *rapid.T, table string, tables []catalog.ID) (parts []catalog.Object) {
	if rapid.Bool().Draw(t, "key") {
		parts = append(parts, primaryKey(table, "id"))
	}
	if rapid.Bool().Draw(t, "unique") {
		parts = append(parts, unique(table, "note"))
	}
	if rapid.Bool().Draw(t, "index") {
		parts = append(parts, index(table, table+"_i"))
	}
	if rapid.Bool().Draw(t, "trigger") {
		parts = append(parts, trigger(table, "tr", "f0"))
	}
	if rapid.Bool().Draw(t, "fk") {
		parts = append(parts, foreignKey(table, "id", rapid.SampledFrom(tables).Draw(t, "references").Name))
	}
	if rapid.Bool().Draw(t, "check") {
		parts = append(parts, catalog.Object{ID: on(catalog.KindConstraint, table, "c"),
			Spec: &catalog.Constraint{Type: catalog.Check, Definition: "CHECK (true)", Valid: true, Inherited: rapid.Bool().Draw(t, "inherited")}})
	}
	return parts
}

func anySpec(t *rapid.T) Spec {
	s := everything()
	s.Stages = Stages{rapid.Bool().Draw(t, "schema"), rapid.Bool().Draw(t, "full"), rapid.Bool().Draw(t, "incremental")}
	s.LargeTable = rapid.SampledFrom([]int64{1, 1 << 30}).Draw(t, "large")
	patterns := []string{"*.*", "public.*", "public.o[0-3]", "public.o?", "empty.*", "public.o1.tr"}
	s.Include = []Pattern{pattern(rapid.SampledFrom(patterns).Draw(t, "include"), 1), pattern(rapid.SampledFrom(patterns).Draw(t, "include"), 2)}
	s.Exclude = []Pattern{pattern(rapid.SampledFrom([]string{"public.o2", "none.*", "public.e0", "public.*.tr"}).Draw(t, "exclude"), 3)}
	return s
}

// anyTarget has some of the source's objects, as they are or otherwise.
func anyTarget(t *rapid.T, source *catalog.Catalog) *catalog.Catalog {
	objects := []catalog.Object{schema("public")}
	for _, o := range source.Objects {
		if o.ID == objects[0].ID || rapid.IntRange(0, 3).Draw(t, "there") > 0 {
			continue
		}
		if rapid.Bool().Draw(t, "differs") {
			o.Comment = "another"
		}
		objects = append(objects, o)
	}
	return with(targetServer(), objects...)
}

func TestEveryObjectIsAccountedForOnce(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		source := anyCatalog(t)
		p := Build(anySpec(t), source, anyTarget(t, source), state.State{})
		for _, o := range source.Objects {
			var places []string
			if slices.ContainsFunc(p.Steps, func(s Step) bool { return s.Object == o.ID || slices.Contains(s.Covers, o.ID) }) {
				places = append(places, "steps")
			}
			if slices.Contains(p.Right, o.ID) {
				places = append(places, "right")
			}
			for _, omission := range p.NotMigrated {
				if omission.Object == o.ID {
					places = append(places, "not migrated: "+omission.Reason)
				}
			}
			if len(places) != 1 {
				t.Errorf("%s is in %q", o.ID, places)
			}
		}
	})
}

func TestEveryStepComesAfterWhatItNeeds(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		source := anyCatalog(t)
		p := Build(anySpec(t), source, anyTarget(t, source), state.State{})
		before := transitive(t, p)
		ids := map[string]bool{}
		makes := map[catalog.ID]int{}
		for _, s := range p.Steps {
			if ids[s.ID] {
				t.Errorf("two steps are %q", s.ID)
			}
			ids[s.ID] = true
			if s.Action == Create {
				makes[s.Object] = s.Number
			}
		}
		related := mapping.Relate(source)
		for _, s := range p.Steps {
			o := source.Find(s.Object)
			if o == nil || s.Side == Source {
				continue
			}
			for _, need := range related.Needs(o) {
				if n := makes[need.ID]; s.Action == Create && n > 0 && !before[s.Number][n] {
					t.Errorf("%s does not come after %s", s.ID, need.ID)
				}
			}
			if n := makes[s.Object]; s.Action != Create && n > 0 && !before[s.Number][n] {
				t.Errorf("%s does not come after its object", s.ID)
			}
		}
	})
}

// transitive is every step that comes before each, and checks numbers and waves
// on the way.
func transitive(t *rapid.T, p *Plan) map[int]map[int]bool {
	before := map[int]map[int]bool{}
	for i, s := range p.Steps {
		if s.Number != i+1 {
			t.Fatalf("step %d has number %d", i+1, s.Number)
		}
		all := map[int]bool{}
		for _, n := range s.After {
			if n >= s.Number {
				t.Fatalf("%s has number %d and comes after %d", s.ID, s.Number, n)
			}
			if p.Steps[n-1].Wave >= s.Wave {
				t.Errorf("%s is in wave %d, and %s in %d", s.ID, s.Wave, p.Steps[n-1].ID, p.Steps[n-1].Wave)
			}
			if all[n] {
				t.Errorf("%s: %d is not a direct dependency", s.ID, n)
			}
			all[n] = true
			for m := range before[n] {
				all[m] = true
			}
		}
		before[s.Number] = all
	}
	return before
}

func TestTheSameInputGivesTheSamePlan(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		spec, source := anySpec(t), anyCatalog(t)
		target := anyTarget(t, source)
		first, err := Build(spec, source, target, state.State{}).JSON()
		if err != nil {
			t.Fatal(err)
		}
		second, err := Build(spec, source, target, state.State{}).JSON()
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(first), string(second)); diff != "" {
			t.Fatal(diff)
		}
		p, err := Parse(first)
		if err != nil {
			t.Fatal(err)
		}
		if again, _ := p.JSON(); string(again) != string(first) {
			t.Fatal(cmp.Diff(string(first), string(again)))
		}
		if moved := Stale(p, p); len(moved) > 0 {
			t.Fatalf("a plan is stale against itself: %v", moved)
		}
	})
}

// Steps in any order of making are numbered the same.
func TestOrderDoesNotDependOnTheOrderOfTheDrafts(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 20).Draw(t, "steps")
		edges := make([][]int, n)
		for i := range edges {
			for j := range n { // also against the order of the names, and in circles
				if rapid.IntRange(0, 7).Draw(t, "edge") == 0 {
					edges[i] = append(edges[i], j)
				}
			}
		}
		build := func(places []int) ([]Step, [][]catalog.ID) {
			drafts := make([]*draft, n)
			for i := range drafts {
				id := in(catalog.KindView, fmt.Sprint(i))
				drafts[i] = &draft{Step: Step{ID: id.String(), Action: Create, Object: id, Stage: []Stage{StageSchema, StageFinish}[i%2]}, afterSchema: i == n-1}
			}
			for i, before := range edges {
				for _, j := range before {
					drafts[i].after(drafts[j])
				}
			}
			shuffled := make([]*draft, n)
			for i, o := range places {
				shuffled[i] = drafts[o]
			}
			return order(shuffled)
		}
		plain := make([]int, n)
		for i := range plain {
			plain[i] = i
		}
		steps, circles := build(plain)
		again, circlesAgain := build(rapid.Permutation(plain).Draw(t, "order"))
		if diff := cmp.Diff(steps, again) + cmp.Diff(circles, circlesAgain); diff != "" {
			t.Fatal(diff)
		}
		transitive(t, &Plan{Steps: steps})
	})
}
