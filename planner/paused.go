package planner

import (
	"fmt"
	"slices"

	"sluice/planner/catalog"
	"sluice/planner/mapping"
	"sluice/state"
)

// A table that is paused goes on as soon as the target has it as the source does. Until
// then its changes wait, and what differs is no conflict: the others go on meanwhile.

// waits says how the target has a paused table otherwise than the source; empty: it can
// go on, or is not paused.
func (b *builder) waits(o *catalog.Object) string {
	paused := slices.ContainsFunc(b.done.Quarantined, func(q state.Quarantined) bool {
		return q.Paused && tableID(catalog.Name{Schema: q.Schema, Local: q.Table}) == o.ID
	})
	there := b.onTarget(o.ID)
	if !paused || there == nil || there.Table() == nil || b.joining.again[o] != "" {
		return ""
	}
	if b.existing[o] != "" {
		return columnDifference(o.Table(), there.Table())
	}
	_, detail := b.outgrown(o, there)
	return detail
}

// waitsWithTable says that an object is for the rows of a paused table that cannot go on.
func (b *builder) waitsWithTable(o *catalog.Object) bool {
	name, ok := mapping.On(o)
	if !ok || len(b.done.Quarantined) == 0 {
		return false
	}
	table := b.related.Relation(name)
	return table != nil && table.ID.Kind == catalog.KindTable && b.waits(table) != ""
}

// placeWaiting leaves such an object as the target has it.
func (b *builder) placeWaiting(o, there *catalog.Object) {
	switch {
	case there != nil && b.made(o.ID):
		b.create(o)
	case there != nil:
		b.present[o] = true
		b.omit(o.ID, "its table is paused, and it stays as it is")
	default:
		b.omit(o.ID, "its table is paused, and comes first")
	}
}

func (b *builder) reportPaused(q state.Quarantined, code string) {
	name, from := catalog.Name{Schema: q.Schema, Local: q.Table}, catalog.Name{Schema: q.FromSchema, Local: q.FromTable}
	f := Finding{
		Code:   code,
		Object: tableID(name),
		Summary: fmt.Sprintf("%s is paused since %s: its changes from %X/%X on are kept, and the WAL or the spool with them",
			name, q.Since.UTC().Format("2006-01-02 15:04:05 UTC"), uint32(q.LSN>>32), uint32(q.LSN)),
		Detail: q.Reason,
		Fix: []string{
			"stop sluice apply, and run it again: the table goes on from there",
			"values that ALTER TABLE gave to rows itself, as of a default or another type, are not in the changes: sluice verify compares them",
		},
		Place: place(b.spec.Place),
	}
	if o := b.plannedFrom(from); o != nil && o.Table() != nil {
		if differs := b.waits(o); differs != "" {
			f.Detail += "; on " + b.spec.Target.Ref + " now: " + differs
			f.Fix[0] = fmt.Sprintf("make the same change on %s by hand, or exclude what is new; then stop sluice apply, and run it again: the table goes on from there", b.spec.Target.Ref)
		}
	}
	f.Fix = append(f.Fix,
		"or have it loaded again: sluice apply -replace "+from.String(),
		"or exclude it: its rows on the target stay as they are")
	b.report(f)
}
