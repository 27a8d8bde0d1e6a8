package planner

import (
	"cmp"
	"maps"
	"slices"

	"sluice/planner/catalog"
	"sluice/planner/mapping"
)

// linkObjects lets every object wait for those it needs. Each step is changed by
// itself, so all processors work on them.
func (b *builder) linkObjects() {
	together(b.drafts, func(chunk []*draft) struct{} {
		for _, d := range chunk {
			b.linkObject(d)
		}
		return struct{}{}
	})
}

func (b *builder) linkObject(d *draft) {
	o := b.related.Find(d.Object)
	switch {
	case d.Action == Create:
		for _, part := range b.bornWith[o] {
			for _, need := range b.related.Needs(part) {
				if made := b.creates[need]; made != nil && !b.done.Done(made.ID) { // what is on the table above is there
					d.after(made)
				}
			}
		}
		for _, need := range b.related.Before(o) {
			if b.madeWithout(d, need) {
				continue
			}
			d.after(b.creates[need])
			if b.related.Index(mapping.AttachedTo(o)) != need {
				d.after(b.attaches[need])
			}
			d.after(b.columnsFor(o, need)...)
		}
	case slices.Contains(b.altered[o], d):
		for _, need := range b.related.Needs(o) {
			d.after(b.creates[need])
		}
	}
}

// madeWithout says that an object was made when the source's did not need this
// yet: what is altered now waits for that itself, and not through the object.
func (b *builder) madeWithout(d *draft, needed *catalog.Object) bool {
	need := b.creates[needed]
	return need != nil && b.done.Done(d.ID) && !b.done.Done(need.ID) && !b.knows(outlineID(needed.ID))
}

// columnsFor are the steps that add columns to a table, which an object that
// needs the table may use: none where the table needs the object, as it does the
// function of a default.
func (b *builder) columnsFor(user, table *catalog.Object) (steps []*draft) {
	if len(b.altered) == 0 {
		return nil
	}
	for _, n := range append(b.ancestors(table.ID.Qualified()), table.ID.Qualified()) {
		altered := b.related.Relation(n)
		if added := b.altered[altered]; len(added) > 0 && !slices.Contains(b.related.Needs(altered), user) {
			steps = append(steps, added...)
		}
	}
	return steps
}

// linkOperators lets operators that name each other, or the same third one, as
// commutator or negator come one after the other: whoever names one that is not
// there makes a shell of it, which two transactions cannot do at once. The order
// is one that what they need allows: of two, the needed one needs less.
func (b *builder) linkOperators() {
	for _, group := range b.operatorGroups() {
		slices.SortFunc(group, func(x, y *draft) int {
			return cmp.Or(len(allBefore(b.related, x.Object))-len(allBefore(b.related, y.Object)), catalog.Compare(x.Object, y.Object))
		})
		for i := range group[1:] {
			group[i+1].after(group[i])
		}
	}
}

// operatorGroups are, for the name of each operator, those that have or name it.
func (b *builder) operatorGroups() map[string][]*draft {
	groups := map[string][]*draft{}
	for _, d := range b.drafts {
		if d.Object.Kind != catalog.KindOperator {
			continue
		}
		operator := b.related.Find(d.Object).Spec.(*catalog.Operator)
		for _, name := range operatorNames(d.Object, operator) {
			groups[name] = append(groups[name], d)
		}
	}
	return groups
}

// operatorNames are the names of an operator and of those that it names, each once.
func operatorNames(id catalog.ID, operator *catalog.Operator) []string {
	names := []string{id.Qualified().OperatorSQL()}
	for _, named := range []string{operator.Commutator, operator.Negator} {
		if named != "" && !slices.Contains(names, named) {
			names = append(names, named)
		}
	}
	return names
}

// linkUnrecorded lets what is made of expressions wait for what these may use
// without a record of it: casts that need no function, and the operator classes
// that give ORDER BY, DISTINCT and the like their operators. What one of those
// itself needs does not wait, not for another one either: that could be a circle.
func (b *builder) linkUnrecorded() {
	var unrecorded []*draft
	before := map[catalog.ID]bool{}
	for _, d := range b.drafts {
		if b.usedUnrecorded(d) {
			unrecorded = append(unrecorded, d)
			maps.Copy(before, allBefore(b.related, d.Object))
		}
	}
	if len(unrecorded) == 0 {
		return
	}
	b.withOperatorGroups(before)
	for _, user := range b.drafts {
		if hasExpressions(b.related.Find(user.Object)) && !before[user.Object] {
			user.after(unrecorded...)
		}
	}
}

// withOperatorGroups adds the operators that those of the set may wait for, and
// what they need.
func (b *builder) withOperatorGroups(set map[catalog.ID]bool) {
	groups := b.operatorGroups()
	for grown := true; grown; {
		grown = false
		for _, group := range groups {
			inSet := func(d *draft) bool { return set[d.Object] }
			if !slices.ContainsFunc(group, inSet) {
				continue
			}
			for _, d := range group {
				if !inSet(d) {
					grown = true
					maps.Copy(set, allBefore(b.related, d.Object))
				}
			}
		}
	}
}

func (b *builder) usedUnrecorded(d *draft) bool {
	switch d.Object.Kind {
	case catalog.KindCast:
		return b.related.Find(d.Object).Spec.(*catalog.Cast).Method != "function"
	case catalog.KindOperatorClass, catalog.KindOperatorFamily:
		return true
	}
	return false
}

func hasExpressions(o *catalog.Object) bool {
	switch spec := o.Spec.(type) {
	case *catalog.Table, *catalog.ForeignTable, *catalog.View, *catalog.MaterializedView, *catalog.Domain:
		return true
	case *catalog.Function:
		return spec.Language == "sql" && !hasStringBody(spec)
	}
	return false
}

// allBefore are the objects that one needs, also through others.
func allBefore(r *mapping.Relations, id catalog.ID) map[catalog.ID]bool {
	seen := map[catalog.ID]bool{id: true}
	for queue := []*catalog.Object{r.Find(id)}; len(queue) > 0; queue = queue[1:] {
		for _, need := range r.Needs(queue[0]) {
			if !seen[need.ID] {
				seen[need.ID] = true
				queue = append(queue, need)
			}
		}
	}
	return seen
}

// linkRows lets indexes, constraints and triggers wait for the rows, and for
// the point from which on they hold for changes as well.
func (b *builder) linkRows() {
	for _, o := range b.created() {
		d := b.creates[o]
		b.linkBelow(d, o)
		b.linkForeignPartition(d)
		switch spec := o.Spec.(type) {
		case *catalog.Index:
			b.linkKey(d, spec.Table, spec.Unique)
			d.after(b.refreshes[b.related.Relation(spec.Table)])
		case *catalog.Constraint:
			b.linkConstraint(d, spec)
		case *catalog.Statistics:
			d.after(b.copies[spec.Table])
		case *catalog.Trigger, *catalog.Rule, *catalog.Policy:
			d.after(b.loaded(o.ID.Relation())...)
			d.after(b.converged(o.ID.Relation())...)
		}
	}
}

// linkBelow lets what is on a table wait for all tables below it. A partition
// that is attached to a table with a key gets one at once, under a name of the
// server's choice, and its own would be a second one (42P16); to a table with a
// check constraint it is not attached without one of its own (42804).
// https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-ATTACH-PARTITION
func (b *builder) linkBelow(d *draft, o *catalog.Object) {
	if inSchemaStage(o) {
		return
	}
	on, ok := mapping.On(o)
	if !ok {
		return
	}
	for _, n := range b.related.Below(on) {
		if o.ID.Kind != catalog.KindIndex || !b.isForeignPartition(n) {
			d.after(b.creates[b.related.Relation(n)])
		}
	}
}

func (b *builder) isForeignPartition(n catalog.Name) bool {
	relation := b.related.Relation(n)
	return relation != nil && relation.ID.Kind == catalog.KindForeignTable && relation.Table().Of != (catalog.Name{})
}

// linkForeignPartition lets a foreign partition wait for the indexes above and
// beside it. It has none to attach, and an index above it that is made when it
// is there already waits for one for ever, and is not valid.
func (b *builder) linkForeignPartition(d *draft) {
	if !b.isForeignPartition(d.Object.Qualified()) {
		return
	}
	for _, above := range b.ancestors(d.Object.Qualified()) {
		for _, n := range b.related.Below(above) {
			for _, part := range b.related.Parts(n) {
				if part.ID.Kind == catalog.KindIndex {
					d.after(b.creates[part], b.attaches[part])
				}
			}
		}
	}
}

// created are the objects with a step that creates them, in order.
func (b *builder) created() (objects []*catalog.Object) {
	for i := range b.source.Objects {
		if o := &b.source.Objects[i]; b.creates[o] != nil {
			objects = append(objects, o)
		}
	}
	return objects
}

func (b *builder) linkConstraint(d *draft, c *catalog.Constraint) {
	table := d.Object.Relation()
	switch c.Type {
	case catalog.Check, catalog.NotNull:
		d.after(b.loaded(table)...) // it reaches down to the partitions and takes their locks
		d.after(b.declaredBelow(d.Object)...)
	case catalog.ForeignKey:
		d.after(b.loaded(table)...)
		d.after(b.loaded(c.References)...)
		d.after(b.converged(table)...)
		d.after(b.converged(c.References)...)
	default:
		b.linkKey(d, table, c.Type != catalog.PrimaryKey)
	}
}

// declaredBelow are the steps for constraints of the same name that tables below
// declare themselves. The one from above merges with them; the other way round a
// valid one would be refused where the one from above is not valid (42P17).
func (b *builder) declaredBelow(id catalog.ID) (steps []*draft) {
	for _, n := range b.related.Below(id.Relation())[1:] {
		id.Schema, id.Table = n.Schema, n.Local
		below := b.related.Find(id)
		if d := b.creates[below]; d != nil && !comesWithParent(below) {
			steps = append(steps, d)
		}
	}
	return steps
}

// linkKey lets an index wait for its table's rows. That of a partitioned table
// is made on this table only and waits for no rows: the partitions' are
// attached to it. Under several snapshots two rows may for a while hold one
// value of a unique index, so it waits for the changes to have settled.
func (b *builder) linkKey(d *draft, table catalog.Name, unique bool) {
	d.after(b.copies[table])
	if unique && b.severalSnapshots(table) {
		d.after(b.convergeOf(table))
		return
	}
	if converge := b.convergeOf(table); converge != nil && !b.onMaterialized(table) {
		converge.after(d)
	}
}

func (b *builder) onMaterialized(n catalog.Name) bool {
	relation := b.related.Relation(n)
	return relation != nil && relation.ID.Kind == catalog.KindMaterializedView
}

func (b *builder) severalSnapshots(table catalog.Name) bool {
	d := b.copies[table]
	return d != nil && b.converge != nil && d.Copy.Mode == ChunkSnapshots
}

// converged are the steps past which a table and all below it equal a state of
// the source.
func (b *builder) converged(table catalog.Name) (steps []*draft) {
	steps = append(steps, b.converge)
	for _, n := range b.related.Below(table) {
		steps = append(steps, b.convergeOf(n))
	}
	return steps
}

// loaded are the steps that copy the rows of a table and of all below it.
func (b *builder) loaded(table catalog.Name) (steps []*draft) {
	for _, n := range b.related.Below(table) {
		if d := b.copies[n]; d != nil {
			steps = append(steps, d)
		}
	}
	return steps
}
