package ddl

import "sluice/planner/catalog"

func createParser(o *catalog.Object, parser *catalog.Parser) string { return "" }

func createTemplate(o *catalog.Object, template *catalog.Template) string { return "" }

func createDictionary(o *catalog.Object, dictionary *catalog.Dictionary) string { return "" }

func createConfiguration(o *catalog.Object, configuration *catalog.Configuration) []string {
	return nil
}
