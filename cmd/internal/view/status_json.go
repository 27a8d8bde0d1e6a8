package view

import (
	"encoding/json"
	"io"
	"time"

	"sluice/executor/progress"
	"sluice/planner"
)

// statusFormat is the version of the JSON of sluice status.
const statusFormat = 1

type statusJSON struct {
	FormatVersion int             `json:"format_version"`
	Migrations    []migrationJSON `json:"migrations"`
}

type migrationJSON struct {
	Address     string            `json:"address"`
	State       string            `json:"state"`
	Error       string            `json:"error,omitempty"`
	PlanID      string            `json:"plan_id,omitempty"`
	Slot        string            `json:"slot,omitempty"`
	Process     *processJSON      `json:"process,omitempty"`
	StepsDone   int               `json:"steps_done"`
	Builds      []progress.Build  `json:"builds,omitempty"`
	Lag         *lagJSON          `json:"lag,omitempty"`
	Spool       *spoolJSON        `json:"spool,omitempty"`
	Applied     progress.Counts   `json:"applied"`
	Quarantined []quarantinedJSON `json:"quarantined,omitempty"`
	Tables      []statusTableJSON `json:"tables"`
	Findings    []planner.Finding `json:"findings"`
	Next        string            `json:"next,omitempty"`
	Back        *migrationJSON    `json:"way_back,omitempty"`
}

type processJSON struct {
	Holder    string    `json:"holder"`
	Heartbeat time.Time `json:"heartbeat"`
	Live      bool      `json:"live"`
}

type lagJSON struct {
	AppliedLSN progress.LSN     `json:"applied_lsn"`
	SourceLSN  progress.LSN     `json:"source_lsn"`
	CommitTime time.Time        `json:"commit_time,omitzero"`
	Bytes      int64            `json:"bytes"`
	Seconds    progress.Seconds `json:"seconds"`
}

type spoolJSON struct {
	Directory string       `json:"directory"`
	Bytes     int64        `json:"bytes"`
	MaxBytes  int64        `json:"max_bytes"`
	FromLSN   progress.LSN `json:"from_lsn"`
	ToLSN     progress.LSN `json:"to_lsn"`
	Full      string       `json:"full,omitempty"`
}

type quarantinedJSON struct {
	Schema    string       `json:"schema"`
	Table     string       `json:"table"`
	LSN       progress.LSN `json:"lsn"`
	Paused    bool         `json:"paused,omitempty"`
	Operation string       `json:"operation,omitempty"`
	Key       string       `json:"key,omitempty"`
	Reason    string       `json:"reason"`
	Since     time.Time    `json:"since"`
	Passed    int64        `json:"changes_passed_over"`
}

type statusTableJSON struct {
	Schema       string `json:"schema"`
	Table        string `json:"table"`
	Loaded       bool   `json:"loaded"`
	Chunks       int    `json:"chunks"`
	Rows         int64  `json:"rows"`
	Bytes        int64  `json:"bytes"`
	Verification string `json:"verification"`
	Detail       string `json:"detail,omitempty"`
}

// StatusJSON writes how migrations stand as one object on one line.
func StatusJSON(w io.Writer, migrations []StatusOf, now time.Time) error {
	out := statusJSON{FormatVersion: statusFormat, Migrations: []migrationJSON{}}
	for _, m := range migrations {
		out.Migrations = append(out.Migrations, migrationOf(m, now))
	}
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(out)
}

func migrationOf(m StatusOf, now time.Time) migrationJSON {
	s := m.State
	out := migrationJSON{
		Address: m.Address, State: stateWord(m), Error: s.Error, PlanID: s.PlanID, Slot: s.Slot,
		StepsDone: stepsDone(s), Tables: []statusTableJSON{}, Findings: append([]planner.Finding{}, m.Findings...),
		Applied: progress.Counts{
			Inserts: s.Position.Inserts, Updates: s.Position.Updates,
			Deletes: s.Position.Deletes, Truncates: s.Position.Truncates,
		},
	}
	if !s.Exists() {
		return out
	}
	out.Next, out.Builds = next(m), building(s)
	if m.Back != nil {
		back := migrationOf(StatusOf{Address: planner.BackAddress(m.Address), State: *m.Back}, now)
		back.State, back.Next = backWord(*m.Back), nextBack(*m.Back)
		out.Back = &back
	}
	if s.Lease.Holder != "" {
		out.Process = &processJSON{s.Lease.Holder, s.Lease.Heartbeat.UTC(), s.Lease.Live}
	}
	if s.Position.LSN != 0 {
		bytes, seconds := lag(s.Position, now)
		out.Lag = &lagJSON{
			progress.LSN(s.Position.LSN), progress.LSN(s.Position.SourceLSN), s.Position.CommitTime, bytes, progress.Seconds(seconds),
		}
	}
	if p := s.Spool; p.Directory != "" {
		out.Spool = &spoolJSON{p.Directory, p.Bytes, p.MaxBytes, progress.LSN(p.From), progress.LSN(p.To), p.Full}
	}
	for _, q := range s.Quarantined {
		out.Quarantined = append(out.Quarantined, quarantinedJSON{
			q.Schema, q.Table, progress.LSN(q.LSN), q.Paused, q.Operation, q.Key, q.Reason, q.Since.UTC(), q.Passed,
		})
	}
	for _, t := range statusTables(s) {
		out.Tables = append(out.Tables, statusTableJSON{
			t.Name.Schema, t.Name.Local, t.Loaded, t.Chunks, t.Rows, t.Bytes, t.Verification, t.Detail,
		})
	}
	return out
}
