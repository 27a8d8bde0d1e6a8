package ddl

import "sluice/planner/catalog"

func createAggregate(o *catalog.Object, aggregate *catalog.Aggregate) string { return "" }

func createOperator(o *catalog.Object, operator *catalog.Operator) []string { return nil }

func createOperatorFamily(o *catalog.Object, family *catalog.OperatorFamily) []string { return nil }

func createOperatorClass(o *catalog.Object, class *catalog.OperatorClass) string { return "" }
