package ddl

import "sluice/planner/catalog"

func createDefaultACL(o *catalog.Object, acl *catalog.DefaultACL) []string { return nil }

func createSecurityLabel(o *catalog.Object, label *catalog.SecurityLabel) string { return "" }
