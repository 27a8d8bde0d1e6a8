package mapping

import (
	"maps"
	"slices"

	"sluice/planner/catalog"
)

// procedure is the word for the functions that are procedures.
const procedure = "procedure"

// words are what the language calls the kinds of objects. What has none goes
// with the relation that it is on, or never.
var words = map[catalog.Kind]string{
	catalog.KindSchema:           "schema",
	catalog.KindExtension:        "extension",
	catalog.KindLanguage:         "language",
	catalog.KindAccessMethod:     "access_method",
	catalog.KindType:             "type",
	catalog.KindDomain:           "domain",
	catalog.KindCollation:        "collation",
	catalog.KindConversion:       "conversion",
	catalog.KindFunction:         "function",
	catalog.KindAggregate:        "aggregate",
	catalog.KindOperator:         "operator",
	catalog.KindOperatorFamily:   "operator_family",
	catalog.KindOperatorClass:    "operator_class",
	catalog.KindCast:             "cast",
	catalog.KindTransform:        "transform",
	catalog.KindParser:           "text_search",
	catalog.KindTemplate:         "text_search",
	catalog.KindDictionary:       "text_search",
	catalog.KindConfiguration:    "text_search",
	catalog.KindWrapper:          "foreign_data_wrapper",
	catalog.KindServer:           "foreign_server",
	catalog.KindUserMapping:      "foreign_server",
	catalog.KindSequence:         "sequence",
	catalog.KindTable:            "table",
	catalog.KindForeignTable:     "foreign_table",
	catalog.KindView:             "view",
	catalog.KindMaterializedView: "materialized_view",
	catalog.KindConstraint:       "",
	catalog.KindIndex:            "",
	catalog.KindStatistics:       "",
	catalog.KindForeignKey:       "",
	catalog.KindRule:             "rule",
	catalog.KindPolicy:           "policy",
	catalog.KindTrigger:          "trigger",
	catalog.KindEventTrigger:     "event_trigger",
	catalog.KindPublication:      "publication",
	catalog.KindSubscription:     "", // never goes
	catalog.KindLargeObjects:     "large_objects",
	catalog.KindLargeObject:      "", // in statements only
	catalog.KindDefaultACL:       "default_privileges",
	catalog.KindPrivileges:       "privileges",
	catalog.KindSecurityLabel:    "security_label",
}

// Word is what the language calls the kind of an object; empty where it has no
// word of its own.
func Word(o *catalog.Object) string {
	if function, ok := o.Spec.(*catalog.Function); ok && function.Procedure {
		return procedure
	}
	return words[o.ID.Kind]
}

// Words are all there are, sorted.
func Words() []string {
	all := append(slices.Collect(maps.Values(words)), procedure)
	slices.Sort(all)
	return slices.DeleteFunc(slices.Compact(all), func(word string) bool { return word == "" })
}

// asked says that the kind of an object is asked for, or that nobody could.
func (s *selector) asked(o *catalog.Object) bool {
	word := Word(o)
	return len(s.kinds) == 0 || word == "" || s.kinds[word]
}

// withhold notes that a rule takes an object whose kind is not asked for. It
// goes all the same where something needs it, or takes it along.
func (s *selector) withhold(o *catalog.Object, rule int) {
	if _, decided := s.verdicts[o]; decided {
		return
	}
	s.withheld[o] = rule
	for _, need := range s.Needs(o) {
		if goesAlong(o, need) {
			s.along[need] = append(s.along[need], o)
		}
	}
}

// goesAlong says that an object goes with another that it needs, asked for or
// not. A security label is a part of what it is on. What a cast or an operator
// class does for a type may be used by a table's expressions, and PostgreSQL does
// not record that: find_expr_references_walker in src/backend/catalog/dependency.c.
func goesAlong(o, need *catalog.Object) bool {
	switch o.ID.Kind {
	case catalog.KindSecurityLabel:
		return true
	case catalog.KindCast, catalog.KindOperatorClass, catalog.KindOperatorFamily:
		return need.ID.Kind == catalog.KindType || need.ID.Kind == catalog.KindDomain
	}
	return false
}

// takeAlong takes what is withheld and goes with an object all the same.
func (s *selector) takeAlong(o *catalog.Object, pulls bool) {
	for _, other := range s.along[o] {
		s.take(other, Verdict{Cause: With, Rule: s.verdicts[o].Rule, By: o.ID}, pulls)
	}
}

// leave decides about what nothing has taken.
func (s *selector) leave(o *catalog.Object) {
	s.verdicts[o] = Verdict{Cause: NotSelected, Rule: -1}
	if rule, ok := s.withheld[o]; ok {
		s.verdicts[o] = Verdict{Cause: WithoutKind, Rule: rule}
	}
}
