package mapping

import (
	"slices"

	"sluice/planner/catalog"
)

// named is the new name of a column that the text names.
func (e *edit) named(of *catalog.Object, column string) string {
	if e.left(of, column) {
		e.err = &LeftOut{of.ID, column}
	}
	return e.column(of, column)
}

// qualifies says that a name stands before a dot somewhere, and behind none.
func (e *edit) qualifies(name string) bool {
	for k := range e.words {
		if got, ok := e.name(k); ok && got == name && e.at(k+1).Is(".") && !e.at(k-1).Is(".") {
			return true
		}
	}
	return false
}

// isAlias says that a relation of the text is called by this name alone.
func (e *edit) isAlias(name string) bool {
	for k := range e.words {
		if got, ok := e.name(k); ok && got == name && !e.at(k+1).Is(".") && e.calls(k) {
			return true
		}
	}
	return false
}

// calls says that the name at k is what a relation is called by: the last part of
// its own, or behind it; behind a subquery; in INSERT INTO … AS; of WITH.
func (e *edit) calls(k int) bool {
	before, after := e.at(k-1), e.at(k+1)
	_, adjacent := e.name(k - 1)
	switch {
	case before.Is("."):
		return e.tables[catalog.Name{Schema: e.must(k - 2), Local: e.must(k)}] != nil
	case before.Is("AS"):
		return e.at(k - 5).Is("INTO")
	case before.Is("WITH"), before.Is("RECURSIVE"):
		return true
	case before.Is(","):
		return after.Is("AS") || after.Is("(")
	}
	return adjacent || before.Is(")")
}

// isCalled says that a relation of the text, or the one that it is about, is
// called by this name alone.
func (e *edit) isCalled(name string) bool {
	return e.of != nil && e.of.ID.Name == name || e.isAlias(name)
}

// changes says that a relation, or one of its columns, gets another name.
func (e *edit) changes(name catalog.Name) bool {
	_, renamed := e.columnsOf(e.tables[name])
	return renamed || e.names[name] != name
}

// couldBeColumn says that the relation schema.name at k may as well be a column,
// qualified by what a relation of the text is called.
func (e *edit) couldBeColumn(k int) bool {
	before, first := e.at(k-1), e.must(k)
	switch {
	case e.isObject(k), !e.isCalled(first), before.Is("JOIN"), before.Is("ONLY"), before.Is("INTO"), before.Is("UPDATE"):
		return false
	}
	return e.isColumn(first, e.must(k+2))
}

// isColumn says that a relation of this name may have this column, as far as the
// text tells.
func (e *edit) isColumn(relation, column string) bool {
	for k := range e.words {
		if _, behind := e.name(k - 1); e.must(k) == relation && !behind && !e.at(k-1).Is(".") && !e.at(k+1).Is(".") && e.calls(k) {
			return true // a subquery's or WITH's, and which columns these have is not known
		}
		if o := e.tables[catalog.Name{Schema: e.must(k), Local: e.must(k + 2)}]; o != nil && e.at(k+1).Is(".") && e.has(o, column) {
			return true
		}
	}
	return e.of != nil && e.hasColumn(column)
}

// standsAlone says that the name at k is a column of the one relation that the
// text is about.
func (e *edit) standsAlone(k int) bool {
	if e.of == nil || !e.hasColumn(e.must(k)) || e.queries && e.inSubquery(k) {
		return false
	}
	before, after := e.at(k-1), e.at(k+1)
	if _, adjacent := e.name(k - 1); adjacent { // character varying, time zone, an operator class
		return false
	}
	switch {
	case before.Is("."), before.Is("::"), before.Is("COLLATE"), before.Is("AS"), before.Is("NAME"), before.Is("INDEX"),
		before.Is("TRIGGER"), before.Is("STATISTICS"), before.Is("CONSTRAINT"), before.Is("USING"):
		return false
	case after.Is("("), after.Is("."), after.Is("=>"):
		return false
	case after.Is("FROM") && before.Is("(") && e.at(k-2).Is("EXTRACT"):
		return false
	}
	return true
}

// inSubquery says that the word number k is within a subquery, where every column
// of the relation that the text is about has the relation's name before it.
func (e *edit) inSubquery(k int) bool {
	depth := 0
	for k--; k >= 0; k-- {
		switch t := e.at(k); {
		case t.Is(")"):
			depth++
		case t.Is("(") && depth > 0:
			depth--
		case t.Is("(") && (e.at(k+1).Is("SELECT") || e.at(k+1).Is("WITH") || e.at(k+1).Is("VALUES")):
			return true
		}
	}
	return false
}

func (e *edit) hasColumn(name string) bool { return e.has(e.of, name) }

func (e *edit) has(o *catalog.Object, column string) bool {
	columns, _ := e.columnsOf(o)
	return slices.Contains(columns, column) || e.left(o, column)
}
