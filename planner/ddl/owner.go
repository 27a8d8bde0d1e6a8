package ddl

import "sluice/planner/catalog"

// Owner returns the statement that makes o that role's. It is empty for what
// has no owner of its own (parts of relations, casts, transforms, access
// methods, …), whose owner cannot be changed (extensions), and for sequences
// that a column owns: they go with their table, to which OwnedBy must have bound
// them by then. The owner of large objects is each one's own.
//
// Whoever is no superuser must be able to SET ROLE to the role, which needs
// CREATE on the schema, and on the database for a schema or publication.
func Owner(o *catalog.Object, role string) string {
	if !owned(o) {
		return ""
	}
	return "alter " + reference(o) + " owner to " + catalog.Quote(role)
}

// owned says that ALTER … OWNER TO takes o.
func owned(o *catalog.Object) bool {
	switch spec := o.Spec.(type) {
	case *catalog.Schema, *catalog.Language,
		*catalog.Enum, *catalog.Composite, *catalog.Range, *catalog.Base, *catalog.Shell, *catalog.Domain,
		*catalog.Collation, *catalog.Conversion, *catalog.Function, *catalog.Aggregate,
		*catalog.Operator, *catalog.OperatorFamily, *catalog.OperatorClass, *catalog.Dictionary, *catalog.Configuration,
		*catalog.Wrapper, *catalog.ForeignServer, *catalog.Table, *catalog.ForeignTable, *catalog.View,
		*catalog.MaterializedView, *catalog.Statistics, *catalog.EventTrigger, *catalog.Publication:
		return true
	case *catalog.Sequence:
		return spec.OwnedBy == nil
	}
	return o.ID.Kind == catalog.KindLargeObject
}
