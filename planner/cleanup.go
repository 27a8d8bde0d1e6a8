package planner

import (
	"fmt"
	"maps"
	"slices"

	"sluice/planner/catalog"
	"sluice/planner/ddl"
	"sluice/planner/mapping"
	"sluice/state"
)

// Cleanup plans the removal of what the migration left: the fence, replica
// identities, the slot and the publication on the source, the spool, its state on
// the target; and with dropCreated also every object that the state says its steps
// created there.
//
// What there is to remove is read from the state and not from the
// configuration: the latter may have changed since.
func Cleanup(spec Spec, source, target *catalog.Catalog, done state.State, dropCreated bool) *Plan {
	b := newBuilder(spec, source, target, done)
	b.choose()
	b.plan.NotMigrated = []Omission{} // build's subject
	b.plan.Findings = []Finding{}
	b.plan.Slot = b.slotName()
	if isFenced(source, done) {
		b.removeFence()
	}
	b.cleanSource()
	b.disarm(StageCleanup)
	if dropCreated {
		b.dropCreated()
	}
	forget := b.add(Step{Stage: StageCleanup, Side: Target, Action: Forget, Object: database(target.Server.Database),
		Note: []string{"the state of " + spec.Migration}})
	for _, d := range b.drafts {
		forget.after(d)
	}
	b.checkState()
	b.checkLive()
	b.checkUnchecked()
	return b.finish()
}

func (b *builder) checkLive() {
	if !b.done.Lease.Live {
		return
	}
	b.report(Finding{
		Code:    "C126",
		Object:  database(b.target.Server.Database),
		Summary: fmt.Sprintf("%s is running %s right now", b.done.Lease.Holder, b.spec.Migration),
		Fix:     []string{"stop that process (Ctrl-C ends it cleanly), then try again"},
		Place:   place(b.spec.Place),
	})
}

// isFenced says that a cutover put up its fence, or may have.
func isFenced(source *catalog.Catalog, done state.State) bool {
	return done.Phase == state.CutOver || done.Phase == state.CuttingOver ||
		slices.ContainsFunc(source.Objects, func(o catalog.Object) bool {
			return o.ID.Kind == catalog.KindTrigger && o.ID.Name == fenceTrigger
		})
}

func (b *builder) removeFence() {
	id := database(b.source.Server.Database)
	b.add(Step{ID: "drop fence on " + id.String(), Stage: StageCleanup, Side: Source, Action: Drop, Object: id,
		Note: []string{"the fence"}, SQL: append(b.writableSQL(), b.unfenceSQL()...)})
	b.report(Finding{
		Code:    "W226",
		Object:  id,
		Summary: fmt.Sprintf("%s of %s will take writes again", id, b.spec.Source.Ref),
		Place:   place(b.spec.Source.Place),
	})
}

// cleanSource removes what else is on the source: the slot before the publication,
// which it would miss while it is read.
func (b *builder) cleanSource() {
	for i := range b.source.Objects {
		if id := b.onSource(&b.source.Objects[i]); id.Kind == catalog.KindTable && b.knows(fullIdentityID(id)) {
			b.add(Step{ID: stepID(Alter, id, "replica identity default on the source"), Stage: StageCleanup, Side: Source,
				Action: Alter, Object: id, Note: []string{"REPLICA IDENTITY DEFAULT"}, SQL: []string{defaultIdentity(id)}})
		}
	}
	for _, name := range b.joiningNames() {
		for _, d := range b.dropJoining(name, nil) {
			d.Stage, d.Forgets = StageCleanup, nil // all records go
		}
	}
	var slotGone *draft
	if id := slot(b.slotName()); b.knows(stepID(CreateSlot, id)) {
		slotGone = b.add(Step{Stage: StageCleanup, Side: Source, Action: DropSlot, Object: id})
	}
	b.dropSpool(slotGone)
	if id := publication(b.slotName()); b.knows(stepID(Create, id)) {
		d := b.add(Step{Stage: StageCleanup, Side: Source, Action: Drop, Object: id, SQL: []string{dropPublication(id.Name)}})
		d.after(slotGone)
	}
}

// slotName is the name under which slot and publication were made.
func (b *builder) slotName() string {
	if b.done.Slot != "" {
		return b.done.Slot
	}
	return b.spec.Slot
}

// dropCreated drops what the state says was created, in the reverse of the
// order in which it was: foreign keys first, since tables may refer to each
// other in a circle, then each object before those that it needs. What is on a
// dropped table, or owned by its columns, goes with it.
func (b *builder) dropCreated() {
	onTarget := mapping.Relate(b.target)
	drops := map[catalog.ID]*draft{}
	var keys []*draft
	for i := range b.target.Objects {
		o := &b.target.Objects[i]
		if !b.made(o.ID) || o.ID.Kind != catalog.KindForeignKey && b.goesAlong(onTarget, o) {
			continue
		}
		drops[o.ID] = b.add(Step{Stage: StageCleanup, Side: Target, Action: Drop, Object: o.ID,
			SQL: append([]string{ddl.Drop(o)}, b.dropShells(o)...), Transaction: true})
		if o.ID.Kind == catalog.KindForeignKey {
			keys = append(keys, drops[o.ID])
		}
	}
	for _, id := range sortedIDs(drops) {
		if id.Kind != catalog.KindForeignKey {
			drops[id].after(keys...)
			dropAfterUsers(onTarget, drops, onTarget.Find(id))
		}
	}
	b.dropOneByOne(onTarget, drops)
	b.openCircles(onTarget)
	if len(drops) > 0 {
		b.report(Finding{
			Code:    "W225",
			Object:  database(b.target.Server.Database),
			Summary: plural(len(drops), "object") + " that sluice created on " + b.spec.Target.Ref + " will be dropped, with all rows",
			Place:   place(b.spec.Target.Place),
		})
	}
}

// sortedIDs are the objects with a draft, in order.
func sortedIDs(drafts map[catalog.ID]*draft) []catalog.ID {
	return slices.SortedFunc(maps.Keys(drafts), catalog.Compare)
}

// goesAlong says that an object goes when a table that is dropped goes.
func (b *builder) goesAlong(r *mapping.Relations, o *catalog.Object) bool {
	with, ok := mapping.On(o)
	if s, isSequence := o.Spec.(*catalog.Sequence); isSequence && s.OwnedBy != nil {
		with, ok = s.OwnedBy.Table, true
	}
	relation := r.Relation(with)
	return ok && relation != nil && b.made(relation.ID)
}

// dropAfterUsers lets what an object needs, itself or through what is on it, be
// dropped after it.
func dropAfterUsers(r *mapping.Relations, drops map[catalog.ID]*draft, user *catalog.Object) {
	needs, below := slices.Clip(r.Needs(user)), r.Below(user.ID.Qualified())
	for _, part := range r.Parts(user.ID.Qualified()) {
		if part.ID.Kind != catalog.KindForeignKey {
			needs = append(needs, r.Needs(part)...)
		}
	}
	for _, need := range needs {
		if on, ok := mapping.On(need); ok && drops[need.ID] == nil {
			if relation := r.Relation(on); relation != nil {
				need = relation
			}
		}
		if name := need.ID.Qualified(); r.Relation(name) == need && slices.Contains(below, name) {
			continue // a partition goes before its parent, and with it its copy of what is on that
		}
		if d := drops[need.ID]; d != nil {
			d.after(drops[user.ID])
		}
	}
}
