package ddl

import (
	"strings"

	"sluice/planner/catalog"
)

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

// NamedByOperator are the operators that o names as its commutator, whose
// arguments are the other way round, and as its negator.
func NamedByOperator(o *catalog.Object, operator *catalog.Operator) (named []catalog.ID) {
	add := func(name, left, right string) {
		name = strings.TrimSuffix(strings.TrimPrefix(name, "operator("), ")")
		if name == "" {
			return
		}
		dot := strings.LastIndex(name, ".") // an operator has none
		schema := strings.ReplaceAll(strings.TrimSuffix(strings.TrimPrefix(name[:dot], `"`), `"`), `""`, `"`)
		named = append(named, catalog.ID{Kind: catalog.KindOperator, Schema: schema, Name: name[dot+1:], Args: operatorArgs(left, right)})
	}
	add(operator.Commutator, operator.Right, operator.Left)
	add(operator.Negator, operator.Left, operator.Right)
	return named
}

func operatorArgs(left, right string) string {
	if left == "" {
		left = "NONE"
	}
	if right == "" {
		right = "NONE"
	}
	return left + ", " + right
}

// DropIfExists is Drop for what may be gone already.
func DropIfExists(o *catalog.Object) string {
	kind := string(o.ID.Kind) + " "
	return "drop " + kind + "if exists " + strings.TrimPrefix(reference(o), kind)
}
