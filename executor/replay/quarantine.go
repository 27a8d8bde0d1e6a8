package replay

import (
	"sluice/planner/catalog"
	"sluice/state"
)

// Changes of a table in quarantine are passed over, and counted. How many they were is
// recorded with the position, at commits of the source: what is sent again is not
// counted again.

// Quarantined is a table whose changes are passed over.
type Quarantined struct {
	From   catalog.Name // on the source
	Name   catalog.Name // on the target
	Passed int64        // as it is recorded
}

// quarantine takes tables out of those that are followed.
func (a *Applier) quarantine(tables []Quarantined) {
	for _, q := range tables {
		delete(a.tables, q.From)
		a.passed = append(a.passed, state.Passed{Schema: q.Name.Schema, Table: q.Name.Local, Changes: q.Passed})
		a.quarantined[q.From] = len(a.passed) - 1
	}
}

// passesOver says that a relation's changes are not for this applier. One of a table in
// quarantine is counted.
func (a *Applier) passesOver(relation uint32) bool {
	i, counted := a.known.counted[relation]
	switch {
	case !counted:
		return a.known.ignored[relation]
	case a.within != nil:
		a.within.passed[i]++
	default:
		a.pass(i, 1)
	}
	return true
}

func (a *Applier) pass(i int, changes int64) {
	a.passed[i].Changes += changes
	a.passing = true
}

// notePassed is for the end of a transaction of the source: the position has how many
// changes were passed over until there.
func (a *Applier) notePassed() {
	if a.passing {
		passed := append([]state.Passed{}, a.passed...)
		a.position.Passed, a.passing = &passed, false
	}
}
