package config

import (
	"fmt"
	"math/big"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	"golang.org/x/text/unicode/norm"
)

// verdict is what became of an argument.
type verdict int

const (
	isValue verdict = iota // a value that can be used
	isNull                 // as if it were not given
	isWrong                // reported, or not known because of what is reported
)

// argument evaluates one argument, checks it against its description, and
// turns it into a Go value.
func (s *scope) argument(spec *argSpec, attr *hcl.Attribute) (any, verdict) {
	var val any
	v := isValue
	if spec.kind.static != nil {
		val, v = spec.kind.static(s, attr)
	} else {
		val, v = s.value(spec, attr)
	}
	if v == isValue {
		v = s.checkToday(spec, attr, val)
	}
	return val, v
}

func (s *scope) value(spec *argSpec, attr *hcl.Attribute) (any, verdict) {
	s.checkComposed(attr)
	v := s.evaluate(attr.Expr)
	v, err := convert.Convert(v, spec.kind.want)
	if err != nil {
		s.report.error(attr.Expr.Range(), "Wrong type", fmt.Sprintf("%q takes a %s: %v.", spec.name, spec.kind.name, err))
		return nil, isWrong
	}
	sensitive := v.ContainsMarked()
	v, _ = v.UnmarkDeep()
	switch {
	case v.IsKnown() && v.IsNull():
		return nil, isNull
	case sensitive && !spec.sensitive:
		s.report.error(attr.Expr.Range(), "Sensitive value in a place that is shown", fmt.Sprintf(
			"%q appears in plans and messages, so a sensitive value cannot be used for it. For a password, declare a secret block.", spec.name))
		return nil, isWrong
	case !v.IsWhollyKnown():
		return nil, isWrong
	}
	val, err := spec.kind.read(v)
	if err == nil {
		err = spec.check(val)
	}
	if err != nil {
		if sensitive || spec.sensitive {
			err = fmt.Errorf("this is not a %s that can be used", spec.kind.name)
		}
		s.report.error(elementRange(attr.Expr, err), "Value not allowed", fmt.Sprintf("%q: %s", spec.name, sentence(err)))
		return nil, isWrong
	}
	if spec.sensitive {
		s.sources.hide(attr.Expr.Range())
	}
	return val, isValue
}

// checkToday refuses what the language has and this version does not carry out.
func (s *scope) checkToday(spec *argSpec, attr *hcl.Attribute, val any) verdict {
	switch {
	case s.refused: // together with the block it is in
		return isValue
	case spec.notYet:
		s.report.refuse(attr.Range, fmt.Sprintf("The argument %q", spec.name))
		return isWrong
	case len(spec.today) > 0 && !contains(spec.today, fmt.Sprint(val)):
		s.report.refuse(attr.Range, fmt.Sprintf("%s = %s", spec.name, quoted(val)))
		return isWrong
	}
	return isValue
}

// checkComposed refuses text that HCL would change without a word: it brings
// every string to Unicode's composed form (NFC), and a name or an SQL constant
// in another form would then mean something else.
func (s *scope) checkComposed(attr *hcl.Attribute) {
	if text := s.sources.slice(attr.Expr.Range()); !norm.NFC.IsNormal(text) {
		s.report.error(attr.Expr.Range(), "Text in another Unicode form",
			"HCL brings every text to the composed form (NFC), so this would not be the text that is written here. "+
				"Write it in the composed form; a table with such a name can be named by the label of a table block, which stays as it is.")
	}
}

// check checks a value of the right type against the description.
func (a *argSpec) check(val any) error {
	switch val := val.(type) {
	case string:
		if a.filled && val == "" {
			return fmt.Errorf("this cannot be empty")
		}
		return a.checkWord(val)
	case []string:
		if a.filled && len(val) == 0 {
			return fmt.Errorf("this needs at least one element")
		}
		for i, word := range val {
			if err := a.checkWord(word); err != nil {
				return elementError{i, err}
			}
		}
	case []Pattern:
		if a.filled && len(val) == 0 {
			return fmt.Errorf("this needs at least one pattern")
		}
	case int:
		return between(val, a.min, a.max, func(n int) string { return fmt.Sprint(n) })
	case time.Duration:
		return between(val, a.min, a.max, shortDuration)
	case Bytes:
		return between(val, a.min, a.max, Bytes.String)
	}
	return nil
}

func (a *argSpec) checkWord(word string) error {
	if len(a.oneOf) == 0 || contains(a.oneOf, word) {
		return nil
	}
	return fmt.Errorf("%q is not one of %s.%s", word, list(a.oneOf), didYouMean(word, a.oneOf))
}

func between[T int | time.Duration | Bytes](val T, low, high any, show func(T) string) error {
	lowest, hasLow := low.(T)
	highest, hasHigh := high.(T)
	switch {
	case hasLow && val < lowest || hasHigh && val > highest:
	default:
		return nil
	}
	if !hasHigh {
		return fmt.Errorf("%s is too low; the lowest is %s", show(val), show(lowest))
	}
	return fmt.Errorf("%s is out of range; it goes from %s to %s", show(val), show(lowest), show(highest))
}

// elementError is an error about one element of a list.
type elementError struct {
	index int
	err   error
}

func (e elementError) Error() string { return e.err.Error() }

// elementRange is the place of the element an error is about, where the list
// is written out; otherwise that of the whole expression.
func elementRange(expr hcl.Expression, err error) hcl.Range {
	e, ok := err.(elementError)
	if !ok {
		return expr.Range()
	}
	elements, diags := hcl.ExprList(expr)
	if diags.HasErrors() || e.index >= len(elements) {
		return expr.Range()
	}
	return elements[e.index].Range()
}

// quoted is a value as a file writes it.
func quoted(val any) string {
	if text, ok := val.(string); ok {
		return fmt.Sprintf("%q", text)
	}
	return fmt.Sprint(val)
}

// wholeNumber is the number as an int, if it is one.
func wholeNumber(v cty.Value) (int, bool) {
	n, accuracy := v.AsBigFloat().Int64()
	return int(n), accuracy == big.Exact
}
