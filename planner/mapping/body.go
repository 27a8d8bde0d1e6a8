package mapping

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"sluice/planner/catalog"
	"sluice/planner/lexer"
)

// Mention is an old name in a function's body that is a string, which the server
// keeps as it is.
type Mention struct {
	Function *catalog.Object // of the first catalog
	Line     int             // in the body, from 1
	Old, New string
	// Written says that the body has the new name now. It has not where the name
	// could mean something else, or what is around it would have to change as well.
	Written bool
}

// bodyEdit is a body on its way.
type bodyEdit struct {
	*edit
	lines    []int // of each word
	mentions []Mention
}

// stringBody gives the names in a body that is a string new ones, where there is
// no doubt: a table or function with its schema, whose columns stay as they are.
// Everything else that looks like an old name is mentioned.
func (m *renaming) stringBody(of *catalog.Object, language, body string) string {
	e := &bodyEdit{edit: &edit{rewriter: m.rewriter, tokens: lexer.Tokens(body), instead: map[int]string{}, added: map[int]string{}}}
	line := 1
	for i, t := range e.tokens {
		if t.Kind != lexer.Space && t.Kind != lexer.Comment {
			e.words, e.lines = append(e.words, i), append(e.lines, line)
		}
		line += strings.Count(t.Text, "\n")
	}
	known := language == "sql" || language == "plpgsql"
	for k := 0; k < len(e.words); {
		k = e.mention(k, known)
	}
	for _, mention := range e.mentions {
		mention.Function = of
		m.renamed.Mentions = append(m.renamed.Mentions, mention)
	}
	return e.out()
}

// mention looks at the word number k, and returns which one is next.
func (e *bodyEdit) mention(k int, known bool) int {
	if t := e.at(k); t.Kind == lexer.String {
		e.inString(k, t.Text)
		return k + 1
	}
	name, ok := e.at(k).Name()
	if !ok {
		return k + 1
	}
	second, qualified := e.at(k + 2).Name()
	if !qualified || !e.at(k+1).Is(".") || e.at(k-1).Is(".") {
		e.alone(k, name)
		return k + 1
	}
	old := catalog.Name{Schema: name, Local: second}
	to, taken := e.find(k, old)
	if !taken || to == old {
		e.alone(k+2, second)
		return k + 3
	}
	safe := known && !e.at(k+3).Is(".") && !e.renamedColumns(old) && (to.Local == old.Local || !e.stands(second))
	if safe {
		e.set(k, quoteIdent(to.Schema))
		e.set(k+2, quoteIdent(to.Local))
	}
	e.note(k, old.String(), to.String(), safe)
	return k + 3
}

func (e *bodyEdit) renamedColumns(table catalog.Name) bool {
	o := e.tables[table]
	if o == nil {
		return false
	}
	_, renamed := e.columnsOf(o)
	return renamed
}

// stands says that a name, in whatever case it is written, stands before a dot
// somewhere, and behind none.
func (e *bodyEdit) stands(name string) bool {
	for k := range e.words {
		if got, ok := e.at(k).Name(); ok && got == name && e.at(k+1).Is(".") && !e.at(k-1).Is(".") {
			return true
		}
	}
	return false
}

func (e *bodyEdit) note(k int, old, to string, written bool) {
	e.mentions = append(e.mentions, Mention{Line: e.lines[k], Old: old, New: to, Written: written})
}

// alone looks at a name without a schema: one that a table or a column had.
func (e *bodyEdit) alone(k int, name string) {
	if to, ok := e.oldNames()[name]; ok {
		e.note(k, quoteIdent(name), to, false)
	}
}

// inString looks for old names in a string, which may be a statement to run.
func (e *bodyEdit) inString(k int, text string) {
	var found []string
	for _, t := range lexer.Tokens(strings.Trim(text, "'$")) {
		name, ok := t.Name()
		to, old := e.oldNames()[name]
		if ok && old && !slices.Contains(found, name) {
			found = append(found, name)
			e.note(k, fmt.Sprintf("%s, in a string", quoteIdent(name)), to, false)
		}
	}
}

// oldNames are the names without schema that tables, columns and attributes no
// longer have, with what they are called now.
func (w *rewriter) oldNames() map[string]string {
	if w.old != nil {
		return w.old
	}
	w.old = map[string]string{}
	byName := func(a, b catalog.Name) int { return strings.Compare(a.SQL(), b.SQL()) }
	for _, name := range slices.SortedFunc(maps.Keys(w.tables), byName) {
		o := w.tables[name]
		if to := w.names[name]; to.Local != name.Local {
			w.old[name.Local] = quoteIdent(to.Local)
		}
		columns, _ := (&edit{rewriter: w}).columnsOf(o)
		for _, c := range columns {
			if to := w.column(o, c); to != c {
				w.old[c] = quoteIdent(to)
			}
		}
	}
	for _, name := range slices.SortedFunc(maps.Keys(w.types), byName) {
		if composite, ok := w.types[name].Spec.(*catalog.Composite); ok {
			for _, a := range composite.Attributes {
				if to := w.attribute(w.types[name], a.Name); to != a.Name {
					w.old[a.Name] = quoteIdent(to)
				}
			}
		}
	}
	return w.old
}
