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
	// Since says what has happened since the object was made, by the record of that:
	// "new on the source", "gone from the target", "changed on the source".
	Since string
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
// tables that were there before are their owners', and so is what an earlier declaration
// has left in a schema that nothing goes to any more.
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
				differences = append(differences, Difference{Object: o.ID, What: OnlyOnSource, Since: b.since(o.ID, "new on the source", "gone from the target")})
			}
			continue
		}
		if left := b.asLeft(o, there); !b.same(left, there) && !b.otherWords(left, there) {
			since := b.since(o.ID, "different from the beginning", "changed on the target")
			if made := b.done.Steps[stepID(Create, o.ID)].Fingerprint; made != "" && made != b.fingerprint(o) {
				since = "changed on the source"
			}
			differences = append(differences, Difference{o.ID, NotEqual, inDetail(left, there), since})
		}
	}
	theirs := withoutOurs(target, func(id catalog.ID) bool { return b.knows(stepID(Create, id)) }, spec.Grants)
	schemas := map[string]bool{} // that something of the source goes to
	for i := range b.source.Objects {
		if o := &b.source.Objects[i]; b.chosen.Of(o).Taken {
			schemas[o.ID.Schema] = true
		}
	}
	for i := range theirs.Objects {
		if o := &theirs.Objects[i]; b.source.Find(o.ID) == nil && (b.made(o.ID) && o.ID.Kind != catalog.KindSchema && schemas[o.ID.Schema] || b.onCompared(o)) {
			differences = append(differences, Difference{Object: o.ID, What: OnlyOnTarget, Since: b.since(o.ID, "new on the target", "gone from the source")})
		}
	}
	slices.SortFunc(differences, func(x, y Difference) int { return strings.Compare(x.Object.String(), y.Object.String()) })
	return differences
}

// otherWords says that two objects differ in a query alone, which another major, or
// under mapped names any, prints in other words: nobody can tell more of it.
func (b *builder) otherWords(o, there *catalog.Object) bool {
	ours, theirs := queryOf(o.Spec), queryOf(there.Spec)
	if ours == nil || theirs == nil || b.origins == nil && b.source.Server.Major() == b.target.Server.Major() {
		return false
	}
	alike := *o
	alike.Spec = cloneSpec(o.Spec)
	*queryOf(alike.Spec) = *theirs
	return alike.Fingerprint() == there.Fingerprint()
}

// since is one of two words, by whether sluice has made the object.
func (b *builder) since(id catalog.ID, otherwise, made string) string {
	if b.made(id) {
		return made
	}
	return otherwise
}

// inDetail says how two objects differ: of tables column by column, if it is those.
func inDetail(o, there *catalog.Object) string {
	ours, theirs := o.Table(), there.Table()
	if ours == nil || theirs == nil {
		return difference(o, there)
	}
	var differ []string
	for i := range ours.Columns {
		c := &ours.Columns[i]
		j := slices.IndexFunc(theirs.Columns, func(t catalog.Column) bool { return t.Name == c.Name })
		if j < 0 {
			differ = append(differ, c.Name+" is missing")
		} else if text := propertyDifference(c, &theirs.Columns[j]); text != "" {
			differ = append(differ, c.Name+": "+text)
		}
	}
	for _, c := range theirs.Columns {
		if !hasColumn(ours, c.Name) {
			differ = append(differ, c.Name+" is not on the source")
		}
	}
	if len(differ) == 0 { // in another order, or in something else
		return difference(o, there)
	}
	return strings.Join(differ, "; ")
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
	case catalog.KindSchema, catalog.KindExtension, catalog.KindUserMapping: // the target has its own owner, version, password
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
// the migration alone stays on the source, the columns of a table that inherits some
// are in the order in which they came to it, and before 15 no sequence is unlogged.
func (b *builder) asLeft(o, there *catalog.Object) *catalog.Object {
	if sequence, ok := o.Spec.(*catalog.Sequence); ok && b.target.Server.Major() < 15 {
		alike, spec := *o, *sequence
		spec.Unlogged, alike.Spec = false, &spec
		return &alike
	}
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
