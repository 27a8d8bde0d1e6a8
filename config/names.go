package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// checkNames checks every name an expression uses, before it is evaluated:
// our messages know what is declared, and a secret never comes near a value.
// It reports whether the expression can be evaluated.
func (s *scope) checkNames(expr hcl.Expression, roots []string) bool {
	right := true
	for _, traversal := range expr.Variables() {
		summary, detail := s.checkName(traversal, roots)
		if summary != "" {
			s.report.error(traversal.SourceRange(), summary, detail)
			right = false
		}
	}
	return right
}

// checkName returns what is wrong with one name, or empty text.
func (s *scope) checkName(t hcl.Traversal, roots []string) (summary, detail string) {
	root, name := t.RootName(), secondName(t)
	if s.known == nil {
		return "Name in a constant", "The default of a variable is a constant: it can use functions, but no other value."
	}
	switch root {
	case "var", "local":
		return s.checkDeclared(root, name)
	case "each":
		if !s.each {
			return "No for_each here", "each.key and each.value exist only within a migration that has for_each."
		}
		return checkMember(root, name, []string{"key", "value"})
	case "secret":
		return "Secret used as a value", "A secret can be named only where one is expected, such as password = secret." +
			orName(name) + ". Its value never enters the configuration."
	case "source", "target":
		return "Server used as a value", fmt.Sprintf(
			"%s.%s names a block and has no value. It can be used only for the argument %q of a migration.", root, orName(name), root)
	case "self", "plan":
		if !slices.Contains(roots, root) {
			return "Unknown name", map[string]string{
				"self": "self exists only in the argument \"to\" of a rename block.",
				"plan": "plan exists only in the arguments of a check block.",
			}[root]
		}
		if root == "self" {
			return checkMember(root, name, []string{"schema", "table", "name"})
		}
		return "", ""
	}
	all := append([]string{"var", "local", "each"}, roots...)
	detail = fmt.Sprintf("There is no %q. An expression can use %s.%s", root, list(all), didYouMean(root, all))
	if len(t) == 1 {
		detail += fmt.Sprintf(" A text is written in quotes: %q.", root)
	}
	return "Unknown name", detail
}

// checkDeclared checks var.x and local.x.
func (s *scope) checkDeclared(root, name string) (summary, detail string) {
	what := map[string]string{"var": "variable", "local": "local value"}[root]
	if name == "" {
		return "Name missing", fmt.Sprintf("After %s comes a dot and the name of a %s.", root, what)
	}
	if _, ok := s.known[root][name]; ok {
		return "", ""
	}
	return "Undeclared " + what, fmt.Sprintf("There is no %s %q.%s", what, name, didYouMean(name, s.known.names(root)))
}

func checkMember(root, name string, members []string) (summary, detail string) {
	if slices.Contains(members, name) {
		return "", ""
	}
	return "Unknown name", fmt.Sprintf("%s has %s.%s", root, list(members), didYouMean(name, members))
}

// secondName is the name after the root: x in var.x and var["x"].
func secondName(t hcl.Traversal) string {
	if len(t) < 2 {
		return ""
	}
	switch step := t[1].(type) {
	case hcl.TraverseAttr:
		return composed(step.Name)
	case hcl.TraverseIndex:
		if step.Key.IsKnown() && !step.Key.IsNull() && step.Key.Type() == cty.String {
			return step.Key.AsString()
		}
	}
	return ""
}

func orName(name string) string {
	if name == "" {
		return "name"
	}
	return name
}

// reference reads a static reference, such as secret.password, and checks
// that the block is declared.
func (s *scope) reference(root string, attr *hcl.Attribute) (any, verdict) {
	at := attr.Expr.Range()
	t := s.traversal(attr.Expr)
	if len(t) == 1 && t.RootName() == "null" {
		return nil, isNull
	}
	if t == nil && root == "secret" {
		s.sources.hide(at) // it may be the password itself
	}
	if t == nil || t.RootName() != root {
		s.report.error(at, "Not a reference to a "+root, fmt.Sprintf(
			"%q takes the name of a %s block, as in %s.%s, without quotes and not computed.%s",
			attr.Name, root, root, orName(firstOf(s.known.names(root))), referenceHint(root)))
		return nil, isWrong
	}
	name := secondName(t)
	if name == "" || len(t) != 2 {
		s.report.error(at, "Not a reference to a "+root, fmt.Sprintf("Write %s, a dot, and the name of a block.", root))
		return nil, isWrong
	}
	if _, ok := s.known[root][name]; !ok {
		s.report.error(at, "Undeclared "+root, fmt.Sprintf(
			"There is no block %s %q.%s", root, name, didYouMean(name, s.known.names(root))))
		return nil, isWrong
	}
	return reference{name}, isValue
}

func referenceHint(root string) string {
	if root != "secret" {
		return ""
	}
	return ` A password is never written into the configuration, nor into a variable: declare secret "name" { env = "NAME" } or { file = "…" }.`
}

// traversal is the expression as a static reference, or nil. In JSON it is a
// text, "source.old" or "${source.old}".
func (s *scope) traversal(expr hcl.Expression) hcl.Traversal {
	if t, diags := hcl.AbsTraversalForExpr(expr); !diags.HasErrors() {
		return t
	}
	text := string(s.sources.slice(expr.Range()))
	inner, begins := strings.CutPrefix(text, `"${`)
	inner, ends := strings.CutSuffix(inner, `}"`)
	if !begins || !ends || !strings.HasSuffix(expr.Range().Filename, ".json") {
		return nil
	}
	t, diags := hclsyntax.ParseTraversalAbs([]byte(strings.TrimSpace(inner)), expr.Range().Filename, expr.Range().Start)
	if diags.HasErrors() {
		return nil
	}
	return t
}

func firstOf(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return names[0]
}
