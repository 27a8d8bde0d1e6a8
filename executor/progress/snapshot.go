package progress

import (
	"slices"
	"time"
)

// Snapshot is how the run stands now. That of a nil Tracker is empty.
func (t *Tracker) Snapshot() Status {
	var s Status
	t.update(func(now time.Time) {
		s = Status{
			At: now.UTC(), Phase: t.phase,
			Steps:    Steps{Total: t.stepsTotal, Done: t.stepsDone, Active: append([]string{}, t.active...)},
			Load:     t.loadStatus(now),
			Tables:   make([]Table, 0, len(t.tables)),
			Builds:   slices.Clone(t.builds),
			Stream:   t.stream.status(now, t.retrying != nil),
			Waiting:  t.waiting,
			Retrying: clone(t.retrying),
			Failure:  clone(t.trouble.failure), Before: clone(t.trouble.before), Different: slices.Clone(t.trouble.different),
			Quarantined: slices.Clone(t.trouble.quarantined),
		}
		if !t.phaseSince.IsZero() {
			s.PhaseSince = t.phaseSince.UTC()
		}
		if !t.trouble.moved.IsZero() {
			s.Moved = t.trouble.moved.UTC()
		}
		for _, tab := range t.tables {
			s.Tables = append(s.Tables, tab.status(now))
		}
	})
	return s
}

func (t *Tracker) loadStatus(now time.Time) Load {
	l := &t.load
	out := Load{
		Tables: len(t.tables), TablesDone: l.tablesDone,
		Rows: l.rows, Bytes: l.bytes, ExpectedBytes: l.expected,
		RowsPerS: l.rates.rows.rate(now), BytesPerS: l.rates.bytes.rate(now),
		Done: share(l.progressed, l.expected, l.tablesDone == len(t.tables) && l.tablesDone > 0),
		ETA:  left(l.expected-l.progressed, l.rates.progressed.rate(now)),
	}
	for _, tab := range t.tables {
		out.ExpectedRows += tab.expectedRows
	}
	if !l.started.IsZero() {
		out.Elapsed = Seconds(now.Sub(l.started))
	}
	return out
}

func (tab *table) status(now time.Time) Table {
	out := Table{
		Schema: tab.schema, Table: tab.table, State: tab.state,
		Chunks: tab.chunks, ChunksDone: tab.chunksDone, Restarts: tab.restarts,
		Rows: tab.rows, Bytes: tab.bytes,
		Done: share(tab.progressed, tab.expectedBytes, tab.state == Done),
	}
	if tab.state == Copying {
		out.RowsPerS, out.BytesPerS = tab.rates.rows.rate(now), tab.rates.bytes.rate(now)
		out.ETA = left(tab.expectedBytes-tab.progressed, tab.rates.progressed.rate(now))
	}
	return out
}

// share is part of whole as 0 to 1, and 1 only at the end.
func share(part, whole int64, ended bool) float64 {
	if ended {
		return 1
	}
	if whole <= 0 {
		return 0
	}
	return min(float64(part)/float64(whole), almost)
}

// left is how long the rest takes at that many bytes a second; 0 where nothing
// is left or nothing moves.
func left(bytes int64, perSecond float64) Seconds {
	if bytes <= 0 || perSecond <= 0 {
		return 0
	}
	return Seconds(float64(bytes) / perSecond * float64(time.Second))
}

func clone[T any](v *T) *T {
	if v == nil {
		return nil
	}
	c := *v
	return &c
}
