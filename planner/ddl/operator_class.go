package ddl

import (
	"strings"

	"sluice/planner/catalog"
)

// createOperatorFamily adds the loose members at once, before there is a class:
// from 14 on the server would take some of them for members of the class
// (amadjustmembers).
func createOperatorFamily(o *catalog.Object, family *catalog.OperatorFamily) []string {
	statements := []string{"create " + reference(o)}
	if len(family.Members) > 0 {
		statements = append(statements, "alter "+reference(o)+" add\n  "+strings.Join(family.Members, ",\n  "))
	}
	return commented(o, statements...)
}

// createOperatorClass always names the family, which is an object of its own.
func createOperatorClass(o *catalog.Object, class *catalog.OperatorClass) string {
	var b strings.Builder
	b.WriteString("create operator class " + o.ID.Qualified().SQL() + "\n  ")
	if class.Default {
		b.WriteString("default ")
	}
	b.WriteString("for type " + class.Type + " using " + catalog.Quote(class.Method) + " family " + class.Family.SQL() + " as\n  ")
	items := class.Members
	switch {
	case class.Storage != "":
		items = append([]string{"storage " + class.Storage}, items...)
	case len(items) == 0:
		items = []string{"storage " + class.Type} // the same as none, and the list may not be empty
	}
	b.WriteString(strings.Join(items, ",\n  "))
	return b.String()
}
