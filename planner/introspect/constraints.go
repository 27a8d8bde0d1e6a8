package introspect

import "sluice/planner/catalog"

type indexRow struct {
	part
	Definition     string  // empty: it is written here
	Key            []int16 // numbers of columns; 0: an expression
	Unique         bool
	Valid          bool
	OfSchema       string
	OfName         string
	Clustered      bool
	OnMaterialized bool
	Tablespace     string
	Statistics     [][]int32
	Bytes          int64
}

func (r *reader) addIndex(row indexRow) {
	id := catalog.ID{Kind: catalog.KindIndex, Schema: row.Schema, Name: row.Name}
	if row.Definition == "" {
		row.Definition = r.indexDefinition(row)
	}
	r.addOn(row.RelationOID, classClass, row.named, id, &catalog.Index{
		Table:          name(row.Schema, row.Relation),
		Definition:     row.Definition,
		Unique:         row.Unique,
		Valid:          row.Valid,
		Of:             name(row.OfSchema, row.OfName),
		Clustered:      row.Clustered,
		OnMaterialized: row.OnMaterialized,
		Tablespace:     row.Tablespace,
		Statistics:     indexStatistics(row.Statistics),
		Bytes:          row.Bytes,
	})
}

// indexStatistics are pairs of a column's number and its target.
func indexStatistics(pairs [][]int32) []catalog.IndexStatistics {
	var statistics []catalog.IndexStatistics
	for _, p := range pairs {
		statistics = append(statistics, catalog.IndexStatistics{Column: int(p[0]), Target: int(p[1])})
	}
	return statistics
}

type constraintRow struct {
	part
	Type             string
	Definition       string  // empty: it is written here
	Key              []int16 // numbers of columns
	ReferencesOID    uint32
	ReferencesKey    []int16
	Valid            bool
	Validated        bool
	Deferrable       bool
	Inherited        bool
	Index            string
	Clustered        bool
	ReferencesSchema string
	ReferencesName   string
	ReferencesParted bool
	OfSchema         string
	OfName           string
	Partitioned      bool
	Below            bool
	Options          []string
	Tablespace       string
	IndexComment     string
	Statistics       [][]int32
	Bytes            int64
}

// constraintTypes are the letters of pg_constraint.contype, in words.
var constraintTypes = map[string]catalog.ConstraintType{
	"p": catalog.PrimaryKey,
	"u": catalog.Unique,
	"c": catalog.Check,
	"x": catalog.Exclusion,
	"f": catalog.ForeignKey,
	"n": catalog.NotNull,
}

func (r *reader) addConstraint(row constraintRow) {
	id := catalog.ID{Kind: catalog.KindConstraint, Schema: row.Schema, Table: row.Relation, Name: row.Name}
	if row.Type == "f" {
		id.Kind = catalog.KindForeignKey
	}
	if row.Definition == "" {
		row.Definition = r.constraintDefinition(row)
	}
	spec := &catalog.Constraint{
		Type:                  constraintTypes[row.Type],
		Definition:            row.Definition,
		Valid:                 row.Valid,
		Validated:             row.Validated,
		Deferrable:            row.Deferrable,
		Inherited:             row.Inherited,
		Index:                 row.Index,
		Clustered:             row.Clustered,
		References:            name(row.ReferencesSchema, row.ReferencesName),
		ReferencesPartitioned: row.ReferencesParted,
		Of:                    name(row.OfSchema, row.OfName),
		Partitioned:           row.Partitioned,
		Below:                 row.Below,
		Options:               row.Options,
		Tablespace:            row.Tablespace,
		IndexComment:          row.IndexComment,
		Statistics:            indexStatistics(row.Statistics),
		Bytes:                 row.Bytes,
	}
	if table := r.tables[row.RelationOID]; table != nil { // nil: it stays behind, and so will this
		spec.Columns = table.names(row.Key)
	}
	r.addOn(row.RelationOID, classConstraint, row.named, id, spec)
}
