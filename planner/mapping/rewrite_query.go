package mapping

import (
	"fmt"
	"maps"
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
	_, renamed := e.columnsOf(table)
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
	case e.at(last+1).Is("(") && has:
		e.aliasAgain(last+1, table)
	case renamed:
		e.after(last, "("+quoteAll(e.aliases(table, nil))+")")
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

// aliasAgain puts the names of a relation's columns in order that open at k: those
// that it leaves out at the end are the columns' own.
func (e *edit) aliasAgain(k int, table *catalog.Object) {
	var given []string
	last := k + 1
	for ; !e.at(last).Is(")") && last < len(e.words); last++ {
		if name, ok := e.name(last); ok {
			given = append(given, name)
		}
	}
	names := e.aliases(table, given)
	if len(names) < len(given) || !slices.Equal(names[:len(given)], given) {
		for token := e.words[k] + 1; token < e.words[last]; token++ {
			e.instead[token] = ""
		}
		for word := k + 1; word < last; word++ {
			e.settled[word] = true
		}
		e.after(k, quoteAll(names))
	} else if more := names[len(given):]; len(more) > 0 {
		e.after(last-1, ", "+quoteAll(more))
	}
}

// aliases are what a query calls the columns of a relation, those that it names
// first by these names and the others as they were: in the order of the target,
// where a table that is there already may have another, and more columns.
func (e *edit) aliases(table *catalog.Object, given []string) (names []string) {
	alias := map[string]string{} // by the new name
	var columns []string
	for i, c := range columnNames(table) {
		called := c
		if i < len(given) {
			called = given[i]
		}
		if e.left(table, c) {
			if i < len(given) && e.mentions(called) > 1 {
				e.err = &LeftOut{table.ID, c}
			}
			continue
		}
		columns = append(columns, e.column(table, c))
		alias[e.column(table, c)] = called
	}
	taken := slices.Collect(maps.Values(alias))
	for _, c := range e.inOrder(table, columns) {
		called, ours := alias[c]
		if !ours {
			for called = c; slices.Contains(taken, called); called += "_" {
			}
		}
		names = append(names, called)
	}
	return names
}

// inOrder are these columns of a table as the target has them, with others in
// between; what it has not yet comes behind all that it has.
func (e *edit) inOrder(table *catalog.Object, columns []string) []string {
	var there []string
	if e.there != nil {
		there = e.there(e.names[table.ID.Qualified()])
	}
	missing := slices.DeleteFunc(slices.Clone(columns), func(c string) bool { return slices.Contains(there, c) })
	if len(missing) > 0 {
		return slices.Concat(there, missing)
	}
	last := 0
	for i, c := range there {
		if slices.Contains(columns, c) {
			last = i + 1
		}
	}
	return there[:last]
}

// mentions counts how often the text has a name.
func (e *edit) mentions(name string) (n int) {
	for k := range e.words {
		if e.must(k) == name {
			n++
		}
	}
	return n
}

func quoteAll(names []string) string {
	quoted := make([]string, len(names))
	for i, name := range names {
		quoted[i] = quoteIdent(name)
	}
	return strings.Join(quoted, ", ")
}

// columnsOf are the old names of a relation's columns, and whether one of them
// has another on the target.
func (e *edit) columnsOf(o *catalog.Object) (columns []string, renamed bool) {
	for _, name := range columnNames(o) {
		if e.left(o, name) {
			continue
		}
		columns = append(columns, name)
		renamed = renamed || e.column(o, name) != name
	}
	return columns, renamed
}

func columnNames(o *catalog.Object) (names []string) {
	switch spec := o.Spec.(type) {
	case *catalog.View:
		for _, c := range spec.Columns {
			names = append(names, c.Name)
		}
	case *catalog.MaterializedView:
		for _, c := range spec.Columns {
			names = append(names, c.Name)
		}
	default:
		for _, c := range o.Table().Columns {
			names = append(names, c.Name)
		}
	}
	return names
}
