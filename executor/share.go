package executor

import (
	"fmt"

	"sluice/planner"
	"sluice/state"
)

// lend gives a large build parallel workers, of the places that nothing else would
// take: while rows are copied, or other steps could begin, the processors have enough
// to do, and a build by several processes costs more than one by one.
func (s *schedule) lend(step *planner.Step) {
	idle := 0
	if s.run.Plan.LargeBuild(step) && s.active[state.FullLoad] == 0 {
		idle = s.run.workers() - s.building - s.lent
		for _, other := range s.ready.steps {
			if !s.mustWait(other) {
				idle--
			}
		}
	}
	s.parallel[step.Number] = max(0, min(idle, s.run.Plan.IndexBuilds.Workers))
	s.lent += s.parallel[step.Number]
}

// under are the settings of a large build's transaction.
// https://www.postgresql.org/docs/current/runtime-config-resource.html
func (s *schedule) under(step *planner.Step) []string {
	if !s.run.Plan.LargeBuild(step) {
		return nil
	}
	settings := []string{fmt.Sprintf("set local max_parallel_maintenance_workers = %d", s.parallel[step.Number])}
	if _, memory := s.run.Plan.IndexBuilds.Share(*s.run.settings.Load()); memory > 0 {
		settings = append(settings, fmt.Sprintf("set local maintenance_work_mem = '%dkB'", memory>>10))
	}
	return settings
}
