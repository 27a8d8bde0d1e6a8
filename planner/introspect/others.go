package introspect

import "sluice/planner/catalog"

// notCarried is the reason of whatever has none of its own.
const notCarried = "not carried over by this version of sluice"

type otherRow struct {
	named
	Class       uint32
	Kind        string
	RelationOID uint32
	Relation    string
	Args        string
	Reason      string
	Code        string
}

// addOther takes an object that stays behind.
func (r *reader) addOther(row otherRow) {
	if row.Reason == "" {
		row.Reason = notCarried
	}
	id := catalog.ID{
		Kind: catalog.Kind(row.Kind), Schema: row.Schema, Table: row.Relation, Name: row.Name, Args: row.Args,
	}
	r.addOn(row.RelationOID, row.Class, row.named, id, &catalog.Unsupported{Reason: row.Reason, Code: row.Code})
}
