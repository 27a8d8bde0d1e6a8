package planner

import (
	"fmt"
	"strings"

	"sluice/planner/catalog"
	"sluice/planner/ddl"
	"sluice/planner/mapping"
)

// checkOurs checks an object that a step of this migration created.
func (b *builder) checkOurs(o, there *catalog.Object) {
	if there == nil {
		b.reportGone(o.ID)
		return
	}
	added, detail := b.outgrown(o, there)
	switch {
	case detail == "":
		b.addColumns(o, added)
	case b.waits(o) == "": // else that of its pause says so
		b.reportChanged(o, detail)
	}
}

// outgrown says how an object that sluice created is another one on the source by now:
// by columns that can be added, or as detail has it.
func (b *builder) outgrown(o, there *catalog.Object) (added []string, detail string) {
	recorded := b.done.Steps[stepID(Create, o.ID)].Fingerprint
	if recorded == "" || recorded == b.fingerprint(o) {
		return nil, ""
	}
	if added := b.addedColumns(o, there); len(added) > 0 && b.fingerprint(withoutColumns(o, added)) == recorded {
		if unknown := b.unknownColumns(o, added); len(unknown) > 0 {
			detail = fmt.Sprintf("of the rows that are copied already nobody can tell what they have in %s", strings.Join(unknown, ", "))
		}
		return added, detail
	}
	if !b.same(o, there) {
		detail = difference(o, there)
	}
	return nil, detail
}

// reportChanged reports that an object is another one on the source than it was
// when it was created on the target.
func (b *builder) reportChanged(o *catalog.Object, detail string) {
	fix := []string{fmt.Sprintf("undo the change on %s", b.spec.Source.Ref)}
	if _, followed := b.isFollowed(o.ID); followed && o.ID.Kind == catalog.KindTable {
		fix = append(fix, fmt.Sprintf("or sluice apply -replace=%s: it is made and loaded again", b.onSource(o).Label()))
	}
	b.report(Finding{
		Code:    "C124",
		Object:  o.ID,
		Summary: fmt.Sprintf("%s changed on %s after it was created on %s", o.ID, b.spec.Source.Ref, b.spec.Target.Ref),
		Detail:  detail,
		Fix:     append(fix, "or start over: sluice cleanup -drop-created, then sluice apply"),
		Place:   b.reason(o).Place,
	})
}

func (b *builder) reportGone(id catalog.ID) {
	b.report(Finding{
		Code:    "C117",
		Object:  id,
		Summary: fmt.Sprintf("sluice created %s, and it is no longer on %s", id, b.spec.Target.Ref),
		Fix: []string{
			"restore it as it was",
			"or start over: sluice cleanup -drop-created, then sluice apply",
		},
	})
}

// reportExisting reports an object that is on the target, is not ours and is in
// the way.
func (b *builder) reportExisting(o, there *catalog.Object) {
	if o.ID.Kind == catalog.KindTable {
		b.reportExistingTable(o, there)
		return
	}
	if on, ok := mapping.On(o); ok && b.target.Find(tableID(on)) != nil && !b.present[b.related.Relation(on)] {
		return // its table is in the way already, and is reported
	}
	b.report(Finding{
		Code:    "C102",
		Object:  o.ID,
		Summary: fmt.Sprintf("%s exists on %s and differs", o.ID, b.spec.Target.Ref),
		Detail:  difference(o, there),
		Fix: []string{
			fmt.Sprintf("on %s: %s", b.spec.Target.Ref, ddl.Drop(there)),
			fmt.Sprintf("or exclude = [%q]", b.patternOf(o)),
		},
		Place: b.reason(o).Place,
	})
}

func (b *builder) reportExistingTable(o, there *catalog.Object) {
	rows := "is empty"
	if table, ok := there.Spec.(*catalog.Table); ok && table.Size.Pages > 0 {
		rows = "is not empty"
	}
	name := o.ID.Qualified().SQL()
	b.report(Finding{
		Code:    "C101",
		Object:  o.ID,
		Summary: fmt.Sprintf("%s already exists on %s and %s", o.ID, b.spec.Target.Ref, rows),
		Fix: []string{
			fmt.Sprintf("on %s: drop table %s", b.spec.Target.Ref, name),
			fmt.Sprintf("or: alter table %s rename to %s", name, catalog.Quote(o.ID.Name+"_old")),
			fmt.Sprintf("or exclude = [%q]", b.onSource(o).Label()),
			fmt.Sprintf("or live with it: table %q { on_existing = \"append\" }, or \"truncate\", \"adopt\", \"skip\"", b.onSource(o).Label()),
		},
		Place: b.reason(o).Place,
	})
}

// reportMissingTable reports a table that rows should go into and that no stage
// creates.
func (b *builder) reportMissingTable(o *catalog.Object) {
	var names []string
	for i := range b.target.Objects {
		if id := b.target.Objects[i].ID; id.Kind == catalog.KindTable {
			names = append(names, id.Label())
		}
	}
	b.report(Finding{
		Code:    "C106",
		Object:  o.ID,
		Summary: fmt.Sprintf("%s has no %s, and the stage \"schema\" is not declared", b.spec.Target.Ref, o.ID),
		Fix: append(suggestions(o.ID.Label(), names),
			`stages = ["schema", …] creates it`, fmt.Sprintf("or exclude = [%q]", b.onSource(o).Label())),
		Place: b.reason(o).Place,
	})
}

// checkColumns checks a table that rows go into and that no stage creates.
func (b *builder) checkColumns(o *catalog.Object, table *catalog.Table, there *catalog.Object) {
	existing, ok := there.Spec.(*catalog.Table)
	if !ok {
		return
	}
	if differ := columnDifference(table, existing); differ != "" {
		b.report(Finding{
			Code:    "C102",
			Object:  o.ID,
			Summary: fmt.Sprintf("the columns of %s on %s differ", o.ID, b.spec.Target.Ref),
			Detail:  differ,
			Fix:     []string{"make them equal", fmt.Sprintf("or exclude = [%q]", b.onSource(o).Label())},
			Place:   b.reason(o).Place,
		})
	}
	ours := b.done.Done(stepID(Create, o.ID)) || b.done.Done(stepID(Copy, o.ID))
	if b.spec.Stages.Full && !table.Partitioned() && !ours && existing.Size.Pages > 0 {
		b.report(Finding{
			Code:    "W223",
			Object:  o.ID,
			Summary: fmt.Sprintf("%s on %s is not empty, and rows are added to it", o.ID, b.spec.Target.Ref),
			Fix:     []string{fmt.Sprintf("on %s: truncate %s", b.spec.Target.Ref, o.ID.Qualified().SQL())},
			Place:   b.reason(o).Place,
		})
	}
}

// checkName reports that the name of an index, or of a key, which it shares with all of
// its schema, belongs to one of another table: as it does where a table was renamed on the
// source, and stays on the target under its old name.
func (b *builder) checkName(o *catalog.Object) {
	switch spec := o.Spec.(type) {
	case *catalog.Index:
	case *catalog.Constraint:
		if spec.Type != catalog.PrimaryKey && spec.Type != catalog.Unique && spec.Type != catalog.Exclusion {
			return
		}
	default:
		return
	}
	table, _ := mapping.On(o)
	b.targetParts(table) // relates the target
	other := b.relatedThere.Index(catalog.Name{Schema: o.ID.Schema, Local: o.ID.Name})
	if other == nil {
		return
	}
	on, _ := mapping.On(other)
	if on == table {
		return
	}
	b.report(Finding{
		Code:    "C102",
		Object:  o.ID,
		Summary: fmt.Sprintf("the name of %s is taken on %s by %s", o.ID, b.spec.Target.Ref, other.ID),
		Fix: []string{
			fmt.Sprintf("on %s: alter index %s rename to %s", b.spec.Target.Ref, catalog.Name{Schema: o.ID.Schema, Local: o.ID.Name}.SQL(), catalog.Quote(o.ID.Name+"_old")),
			fmt.Sprintf("or, if nobody needs it: drop table %s", on.SQL()),
		},
		Place: b.reason(o).Place,
	})
}
