package mapping

import (
	"slices"

	"sluice/planner/catalog"
)

// Skipped: it is on the target already, and is declared to be left as it is.
const Skipped Cause = "skipped"

// Skip leaves a table with all its parts and the sequences that its columns own,
// and returns what it left.
func (s *Selection) Skip(r *Relations, table *catalog.Object) (left []*catalog.Object) {
	name := table.ID.Qualified()
	for _, o := range slices.Concat([]*catalog.Object{table}, r.parts[name], r.owned[name]) {
		if s.verdicts[o].Taken {
			s.verdicts[o] = Verdict{Cause: Skipped, Rule: -1, By: table.ID}
			left = append(left, o)
		}
	}
	return left
}
