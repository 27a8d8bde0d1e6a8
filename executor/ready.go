package executor

import (
	"container/heap"
	"slices"

	"sluice/planner"
	"sluice/planner/catalog"
	"sluice/state"
)

// schedule knows which steps are done, running and ready. Of those that are
// ready the ones of an earlier stage come first, and among them those that take
// longest: what is left for the end should be short.
type schedule struct {
	run    *run
	steps  []*planner.Step // that are to run, in order
	follow *planner.Step

	done    map[int]bool            // by number
	waits   map[int]int             // by number: for how many steps it still waits
	behind  map[int][]*planner.Step // by number: the steps that wait for it
	started map[int]bool
	alone   map[int]bool         // those that failed together with others
	copies  []*planner.Step      // ready ones
	ready   ready                // all others that are
	locks   map[int][]catalog.ID // by number: the relations that a step may lock
	busy    map[catalog.ID]int   // by relation: how many units that run may lock it
	kept    map[catalog.ID]int   // of those, units beside which none begins
	shared  map[catalog.ID]int   // by relation: large builds that are ready and share it

	running  int                             // units
	building int                             // of those, units that do not copy
	open     map[planner.Stage]int           // steps that are not done
	last     map[planner.Stage]*planner.Step // with which it was none
	active   map[state.Phase]int             // steps that run
	lent     int                             // parallel workers of builds
	parallel map[int]int                     // by number: of those, a build's
}

func newSchedule(x *run) *schedule {
	s := &schedule{
		run: x, done: map[int]bool{}, waits: map[int]int{}, behind: map[int][]*planner.Step{}, started: map[int]bool{}, alone: map[int]bool{},
		ready: ready{bytes: map[int]int64{}}, locks: map[int][]catalog.ID{}, busy: map[catalog.ID]int{}, kept: map[catalog.ID]int{}, shared: map[catalog.ID]int{},
		open: map[planner.Stage]int{}, last: map[planner.Stage]*planner.Step{}, active: map[state.Phase]int{}, parallel: map[int]int{},
	}
	before := map[int][]int{}
	for i := range x.Plan.Steps {
		step := &x.Plan.Steps[i]
		before[step.Number] = s.before(step, before)
		s.locks[step.Number] = s.relations(step)
		switch {
		case x.done(step):
			s.done[step.Number] = true
		case step.Action == planner.Follow:
			s.follow = step
		case x.wanted(step):
			s.steps = append(s.steps, step)
		}
	}
	for _, step := range s.steps {
		s.open[step.Stage]++
		s.ready.bytes[step.Number] = s.size(step)
		s.waits[step.Number] = len(before[step.Number])
		for _, n := range before[step.Number] {
			s.behind[n] = append(s.behind[n], step)
		}
		s.offer(step)
	}
	return s
}

// before finds the steps that one waits for. Of what is done already there may be
// some behind a step that is to run again: what they say of the order still holds.
func (s *schedule) before(step *planner.Step, known map[int][]int) (before []int) {
	for _, n := range step.After {
		if s.done[n] {
			before = append(before, known[n]...)
		} else {
			before = append(before, n)
		}
	}
	slices.Sort(before)
	return slices.Compact(before)
}

// offer takes in a step that waits for nothing any more.
func (s *schedule) offer(step *planner.Step) {
	switch {
	case s.waits[step.Number] > 0 || s.started[step.Number]:
	case step.Action == planner.Copy:
		s.copies = append(s.copies, step)
	default:
		heap.Push(&s.ready, step)
		s.count(step, 1)
	}
}

// count counts a large build that shares its relations, while it is ready.
func (s *schedule) count(step *planner.Step, change int) {
	if step.Building == planner.BuildsBeside && !s.small(step) {
		for _, relation := range s.locks[step.Number] {
			s.shared[relation] += change
		}
	}
}

// start returns the units to start now. Those that copy are not counted: the
// loader has its own places, and gives them to the largest tables first.
func (s *schedule) start() (units []unit) {
	units = s.loads()
	for _, u := range units {
		s.note(u, 1)
	}
	for s.building < s.run.workers() {
		u := s.gather()
		if len(u) == 0 {
			break
		}
		units = append(units, u)
		s.building++
		s.note(u, 1)
		s.lend(u[0])
	}
	for _, u := range units {
		for _, step := range u {
			s.started[step.Number] = true
		}
	}
	s.running += len(units)
	return units
}

// note counts what a unit locks, and its steps: from its start to its end. What
// would wait for a copy's lock waits for the copy.
func (s *schedule) note(u unit, change int) {
	for _, step := range u {
		s.active[phaseOf(step)] += change
		if step.Action == planner.Copy {
			continue
		}
		keeps := s.keeps(step)
		if len(u) > 1 {
			keeps = s.locks[step.Number]
		}
		for _, relation := range s.locks[step.Number] {
			s.busy[relation] += change
		}
		for _, relation := range keeps {
			s.kept[relation] += change
		}
	}
}

// The bounds of what goes in one transaction: the server has room for some
// thousands of locks, and what is large shall not wait for its neighbours.
const (
	mostTogether = 64
	mostCopied   = 8 << 20 // bytes of all tables
	mostPassed   = 4 * mostTogether
)

// loads puts the copies that are ready into units: small tables together.
func (s *schedule) loads() (units []unit) {
	var small unit
	var bytes int64
	slices.SortFunc(s.copies, func(a, b *planner.Step) int { return a.Number - b.Number })
	for _, step := range s.copies {
		own := s.ready.bytes[step.Number]
		if s.alone[step.Number] || !s.run.untouched(step) || own > planner.Small || step.Copy.Mode != planner.TableSnapshot {
			units = append(units, unit{step})
			continue
		}
		if len(small) == mostTogether || bytes+own > mostCopied {
			units = append(units, small)
			small, bytes = nil, 0
		}
		small, bytes = append(small, step), bytes+own
	}
	s.copies = nil
	if len(small) > 0 {
		units = append(units, small)
	}
	return units
}

// gather takes the first step that is ready, and, where it is small, others along
// with it: those that only wait for it or its companions, and others that are
// ready. No unit waits for another one's locks, which would keep its place from
// others, or be a deadlock: indexes are built side by side on a table, and all else
// has it for itself. A key is the last of those side by side, since it waits for the
// others at its end: one that began later would wait for it, and a second key would
// be a deadlock.
func (s *schedule) gather() (u unit) {
	var passed unit
	defer func() {
		for _, step := range passed {
			heap.Push(&s.ready, step)
		}
	}()
	met := map[int]int{} // by number: how many of those that a step waits for are in u
	for len(u) < mostTogether && len(passed) < mostPassed && s.ready.Len() > 0 {
		step := heap.Pop(&s.ready).(*planner.Step)
		switch {
		case s.small(step) && !s.mustWait(step):
			u = s.along(append(u, step), met)
		case len(u) == 0 && !s.small(step) && !s.mustWait(step):
			s.count(step, -1)
			return unit{step}
		default:
			passed = append(passed, step)
		}
	}
	return u
}

// along adds what waits for nothing but the last of the steps and those before it.
func (s *schedule) along(u unit, met map[int]int) unit {
	for next := len(u) - 1; next < len(u); next++ {
		for _, step := range s.behind[u[next].Number] {
			met[step.Number]++
			if met[step.Number] == s.waits[step.Number] && len(u) < mostTogether && s.small(step) && !s.mustWait(step) {
				u = append(u, step)
			}
		}
	}
	return u
}

// shares says that a step by itself begins beside others that share a relation.
// https://www.postgresql.org/docs/current/explicit-locking.html (SHARE)
func shares(step *planner.Step) bool {
	return step.Building == planner.BuildsBeside || step.Building == planner.BuildsBesideThenAlone
}

// keeps are the relations beside whose step none begins. Of a key that is its table:
// the one above a partition's is locked at the end only, and against nothing that runs.
func (s *schedule) keeps(step *planner.Step) []catalog.ID {
	switch table, ok := relationOf(step.Object); {
	case step.Building == planner.BuildsBeside:
		return nil
	case step.Building == planner.BuildsBesideThenAlone && ok:
		return []catalog.ID{table}
	}
	return s.locks[step.Number]
}

// mustWait says that a step cannot have its relations now. One that goes with others
// shares none.
func (s *schedule) mustWait(step *planner.Step) bool {
	if s.small(step) || !shares(step) {
		return touches(s.locks[step.Number], s.busy)
	}
	return touches(s.locks[step.Number], s.kept) || touches(s.keeps(step), s.shared)
}

// small says that a step is short and may be rolled back with others.
func (s *schedule) small(step *planner.Step) bool {
	made := step.Action == planner.Create || step.Action == planner.Analyze || step.Action == planner.Alter && step.Object.Kind == catalog.KindForeignKey
	return !s.alone[step.Number] && made && step.Stage != planner.StageCleanup && step.Side == planner.Target && step.Transaction &&
		(step.Stage == planner.StageSchema || s.ready.bytes[step.Number] <= planner.Small)
}

func touches(relations []catalog.ID, count map[catalog.ID]int) bool {
	return slices.ContainsFunc(relations, func(relation catalog.ID) bool { return count[relation] > 0 })
}

// finish takes in how a unit has ended. What failed together is offered again.
func (s *schedule) finish(r result) {
	s.running--
	if r.unit[0].Action != planner.Copy {
		s.building--
		s.lent -= s.parallel[r.unit[0].Number]
	}
	s.note(r.unit, -1)
	for _, step := range r.unit {
		switch {
		case r.err == nil:
			s.done[step.Number] = true
			if s.open[step.Stage]--; s.open[step.Stage] == 0 {
				s.last[step.Stage] = step
			}
			for _, next := range s.behind[step.Number] {
				s.waits[next.Number]--
				s.offer(next)
			}
		case len(r.unit) > 1:
			s.alone[step.Number], s.started[step.Number] = true, false
			s.offer(step)
		}
	}
}

// phase is that of the earliest thing that is running: indexes of small tables
// are built while large ones are still copied.
func (s *schedule) phase() state.Phase {
	for _, phase := range []state.Phase{state.Schema, state.FullLoad, state.CatchingUp, state.Indexes} {
		if s.active[phase] > 0 {
			return phase
		}
	}
	return ""
}

// joins says that tables are still to join.
func (s *schedule) joins() bool {
	return slices.ContainsFunc(s.steps, func(step *planner.Step) bool { return step.Action == planner.Join && !s.done[step.Number] })
}

// leaves are the steps that take tables out of the stream.
func (s *schedule) leaves() (ids []string) {
	for _, step := range s.steps {
		if takesOut(step) {
			ids = append(ids, step.ID)
		}
	}
	return ids
}

// closes says that with this step every one of its stage is done.
func (s *schedule) closes(step *planner.Step) bool { return s.last[step.Stage] == step }

func (s *schedule) complete() bool {
	return !slices.ContainsFunc(s.steps, func(step *planner.Step) bool { return !s.done[step.Number] })
}

// untouched says that a table is new on the target, and that nothing was copied
// to it.
func (x *run) untouched(step *planner.Step) bool {
	return x.Plan.Stages.Schema && step.Copy.Existing == nil && !x.copied[step.Object.Qualified()]
}

// size is how much a step has to read: of its index, or of its largest table.
func (s *schedule) size(step *planner.Step) int64 {
	plan := s.run.Plan
	if own := plan.Estimates[step.ID].Bytes; own > 0 {
		return own
	}
	var most int64
	for _, relation := range s.locks[step.Number] {
		if rows := s.run.rows[relation]; rows != nil {
			most = max(most, plan.Estimates[rows.ID].Bytes)
		}
	}
	return most
}

// relations are those that a step may lock: its own, and those of what it waits
// for, since a foreign key waits for the key, or the unique index, that it refers to.
func (s *schedule) relations(step *planner.Step) (relations []catalog.ID) {
	add := func(id catalog.ID) {
		if !slices.Contains(relations, id) {
			relations = append(relations, id)
		}
	}
	for _, n := range step.After {
		before := &s.run.Plan.Steps[n-1]
		if before.Object.Kind == catalog.KindIndex {
			for _, relation := range s.locks[n] {
				add(relation)
			}
		} else if relation, ok := relationOf(before.Object); ok {
			add(relation)
		}
	}
	if relation, ok := relationOf(step.Object); ok {
		add(relation)
	}
	return relations
}

// relationOf is the relation that an object is, or is on.
func relationOf(id catalog.ID) (catalog.ID, bool) {
	switch {
	case id.Table != "":
		return catalog.ID{Kind: catalog.KindTable, Schema: id.Schema, Name: id.Table}, true
	case id.Kind == catalog.KindTable, id.Kind == catalog.KindView, id.Kind == catalog.KindMaterializedView, id.Kind == catalog.KindForeignTable:
		return id, true
	}
	return catalog.ID{}, false
}

// ready is a heap of steps.
type ready struct {
	steps []*planner.Step
	bytes map[int]int64 // by number
}

var stages = []planner.Stage{planner.StageSchema, planner.StageLoad, planner.StageFinish, planner.StageFollow, planner.StageCutover, planner.StageCleanup}

func (r *ready) Len() int { return len(r.steps) }

func (r *ready) Less(i, j int) bool {
	a, b := r.steps[i], r.steps[j]
	if a.Stage != b.Stage {
		return slices.Index(stages, a.Stage) < slices.Index(stages, b.Stage)
	}
	if r.bytes[a.Number] != r.bytes[b.Number] {
		return r.bytes[a.Number] > r.bytes[b.Number]
	}
	return a.Number < b.Number
}

func (r *ready) Swap(i, j int) { r.steps[i], r.steps[j] = r.steps[j], r.steps[i] }
func (r *ready) Push(step any) { r.steps = append(r.steps, step.(*planner.Step)) }

func (r *ready) Pop() any {
	last := len(r.steps) - 1
	step := r.steps[last]
	r.steps = r.steps[:last]
	return step
}
