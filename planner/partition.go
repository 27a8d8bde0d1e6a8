package planner

import (
	"slices"

	"sluice/planner/catalog"
	"sluice/planner/ddl"
	"sluice/planner/mapping"
)

// A partition that turns up below a table which has its keys and indexes gets them
// with its own statement, before it is attached: PostgreSQL attaches those that it
// finds, and makes the others under names of its choice. So do check constraints,
// without which it is not attached at all. Its rows come into a table with keys
// then, which is slower, and no matter for a table that is new on the source too.
//
// https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-ATTACH-PARTITION

// findNewPartitions finds those, from the top down, with what each is made with.
func (b *builder) findNewPartitions() {
	for found := true; found; {
		found = false
		for i := range b.source.Objects {
			o := &b.source.Objects[i]
			if b.bornWith[o] != nil || !b.isNewPartition(o) {
				continue
			}
			for _, part := range b.related.Parts(o.ID.Qualified()) {
				if b.chosen.Of(part).Taken && b.isThereAbove(part) {
					b.bornWith[o] = append(b.bornWith[o], part)
					b.covered[part], found = true, true
				}
			}
		}
	}
}

// isNewPartition says that a partition is to be made, below a table that is there.
// Where that has a default partition, rows may still be in this one for a while.
func (b *builder) isNewPartition(o *catalog.Object) bool {
	table, ok := o.Spec.(*catalog.Table)
	if !ok || table.Of == (catalog.Name{}) || !b.chosen.Of(o).Taken || !b.spec.Stages.Schema || b.made(o.ID) || b.onTarget(o.ID) != nil {
		return false
	}
	parent := b.related.Relation(table.Of)
	return (b.made(parent.ID) || b.bornWith[parent] != nil) && !b.hasDefault(parent)
}

func (b *builder) hasDefault(parent *catalog.Object) bool {
	return slices.ContainsFunc(b.related.Below(parent.ID.Qualified())[1:], func(n catalog.Name) bool {
		table := b.related.Relation(n).Table()
		return table.Of == parent.ID.Qualified() && table.Bound == "DEFAULT"
	})
}

// isThereAbove says that what a part of a partition belongs to is on the table above
// by the time when the partition is made.
func (b *builder) isThereAbove(part *catalog.Object) bool {
	above := b.related.Index(mapping.AttachedTo(part))
	if c, ok := part.Spec.(*catalog.Constraint); ok && comesWithParent(part) && c.Type == catalog.Check {
		above = b.parentOf(part)
	}
	return above != nil && (b.made(above.ID) || b.covered[above])
}

// withParts adds what a partition is made with to its statements.
func (b *builder) withParts(o *catalog.Object, sql []string) []string {
	var parts []string
	for _, part := range b.bornWith[o] {
		if comesWithParent(part) {
			parts = append(parts, ddl.AddConstraint(part))
		}
		parts = append(parts, ddl.Create(detached(part), b.target.Server.Version)...)
	}
	return slices.Insert(slices.Clone(sql), slices.Index(sql, ddl.AttachPartition(o)), parts...)
}

// makes are the records of what a partition is made with.
func (b *builder) makes(o *catalog.Object) (made []Made) {
	for _, part := range b.bornWith[o] {
		if comesWithParent(part) {
			continue // it never has a step
		}
		made = append(made, Made{stepID(Create, part.ID), b.fingerprint(part)})
		if _, check := withoutValidation(part, ddl.Create(part, b.target.Server.Version)); check {
			made = append(made, Made{validatedID(part.ID), b.fingerprint(part)})
		}
		if o.Table().Partitioned() {
			made = append(made, Made{attachedID(part.ID), b.fingerprint(part)})
		}
	}
	return made
}
