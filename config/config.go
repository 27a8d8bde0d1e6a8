// Package config turns the files of a directory into a Config: plain values
// that say which database moves where, and how.
//
// It reads text and nothing else. It opens no connection, looks at no clock,
// and resolves no secret: a password is in a Config as the name of the place
// where it is kept. The same files, variables and environment give the same
// Config and the same diagnostics, byte for byte.
//
//	parse every file            keep what parses
//	variables, locals           a value each, in an order that needs none declared first
//	sources, targets, secrets   checked against the schema in language.go
//	migrations                  once for each element of for_each
//	check what spans blocks     same server twice, same slot twice
//
// All problems are reported, each with its place; a Config that comes with
// errors is incomplete and must not be carried out. What the language has and
// this version does not carry out is refused by name (C900), never ignored.
//
// The language itself is one table, in language.go and language_migration.go:
// names, types, defaults, allowed values, documentation, and whether it is
// carried out. Decoding reads that table, so turning a feature on is deleting
// its refusal there; README.md beside this file is written from it as well.
package config

import (
	"time"

	"github.com/dustin/go-humanize"
)

// Version is the version of sluice that required_version is compared with
// when Input names no other.
const Version = "0.1.0"

// Config is one configuration, read and checked.
type Config struct {
	Dir        string      // the directory, as Input has it; relative file names in the configuration are kept as written
	Migrations []Migration // each instance of for_each, in order of address
	Variables  []Variable  // in order of name

	servers []Server           // see Servers
	secrets map[string]*Secret // see Secrets
	sources *sources           // the text of the files, for Diagnose
}

// Variable is a declared variable with the value it got.
type Variable struct {
	Name      string
	Value     string // as it would be written in a file; "(sensitive value)" where Sensitive
	Origin    string // "prod.vars.hcl:1", "-var", "environment" or "default"
	Sensitive bool
	Range     Range // the variable block
}

// Migration is one database to move: a migration block, or one instance of it.
type Migration struct {
	Address string // migration.shop or migration.shop["crm"]
	Name    string // the label
	Key     string // of for_each, or empty
	Range   Range  // the header of the block

	Source, Target   Server // with source_database and target_database put into Database
	Stages           Stages
	Include, Exclude []Pattern // of two parts, schema.name
	Tables           []Table   // in file order
	Renames          []Rename  // in file order: the first of a kind that matches counts
	Functions        []Function
	NameCase         string // preserve, lower or upper
	Kinds            Kinds
	Conflicts        Conflicts
	Full             Full
	Incremental      Incremental
	Retry            Retry
	Alerts           []Alert `json:",omitempty"` // in file order
	Verify           string  // none, count, sample or full
	Cutover          Cutover
	Tags             map[string]string
	Owners           bool              // objects keep their owners
	Grants           bool              // and their privileges and security labels
	Roles            map[string]string // source name -> target name, of roles that are called otherwise there
	KeepTablespaces  bool
	// Replace are loaded again: by Replaced, never by a file.
	Replace []TableName `json:",omitempty"`
}

// TableName is the exact name of a table on the source.
type TableName struct{ Schema, Name string }

// Stages says which types of migration are wanted. Load never returns it empty.
type Stages struct{ Schema, Full, Incremental bool }

// Kinds are the kinds of objects that are migrated; every kind where Words is
// empty.
type Kinds struct {
	Words []string
	Range Range // the argument's value
}

// Table is one table block.
type Table struct {
	Schema, Name    string // exact, as in the catalog
	ToSchema, To    string // on the target; To empty: not declared; ToSchema empty: where its schema goes
	Columns         []Column
	Where           SQL      // a condition over the row's columns; empty: every row goes
	ExcludeColumns  []string // exact, as in the catalog
	ReplicaIdentity string   // empty (leave it) or full
	OnExisting      string   // error, append, truncate, adopt, skip; empty: as Conflicts says
	OnDivergence    string   // stop, quarantine; empty: as Incremental says
	Priority        string   // empty, first or last
	Range           Range    // the label
}

// Column is one column block.
type Column struct {
	Name  string // exact, as in the catalog; of an added one, that on the target
	To    string // on the target; empty: not declared
	Value SQL    // over the row's columns; empty: its own
	Add   bool   // it is on the target only, with Type and Value
	Type  SQL    // on the target, as in CREATE TABLE; empty: as on the source
	Range Range  // the label
}

// SQL is a text for PostgreSQL.
type SQL struct {
	Text   string
	Range  Range // the value in the file
	pieces []piece
}

// At is the place of a character of the text, from 1: where the file has the text
// as it stands, without interpolation, that character's; otherwise Range.
func (s SQL) At(character int) Range { return locate(s.pieces, character-1, s.Range) }

// Function is one function block.
type Function struct {
	Name  string // schema.name(arguments), or without the arguments
	Body  string // on the target
	Range Range  // the label
}

// Rename is one rename block.
type Rename struct {
	Kind  string  // schema, table or column
	Match Pattern // of as many parts as such an object has
	// To is the new name of an object. It has no side effects, and fails where
	// the expression has no value for these names.
	To    func(schema, table, name string) (string, error) `json:"-"`
	Range Range                                            // of match
}

// Conflicts says what happens where something is on the target already.
type Conflicts struct {
	OnExisting     string // error, append, truncate, adopt, skip
	RowFull        string // keep_target, error, overwrite
	RowIncremental string // overwrite, error
}

// Full has the settings of the full load.
type Full struct {
	Workers     int
	IndexMemory Bytes // of all index builds together; 0: each has what the target gives
	Throttle    Throttle
}

// Throttle limits what happens in a second, all workers together; 0: no limit.
type Throttle struct {
	Queries int // on the source; of the load only
	Rows    int
	Bytes   Bytes
}

// Incremental has the settings of the changes.
type Incremental struct {
	Slot           string // a valid slot name: [a-z0-9_], at most 63 bytes
	MaxWALRetained Bytes  // 0: no limit
	OnDDL          string // pause
	OnDivergence   string // stop, quarantine
	Connections    int    // that write changes at once
	Spool          *Spool // nil: there is none
	Throttle       Throttle
}

// Spool keeps changes on disk until they are applied.
type Spool struct {
	Directory string // absolute
	MaxBytes  Bytes
}

// Retry says for how long an operation is tried again before sluice gives up.
// Other is less than Connection.
type Retry struct {
	Connection time.Duration // the server cannot be reached: 10m to 24h
	Other      time.Duration // it answers with another passing error: 1m to 24h
}

// Cutover has the limits of the switch from source to target.
type Cutover struct {
	MaxLag        time.Duration // the switch begins only below it
	MaxWritePause time.Duration // the switch undoes itself after it
	Reverse       bool
}

// Bytes is a size in bytes.
type Bytes int64

// String is the size as people read it: "200 GiB".
func (b Bytes) String() string {
	return humanize.IBytes(uint64(max(b, 0)))
}
