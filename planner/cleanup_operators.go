package planner

import (
	"cmp"
	"slices"

	"sluice/planner/catalog"
	"sluice/planner/ddl"
	"sluice/planner/mapping"
)

// dropShells are the statements that drop what an operator names as commutator
// or negator and nobody has defined: CREATE OPERATOR has made it.
func (b *builder) dropShells(o *catalog.Object) (sql []string) {
	operator, ok := o.Spec.(*catalog.Operator)
	if !ok {
		return nil
	}
	for _, shell := range ddl.NamedByOperator(o, operator) {
		if b.target.Find(shell) == nil && !b.namedByOthers(shell) {
			sql = append(sql, ddl.DropIfExists(&catalog.Object{ID: shell}))
		}
	}
	return sql
}

// namedByOthers says that an operator that sluice did not make names one, too.
func (b *builder) namedByOthers(shell catalog.ID) bool {
	return slices.ContainsFunc(b.target.Objects, func(o catalog.Object) bool {
		operator, ok := o.Spec.(*catalog.Operator)
		return ok && !b.made(o.ID) && slices.Contains(ddl.NamedByOperator(&o, operator), shell)
	})
}

// dropOneByOne lets operators that name each other, or the same third one, be
// dropped one after the other: each is taken out of what is known of those that
// it names, which two transactions cannot do to one of them at once. The order
// is one that what they need allows: of two, the needed one needs less, and goes
// last.
func (b *builder) dropOneByOne(onTarget *mapping.Relations, drops map[catalog.ID]*draft) {
	groups := map[string][]catalog.ID{}
	for _, id := range sortedIDs(drops) {
		if operator, ok := b.target.Find(id).Spec.(*catalog.Operator); ok {
			for _, name := range operatorNames(id, operator) {
				groups[name] = append(groups[name], id)
			}
		}
	}
	for _, group := range groups {
		slices.SortFunc(group, func(x, y catalog.ID) int {
			return cmp.Or(len(allBefore(onTarget, y))-len(allBefore(onTarget, x)), catalog.Compare(x, y))
		})
		for i := range group[1:] {
			drops[group[i+1]].after(drops[group[i]])
		}
	}
}
