package introspect

import (
	"slices"

	"sluice/planner/catalog"
)

type sequenceRow struct {
	named
	catalog.SequenceOptions
	Unlogged    bool
	Owned       string // pg_depend.deptype: a: OWNED BY, i: identity
	OwnerOID    uint32
	OwnerSchema string
	OwnerName   string
	OwnerNumber int16
	OwnerColumn string
}

func (r *reader) addSequence(row sequenceRow) {
	if row.Owned == "i" {
		r.addIdentity(row)
		return
	}
	spec := &catalog.Sequence{Options: row.SequenceOptions, Unlogged: row.Unlogged}
	if row.Owned == "a" {
		spec.OwnedBy = &catalog.ColumnRef{Table: name(row.OwnerSchema, row.OwnerName), Column: row.OwnerColumn}
	}
	id := catalog.ID{Kind: catalog.KindSequence, Schema: row.Schema, Name: row.Name}
	r.add(classClass, row.named, id, spec)
}

// addIdentity makes the sequence a property of its column.
func (r *reader) addIdentity(row sequenceRow) {
	table := r.tables[row.OwnerOID]
	if table == nil {
		return // of an extension, or of a table that stays behind
	}
	if i, ok := slices.BinarySearch(table.numbers, row.OwnerNumber); ok {
		sequence := &catalog.IdentitySequence{Name: name(row.Schema, row.Name), Options: row.SequenceOptions}
		table.Columns[i].Sequence = sequence
		r.identities[row.OID] = sequence
	}
}
