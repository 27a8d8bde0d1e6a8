package ddl

import (
	"strings"

	"sluice/planner/catalog"
)

func createCast(o *catalog.Object, cast *catalog.Cast) string {
	create := "create " + reference(o)
	switch cast.Method {
	case "function":
		create += " with function " + cast.Function
	case "inout":
		create += " with inout"
	default: // binary: the bytes are the same
		create += " without function"
	}
	if cast.Context != "explicit" {
		create += " as " + cast.Context
	}
	return create
}

func createTransform(o *catalog.Object, transform *catalog.Transform) string {
	var directions []string
	if transform.FromSQL != "" {
		directions = append(directions, "from sql with function "+transform.FromSQL)
	}
	if transform.ToSQL != "" {
		directions = append(directions, "to sql with function "+transform.ToSQL)
	}
	return "create " + reference(o) + " (" + strings.Join(directions, ", ") + ")"
}
