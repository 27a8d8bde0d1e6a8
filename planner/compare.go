package planner

import (
	"slices"
	"strings"

	"sluice/planner/catalog"
	"sluice/planner/mapping"
	"sluice/state"
)

// Difference is an object that one side alone has, or that is not the same on both.
type Difference struct {
	Object catalog.ID // as it is called on the target
	What   string     // OnlyOnSource, OnlyOnTarget, NotEqual
	Detail string     // of NotEqual: the properties
}

// What a Difference is.
const (
	OnlyOnSource = "only on the source"
	OnlyOnTarget = "only on the target"
	NotEqual     = "different"
)

// Compare says in what the target's schema is not what the source's would become now,
// as it is declared: empty where both are equal. It looks at the objects themselves,
// where a plan believes the record of what it has made. What comes with the cutover is
// missing before it, and what stays behind is in the plan, with its reason. Of the
// target it looks at what is on the tables of the migration, and at what sluice made;
// tables that were there before are their owners'.
func Compare(spec Spec, source, target *catalog.Catalog, done state.State) (differences []Difference) {
	b := assemble(spec, source, target, done)
	for i := range b.source.Objects {
		o := &b.source.Objects[i]
		if !b.comparable(o) {
			continue
		}
		there := b.onTarget(o.ID)
		if there == nil {
			if d := b.creates[o]; d == nil || d.Stage != StageCutover || done.Phase == state.CutOver {
				differences = append(differences, Difference{Object: o.ID, What: OnlyOnSource})
			}
			continue
		}
		if o = b.asLeft(o, there); !b.same(o, there) {
			differences = append(differences, Difference{o.ID, NotEqual, inDetail(o, there)})
		}
	}
	theirs := withoutOurs(target, func(id catalog.ID) bool { return b.knows(stepID(Create, id)) }, spec.Grants)
	for i := range theirs.Objects {
		if o := &theirs.Objects[i]; b.source.Find(o.ID) == nil && (b.made(o.ID) || b.onCompared(o)) {
			differences = append(differences, Difference{Object: o.ID, What: OnlyOnTarget})
		}
	}
	slices.SortFunc(differences, func(x, y Difference) int { return strings.Compare(x.Object.String(), y.Object.String()) })
	return differences
}

// inDetail says how two objects differ: of tables by their columns, if it is those.
func inDetail(o, there *catalog.Object) string {
	if ours, theirs := o.Table(), there.Table(); ours != nil && theirs != nil {
		if columns := columnDifference(ours, theirs); columns != "" {
			return columns
		}
	}
	return difference(o, there)
}

// comparable says that the target is to have a selected object, and the source's.
func (b *builder) comparable(o *catalog.Object) bool {
	there := b.onTarget(o.ID)
	switch {
	case !b.chosen.Of(o).Taken, o.ID.Kind == catalog.KindLargeObjects, b.isOmitted(o.ID):
		return false
	case b.existing[o] != "", b.existingUnder(o) != "", b.routed[o] != nil:
		return false
	case there == nil:
		return true
	}
	switch o.ID.Kind {
	case catalog.KindSchema, catalog.KindExtension: // the target has its own owner, and its own version
		return false
	case catalog.KindOperatorFamily, catalog.KindOperatorClass:
		// Since 14 a class leaves to its family what it does not need itself.
		const since = 14
		return (b.source.Server.Major() < since) == (b.target.Server.Major() < since)
	}
	return true
}

// onCompared says that an object of the target is on a table that is compared.
func (b *builder) onCompared(there *catalog.Object) bool {
	name, ok := mapping.On(there)
	if !ok {
		return false
	}
	table := b.related.Relation(name)
	return table != nil && b.comparable(table)
}

// isOmitted says that the plan has the object among those that stay behind.
func (b *builder) isOmitted(id catalog.ID) bool {
	return slices.ContainsFunc(b.plan.NotMigrated, func(o Omission) bool { return o.Object == id })
}

// asLeft is an object as it is when its steps are done: a replica identity that is for
// the migration alone stays on the source, and the columns of a table that inherits
// some are in the order in which they came to it.
func (b *builder) asLeft(o, there *catalog.Object) *catalog.Object {
	table, ok := o.Spec.(*catalog.Table)
	theirs := there.Table()
	if !ok || theirs == nil {
		return o
	}
	alike, spec := *o, *table
	alike.Spec = &spec
	if b.needsFull(o) {
		spec.Identity = theirs.Identity
	}
	if len(spec.Inherits) > 0 || spec.Of != (catalog.Name{}) {
		place := map[string]int{}
		for i, c := range theirs.Columns {
			place[c.Name] = i
		}
		spec.Columns = slices.SortedStableFunc(slices.Values(spec.Columns), func(x, y catalog.Column) int { return place[x.Name] - place[y.Name] })
	}
	return &alike
}
