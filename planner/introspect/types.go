package introspect

import "sluice/planner/catalog"

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
	id := catalog.ID{Kind: catalog.KindType, Schema: row.Schema, Name: row.Name}
	r.add(classType, row.named, id, &catalog.Enum{Labels: row.Labels})
}

type domainRow struct {
	named
	Type            string
	CollationSchema string
	CollationName   string
	Default         string
	NotNull         bool
}

func (r *reader) addDomain(row domainRow) {
	domain := &catalog.Domain{
		Type:      row.Type,
		Collation: quoted(row.CollationSchema, row.CollationName),
		Default:   row.Default,
		NotNull:   row.NotNull,
	}
	r.domains[row.OID] = domain
	id := catalog.ID{Kind: catalog.KindDomain, Schema: row.Schema, Name: row.Name}
	r.add(classType, row.named, id, domain)
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
