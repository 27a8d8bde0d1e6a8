package config

import (
	"strings"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// piece is a part of a line of a text that the file has as it stands.
type piece struct {
	from int // its first character's index in the text
	text []rune
	at   hcl.Range
}

// sql reads an argument that is a text for PostgreSQL.
func (l *loader) sql(b *block, name string) SQL {
	text := get[string](b, name)
	if text == "" {
		return SQL{}
	}
	arg := b.args[name]
	return SQL{Text: text, Range: rangeOf(arg.rng), pieces: l.pieces(arg.expr, text)}
}

// pieces finds where in the file the characters of a text are. There are none
// where a part of it is not literal.
func (l *loader) pieces(expr hcl.Expression, text string) (found []piece) {
	template, ok := expr.(*hclsyntax.TemplateExpr)
	if !ok {
		return nil
	}
	n := 0
	for _, part := range template.Parts {
		literal, ok := part.(*hclsyntax.LiteralValueExpr)
		if !ok || literal.Val.Type() != cty.String {
			return nil
		}
		value := literal.Val.AsString()
		found = append(found, lines(literal.SrcRange, string(l.sources.slice(literal.SrcRange)), value, n)...)
		n += utf8.RuneCountInString(value)
	}
	if n != len([]rune(text)) {
		return nil
	}
	return found
}

// lines are the pieces of a literal that begins at a character of the text, line by
// line: <<- takes the indentation off each.
func lines(at hcl.Range, raw, value string, from int) (found []piece) {
	written, read := strings.SplitAfter(raw, "\n"), strings.SplitAfter(value, "\n")
	if len(written) != len(read) {
		return nil
	}
	for i, line := range read {
		indent, same := strings.CutSuffix(written[i], line)
		if !same || strings.Trim(indent, " \t") != "" {
			return nil
		}
		start := at
		start.Start.Line += i
		if i > 0 {
			start.Start.Column = 1
		}
		start.Start.Column += len(indent)
		found = append(found, piece{from: from, text: []rune(line), at: start})
		from += utf8.RuneCountInString(line)
	}
	return found
}

// locate is the place of the character with this index, or whole.
func locate(pieces []piece, index int, whole Range) Range {
	for _, p := range pieces {
		if index < p.from || index >= p.from+len(p.text) {
			continue
		}
		at := hcl.Range{Filename: p.at.Filename, Start: p.at.Start}
		at.Start.Column += index - p.from
		at.End = at.Start
		at.End.Column++
		return rangeOf(at)
	}
	return whole
}
