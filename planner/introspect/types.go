package introspect

import (
	"unicode/utf8"

	"sluice/planner/catalog"
)

func (r *reader) addSchema(row named) {
	id := catalog.ID{Kind: catalog.KindSchema, Name: row.Name}
	r.schemas[id] = true
	r.add(classNamespace, row, id, &catalog.Schema{})
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
	const suffix, room = "_not_null", 63 // NAMEDATALEN without the zero byte
	end := min(len(domain), room-len(suffix))
	for end < len(domain) && end > 0 && !utf8.RuneStart(domain[end]) {
		end--
	}
	return domain[:end] + suffix
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
