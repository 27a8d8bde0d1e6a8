package ddl

import "sluice/planner/catalog"

func createLanguage(o *catalog.Object, language *catalog.Language) string { return "" }

func createAccessMethod(o *catalog.Object, method *catalog.AccessMethod) string { return "" }

func createTransform(o *catalog.Object, transform *catalog.Transform) string { return "" }
