package mapping

import (
	"slices"

	"sluice/planner/catalog"
)

// Cause says why an object is taken or left.
type Cause string

// The causes: the first three take, the others leave.
const (
	Included        Cause = "included"         // rule number Rule takes it, or its schema
	With            Cause = "with"             // a part or a partition of By
	Needed          Cause = "needed"           // By needs it
	Excluded        Cause = "excluded"         // rule number Rule excludes it, or By, which it goes with
	NotSelected     Cause = "not selected"     // no pattern takes it
	WithoutKind     Cause = "without kind"     // rule number Rule takes it, or would, and its kind is not asked for
	WithoutColumn   Cause = "without column"   // on a column of By that is left out
	WithoutTable    Cause = "without table"    // By, which it goes with, stays behind
	WithoutFunction Cause = "without function" // By, the trigger's function, stays behind
	Unsupported     Cause = "unsupported"      // taken, but of a kind that is not carried over
)

// Verdict is what was decided about an object.
type Verdict struct {
	Taken bool
	Cause Cause
	// Rule is the index of the rule it goes back to, also where another
	// object is between: of an include, or of an exclude where the cause is
	// Excluded. -1 where there is none.
	Rule int
	By   catalog.ID
}

// Selection is the verdict on every object of a catalog.
type Selection struct {
	verdicts      map[*catalog.Object]Verdict
	UnusedInclude []int // rules that match nothing
	UnusedExclude []int
}

// Of is the verdict on an object of the catalog; the zero Verdict on nil.
func (s *Selection) Of(o *catalog.Object) Verdict { return s.verdicts[o] }

// Select decides what of a catalog goes: of what include takes and exclude does
// not, the kinds that are asked for, by Word, or all of them where none is.
func Select(r *Relations, include, exclude []Rule, kinds []string) *Selection {
	s := &selector{
		Relations: r,
		kinds:     map[string]bool{},
		withheld:  map[*catalog.Object]int{},
		along:     map[*catalog.Object][]*catalog.Object{},
		verdicts:  make(map[*catalog.Object]Verdict, len(r.Catalog.Objects)),
		deferred:  map[*catalog.Object]int{},
		named:     map[*catalog.Object]int{},
	}
	for _, kind := range kinds {
		s.kinds[kind] = true
	}
	unusedExclude := s.exclude(exclude)
	unusedInclude := s.include(include)
	s.drain()
	s.settle()
	return &Selection{s.verdicts, unusedInclude, unusedExclude}
}

// selector holds a selection in the making. A verdict once given stays.
type selector struct {
	*Relations
	verdicts map[*catalog.Object]Verdict
	kinds    map[string]bool                       // empty: every kind
	withheld map[*catalog.Object]int               // taken but for its kind, with the rule
	along    map[*catalog.Object][]*catalog.Object // what is withheld and goes along, by what with
	named    map[*catalog.Object]int               // parts of relations that a pattern names, with its rule
	deferred map[*catalog.Object]int               // parts and owned sequences that a whole schema takes, with its rule
	queue    []work
}

// work is an object that was taken, and whether it takes what it needs.
type work struct {
	object *catalog.Object
	pulls  bool
}

// parts of an object's name, as patterns see it.
func parts(o *catalog.Object) []string {
	if on, ok := On(o); ok {
		return []string{on.Schema, on.Local, o.ID.Name}
	}
	if o.ID.Schema == "" {
		return []string{o.ID.Name}
	}
	return []string{o.ID.Schema, o.ID.Name}
}

// schemaOf is the schema that an object is in; a schema is in itself.
func schemaOf(o *catalog.Object) string {
	if o.ID.Kind == catalog.KindSchema {
		return o.ID.Name
	}
	return o.ID.Schema
}

// first is the first rule that names the object, else the first that takes its
// schema; -1: none. Every rule that would is noted as used.
func first(rules []Rule, used []bool, o *catalog.Object) (rule int, named bool) {
	rule = -1
	for i, r := range rules {
		taken, byName := r.Pattern.matches(parts(o), schemaOf(o))
		if !taken || r.Kind != "" && r.Kind != o.ID.Kind {
			continue
		}
		used[i] = true
		if rule < 0 || byName && !named {
			rule, named = i, byName
		}
	}
	return rule, named
}

func unused(used []bool) (indices []int) {
	for i, u := range used {
		if !u {
			indices = append(indices, i)
		}
	}
	return indices
}

func (s *selector) exclude(rules []Rule) []int {
	used := make([]bool, len(rules))
	for i := range s.Catalog.Objects {
		o := &s.Catalog.Objects[i]
		if rule, _ := first(rules, used, o); rule >= 0 {
			s.verdicts[o] = Verdict{Cause: Excluded, Rule: rule}
		}
	}
	for i := range s.Catalog.Objects {
		o := &s.Catalog.Objects[i]
		if v, left := s.verdicts[o]; left && v.By == (catalog.ID{}) {
			s.excludeWith(o, v.Rule)
		}
	}
	return unused(used)
}

// excludeWith leaves out what goes with an excluded relation or foreign server.
func (s *selector) excludeWith(o *catalog.Object, rule int) {
	name := o.ID.Qualified()
	var lists [][]*catalog.Object
	switch {
	case o.ID.Kind == catalog.KindServer:
		lists = append(lists, s.mappings[o.ID.Name])
	case s.Relation(name) == o:
		lists = append(lists, s.parts[name], s.owned[name], s.partitions[name])
	}
	for _, with := range slices.Concat(lists...) {
		if _, decided := s.verdicts[with]; !decided {
			s.verdicts[with] = Verdict{Cause: Excluded, Rule: rule, By: o.ID}
			s.excludeWith(with, rule)
		}
	}
}

func (s *selector) include(rules []Rule) []int {
	used := make([]bool, len(rules))
	for i := range s.Catalog.Objects {
		o := &s.Catalog.Objects[i]
		rule, named := first(rules, used, o)
		if rule < 0 {
			continue
		}
		_, part := On(o)
		owned := owner(o) != catalog.Name{}
		switch {
		case !owned && !s.asked(o):
			s.withhold(o, rule)
		case part && named:
			s.named[o] = rule
		case part, owned && !(named && s.asked(o)):
			s.deferred[o] = rule
		default:
			s.take(o, Verdict{Cause: Included, Rule: rule}, named)
		}
	}
	return unused(used)
}

// owner is the table whose column owns a sequence; the zero Name of all else.
func owner(o *catalog.Object) catalog.Name {
	if sequence, ok := o.Spec.(*catalog.Sequence); ok && sequence.OwnedBy != nil {
		return sequence.OwnedBy.Table
	}
	return catalog.Name{}
}

// take gives an object that has none yet its verdict.
func (s *selector) take(o *catalog.Object, v Verdict, pulls bool) {
	if _, decided := s.verdicts[o]; decided {
		return
	}
	if _, no := o.Spec.(*catalog.Unsupported); no {
		v.Cause = Unsupported
		s.verdicts[o] = v
		return
	}
	v.Taken = true
	s.verdicts[o] = v
	s.queue = append(s.queue, work{o, pulls})
}
