package introspect

import "sluice/planner/catalog"

type collationRow struct {
	named
	Provider      string
	Locale        string
	Collate       string
	Ctype         string
	Deterministic bool
	Rules         string
	Version       string
}

// providerWords are the letters of pg_collation.collprovider. Only the system's
// own "default" has another, d.
var providerWords = map[string]string{"b": "builtin", "c": "libc", "i": "icu"}

func (r *reader) addCollation(row collationRow) {
	id := catalog.ID{Kind: catalog.KindCollation, Schema: row.Schema, Name: row.Name}
	r.add(classCollation, row.named, id, &catalog.Collation{
		Provider:      providerWords[row.Provider],
		Locale:        row.Locale,
		Collate:       row.Collate,
		Ctype:         row.Ctype,
		Deterministic: row.Deterministic,
		Rules:         row.Rules,
		Version:       row.Version,
	})
}

type conversionRow struct {
	named
	Source      string
	Destination string
	Function    uint32
	Default     bool
}

func (r *reader) addConversion(row conversionRow) {
	id := catalog.ID{Kind: catalog.KindConversion, Schema: row.Schema, Name: row.Name}
	r.add(classConversion, row.named, id, &catalog.Conversion{
		Source:      row.Source,
		Destination: row.Destination,
		Function:    r.function(row.Function),
		Default:     row.Default,
	})
}
