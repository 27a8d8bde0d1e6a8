package ddl

import "sluice/planner/catalog"

func createWrapper(o *catalog.Object, wrapper *catalog.Wrapper) string { return "" }

func createForeignServer(o *catalog.Object, server *catalog.ForeignServer) string { return "" }

func createUserMapping(o *catalog.Object, mapping *catalog.UserMapping) string { return "" }

func createForeignTable(o *catalog.Object, table *catalog.ForeignTable, version int) []string {
	return nil
}
