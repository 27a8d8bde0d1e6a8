package query

import (
	"regexp"
	"strings"

	"sluice/planner/lexer"
)

// token of a query as the server prints it.
type token struct {
	text   string // of a quoted identifier what is within the quotes
	quoted bool   // a quoted identifier, not one that needs no quotes
}

// plain identifiers need no quotes, whatever a major's list of keywords says.
var plain = regexp.MustCompile(`^[a-z_][a-z0-9_]*$`)

// typeWords mean something else in quotes: "char" is no char, "true" is a column.
var typeWords = map[string]bool{
	"bigint": true, "bit": true, "boolean": true, "char": true, "character": true, "dec": true, "decimal": true, "double": true,
	"false": true, "float": true, "int": true, "integer": true, "interval": true, "national": true, "nchar": true, "null": true,
	"numeric": true, "real": true, "smallint": true, "time": true, "timestamp": true, "true": true, "varchar": true,
}

// tokens are nil for a text that holds what the server does not print.
func tokens(text string) []token {
	var list []token
	for _, t := range lexer.Tokens(text) {
		name, _ := t.Name()
		switch {
		case t.Kind == lexer.Space:
		case t.Kind == lexer.Unknown, t.Kind == lexer.Comment, t.Kind == lexer.Identifier && name == "":
			return nil
		case t.Kind == lexer.Identifier:
			list = append(list, token{name, !plain.MatchString(name) || typeWords[name]})
		default:
			list = append(list, token{text: t.Text})
		}
	}
	return list
}

// is says that the token is this keyword or symbol.
func (t token) is(text string) bool { return !t.quoted && t.text == text }

// name says that the token is an identifier: keywords are printed in capitals.
func (t token) name() bool {
	return t.quoted || t.text != "" && (t.text[0] == '_' || 'a' <= t.text[0] && t.text[0] <= 'z' || t.text[0] >= 0x80)
}

// operator says that the token is an operator, or a cast.
func (t token) operator() bool {
	return !t.quoted && strings.ContainsAny(t.text[:1], "-+*/<>=~!@#%^&|`?:")
}

// begins says that a query begins with this token.
func (t token) begins() bool { return t.is("SELECT") || t.is("WITH") || t.is("VALUES") }

// unwrap leaves out parentheses around nothing but parentheses, where they say
// nothing: around one expression, not around a row or a query.
func unwrap(tokens []token) []token {
	closing := make([]int, len(tokens)) // of each opening one
	var open []int
	for i, t := range tokens {
		switch {
		case t.is("("):
			open = append(open, i)
		case t.is(")") && len(open) > 0:
			closing[open[len(open)-1]] = i
			open = open[:len(open)-1]
		}
	}
	spare := make([]bool, len(tokens))
	for i := 0; i+1 < len(tokens); i++ {
		if end := closing[i+1]; tokens[i].is("(") && tokens[i+1].is("(") && end > 0 && closing[i] == end+1 && expression(tokens[i+2:end]) {
			spare[i+1], spare[end] = true, true
		}
	}
	var kept []token
	for i, t := range tokens {
		if !spare[i] {
			kept = append(kept, t)
		}
	}
	return kept
}

// expression says that these tokens are one expression: no list, no query, and
// no row that stands for its columns.
func expression(tokens []token) bool {
	if len(tokens) == 0 || tokens[0].begins() {
		return false
	}
	depth := 0
	for i, t := range tokens {
		switch {
		case t.is("("), t.is("["):
			depth++
		case t.is(")"), t.is("]"):
			depth--
		case depth == 0 && (t.is(",") || t.is("*") && i > 0 && tokens[i-1].is(".")):
			return false
		}
	}
	return true
}
