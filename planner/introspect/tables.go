package introspect

import (
	"slices"

	"sluice/planner/catalog"
)

// table is one whose columns are still to come.
type table struct {
	*catalog.Table
	partition bool
	numbers   []int16 // attnum of each of Columns, ascending
}

// names are those of the columns with these numbers.
func (t *table) names(numbers []int16) []string {
	names := make([]string, 0, len(numbers))
	for _, n := range numbers {
		if i, ok := slices.BinarySearch(t.numbers, n); ok {
			names = append(names, t.Columns[i].Name)
		}
	}
	return names
}

// column is the one of this name, or nil.
func (t *table) column(name string) *catalog.Column {
	i := slices.IndexFunc(t.Columns, func(c catalog.Column) bool { return c.Name == name })
	if i < 0 {
		return nil
	}
	return &t.Columns[i]
}

type tableRow struct {
	named
	TypeSchema    string
	TypeName      string
	WithOids      bool
	Unlogged      bool
	Partition     bool
	Bound         string
	Within        string
	PartitionKey  string
	Options       []string
	ToastOptions  []string
	RowSecurity   bool
	ForceRowSec   bool
	AccessMethod  string
	Tablespace    string
	Identity      string
	IdentityIndex string
	Rows          int64
	Pages         int64
	Bytes         int64
	IsHidden      bool
	MaySelect     bool
	IsOwner       bool
}

func (r *reader) addTable(row tableRow) {
	id := catalog.ID{Kind: catalog.KindTable, Schema: row.Schema, Name: row.Name}
	if row.WithOids {
		r.add(classClass, row.named, id, &catalog.Unsupported{Reason: "created WITH OIDS, which no table has from PostgreSQL 12 on"})
		return
	}
	spec := &catalog.Table{
		Unlogged:     row.Unlogged,
		Type:         name(row.TypeSchema, row.TypeName),
		Bound:        row.Bound,
		Within:       row.Within,
		PartitionKey: row.PartitionKey,
		Options:      row.Options,
		ToastOptions: row.ToastOptions,
		RowSecurity:  row.RowSecurity,
		ForceRowSec:  row.ForceRowSec,
		AccessMethod: row.AccessMethod,
		Tablespace:   row.Tablespace,
		Identity:     replicaIdentity(row.Identity, row.IdentityIndex),
		Size:         catalog.Size{Rows: row.Rows, Pages: row.Pages, Bytes: row.Bytes},
		Access:       catalog.Access{Select: row.MaySelect, Hidden: row.IsHidden, Owner: row.IsOwner},
	}
	r.tables[row.OID] = &table{Table: spec, partition: row.Partition}
	r.add(classClass, row.named, id, spec)
}

// replicaIdentity reads pg_class.relreplident. Where the index has been dropped
// since, it is as with nothing.
// https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-REPLICA-IDENTITY
func replicaIdentity(letter, index string) catalog.ReplicaIdentity {
	switch {
	case letter == "d":
		return catalog.ReplicaIdentity{Kind: catalog.IdentityDefault}
	case letter == "f":
		return catalog.ReplicaIdentity{Kind: catalog.IdentityFull}
	case letter == "i" && index != "":
		return catalog.ReplicaIdentity{Kind: catalog.IdentityIndex, Index: index}
	}
	return catalog.ReplicaIdentity{Kind: catalog.IdentityNothing}
}

type parentRow struct {
	Child  uint32
	Schema string
	Name   string
}

func (r *reader) addParent(row parentRow) {
	child := r.tables[row.Child]
	switch {
	case child == nil:
	case child.partition:
		child.Of = name(row.Schema, row.Name)
	default:
		child.Inherits = append(child.Inherits, name(row.Schema, row.Name))
	}
}
