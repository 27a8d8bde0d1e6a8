package planner

import (
	"fmt"
	"slices"
	"strings"

	"sluice/planner/catalog"
	"sluice/state"
)

// replaced says that -replace names the table.
func (b *builder) replaced(o *catalog.Object) bool {
	return slices.Contains(b.spec.Replace, b.onSource(o).Qualified())
}

// checkReplace reports the tables to load again that have no rows to load.
func (b *builder) checkReplace() {
	var names []string
	for _, o := range b.withRows() {
		names = append(names, b.onSource(o).Label())
	}
	for _, n := range b.spec.Replace {
		if slices.Contains(names, tableID(n).Label()) {
			continue
		}
		b.report(Finding{
			Code:    "C151",
			Object:  tableID(n),
			Summary: fmt.Sprintf("-replace=%s: %s copies no rows of such a table of %s", n, b.spec.Migration, b.spec.Source.Ref),
			Fix:     suggestions(n.String(), names),
			Place:   place(b.spec.Place),
		})
	}
}

// checkAgain says what it means that a table is emptied, and reports one whose own
// rows would go with those that sluice brought.
func (b *builder) checkAgain(o *catalog.Object) {
	if b.routed[o] != nil {
		b.report(Finding{
			Code:    "C150",
			Object:  o.ID,
			Summary: fmt.Sprintf("%s cannot be loaded again: on %s its rows are among others in %s", o.ID, b.spec.Target.Ref, b.into(o).ID.Label()),
			Detail:  b.joining.again[o],
			Fix: []string{
				"leave it where it was when it was loaded",
				"or start over: sluice cleanup, then sluice apply",
			},
			Place: b.placeOf(o),
		})
		return
	}
	if mode := b.existing[o]; mode == ExistingAppend || mode == ExistingAdopt {
		b.report(Finding{
			Code:    "C150",
			Object:  o.ID,
			Summary: fmt.Sprintf("%s cannot be loaded again: on_existing = %q, so that rows of it are not sluice's to delete", o.ID, mode),
			Fix: []string{
				"leave it as it was declared when it was loaded",
				"or start over: sluice cleanup, then sluice apply",
			},
			Place: b.placeOf(o),
		})
		return
	}
	if f, followed := b.isFollowed(o.ID); followed && strings.Contains(f.Digest, amongOthers) {
		_, in, _ := strings.Cut(f.Digest, amongOthers)
		in, _, _ = strings.Cut(in, leavingOut)
		b.report(Finding{
			Code:    "W253",
			Object:  o.ID,
			Summary: fmt.Sprintf("%s is loaded by itself from now on, and its rows on %s stay in %s, too", o.ID, b.spec.Target.Ref, in),
			Fix:     []string{"attach it again on the source", fmt.Sprintf("or go on, and delete its rows from %s on %s: sluice verify names them", in, b.spec.Target.Ref)},
			Place:   b.reason(o).Place,
		})
		return
	}
	b.report(Finding{
		Code:    "W251",
		Object:  o.ID,
		Summary: fmt.Sprintf("%s on %s is emptied, and loaded again: %s", o.ID, b.spec.Target.Ref, b.joining.again[o]),
		Fix:     []string{"whoever reads it there finds it incomplete until it has joined"},
		Place:   b.reason(o).Place,
	})
}

// reportLeft says that a table leaves the stream; or, where it would only be called
// otherwise, that this cannot be any more.
func (b *builder) reportLeft(f state.Followed, id catalog.ID) {
	from := catalog.Name{Schema: f.FromSchema, Local: f.FromTable}
	for _, o := range b.joining.tables {
		if b.onSource(o).Qualified() != from || b.onTarget(id) == nil {
			continue
		}
		b.report(Finding{
			Code:    "C127",
			Object:  o.ID,
			Summary: fmt.Sprintf("%s is followed as %s, and would become %s", from, id.Label(), o.ID.Label()),
			Detail:  fmt.Sprintf("sluice did not make %s, and drops only what it made", id),
			Fix: []string{
				fmt.Sprintf("leave it called %s until the cutover, and rename it then", id.Label()),
				"or start over: sluice cleanup, then sluice apply",
			},
			Place: b.reason(o).Place,
		})
		return
	}
	b.report(Finding{
		Code:    "W250",
		Object:  id,
		Summary: fmt.Sprintf("%s is not selected any more: its rows on %s stay as they are then, and no change follows", id, b.spec.Target.Ref),
		Fix:     []string{"taken in again, it is loaded again"},
		Place:   place(b.spec.Place),
	})
}

// checkNewPartitions reports partitions that turned up below a table that has its
// indexes, and a default partition: on the source no row of it can be one of the new
// partition's any more, and on the target some may still be.
func (b *builder) checkNewPartitions() {
	for _, o := range b.joining.tables {
		parent := b.related.Relation(o.Table().Of)
		if parent == nil || b.made(o.ID) || !b.made(parent.ID) || !b.hasDefault(parent) {
			continue
		}
		made := slices.ContainsFunc(b.related.Parts(parent.ID.Qualified()), func(part *catalog.Object) bool {
			key, isKey := part.Spec.(*catalog.Constraint)
			return (part.ID.Kind == catalog.KindIndex || isKey && key.Type != catalog.ForeignKey && key.Index != "") && b.made(part.ID)
		})
		if !made {
			continue
		}
		b.report(Finding{
			Code:    "C154",
			Object:  o.ID,
			Summary: fmt.Sprintf("%s is a new partition of %s, which has its indexes and a default partition on %s already", o.ID, parent.ID, b.spec.Target.Ref),
			Fix: []string{
				fmt.Sprintf("exclude = [%q] until the cutover, and keep rows out of it", b.onSource(o).Label()),
				"or start over: sluice cleanup -drop-created, then sluice apply",
			},
			Place: b.reason(o).Place,
		})
	}
}

// checkSlot reports another name for a slot that is there: a new one would begin
// after changes that nobody has applied.
func (b *builder) checkSlot() {
	was := b.done.Slot
	made := b.knows(stepID(CreateSlot, slot(was))) || b.knows(stepID(Create, publication(was)))
	if was == "" || was == b.spec.Slot || !made {
		return
	}
	b.report(Finding{
		Code:    "C152",
		Object:  slot(b.spec.Slot),
		Summary: fmt.Sprintf("%s has its changes from slot %s, and slot %s would begin after some of them", b.spec.Migration, was, b.spec.Slot),
		Fix: []string{
			fmt.Sprintf("incremental { slot = %q }", was),
			"or start over: sluice cleanup, then sluice apply",
		},
		Place: place(b.spec.Place),
	})
}

// checkApplied reports an edit that no apply has carried out: a cutover would
// leave behind what it asks for.
func (b *builder) checkApplied() {
	b.findJoining()
	for _, o := range b.joining.tables {
		what := "is not followed yet"
		if b.joining.again[o] != "" {
			what = "is to be loaded again"
		}
		b.report(Finding{
			Code:    "C153",
			Object:  o.ID,
			Summary: fmt.Sprintf("%s %s: the configuration was edited since the last apply", o.ID, what),
			Fix:     []string{"sluice apply, until sluice status says following"},
			Place:   b.reason(o).Place,
		})
	}
}
