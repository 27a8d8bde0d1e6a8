package mapping

import (
	"fmt"
	"slices"
	"strings"

	"sluice/planner/catalog"
	"sluice/planner/lexer"
)

// rewriter gives the names in a text new ones. The texts are those that the
// server prints under an empty search_path: every name but a system one has its
// schema, keywords are in capitals, and a column has no qualifier only where
// there is one relation that it can be of.
//
//	schema.name               the object's new name
//	FROM schema.table         … and the table's old name as its alias, and the old
//	                          names of its columns where one of them has another:
//	                          so the rest of the query stays as it is
//	column                    where a text is about one relation: its new name
//	INSERT INTO schema.table  … with each of its columns, since it takes no aliases
//	(row).field               the new name that it has in the row's type
//	new.column, old.column    of a rule or trigger
//	'schema.name'::regclass   as schema.name
type rewriter struct {
	names     map[catalog.Name]catalog.Name // of the relations, types and indexes that are taken
	others    map[catalog.Name]catalog.Name // of functions, and what else may be called like a table
	tables    map[catalog.Name]*catalog.Object
	schema    func(string) string
	column    func(of *catalog.Object, column string) string
	left      func(of *catalog.Object, column string) bool // the column is left out
	there     func(catalog.Name) []string                  // Naming.There
	schemas   map[string]bool                              // that there are
	types     map[catalog.Name]*catalog.Object             // that have attributes, and domains
	returned  map[catalog.Name]string                      // the type of what a function returns; empty: more than one
	attribute func(of *catalog.Object, attribute string) string
	cased     func(string) string // of what no rule is for
	old       map[string]string   // oldNames, once they are known
	fields    map[string][]string // fieldsCalled, once they are known
	inPublic  bool                // an extension is in public, and stays there
}

// subject is what a text is about.
type subject struct {
	of       *catalog.Object   // the relation whose columns stand alone; nil: none do
	rows     *catalog.Object   // the relation of new and old; nil: there is none
	value    string            // the type of VALUE, of a domain's check; empty: there is none
	queries  bool              // relations are read from, and columns are those of their aliases
	objects  bool              // all there is are names of types, functions and the like
	called   string            // the new name of what a statement creates, where it has no schema; of a function
	function string            // whose body it is, by its old name
	params   map[string]string // types of its parameters, by name or $1
}

// text is a text with its new names. An error says why that cannot be told.
func (w *rewriter) text(text string, about subject) (string, error) {
	if text == "" {
		return "", nil
	}
	e := &edit{rewriter: w, subject: about, tokens: lexer.Tokens(text), instead: map[int]string{}, added: map[int]string{}, settled: map[int]bool{}, values: map[int]string{}}
	e.findWords()
	for k := 0; k < len(e.words); {
		k = e.step(k)
	}
	e.checkRead()
	return e.out(), e.err
}

// edit is one text on its way.
type edit struct {
	*rewriter
	subject
	tokens  []lexer.Token
	words   []int             // the tokens that are neither space nor comment
	instead map[int]string    // in a token's place
	added   map[int]string    // behind a token
	read    []*catalog.Object // relations that queries read
	writes  []*written        // statements, one within another behind it
	settled map[int]bool      // words that have their names
	values  map[int]string    // words whose fields may follow, with their type where it is known
	err     error
}

func (e *edit) findWords() {
	for i, t := range e.tokens {
		if t.Kind != lexer.Space && t.Kind != lexer.Comment {
			e.words = append(e.words, i)
		}
	}
}

func (e *edit) out() string {
	var text strings.Builder
	for i, t := range e.tokens {
		if to, ok := e.instead[i]; ok {
			t.Text = to
		}
		text.WriteString(t.Text + e.added[i])
	}
	return text.String()
}

// at is the word number k; the zero Token, before the first and after the last.
func (e *edit) at(k int) lexer.Token {
	if k < 0 || k >= len(e.words) {
		return lexer.Token{}
	}
	return e.tokens[e.words[k]]
}

// set puts a text in place of the word number k. What stood in quotes without
// need is written by introspection, which quotes every name.
func (e *edit) set(k int, text string) {
	name, ok := e.at(k).Name()
	if ok && e.at(k).Kind == lexer.Identifier && quoteIdent(name) == name && quoteIdent(text) == text {
		text = `"` + text + `"`
	}
	e.instead[e.words[k]] = text
}

func (e *edit) name(k int) (string, bool) {
	t := e.at(k)
	if t.Kind == lexer.Word && t.Text != strings.ToLower(t.Text) { // a keyword
		return "", false
	}
	return t.Name()
}

// step looks at the word number k, and returns which one is next.
func (e *edit) step(k int) int {
	if e.settled[k] {
		return k + 1
	}
	if e.at(k).Kind == lexer.String {
		e.literal(k)
		return k + 1
	}
	name, ok := e.name(k)
	switch {
	case !ok:
	case e.called != "" && e.function == "" && e.isCreated(k):
		e.set(k, quoteIdent(e.called))
	case e.isField(k):
		e.field(k, name)
	case e.at(k + 1).Is("."):
		return e.qualified(k, name)
	case e.standsAlone(k):
		e.set(k, quoteIdent(e.named(e.of, name)))
	case name == "search_path" && e.at(k-1).Is("SET"):
		e.searchPath(k + 2)
	}
	return k + 1
}

// isCreated says that a statement creates what has the name at k: CREATE UNIQUE
// INDEX name, CREATE CONSTRAINT TRIGGER name, CREATE RULE name.
func (e *edit) isCreated(k int) bool {
	kind := e.at(k - 1)
	return k <= 3 && (kind.Is("INDEX") || kind.Is("TRIGGER") || kind.Is("RULE"))
}

// searchPath gives the schemas of a list of strings their new names. What
// extensions have in public is still found there.
func (e *edit) searchPath(k int) {
	for ; e.at(k).Kind == lexer.String; k += 2 {
		text := e.at(k).Text
		if name := strings.ReplaceAll(strings.Trim(text, "'"), "''", "'"); e.schemas[name] {
			to := catalog.Literal(e.schema(name))
			if name == "public" && e.inPublic && e.schema(name) != name {
				to += ", 'public'"
			}
			e.set(k, to)
		}
		if !e.at(k + 1).Is(",") {
			return
		}
	}
}

// qualified looks at schema.name, alias.column or new.column, and returns which
// word is next.
func (e *edit) qualified(k int, first string) int {
	second, ok := e.name(k + 2)
	if operator := e.at(k + 2); operator.Kind == lexer.Operator {
		second, ok = operator.Text, true
	}
	if !ok {
		return k + 2
	}
	name := catalog.Name{Schema: first, Local: second}
	to, known := e.find(k, name)
	if e.rows != nil && (first == "new" || first == "old") {
		if second != "*" {
			e.set(k+2, quoteIdent(e.named(e.rows, second)))
		}
		return k + 3
	}
	if e.queries && !e.isObject(k) && e.isCalled(first) && (!known || !e.isRead(k)) {
		known = false // a column
	} else if e.queries && known && e.couldBeColumn(k) && e.changes(name) {
		e.err = fmt.Errorf("%s is a schema, and the name of a table in this text", quoteIdent(first))
		return k + 3
	}
	if w := e.writing(k, first, second); w != nil && !known && !e.isObject(k) {
		e.writtenColumn(w, k, first, second)
		return k + 3
	}
	switch {
	case known:
	case e.of != nil && e.of.ID.Name == first: // its own columns, beside those of a subquery; or its row
		to = catalog.Name{Schema: e.names[e.of.ID.Qualified()].Local, Local: second}
		if second != "*" {
			to.Local = e.named(e.of, second)
		}
		if to.Schema != first && e.queries && e.qualifies(to.Schema) {
			e.err = fmt.Errorf("%s becomes %s, and something else in this text is called that", quoteIdent(first), quoteIdent(to.Schema))
			return k + 3
		}
	case first == e.function && !(e.isAlias(first) && e.isColumn(first, second)): // a parameter of the function whose body this is
		to = catalog.Name{Schema: e.called, Local: second}
	case e.schemas[first] && first != "public" && (e.isObject(k) || !e.isAlias(first)): // an extension's, or an array type
		to = catalog.Name{Schema: e.schema(first), Local: second}
	default:
		return k + 3
	}
	if table := e.tables[name]; known && table != nil && e.isRead(k) {
		e.readFrom(k, table, to)
	}
	if to.Schema != first {
		e.set(k, quoteIdent(to.Schema))
	}
	if to.Local != second {
		e.set(k+2, quoteIdent(to.Local))
	}
	return k + 3
}

// find is the new name of what schema.name at k is. A function may be called like
// a table.
func (e *edit) find(k int, name catalog.Name) (to catalog.Name, known bool) {
	before := e.at(k - 1)
	referenced := k == 0 && e.of != nil // a foreign key's, behind REFERENCES
	function := e.at(k+3).Is("(") && !before.Is("INTO") && !referenced || before.Is("COLLATE")
	to, known = e.others[name]
	if known && function {
		return to, true
	}
	if relation, ok := e.names[name]; ok {
		return relation, true
	}
	return to, known
}

// isObject says that schema.name at k can be no column: there is no query that
// columns are qualified in, it is called, or it comes where a type, a collation, an
// operator or the table of a rule does.
func (e *edit) isObject(k int) bool {
	return e.objects || !e.queries || e.at(k+3).Is("(") || e.at(k-1).Is("::") || e.at(k-1).Is("COLLATE") || e.at(k-1).Is("TO") || e.at(k-2).Is("OPERATOR")
}

func (e *edit) must(k int) string {
	name, _ := e.name(k)
	return name
}

// after adds text behind the word number k.
func (e *edit) after(k int, text string) { e.added[e.words[k]] += text }

// registered are the types whose constants name objects.
var registered = []string{"regclass", "regtype", "regproc", "regprocedure", "regoper", "regoperator", "regcollation", "regconfig", "regdictionary"}

// literal gives a constant that names an object the object's new name.
func (e *edit) literal(k int) {
	kind, ok := e.name(k + 2)
	if !e.at(k+1).Is("::") || !ok || !slices.Contains(registered, kind) {
		return
	}
	text := e.at(k).Text
	if strings.HasPrefix(text, "E") || len(text) < 2 {
		return
	}
	inner, err := e.text(strings.ReplaceAll(text[1:len(text)-1], "''", "'"), subject{})
	if err != nil {
		e.err = err
		return
	}
	e.set(k, "'"+strings.ReplaceAll(inner, "'", "''")+"'")
}

// cutWord cuts a text behind the first such word that is in no quotes.
func cutWord(text, word string) (before, after string, found bool) {
	at := 0
	for _, t := range lexer.Tokens(text) {
		at += len(t.Text)
		if t.Is(word) {
			return text[:at], text[at:], true
		}
	}
	return text, "", false
}
