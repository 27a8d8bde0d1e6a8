package progress

import (
	"fmt"
	"strconv"
	"time"
)

// Status is how a run stands. Its JSON has bytes, seconds, LSNs as PostgreSQL
// writes them, and RFC 3339 times in UTC.
type Status struct {
	At         time.Time `json:"at"`
	Phase      string    `json:"phase"` // the words of state.Phase
	PhaseSince time.Time `json:"phase_since,omitzero"`
	Steps      Steps     `json:"steps"`
	Load       Load      `json:"load"`
	Tables     []Table   `json:"tables"`             // in order of their announcement
	Builds     []Build   `json:"builds,omitempty"`   // in order of their start
	Stream     *Stream   `json:"stream,omitempty"`   // nil until the slot keeps changes
	Waiting    string    `json:"waiting,omitempty"`  // what the run waits for
	Retrying   *Retrying `json:"retrying,omitempty"` // nil while nothing is tried again

	Moved     time.Time    `json:"moved,omitzero"`      // when the run last got somewhere, or had nothing left to apply
	Failure   *Failure     `json:"failure,omitempty"`   // why the run has ended
	Before    *Before      `json:"before,omitempty"`    // why the run before it has ended
	Different []Difference `json:"different,omitempty"` // tables that were not equal when they were last compared
	// Quarantined are the tables whose changes are passed over.
	Quarantined []Quarantined `json:"quarantined,omitempty"`
}

// Steps counts the plan's steps.
type Steps struct {
	Total  int      `json:"total"`
	Done   int      `json:"done"`
	Active []string `json:"active"` // IDs, in order of their start
}

// Load is the full load over all tables.
type Load struct {
	Tables        int     `json:"tables"`
	TablesDone    int     `json:"tables_done"`
	Rows          int64   `json:"rows"`  // on the target by this run
	Bytes         int64   `json:"bytes"` // as COPY carries them
	ExpectedRows  int64   `json:"expected_rows"`
	ExpectedBytes int64   `json:"expected_bytes"` // as the source keeps them
	Done          float64 `json:"done"`           // 0 to 1; 1 only when every table is done
	RowsPerS      float64 `json:"rows_per_second"`
	BytesPerS     float64 `json:"bytes_per_second"`
	Elapsed       Seconds `json:"elapsed_seconds"`
	ETA           Seconds `json:"eta_seconds,omitempty"` // 0: not known, or nothing is left
}

// TableState is where a table is in the load.
type TableState string

// The states of a table in the load.
const (
	Waiting TableState = "waiting"
	Copying TableState = "copying"
	Done    TableState = "done"
)

// Table is one table in the load.
type Table struct {
	Schema     string     `json:"schema"`
	Table      string     `json:"table"`
	State      TableState `json:"state"`
	Chunks     int        `json:"chunks"`
	ChunksDone int        `json:"chunks_done"`
	Restarts   int        `json:"restarts,omitempty"`
	Rows       int64      `json:"rows"`
	Bytes      int64      `json:"bytes"`
	Done       float64    `json:"done"` // 0 to 1; 1 only when the table is done
	RowsPerS   float64    `json:"rows_per_second"`
	BytesPerS  float64    `json:"bytes_per_second"`
	ETA        Seconds    `json:"eta_seconds,omitempty"` // 0: not known, or nothing is left
}

// Stream is how far the changes are.
type Stream struct {
	Applied       Counts    `json:"applied"` // by this run
	ChangesPerS   float64   `json:"changes_per_second"`
	AppliedLSN    LSN       `json:"applied_lsn"`
	SourceLSN     LSN       `json:"source_lsn"`
	Measured      time.Time `json:"measured,omitzero"` // when the source was asked for its LSN and the WAL kept
	RetainedBytes int64     `json:"retained_bytes"`    // WAL that our slot keeps on the source
	Drained       bool      `json:"drained"`           // everything received is applied
	LagKnown      bool      `json:"lag_known"`         // false until the first batch
	Lag           Seconds   `json:"lag_seconds"`
	LagBytes      int64     `json:"lag_bytes"`
	Spool         *Spool    `json:"spool,omitempty"` // nil: there is none
	// InProgress is on the target, and not committed; nil: nothing is.
	InProgress *InProgress `json:"in_progress,omitempty"`
}

// InProgress are transactions that the source has not committed yet.
type InProgress struct {
	Transactions int   `json:"transactions"`
	Changes      int64 `json:"changes"`
}

// Spool has the changes that are not applied yet.
type Spool struct {
	Bytes    int64  `json:"bytes"`
	MaxBytes int64  `json:"max_bytes"`
	FromLSN  LSN    `json:"from_lsn"`
	ToLSN    LSN    `json:"to_lsn"`
	Filling  bool   `json:"filling"`        // there is little room left, or none
	Full     string `json:"full,omitempty"` // why nothing is taken from the slot; empty: it is
}

// Retrying says that something is tried again.
type Retrying struct {
	Since  time.Time `json:"since"`
	Until  time.Time `json:"until"` // when the run gives up
	Reason string    `json:"reason"`
}

// Failure is why a run has ended.
type Failure struct {
	Kind   FailureKind `json:"kind"`
	Reason string      `json:"reason"`
}

// Before is the failure of the run before.
type Before struct {
	Failure
	Over bool `json:"over"` // this run has got further
}

// FailureKind says what of the databases has ended a run.
type FailureKind string

// The kinds of failure.
const (
	FailureOther      FailureKind = "other"
	FailureDrift      FailureKind = "drift"      // a table has changed its shape on the source
	FailureDivergence FailureKind = "divergence" // a change did not fit the target
)

// Difference is a table that is not equal on both sides.
type Difference struct {
	Schema string `json:"schema"`
	Table  string `json:"table"`
	Detail string `json:"detail"`
}

// Quarantined is a table whose changes are passed over, since one did not fit, or it is
// paused.
type Quarantined struct {
	Schema string    `json:"schema"`
	Table  string    `json:"table"`
	LSN    LSN       `json:"lsn"`              // of the first transaction that is passed over
	Paused bool      `json:"paused,omitempty"` // its definition changed: its changes are kept
	Reason string    `json:"reason"`
	Since  time.Time `json:"since"`
}

// Seconds is a duration; JSON has it in seconds, to the millisecond.
type Seconds time.Duration

// Duration is the duration as Go has it.
func (s Seconds) Duration() time.Duration { return time.Duration(s) }

// MarshalJSON writes the seconds as a number.
func (s Seconds) MarshalJSON() ([]byte, error) {
	seconds := time.Duration(s).Round(time.Millisecond).Seconds()
	return strconv.AppendFloat(nil, seconds, 'f', -1, 64), nil
}

// LSN is a position in the WAL.
type LSN uint64

// String is the position as PostgreSQL writes it: 16/B374D848.
func (l LSN) String() string { return fmt.Sprintf("%X/%X", uint32(l>>32), uint32(l)) }

// MarshalText writes the position as PostgreSQL does.
func (l LSN) MarshalText() ([]byte, error) { return []byte(l.String()), nil }
