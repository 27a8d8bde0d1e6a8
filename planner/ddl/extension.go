package ddl

import "sluice/planner/catalog"

func createExtension(o *catalog.Object, extension *catalog.Extension) string { return "" }

func createPublication(o *catalog.Object, publication *catalog.Publication) string { return "" }

func createEventTrigger(o *catalog.Object, trigger *catalog.EventTrigger) []string { return nil }
