package planner

import (
	"slices"

	"sluice/planner/catalog"
)

// ourSchema holds the state on the target, and the fence on the source.
const ourSchema = "sluice"

// fenceTrigger stops writes to a table after the cutover.
const fenceTrigger = "sluice_fence"

// withoutOurs returns the catalog without what sluice put there itself: it is
// never part of what moves, and a plan must not change because it was begun.
// A publication is ours only where the state knows of it. Privileges that
// cannot go are worth a line only where privileges are declared.
func withoutOurs(c *catalog.Catalog, made func(catalog.ID) bool, grants bool) *catalog.Catalog {
	theirs := *c
	theirs.Objects = slices.DeleteFunc(slices.Clone(c.Objects), func(o catalog.Object) bool {
		switch {
		case o.ID.Schema == ourSchema, o.ID == catalog.ID{Kind: catalog.KindSchema, Name: ourSchema}:
			return true
		case o.ID.Kind == catalog.KindTrigger && o.ID.Name == fenceTrigger:
			return true
		case o.ID.Kind == catalog.KindPrivileges && !grants:
			return true // nor are any others declared
		}
		return o.ID.Kind == catalog.KindPublication && made(o.ID)
	})
	return &theirs
}

// takeFingerprints finds those of the chosen objects, which nearly all are asked
// for, on all processors.
func (b *builder) takeFingerprints() {
	var objects []*catalog.Object
	for i := range b.source.Objects {
		if o := &b.source.Objects[i]; b.chosen.Of(o).Taken {
			objects = append(objects, o)
		}
	}
	found := together(objects, func(chunk []*catalog.Object) (found []string) {
		for _, o := range chunk {
			found = append(found, b.findFingerprint(o))
		}
		return found
	})
	for i, fingerprint := range slices.Concat(found...) {
		b.fingerprints[objects[i]] = fingerprint
	}
}

// fingerprint is that of the source's object as the plan leaves it. A table
// whose replica identity the plan sets to full is taken with that identity, so
// that the plan is the same before and after the step that does it.
func (b *builder) fingerprint(o *catalog.Object) string {
	known, ok := b.fingerprints[o]
	if !ok {
		known = b.findFingerprint(o)
		b.fingerprints[o] = known
	}
	return known
}

func (b *builder) findFingerprint(o *catalog.Object) string {
	table, ok := o.Spec.(*catalog.Table)
	if !ok || !b.declaredFull(o) {
		return o.Fingerprint()
	}
	full := *table
	full.Identity = catalog.ReplicaIdentity{Kind: catalog.IdentityFull}
	changed := *o
	changed.Spec = &full
	return changed.Fingerprint()
}

// declaredFull says that a table block declares replica_identity = "full".
func (b *builder) declaredFull(o *catalog.Object) bool {
	rule := b.tableRule(o)
	return rule != nil && rule.ReplicaIdentity == "full" && b.spec.Stages.Incremental
}

// identity is the table's replica identity while the plan runs.
func (b *builder) identity(o *catalog.Object) catalog.ReplicaIdentity {
	if b.declaredFull(o) {
		return catalog.ReplicaIdentity{Kind: catalog.IdentityFull}
	}
	return o.Spec.(*catalog.Table).Identity
}
