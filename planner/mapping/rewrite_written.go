package mapping

import (
	"fmt"

	"sluice/planner/catalog"
)

// written is a statement that writes to a relation: INSERT, UPDATE, DELETE, MERGE.
// The relation can have an alias there, and its columns none, so that each place
// that names one is changed. The server prints the name of the relation's row
// before a column, and calls nothing else within the statement so, but in
//
//	INSERT INTO t (column, …)        also of MERGE
//	ON CONFLICT (column, …) WHERE …  up to DO
//	SET column = …, (column, …) = …
//
// https://github.com/postgres/postgres/blob/master/src/backend/utils/adt/ruleutils.c
type written struct {
	table       *catalog.Object
	first, last int            // words: from the relation's name to the statement's end
	rows        map[string]int // what its rows are called, each from which word on
	doubt       map[string]bool
}

// writeTo gives the columns of the relation at k, which a statement writes to and
// knows by this name, their new names.
func (e *edit) writeTo(k int, table *catalog.Object, called string) {
	w := &written{table: table, first: k, last: e.endOf(k), rows: map[string]int{called: k}, doubt: map[string]bool{}}
	e.writes = append(e.writes, w)
	if e.at(k - 2).Is("INSERT") {
		list := k + 3
		if e.at(list).Is("AS") {
			list += 2
		}
		e.targets(table, list)
	}
	for depth := 0; k <= w.last; k++ {
		switch t := e.at(k); {
		case depth > 0:
		case t.Is("INSERT"):
			e.targets(table, k+1)
		case t.Is("SET"):
			e.assigned(w, k+1)
		case t.Is("CONFLICT"):
			w.rows["excluded"] = k
			e.arbiter(table, k+1)
		case t.Is("RETURNING"):
			e.returning(w, k+1)
		}
		depth += e.nesting(k)
	}
}

// nesting is how much deeper in parentheses, brackets and CASE the word behind k is.
func (e *edit) nesting(k int) int {
	switch t := e.at(k); {
	case t.Is("("), t.Is("["), t.Is("CASE"):
		return 1
	case t.Is(")"), t.Is("]"), t.Is("END"):
		return -1
	}
	return 0
}

// endOf is the last word of the statement that the word number k belongs to.
func (e *edit) endOf(k int) int {
	for depth := 0; k < len(e.words); k++ {
		if depth += e.nesting(k); depth < 0 || depth == 0 && e.at(k).Is(";") {
			break
		}
	}
	return k - 1
}

// target gives the column at k, which a statement writes to, its new name.
func (e *edit) target(table *catalog.Object, k int) {
	name, ok := e.name(k)
	if !ok {
		return
	}
	e.rename(k, name, e.named(table, name))
	e.settled[k], e.values[k] = true, columnType(table, name)
}

// rename puts a new name in place of the one at k, which stays as it is printed
// where it is the same.
func (e *edit) rename(k int, name, to string) {
	if to != name {
		e.set(k, quoteIdent(to))
	}
}

// targets are the columns of a list that opens at k. It returns where it closes.
func (e *edit) targets(table *catalog.Object, k int) int {
	if !e.at(k).Is("(") {
		return k
	}
	for depth := 0; k < len(e.words); k++ {
		if depth == 0 || depth == 1 && e.at(k).Is(",") {
			e.target(table, k+1)
		}
		if depth += e.nesting(k); depth == 0 {
			break
		}
	}
	return k
}

// assigned are the columns that values are given to, behind SET.
func (e *edit) assigned(w *written, k int) {
	depth := 0
	for next := true; k <= w.last; k++ {
		t := e.at(k)
		if depth == 0 && (t.Is("FROM") || t.Is("WHERE") || t.Is("RETURNING") || t.Is("WHEN")) {
			return
		}
		switch {
		case depth == 0 && t.Is(","):
			next = true
			continue
		case next && t.Is("("):
			k, next = e.targets(w.table, k), false
			continue
		case next:
			e.target(w.table, k)
			next = false
		}
		depth += e.nesting(k)
	}
}

// arbiter is what ON CONFLICT names: a constraint, or columns of the relation that
// stand alone.
func (e *edit) arbiter(table *catalog.Object, k int) {
	if name, ok := e.name(k + 2); ok && e.at(k+1).Is("CONSTRAINT") {
		e.rename(k+2, name, e.cased(name))
		e.settled[k+2] = true
		return
	}
	if !e.at(k).Is("(") {
		return
	}
	about := e.subject
	e.of, e.queries = table, false
	for !e.at(k).Is("DO") && k < len(e.words) {
		next := e.step(k)
		for ; k < next; k++ {
			e.settled[k] = true
		}
	}
	e.subject = about
}

// returning gives what a statement returns the names that it had: the server
// prints none where it is the column's.
func (e *edit) returning(w *written, k int) {
	if e.at(k).Is("WITH") { // (OLD AS o, NEW AS n), from 18
		for ; !e.at(k).Is(")") && k < w.last; k++ {
			if name, ok := e.name(k + 1); ok && e.at(k).Is("AS") {
				w.rows[name] = k
			}
		}
		k++
	} else if e.rows == nil {
		e.rowsOf(w, k)
	}
	first, depth := k, 0
	for ; k <= w.last+1; k++ {
		if k > w.last || depth == 0 && e.at(k).Is(",") {
			e.keepName(first, k)
			first = k + 1
		}
		depth += e.nesting(k)
	}
}

// rowsOf are old and new from RETURNING on, where nothing else is called so.
func (e *edit) rowsOf(w *written, returning int) {
	for _, name := range []string{"old", "new"} {
		taken, depth := false, 0
		for k := w.first; k < returning; k++ {
			taken = taken || depth == 0 && e.must(k) == name && !e.at(k+1).Is(".") && e.calls(k)
			depth += e.nesting(k)
		}
		if !taken {
			w.rows[name], w.doubt[name] = returning, e.isAlias(name)
		}
	}
}

// keepName gives one thing that a statement returns, and ends before the word
// number end, its old name.
func (e *edit) keepName(first, end int) {
	row, column := e.must(first), e.must(first+2)
	if end != first+3 || !e.at(first+1).Is(".") {
		return
	}
	if w := e.writing(first, row, column); w != nil && e.column(w.table, column) != column {
		e.after(first+2, " AS "+quoteIdent(column))
	}
}

// writing is the statement that the word number k is in and that writes to a
// relation of this column whose row is called so; nil: there is none.
func (e *edit) writing(k int, row, column string) *written {
	for i := len(e.writes) - 1; i >= 0; i-- {
		w := e.writes[i]
		from, called := w.rows[row]
		if called && from <= k && w.first <= k && k <= w.last && e.has(w.table, column) {
			return w
		}
	}
	return nil
}

// writtenColumn gives a column of a statement's relation its new name.
func (e *edit) writtenColumn(w *written, k int, row, column string) {
	to := e.named(w.table, column)
	if to != column && w.doubt[row] {
		e.err = fmt.Errorf("%s is what RETURNING calls a row of %s, and the name of a table in this text", quoteIdent(row), w.table.ID.Label())
	}
	e.rename(k+2, column, to)
}
