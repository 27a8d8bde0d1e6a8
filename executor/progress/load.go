package progress

import (
	"fmt"
	"time"
)

// load sums up the full load over all tables.
type load struct {
	started     time.Time // of the first table
	tablesDone  int
	expected    int64 // bytes of all tables
	progressed  int64 // of those, how many stand for what is done
	rows, bytes int64
	rates       rates
}

type name struct{ schema, table string }

// table is one table in the load.
type table struct {
	name
	state         TableState
	expectedBytes int64
	expectedRows  int64
	chunks        int
	chunksDone    int
	restarts      int
	rows, bytes   int64
	progressed    int64  // of expectedBytes; falls only with what is rolled back
	rates         *rates // while it is copied
}

// rates are what a load counts by the second.
type rates struct {
	rows, bytes window
	progressed  window // what is left divided by its rate is the time that is left
}

func (r *rates) add(now time.Time, rows, bytes int64) {
	if r != nil {
		r.rows.add(now, rows)
		r.bytes.add(now, bytes)
	}
}

func (r *rates) advance(now time.Time, bytes int64) {
	if r != nil {
		r.progressed.add(now, bytes)
	}
}

// Table announces a table that will be copied, with what it is expected to
// hold. Announced again, it is as it was the first time.
func (t *Tracker) Table(schema, tableName string, expectedBytes, expectedRows int64) {
	t.update(func(time.Time) {
		tab := t.table(schema, tableName)
		t.load.expected += expectedBytes - tab.expectedBytes
		tab.expectedBytes, tab.expectedRows = expectedBytes, expectedRows
	})
}

// TableStarted says that a table is being copied, in so many chunks, of which
// some were done by an earlier run.
func (t *Tracker) TableStarted(schema, tableName string, chunks, done int) {
	t.update(func(now time.Time) {
		tab := t.table(schema, tableName)
		tab.state, tab.chunks, tab.chunksDone = Copying, chunks, done
		tab.rates = &rates{}
		t.progress(tab, tab.estimate())
		if t.load.started.IsZero() {
			t.load.started = now
		}
	})
}

// Copied says that so many more rows and bytes are on the target. Bytes may
// come before their rows are counted, and the other way round.
func (t *Tracker) Copied(schema, tableName string, rows, bytes int64) {
	t.update(func(now time.Time) {
		t.advanced(now)
		tab := t.table(schema, tableName)
		tab.rows += rows
		tab.bytes += bytes
		t.load.rows += rows
		t.load.bytes += bytes
		t.load.rates.add(now, rows, bytes)
		tab.rates.add(now, rows, bytes)
		t.advance(tab, tab.estimate(), now)
	})
}

// RolledBack says that so many bytes are not on the target after all: their chunk
// has failed, and they come again.
func (t *Tracker) RolledBack(schema, tableName string, bytes int64) {
	t.update(func(time.Time) {
		tab := t.table(schema, tableName)
		tab.bytes -= bytes
		t.load.bytes -= bytes
		t.progress(tab, tab.estimate())
	})
}

// ChunkDone says that a chunk of the table is committed on the target.
func (t *Tracker) ChunkDone(schema, tableName string) {
	t.update(func(now time.Time) {
		t.advanced(now)
		tab := t.table(schema, tableName)
		tab.chunksDone++
		t.advance(tab, tab.estimate(), now)
	})
}

// TableRestarted says that what was copied of the table is given up, and why.
func (t *Tracker) TableRestarted(schema, tableName, why string) {
	t.update(func(time.Time) {
		tab := t.table(schema, tableName)
		if tab.state == Done {
			t.load.tablesDone--
		}
		t.load.rows -= tab.rows
		t.load.bytes -= tab.bytes
		tab.rows, tab.bytes, tab.chunksDone, tab.state = 0, 0, 0, Waiting
		tab.restarts++
		t.trouble.forget(schema, tableName)
		t.progress(tab, 0)
		t.notices.add(fmt.Sprintf("%s.%s is copied again from its start: %s", schema, tableName, why))
	})
}

// TableDone says that all rows of the table are on the target; one that was
// never started was done by an earlier run, and says nothing about speed.
func (t *Tracker) TableDone(schema, tableName string) {
	t.update(func(now time.Time) {
		tab := t.table(schema, tableName)
		if tab.state == Done {
			return
		}
		if tab.state == Copying {
			t.advance(tab, tab.expectedBytes, now)
		}
		t.progress(tab, tab.expectedBytes)
		tab.state, tab.chunksDone, tab.rates = Done, tab.chunks, nil
		t.load.tablesDone++
	})
}

// table returns a table by name; one that nobody has announced is announced.
func (t *Tracker) table(schema, tableName string) *table {
	n := name{schema, tableName}
	tab := t.byName[n]
	if tab == nil {
		tab = &table{name: n, state: Waiting}
		t.byName[n] = tab
		t.tables = append(t.tables, tab)
	}
	return tab
}

// almost is as far as an estimate goes: the end is what TableDone says.
const almost = 0.99

// estimate says how many of the expected bytes stand for what was copied: by
// bytes, or by chunks where those are further. COPY's bytes are not those of
// the files, and a run that goes on has copied only a part of them itself.
func (tab *table) estimate() int64 {
	share := 0.0
	if tab.expectedBytes > 0 {
		share = float64(tab.bytes) / float64(tab.expectedBytes)
	}
	if tab.chunks > 0 {
		share = max(share, float64(tab.chunksDone)/float64(tab.chunks))
	}
	return int64(min(share, almost) * float64(tab.expectedBytes))
}

// advance moves a table forward, never back, and counts it as speed.
func (t *Tracker) advance(tab *table, progressed int64, now time.Time) {
	delta := progressed - tab.progressed
	if delta <= 0 {
		return
	}
	t.progress(tab, progressed)
	t.load.rates.advance(now, delta)
	tab.rates.advance(now, delta)
}

// progress sets how far a table is, without counting it as speed.
func (t *Tracker) progress(tab *table, progressed int64) {
	t.load.progressed += progressed - tab.progressed
	tab.progressed = progressed
}
