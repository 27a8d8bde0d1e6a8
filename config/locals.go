package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
)

// locals evaluates all local values, in an order in which each comes after
// those it uses.
func (l *loader) locals() {
	e := &localEvaluator{scope: l.scope, attrs: map[string]*hcl.Attribute{}, values: map[string]cty.Value{}}
	var names []string
	for _, raw := range l.blocks["locals"] {
		attrs, diags := raw.Body.JustAttributes()
		l.report.add(diags)
		for _, attr := range sorted(attrs) {
			name := composed(attr.Name)
			if first, twice := l.scope.known["local"][name]; twice {
				l.report.error(attr.NameRange, "Duplicate local value", fmt.Sprintf(
					"local.%s is already given at %s. Names are unique across all files.", name, rangeOf(first)))
				continue
			}
			l.scope.known.declare("local", name, attr.NameRange)
			e.attrs[name] = attr
			names = append(names, name)
		}
	}
	for _, name := range names {
		e.evaluate(name)
	}
	l.scope.eval.Variables["local"] = cty.ObjectVal(e.values)
}

// localEvaluator goes through local values depth first.
type localEvaluator struct {
	scope  *scope
	attrs  map[string]*hcl.Attribute
	values map[string]cty.Value
	path   []string // from the value that was asked for to the one at work
}

func (e *localEvaluator) evaluate(name string) {
	if _, done := e.values[name]; done {
		return
	}
	attr := e.attrs[name]
	if i := slices.Index(e.path, name); i >= 0 {
		cycle := strings.Join(append(slices.Clone(e.path[i:]), name), " → local.")
		e.scope.report.error(attr.Range, "Local value that needs itself", "local."+cycle+".")
		e.values[name] = cty.DynamicVal
		return
	}
	e.path = append(e.path, name)
	used := map[string]cty.Value{}
	for _, traversal := range attr.Expr.Variables() {
		other := secondName(traversal)
		if traversal.RootName() == "local" && e.attrs[other] != nil {
			e.evaluate(other)
			used[other] = e.values[other]
		}
	}
	e.path = e.path[:len(e.path)-1]
	if _, cyclic := e.values[name]; cyclic {
		return
	}
	inner := *e.scope
	inner.eval = e.scope.eval.NewChild()
	inner.eval.Variables = map[string]cty.Value{"local": cty.ObjectVal(used)}
	e.scope.checkComposed(attr)
	e.values[name] = inner.evaluate(attr.Expr)
}
