package mapping

import (
	"fmt"
	"slices"
	"strings"

	"sluice/planner/catalog"
)

// LeftOut says that a text names a column that is left out.
type LeftOut struct {
	Table  catalog.ID
	Column string
}

func (e *LeftOut) Error() string {
	return fmt.Sprintf("it needs column %s of %s, which is left out", quoteIdent(e.Column), e.Table)
}

// checkRead looks for columns that are left out of the relations that queries
// read. Whose a column is cannot be told by tokens: in doubt it is theirs.
func (e *edit) checkRead() {
	for _, table := range e.read {
		for k := range e.words {
			name, ok := e.name(k)
			if ok && !e.at(k+1).Is("(") && !e.at(k+1).Is(".") && e.left(table, name) {
				e.err = &LeftOut{table.ID, name}
			}
		}
	}
}

// isRead says that the relation at k is one that a query reads from.
func (e *edit) isRead(k int) bool {
	before := e.at(k - 1)
	called := e.at(k+3).Is("(") && !before.Is("INTO")
	table := e.tables[catalog.Name{Schema: e.must(k), Local: e.must(k + 2)}]
	return e.queries && table != nil && !called && slices.ContainsFunc([]string{"FROM", "JOIN", "ONLY", ",", "(", "INTO", "UPDATE", "USING"}, before.Is)
}

// readFrom gives a relation that a query reads from the names that the rest of
// the query knows it by.
func (e *edit) readFrom(k int, table *catalog.Object, to catalog.Name) {
	e.read = append(e.read, table)
	columns, renamed := e.columnsOf(table)
	last := k + 2 // of the name and its alias
	_, has := e.name(k + 3)
	if e.at(k + 3).Is("AS") {
		_, has = e.name(k + 4)
		last = k + 4
	} else if has {
		last = k + 3
	}
	writes := e.isWritten(k) // then the columns can have no aliases
	switch {
	case has, to.Local == table.ID.Name && (writes || !renamed):
	case e.at(k - 2).Is("INSERT"):
		e.after(last, " AS "+quoteIdent(table.ID.Name))
	default:
		e.after(last, " "+quoteIdent(table.ID.Name))
	}
	if writes {
		called := table.ID.Name
		if has {
			called = e.must(last)
		}
		e.writeTo(k, table, called)
		return
	}
	switch {
	case !renamed:
	case e.at(last+1).Is("(") && has: // some of the columns have names already
		e.completeList(last+1, columns)
	default:
		quoted := make([]string, len(columns))
		for i, c := range columns {
			quoted[i] = quoteIdent(c)
		}
		e.after(last, "("+strings.Join(quoted, ", ")+")")
	}
}

// isWritten says that the relation at k is one that a statement writes to.
func (e *edit) isWritten(k int) bool {
	before := k - 1
	if e.at(before).Is("ONLY") {
		before--
	}
	return e.at(before).Is("INTO") || e.at(before).Is("UPDATE") || e.at(before-1).Is("DELETE")
}

// completeList adds to a list of column aliases, which opens at the word number
// k, those that it leaves out at its end.
func (e *edit) completeList(k int, columns []string) {
	listed := 1
	for k++; k < len(e.words) && !e.at(k).Is(")"); k++ {
		if e.at(k).Is(",") {
			listed++
		}
	}
	for _, c := range columns[min(listed, len(columns)):] {
		e.after(k-1, ", "+quoteIdent(c))
	}
}

// columnsOf are the old names of a relation's columns, and whether one of them
// has another on the target.
func (e *edit) columnsOf(o *catalog.Object) (columns []string, renamed bool) {
	add := func(name string) {
		if e.left(o, name) {
			return
		}
		columns = append(columns, name)
		renamed = renamed || e.column(o, name) != name
	}
	switch spec := o.Spec.(type) {
	case *catalog.View:
		for _, c := range spec.Columns {
			add(c.Name)
		}
	case *catalog.MaterializedView:
		for _, c := range spec.Columns {
			add(c.Name)
		}
	default:
		for _, c := range o.Table().Columns {
			add(c.Name)
		}
	}
	return columns, renamed
}
