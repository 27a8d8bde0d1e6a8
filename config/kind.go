package config

import (
	"errors"
	"fmt"
	"regexp"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/ext/typeexpr"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
)

// kind is the type of an argument. Most are evaluated: the value is converted
// to want and then read, where it is known, not null and not marked. A static
// kind looks at the expression itself.
type kind struct {
	name   string // as in "takes a …"
	want   cty.Type
	read   func(cty.Value) (any, error)
	static func(*scope, *hcl.Attribute) (any, verdict)
}

var (
	text      = kind{name: "string", want: cty.String, read: func(v cty.Value) (any, error) { return v.AsString(), nil }}
	boolean   = kind{name: "bool", want: cty.Bool, read: func(v cty.Value) (any, error) { return v.True(), nil }}
	number    = kind{name: "number", want: cty.Number, read: readNumber}
	texts     = kind{name: "list of strings", want: cty.List(cty.String), read: readTexts}
	textMap   = kind{name: "map of strings", want: cty.Map(cty.String), read: readTextMap}
	duration  = kind{name: "duration", want: cty.String, read: readDuration}
	size      = kind{name: "size", want: cty.String, read: readSize}
	threshold = kind{name: "duration or size", want: cty.String, read: readThreshold}
	date      = kind{name: "date", want: cty.String, read: readDate}
	slotName  = kind{name: "slot name", want: cty.String, read: readSlotName}
	anyValue  = kind{name: "value", static: staticValue}

	// deferred is an expression that its user evaluates, in a scope of its own.
	deferred       = kind{name: "expression", static: func(_ *scope, attr *hcl.Attribute) (any, verdict) { return attr.Expr, isValue }}
	typeConstraint = kind{name: "type", static: staticType}
)

// patterns are patterns of the given number of parts; 0 allows one to three.
func patterns(parts int) kind {
	return kind{name: "list of patterns", static: func(s *scope, attr *hcl.Attribute) (any, verdict) {
		return s.patterns(attr, parts, false)
	}}
}

// pattern is a single one, of one to three parts.
var pattern = kind{name: "pattern", static: func(s *scope, attr *hcl.Attribute) (any, verdict) {
	return s.patterns(attr, 0, true)
}}

// referenceTo is a static reference to a block of that type.
func referenceTo(block string) kind {
	return kind{name: "reference to a " + block + " block", static: func(s *scope, attr *hcl.Attribute) (any, verdict) {
		return s.reference(block, attr)
	}}
}

// expression is an expression over a name that has a value only later: it is
// checked for syntax and for what it names.
func expression(root string) kind {
	return kind{name: "expression", static: func(s *scope, attr *hcl.Attribute) (any, verdict) {
		s.checkComposed(attr)
		mark := len(s.report.diags)
		s.evaluate(attr.Expr, root)
		if len(s.report.diags) > mark {
			return nil, isWrong
		}
		if s.usesSensitive(attr.Expr) {
			s.report.error(attr.Expr.Range(), "Sensitive value in a place that is shown", fmt.Sprintf(
				"What %q gives appears in plans and messages, so a sensitive value cannot be used in it.", attr.Name))
			return nil, isWrong
		}
		return lazy{attr.Expr, s.eval, root}, isValue
	}}
}

// lazy is an expression over a name that has a value only later.
type lazy struct {
	expr hcl.Expression
	eval *hcl.EvalContext
	root string
}

// value is the expression's where its name has this one.
func (l lazy) value(of cty.Value) (cty.Value, error) {
	ctx := l.eval.NewChild()
	ctx.Variables = map[string]cty.Value{l.root: of}
	v, diags := l.expr.Value(ctx)
	if diags.HasErrors() {
		return cty.NilVal, errors.New(diags[0].Detail)
	}
	return v, nil
}

func readNumber(v cty.Value) (any, error) {
	n, whole := wholeNumber(v)
	if !whole {
		return nil, errors.New("this takes a whole number")
	}
	return n, nil
}

func readTexts(v cty.Value) (any, error) {
	words := []string{}
	for i, element := range v.AsValueSlice() {
		if element.IsNull() {
			return nil, elementError{i, errors.New("an element cannot be null")}
		}
		words = append(words, element.AsString())
	}
	return words, nil
}

func readTextMap(v cty.Value) (any, error) {
	words := map[string]string{}
	for key, element := range v.AsValueMap() {
		if element.IsNull() {
			return nil, fmt.Errorf("the element %q cannot be null", key)
		}
		words[key] = element.AsString()
	}
	return words, nil
}

func readDuration(v cty.Value) (any, error) {
	d, err := time.ParseDuration(v.AsString())
	if err != nil || d < 0 {
		return nil, fmt.Errorf("%q is not a duration: write a number and a unit, such as \"500ms\", \"30s\", \"10m\", \"12h\" or \"1h30m\"", v.AsString())
	}
	return d, nil
}

var sizeForm = regexp.MustCompile(`^[0-9]+(\.[0-9]+)?\s*[KMGTPE]?i?B$`)

func readSize(v cty.Value) (any, error) {
	n, err := humanize.ParseBytes(v.AsString())
	if !sizeForm.MatchString(v.AsString()) || err != nil || Bytes(n) < 0 {
		return nil, fmt.Errorf("%q is not a size: write a number and a unit, such as \"64KiB\", \"50MiB\" or \"200GiB\"", v.AsString())
	}
	return Bytes(n), nil
}

func readThreshold(v cty.Value) (any, error) {
	if d, err := readDuration(v); err == nil {
		return d, nil
	}
	if n, err := readSize(v); err == nil {
		return n, nil
	}
	return nil, fmt.Errorf("%q is neither a duration, such as \"60s\", nor a size, such as \"50GiB\"", v.AsString())
}

func readDate(v cty.Value) (any, error) {
	if _, err := time.Parse(time.DateOnly, v.AsString()); err != nil {
		return nil, fmt.Errorf("%q is not a date of the form \"2026-12-31\"", v.AsString())
	}
	return v.AsString(), nil
}

func staticValue(s *scope, attr *hcl.Attribute) (any, verdict) {
	v := s.evaluate(attr.Expr)
	if !v.IsWhollyKnown() {
		return nil, isWrong
	}
	return v, isValue
}

// typed is the type of a variable.
type typed struct {
	want     cty.Type
	defaults *typeexpr.Defaults
}

func staticType(s *scope, attr *hcl.Attribute) (any, verdict) {
	want, defaults, diags := typeexpr.TypeConstraintWithDefaults(attr.Expr)
	s.report.add(diags)
	if diags.HasErrors() {
		return nil, isWrong
	}
	return typed{want, defaults}, isValue
}

// convert brings a value to the type.
func (t typed) convert(v cty.Value) (cty.Value, error) {
	if t.want == cty.NilType {
		return v, nil
	}
	if t.defaults != nil && v.IsWhollyKnown() && !v.IsNull() {
		v = t.defaults.Apply(v)
	}
	return convert.Convert(v, t.want)
}
