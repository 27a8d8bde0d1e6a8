package replay

import (
	"context"
	"strings"

	"sluice/executor/stream"
	"sluice/planner/catalog"
)

// A row may have to be inserted of which a value was not sent, since it was not
// changed, and that is not on the source any more: it has got another key there,
// or was deleted, and that change is yet to come.
//
//	insert        the row cannot be made: it is owed
//	update, delete of an owed row    is that of one that may be missing; by then
//	              it has all values, or is owed again, or is gone
//	commit        once nothing is owed
//
// So what is committed lacks nothing, and a crash leaves nothing to remember.

// owedRow is a row by its table and key on the source.
type owedRow struct {
	table catalog.Name
	key   string
}

// isOpen says that what is applied cannot be committed yet.
func (a *Applier) isOpen() bool { return a.inside || len(a.owed) > 0 }

// missing is one of the values that are owed; nil: none is.
func (a *Applier) missing() error {
	for _, err := range a.owed {
		return err
	}
	return nil
}

// takeOwed says that the row which a change finds is owed. It is no longer then.
func (a *Applier) takeOwed(r *relation, m *stream.Message) bool {
	if len(a.owed) == 0 || m.Kind == stream.Insert {
		return false
	}
	old := m.New
	if m.HasOld {
		old = m.Old
	}
	row := r.owed(old)
	_, owed := a.owed[row]
	delete(a.owed, row)
	return owed
}

// forgive is for a table that was truncated.
func (a *Applier) forgive(r *relation) {
	for row := range a.owed {
		if row.table == r.Copy.From {
			delete(a.owed, row)
		}
	}
}

func (r *relation) owed(row stream.Tuple) owedRow {
	var key strings.Builder
	for _, i := range r.sourceIdentity() {
		key.Write(row[i].Text)
		key.WriteByte(0) // which no text has
	}
	return owedRow{r.Copy.From, key.String()}
}

// insertWhole completes and inserts a row of which a value may not have been sent.
func (a *Applier) insertWhole(ctx context.Context, r *relation, m *stream.Message) error {
	if unchanged(m.New) < 0 {
		a.insert(r, m)
		return nil
	}
	if a.within != nil { // nobody sees its rows on the source
		return notYet("a row of %s has to be read there", r.Name)
	}
	c := a.pending(a.item, a.xid, a.finalLSN, a.commitTime)
	if err := c.decode(r, a.item.Data); err != nil {
		return err
	}
	r.fillFromOld(c)
	if err := a.readAgain(ctx, r, []*pending{c}); err != nil {
		return err
	}
	made := &computed{new: r.plain(c.New), kept: true}
	if r.shape != nil {
		if err := a.computeRows(ctx, r, []*pending{c}); err != nil {
			return err
		}
		made = a.computed[c.key]
		delete(a.computed, c.key)
	}
	if i := unchanged(made.new); i >= 0 {
		a.owed[r.owed(c.New)] = &MissingValueError{r.Name, r.describe(c.New), r.def.Columns[i].Name, a.finalLSN}
		return nil
	}
	if made.kept {
		m.New = made.new
		a.insert(r, m)
	}
	return nil
}
