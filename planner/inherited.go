package planner

import (
	"slices"

	"sluice/planner/catalog"
	"sluice/planner/ddl"
)

// comesWithParent says that PostgreSQL makes the constraint along with the one
// of a parent table. A key of a partition is made by itself and attached.
func comesWithParent(o *catalog.Object) bool {
	c, ok := o.Spec.(*catalog.Constraint)
	return ok && c.Inherited && (c.Type == catalog.Check || c.Type == catalog.NotNull || c.Type == catalog.ForeignKey)
}

// cover finds the step that a constraint from a parent comes with: that of the
// parent's constraint or, where that one is on the target already, of the table.
func (b *builder) cover(o *catalog.Object) {
	parent := b.parentOf(o)
	d, there := b.creates[parent], b.onTarget(o.ID)
	if d == nil && (parent == nil || b.present[parent]) {
		d = b.creates[b.related.Relation(o.ID.Relation())]
	}
	switch {
	case d != nil && len(ddl.Create(o, b.target.Server.Version)) > 0: // it has a comment, or is valid where the parent's is not
		b.create(o)
		b.creates[o].after(d)
	case d != nil:
		d.Covers = append(d.Covers, o.ID)
		b.covered[o] = true
	case there != nil && there.Fingerprint() == o.Fingerprint():
		b.plan.Right = append(b.plan.Right, o.ID)
	default:
		b.omit(o.ID, "comes with a parent table's constraint that is not created")
	}
}

// parentOf is the constraint above o that is declared itself: as pg_depend says,
// else the one of the same name on a table above.
func (b *builder) parentOf(o *catalog.Object) *catalog.Object {
	for _, id := range o.Depends {
		if id.Kind != o.ID.Kind || id.Relation() == o.ID.Relation() {
			continue
		}
		parent := b.related.Find(id)
		if parent != nil && comesWithParent(parent) {
			return b.parentOf(parent)
		}
		return parent
	}
	for _, table := range b.ancestors(o.ID.Relation()) {
		id := catalog.ID{Kind: o.ID.Kind, Schema: table.Schema, Table: table.Local, Name: o.ID.Name}
		if c := b.related.Find(id); c != nil && !comesWithParent(c) {
			return c
		}
	}
	return nil
}

// ancestors are the tables above a table, the nearest first.
func (b *builder) ancestors(n catalog.Name) (all []catalog.Name) {
	level := []catalog.Name{n}
	for i := 0; i < len(level); i++ {
		relation := b.related.Relation(level[i])
		if relation == nil {
			continue
		}
		table := relation.Table()
		if table == nil {
			continue
		}
		for _, parent := range append([]catalog.Name{table.Of}, table.Inherits...) {
			if parent != (catalog.Name{}) && !slices.Contains(level, parent) {
				level = append(level, parent)
			}
		}
	}
	return level[1:]
}
