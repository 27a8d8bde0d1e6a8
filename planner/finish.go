package planner

import (
	"slices"

	"sluice/planner/catalog"
	"sluice/planner/ddl"
)

func (b *builder) refreshStep(o *catalog.Object, stage Stage) Step {
	return Step{
		Stage:       stage,
		Side:        Target,
		Action:      Refresh,
		Object:      o.ID,
		Fingerprint: b.fingerprint(o),
		Reason:      b.reason(o),
		SQL:         []string{ddl.Refresh(o)},
		Transaction: true,
	}
}

// finishTables adds what is left to do for the tables once their rows and keys
// are there: replica identities and statistics; then materialised views, which
// are queries and want both.
func (b *builder) finishTables() {
	for i := range b.source.Objects {
		o := &b.source.Objects[i]
		if o.ID.Kind != catalog.KindTable || !b.chosen.Of(o).Taken {
			continue
		}
		b.addIdentity(o)
		if b.spec.Stages.Full {
			b.addAnalyze(o)
		}
	}
	for _, d := range b.analyzed {
		if converge := b.convergeOf(d.Object.Qualified()); converge != nil {
			converge.after(d)
		}
	}
	for _, d := range b.refreshes {
		d.after(b.converge, b.joining.join)
		d.after(b.analyzed...)
	}
}

// addIdentity sets a table's replica identity on the target, where the source's
// is not the default. One that is declared belongs to the migration and not to
// the table.
func (b *builder) addIdentity(o *catalog.Object) {
	sql := ddl.ReplicaIdentity(o)
	if sql == "" || b.needsFull(o) || b.creates[o] == nil {
		return
	}
	d := b.add(Step{
		ID:          stepID(Alter, o.ID, "replica identity"),
		Stage:       StageFinish,
		Side:        Target,
		Action:      Alter,
		Object:      o.ID,
		Fingerprint: b.fingerprint(o),
		Note:        []string{"replica identity"},
		Reason:      b.reason(o),
		SQL:         []string{sql},
		Transaction: true,
		Undo:        []string{defaultIdentity(o.ID)},
	})
	d.after(b.creates[o], b.copies[o.ID.Qualified()])
	name := catalog.Name{Schema: o.ID.Schema, Local: o.Spec.(*catalog.Table).Identity.Index}
	if index := b.related.Index(name); index != nil {
		d.after(b.creates[index])
	}
}

// addAnalyze collects a table's statistics, which the planner needs to find the
// rows that changes name. Of a partitioned table once for the whole: ANALYZE
// goes down to the partitions, and autovacuum never does the table itself. A
// table with a foreign one below is left to autovacuum: ANALYZE would ask that
// one's server for rows.
func (b *builder) addAnalyze(o *catalog.Object) {
	of := o.Spec.(*catalog.Table).Of
	rows := b.loaded(o.ID.Qualified())
	withParent := of != (catalog.Name{}) && b.chosen.Of(b.related.Relation(of)).Taken && !b.foreignBelow(of)
	if len(rows) == 0 || withParent || b.foreignBelow(o.ID.Qualified()) {
		return
	}
	d := b.add(Step{
		Stage:       StageFinish,
		Side:        Target,
		Action:      Analyze,
		Object:      o.ID,
		Fingerprint: b.fingerprint(o),
		Reason:      b.reason(o),
		SQL:         []string{"analyze " + o.ID.Qualified().SQL()},
		Transaction: true,
	})
	d.after(rows...)
	for _, n := range b.related.Below(o.ID.Qualified()) {
		d.after(b.keysBeforeChanges(n)...)
	}
	b.analyzed = append(b.analyzed, d)
}

func (b *builder) foreignBelow(table catalog.Name) bool {
	return slices.ContainsFunc(b.related.Below(table), func(n catalog.Name) bool {
		relation := b.related.Relation(n)
		return relation != nil && relation.ID.Kind == catalog.KindForeignTable
	})
}

// keysBeforeChanges are the steps that make a table's indexes and statistics
// objects, without those that wait for the changes to have settled.
func (b *builder) keysBeforeChanges(table catalog.Name) (steps []*draft) {
	for _, part := range b.related.Parts(table) {
		d := b.creates[part]
		if d == nil {
			continue
		}
		late := false
		for _, before := range d.before {
			late = late || before == b.convergeOf(table)
		}
		if !late && (part.ID.Kind == catalog.KindIndex || part.ID.Kind == catalog.KindConstraint || part.ID.Kind == catalog.KindStatistics) {
			steps = append(steps, d)
		}
	}
	return steps
}

// follow adds the step that applies changes until cutover. Everything else comes
// before it.
func (b *builder) follow() {
	if !b.spec.Stages.Incremental {
		return
	}
	earlier := b.drafts
	d := b.add(Step{
		Stage:  StageFollow,
		Side:   Target,
		Action: Follow,
		Object: slot(b.spec.Slot),
		Note:   []string{plural(len(b.followed()), "table")},
	})
	d.after(earlier...)
}
