package ddl

import (
	"strings"

	"sluice/planner/catalog"
)

func createParser(o *catalog.Object, parser *catalog.Parser) string {
	var options definition
	options.add("start", parser.Start)
	options.add("gettoken", parser.Token)
	options.add("end", parser.End)
	options.add("headline", parser.Headline)
	options.add("lextypes", parser.LexTypes)
	return "create " + reference(o) + " " + block(options)
}

func createTemplate(o *catalog.Object, template *catalog.Template) string {
	var options definition
	options.add("init", template.Init)
	options.add("lexize", template.Lexize)
	return "create " + reference(o) + " " + block(options)
}

func createDictionary(o *catalog.Object, dictionary *catalog.Dictionary) string {
	var options definition
	options.add("template", dictionary.Template)
	if dictionary.Options != "" {
		options = append(options, dictionary.Options)
	}
	return "create " + reference(o) + " " + block(options)
}

func createConfiguration(o *catalog.Object, configuration *catalog.Configuration) []string {
	var options definition
	options.add("parser", configuration.Parser)
	statements := []string{"create " + reference(o) + " " + block(options)}
	for _, mapping := range configuration.Mappings {
		statements = append(statements, "alter "+reference(o)+" add mapping for "+catalog.Quote(mapping.Token)+
			" with "+strings.Join(mapping.Dictionaries, ", "))
	}
	return commented(o, statements...)
}
