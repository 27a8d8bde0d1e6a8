// Package lexer cuts SQL into tokens, as PostgreSQL does: what the server prints
// of its catalogs, and what people wrote into the bodies of functions.
//
// It knows the lexical structure and nothing more: no grammar, no keywords. The
// tokens of a text, one after the other, are the text.
//
// https://www.postgresql.org/docs/current/sql-syntax-lexical.html
package lexer

import (
	"strings"
	"unicode/utf8"
)

// Kind is what a token is.
type Kind int

// The kinds.
const (
	Space      Kind = iota // white space
	Comment                // -- to the end of the line, or /* … */, which nests
	Word                   // a keyword, or an identifier without quotes
	Identifier             // "…"; also U&"…", of which Name knows nothing
	String                 // '…', E'…', B'…', X'…', N'…', U&'…', $tag$…$tag$
	Number
	Parameter // $1
	Operator  // also :: and :=, => and ..
	Symbol    // one of ( ) [ ] , ; . :
	Unknown   // a quote that is not closed, to the end of the text; a byte that begins nothing
)

// Token is a piece of a text.
type Token struct {
	Kind Kind
	Text string // as it stands there
}

// Is says that the token is this keyword or symbol, as it is written here.
func (t Token) Is(text string) bool { return t.Kind != Identifier && t.Text == text }

// Name is the identifier that the token is: of a Word in lower case, of an
// Identifier what is within the quotes. Keywords are words, too. ok is false for
// all else.
func (t Token) Name() (name string, ok bool) {
	switch {
	case t.Kind == Word:
		return lower(t.Text), true
	case t.Kind == Identifier && t.Text[0] == '"':
		return strings.ReplaceAll(t.Text[1:len(t.Text)-1], `""`, `"`), true
	}
	return "", false
}

// lower is what the server makes of an identifier without quotes: other letters
// than ASCII's it leaves alone in any encoding of more than one byte.
func lower(word string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, word)
}

// Tokens are the tokens of a text, white space and comments among them.
func Tokens(text string) []Token {
	var tokens []Token
	for text != "" {
		kind, length := next(text)
		tokens = append(tokens, Token{kind, text[:length]})
		text = text[length:]
	}
	return tokens
}

// next is the kind and the length of a text's first token.
func next(text string) (Kind, int) {
	c := text[0]
	switch {
	case isSpace(c):
		return Space, run(text, isSpace)
	case strings.HasPrefix(text, "--"):
		return Comment, until(text, "\r\n")
	case strings.HasPrefix(text, "/*"):
		return comment(text)
	case c == '\'':
		return closed(String, text, quoted(text, 0, false))
	case c == '"':
		return closed(Identifier, text, quoted(text, 0, false))
	case c == '$':
		return dollar(text)
	case isDigit(c), c == '.' && len(text) > 1 && isDigit(text[1]):
		return Number, number(text)
	case begins(c):
		return word(text)
	}
	return symbol(text)
}

func symbol(text string) (Kind, int) {
	for _, two := range []string{"::", ":=", ".."} {
		if strings.HasPrefix(text, two) {
			return Operator, len(two)
		}
	}
	if strings.IndexByte("()[],;.:", text[0]) >= 0 {
		return Symbol, 1
	}
	if length := operator(text); length > 0 {
		return Operator, length
	}
	_, size := utf8.DecodeRuneInString(text)
	return Unknown, size
}

// operator is the length of the operator that text begins with: up to where a
// comment begins within it.
func operator(text string) int {
	length := run(text, func(c byte) bool { return strings.IndexByte("+-*/<>=~!@#%^&|`?", c) >= 0 })
	for _, comment := range []string{"--", "/*"} {
		if i := strings.Index(text[:length], comment); i >= 0 {
			length = i
		}
	}
	return length
}

// word is a word, or a string or identifier with a letter before its quote.
func word(text string) (Kind, int) {
	if len(text) > 1 && text[1] == '\'' && strings.IndexByte("bBxXnN", text[0]) >= 0 {
		return closed(String, text, quoted(text, 1, false))
	}
	if len(text) > 1 && text[1] == '\'' && (text[0] == 'e' || text[0] == 'E') {
		return closed(String, text, quoted(text, 1, true))
	}
	if len(text) > 2 && (text[0] == 'u' || text[0] == 'U') && text[1] == '&' && (text[2] == '\'' || text[2] == '"') {
		kind := String
		if text[2] == '"' {
			kind = Identifier
		}
		return closed(kind, text, quoted(text, 2, false))
	}
	return Word, run(text, continues)
}

// quoted is the length of what is in the quotes that open at from, them and what
// is before them included; 0: they do not close.
func quoted(text string, from int, escapes bool) int {
	quote := text[from]
	for i := from + 1; i < len(text); i++ {
		switch {
		case escapes && text[i] == '\\':
			i++
		case text[i] != quote:
		case i+1 < len(text) && text[i+1] == quote:
			i++
		default:
			return i + 1
		}
	}
	return 0
}

// closed is Unknown, to the end, for what does not close.
func closed(kind Kind, text string, length int) (Kind, int) {
	if length == 0 {
		return Unknown, len(text)
	}
	return kind, length
}

// dollar is a parameter, or a string between two tags.
func dollar(text string) (Kind, int) {
	if digits := run(text[1:], isDigit); digits > 0 {
		return Parameter, 1 + digits
	}
	name := 0
	if len(text) > 1 && begins(text[1]) {
		name = run(text[1:], func(c byte) bool { return c != '$' && continues(c) })
	}
	if len(text) <= 1+name || text[1+name] != '$' {
		return Unknown, 1
	}
	tag := text[:name+2]
	end := strings.Index(text[len(tag):], tag)
	if end < 0 {
		return Unknown, len(text)
	}
	return String, len(tag) + end + len(tag)
}

func comment(text string) (Kind, int) {
	depth := 0
	for i := 0; i+1 < len(text); i++ {
		switch text[i : i+2] {
		case "/*":
			depth++
			i++
		case "*/":
			depth--
			i++
		}
		if depth == 0 {
			return Comment, i + 1
		}
	}
	return Unknown, len(text)
}

func number(text string) int {
	i := run(text, isDigit)
	if i < len(text) && text[i] == '.' && !strings.HasPrefix(text[i:], "..") {
		i++
		i += run(text[i:], isDigit)
	}
	if i < len(text) && (text[i] == 'e' || text[i] == 'E') {
		exponent := i + 1
		if exponent < len(text) && (text[exponent] == '+' || text[exponent] == '-') {
			exponent++
		}
		if digits := run(text[exponent:], isDigit); digits > 0 {
			i = exponent + digits
		}
	}
	return i
}

// until is how many bytes there are before the first of these.
func until(text, ends string) int {
	if i := strings.IndexAny(text, ends); i >= 0 {
		return i
	}
	return len(text)
}

// run is how many bytes text begins with that are of a kind.
func run(text string, is func(byte) bool) int {
	for i := range len(text) {
		if !is(text[i]) {
			return i
		}
	}
	return len(text)
}

func isSpace(c byte) bool   { return c == ' ' || '\t' <= c && c <= '\r' }
func isDigit(c byte) bool   { return '0' <= c && c <= '9' }
func begins(c byte) bool    { return c == '_' || 'a' <= c|0x20 && c|0x20 <= 'z' || c >= 0x80 }
func continues(c byte) bool { return begins(c) || isDigit(c) || c == '$' }
