package ddl

import "sluice/planner/catalog"

func Owner(o *catalog.Object, role string) string { return "" }
func Grants(o *catalog.Object, owner string) []string { return nil }
func CreateExtension(o *catalog.Object, version string) []string { return nil }
