package config

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

const environmentPrefix = "SLUICE_VAR_"

// given is the value that a variable is given: an expression in a file, or a
// text from the command line or the environment.
type given struct {
	expr   hcl.Expression
	text   string
	origin string
	at     hcl.Range
}

// given collects the values that are given, the stronger in place of the
// weaker. A name that is not declared is an error, but not in the
// environment, which several configurations may share.
func (l *loader) given(files []namedText, declared map[string]*variable) map[string]*given {
	values := map[string]*given{}
	for _, entry := range l.in.Environ {
		name, text, _ := strings.Cut(entry, "=")
		if name, ours := strings.CutPrefix(name, environmentPrefix); ours {
			values[composed(name)] = &given{text: text, origin: "environment"}
		}
	}
	for _, file := range files {
		l.givenInFile(l.parse(file, true), declared, values)
	}
	for _, entry := range l.in.Vars {
		name, text, ok := strings.Cut(entry, "=")
		name = composed(strings.TrimSpace(name))
		switch {
		case !ok:
			// The entry may be a value without its name: it is not quoted.
			l.report.error(hcl.Range{}, "Not a value for a variable", "-var takes NAME=VALUE.")
		case declared[name] == nil:
			l.report.error(hcl.Range{}, "Undeclared variable", undeclared("-var gives", name, declared))
		default:
			values[name] = &given{text: text, origin: "-var"}
		}
	}
	return values
}

func (l *loader) givenInFile(body hcl.Body, declared map[string]*variable, values map[string]*given) {
	attrs, diags := body.JustAttributes()
	l.report.add(diags)
	for _, attr := range sorted(attrs) {
		name := composed(attr.Name)
		if declared[name] == nil {
			l.report.error(attr.NameRange, "Undeclared variable", undeclared("This file gives", name, declared))
			continue
		}
		values[name] = &given{expr: attr.Expr, origin: rangeOf(attr.NameRange).String(), at: attr.Expr.Range()}
	}
}

func undeclared(who, name string, declared map[string]*variable) string {
	names := []string{}
	for known := range declared {
		names = append(names, known)
	}
	return fmt.Sprintf("%s a value to %q, which is not declared by a variable block.%s", who, name, didYouMean(name, names))
}

// evaluateGiven returns the value, and whether it could be read.
func (l *loader) evaluateGiven(v *variable, g *given) (cty.Value, bool) {
	expr := g.expr
	if expr == nil {
		want := v.typ.want
		switch {
		case !utf8.ValidString(g.text):
			l.report.error(v.block.rng, "Not text", fmt.Sprintf("The value of %q (%s) is not valid UTF-8.", v.name, g.origin))
			return cty.NilVal, false
		case want == cty.NilType || want.IsPrimitiveType() || want == cty.DynamicPseudoType:
			return cty.StringVal(g.text), true
		}
		var ok bool
		if expr, ok = l.parseGiven(v, g); !ok {
			return cty.NilVal, false
		}
	}
	value, diags := expr.Value(nil)
	if diags.HasErrors() || !value.IsWhollyKnown() {
		l.notConstant(v, g, diags)
		return cty.NilVal, false
	}
	return value, true
}

// parseGiven reads the text of a list or another composed value.
func (l *loader) parseGiven(v *variable, g *given) (hcl.Expression, bool) {
	tokens, _ := hclsyntax.LexExpression([]byte(g.text), g.origin, hcl.InitialPos)
	if _, deep := tooDeepTokens(tokens); deep {
		l.notConstant(v, g, nil)
		return nil, false
	}
	expr, diags := hclsyntax.ParseExpression([]byte(g.text), g.origin, hcl.InitialPos)
	if diags.HasErrors() {
		l.notConstant(v, g, diags)
		return nil, false
	}
	return expr, true
}

func (l *loader) notConstant(v *variable, g *given, diags hcl.Diagnostics) {
	text := fmt.Sprintf("The value of %q (%s) is not a constant of HCL.", v.name, g.origin)
	if len(diags) > 0 && !v.sensitive {
		text += " " + diags[0].Summary + ": " + diags[0].Detail
	}
	at := v.block.rng
	if g.expr != nil {
		at = g.at
	}
	l.report.error(at, "Value of a variable cannot be read", text)
}

// sorted returns attributes in file order; HCL has them in a map.
func sorted(attrs hcl.Attributes) []*hcl.Attribute {
	list := []*hcl.Attribute{}
	for _, attr := range attrs {
		list = append(list, attr)
	}
	slices.SortFunc(list, func(a, b *hcl.Attribute) int { return a.NameRange.Start.Byte - b.NameRange.Start.Byte })
	return list
}
