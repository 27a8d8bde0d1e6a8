package planner

import (
	"cmp"
	"slices"
)

// number puts the drafts in order and gives them their numbers and waves.
func number(drafts []*draft) []Step {
	slices.SortFunc(drafts, func(a, b *draft) int {
		return cmp.Or(a.stage-b.stage, a.level-b.level, a.position-b.position)
	})
	wave := 0
	for i, d := range drafts {
		if i == 0 || d.stage != drafts[i-1].stage || d.level != drafts[i-1].level {
			wave++
		}
		d.Stage, d.Wave, d.Number = stageOrder[d.stage], wave, i+1
	}
	reduce(drafts)
	steps := make([]Step, len(drafts))
	for i, d := range drafts {
		for _, b := range d.before {
			d.After = append(d.After, b.Number)
		}
		slices.Sort(d.After)
		steps[i] = d.Step
	}
	return steps
}

// reducible is the number of steps up to which the dependencies are reduced to
// direct ones. It takes a bit for each pair: 12 MB at this bound.
const reducible = 10_000

// reduce removes what another dependency brings along. Of a plan with more
// steps than reducible it leaves all; they say the same at greater length.
func reduce(drafts []*draft) {
	if len(drafts) > reducible {
		return
	}
	words := (len(drafts) + 63) / 64
	above := make([][]uint64, len(drafts)) // by number - 1: everything before it
	for i, d := range drafts {
		all := make([]uint64, words)
		for _, b := range d.before {
			for w, bits := range above[b.Number-1] {
				all[w] |= bits
			}
		}
		d.before = slices.DeleteFunc(d.before, func(b *draft) bool {
			return all[(b.Number-1)/64]>>((b.Number-1)%64)&1 == 1
		})
		for _, b := range d.before {
			all[(b.Number-1)/64] |= 1 << ((b.Number - 1) % 64)
		}
		above[i] = all
	}
}
