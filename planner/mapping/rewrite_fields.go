package mapping

import (
	"fmt"
	"slices"
	"strings"

	"sluice/planner/catalog"
	"sluice/planner/lexer"
)

// isField says that the name at k is one of a row's fields: (row).field,
// array[1].field, and again of what that is; also where SET and INSERT name a
// field of a column.
func (e *edit) isField(k int) bool {
	if !e.at(k - 1).Is(".") {
		return false
	}
	_, value := e.values[k-2]
	return value || e.at(k-2).Is(")") || e.at(k-2).Is("]")
}

// field gives a field of a row its new name: that of its type, as far as the text
// tells which one it is, else the one that every type gives a field called so.
func (e *edit) field(k int, name string) {
	e.values[k] = ""
	named := e.fieldsCalled(name)
	if !slices.ContainsFunc(named, func(to string) bool { return to != name }) {
		return
	}
	kind := e.typeBefore(k - 1)
	switch to, _ := e.fieldOf(kind, name); {
	case kind != "":
		e.rename(k, name, to)
	case len(named) == 1:
		e.rename(k, name, named[0])
	default:
		e.err = fmt.Errorf("it takes %s out of a row, and that is %s in one type and %s in another", quoteIdent(name), quoteIdent(named[0]), quoteIdent(named[1]))
	}
}

// fieldsCalled are the new names, each once, that fields of this name get in
// whatever type has one.
func (w *rewriter) fieldsCalled(name string) []string {
	if w.fields != nil {
		return w.fields[name]
	}
	w.fields = map[string][]string{}
	add := func(name, to string) {
		if !slices.Contains(w.fields[name], to) {
			w.fields[name] = append(w.fields[name], to)
			slices.Sort(w.fields[name])
		}
	}
	for _, o := range w.types {
		if composite, ok := o.Spec.(*catalog.Composite); ok {
			for _, a := range composite.Attributes {
				add(a.Name, w.attribute(o, a.Name))
			}
		}
	}
	for _, o := range w.tables {
		for _, c := range columnNames(o) {
			add(c, w.column(o, c))
		}
	}
	return w.fields[name]
}

// fieldOf is the new name of a type's field, and the type of that. What is no
// type of ours keeps its names.
func (e *edit) fieldOf(kind, name string) (to, of string) {
	n := typeCalled(kind)
	if o := e.types[n]; o != nil {
		switch spec := o.Spec.(type) {
		case *catalog.Domain:
			return e.fieldOf(strings.TrimSuffix(spec.Type, "[]"), name) // of an element, too
		case *catalog.Composite:
			for _, a := range spec.Attributes {
				if a.Name == name {
					return e.attribute(o, name), a.Type
				}
			}
		}
	}
	if o := e.tables[n]; o != nil && e.has(o, name) {
		return e.named(o, name), columnType(o, name)
	}
	return name, ""
}

// typeCalled is the type of that name, which is none of the system's and no array.
func typeCalled(kind string) (name catalog.Name) {
	tokens := lexer.Tokens(kind)
	if len(tokens) != 3 || !tokens[1].Is(".") {
		return name
	}
	name.Schema, _ = tokens[0].Name()
	name.Local, _ = tokens[2].Name()
	return name
}

// columnType is the type of a relation's column; empty: it has none of this name.
func columnType(o *catalog.Object, name string) string {
	var columns []catalog.ViewColumn
	switch spec := o.Spec.(type) {
	case *catalog.View:
		columns = spec.Columns
	case *catalog.MaterializedView:
		columns = spec.Columns
	default:
		for _, c := range o.Table().Columns {
			if c.Name == name {
				return c.Type
			}
		}
	}
	for _, c := range columns {
		if c.Name == name {
			return c.Type
		}
	}
	return ""
}

// typeBefore is the type of the expression that ends before the dot at k. It is
// known of a column, a field, an element, a cast, and what a function returns;
// empty: of nothing else.
func (e *edit) typeBefore(k int) string {
	first := k - 1
	for {
		switch {
		case e.at(first).Is("]"):
			first = e.opening(first) - 1
			continue
		case e.at(first).Is(")"):
			first = e.opening(first)
		case e.at(first - 1).Is("."):
			first -= 2
			continue
		}
		return e.typeOf(first, k-1)
	}
}

// opening is where the parenthesis or bracket opens that closes at k.
func (e *edit) opening(k int) int {
	depth := 0
	for ; k > 0; k-- {
		if depth += e.nesting(k); depth == 0 {
			break
		}
	}
	return k
}

// closing is where the parenthesis or bracket closes that opens at k.
func (e *edit) closing(k int) int {
	depth := 0
	for ; k < len(e.words)-1; k++ {
		if depth += e.nesting(k); depth == 0 {
			break
		}
	}
	return k
}

// typeOf is the type of the expression from one word to another; empty: unknown.
func (e *edit) typeOf(first, last int) string {
	if cast := e.cast(first, last); cast > 0 {
		var kind strings.Builder
		for k := cast + 1; k <= last; k++ {
			kind.WriteString(e.at(k).Text)
		}
		return kind.String()
	}
	var kind string
	k := first + 1
	name, _ := e.name(first)
	switch second, _ := e.name(first + 2); {
	case e.at(first).Is("("):
		k = e.closing(first) + 1
		kind = e.typeOf(first+1, k-2)
	case e.values[first] != "":
		kind = e.values[first]
	case e.at(first).Is("VALUE"):
		kind = e.value
	case e.at(first).Kind == lexer.Parameter:
		kind = e.params[e.at(first).Text]
	case e.at(first+1).Is(".") && e.at(first+3).Is("("):
		k = e.closing(first+3) + 1
		kind = e.returned[catalog.Name{Schema: name, Local: second}]
	case e.at(first + 1).Is("."):
		k += 2
		kind = e.typeOfColumn(first, name, second)
	case e.of != nil && e.standsAlone(first):
		kind = columnType(e.of, name)
	}
	for k <= last && kind != "" {
		field, _ := e.name(k + 1)
		switch {
		case e.at(k).Is("["):
			kind, k = strings.TrimSuffix(kind, "[]"), e.closing(k)+1
		case e.at(k).Is("."):
			_, kind = e.fieldOf(kind, field)
			k += 2
		default:
			return "" // an operator
		}
	}
	return kind
}

// parameters are the types of a function's parameters, of its identity arguments:
// a schema.type, INOUT b schema.type[].
func parameters(args string) map[string]string {
	types := map[string]string{}
	e := &edit{tokens: lexer.Tokens(args + ",")}
	e.findWords()
	first, position := 0, 0
	for k := range e.words {
		if !e.at(k).Is(",") {
			continue
		}
		if e.at(first).Is("INOUT") || e.at(first).Is("IN") || e.at(first).Is("VARIADIC") {
			first++
		}
		name := ""
		if !e.at(first + 1).Is(".") {
			name, first = e.must(first), first+1
		}
		var kind strings.Builder
		for ; first < k; first++ {
			kind.WriteString(e.at(first).Text)
		}
		position++
		types[name], types[fmt.Sprintf("$%d", position)] = kind.String(), kind.String()
		first = k + 1
	}
	return types
}

// cast is where an expression is cast as a whole; 0: it is not.
func (e *edit) cast(first, last int) (at int) {
	depth := 0
	for k := first; k <= last; k++ {
		if depth == 0 && e.at(k).Is("::") {
			at = k
		}
		depth += e.nesting(k)
	}
	return at
}

// typeOfColumn is the type of row.column, or function.parameter, at k.
func (e *edit) typeOfColumn(k int, row, column string) string {
	if e.rows != nil && (row == "new" || row == "old") {
		return columnType(e.rows, column)
	}
	if w := e.writing(k, row, column); w != nil {
		return columnType(w.table, column)
	}
	if e.of != nil && e.of.ID.Name == row && !e.isAlias(row) {
		return columnType(e.of, column)
	}
	if row == e.function && !e.isAlias(row) {
		return e.params[column]
	}
	var kinds []string
	for at := range e.words {
		if _, ok := e.name(at); !ok || e.must(at) != row || e.at(at+1).Is(".") || !e.calls(at) {
			continue
		}
		table := e.tableBefore(at)
		if table == nil || !e.has(table, column) {
			return ""
		}
		kinds = append(kinds, columnType(table, column))
	}
	if kinds = slices.Compact(kinds); len(kinds) == 1 {
		return kinds[0]
	}
	return ""
}

// tableBefore is the relation that the name at k is the last part or the alias of.
func (e *edit) tableBefore(k int) *catalog.Object {
	for _, first := range []int{k - 2, k - 3, k - 4} {
		if first == k-4 && !e.at(k-1).Is("AS") || !e.at(first+1).Is(".") {
			continue
		}
		return e.tables[catalog.Name{Schema: e.must(first), Local: e.must(first + 2)}]
	}
	return nil
}
