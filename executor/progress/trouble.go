package progress

import (
	"slices"
	"time"
)

// trouble is what of a run may need a person.
type trouble struct {
	moved     time.Time // a step began or ended, rows came, changes were applied, or nothing was left to apply
	failure   *Failure
	before    *Before
	different []Difference // in order of their discovery
	// quarantined is replaced as a whole.
	quarantined []Quarantined
}

// advanced says that the run has got somewhere: what ended the one before it is over.
func (t *Tracker) advanced(now time.Time) {
	t.trouble.moved = now
	if t.trouble.before != nil {
		t.trouble.before.Over = true
	}
}

// Failed says why the run ends. What is said first counts.
func (t *Tracker) Failed(kind FailureKind, reason string) {
	t.update(func(time.Time) {
		if t.trouble.failure == nil {
			t.trouble.failure = &Failure{kind, reason}
		}
	})
}

// FailedBefore says why the run before this one has ended.
func (t *Tracker) FailedBefore(kind FailureKind, reason string) {
	t.update(func(time.Time) {
		t.trouble.before = &Before{Failure: Failure{kind, reason}}
	})
}

// Compared says that a table was compared, and what is different in it; the
// empty string: nothing.
func (t *Tracker) Compared(schema, tableName, difference string) {
	t.update(func(time.Time) {
		t.trouble.forget(schema, tableName)
		if difference != "" {
			t.trouble.different = append(t.trouble.different, Difference{schema, tableName, difference})
		}
	})
}

// Quarantined says which tables are in quarantine now.
func (t *Tracker) Quarantined(tables []Quarantined) {
	t.update(func(time.Time) { t.trouble.quarantined = tables })
}

// forget drops what was different in a table.
func (t *trouble) forget(schema, tableName string) {
	t.different = slices.DeleteFunc(t.different, func(d Difference) bool { return d.Schema == schema && d.Table == tableName })
}
