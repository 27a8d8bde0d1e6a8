package ddl

import "sluice/planner/catalog"

func createStatistics(o *catalog.Object, statistics *catalog.Statistics) []string { return nil }

func createRule(o *catalog.Object, rule *catalog.Rule) []string { return nil }

func createPolicy(o *catalog.Object, policy *catalog.Policy) string { return "" }
