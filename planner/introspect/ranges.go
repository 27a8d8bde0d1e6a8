package introspect

import (
	"sluice/planner/catalog"
)

type rangeRow struct {
	named
	Subtype          string
	ClassSchema      string
	ClassName        string
	CollationSchema  string
	CollationName    string
	Canonical        uint32
	SubtypeDiff      uint32
	MultirangeSchema string
	MultirangeName   string
}

func (r *reader) addRange(row rangeRow) {
	spec := &catalog.Range{
		Subtype:       row.Subtype,
		OperatorClass: quoted(row.ClassSchema, row.ClassName),
		Collation:     quoted(row.CollationSchema, row.CollationName),
		Canonical:     r.function(row.Canonical),
		SubtypeDiff:   r.function(row.SubtypeDiff),
		Multirange:    name(row.MultirangeSchema, row.MultirangeName),
	}
	if spec.Multirange == name(row.Schema, catalog.ChosenMultirange(row.Name)) {
		spec.Multirange = catalog.Name{} // as of a range from before 14, and the same on every server
	}
	r.addType(row.named, spec)
}
