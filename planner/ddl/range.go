package ddl

import "sluice/planner/catalog"

func createRange(o *catalog.Object, r *catalog.Range, version int) string {
	var options definition
	options.add("subtype", r.Subtype)
	if version >= version14 && r.Multirange.Local != "" {
		options.add("multirange_type_name", r.Multirange.SQL())
	}
	options.add("subtype_opclass", r.OperatorClass)
	options.add("collation", r.Collation)
	options.add("canonical", r.Canonical)
	options.add("subtype_diff", r.SubtypeDiff)
	return "create type " + o.ID.Qualified().SQL() + " as range " + block(options)
}

// definition is a list of name = value, as most CREATE statements of what
// extends the server take it.
type definition []string

// add leaves out what has no value.
func (d *definition) add(name, value string) {
	if value != "" {
		*d = append(*d, name+" = "+value)
	}
}
