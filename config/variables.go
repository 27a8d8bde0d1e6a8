package config

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
)

// variable is a declared variable.
type variable struct {
	name      string
	block     *block
	typ       typed
	sensitive bool

	value  cty.Value // marked where sensitive; unknown where something is wrong
	origin string
	at     hcl.Range // of the value; nowhere for -var and the environment
}

// variables declares the variables and the locals, gives them their values,
// and checks the rules of the variables.
func (l *loader) variables(files []namedText) []Variable {
	var declared []*variable
	byName := map[string]*variable{}
	for _, raw := range l.blocks["variable"] {
		v := l.variable(raw)
		if byName[v.name] == nil {
			declared, byName[v.name] = append(declared, v), v
		}
	}
	given := l.given(files, byName)
	if slices.ContainsFunc(declared, func(v *variable) bool { return v.sensitive }) {
		l.sources.hideValues()
	}
	values := map[string]cty.Value{}
	for _, v := range declared {
		l.value(v, given[v.name])
		values[v.name] = v.value
	}
	l.scope.eval.Variables = map[string]cty.Value{"var": cty.ObjectVal(values)}
	l.locals()
	shown := []Variable{}
	for _, v := range declared {
		l.validate(v)
		shown = append(shown, v.shown())
	}
	slices.SortFunc(shown, func(a, b Variable) int { return strings.Compare(a.Name, b.Name) })
	return shown
}

// variable decodes a declaration. Its default sees no other value.
func (l *loader) variable(raw *hcl.Block) *variable {
	constant := *l.scope
	constant.known = nil
	before := len(l.report.diags)
	b := constant.decode(language.block("variable"), raw)
	v := &variable{name: composed(raw.Labels[0]), block: b, typ: get[typed](b, "type")}
	// What is meant to be sensitive is, even where the argument is wrong.
	v.sensitive = get[bool](b, "sensitive") || b.has("sensitive") && b.args["sensitive"].val == nil
	if v.sensitive {
		conceal(l.report.diags[before:])
		if b.has("default") {
			l.sources.hide(b.args["default"].rng)
		}
	}
	return v
}

// value gives a variable its value: what is given, or its default.
func (l *loader) value(v *variable, given *given) {
	v.value = cty.DynamicVal
	var raw cty.Value
	right := true
	switch {
	case given != nil:
		v.origin, v.at = given.origin, given.at
		raw, right = l.evaluateGiven(v, given)
	case v.block.has("default"):
		v.origin, v.at = "default", v.block.args["default"].rng
		raw, right = v.block.args["default"].val.(cty.Value)
	default:
		l.report.error(v.block.rng, "No value for a variable", fmt.Sprintf(
			"The variable %q has no default and none is given. Give one with -var=%s=…, a file of variables, or %s%s in the environment.",
			v.name, v.name, environmentPrefix, v.name))
		return
	}
	if !right {
		return
	}
	value, err := v.typ.convert(raw)
	if err != nil {
		l.report.error(v.place(), "Wrong type", fmt.Sprintf("The value of variable %q (%s): %s", v.name, v.origin, sentence(err)))
		return
	}
	v.value = value
	if v.sensitive {
		v.value = value.Mark(sensitive)
		l.report.quotable = append(l.report.quotable, leaves(value)...)
	}
}

// place is where a problem with the value is shown.
func (v *variable) place() hcl.Range {
	if v.at.Filename != "" {
		return v.at
	}
	return v.block.rng
}

// validate checks the rules of a variable.
func (l *loader) validate(v *variable) {
	if v.value == cty.DynamicVal {
		return
	}
	for _, rule := range v.block.children("validation") {
		condition := get[hcl.Expression](rule, "condition")
		message := get[hcl.Expression](rule, "error_message")
		if condition == nil || message == nil {
			continue
		}
		// Both are evaluated, so that a mistake in the message shows before it is needed.
		text := l.message(message)
		ok, err := convert.Convert(l.scope.evaluate(condition), cty.Bool)
		ok, _ = ok.Unmark()
		switch {
		case err != nil || ok.IsKnown() && ok.IsNull():
			l.report.error(condition.Range(), "Wrong type", "A condition is true or false.")
		case ok.IsKnown() && ok.False():
			l.report.error(v.place(), "Value not allowed", fmt.Sprintf(
				"%s\n\nThis is the rule at %s; the value of %q comes from: %s.", text, rangeOf(rule.rng), v.name, v.origin))
		}
	}
}

func (l *loader) message(expr hcl.Expression) string {
	v, err := convert.Convert(l.scope.evaluate(expr), cty.String)
	if err != nil {
		l.report.error(expr.Range(), "Wrong type", "An error message is a string.")
		return "The value breaks a rule."
	}
	switch {
	case v.ContainsMarked():
		return "The value breaks a rule. (The message is not shown, because it quotes a sensitive value.)"
	case !v.IsKnown() || v.IsNull():
		return "The value breaks a rule."
	}
	return v.AsString()
}

// shown is the variable as a plan shows it.
func (v *variable) shown() Variable {
	one := Variable{Name: v.name, Origin: v.origin, Sensitive: v.sensitive, Range: rangeOf(v.block.rng)}
	switch {
	case v.sensitive:
		one.Value = "(sensitive value)"
	case v.value.IsWhollyKnown():
		one.Value = oneLine(string(hclwrite.TokensForValue(v.value).Bytes()))
	}
	return one
}

var lineBreak = regexp.MustCompile(`\{\n\s*|\n\s*\}|\n\s*`)

// oneLine writes a value on one line. Its line breaks are around and between
// the attributes of objects; in a string a line break is written \n.
func oneLine(value string) string {
	return lineBreak.ReplaceAllStringFunc(value, func(found string) string {
		switch {
		case found[0] == '{':
			return "{ "
		case found[len(found)-1] == '}':
			return " }"
		}
		return ", "
	})
}

// leaves are the texts within a value that are long enough to be told apart
// from other text.
func leaves(v cty.Value) []string {
	var found []string
	_ = cty.Walk(v, func(_ cty.Path, one cty.Value) (bool, error) {
		if one.Type() == cty.String && one.IsKnown() && !one.IsNull() && len(one.AsString()) >= 4 {
			found = append(found, one.AsString())
		}
		return true, nil
	})
	return found
}
