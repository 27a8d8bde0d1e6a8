package planner

import (
	"slices"

	"sluice/planner/catalog"
)

type edge struct{ from, to *draft }

// cutCircle finds a circle among the steps that still wait, removes one of its
// edges, and names its members in the order in which each needs the next.
func cutCircle(drafts []*draft, waiting []int) (edge, []catalog.ID) {
	blocked := func(d *draft) bool { return waiting[d.position] > 0 }
	at := drafts[slices.IndexFunc(drafts, blocked)]
	var path []*draft
	for !slices.Contains(path, at) {
		path = append(path, at)
		at = at.before[slices.IndexFunc(at.before, blocked)]
	}
	circle := path[slices.Index(path, at):]
	lowest := slices.MinFunc(circle, func(a, b *draft) int { return a.position - b.position })
	start := slices.Index(circle, lowest)
	circle = slices.Concat(circle[start:], circle[:start])
	var members []catalog.ID
	for _, d := range circle {
		members = append(members, d.Object)
	}
	from := circle[1%len(circle)]
	lowest.before = slices.DeleteFunc(lowest.before, func(d *draft) bool { return d == from })
	return edge{from: from, to: lowest}, members
}
