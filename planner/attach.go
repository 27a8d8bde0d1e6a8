package planner

import (
	"sluice/planner/catalog"
	"sluice/planner/ddl"
	"sluice/planner/mapping"
)

// attachLater adds the step that attaches a partitioned index to the one above
// it, when all below it are attached to it. PostgreSQL marks an index valid with
// the last one that is attached to it, and then looks whether the one above is
// complete, too (validatePartitionedIndex in tablecmds.c): two transactions that
// complete two branches of a tree at once do not see each other's, and its root
// would stay invalid for ever.
func (b *builder) attachLater(o *catalog.Object, created *draft) {
	if !b.isBranch(o) {
		return
	}
	b.attaches[o] = b.add(Step{
		ID:          attachedID(o.ID),
		Stage:       StageFinish,
		Side:        Target,
		Action:      Alter,
		Object:      o.ID,
		Fingerprint: created.Fingerprint,
		Note:        []string{"attached to the index above it"},
		Reason:      created.Reason,
		SQL:         []string{ddl.Attach(o)},
		Transaction: true,
	})
}

func attachedID(index catalog.ID) string { return stepID(Alter, index, "attached") }

// isBranch says that an index has one above it and others below.
func (b *builder) isBranch(o *catalog.Object) bool {
	return mapping.AttachedTo(o) != (catalog.Name{}) && len(b.related.Attached(o)) > 0
}

// detached is the object without the index above it.
func detached(o *catalog.Object) *catalog.Object {
	alone := *o
	alone.Spec = cloneSpec(o.Spec)
	switch spec := alone.Spec.(type) {
	case *catalog.Index:
		spec.Of = catalog.Name{}
	case *catalog.Constraint:
		spec.Of = catalog.Name{}
	}
	return &alone
}

// linkAttachments lets an index be attached after those below it are.
func (b *builder) linkAttachments() {
	for o, d := range b.attaches {
		d.after(b.creates[o])
		for _, below := range b.related.Attached(o) {
			d.after(b.creates[below], b.attaches[below])
		}
	}
}
