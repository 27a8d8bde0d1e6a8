package ddl

import (
	"strconv"

	"sluice/planner/catalog"
)

// createBase says everything that CREATE TYPE has no fixed default for: what it
// takes from LIKE is not known any more.
// https://www.postgresql.org/docs/current/sql-createtype.html
func createBase(o *catalog.Object, base *catalog.Base) string {
	var options definition
	if base.Length == -1 {
		options.add("internallength", "variable")
	} else {
		options.add("internallength", strconv.Itoa(base.Length))
	}
	options.add("input", base.Input)
	options.add("output", base.Output)
	options.add("receive", base.Receive)
	options.add("send", base.Send)
	options.add("typmod_in", base.ModifierIn)
	options.add("typmod_out", base.ModifierOut)
	options.add("analyze", base.Analyze)
	options.add("subscript", base.Subscript)
	if base.Collatable {
		options.add("collatable", "true")
	}
	if base.Default != nil {
		options.add("default", catalog.Literal(*base.Default))
	}
	options.add("element", base.Element)
	if base.Category != "U" { // user-defined
		options.add("category", catalog.Literal(base.Category))
	}
	if base.Preferred {
		options.add("preferred", "true")
	}
	if base.Delimiter != "," {
		options.add("delimiter", catalog.Literal(base.Delimiter))
	}
	options.add("alignment", base.Alignment)
	options.add("storage", base.Storage)
	if base.ByValue {
		options = append(options, "passedbyvalue")
	}
	return "create type " + o.ID.Qualified().SQL() + " " + block(options)
}
