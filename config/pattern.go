package config

import (
	"errors"
	"fmt"
	"path"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
)

// Pattern matches names of objects, part by part: schema.name.
type Pattern struct {
	Text string // as it is written
	// Parts are the parts without their double quotes, each in the syntax of
	// path.Match: *, ?, [a-z], and a backslash before what is meant as it is.
	// In a quoted part nothing is special, so there such backslashes are added.
	Parts []string
	Range Range // the text; nowhere for the default
}

// patterns reads a list of patterns, or a single one; each has its own place
// where the list is written out.
func (s *scope) patterns(attr *hcl.Attribute, parts int, single bool) (any, verdict) {
	s.checkComposed(attr)
	v := s.evaluate(attr.Expr)
	if v.ContainsMarked() {
		s.report.error(attr.Expr.Range(), "Sensitive value in a place that is shown", "A pattern appears in plans and messages.")
		return nil, isWrong
	}
	if single && v.Type() == cty.String && !v.IsNull() {
		v = cty.TupleVal([]cty.Value{v})
	} else if single && v.IsKnown() && !v.IsNull() {
		s.report.error(attr.Expr.Range(), "Wrong type", fmt.Sprintf("%q takes one pattern, as a string.", attr.Name))
		return nil, isWrong
	}
	v, err := convert.Convert(v, cty.List(cty.String))
	switch {
	case err != nil:
		s.report.error(attr.Expr.Range(), "Wrong type", fmt.Sprintf("%q takes a list of patterns: %v.", attr.Name, err))
		return nil, isWrong
	case v.IsKnown() && v.IsNull():
		return nil, isNull
	case !v.IsWhollyKnown():
		return nil, isWrong
	}
	found := []Pattern{}
	for i, element := range v.AsValueSlice() {
		at := elementRange(attr.Expr, elementError{index: i})
		p, err := parsePattern(element, parts)
		if err != nil {
			s.report.error(at, "Not a pattern", sentence(err))
			continue
		}
		p.Range = rangeOf(at)
		found = append(found, p)
	}
	if len(found) < v.LengthInt() {
		return nil, isWrong
	}
	return found, isValue
}

func parsePattern(v cty.Value, parts int) (Pattern, error) {
	if v.IsNull() {
		return Pattern{}, errors.New("a pattern cannot be null")
	}
	p := Pattern{Text: v.AsString()}
	words, err := splitName(p.Text)
	if err != nil {
		return p, err
	}
	if err := checkParts(p.Text, len(words), parts, "pattern"); err != nil {
		return p, err
	}
	for _, word := range words {
		glob := word.text
		if word.quoted {
			glob = escapeGlob.Replace(glob)
		}
		if _, err := path.Match(glob, ""); err != nil {
			return p, fmt.Errorf("%q is not a pattern: a [ needs its ], and a \\ something to follow it", p.Text)
		}
		p.Parts = append(p.Parts, glob)
	}
	return p, nil
}

var escapeGlob = strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`, `]`, `\]`)

// parseName splits the exact name of an object into its parts, without quotes.
func parseName(text string, parts int) ([]string, error) {
	words, err := splitName(text)
	if err != nil {
		return nil, err
	}
	var name []string
	for _, word := range words {
		if !word.quoted && strings.ContainsAny(word.text, "*?[") {
			return nil, fmt.Errorf(`%q looks like a pattern, and this takes one exact name; a name that has such a character is quoted: "public.\"a*b\""`, text)
		}
		name = append(name, word.text)
	}
	return name, checkParts(text, len(words), parts, "name")
}

func checkParts(text string, got, want int, what string) error {
	forms := []string{"", "name", "schema.name", "schema.table.column"}
	switch {
	case want == 0 && got <= 3 || got == want:
		return nil
	case want == 0:
		return fmt.Errorf("%q has %d parts; a %s has at most three, %s", text, got, what, forms[3])
	case got == 1 && want == 2 && what == "pattern":
		return fmt.Errorf("%q has one part, and this takes two, schema.name. The whole schema is %q", text, text+".*")
	case got == 1 && want == 2:
		return fmt.Errorf("%q has one part, and this takes two, schema.name. Did you mean %q?", text, "public."+text)
	}
	return fmt.Errorf("%q has %d parts, and this takes %d, %s; a part that holds a dot is quoted as in SQL", text, got, want, forms[want])
}

// part is one part of a dotted name.
type part struct {
	text   string
	quoted bool
}

// splitName splits at dots outside double quotes, as SQL does, without SQL's
// folding to lower case.
func splitName(text string) ([]part, error) {
	if text == "" {
		return nil, errors.New("this cannot be empty")
	}
	var parts []part
	for rest, more := text, true; more; {
		var one part
		var err error
		if one, rest, more, err = cutPart(rest); err != nil {
			return nil, fmt.Errorf("%q: %w", text, err)
		}
		parts = append(parts, one)
	}
	return parts, nil
}

// cutPart cuts the first part off; more says that another follows.
func cutPart(text string) (one part, rest string, more bool, err error) {
	if !strings.HasPrefix(text, `"`) {
		one.text, rest, more = strings.Cut(text, ".")
		switch {
		case one.text == "":
			err = errors.New("a part between dots is empty")
		case strings.Contains(one.text, `"`):
			err = errors.New("a part is quoted as a whole, or not at all")
		case strings.TrimSpace(one.text) != one.text:
			err = errors.New("a part begins or ends with a space; quote it if that is its name")
		}
		return one, rest, more, err
	}
	one.quoted = true
	for rest = text[1:]; ; {
		i := strings.IndexByte(rest, '"')
		if i < 0 {
			return one, "", false, errors.New("a double quote is not closed")
		}
		one.text, rest = one.text+rest[:i], rest[i+1:]
		if !strings.HasPrefix(rest, `"`) {
			break
		}
		one.text, rest = one.text+`"`, rest[1:]
	}
	switch {
	case one.text == "":
		err = errors.New("a part between dots is empty")
	case rest != "" && rest[0] != '.':
		err = errors.New("after a quoted part comes a dot or nothing")
	}
	rest, more = strings.CutPrefix(rest, ".")
	return one, rest, more, err
}
