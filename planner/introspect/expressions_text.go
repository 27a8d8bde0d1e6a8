package introspect

import (
	"slices"
	"strings"
	"unicode/utf8"

	"sluice/planner/catalog"
	"sluice/planner/lexer"
)

// sendable says that the server can be asked about a text at all.
func sendable(text string) bool {
	return utf8.ValidString(text) && !strings.Contains(text, "\x00")
}

// refuseText says why a text cannot be one expression over one row; nil: the
// server is to judge. What it lets pass stays within the parentheses that are put
// around it.
func refuseText(sql string) *catalog.Refusal {
	if refused := refuseBytes(sql); refused != nil {
		return refused
	}
	depth, brackets := 0, 0
	return eachToken(sql, func(t lexer.Token, before, after lexer.Token) string {
		switch {
		case t.Is("("):
			depth++
		case t.Is(")"):
			depth--
		case t.Is("["):
			brackets++
		case t.Is("]"):
			brackets--
		case t.Is(",") && depth == 0 && brackets == 0:
			return "this is more than one expression"
		}
		return first(refuseToken(t), refuseDepth(t, depth), refuseRows(t, before, after), refuseContinued(t, before))
	}, func() string { return refuseEnd(depth) })
}

// refuseTypeText says why a text cannot be the name of a type.
func refuseTypeText(sql string) *catalog.Refusal {
	if refused := refuseBytes(sql); refused != nil {
		return refused
	}
	depth := 0
	return eachToken(sql, func(t lexer.Token, before, _ lexer.Token) string {
		switch word, _ := t.Name(); {
		case t.Is("("):
			depth++
		case t.Is(")"):
			depth--
		case t.Kind == lexer.Comment:
			return "a type has no comment"
		case t.Kind == lexer.Word && word == "setof":
			return "a column holds one value, not a set"
		}
		return first(refuseToken(t), refuseDepth(t, depth), refuseContinued(t, before))
	}, func() string { return refuseEnd(depth) })
}

func refuseBytes(sql string) *catalog.Refusal {
	if sendable(sql) {
		return nil
	}
	return &catalog.Refusal{Message: "this is no text: it has a zero byte in it, or is not UTF-8"}
}

// refuseToken says why a token can be in no such text.
func refuseToken(t lexer.Token) string {
	name, _ := t.Name()
	switch {
	case t.Kind == lexer.Parameter:
		return "there are no parameters"
	case t.Is(";"):
		return "this is more than one expression"
	case t.Kind == lexer.Identifier && t.Text[0] != '"':
		return "a name is written with its own characters, without U&"
	case name == catalog.RowAlias:
		return "columns go by their names alone; the row as a whole has none"
	case t.Kind == lexer.Unknown && strings.HasPrefix(t.Text, "/*"):
		return "this comment does not end"
	case t.Kind == lexer.Unknown && (len(t.Text) > 1 || t.Text == `"` || t.Text == "'"):
		return "this quote is not closed"
	}
	return ""
}

func refuseDepth(t lexer.Token, depth int) string {
	if depth < 0 {
		return "this parenthesis closes none"
	}
	return ""
}

func refuseEnd(depth int) string {
	if depth > 0 {
		return "a parenthesis is not closed"
	}
	return ""
}

// refuseRows says that a subquery begins with a token, which it does only where a
// parenthesis has just been opened: ours, or one of the text.
func refuseRows(t, before, after lexer.Token) string {
	word, _ := t.Name()
	if t.Kind != lexer.Word || before.Text != "" && !before.Is("(") {
		return ""
	}
	if slices.Contains([]string{"select", "table", "with"}, word) || word == "values" && after.Is("(") {
		return "a subquery reads other rows"
	}
	return ""
}

// refuseContinued says that a string goes on in another: of E'…' the rest has
// escapes, too, of which the lexer does not know.
// https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-SYNTAX-CONSTANTS
func refuseContinued(t, before lexer.Token) string {
	if t.Kind == lexer.String && before.Kind == lexer.String {
		return "a string is written in one piece; || joins two"
	}
	return ""
}

// first is the first that is not empty.
func first(messages ...string) string {
	for _, m := range messages {
		if m != "" {
			return m
		}
	}
	return ""
}

// eachToken asks about each token of a text, also about the significant ones next
// to it, what is wrong with it, and at the end what is wrong with the whole. ""
// is nothing.
func eachToken(sql string, wrong func(t, before, after lexer.Token) string, atEnd func() string) *catalog.Refusal {
	tokens := lexer.Tokens(sql)
	position := 1
	var before lexer.Token
	for i, t := range tokens {
		if message := wrong(t, before, significant(tokens[i+1:])); message != "" {
			return &catalog.Refusal{Message: message, Position: position}
		}
		position += utf8.RuneCountInString(t.Text)
		if isSignificant(t) {
			before = t
		}
	}
	if message := atEnd(); message != "" {
		return &catalog.Refusal{Message: message, Position: position}
	}
	return nil
}

func isSignificant(t lexer.Token) bool { return t.Kind != lexer.Space && t.Kind != lexer.Comment }

// significant is the first token that is neither space nor comment; zero: none.
func significant(tokens []lexer.Token) lexer.Token {
	for _, t := range tokens {
		if isSignificant(t) {
			return t
		}
	}
	return lexer.Token{}
}

// only is the text's one significant token; ok is false where there are others.
func only(sql string) (token lexer.Token, ok bool) {
	for _, t := range lexer.Tokens(sql) {
		if !isSignificant(t) {
			continue
		}
		if ok {
			return lexer.Token{}, false
		}
		token, ok = t, true
	}
	return token, ok
}

// isNull says that an expression is literally NULL, which is of any type.
func isNull(sql string) bool {
	t, _ := only(sql)
	word, _ := t.Name()
	return t.Kind == lexer.Word && word == "null"
}

// isString says that an expression is a literal which the server reads as
// whatever is wanted: not bits, and not N'…', which is a character already.
func isString(sql string) bool {
	t, ok := only(sql)
	return ok && t.Kind == lexer.String && !strings.ContainsRune("bBxXnN", rune(t.Text[0]))
}

// longName is how long a name can be, in bytes: the server cuts off the rest.
const longName = 63

// mentions says that a column may be meant by a word of the text. It may say so of
// too many: what is in quotes is taken as what is not, and of other letters than
// ASCII's a server with one byte a character folds the case, too.
func mentions(sql, column string) bool {
	return slices.ContainsFunc(lexer.Tokens(sql), func(t lexer.Token) bool { return means(t, column) })
}

func means(t lexer.Token, column string) bool {
	name, ok := t.Name()
	return ok && (strings.EqualFold(name, column) ||
		len(name) > longName && strings.HasPrefix(strings.ToLower(name), strings.ToLower(column)))
}

// isASCII says that every server folds the case of a name in one way.
func isASCII(name string) bool {
	return !strings.ContainsFunc(name, func(r rune) bool { return r >= utf8.RuneSelf })
}

// mayRead says that one of the words which may mean a column stands where a column
// can: not before a parenthesis or a string, as functions and types do, nor behind
// :: or a dot. A keyword of the column's name is still taken for it.
func mayRead(sql, column string) bool {
	tokens := slices.DeleteFunc(lexer.Tokens(sql), func(t lexer.Token) bool { return !isSignificant(t) })
	for i, t := range tokens {
		if name, _ := t.Name(); isASCII(column) && name != column && len(name) <= longName || !means(t, column) {
			continue
		}
		after := significant(tokens[i+1:])
		call := after.Is("(") || after.Kind == lexer.String
		kind := i > 0 && (tokens[i-1].Is(".") || tokens[i-1].Is("::"))
		if !call && !kind {
			return true
		}
	}
	return false
}
