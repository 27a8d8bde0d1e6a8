package progress

import (
	"slices"
	"time"
)

// Build is a step that makes an index or a key, or checks the rows of a key, and
// how far the target is with it.
type Build struct {
	Step   string    `json:"step"`             // its ID
	Schema string    `json:"schema,omitempty"` // of the table; empty until the server has named it
	Table  string    `json:"table,omitempty"`
	Phase  string    `json:"phase,omitempty"` // "reading the table"; empty: not known
	Unit   string    `json:"unit,omitempty"`  // of Done and Total: "blocks", "rows"; empty: nothing is counted
	Done   int64     `json:"done,omitempty"`  // of this phase
	Total  int64     `json:"total,omitempty"`
	Since  time.Time `json:"since"`
}

// Building says what is being built now: all of it.
func (t *Tracker) Building(builds []Build) {
	t.update(func(time.Time) { t.builds = slices.Clone(builds) })
}
