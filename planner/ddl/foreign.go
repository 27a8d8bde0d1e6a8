package ddl

import (
	"strings"

	"sluice/planner/catalog"
)

func createWrapper(o *catalog.Object, wrapper *catalog.Wrapper) string {
	create := "create foreign data wrapper " + catalog.Quote(o.ID.Name)
	if wrapper.Handler != "" {
		create += "\n  handler " + wrapper.Handler
	}
	if wrapper.Validator != "" {
		create += "\n  validator " + wrapper.Validator
	}
	return create + foreignOptions("\n  ", wrapper.Options)
}

func createForeignServer(o *catalog.Object, server *catalog.ForeignServer) string {
	create := "create server " + catalog.Quote(o.ID.Name)
	if server.Type != "" {
		create += " type " + catalog.Literal(server.Type)
	}
	if server.Version != "" {
		create += " version " + catalog.Literal(server.Version)
	}
	return create + "\n  foreign data wrapper " + catalog.Quote(server.Wrapper) + foreignOptions("\n  ", server.Options)
}

func createUserMapping(o *catalog.Object, mapping *catalog.UserMapping) string {
	return "create " + reference(o) + foreignOptions("\n  ", mapping.Options)
}

func createForeignTable(o *catalog.Object, table *catalog.ForeignTable, version int) []string {
	create := "create foreign table " + o.ID.Qualified().SQL() + columnDefinitions(&table.Table) + inheritsClause(o.ID, &table.Table) +
		"\nserver " + catalog.Quote(table.Server) + foreignOptions("\n", table.Fetch)
	return tableStatements(o, &table.Table, create, version)
}

// foreignOptions is the OPTIONS clause for name=value pairs, after lead; empty
// where there are none.
func foreignOptions(lead string, options []string) string {
	if len(options) == 0 {
		return ""
	}
	list := make([]string, len(options))
	for i, option := range options {
		name, value, _ := strings.Cut(option, "=")
		if !plainOption.MatchString(name) {
			name = catalog.Quote(name)
		}
		list[i] = name + " " + catalog.Literal(value)
	}
	return lead + "options (" + strings.Join(list, ", ") + ")"
}
