package ddl

import "sluice/planner/catalog"

func createLanguage(o *catalog.Object, language *catalog.Language) string {
	create := "create "
	if language.Trusted {
		create += "trusted "
	}
	create += "procedural language " + catalog.Quote(o.ID.Name) + " handler " + language.Handler
	if language.Inline != "" {
		create += " inline " + language.Inline
	}
	if language.Validator != "" {
		create += " validator " + language.Validator
	}
	return create
}

func createAccessMethod(o *catalog.Object, method *catalog.AccessMethod) string {
	return "create access method " + catalog.Quote(o.ID.Name) + " type " + method.Type + " handler " + method.Handler
}
