package executor

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"sluice/planner"
	"sluice/planner/catalog"
	"sluice/state"
)

// planOf numbers steps, and looks their predecessors up by ID.
func planOf(steps []planner.Step, after map[string][]string) *planner.Plan {
	number := map[string]int{}
	for i := range steps {
		steps[i].Number = i + 1
		number[steps[i].ID] = i + 1
	}
	for i := range steps {
		for _, id := range after[steps[i].ID] {
			steps[i].After = append(steps[i].After, number[id])
		}
	}
	return &planner.Plan{Steps: steps, Estimates: map[string]planner.Estimate{}, Stages: planner.Stages{Schema: true, Full: true}}
}

func tableID(name string) catalog.ID {
	return catalog.ID{Kind: catalog.KindTable, Schema: "s", Name: name}
}

// tablesPlan is a plan of so many tables with two keys, an index, a foreign key to the
// table before that is checked later, and ANALYZE; every tenth table is large.
func tablesPlan(n int) *planner.Plan {
	var create, load, finish []planner.Step
	after, large := map[string][]string{}, map[string]bool{}
	step := func(stage planner.Stage, action planner.Action, object catalog.ID, ids ...string) planner.Step {
		s := planner.Step{ID: fmt.Sprintf("%s %s", action, object), Stage: stage, Side: planner.Target, Action: action, Object: object, Transaction: true}
		after[s.ID] = ids
		return s
	}
	before := ""
	for i := range n {
		name := fmt.Sprintf("t%d", i)
		table := step(planner.StageSchema, planner.Create, tableID(name))
		rows := step(planner.StageLoad, planner.Copy, tableID(name), table.ID)
		rows.Copy = &planner.CopySpec{Mode: planner.TableSnapshot}
		key := step(planner.StageFinish, planner.Create, catalog.ID{Kind: catalog.KindConstraint, Schema: "s", Table: name, Name: name + "_pkey"}, table.ID, rows.ID)
		other := step(planner.StageFinish, planner.Create, catalog.ID{Kind: catalog.KindConstraint, Schema: "s", Table: name, Name: name + "_u"}, table.ID, rows.ID)
		index := step(planner.StageFinish, planner.Create, catalog.ID{Kind: catalog.KindIndex, Schema: "s", Name: name + "_i"}, table.ID, rows.ID)
		key.Building, other.Building, index.Building = planner.BuildsBesideThenAlone, planner.BuildsBesideThenAlone, planner.BuildsBeside
		create, load, finish = append(create, table), append(load, rows), append(finish, key, other, index)
		if before != "" {
			foreign := step(planner.StageFinish, planner.Create, catalog.ID{Kind: catalog.KindForeignKey, Schema: "s", Table: name, Name: name + "_f"}, table.ID, rows.ID, before)
			finish = append(finish, foreign, step(planner.StageFinish, planner.Alter, foreign.Object, foreign.ID))
		}
		finish = append(finish, step(planner.StageFinish, planner.Analyze, tableID(name), rows.ID, key.ID, other.ID, index.ID))
		for _, s := range []planner.Step{rows, key, other, index} {
			large[s.ID] = i%10 == 0
		}
		before = key.ID
	}
	p := planOf(slices.Concat(create, load, finish), after)
	for id, is := range large {
		p.Estimates[id] = planner.Estimate{Bytes: 16 << 10}
		if is {
			p.Estimates[id] = planner.Estimate{Bytes: 16 << 20}
		}
	}
	return p
}

func scheduleOf(p *planner.Plan, workers int) *schedule {
	x := &run{Run: &Run{Plan: p}, rows: map[catalog.ID]*planner.Step{}, state: state.State{Steps: map[string]state.Step{}}}
	x.settings.Store(&state.Settings{Workers: workers})
	for i := range p.Steps {
		if p.Steps[i].Table() {
			x.rows[p.Steps[i].Object] = &p.Steps[i]
		}
	}
	return newSchedule(x)
}

// Units end in any order; whatever it is, each step comes once and after what it
// waits for, and no two units can wait for each other's locks.
func TestScheduleKeepsTheOrderAndTheLocksApart(t *testing.T) {
	besides := 0
	for seed := range uint64(50) {
		random := rand.New(rand.NewPCG(seed, 0))
		p := tablesPlan(200)
		s := scheduleOf(p, 1+random.IntN(6))
		done, started := map[int]bool{}, map[int]bool{}
		var running []unit
		units := 0
		for {
			for _, u := range s.start() {
				within := map[int]bool{}
				for _, step := range u {
					if started[step.Number] {
						t.Fatalf("seed %d: %s comes twice", seed, step.ID)
					}
					for _, n := range step.After {
						if !done[n] && !within[n] {
							t.Fatalf("seed %d: %s comes before step %d", seed, step.ID, n)
						}
					}
					if len(u) > 1 && step.Stage != planner.StageSchema && p.Estimates[step.ID].Bytes > planner.Small {
						t.Fatalf("seed %d: %s is not small", seed, step.ID)
					}
					started[step.Number], within[step.Number] = true, true
				}
				for _, other := range running {
					switch {
					case !meet(u, other):
					case !beginsBeside(u, other):
						t.Fatalf("seed %d: %s … begins while %s … has the same table", seed, u[0].ID, other[0].ID)
					case u[0].Building == planner.BuildsBesideThenAlone:
						besides++
					}
				}
				running = append(running, u)
				units++
			}
			if len(running) == 0 {
				break
			}
			i := random.IntN(len(running))
			u := running[i]
			running = slices.Delete(running, i, i+1)
			for _, step := range u {
				done[step.Number] = true
			}
			s.finish(result{unit: u})
		}
		if !s.complete() || len(done) != len(p.Steps) || s.running != 0 || s.building != 0 {
			t.Fatalf("seed %d: %d of %d steps are done", seed, len(done), len(p.Steps))
		}
		// 20 large tables of eight steps, and what refers to them, go by themselves.
		if most := len(p.Steps) / 3; units > most {
			t.Errorf("seed %d: %d steps in %d units, want at most %d", seed, len(p.Steps), units, most)
		}
	}
	if besides == 0 {
		t.Error("no key was built beside an index")
	}
}

// beginsBeside says that a unit builds an index or a key, and may begin while another
// one builds an index on its table.
func beginsBeside(u, other unit) bool {
	return len(u) == 1 && shares(u[0]) && len(other) == 1 && other[0].Building == planner.BuildsBeside
}

// meet says that two units of other work than copying name a table both.
func meet(a, b unit) bool {
	tables := func(u unit) (names []string) {
		for _, step := range u {
			switch id := step.Object; {
			case step.Action == planner.Copy:
			case id.Kind == catalog.KindTable:
				names = append(names, id.Name)
			case id.Kind == catalog.KindIndex:
				names = append(names, id.Name[:len(id.Name)-2])
			default:
				names = append(names, id.Table)
			}
		}
		return names
	}
	others := tables(b)
	return slices.ContainsFunc(tables(a), func(name string) bool { return slices.Contains(others, name) })
}

// What failed together comes again, each by itself; what depends on one that fails
// then stays back.
func TestScheduleKeepsBackWhatDependsOnAFailure(t *testing.T) {
	refused := errors.New("refused")
	s := scheduleOf(tablesPlan(3), 3)
	units := s.start()
	if len(units) != 1 || len(units[0]) != 3 {
		t.Fatalf("%d units, want one of three tables", len(units))
	}
	s.finish(result{unit: units[0], err: refused})
	if units = s.start(); len(units) != 3 {
		t.Fatalf("%d units, want each table by itself", len(units))
	}
	s.finish(result{unit: units[0], err: refused})
	s.finish(result{unit: units[1]})
	s.finish(result{unit: units[2]})
	var copies []string
	for _, u := range s.start() {
		for _, step := range u {
			copies = append(copies, step.Object.Name)
		}
	}
	if want := []string{units[1][0].Object.Name, units[2][0].Object.Name}; !slices.Equal(copies, want) {
		t.Errorf("%v are copied, want %v: %s was not created", copies, want, units[0][0].ID)
	}
	if s.complete() {
		t.Error("the schedule is complete although a step failed")
	}
}

// Of what is ready the largest comes first, within a stage.
func TestScheduleTakesTheLargestFirst(t *testing.T) {
	p := planOf([]planner.Step{
		{ID: "small", Stage: planner.StageFinish}, {ID: "large", Stage: planner.StageFinish},
		{ID: "middle", Stage: planner.StageFinish}, {ID: "schema", Stage: planner.StageSchema},
	}, nil)
	for id, megabytes := range map[string]int64{"small": 2, "large": 200, "middle": 20} {
		p.Estimates[id] = planner.Estimate{Bytes: megabytes << 20}
	}
	var order []string
	for _, u := range scheduleOf(p, 4).start() {
		order = append(order, u[0].ID)
	}
	if want := []string{"schema", "large", "middle", "small"}; !slices.Equal(order, want) {
		t.Errorf("order %v, want %v", order, want)
	}
}

// Parallel workers take places that nothing else would take, the largest index's first.
func TestLargeBuildsGetWorkersForIdlePlaces(t *testing.T) {
	build := planner.Step{Stage: planner.StageFinish, Action: planner.Create, Building: planner.BuildsBeside}
	key := planner.Step{Stage: planner.StageFinish, Action: planner.Create, Building: planner.BuildsBesideThenAlone,
		Object: catalog.ID{Kind: catalog.KindConstraint, Schema: "s", Table: "t"}}
	analyze := planner.Step{Stage: planner.StageFinish, Action: planner.Analyze}
	rows := planner.Step{Stage: planner.StageLoad, Action: planner.Copy, Copy: &planner.CopySpec{}}
	for name, c := range map[string]struct {
		steps   []planner.Step
		workers int
		want    []int // of each build
	}{
		"one build":               {[]planner.Step{build}, 4, []int{2}},
		"few places":              {[]planner.Step{build}, 2, []int{1}},
		"places for some":         {[]planner.Step{build, build, build, build}, 8, []int{2, 2, 0, 0}},
		"a build for each place":  {[]planner.Step{build, build, build, build}, 4, []int{0, 0, 0, 0}},
		"other steps could begin": {[]planner.Step{build, analyze, analyze}, 4, []int{1}},
		"others wait for a key":   {[]planner.Step{key, key, key}, 4, []int{2}},
		"rows are copied as well": {[]planner.Step{build, rows}, 4, []int{0}},
	} {
		t.Run(name, func(t *testing.T) {
			p := planOf(slices.Clone(c.steps), nil)
			p.IndexBuilds.Workers = 2
			for i := range p.Steps {
				p.Steps[i].ID = fmt.Sprint(i)
				p.Estimates[p.Steps[i].ID] = planner.Estimate{Bytes: int64(100-i) << 20}
			}
			s := scheduleOf(p, c.workers)
			var got []int
			units := s.start()
			for _, u := range units {
				if u[0].Building != "" {
					got = append(got, s.parallel[u[0].Number])
				}
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("%v workers, want %v", got, c.want)
			}
			for _, u := range units {
				s.finish(result{unit: u})
			}
			if s.lent != 0 {
				t.Errorf("%d workers are still lent", s.lent)
			}
		})
	}
}
