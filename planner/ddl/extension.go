package ddl

import "sluice/planner/catalog"

// CreateExtension returns the statements that make the extension o in that
// version; empty: the one that the server has as its default. Create takes the
// version of the catalog.
func CreateExtension(o *catalog.Object, version string) []string {
	create := "create extension " + catalog.Quote(o.ID.Name) +
		" with schema " + catalog.Quote(o.Spec.(*catalog.Extension).Schema)
	if version != "" {
		create += " version " + catalog.Literal(version)
	}
	return commented(o, create)
}
