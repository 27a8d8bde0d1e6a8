package replay

import (
	"maps"
	"slices"
)

// view is what a session sees at READ COMMITTED: what is committed, and what it did
// itself, which nobody else sees before its commit. What it has touched is locked
// until it ends, or goes back to before.
// https://www.postgresql.org/docs/current/transaction-iso.html#XACT-READ-COMMITTED
type view struct {
	committed []rows // when it last looked
	rows      []rows
	locks     []map[identity]int // so many rows that it took away, or put there where they are unique
	emptied   []bool             // the table is locked
}

func newView(committed []rows) *view {
	return &view{slices.Clone(committed), slices.Clone(committed), make([]map[identity]int, len(samples)), make([]bool, len(samples))}
}

func (v *view) clone() *view {
	c := &view{slices.Clone(v.committed), slices.Clone(v.rows), slices.Clone(v.locks), slices.Clone(v.emptied)}
	for i := range c.locks {
		c.locks[i] = maps.Clone(c.locks[i])
	}
	return c
}

// look takes in what others have committed since.
func (v *view) look(committed []rows) {
	for i, now := range committed {
		was, own := v.committed[i], v.rows[i]
		switch {
		case now.is(was):
			continue
		case own.is(was):
			v.rows[i] = now
		default:
			v.rows[i] = now.less(was.less(own)).plus(own.less(was))
		}
		v.committed[i] = now
	}
}

func (v *view) lock(table int, r row) {
	if v.locks[table] == nil {
		v.locks[table] = map[identity]int{}
	}
	s := samples[table]
	v.locks[table][s.identityOf(r)]++
	if value, ok := s.uniqueOf(r); ok {
		v.locks[table][value]++
	}
}

// put adds a row. Without a key it is in nobody's way.
func (v *view) put(table int, r row) {
	v.rows[table] = v.rows[table].with(r)
	if samples[table].key != nil {
		v.lock(table, r)
	}
}

func (v *view) take(table, at int) {
	v.lock(table, v.rows[table][at])
	v.rows[table] = v.rows[table].without(at)
}

func (v *view) empty(table int) { v.rows[table], v.emptied[table] = nil, true }

// locked is how many rows like this one are, with values: those with what no two may
// have, too; and whether all of the table is.
func (v *view) locked(table int, r row, values bool) (rows int, all bool) {
	if v.locks[table] != nil {
		s := samples[table]
		rows = v.locks[table][s.identityOf(r)]
		if value, ok := s.uniqueOf(r); ok && values {
			rows += v.locks[table][value]
		}
	}
	return rows, v.emptied[table]
}

// uses says that nobody else can empty the table.
func (v *view) uses(table int) bool {
	return v.emptied[table] || len(v.locks[table]) > 0 || !v.rows[table].is(v.committed[table])
}

// is says that they are the same ones, not only equal.
func (all rows) is(other rows) bool {
	return len(all) == len(other) && (len(all) == 0 || &all[0] == &other[0])
}

// less are the rows without others, of equal ones without as many.
func (all rows) less(others rows) rows {
	left := slices.Clone(all)
	for _, r := range others {
		if at, found := slices.BinarySearchFunc(left, r, slices.Compare[row]); found {
			left = slices.Delete(left, at, at+1)
		}
	}
	return left
}

func (all rows) plus(others rows) rows {
	for _, r := range others {
		all = all.with(r)
	}
	return all
}
