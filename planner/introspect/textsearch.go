package introspect

import "sluice/planner/catalog"

type parserRow struct {
	named
	Start    uint32
	Token    uint32
	End      uint32
	LexTypes uint32
	Headline uint32
}

func (r *reader) addParser(row parserRow) {
	id := catalog.ID{Kind: catalog.KindParser, Schema: row.Schema, Name: row.Name}
	r.add(classParser, row.named, id, &catalog.Parser{
		Start:    r.function(row.Start),
		Token:    r.function(row.Token),
		End:      r.function(row.End),
		LexTypes: r.function(row.LexTypes),
		Headline: r.function(row.Headline),
	})
}

type templateRow struct {
	named
	Init   uint32
	Lexize uint32
}

func (r *reader) addTemplate(row templateRow) {
	id := catalog.ID{Kind: catalog.KindTemplate, Schema: row.Schema, Name: row.Name}
	r.add(classTemplate, row.named, id, &catalog.Template{Init: r.function(row.Init), Lexize: r.function(row.Lexize)})
}

type dictionaryRow struct {
	named
	TemplateSchema string
	TemplateName   string
	Options        string
}

func (r *reader) addDictionary(row dictionaryRow) {
	id := catalog.ID{Kind: catalog.KindDictionary, Schema: row.Schema, Name: row.Name}
	r.add(classDictionary, row.named, id, &catalog.Dictionary{
		Template: quoted(row.TemplateSchema, row.TemplateName),
		Options:  row.Options,
	})
}

type configurationRow struct {
	named
	ParserSchema string
	ParserName   string
}

func (r *reader) addConfiguration(row configurationRow) {
	configuration := &catalog.Configuration{Parser: quoted(row.ParserSchema, row.ParserName)}
	r.configurations[row.OID] = configuration
	id := catalog.ID{Kind: catalog.KindConfiguration, Schema: row.Schema, Name: row.Name}
	r.add(classConfiguration, row.named, id, configuration)
}

type tokenMappingRow struct {
	Configuration    uint32
	Token            string
	DictionarySchema string
	DictionaryName   string
}

// addTokenMapping takes one dictionary; those of one token come in a row.
func (r *reader) addTokenMapping(row tokenMappingRow) {
	configuration := r.configurations[row.Configuration]
	if configuration == nil { // an extension's
		return
	}
	last := len(configuration.Mappings) - 1
	if last < 0 || configuration.Mappings[last].Token != row.Token {
		configuration.Mappings = append(configuration.Mappings, catalog.TokenMapping{Token: row.Token})
		last++
	}
	mapping := &configuration.Mappings[last]
	mapping.Dictionaries = append(mapping.Dictionaries, quoted(row.DictionarySchema, row.DictionaryName))
}
