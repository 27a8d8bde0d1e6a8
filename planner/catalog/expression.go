package catalog

// Expression is SQL that is declared over the columns of one row of a table: a
// filter, or the value of a column. The source evaluates it, for the rows of the
// load and for those of the changes, so that a row means the same in both.
//
// It is evaluated with nothing in the search path but pg_catalog, against a row
// whose alias nobody knows: columns go by their names alone, and what is not of
// pg_catalog by its schema.
type Expression struct {
	Table  Name   // on the source
	Filter bool   // it says which rows go: a boolean
	Column string // whose value it is, on the source; empty: a filter, or of a column that the source has not
	SQL    string // empty: Column, cast to Type
	Type   string // what it is to give, as declared; empty: the type of Column, or a filter

	// What follows is what the source says.

	Result  string   // format_type of what SQL gives; empty where it was refused
	As      string   // Type, as format_type prints it: numeric(12,2)
	Base    string   // As without its modifier, of a domain what it is over: numeric. A cast to it cuts nothing off
	Fits    bool     // Result is Base, or becomes it by an implicit cast
	Stable  bool     // as Column.Stable, of Base
	Uses    []string // columns of Table that it reads, in the table's order
	Stamps  []Stamp  // that it reads
	Mutable bool     // it may give something else for the same row: it calls what is not IMMUTABLE
	Refused *Refusal // nil: the source takes it
}

// Refusal is why an expression is not taken.
type Refusal struct {
	Message  string // the server's, or ours
	Hint     string
	Position int // of SQL (or of Type, where OfType), in characters from 1; 0: unknown
	OfType   bool
}

// Stamp is a value that comes with a change and belongs to no column. A column of
// the table that has its name hides it.
type Stamp string

// The stamps.
const (
	StampOp         Stamp = "sluice_op"          // text: load, insert, update
	StampCommitTime Stamp = "sluice_commit_time" // timestamp with time zone: when the change was committed, or the row read
	StampLSN        Stamp = "sluice_lsn"         // pg_lsn: of the commit, or where the WAL ended when the row was read
)

// Stamps are all of them, with their types.
var Stamps = []struct {
	Stamp Stamp
	Type  string
}{
	{StampOp, "text"},
	{StampCommitTime, "timestamp with time zone"},
	{StampLSN, "pg_lsn"},
}

// RowAlias is the alias of the row that an Expression is evaluated against.
const RowAlias = "sluice_row"
