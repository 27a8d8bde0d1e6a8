package planner

import (
	"slices"

	"sluice/planner/catalog"
)

// CopySpec is how the rows of one table travel.
type CopySpec struct {
	From    catalog.Name `json:"from"`            // the table on the source; the step's object is that on the target
	Columns []CopyColumn `json:"columns"`         // in order; without generated ones; may be empty
	Left    []LeftColumn `json:"left,omitempty"`  // that do not travel; without generated ones
	Where   *Expression  `json:"where,omitempty"` // which rows go, a boolean; nil: all
	Binary  bool         `json:"binary"`          // COPY's binary format is safe for every column
	Mode    CopyMode     `json:"mode"`
	// Key is the target's column whose ranges cut the table in mode ChunkSnapshots; its
	// type is KeyType, or a domain over that.
	Key     string `json:"key,omitempty"`
	KeyType string `json:"key_type,omitempty"`
	// Identity names the target's columns by which the changes find a row; empty: all
	// of them, and one of several equal rows is as good as another.
	Identity []string `json:"identity,omitempty"`
	// Unlogged: the table writes no WAL, so that the publication leaves it out
	// and no change follows its copy. What is written after the copy began is
	// on the source alone (W203).
	Unlogged bool `json:"unlogged,omitempty"`
	// Existing says how a table that was on the target before takes rows; nil:
	// sluice made it.
	Existing *Existing `json:"existing,omitempty"`
	// Quarantine: a change that does not fit takes the table out of the stream, and
	// does not end the run.
	Quarantine bool `json:"quarantine,omitempty"`
	// Waits: the table is paused, and the target has it otherwise than the source by now.
	Waits bool `json:"waits,omitempty"`
	// Routed says that the rows go to a table that is partitioned otherwise; nil: to
	// the step's object, whatever is above and below it.
	Routed *Routed `json:"routed,omitempty"`
}

// LeftColumn is a column of the source that is left out.
type LeftColumn struct {
	From      string `json:"from"`
	Type      string `json:"type"`
	Collation string `json:"collation,omitempty"` // as of a CopyColumn
	Number    int16  `json:"number"`
}

// CopyColumn is a column as source and target know it.
type CopyColumn struct {
	Name string `json:"name"`           // on the target
	From string `json:"from,omitempty"` // on the source; empty: it has none, and Value is given
	Type string `json:"type"`           // on the source: format_type
	// Collation on the source, schema-qualified and quoted, where it is not the type's own.
	Collation string `json:"collation,omitempty"`
	// Number is the column's attnum on the source: one that was dropped and
	// added again under its name is another column.
	Number int16 `json:"number"`
	// Value is what the column holds; nil: the same as on the source.
	Value *Expression `json:"value,omitempty"`
	// Always: GENERATED ALWAYS AS IDENTITY, which no UPDATE may set.
	Always bool `json:"always,omitempty"`
	// Added: after the table was created on the target; changes from before
	// have no such column.
	Added bool `json:"added,omitempty"`
}

// Expression is SQL over the columns of one row of the source, which alone
// evaluates it: against a row that is called catalog.RowAlias.
type Expression struct {
	SQL string `json:"sql"`
	// Base is the type that it is cast to, without a modifier or a domain, so that
	// nothing is cut off; Type is the column's on the target.
	Base   string          `json:"base"`
	Type   string          `json:"type"`
	Uses   []string        `json:"uses,omitempty"`   // columns of the source that it reads
	Stamps []catalog.Stamp `json:"stamps,omitempty"` // that it reads: it is another value for each change
}

// Cast is the expression as a value of its type. The line ends behind it, where
// it ends in a comment.
func (e *Expression) Cast() string { return "cast((" + e.SQL + "\n) as " + e.Base + ")" }

// Kept is the value as the target keeps it: with the modifier of its column.
func (e *Expression) Kept() string {
	if e.Type == e.Base {
		return e.Cast()
	}
	return "cast(" + e.Cast() + " as " + e.Type + ")"
}

func (e *Expression) equal(other *Expression) bool {
	if e == nil || other == nil {
		return e == other
	}
	return e.SQL == other.SQL && e.Base == other.Base && e.Type == other.Type &&
		slices.Equal(e.Uses, other.Uses) && slices.Equal(e.Stamps, other.Stamps)
}

// Transforms says that the source has to compute something for each row.
func (s *CopySpec) Transforms() bool {
	return s.Where != nil || slices.ContainsFunc(s.Columns, func(c CopyColumn) bool { return c.Value != nil })
}

// Out is the SQL that gives the column's value on the source.
func (c CopyColumn) Out() string {
	if c.Value != nil {
		return c.Value.Cast()
	}
	return catalog.Quote(c.From)
}

// Stamped says that the value comes with a change: the next one has another.
func (e *Expression) Stamped() bool { return e != nil && len(e.Stamps) > 0 }

// KnowsBefore says that an update or delete tells whether its row had passed the
// filter: there is none, or it reads only what every change carries of the old
// row. full: that is the whole row.
func (s *CopySpec) KnowsBefore(full bool) bool {
	if s.Where == nil || full {
		return true
	}
	known := s.sourceIdentity()
	return !slices.ContainsFunc(s.Where.Uses, func(c string) bool { return !slices.Contains(known, c) })
}

// sourceIdentity names the columns of Identity as the source knows them.
func (s *CopySpec) sourceIdentity() (names []string) {
	for _, c := range s.Columns {
		if c.From != "" && slices.Contains(s.Identity, c.Name) {
			names = append(names, c.From)
		}
	}
	return names
}

// OnSource is what a column of the target is called on the source.
func (s *CopySpec) OnSource(column string) string {
	for _, c := range s.Columns {
		if c.Name == column {
			return c.From
		}
	}
	return column
}

// CopyMode says under which snapshots a table is read.
type CopyMode string

// The modes.
const (
	// TableSnapshot: one snapshot for the table, cut into ctid ranges where it
	// is large. A crash starts the table over.
	TableSnapshot CopyMode = "table snapshot"
	// ChunkSnapshots: a snapshot for each range of keys. A crash costs the
	// chunks in flight.
	ChunkSnapshots CopyMode = "chunk snapshots"
)

func sameCopy(a, b *CopySpec) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.From == b.From && a.Binary == b.Binary && a.Mode == b.Mode && a.Key == b.Key && a.KeyType == b.KeyType && a.Unlogged == b.Unlogged &&
		sameExisting(a.Existing, b.Existing) && sameRouted(a.Routed, b.Routed) && a.Where.equal(b.Where) && slices.EqualFunc(a.Columns, b.Columns, sameColumn) &&
		slices.Equal(a.Left, b.Left) && slices.Equal(a.Identity, b.Identity)
}

func sameColumn(a, b CopyColumn) bool {
	same := a.Value.equal(b.Value)
	a.Value, b.Value = nil, nil
	return same && a == b
}
