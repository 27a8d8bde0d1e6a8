package replay

import (
	"fmt"

	"github.com/google/go-cmp/cmp"

	"sluice/state"
)

// model is a target without a server: what is on it for good. It is judged by the
// history at each of its commits.
type model struct {
	history  *history
	tables   []rows
	position state.Position
	sessions []*connection
	loading  bool  // tables are followed that a load has read
	wrong    error // the first thing that must not be
	reached  map[string]int
}

func newModel(h *history, reached map[string]int) *model {
	m := &model{history: h, tables: make([]rows, len(samples)), reached: reached}
	for table := range m.tables {
		m.tables[table] = h.on(table, 0)
	}
	return m
}

func (m *model) fail(format string, args ...any) {
	if m.wrong == nil {
		m.wrong = fmt.Errorf(format, args...)
	}
}

// commit is durable from here on.
func (m *model) commit(tables []rows, p state.Position) {
	if p.LSN < m.position.LSN {
		m.fail("the position goes back from %x to %x", m.position.LSN, p.LSN)
	}
	h := m.history
	done := h.before(p.LSN)
	if done > 0 && h.transactions[done-1].end > p.LSN {
		m.fail("the position %x is within transaction %d", p.LSN, done-1)
	}
	for table, s := range samples {
		if want := h.on(table, done); !want.equal(tables[table]) {
			m.fail("at %x, behind %d transactions, %s is not as on the source (-want +got):\n%s", p.LSN, done, s.name, cmp.Diff(want, tables[table]))
		}
	}
	if l := h.lacks; l != nil && done > l.transaction {
		m.fail("a change of a row that is lacking was committed at %x", p.LSN)
	}
	if done < h.converged {
		m.reached["a commit before all that a load has read"]++
	}
	got := counts{p.Inserts, p.Updates, p.Deletes, p.Truncates}
	if want := h.counts[done]; got != want && !h.loaded() {
		m.fail("at %x the changes are counted as %v, want %v", p.LSN, got, want)
	}
	m.tables, m.position = tables, p
	m.reached["a commit"]++
}
