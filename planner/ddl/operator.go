package ddl

import "sluice/planner/catalog"

// createOperator makes the commutator and the negator as shells, where they are
// not there yet, and fills the shell that another operator made of this one. So
// two operators that name each other can be made in either order.
// https://www.postgresql.org/docs/current/xoper-optimization.html
func createOperator(o *catalog.Object, operator *catalog.Operator) []string {
	parameters := parameterList{}
	parameters.add("function", operator.Function)
	parameters.add("leftarg", operator.Left)
	parameters.add("rightarg", operator.Right)
	parameters.add("commutator", operator.Commutator)
	parameters.add("negator", operator.Negator)
	parameters.flag("merges", operator.Merges)
	parameters.flag("hashes", operator.Hashes)
	parameters.add("restrict", operator.Restrict)
	parameters.add("join", operator.Join)
	return commented(o, "create operator "+operatorName(o.ID.Qualified())+" "+block(parameters))
}
