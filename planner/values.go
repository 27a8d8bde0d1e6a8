package planner

import (
	"cmp"
	"slices"
	"strings"

	"sluice/planner/catalog"
)

// setSequences adds the step that gives the sequences the source's values.
func (b *builder) setSequences() {
	step, owners := b.sequenceStep(StageFinish, stepID(SetSequences, database(b.target.Server.Database)))
	if len(step.Sequences) == 0 {
		return
	}
	d := b.add(step)
	for _, o := range owners {
		d.after(b.creates[o])
	}
	for _, n := range b.copied() {
		d.after(b.copies[n])
	}
}

// sequenceStep is a step that sets every selected sequence, those behind
// identity columns included, and the objects that must be there for it.
func (b *builder) sequenceStep(stage Stage, id string) (Step, []*catalog.Object) {
	pairs, owners := b.sequencePairs()
	step := Step{
		ID:          id,
		Stage:       stage,
		Side:        Target,
		Action:      SetSequences,
		Object:      database(b.target.Server.Database),
		Note:        []string{plural(len(pairs), "sequence")},
		Transaction: true,
	}
	taken := b.sequencesTaken()
	for _, p := range pairs {
		step.Sequences = append(step.Sequences, p.from)
		step.SQL = append(step.SQL, taken[p.to].setSQL(p.to))
	}
	return step, owners
}

// sequencePairs are the sequences that move, sorted, and the objects that have them.
func (b *builder) sequencePairs() (pairs []sequencePair, owners []*catalog.Object) {
	for i := range b.source.Objects {
		o := &b.source.Objects[i]
		if found := b.withCounterpart(o, b.sequencesOf(o)); len(found) > 0 && b.isThere(o) {
			pairs = append(pairs, found...)
			owners = append(owners, o)
		}
	}
	slices.SortFunc(pairs, func(a, b sequencePair) int {
		return cmp.Or(strings.Compare(a.from.Schema, b.from.Schema), strings.Compare(a.from.Local, b.from.Local))
	})
	return slices.Compact(pairs), owners // partitions share the parent's identity sequence
}

// isThere says that a selected object is on the target once the plan has run.
func (b *builder) isThere(o *catalog.Object) bool {
	return b.creates[o] != nil || b.present[o] || b.covered[o]
}

// partitionsShareIdentity is the version since which a partition's identity
// column has its parent's sequence, and none of its own.
// https://www.postgresql.org/docs/17/release-17.html
const partitionsShareIdentity = 170000

// sequencePair is a sequence on both sides.
type sequencePair struct{ from, to catalog.Name }

func (b *builder) sequencesOf(o *catalog.Object) (pairs []sequencePair) {
	switch spec := o.Spec.(type) {
	case *catalog.Sequence:
		pairs = append(pairs, sequencePair{b.onSource(o).Qualified(), o.ID.Qualified()})
	case *catalog.Table:
		if spec.Of != (catalog.Name{}) && b.target.Server.Version >= partitionsShareIdentity {
			return nil
		}
		for _, c := range spec.Columns {
			if c.Sequence != nil {
				pairs = append(pairs, sequencePair{b.originColumn(o, &c).Sequence.Name, c.Sequence.Name})
			}
		}
	}
	return pairs
}

// refreshViews adds a step for each materialised view that holds rows on the
// source. What comes before it is known when the tables are finished.
func (b *builder) refreshViews() {
	for _, o := range b.populated() {
		d := b.add(b.refreshStep(o, StageFinish))
		b.estimate(d, Estimate{
			Rows:  o.Spec.(*catalog.MaterializedView).Size.Rows,
			Bytes: o.Spec.(*catalog.MaterializedView).Size.Bytes,
		})
		d.after(b.creates[o])
		b.refreshes[o] = d
	}
	for o, d := range b.refreshes {
		for _, below := range b.viewsBelow(o) {
			d.after(b.refreshes[below])
		}
	}
}

func (b *builder) populated() (views []*catalog.Object) {
	for i := range b.source.Objects {
		o := &b.source.Objects[i]
		if v, ok := o.Spec.(*catalog.MaterializedView); ok && v.Populated && b.isThere(o) {
			views = append(views, o)
		}
	}
	return views
}

// viewsBelow are the materialised views that one reads, also through other
// objects.
func (b *builder) viewsBelow(view *catalog.Object) (views []*catalog.Object) {
	seen := map[*catalog.Object]bool{view: true}
	for queue := []*catalog.Object{view}; len(queue) > 0; queue = queue[1:] {
		for _, need := range b.related.Needs(queue[0]) {
			if seen[need] {
				continue
			}
			seen[need] = true
			queue = append(queue, need)
			if need.ID.Kind == catalog.KindMaterializedView {
				views = append(views, need)
			}
		}
	}
	return views
}
