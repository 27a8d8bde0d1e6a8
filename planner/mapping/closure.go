package mapping

import (
	"sluice/planner/catalog"
)

// drain takes what goes with the objects in the queue, until nothing is new.
func (s *selector) drain() {
	for len(s.queue) > 0 {
		next := s.queue[0]
		s.queue = s.queue[1:]
		s.takePartitions(next.object)
		s.takeParts(next.object, next.pulls)
		s.takeMappings(next.object)
		s.takeAlong(next.object, next.pulls)
		s.takeNeeds(next.object, next.pulls)
	}
}

// takePartitions takes a table's partitions, wherever they are: its rows are
// theirs. They take what they need, since no pattern need match their schema.
func (s *selector) takePartitions(table *catalog.Object) {
	if table.ID.Kind != catalog.KindTable {
		return
	}
	for _, partition := range s.partitions[table.ID.Qualified()] {
		s.take(partition, Verdict{Cause: With, Rule: s.verdicts[table].Rule, By: table.ID}, true)
	}
}

// takeMappings takes what says as whom a foreign server is used.
func (s *selector) takeMappings(server *catalog.Object) {
	if server.ID.Kind != catalog.KindServer {
		return
	}
	for _, mapping := range s.mappings[server.ID.Name] {
		s.take(mapping, Verdict{Cause: With, Rule: s.verdicts[server].Rule, By: server.ID}, true)
	}
}

// takeParts takes what is on a relation. Triggers and rules come only where a
// pattern names them or takes the whole schema, or where their kind is asked
// for by name: they are behaviour, and a pattern that names a table asks for
// the table.
func (s *selector) takeParts(relation *catalog.Object, pulls bool) {
	if s.Relation(relation.ID.Qualified()) != relation {
		return
	}
	rule := s.verdicts[relation].Rule
	for _, part := range s.Parts(relation.ID.Qualified()) {
		named, byName := s.named[part]
		switch {
		case !s.asked(part):
			s.withhold(part, rule)
		case byName:
			s.take(part, Verdict{Cause: Included, Rule: named}, true)
		case !isBehaviour(part), pulls && s.kinds[Word(part)]: // without pulls settle decides
			s.take(part, Verdict{Cause: With, Rule: rule, By: relation.ID}, pulls)
		}
	}
}

func isBehaviour(part *catalog.Object) bool {
	return part.ID.Kind == catalog.KindTrigger || part.ID.Kind == catalog.KindRule
}

// takeNeeds takes what an object cannot do without: types, functions,
// sequences, schemas, the partitioned table above it. Never another relation:
// rows go only where somebody asked for them. Of what was not asked for by name
// only what no pattern but *.* could take, extensions, languages, foreign servers,
// and what a pattern takes but for its kind.
func (s *selector) takeNeeds(o *catalog.Object, pulls bool) {
	v := Verdict{Cause: Needed, Rule: s.verdicts[o].Rule, By: o.ID}
	for _, need := range s.Needs(o) {
		_, part := On(need)
		_, withheld := s.withheld[need]
		if part || s.isOtherRelation(o, need) || !pulls && !withheld && !schemaless(need) {
			continue
		}
		s.take(need, v, pulls || schemaless(need))
	}
	if pulls && isTable(o.ID.Kind) {
		for _, sequence := range s.owned[o.ID.Qualified()] {
			s.take(sequence, v, true)
		}
	}
}

func schemaless(o *catalog.Object) bool { return o.ID.Schema == "" && o.ID.Kind != catalog.KindSchema }

func (s *selector) isOtherRelation(o, need *catalog.Object) bool {
	if s.Relation(need.ID.Qualified()) != need {
		return false
	}
	table := o.Table()
	return table == nil || table.Of != need.ID.Qualified()
}

// settle decides about what had to wait for all tables and functions, and
// leaves the rest, once that has taken what it needs.
func (s *selector) settle() {
	s.undecided(s.settleOne)
	s.drain()
	s.undecided(s.leave)
}

func (s *selector) undecided(decide func(*catalog.Object)) {
	for i := range s.Catalog.Objects {
		o := &s.Catalog.Objects[i]
		if _, decided := s.verdicts[o]; !decided {
			decide(o)
		}
	}
}

func (s *selector) settleOne(o *catalog.Object) {
	rule, wanted := s.deferred[o]
	if named, ok := s.named[o]; ok {
		rule, wanted = named, true
	}
	if !wanted {
		return
	}
	table, ok := On(o)
	if !ok {
		table = owner(o)
	}
	if relation := s.Relation(table); relation == nil || !s.verdicts[relation].Taken {
		by := catalog.ID{Kind: catalog.KindTable, Schema: table.Schema, Name: table.Local}
		if relation != nil {
			by = relation.ID
		}
		s.verdicts[o] = Verdict{Cause: WithoutTable, Rule: rule, By: by}
		return
	}
	if function, missing := s.functionLeft(o); missing {
		s.verdicts[o] = Verdict{Cause: WithoutFunction, Rule: rule, By: function}
		return
	}
	s.take(o, Verdict{Cause: Included, Rule: rule}, false)
}

// functionLeft says which function keeps a trigger from going. A function that
// is not in the catalog is the system's or an extension's; one that waits for
// somebody who needs it will be taken.
func (s *selector) functionLeft(o *catalog.Object) (catalog.ID, bool) {
	trigger, ok := o.Spec.(*catalog.Trigger)
	if !ok {
		return catalog.ID{}, false
	}
	function := s.Find(trigger.Function)
	if function == nil || s.verdicts[function].Taken {
		return trigger.Function, false
	}
	_, unsupported := function.Spec.(*catalog.Unsupported)
	_, waits := s.withheld[function]
	return trigger.Function, unsupported || !waits
}
