package planner

import (
	"cmp"

	"sluice/planner/catalog"
	"sluice/planner/ddl"
	"sluice/state"
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

// Small is the size in bytes, of a table or an index, up to which a step is short.
const Small = 1 << 20

// IndexBuilds says what the target gives to the indexes and keys that are not small.
type IndexBuilds struct {
	Jobs    int   `json:"jobs"`             // those that are to build
	AtOnce  int   `json:"at_once"`          // that are built at the same time, at most
	Memory  int64 `json:"memory"`           // of each, in bytes: maintenance_work_mem
	Workers int   `json:"parallel_workers"` // of each, at most; they take places that nothing else would
}

// LargeBuild says that a step builds an index that is not small.
func (p *Plan) LargeBuild(s *Step) bool { return s.Building != "" && p.Estimates[s.ID].Bytes > Small }

func (b *builder) indexBuilds() (builds IndexBuilds) {
	for i := range b.plan.Steps {
		if s := &b.plan.Steps[i]; b.plan.LargeBuild(s) && !s.Done {
			builds.Jobs++
		}
	}
	if builds.Jobs == 0 {
		return builds
	}
	builds.AtOnce, builds.Memory = builds.Share(b.spec.Settings)
	if builds.Memory == 0 {
		kB, _ := setting(b.target.Server, "maintenance_work_mem")
		builds.Memory = int64(kB) << 10
	}
	builds.Workers, _ = setting(b.target.Server, "max_parallel_maintenance_workers")
	return builds
}

// leastMemory is what maintenance_work_mem cannot go below, before 17.
const leastMemory = 1 << 20

// Share divides what is declared: how many builds there are at a time, and the
// memory of each; 0: what the target has for it.
func (b IndexBuilds) Share(s state.Settings) (atOnce int, memory int64) {
	atOnce = max(1, min(cmp.Or(s.Workers, state.DefaultWorkers), b.Jobs))
	if s.IndexMemory == 0 {
		return atOnce, 0
	}
	return atOnce, max(s.IndexMemory/int64(atOnce), leastMemory)
}
