package view

import (
	"fmt"
	"slices"

	"sluice/planner"
)

// Of more steps than foldFrom that are alike and plain, the first foldTo are
// shown and the others counted.
const (
	foldFrom = 12
	foldTo   = 8
)

func (v *planView) onSource() {
	steps := v.pick(func(s *planner.Step) bool { return s.Side == planner.Source })
	if len(steps) == 0 {
		return
	}
	v.heading("Written on the source", "")
	v.steps(steps)
}

func (v *planView) stages() {
	var stages []planner.Stage
	for _, s := range v.plan.Steps {
		if s.Side != planner.Source && !slices.Contains(stages, s.Stage) {
			stages = append(stages, s.Stage)
		}
	}
	for i, stage := range stages {
		steps := v.pick(func(s *planner.Step) bool { return s.Stage == stage && s.Side != planner.Source })
		v.heading(fmt.Sprintf("Stage %d/%d  %s", i+1, len(stages), stage), "   "+v.summary(steps))
		if stage == planner.StageFinish {
			v.indexBuilds()
		}
		v.steps(steps)
	}
}

// indexBuilds says what the target gives to large indexes and keys.
func (v *planView) indexBuilds() {
	b := v.plan.IndexBuilds
	if b.Jobs == 0 {
		return
	}
	parallel := ""
	if b.Workers > 0 {
		parallel = "up to " + counted(b.Workers, "parallel worker") + " where nothing else is to do"
	}
	text := counted(b.Jobs, "large index") + ": " + list(", ", comma(int64(b.AtOnce))+" at a time", sizeText(b.Memory)+" of memory each", parallel)
	v.println("  ", cut(text, v.Width-2))
}

func (v *planView) pick(wanted func(*planner.Step) bool) (steps []*planner.Step) {
	for i := range v.plan.Steps {
		if wanted(&v.plan.Steps[i]) {
			steps = append(steps, &v.plan.Steps[i])
		}
	}
	return steps
}

// summary says how much a stage is.
func (v *planView) summary(steps []*planner.Step) string {
	tables, bytes, n := v.rowsOf(steps)
	others := ""
	if len(steps) > tables {
		others = counted(len(steps), "step")
	}
	copied := ""
	if tables > 0 {
		copied = counted(tables, "table")
	}
	return list("   ", others, copied, sizeText(bytes), rowsText(n))
}

// rowsOf is how many tables the steps copy, and how much.
func (v *planView) rowsOf(steps []*planner.Step) (tables int, bytes, n int64) {
	for _, s := range steps {
		if s.Action == planner.Copy {
			tables++
			bytes += v.plan.Estimates[s.ID].Bytes
			n += v.plan.Estimates[s.ID].Rows
		}
	}
	return tables, bytes, n
}

// steps writes the lines of steps that belong together.
func (v *planView) steps(steps []*planner.Step) {
	var lines [][]string
	var shown []*planner.Step
	var folded [][]*planner.Step // behind the line of the same index
	for _, group := range v.groups(steps) {
		visible, hidden := v.fold(group)
		for i, s := range visible {
			lines = append(lines, v.cells(s))
			shown = append(shown, s)
			folded = append(folded, nil)
			if i == len(visible)-1 {
				folded[len(folded)-1] = hidden
			}
		}
	}
	for i, text := range columns(lines, map[int]bool{1: true}) {
		text = cut(text, v.Width-2)
		s := symbol(shown[i])
		v.println("  ", v.paint(tint(shown[i]), text[:len(s)]), text[len(s):])
		if n := len(folded[i]); n > 0 {
			v.println(v.paint(inkDim, fmt.Sprintf("      … %s", counted(n, "more "+kindWord(folded[i][0])))))
		}
	}
}

// groups cuts steps into runs that have no order between them and are alike.
func (v *planView) groups(steps []*planner.Step) (groups [][]*planner.Step) {
	alike := func(a, b *planner.Step) bool {
		return a.Wave == b.Wave && a.Action == b.Action && a.Object.Kind == b.Object.Kind && a.Done == b.Done
	}
	for _, s := range steps {
		last := len(groups) - 1
		if last >= 0 && alike(groups[last][0], s) {
			groups[last] = append(groups[last], s)
			continue
		}
		groups = append(groups, []*planner.Step{s})
	}
	return groups
}

// fold hides steps of a large group, but never one that somebody must see: one
// with a finding, or that no pattern named.
func (v *planView) fold(group []*planner.Step) (visible, hidden []*planner.Step) {
	if v.All || len(group) <= foldFrom {
		return group, nil
	}
	for _, s := range group {
		if len(visible) < foldTo || v.isSpecial(s) {
			visible = append(visible, s)
		} else {
			hidden = append(hidden, s)
		}
	}
	return visible, hidden
}

func (v *planView) isSpecial(s *planner.Step) bool {
	return needed(s) != "" || slices.ContainsFunc(v.plan.Findings, func(f planner.Finding) bool { return f.Object == s.Object })
}
