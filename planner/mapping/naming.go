package mapping

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"sluice/planner/catalog"
)

// Naming is what is declared about names on the target.
type Naming struct {
	Tables  map[catalog.Name]catalog.Name      // exact, by table; without a schema it goes where its schema goes
	Columns map[catalog.Name]map[string]string // exact, by table
	Left    map[catalog.Name][]string          // columns that are left out, by table
	Bodies  map[catalog.ID]string              // in place of those that are strings, by function
	Rules   []Renaming                         // the first of a kind that matches counts
	Case    func(string) string                // of every name that nothing else changes; nil: none
	There   func(catalog.Name) []string        // the columns, in order, of a table that the target has; nil: it has none
}

// Renaming names all objects of a kind that its pattern matches.
type Renaming struct {
	Kind    RenamingKind
	Pattern Pattern // of as many parts as such an object has
	To      func(schema, table, name string) (string, error)
}

// RenamingKind is what a Renaming names.
type RenamingKind string

// The kinds of renaming.
const (
	RenameSchema RenamingKind = "schema"
	RenameTable  RenamingKind = "table"
	RenameColumn RenamingKind = "column"
)

// None says that nothing is declared: every name stays.
func (n Naming) None() bool {
	return len(n.Tables) == 0 && len(n.Columns) == 0 && len(n.Left) == 0 && len(n.Bodies) == 0 && len(n.Rules) == 0 && n.Case == nil
}

// namer finds the names of one catalog's objects on the target.
type namer struct {
	*Relations
	Naming
	chosen *Selection
	used   []bool // which rules matched
	failed []RuleError
}

// RuleError is a rule whose expression gave no name for an object.
type RuleError struct {
	Rule   int
	Object string // what it was asked to name: public.orders.id
	Err    error
}

func (e RuleError) Error() string { return fmt.Sprintf("naming %s: %v", e.Object, e.Err) }

// cased is a name that no rule is for.
func (n *namer) cased(name string) string {
	if n.Case == nil {
		return name
	}
	return n.Case(name)
}

// byRule is the name that the first rule of a kind that matches gives.
func (n *namer) byRule(kind RenamingKind, schema, table, name string) string {
	parts := []string{schema, table, name}
	switch kind {
	case RenameSchema:
		parts = parts[2:]
	case RenameTable:
		parts = []string{schema, name}
	}
	for i, rule := range n.Rules {
		if rule.Kind != kind || !rule.Pattern.are(parts) {
			continue
		}
		n.used[i] = true
		to, err := rule.To(schema, table, name)
		if err == nil && to == "" {
			err = errors.New("the name is empty")
		}
		if err != nil {
			n.failed = append(n.failed, RuleError{i, strings.Join(parts, "."), err})
			return name
		}
		return to
	}
	return n.cased(name)
}

// are says that the pattern matches these parts, one by one.
func (p Pattern) are(parts []string) bool {
	if len(p) != len(parts) {
		return false
	}
	for i, glob := range p {
		if !match(glob, parts[i]) {
			return false
		}
	}
	return true
}

// schema is what a schema is called.
func (n *namer) schema(name string) string {
	if name == "" {
		return ""
	}
	return n.byRule(RenameSchema, name, "", name)
}

// relation is what a table or view is called.
func (n *namer) relation(o *catalog.Object) catalog.Name {
	name := o.ID.Qualified()
	if to, ok := n.Tables[name]; ok {
		if to.Schema == "" {
			to.Schema = n.schema(name.Schema)
		}
		return to
	}
	if o.Table() == nil {
		return catalog.Name{Schema: n.schema(name.Schema), Local: n.cased(name.Local)}
	}
	return catalog.Name{Schema: n.schema(name.Schema), Local: n.byRule(RenameTable, name.Schema, name.Local, name.Local)}
}

// column is what a column is called: one that comes from a parent as it is
// called there, and one of a typed table as the attribute.
func (n *namer) column(of *catalog.Object, column string) string {
	table := of.Table()
	if table == nil { // a view's
		return n.cased(column)
	}
	if typed := table.Type; typed != (catalog.Name{}) {
		return n.attribute(n.Find(catalog.ID{Kind: catalog.KindType, Schema: typed.Schema, Name: typed.Local}), column)
	}
	name := of.ID.Qualified()
	if to, ok := n.Columns[name][column]; ok {
		return to
	}
	for _, parent := range append([]catalog.Name{table.Of}, table.Inherits...) {
		if above := n.Relation(parent); above != nil && hasColumn(above.Table(), column) {
			return n.column(above, column)
		}
	}
	return n.byRule(RenameColumn, name.Schema, name.Local, column)
}

// attribute is what an attribute of a composite type is called, for which there
// is no rule. That of a type that stays behind, or is an extension's, keeps its name.
func (n *namer) attribute(of *catalog.Object, name string) string {
	if of == nil || !n.chosen.Of(of).Taken {
		return name
	}
	return n.cased(name)
}

// left says that a column is left out: also one that comes from a parent which
// leaves it out.
func (n *namer) left(of *catalog.Object, column string) bool {
	table := of.Table()
	if table == nil || len(n.Left) == 0 {
		return false
	}
	for _, parent := range append([]catalog.Name{table.Of}, table.Inherits...) {
		if above := n.Relation(parent); above != nil && hasColumn(above.Table(), column) {
			return n.left(above, column)
		}
	}
	return slices.Contains(n.Left[of.ID.Qualified()], column)
}

func hasColumn(table *catalog.Table, name string) bool {
	for i := range table.Columns {
		if table.Columns[i].Name == name {
			return true
		}
	}
	return false
}
