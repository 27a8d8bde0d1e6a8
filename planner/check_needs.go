package planner

import (
	"fmt"
	"slices"
	"strings"

	"sluice/planner/catalog"
	"sluice/planner/mapping"
)

// checkNeeds checks that everything a created object needs is created too, or
// on the target already.
func (b *builder) checkNeeds() {
	for _, o := range b.created() {
		for _, need := range b.related.Needs(o) {
			if !b.isThere(need) && !b.onTargetAnyway(o, need) {
				b.reportNeed(o, need)
			}
		}
	}
}

// onTargetAnyway says that what is needed stays behind but is on the target
// already. For a foreign key a table that merely exists is not enough, since the
// rows it points to are not brought along, unless it is declared to be left as it
// is: then the key is checked against the rows that are there.
func (b *builder) onTargetAnyway(o, need *catalog.Object) bool {
	there := b.onTarget(need.ID)
	if there == nil || o.ID.Kind == catalog.KindForeignKey && need.ID.Kind == catalog.KindTable {
		return there != nil && b.skipped[need]
	}
	if _, unsupported := need.Spec.(*catalog.Unsupported); unsupported {
		return true
	}
	return there.Fingerprint() == need.Fingerprint()
}

func (b *builder) reportNeed(o, need *catalog.Object) {
	if b.chosen.Of(need).Taken && b.done.Done(stepID(Create, need.ID)) {
		return // reported as gone
	}
	if need.ID.Kind == catalog.KindExtension && b.chosen.Of(need).Taken {
		return // C108 says so
	}
	why := b.whyLeft(need.ID)
	b.report(Finding{
		Code:    "C107",
		Object:  o.ID,
		Summary: fmt.Sprintf("%s needs %s, which stays behind: %s", o.ID, need.ID, why),
		Fix:     b.needRemedies(o, need),
		Place:   b.reason(o).Place,
	})
}

func (b *builder) whyLeft(id catalog.ID) string {
	for _, omission := range b.plan.NotMigrated {
		if omission.Object == id {
			return omission.Reason
		}
	}
	return "not selected"
}

// needRemedies are the ways out: bring it along, or make it by hand; or leave
// out what needs it.
func (b *builder) needRemedies(o, need *catalog.Object) (fix []string) {
	v := b.chosen.Of(need)
	if table := b.related.Find(v.By); v.Cause == mapping.WithoutTable && table != nil {
		return b.needRemedies(o, table)
	}
	switch {
	case need.ID.Kind == catalog.KindExtension:
		fix = append(fix, fmt.Sprintf("on %s: create extension %s", b.spec.Target.Ref, catalog.Quote(need.ID.Name)))
	case v.Cause == mapping.Unsupported || v.Taken:
		fix = append(fix, fmt.Sprintf("create it on %s by hand", b.spec.Target.Ref))
	case v.Cause == mapping.WithoutKind:
		fix = append(fix, b.withKind(need))
	case v.Cause == mapping.Excluded:
		fix = append(fix, fmt.Sprintf("take it out of exclude %q", b.spec.Exclude[v.Rule].Text))
	default:
		fix = append(fix, fmt.Sprintf("include = [%q]", b.patternOf(need)))
		if b.related.Relation(need.ID.Qualified()) == need && !b.asksFor(need) { // no relation is pulled in
			fix = append(fix, "and "+b.withKind(need))
		}
	}
	return append(fix, fmt.Sprintf("or exclude = [%q]", b.patternOf(o)))
}

// asksFor says that the kind of a relation is among kinds, or that every kind is.
func (b *builder) asksFor(o *catalog.Object) bool {
	kinds := b.spec.Kinds.Words
	return len(kinds) == 0 || slices.Contains(kinds, mapping.Word(o))
}

// withKind is the kinds argument that takes the object too.
func (b *builder) withKind(o *catalog.Object) string {
	kinds := append(slices.Clone(b.spec.Kinds.Words), mapping.Word(o))
	return fmt.Sprintf("kinds = [\"%s\"]", strings.Join(kinds, `", "`))
}

// patternFor is the pattern that takes an object.
func patternFor(id catalog.ID) string {
	id.Args = ""
	if id.Kind == catalog.KindFunction {
		id.Kind = ""
	}
	return id.Label()
}

// patternOf is the pattern that excludes an object of the source: an index goes
// under its table's name.
func (b *builder) patternOf(o *catalog.Object) string {
	o = b.origin(o)
	id := o.ID
	if on, ok := mapping.On(o); ok {
		id.Schema, id.Table = on.Schema, on.Local
	}
	return patternFor(id)
}
