package introspect

import (
	"unicode/utf8"

	"sluice/planner/catalog"
)

type schemaRow struct {
	named
	OwnedAsMade bool
}

func (r *reader) addSchema(row schemaRow) {
	id := catalog.ID{Kind: catalog.KindSchema, Name: row.Name}
	r.schemas[id] = true
	r.add(classNamespace, row.named, id, &catalog.Schema{OwnedAsMade: row.OwnedAsMade})
}

type enumRow struct {
	named
	Labels []string
}

func (r *reader) addEnum(row enumRow) {
	r.addType(row.named, &catalog.Enum{Labels: row.Labels})
}

type domainRow struct {
	named
	Type            string
	CollationSchema string
	CollationName   string
	Default         string
	NotNull         bool
	NotNullName     string
	NotNullComment  string
}

func (r *reader) addDomain(row domainRow) {
	domain := &catalog.Domain{
		Type:      row.Type,
		Collation: quoted(row.CollationSchema, row.CollationName),
		Default:   row.Default,
		NotNull:   row.NotNull,

		NotNullComment: row.NotNullComment,
	}
	if row.NotNullName != chosenNotNull(row.Name) || row.NotNullComment != "" {
		domain.NotNullName = row.NotNullName
	}
	r.domains[row.OID] = domain
	id := catalog.ID{Kind: catalog.KindDomain, Schema: row.Schema, Name: row.Name}
	r.add(classType, row.named, id, domain)
}

// chosenNotNull is the name that the server gives the NOT NULL constraint of a
// domain, as long as it is free: makeObjectName in src/backend/commands/indexcmds.c.
func chosenNotNull(domain string) string {
	const suffix = "_not_null"
	return clip(domain, maxName-len(suffix)) + suffix
}

// maxName is how many bytes a name can have: NAMEDATALEN without the last one.
const maxName = 63

// clip cuts a name to as many whole characters as that many bytes hold.
func clip(name string, bytes int) string {
	if len(name) <= bytes {
		return name
	}
	for bytes > 0 && !utf8.RuneStart(name[bytes]) {
		bytes--
	}
	return name[:bytes]
}

type domainCheckRow struct {
	Domain     uint32
	Name       string
	Definition string
	Comment    string
}

func (r *reader) addDomainCheck(row domainCheckRow) {
	if domain := r.domains[row.Domain]; domain != nil { // nil: the system's, or an extension's
		domain.Checks = append(domain.Checks, catalog.DomainCheck{
			Name: row.Name, Definition: row.Definition, Comment: row.Comment,
		})
	}
}
