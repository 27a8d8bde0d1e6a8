// Package state is the contract of what has been done: plain values, and the
// form in which a record joins the transaction of the work that it records.
//
// It imports nothing of ours. state/postgres keeps it in a schema of the target.
package state

import "time"

// State is everything recorded about one migration. The zero value says that
// nothing was ever done.
type State struct {
	Address      string
	Lineage      string // made at the first apply; a state of another lineage is another migration
	Epoch        int64  // grows with each process that takes the lock
	Phase        Phase
	Error        string // why the phase is Failed or Retrying
	PlanID       string
	Source       Server
	Timeline     int32 // of the source's WAL, up to all that was read of it; 0: nothing was
	Target       Server
	Slot         string
	Steps        map[string]Step // by step ID
	Chunks       []Chunk         // by table and number
	Followed     []Followed      // by table
	Quarantined  []Quarantined   // by table
	Position     Position
	Spool        Spool
	Lease        Lease
	Certificates []Certificate // by table
}

// Server says which database a state belongs to.
type Server struct {
	SystemIdentifier string
	Database         string
}

// Exists says that an apply began once.
func (s *State) Exists() bool { return s.Lineage != "" }

// Keep is the position from which on a table that is paused needs its changes; 0: none
// is.
func (s *State) Keep() (lsn uint64) {
	for _, q := range s.Quarantined {
		if q.Paused && (lsn == 0 || q.LSN < lsn) {
			lsn = q.LSN
		}
	}
	return lsn
}

// Done says that the step with this ID was done.
func (s *State) Done(step string) bool { return s.Steps[step].State == StepDone }

// Phase is where a migration is, in the words that status prints.
type Phase string

// The phases.
const (
	Planned     Phase = "planned"
	Blocked     Phase = "blocked"
	Schema      Phase = "schema"
	FullLoad    Phase = "full load"
	Indexes     Phase = "indexes"
	CatchingUp  Phase = "catching up"
	Following   Phase = "following"
	Ready       Phase = "ready to cut over"
	CuttingOver Phase = "cutting over"
	CutOver     Phase = "cut over"
	Paused      Phase = "paused"
	Retrying    Phase = "retrying"
	Failed      Phase = "failed"
	Completed   Phase = "completed" // a migration without the incremental stage has done all it was asked
)

// Step is the record of one step.
type Step struct {
	State StepState
	// Fingerprint is the object's on the source when the step was done; of a slot
	// from which tables join, how far its changes are applied (an LSN).
	Fingerprint string
	At          time.Time
}

// Done says that a step was done, and of what.
type Done struct{ Step, Fingerprint string } // as Step.Fingerprint

// StepState is how far a step is known to be.
type StepState string

// The states of a step. An intent is recorded only by steps that cannot commit
// together with their record; it is probed on restart.
const (
	StepIntent StepState = "intent"
	StepDone   StepState = "done"
)

// Chunk is a part of a table whose rows are on the target: rows and record
// committed together.
type Chunk struct {
	Schema, Table string
	Number        int
	// Low and High bound the chunk's keys, Low included and High not, as the
	// server's text; nil is without bound. In mode "table snapshot" they bound
	// ctids and mean nothing to the changes.
	Low, High *string
	ByKey     bool
	Key       string // the column that Low and High bound, where ByKey
	Snapshot  string // pg_current_snapshot() under which it was read: xmin:xmax:xip,…
	Rows      int64
	Bytes     int64
}

// Followed is a table that the slot's changes go to: from the publication's
// beginning on, or since the position at which it joined.
type Followed struct {
	Schema, Table         string // on the target
	FromSchema, FromTable string // on the source
	Digest                string // of how its rows travel
	// Left: its rows stay as they are, and what still comes for it is passed over.
	Left bool
}

// Position is how far the changes are applied.
type Position struct {
	LSN        uint64 // end of the last commit applied
	CommitTime time.Time
	Inserts    int64
	Updates    int64
	Deletes    int64
	Truncates  int64
	// Passed counts, by table in quarantine, the changes that were passed over. It is
	// written, and never read: Quarantined has it. nil: none was since the last time.
	Passed *[]Passed
	// SourceLSN is for people: where the source's WAL ended when it was last
	// asked.
	SourceLSN uint64
}

// Quarantined is a table whose changes are passed over from a position on, since one
// of them did not fit: its rows are as the source had them before that. It ends when
// the table is loaded again, or is not followed any more.
//
// One that is paused has another definition on the source since then. The source, or
// the spool, keeps its changes from there on, and it ends as well when they are applied.
type Quarantined struct {
	Schema, Table         string // on the target
	FromSchema, FromTable string // on the source
	LSN                   uint64 // of the first transaction that is passed over; where paused, not before it
	Paused                bool
	Operation             string // insert, update, delete, truncate; empty: it is paused
	Key                   string // of the row; empty: of a truncation
	Reason                string // without the row
	Since                 time.Time
	Passed                int64 // changes that were passed over
}

// Passed is how many changes of a table were passed over since it is in quarantine.
type Passed struct {
	Schema, Table string // on the target
	Changes       int64
}

// Spool says where the changes are that the source may have forgotten.
type Spool struct {
	Directory string // on the machine where apply runs; empty: there is none
	// For people, as of when it was last looked at.
	Bytes, MaxBytes int64
	From, To        uint64 // positions between which it has the changes
	Full            string // why nothing is taken from the slot; empty: it is
}

// Lease says which process holds a migration.
type Lease struct {
	Holder    string // host and pid
	Heartbeat time.Time
	Live      bool // the advisory lock is held right now
	Settings  Settings
	Builds    []Build // what it makes now, as it last said
}

// Build is an index or a key that is being made, or whose rows are checked.
type Build struct {
	Step          string // its ID
	Schema, Table string // empty: not known yet
	Phase         string // empty: not known
	Unit          string // of Done and Total; empty: nothing is counted
	Done, Total   int64  // of the phase
	Since         time.Time
}

// Throttle limits what happens in a second; 0: it does not.
type Throttle struct {
	Queries int64 `json:"queries,omitempty"` // on the source, of the load
	Rows    int64 `json:"rows,omitempty"`
	Bytes   int64 `json:"bytes,omitempty"`
}

// Settings are what a process works with and what may change while it does: its
// numbers, and whom it tells.
type Settings struct {
	Workers         int           `json:"workers"`                // chunks, and index builds, at once; 0: DefaultWorkers
	IndexMemory     int64         `json:"index_memory,omitempty"` // bytes, of all index builds together; 0: each has what the target gives
	RetryConnection time.Duration `json:"retry_connection"`       // ns, of a server that cannot be reached; 0: the default
	RetryOther      time.Duration `json:"retry_other"`            // ns, of anything else that may pass; 0: the default
	Load            Throttle      `json:"load"`
	Changes         Throttle      `json:"changes"`
	Connections     int           `json:"connections,omitempty"` // that write changes at once; 0: DefaultConnections
	SpoolBytes      int64         `json:"spool_bytes,omitempty"` // that the spool may take, where there is one
	Alerts          []Alert       `json:"alerts,omitempty"`
}

// DefaultWorkers keep two small servers busy, and DefaultConnections the target.
const (
	DefaultWorkers     = 4
	DefaultConnections = 4
)

// Certificate says that a table was compared.
type Certificate struct {
	Schema, Table string
	Rows          int64
	Hash          string
	LSN           uint64
	At            time.Time
	Equal         bool
	Detail        string // what differs, without values
	// File is the source's pg_relation_filenode when the table was compared.
	// With another one it was truncated or rewritten since.
	File string
}

// Record is a statement that writes to the state. It belongs into the
// transaction that does what it records, and must affect exactly one row: none
// means that another process has taken over (the epoch moved on), and that
// transaction must be rolled back.
type Record struct {
	SQL  string
	Args []any
}
