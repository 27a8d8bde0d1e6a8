package planner

import (
	"sluice/planner/catalog"
)

// FormatVersion is the version of the plan's JSON form. A plan of another
// version is refused, never guessed at.
const FormatVersion = 5

// Plan is everything that apply will do, in order, and everything that a person
// must know before saying yes. It is a plain value: the same input gives the
// same plan, byte for byte.
type Plan struct {
	FormatVersion int          `json:"format_version"`
	ID            string       `json:"id"` // sha256:… over everything but Settings, Estimates, IndexBuilds and what is done
	Migration     string       `json:"migration"`
	Source        Endpoint     `json:"source"`
	Target        Endpoint     `json:"target"`
	Variables     []Variable   `json:"variables,omitempty"`
	Stages        Stages       `json:"stages"`
	Slot          string       `json:"slot,omitempty"` // slot and publication have one name
	Spool         *Spool       `json:"spool,omitempty"`
	Findings      []Finding    `json:"findings"`     // by code, then object
	Steps         []Step       `json:"steps"`        // in order of execution
	Right         []catalog.ID `json:"right"`        // selected, and already on the target as on the source; by ID
	NotMigrated   []Omission   `json:"not_migrated"` // by reason, then ID
	// Origin: the target's role may not set session_replication_role, so that what is
	// written fires triggers and rules as anybody's writes do. Until the cutover none
	// is on the tables that are followed, nor a foreign key.
	Origin bool `json:"origin,omitempty"`
	// Back: the plan is of the way back; nil: of the way there.
	Back *Back `json:"back,omitempty"`
	// Replace are the tables of the source that -replace loads again.
	Replace []catalog.Name `json:"replace,omitempty"`

	// Settings are the numbers that the process that runs has to take; outside the
	// ID: without one the next process takes them from the configuration.
	Settings []Setting `json:"settings,omitempty"`
	// Estimates by step ID: sizes change each hour and are outside the ID.
	Estimates map[string]Estimate `json:"estimates"`
	// IndexBuilds follow from sizes and settings, and are outside the ID like them.
	IndexBuilds IndexBuilds `json:"index_builds,omitzero"`
	// Connections by side, where their limits are known; in no file, and what is found
	// about them is outside the ID: others come and go.
	Connections map[Side]Connections `json:"-" cbor:"-"`
	// Phase is what the state said when the plan was made; outside the ID.
	Phase string `json:"phase,omitempty"`
}

// Endpoint is one side of a migration.
type Endpoint struct {
	Ref              string `json:"ref"` // source.aurora
	Database         string `json:"database"`
	Version          string `json:"version"` // "15.18"
	VersionNum       int    `json:"version_num"`
	SystemIdentifier string `json:"system_identifier"`
	Bytes            int64  `json:"-"`
}

// OldSource says that the source is older than PostgreSQL 12, which was the first
// to print a float in as few digits as tell it from others.
func (p *Plan) OldSource() bool { return p.Source.VersionNum < 120000 }

// Variable says what a variable of the configuration was and where it came from.
type Variable struct {
	Name   string `json:"name"`
	Value  string `json:"value"`
	Origin string `json:"origin"`
}

// Setting is a number that changes in place.
type Setting struct {
	Name string `json:"name"` // as in the configuration: full.workers
	From string `json:"from"`
	To   string `json:"to"`
}

func (s Setting) String() string { return s.Name + " " + s.From + " → " + s.To }

// Stages says which of the three declared stages run.
type Stages struct {
	Schema      bool `json:"schema"`
	Full        bool `json:"full"`
	Incremental bool `json:"incremental"`
}

// Stage is the part of the plan a step is listed under.
type Stage string

// The stages in order. Source is a heading in the text only: its steps carry
// the stage in which they run.
const (
	StageSchema  Stage = "schema"
	StageLoad    Stage = "full load"
	StageFinish  Stage = "indexes, triggers and foreign keys"
	StageFollow  Stage = "changes"
	StageCutover Stage = "cutover"
	StageCleanup Stage = "cleanup"
)

// Side is the server a step writes to.
type Side string

// The two sides, and neither of them.
const (
	Source Side = "source"
	Target Side = "target"
	Here   Side = "here" // the machine where apply runs
)

// Action is what a step does. The set is closed: the executor has one case for
// each, and refuses a plan with any other.
type Action string

// The actions.
const (
	// Create runs SQL that makes Object.
	Create Action = "create"
	// Alter runs SQL that changes Object in place.
	Alter Action = "alter"
	// Drop runs SQL that removes Object.
	Drop Action = "drop"
	// CreateSlot makes the logical slot, then passes the barrier.
	CreateSlot Action = "create slot"
	// CreateSpool makes the spool, and keeps in it what the slot gives from then on.
	CreateSpool Action = "create spool"
	// Truncate empties Object and Covers by SQL, once: it is recorded for each of
	// them in the same transaction.
	Truncate Action = "truncate"
	// Copy loads the rows of one table.
	Copy Action = "copy"
	// Adopt takes the rows of one table as they are on the target. It copies
	// nothing; the changes are followed as of any other table.
	Adopt Action = "adopt"
	// CopyLargeObjects copies all large objects. Each batch of them commits by
	// itself, and replaces what an earlier attempt has left.
	CopyLargeObjects Action = "copy large objects"
	// CopyConfiguration replaces the user's rows in an extension's tables.
	CopyConfiguration Action = "copy configuration"
	// SetSequences reads the values of all sequences from the source and runs
	// SQL, one statement a sequence, with (value, is_called) as $1 and $2.
	SetSequences Action = "set sequences"
	// Refresh fills a materialised view.
	Refresh Action = "refresh"
	// Analyze collects statistics of one table.
	Analyze Action = "analyze"
	// Converge follows the changes up to a marker that was emitted after the
	// last chunk was read: past it every table equals one state of the source.
	Converge Action = "converge"
	// Follow applies changes until cutover.
	Follow Action = "follow"

	// Leave takes a table out of the stream at a position; its rows stay.
	Leave Action = "leave"
	// Reload takes a table out of the stream and empties it, in one transaction:
	// its rows come again.
	Reload Action = "reload"
	// Remake takes Object and the tables of Covers out of the stream, and drops them
	// by SQL, with what goes along, and the records of Forgets in the same
	// transaction: they are made again by other steps.
	Remake Action = "remake"
	// Publish and Unpublish change the publication, one statement of SQL for each
	// table. One that is in it already, or not any more, is passed over.
	Publish   Action = "publish"
	Unpublish Action = "unpublish"
	// Join brings the tables of Follows, whose changes the slot Object has kept, and
	// the migration's stream to one position, from which on the latter has them.
	Join Action = "join"

	// Arm makes a publication by SQL on the target, and a slot that keeps what is
	// written there, for the way back. Disarm removes both again.
	Arm    Action = "arm"
	Disarm Action = "disarm"

	// Gate checks that a cutover may begin: lag, verification, long transactions.
	Gate Action = "gate"
	// Fence stops writes on the source by running SQL, in one transaction that
	// waits for the writers that are there.
	Fence Action = "fence"
	// Lift undoes the fence of a cutover that was cut short, statement by statement.
	Lift Action = "lift"
	// Terminate ends the sessions on the source that were there before the
	// fence; those that come after it are read only.
	Terminate Action = "terminate"
	// Drain follows the changes to a marker that was emitted behind the fence.
	Drain Action = "drain"
	// Open declares the target the only place for writes.
	Open Action = "open"
	// DropSlot removes the slot.
	DropSlot Action = "drop slot"
	// DropSpool removes the spool with the changes that are in it.
	DropSpool Action = "drop spool"
	// Forget removes the migration's state, and the schema with the last one.
	Forget Action = "forget"
)

// Step is one unit of work: it runs whole, is recorded, and never runs twice.
type Step struct {
	Number int        `json:"number"` // from 1, in order of execution
	ID     string     `json:"id"`     // action and object: "create table public.orders"; stable from plan to plan
	Stage  Stage      `json:"stage"`
	Wave   int        `json:"wave"` // steps of one wave have no order between them
	Side   Side       `json:"side"`
	Action Action     `json:"action"`
	Object catalog.ID `json:"object"`
	// Fingerprint is that of the source's object when the plan was made.
	Fingerprint string   `json:"fingerprint,omitempty"`
	After       []int    `json:"after,omitempty"` // numbers of the steps that come before, direct ones only
	Note        []string `json:"note,omitempty"`  // for people: "enum of 4", "9 columns"
	Reason      Reason   `json:"reason"`
	SQL         []string `json:"sql,omitempty"` // run as they stand
	// Sequences of a SetSequences step: the source's sequence whose value each
	// statement of SQL takes, in the same order.
	Sequences []catalog.Name `json:"sequences,omitempty"`
	// Covers names objects that PostgreSQL makes along with Object and that have
	// no step of their own: constraints that a child inherits.
	Covers []catalog.ID `json:"covers,omitempty"`
	// Makes are what SQL makes besides Object, as steps of their own would: recorded
	// as such in the same transaction.
	Makes []Made `json:"makes,omitempty"`
	// Follows are the tables whose changes are followed from this step on: of the
	// migration's publication, or of a Join.
	Follows []catalog.ID `json:"follows,omitempty"`
	// Forgets are the records that are untrue once the step has run: of what it
	// takes away. Such a step leaves no record of its own, and can run again.
	Forgets []string `json:"forgets,omitempty"`
	// Transaction: SQL and the step's record commit together. Where it is
	// false, an intent is recorded first and the result is probed.
	Transaction bool      `json:"transaction"`
	Undo        []string  `json:"undo,omitempty"`
	Building    Building  `json:"building,omitempty"` // of an index or a key
	Copy        *CopySpec `json:"copy,omitempty"`
	// Configuration are the extension's tables of a CopyConfiguration step.
	Configuration []catalog.ConfigurationTable `json:"configuration,omitempty"`
	LargeObjects  *LargeObjectSpec             `json:"large_objects,omitempty"` // of a CopyLargeObjects step
	// Done is what the state says; outside the ID.
	Done bool `json:"-"`
}

// Table says that the step stands for the rows of a table: those are followed
// and compared.
func (s *Step) Table() bool { return s.Action == Copy || s.Action == Adopt }

// Made is a step that is done along with another one.
type Made struct {
	Step        string `json:"step"` // its ID
	Fingerprint string `json:"fingerprint"`
}

// Records are the steps that are recorded as done with this one. A truncation is
// for each of its tables: a later plan may put them together in another way.
func (s *Step) Records() []Made {
	made := append([]Made{{s.ID, s.Fingerprint}}, s.Makes...)
	if s.Action == Truncate {
		for _, table := range s.Covers {
			made = append(made, Made{stepID(Truncate, table), s.Fingerprint})
		}
	}
	return made
}

// Redone are the IDs of steps whose records an earlier step of the plan takes
// back: they are to do, whatever the state says.
func (p *Plan) Redone() map[string]bool {
	forgotten, redone := map[string]bool{}, map[string]bool{}
	for i := range p.Steps {
		redone[p.Steps[i].ID] = forgotten[p.Steps[i].ID]
		for _, id := range p.Steps[i].Forgets {
			forgotten[id] = true
		}
	}
	return redone
}

// Reason says why a step is in the plan.
type Reason struct {
	Text  string `json:"text"`                     // `include "public.*"`, `needed by table public.orders`
	Place *Place `json:"place,omitempty" cbor:"-"` // where in the configuration
}

// Place is a position in a configuration file. It is no part of the plan's ID: a
// line that is put in above changes nothing.
type Place struct {
	File      string `json:"file"`
	Line      int    `json:"line"`
	Column    int    `json:"column,omitempty"`
	EndLine   int    `json:"end_line,omitempty"`
	EndColumn int    `json:"end_column,omitempty"`
}

// Estimate is what a step is expected to cost.
type Estimate struct {
	Rows   int64 `json:"rows,omitempty"`
	Bytes  int64 `json:"bytes,omitempty"`
	Chunks int   `json:"chunks,omitempty"`
}

// Omission is an object of the source that stays behind.
type Omission struct {
	Object catalog.ID `json:"object"`
	Reason string     `json:"reason"`
	Code   string     `json:"code,omitempty"` // N310 …, where one stands for the reason
	Place  *Place     `json:"place,omitempty" cbor:"-"`
}

// Finding is something a person must know. Its code is stable.
type Finding struct {
	Code    string     `json:"code"` // C101
	Object  catalog.ID `json:"object"`
	Summary string     `json:"summary"` // one line
	Detail  string     `json:"detail,omitempty"`
	Fix     []string   `json:"fix,omitempty"` // what to do: edits and statements, a line each
	Place   *Place     `json:"place,omitempty" cbor:"-"`
}

// Blocks says that the finding is a conflict: apply refuses to run.
func (f Finding) Blocks() bool { return f.Code != "" && f.Code[0] == 'C' }

// Warns says that the finding is a warning.
func (f Finding) Warns() bool { return f.Code != "" && f.Code[0] == 'W' }

// Conflicts counts the findings that block.
func (p *Plan) Conflicts() int {
	n := 0
	for _, f := range p.Findings {
		if f.Blocks() {
			n++
		}
	}
	return n
}

// Pending counts the steps that are not done.
func (p *Plan) Pending() int {
	n := 0
	for _, s := range p.Steps {
		if !s.Done {
			n++
		}
	}
	return n
}
