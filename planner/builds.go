package planner

import (
	"sluice/planner/catalog"
	"sluice/planner/ddl"
)

// Building says what else is done on a table while a step builds an index on it.
// https://www.postgresql.org/docs/current/explicit-locking.html
type Building string

// The ways to build an index.
const (
	// BuildsBeside goes beside others (SHARE).
	BuildsBeside Building = "beside others"
	// BuildsBesideThenAlone goes beside others, and takes the table for itself at its
	// end: two of them would wait for each other there.
	BuildsBesideThenAlone Building = "beside others, then alone"
	// BuildsAlone has the table for itself.
	BuildsAlone Building = "alone"
)

// buildingOf is how the statements that make an object build an index; empty: they
// build none. On a table that others use nothing goes beside a build that takes it
// for itself at its end: while that waits there, so does everybody else.
func (b *builder) buildingOf(o *catalog.Object) Building {
	apart := BuildsBesideThenAlone
	if b.existingUnder(o) != "" || !b.spec.Stages.Schema {
		apart = BuildsAlone
	}
	switch spec := o.Spec.(type) {
	case *catalog.Index:
		if spec.Clustered {
			return apart
		}
		return BuildsBeside
	case *catalog.Constraint:
		switch {
		case ddl.IndexFirst(spec, b.target.Server.Version):
			return apart
		case spec.Type == catalog.PrimaryKey, spec.Type == catalog.Unique, spec.Type == catalog.Exclusion:
			return BuildsAlone
		}
	}
	return ""
}
