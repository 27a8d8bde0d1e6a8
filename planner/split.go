package planner

import (
	"slices"

	"sluice/planner/catalog"
	"sluice/planner/ddl"
)

// splitCircles breaks the circles among the objects to create, as far as
// PostgreSQL has a way to: a function that returns a view's rows and is called
// by the view, a default that calls a function over the table's own type, a
// type and the functions that read and write it. One member of the circle is
// made in two steps, of which the first needs nothing of the circle.
//
//	while there is a circle with a member that has a first form
//	    split the best of these members
//
// What is left is reported when the steps are put in order.
func (b *builder) splitCircles() {
	for {
		split := false
		for _, circle := range circles(b.drafts) {
			if d := b.bestToSplit(circle); d != nil {
				b.split(d, circle)
				split = true
			}
		}
		if !split {
			return
		}
	}
}

// splittable are the kinds that have a first form, the cheapest to complete
// first: of a type only the name is made, a table is altered.
var splittable = []catalog.Kind{catalog.KindType, catalog.KindDomain, catalog.KindView, catalog.KindTable}

func (b *builder) bestToSplit(circle []*draft) *draft {
	var best *draft
	for _, d := range circle {
		kind := slices.Index(splittable, d.Object.Kind)
		if kind < 0 || b.outlines[b.related.Find(d.Object)] != nil || len(b.outline(d.Object)) == 0 {
			continue
		}
		if best == nil || kind < slices.Index(splittable, best.Object.Kind) ||
			kind == slices.Index(splittable, best.Object.Kind) && catalog.Compare(d.Object, best.Object) < 0 {
			best = d
		}
	}
	return best
}

func (b *builder) outline(id catalog.ID) []string {
	return ddl.Forward(b.related.Find(id), b.target.Server.Version)
}

// outlineID is the step that makes an object's first form.
func outlineID(id catalog.ID) string { return stepID(Create, id, "in outline") }

// split lets the other members of the circle wait for the outline alone, and
// the object itself for them.
func (b *builder) split(d *draft, circle []*draft) {
	o := b.related.Find(d.Object)
	outline := b.add(Step{
		ID:          outlineID(d.Object),
		Stage:       d.Stage,
		Side:        d.Side,
		Action:      Create,
		Object:      d.Object,
		Fingerprint: d.Fingerprint,
		Note:        []string{"in outline: it and " + otherOf(circle, d).Object.String() + " need each other"},
		Reason:      d.Reason,
		SQL:         b.outline(d.Object),
		Transaction: true,
		Undo:        d.Undo,
	})
	b.outlines[o] = outline
	for _, before := range d.before {
		if !slices.Contains(circle, before) {
			outline.after(before)
		}
	}
	waitFor(circle, d, outline)
	d.SQL = b.owned(o, ddl.Complete(o, b.target.Server.Version))
	d.Note = append(d.Note, "completed")
}

// waitFor lets the other members of a circle wait for what is enough of d, and d
// come after that.
func waitFor(circle []*draft, d, enough *draft) {
	for _, member := range circle {
		for i, before := range member.before {
			if before == d && member != d {
				member.before[i] = enough
			}
		}
	}
	d.after(enough)
}

// otherOf is a member of the circle that needs d.
func otherOf(circle []*draft, d *draft) *draft {
	i := slices.IndexFunc(circle, func(member *draft) bool { return member != d && slices.Contains(member.before, d) })
	return circle[i]
}

// circles are the strongly connected components of more than one draft, each in
// the order of b.drafts: Tarjan's algorithm.
func circles(drafts []*draft) (found [][]*draft) {
	t := &components{nodes: make([]node, len(drafts))}
	for i, d := range drafts {
		d.position = i // until they are put in order
	}
	for _, d := range drafts {
		if t.nodes[d.position].index == 0 {
			t.visit(d)
		}
	}
	for _, component := range t.found {
		slices.SortFunc(component, func(a, b *draft) int { return a.position - b.position })
	}
	return t.found
}

type components struct {
	nodes   []node // by position
	visited int
	stack   []*draft
	found   [][]*draft
}

type node struct {
	index, low int // from 1, in the order of the first visit
	open       bool
}

func (t *components) visit(d *draft) {
	t.visited++
	n := &t.nodes[d.position]
	*n = node{index: t.visited, low: t.visited, open: true}
	t.stack = append(t.stack, d)
	for _, before := range d.before {
		b := &t.nodes[before.position]
		if b.index == 0 {
			t.visit(before)
			n.low = min(n.low, b.low)
		} else if b.open {
			n.low = min(n.low, b.index)
		}
	}
	if n.low != n.index {
		return
	}
	from := len(t.stack) - 1
	for ; t.stack[from] != d; from-- {
		t.nodes[t.stack[from].position].open = false
	}
	n.open = false
	component := slices.Clone(t.stack[from:])
	t.stack = t.stack[:from]
	if len(component) > 1 {
		t.found = append(t.found, component)
	}
}
