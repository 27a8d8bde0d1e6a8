package introspect

import "sluice/planner/catalog"

func (r *reader) addComposite(row named) {
	composite := &catalog.Composite{}
	r.composites[row.OID] = composite
	r.addType(row, composite)
}

// addType takes a type of any sort but a domain: they share one name space.
func (r *reader) addType(row named, spec catalog.Spec) {
	r.add(classType, row, catalog.ID{Kind: catalog.KindType, Schema: row.Schema, Name: row.Name}, spec)
}

type attributeRow struct {
	Composite       uint32
	Name            string
	Type            string
	CollationSchema string
	CollationName   string
	Comment         string
}

func (r *reader) addAttribute(row attributeRow) {
	if composite := r.composites[row.Composite]; composite != nil { // nil: an extension's, or ours
		composite.Attributes = append(composite.Attributes, catalog.Attribute{
			Name:      row.Name,
			Type:      row.Type,
			Collation: quoted(row.CollationSchema, row.CollationName),
			Comment:   row.Comment,
		})
	}
}

func (r *reader) addShell(row named) { r.addType(row, &catalog.Shell{}) }
