package planner

import (
	"sluice/planner/catalog"
	"sluice/state"
)

// Spec is what is declared, without HCL: cmd makes it of a configuration.
type Spec struct {
	Migration string // address
	Place     Place  // of the migration block
	Source    Declared
	Target    Declared
	Variables []Variable
	Stages    Stages
	Include   []Pattern
	Exclude   []Pattern
	Kinds     Kinds
	Tables    []TableRule
	Renames   []Rename // in the order of the files: the first of a kind that matches counts
	Bodies    []Body
	Case      func(string) string // of every name that nothing else changes; nil: as it is
	Conflicts Conflicts
	// OnDivergence is for tables whose block says nothing; empty: stop.
	OnDivergence OnDivergence

	// Reverse: a cutover leaves a way back.
	Reverse bool

	Slot     string         // of the slot and the publication
	Spool    string         // the directory for it; empty: none
	Replace  []catalog.Name // tables of the source that are loaded again
	Settings state.Settings // that may change while a process runs
	// LargeTable is the size in bytes from which a table that can be cut by its
	// key is read under a snapshot for each chunk; 0: 10 GiB.
	LargeTable int64
	// Owners and Grants say whether objects keep what they have on the source;
	// otherwise they belong to the role that applies, as CREATE makes them.
	Owners bool
	Grants bool
	Roles  map[string]string // source name -> target name, of roles that are called otherwise there
	// KeepTablespaces: objects lie in tablespaces of the same names; otherwise in
	// the target database's default one.
	KeepTablespaces bool
}

// defaultLargeTable is about what is copied in two minutes: below it, reading
// the table again after a crash costs less than chunks by key do.
const defaultLargeTable = 10 << 30

func (s Spec) largeTable() int64 {
	if s.LargeTable > 0 {
		return s.LargeTable
	}
	return defaultLargeTable
}

// Declared is a server block.
type Declared struct {
	Ref   string // source.aurora
	Place Place
}

// Pattern selects objects: glob parts, one for each part of the name.
type Pattern struct {
	Text  string
	Parts []string
	Place Place
}

// Rename names every object of a kind that a pattern matches.
type Rename struct {
	Kind  string // schema, table, column
	Match Pattern
	To    func(schema, table, name string) (string, error)
	Place Place
}

// Body is what a function has on the target in place of the source's body.
type Body struct {
	Function string // schema.name(arguments), or without the arguments
	Text     string
	Place    Place
}

// Kinds are the kinds of objects that are asked for, in mapping's words; every
// kind where there are none.
type Kinds struct {
	Words []string
	Place Place
}

// TableRule is a table block.
type TableRule struct {
	Table           catalog.Name // on the source
	To              catalog.Name // on the target; without a schema: the one its schema becomes; zero: not declared
	Columns         []ColumnRule
	Where           Text         // a condition over the source's columns
	Exclude         []string     // columns that are left out, by their names on the source
	ReplicaIdentity string       // "" or "full"
	OnExisting      OnExisting   // empty: as Conflicts says
	OnDivergence    OnDivergence // empty: as the Spec says
	Priority        Priority
	Place           Place
}

// Priority says when a table's rows are copied; empty: as its size says.
type Priority string

// The priorities.
const (
	PriorityFirst Priority = "first"
	PriorityLast  Priority = "last"
)

// ColumnRule is a column block.
type ColumnRule struct {
	Column string // on the source; of an added one, on the target
	To     string // on the target; empty: not declared
	Value  Text   // over the source's columns; empty: its own
	Type   Text   // on the target; empty: as on the source
	Add    bool   // the source has no such column; Value and Type are given
	Place  Place
}

// Text is SQL from the configuration.
type Text struct {
	SQL   string
	Place Place
	At    func(character int) Place // the place of a character, from 1; nil: nobody knows
}
