package replay

import (
	"bytes"
	"context"
	"fmt"

	"sluice/executor/stream"
)

// change turns a message into statements, or into nothing where the load has
// read it.
func (a *Applier) change(ctx context.Context, m *stream.Message) error {
	if a.passesOver(m.RelationID) {
		return nil
	}
	r, ok := a.known.relations[m.RelationID]
	if !ok {
		return fmt.Errorf("a change of relation %d, which was never announced", m.RelationID)
	}
	if err := r.fits(m); err != nil {
		return err
	}
	before, kept := present, true
	owed := a.takeOwed(r, m)
	if r.shape != nil {
		if r.seen(a.xid, m) {
			return nil
		}
		if a.within != nil { // its rows may have to be read, and its time is not known
			return notYet("%s has values or a filter of its own", r.Name)
		}
		c, err := a.compute(ctx, r)
		if err != nil {
			return err
		}
		m.New, m.Old, before, kept = c.new, c.old, c.before, c.kept
	} else {
		r.leaveOut(m)
	}
	if owed {
		before = unknown
	}
	switch m.Kind {
	case stream.Insert:
		if kept && !r.visible(a.xid, m.New) {
			a.insert(r, m)
		}
	case stream.Delete:
		if !r.visible(a.xid, m.Old) {
			a.remove(r, m.Old, before)
		}
	case stream.Update:
		old := m.New
		if m.HasOld || r.shape != nil && m.Old != nil {
			old = m.Old
		}
		return a.update(ctx, r, m, old, before, kept)
	}
	return nil
}

// leaveOut brings a change into the target's columns.
func (r *relation) leaveOut(m *stream.Message) {
	if m.Kind != stream.Delete {
		m.New = r.plain(m.New)
	}
	if m.HasOld {
		m.Old = r.plain(m.Old)
	}
}

// fits checks what the server must have sent: a tuple of as many values as the
// relation has columns, and enough to find the row.
func (r *relation) fits(m *stream.Message) error {
	n := len(r.announced.Columns)
	if m.Kind != stream.Delete && len(m.New) != n || m.HasOld && len(m.Old) != n {
		return fmt.Errorf("a change of %s has another number of columns than the table", r.Name)
	}
	if m.Kind != stream.Insert && !m.HasOld && r.full() || m.HasOld && m.OldKey && r.full() {
		return &DriftError{Table: r.Name, Detail: "its replica identity is not FULL any more, and it has no key to find rows by"}
	}
	return nil
}

func (a *Applier) insert(r *relation, m *stream.Message) {
	a.counts.Inserts++
	if r.wins() {
		a.upsert(r, m.New)
		return
	}
	a.apply(change{relation: r, kind: stream.Insert, row: m.New, old: m.New})
}

// remove deletes a row, where it was on the target.
func (a *Applier) remove(r *relation, old stream.Tuple, before presence) {
	switch {
	case before == absent:
		return
	case r.wins() || before == unknown:
		a.counts.Deletes++
		a.deleteIfThere(r, old)
	default:
		a.counts.Deletes++
		a.apply(change{relation: r, kind: stream.Delete, old: old})
	}
}

func (a *Applier) deleteIfThere(r *relation, old stream.Tuple) {
	a.addSingle(r, single{expect: atMostOne, shape: "d", sql: r.deletion, params: r.identify(nil, old)})
}

// addSingle adds a statement of the current change.
func (a *Applier) addSingle(r *relation, s single) { a.add(change{relation: r, single: &s}) }

// update applies an update of the row that is found by old: without an old tuple
// the identity is as it was.
//
// Where the key moves from one loaded chunk to another, the two halves may have
// been read with and without it. Where a filter lets the row in or out, it is an
// insert or a delete; where nobody knows whether it was in, it is taken out, if
// it is there, and put in anew.
func (a *Applier) update(ctx context.Context, r *relation, m *stream.Message, old stream.Tuple, before presence, kept bool) error {
	fill(m.New, old, r.identity)
	if r.wins() && m.HasOld && !m.OldKey {
		fillAll(m.New, old)
	}
	for _, i := range r.identity {
		// Servers without the fix of February 2022 (14.2, 13.6, …) leave a toasted
		// key out: taken for an empty one it would belong to the wrong chunk.
		if old[i].Kind == stream.Unchanged {
			return fmt.Errorf("an update of %s at %s came without its key column %q", r.Name, a.finalLSN, r.def.Columns[i].Name)
		}
	}
	seenOld, seenNew := r.visible(a.xid, old), r.visible(a.xid, m.New)
	switch {
	case seenOld && seenNew:
	case seenNew:
		a.remove(r, old, before)
	case seenOld:
		// The chunk of the old key was read without the row, and the chunk of
		// the new key before it arrived.
		if kept {
			return a.insertWhole(ctx, r, m)
		}
	case !kept:
		a.remove(r, old, before)
	case before == present:
		a.modify(r, m, old)
	default:
		a.remove(r, old, before)
		return a.insertWhole(ctx, r, m)
	}
	return nil
}

// fill takes values that the new tuple leaves out because they are unchanged
// from the old one, where that one has them.
func fill(into, old stream.Tuple, identity []int) {
	for _, i := range identity {
		if into[i].Kind == stream.Unchanged {
			into[i] = old[i]
		}
	}
}

// fillAll is fill for every column: an old row that was sent whole has them.
func fillAll(into, old stream.Tuple) {
	for i := range into {
		if into[i].Kind == stream.Unchanged {
			into[i] = old[i]
		}
	}
}

func unchanged(t stream.Tuple) int {
	for i, v := range t {
		if v.Kind == stream.Unchanged {
			return i
		}
	}
	return -1
}

func (a *Applier) modify(r *relation, m *stream.Message, old stream.Tuple) {
	a.counts.Updates++
	mask := make([]byte, len(m.New))
	for i, v := range m.New {
		mask[i] = '1'
		if v.Kind == stream.Unchanged {
			mask[i] = '0'
		}
	}
	replace := false
	for _, i := range r.always {
		if r.moved(m, i) {
			replace = true
		} else {
			mask[i] = '0'
		}
	}
	switch {
	case r.wins():
		a.overwrite(r, m, old, mask, replace)
	case replace:
		a.updateRow(r, m, old, mask, replace, "")
	case bytes.ContainsRune(mask, '1'):
		a.apply(change{relation: r, kind: stream.Update, row: m.New, mask: r.mask(mask), old: old})
	}
}

// mask is the string of a mask, of which a relation has few.
func (r *relation) mask(mask []byte) string {
	known, ok := r.masks[string(mask)]
	if !ok {
		known = string(mask)
		r.masks[known] = known
	}
	return known
}

// updateRow sets the columns that mask marks in the row that is there. missing is
// a column whose value the change lacks, should there be none.
func (a *Applier) updateRow(r *relation, m *stream.Message, old stream.Tuple, mask []byte, replace bool, missing string) {
	if !bytes.ContainsRune(mask, '1') {
		return // nothing to set
	}
	shape := string(mask)
	set := single{column: missing, params: r.identify(masked(nil, m.New, shape), old)}
	if replace {
		set.shape, set.sql = "r"+shape, func() string { return r.replacement(shape) }
	} else {
		set.shape, set.sql = "u"+shape, func() string { return r.modification(shape) }
	}
	a.addSingle(r, set)
}

// moved says that the update may have changed a column that no UPDATE can set.
// Where no old value was sent, a column of the identity has not changed, and of
// any other nobody knows.
func (r *relation) moved(m *stream.Message, column int) bool {
	if m.New[column].Kind == stream.Unchanged {
		return false
	}
	if m.HasOld && (!m.OldKey || r.def.Columns[column].Key) {
		return !bytes.Equal(m.Old[column].Text, m.New[column].Text)
	}
	return !r.def.Columns[column].Key
}
