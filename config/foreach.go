package config

import (
	"fmt"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/ext/dynblock"
	"github.com/zclconf/go-cty/cty"
)

// migrationBlock decodes a migration block once for each element of its
// for_each, or once where it has none.
func (l *loader) migrationBlock(raw *hcl.Block) []Migration {
	header, _, _ := raw.Body.PartialContent(&hcl.BodySchema{Attributes: []hcl.AttributeSchema{{Name: "for_each"}}})
	attr, repeated := header.Attributes["for_each"]
	if !repeated {
		return []Migration{l.migration(l.decodeMigration(l.scope, raw), "")}
	}
	var found []Migration
	elements := l.scope.elements(attr.Expr)
	for _, one := range elements {
		l.report.key, l.report.keyed = one.key, true
		found = append(found, l.migration(l.decodeMigration(l.scope.forEach(cty.StringVal(one.key), one.value), raw), one.key))
		l.report.key, l.report.keyed = "", false
	}
	if len(elements) == 0 { // what is wrong shows all the same
		l.decodeMigration(l.scope.forEach(cty.UnknownVal(cty.String), cty.DynamicVal), raw)
	}
	return found
}

// decodeMigration decodes the block, with its dynamic blocks expanded.
func (l *loader) decodeMigration(s *scope, raw *hcl.Block) *block {
	expanded := *raw
	expanded.Body = dynblock.Expand(raw.Body, s.eval, dynblock.OptCheckForEach(checkDynamic))
	return s.decode(migrationSpec, &expanded)
}

// checkDynamic is asked about the value of for_each in a dynamic block.
func checkDynamic(v cty.Value, expr hcl.Expression, _ *hcl.EvalContext) hcl.Diagnostics {
	problem := &hcl.Diagnostic{Severity: hcl.DiagError, Subject: expr.Range().Ptr()}
	switch {
	case v.ContainsMarked():
		problem.Summary = "Sensitive value in for_each"
		problem.Detail = "Blocks are shown in plans and messages, so none can be made of a sensitive value."
	case !v.IsWhollyKnown():
		problem.Extra = extra{drop: true} // the reason is reported already
	default:
		return nil
	}
	return hcl.Diagnostics{problem}
}

// element is one element of for_each.
type element struct {
	key   string
	value cty.Value
}

// elements returns the elements of for_each in order of key. None are
// returned where it is wrong, which is reported.
func (s *scope) elements(expr hcl.Expression) []element {
	v := s.evaluate(expr)
	if problem := forEachProblem(v); problem != "" {
		s.report.error(expr.Range(), "Not a value for for_each", problem)
		return nil
	}
	if !v.IsKnown() {
		return nil
	}
	var found []element
	for it := v.ElementIterator(); it.Next(); {
		key, value := it.Element()
		if !key.IsKnown() || key.IsNull() {
			s.report.error(expr.Range(), "Not a value for for_each", "A key is null or not known.")
			return nil
		}
		found = append(found, element{key.AsString(), value})
	}
	return found
}

func forEachProblem(v cty.Value) string {
	if v.IsMarked() {
		return "A sensitive value cannot be used here: keys are part of the address, which is shown."
	}
	t := v.Type()
	switch {
	case v.IsKnown() && v.IsNull():
		return "It is null. Write an empty set, toset([]), for no migration."
	case t.IsTupleType() || t.IsListType():
		return "It is a list. Keys must be unique, so write a set: toset([…])."
	case t == cty.DynamicPseudoType, t.IsMapType(), t.IsObjectType():
		return ""
	case !t.IsSetType():
		return fmt.Sprintf("It takes a set of strings or a map, and this is a %s.", t.FriendlyName())
	case v.IsKnown() && v.LengthInt() == 0 && v.IsWhollyKnown():
		return ""
	case t.ElementType() != cty.String:
		return fmt.Sprintf("It takes a set of strings, and this is a %s.", t.FriendlyName())
	}
	return ""
}
