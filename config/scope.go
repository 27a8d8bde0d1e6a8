package config

import (
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
)

// scope is where expressions are evaluated: what they may name, and where
// their problems are reported.
type scope struct {
	report  *report
	sources *sources
	eval    *hcl.EvalContext
	known   known
	each    bool // each.key and each.value have a meaning
	refused bool // within a block that is refused as a whole
}

// known is what is declared: by type (var, local, secret, source, target) and
// name.
type known map[string]map[string]hcl.Range

// names returns the declared names of a type, sorted.
func (k known) names(root string) []string {
	var names []string
	for name := range k[root] {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func (k known) declare(root, name string, at hcl.Range) {
	if k[root] == nil {
		k[root] = map[string]hcl.Range{}
	}
	k[root][name] = at
}

// sensitive marks the value of a sensitive variable and what is made of it.
type mark string

const sensitive = mark("sensitive")

// later are the names whose values only a plan has, as far as their type is
// known today.
var later = map[string]cty.Value{
	"self": cty.UnknownVal(cty.Object(map[string]cty.Type{
		"schema": cty.String, "table": cty.String, "name": cty.String,
	})),
	"plan": cty.DynamicVal,
}

// evaluate returns the value of an expression, or an unknown one where
// something is wrong with it. The root, if given, is a name of later that the
// expression may use.
func (s *scope) evaluate(expr hcl.Expression, root ...string) cty.Value {
	if !s.checkNames(expr, root) {
		return cty.DynamicVal
	}
	ctx := s.eval
	if len(root) > 0 {
		ctx = s.eval.NewChild()
		ctx.Variables = map[string]cty.Value{root[0]: later[root[0]]}
	}
	v, diags := expr.Value(ctx)
	if s.usesSensitive(expr) {
		conceal(diags)
	}
	s.report.add(diags)
	if diags.HasErrors() || v == cty.NilVal {
		return cty.DynamicVal
	}
	return v
}

// usesSensitive reports whether a message about the expression could quote a
// sensitive value.
func (s *scope) usesSensitive(expr hcl.Expression) bool {
	for _, traversal := range expr.Variables() {
		v, diags := traversal.TraverseAbs(s.eval)
		if diags.HasErrors() {
			v = s.root(traversal.RootName())
		}
		if v != cty.NilVal && v.ContainsMarked() {
			return true
		}
	}
	return false
}

// root returns the value of a name, or NilVal.
func (s *scope) root(name string) cty.Value {
	for ctx := s.eval; ctx != nil; ctx = ctx.Parent() {
		if v, ok := ctx.Variables[name]; ok {
			return v
		}
	}
	return cty.NilVal
}

// forEach returns the scope of one instance.
func (s *scope) forEach(key, value cty.Value) *scope {
	inner := *s
	inner.each = true
	inner.eval = s.eval.NewChild()
	inner.eval.Variables = map[string]cty.Value{
		"each": cty.ObjectVal(map[string]cty.Value{"key": key, "value": value}),
	}
	return &inner
}
