package config

import (
	"bytes"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// deepest is how deeply expressions may be nested. HCL's parser recurses
// without a bound, at about 12 KiB of stack a level, and a stack that is full
// cannot be recovered from.
const deepest = 2000

// tooDeep finds the place where the parser would recurse more deeply than we
// let it.
func tooDeep(name string, text []byte, isJSON bool) (hcl.Range, bool) {
	if isJSON {
		return tooDeepJSON(name, text)
	}
	tokens, _ := hclsyntax.LexConfig(text, name, hcl.InitialPos)
	return tooDeepTokens(tokens)
}

// tooDeepTokens bounds the recursion from above: a level for each bracket,
// and for each operator, call or index that is chained within one.
func tooDeepTokens(tokens hclsyntax.Tokens) (hcl.Range, bool) {
	levels := []int{0} // of each open bracket, what is chained in it
	kinds := []hclsyntax.TokenType{hclsyntax.TokenOBrace}
	depth := 0
	for _, t := range tokens {
		top := len(levels) - 1
		switch t.Type {
		case hclsyntax.TokenOBrace, hclsyntax.TokenOBrack, hclsyntax.TokenOParen, hclsyntax.TokenOQuote,
			hclsyntax.TokenOHeredoc, hclsyntax.TokenTemplateInterp, hclsyntax.TokenTemplateControl:
			levels, kinds = append(levels, 0), append(kinds, t.Type)
			depth++
		case hclsyntax.TokenCBrace, hclsyntax.TokenCBrack, hclsyntax.TokenCParen, hclsyntax.TokenCQuote,
			hclsyntax.TokenCHeredoc, hclsyntax.TokenTemplateSeqEnd:
			if top > 0 { // the bracket's level stays, as a part of a chain
				depth -= levels[top]
				levels, kinds = levels[:top], kinds[:top]
				levels[top-1]++
			}
		case hclsyntax.TokenComma:
			depth -= levels[top]
			levels[top] = 0
		case hclsyntax.TokenNewline:
			if kinds[top] == hclsyntax.TokenOBrace {
				depth -= levels[top]
				levels[top] = 0
			}
		case hclsyntax.TokenIdent, hclsyntax.TokenNumberLit, hclsyntax.TokenQuotedLit, hclsyntax.TokenStringLit, hclsyntax.TokenComment:
		default:
			levels[top]++
			depth++
		}
		if depth > deepest {
			return t.Range, true
		}
	}
	return hcl.Range{}, false
}

// tooDeepJSON counts the brackets, and in each text with a template whatever
// could nest in it.
func tooDeepJSON(name string, text []byte) (hcl.Range, bool) {
	depth, begin, inText := 0, 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case inText && c == '\\':
			i++
		case c == '"':
			inText = !inText
			if !inText && nests(text[begin:i]) > deepest {
				return at(name, text, begin), true
			}
			begin = i
		case inText:
		case c == '[' || c == '{':
			depth++
		case c == ']' || c == '}':
			depth--
		}
		if depth > deepest {
			return at(name, text, i), true
		}
	}
	return hcl.Range{}, false
}

func nests(template []byte) int {
	if !bytes.Contains(template, []byte("{")) && !bytes.Contains(template, []byte(`\u`)) {
		return 0
	}
	n := 0
	for _, c := range template {
		if bytes.IndexByte([]byte(`([{!-+*/%<>=?:&|.\`), c) >= 0 {
			n++
		}
	}
	return n
}

// at is the place of one byte.
func at(name string, text []byte, i int) hcl.Range {
	line := bytes.Count(text[:i], []byte("\n"))
	begin := bytes.LastIndexByte(text[:i], '\n') + 1
	start := hcl.Pos{Byte: i, Line: line + 1, Column: clusters(string(text[begin:i])) + 1}
	end := hcl.Pos{Byte: i + 1, Line: start.Line, Column: start.Column + 1}
	return hcl.Range{Filename: name, Start: start, End: end}
}
