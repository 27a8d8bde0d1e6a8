package planner

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"sluice/planner/catalog"
	"sluice/planner/ddl"
	"sluice/planner/mapping"
	"sluice/state"
)

// A table that is followed, and that sluice made, may get another name or other
// columns. It is made again:
//
//	leave       what comes for it is passed over
//	drop        the table, with what sluice has made on it and of it, and the
//	            records of all that; in one transaction
//	join        as of any table that is new
//
// Nothing is renamed in place, although no row would have to travel then. What an
// object is called is decided when its statement is written, for everything that
// names it: keys, indexes and sequences, which are called after the table and
// share one name space with the old ones, views and rules, bodies that are
// strings. A statement that changes one of them here and there would be a second
// way to say all this, and each object that it forgets would be another one on
// the target than the plan of the next day has. Made again, there is one way, and
// what is on the target is what the plan says.
//
// The old one goes before the new one comes: so no name is taken twice, two
// tables may swap theirs, and no disk has to hold both. A table that is loaded
// again is incomplete until it has joined in any case.
//
// So everything after findRemade is planned as if that transaction had committed:
// with a state and a target that have nothing of what goes. That is also what the
// next run finds, whenever this one is killed.

// remaking is a table that is made again, with what goes along.
type remaking struct {
	table  *catalog.Object   // on the target
	tables []*catalog.Object // that go and are loaded again, on the target: itself, partitions, heirs
	goes   []*catalog.Object // in the order in which they can be dropped
	why    string

	sql     []string // drops them
	forgets []string // is recorded of them
}

// findRemade finds the tables to make again, and takes what goes with them out of
// the builder's state and target: from there on asDropped plans.
func (b *builder) findRemade() {
	if s := b.spec.Stages; !s.Schema || !s.Full || !s.Incremental || b.done.Phase == state.CutOver {
		return
	}
	b.relatedThere = mapping.Relate(b.target)
	there := &dropping{builder: b, Relations: b.relatedThere, why: map[*catalog.Object]string{}}
	var tables []*catalog.Object
	for _, f := range b.done.Followed {
		table := there.Relation(catalog.Name{Schema: f.Schema, Local: f.Table})
		if table == nil || !b.made(table.ID) {
			continue
		}
		if because := b.whyRemade(there, f, table); because != "" {
			top := there.topmost(table)
			if there.why[top] == "" {
				tables = append(tables, top)
			}
			there.why[top] = because
		}
	}
	if len(tables) == 0 {
		return
	}
	there.findUsers()
	gone := map[*catalog.Object]bool{}
	start := there.otherBodies()
	for _, table := range tables {
		if gone[table] {
			continue
		}
		goes := there.goesWith(gone, append(start, table)...)
		start = nil // they have gone with the first one
		maps.Copy(gone, goes)
		b.remade = append(b.remade, there.remaking(table, goes))
	}
	said := len(b.plan.Findings)
	for _, r := range b.remade {
		b.checkGoes(there, r, gone)
	}
	b.plan.Findings = b.plan.Findings[said:]
	b.forget(gone)
}

// asDropped is a builder for what is to do once the tables are dropped. It names all
// objects anew, since that may depend on the tables of the target.
func (b *builder) asDropped(source *catalog.Catalog) *builder {
	next := newBuilder(b.spec, source, b.target, b.done)
	next.remade, next.plan.Findings = b.remade, b.plan.Findings
	next.choose()
	next.takeFingerprints()
	return next
}

// plannedFrom is the selected table of the plan that comes from this one of the
// source; nil: there is none.
func (b *builder) plannedFrom(from catalog.Name) *catalog.Object {
	if b.fromSource == nil {
		b.fromSource = map[catalog.Name]*catalog.Object{}
		for _, o := range b.withRows() {
			b.fromSource[b.onSource(o).Qualified()] = o
		}
	}
	return b.fromSource[from]
}

// inPlaceOf is the table of the plan that brings the rows of a followed one of the
// target; nil: none does.
func (b *builder) inPlaceOf(table *catalog.Object) *catalog.Object {
	f, known := b.followedNow[table.ID.Qualified()]
	if !known {
		return nil
	}
	return b.plannedFrom(catalog.Name{Schema: f.FromSchema, Local: f.FromTable})
}

// whyRemade says why a table that is followed, or was, is made again; empty: it
// stays. table is the target's.
func (b *builder) whyRemade(there *dropping, f state.Followed, table *catalog.Object) string {
	from := catalog.Name{Schema: f.FromSchema, Local: f.FromTable}
	o := b.plannedFrom(from)
	if o != nil && o.ID != table.ID {
		return "it becomes " + o.ID.Label()
	}
	if o = b.planned(table.ID); o == nil || o.Table() == nil {
		return ""
	}
	if is := b.onSource(o).Qualified(); is != from {
		return "its name is for the rows of " + is.String()
	}
	other := b.otherShape(o, table)
	switch {
	case other && b.replaced(o):
		return "-replace"
	case other && b.leavesColumns(o, table), !b.copySpec(o, o.Table()).travelsAs(f.Digest) && (other || b.lacksColumns(o, table)):
		return "its columns are declared otherwise"
	case other && f.Left:
		return "its columns are others than when it left"
	case other && b.planned(there.topmost(table).ID) == nil:
		return there.topmost(table).ID.String() + " is called otherwise"
	}
	return ""
}

// planned is the object of the plan with this ID; nil: there is none.
func (b *builder) planned(id catalog.ID) *catalog.Object {
	if o := b.related.Find(id); o != nil && b.chosen.Of(o).Taken {
		return o
	}
	return nil
}

// otherShape says that an object that sluice made would be made otherwise now, in
// more than columns that can be added to it.
func (b *builder) otherShape(o, there *catalog.Object) bool {
	recorded := b.done.Steps[stepID(Create, o.ID)].Fingerprint
	if recorded == "" || recorded == b.fingerprint(o) {
		return false
	}
	if added := b.addedColumns(o, there); len(added) > 0 && b.fingerprint(withoutColumns(o, added)) == recorded {
		return slices.ContainsFunc(o.Table().Columns, func(c catalog.Column) bool {
			return slices.Contains(added, c.Name) && !hasColumn(there.Table(), c.Name) && !nullAtFirst(&c)
		})
	}
	return !b.same(o, there)
}

// lacksColumns says that the target's table has not all columns yet: with another
// declaration they are no new ones of the source, which are NULL in every row.
func (b *builder) lacksColumns(o, there *catalog.Object) bool {
	return slices.ContainsFunc(o.Table().Columns, func(c catalog.Column) bool { return !hasColumn(there.Table(), c.Name) })
}

// leavesColumns says that the target's table has columns that are left out now.
func (b *builder) leavesColumns(o, there *catalog.Object) bool {
	return slices.ContainsFunc(b.leftColumns(o), func(c catalog.Column) bool { return hasColumn(there.Table(), c.Name) })
}

// checkGoes says what it means that a table is made again, and reports what would
// go with it although it must not.
func (b *builder) checkGoes(there *dropping, r remaking, gone map[*catalog.Object]bool) {
	for _, o := range r.goes {
		if why := there.mustStay(o, gone); why != "" {
			fix := []string{"take the edit back until the cutover", "or start over: sluice cleanup -drop-created, then sluice apply"}
			if !b.made(o.ID) {
				fix[1] = fmt.Sprintf("or on %s: %s, and make it again when %s has joined", b.spec.Target.Ref, ddl.Drop(o), r.table.ID.Label())
			}
			b.report(Finding{
				Code:    "C155",
				Object:  o.ID,
				Summary: fmt.Sprintf("%s on %s is to be made again (%s), and %s would go with it: %s", r.table.ID, b.spec.Target.Ref, r.why, o.ID, why),
				Fix:     fix,
				Place:   place(b.spec.Place),
			})
		}
	}
	for _, table := range r.tables {
		why := r.why
		if table != r.table {
			why = "it goes with " + r.table.ID.Label()
		}
		at := place(b.spec.Place)
		if o := b.inPlaceOf(table); o != nil {
			at = b.reason(o).Place
		}
		b.report(Finding{
			Code:    "W251",
			Object:  table.ID,
			Summary: fmt.Sprintf("%s on %s is dropped, and made and loaded again: %s", table.ID, b.spec.Target.Ref, why),
			Fix:     []string{"whoever reads it there does not find it, or finds it incomplete, until it has joined"},
			Place:   at,
		})
	}
}

// forget takes what goes out of the state, and off the target.
func (b *builder) forget(gone map[*catalog.Object]bool) {
	done := b.done
	done.Steps = maps.Clone(done.Steps)
	tables := map[catalog.Name]bool{}
	for o := range gone {
		tables[o.ID.Qualified()] = tables[o.ID.Qualified()] || o.ID.Kind == catalog.KindTable
	}
	for i := range b.remade {
		for _, id := range b.remade[i].forgets {
			delete(done.Steps, id)
		}
	}
	done.Chunks = slices.DeleteFunc(slices.Clone(done.Chunks), func(c state.Chunk) bool { return tables[catalog.Name{Schema: c.Schema, Local: c.Table}] })
	done.Followed = slices.Clone(done.Followed)
	for i := range done.Followed {
		f := &done.Followed[i]
		f.Left = f.Left || tables[catalog.Name{Schema: f.Schema, Local: f.Table}]
	}
	target := *b.target
	target.Objects = nil
	for i := range b.target.Objects {
		if o := &b.target.Objects[i]; !gone[o] {
			target.Objects = append(target.Objects, *o)
		}
	}
	b.target, b.done = &target, done
}

// stepsOf are the records of what was done on the target for an object.
func (b *builder) stepsOf(id catalog.ID) (steps []string) {
	for _, action := range []Action{Create, Alter, Copy, Analyze, Refresh, Truncate, Adopt} {
		first := stepID(action, id)
		for step := range b.done.Steps {
			if step == first || strings.HasPrefix(step, first+" ") && !strings.HasSuffix(step, " on the source") {
				steps = append(steps, step)
			}
		}
	}
	return steps
}

// remake adds the steps that take the tables out of the stream and drop them,
// after whatever was left of another edit is gone. Nothing is made before: what
// comes may have the name of what goes.
func (b *builder) remake(gone []*draft) (steps []*draft) {
	for _, r := range b.remade {
		d := b.add(Step{
			Stage:       StageSchema,
			Side:        Target,
			Action:      Remake,
			Object:      r.table.ID,
			Note:        r.notes(),
			SQL:         r.sql,
			Forgets:     r.forgets,
			Transaction: true,
		})
		for _, table := range r.tables {
			if table != r.table {
				d.Covers = append(d.Covers, table.ID)
			}
		}
		var e Estimate
		for _, table := range r.tables {
			if o := b.inPlaceOf(table); o != nil {
				e.Rows, e.Bytes = e.Rows+o.Table().Size.Rows, e.Bytes+o.Table().Size.Bytes
			}
		}
		b.estimate(d, e)
		d.after(gone...)
		d.after(steps...)
		steps = append(steps, d)
	}
	if len(steps) == 0 {
		return nil
	}
	for _, d := range b.drafts {
		if d.Side == Target && (d.Action == Create || d.Action == Alter) && !b.done.Done(d.ID) {
			d.after(steps...)
		}
	}
	b.beforeConverging(steps...)
	return steps
}

// notes says what goes with the table, as far as it is not on it.
func (r remaking) notes() []string {
	notes := []string{"dropped, made and loaded again: " + r.why}
	var with []string
	for _, o := range r.goes {
		if _, part := mapping.On(o); o != r.table && (!part || o.ID.Kind == catalog.KindForeignKey && o.ID.Relation() != r.table.ID.Qualified()) && o.ID.Kind != catalog.KindSequence {
			with = append(with, o.ID.String())
		}
	}
	if len(with) > 0 {
		notes = append(notes, "with "+strings.Join(with, ", "))
	}
	return notes
}
