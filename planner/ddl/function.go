package ddl

import (
	"strings"

	"sluice/planner/catalog"
)

// createFunction takes OR REPLACE out of what pg_get_functiondef always writes:
// a function that is there must be refused, as every other object is.
func createFunction(function *catalog.Function) string {
	definition := strings.TrimRight(function.Definition, " \n")
	if rest, ok := strings.CutPrefix(definition, "CREATE OR REPLACE "); ok {
		return "create " + rest
	}
	return definition
}

// routine names a function or procedure with its identity arguments.
func routine(o *catalog.Object) string {
	kind := "function "
	if function, ok := o.Spec.(*catalog.Function); ok && function.Procedure {
		kind = "procedure "
	}
	return kind + o.ID.Qualified().SQL() + "(" + o.ID.Args + ")"
}
