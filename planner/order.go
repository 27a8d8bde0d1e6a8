package planner

import (
	"cmp"
	"slices"
	"strings"

	"sluice/planner/catalog"
)

// draft is a step that has no number yet.
type draft struct {
	Step
	weight      int // magnitude of its size: larger ones first
	afterSchema bool
	before      []*draft // what must be done first
	rank        int      // what is created by kind, before all else
	position    int      // in the order that breaks ties
	stage       int      // index into stageOrder, no earlier than those of before
	level       int      // longest way to it within its stage
}

// after says that d comes after the others; nil ones are none.
func (d *draft) after(others ...*draft) {
	for _, other := range others {
		if other != nil && other != d {
			d.before = append(d.before, other)
		}
	}
}

var stageOrder = []Stage{StageSchema, StageLoad, StageFinish, StageFollow, StageCutover, StageCleanup}

// kindOrder is the order within a wave, in which people look for things; what
// depends on what is in the edges.
var kindOrder = []catalog.Kind{
	catalog.KindSchema, catalog.KindExtension, catalog.KindLanguage, catalog.KindAccessMethod, catalog.KindCollation,
	catalog.KindType, catalog.KindDomain, catalog.KindSequence, catalog.KindFunction, catalog.KindAggregate,
	catalog.KindOperator, catalog.KindOperatorFamily, catalog.KindOperatorClass, catalog.KindCast,
	catalog.KindTransform, catalog.KindConversion, catalog.KindParser, catalog.KindTemplate, catalog.KindDictionary,
	catalog.KindConfiguration, catalog.KindWrapper, catalog.KindServer, catalog.KindUserMapping,
	catalog.KindTable, catalog.KindForeignTable, catalog.KindView, catalog.KindMaterializedView,
	catalog.KindConstraint, catalog.KindIndex, catalog.KindStatistics, catalog.KindForeignKey, catalog.KindTrigger,
	catalog.KindRule, catalog.KindPolicy, catalog.KindPublication, catalog.KindDefaultACL,
	catalog.KindSecurityLabel, catalog.KindEventTrigger,
}

// order numbers the steps: stage by stage, within a stage wave by wave, within
// a wave by kind, size and name. A step that depends on one of a later stage
// moves there: a view grouped by a primary key comes after that key.
//
//	sort      topologically; a circle is reported and cut
//	stage     the latest of its own and of those it depends on
//	barrier   what waits for the whole schema waits for its last steps
//	level     longest way within the stage
//	number    by stage, level and tie; direct dependencies only
func order(drafts []*draft) (steps []Step, circles [][]catalog.ID) {
	for _, d := range drafts {
		d.stage, d.rank = slices.Index(stageOrder, d.Stage), rank(d)
	}
	slices.SortFunc(drafts, compareDrafts)
	for i, d := range drafts {
		d.position = i
	}
	for _, d := range drafts {
		d.tidy()
	}
	sorted, circles := sortTopologically(drafts)
	for _, d := range sorted {
		for _, b := range d.before {
			d.stage = max(d.stage, b.stage)
		}
	}
	if raiseBarrier(drafts) {
		sorted, _ = sortTopologically(drafts) // the barrier points forward only, so there is no new circle
	}
	for _, d := range sorted {
		for _, b := range d.before {
			if b.stage == d.stage {
				d.level = max(d.level, b.level+1)
			}
		}
	}
	return number(drafts), circles
}

func compareDrafts(a, b *draft) int {
	if order := cmp.Or(a.stage-b.stage, a.rank-b.rank, b.weight-a.weight); order != 0 {
		return order
	}
	if order := catalog.Compare(a.Object, b.Object); order != 0 {
		return order
	}
	return strings.Compare(a.ID, b.ID)
}

func rank(d *draft) int {
	if kind := slices.Index(kindOrder, d.Object.Kind); kind >= 0 && d.Action == Create {
		return kind
	}
	return len(kindOrder)
}

// tidy sorts what comes before d and removes what is said twice.
func (d *draft) tidy() {
	slices.SortFunc(d.before, func(a, b *draft) int { return a.position - b.position })
	d.before = slices.Compact(d.before)
}

// sortTopologically is Kahn's algorithm. A circle is cut at its member of the
// lowest position when nothing else is ready, so what is cut does not depend on
// the order in which ready steps are taken.
func sortTopologically(drafts []*draft) (sorted []*draft, circles [][]catalog.ID) {
	waiting := make([]int, len(drafts))
	next := make([][]*draft, len(drafts))
	var ready []*draft
	for _, d := range drafts {
		waiting[d.position] = len(d.before)
		for _, b := range d.before {
			next[b.position] = append(next[b.position], d)
		}
		if len(d.before) == 0 {
			ready = append(ready, d)
		}
	}
	for len(sorted) < len(drafts) {
		if len(ready) == 0 {
			cut, members := cutCircle(drafts, waiting)
			circles = append(circles, members)
			next[cut.from.position] = slices.DeleteFunc(next[cut.from.position], func(d *draft) bool { return d == cut.to })
			if waiting[cut.to.position]--; waiting[cut.to.position] == 0 {
				ready = append(ready, cut.to)
			}
			continue
		}
		d := ready[len(ready)-1]
		ready = ready[:len(ready)-1]
		waiting[d.position] = -1 // sorted
		sorted = append(sorted, d)
		for _, n := range next[d.position] {
			if waiting[n.position]--; waiting[n.position] == 0 {
				ready = append(ready, n)
			}
		}
	}
	return sorted, circles
}

// raiseBarrier lets the steps that wait for the whole schema wait for those of
// its steps that no other of them waits for. It says whether any does.
func raiseBarrier(drafts []*draft) bool {
	if !slices.ContainsFunc(drafts, func(d *draft) bool { return d.afterSchema }) {
		return false
	}
	last := make([]bool, len(drafts)) // by position
	for _, d := range drafts {
		last[d.position] = d.stage == 0
	}
	for _, d := range drafts {
		if d.stage > 0 {
			continue
		}
		for _, b := range d.before {
			last[b.position] = false
		}
	}
	for _, waits := range drafts {
		if !waits.afterSchema {
			continue
		}
		for _, d := range drafts {
			if last[d.position] {
				waits.after(d)
			}
		}
		waits.tidy()
	}
	return true
}
