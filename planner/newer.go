package planner

import (
	"fmt"
	"strings"

	"sluice/planner/catalog"
)

// checkNewer reports what a target that is older than the source cannot have.
// What a definition calls is not looked into: the server says that, in the
// transaction that is then rolled back.
func (b *builder) checkNewer() {
	s, t := b.source.Server, b.target.Server
	if t.Major() >= s.Major() {
		return
	}
	b.report(Finding{
		Code:    "W227",
		Object:  database(t.Database),
		Summary: fmt.Sprintf("%s is PostgreSQL %s, older than %s with %s", b.spec.Target.Ref, t.VersionText, b.spec.Source.Ref, s.VersionText),
		Fix:     []string{"move to a server that is not older"},
		Place:   place(b.spec.Target.Place),
	})
	for _, o := range b.created() {
		what, major := newest(o)
		if major <= t.Major() {
			continue
		}
		b.report(Finding{
			Code:    "C128",
			Object:  o.ID,
			Summary: fmt.Sprintf("%s has %s, which PostgreSQL has since %d; %s is %d", o.ID, what, major, b.spec.Target.Ref, t.Major()),
			Fix:     []string{fmt.Sprintf("move to PostgreSQL %d or later", major), fmt.Sprintf("or exclude = [%q]", b.patternOf(o))},
			Place:   b.reason(o).Place,
		})
	}
}

// newest is what of an object came to PostgreSQL last, and with which major; 0
// where every target that sluice knows has all of it.
func newest(o *catalog.Object) (what string, major int) {
	since := func(m int, w string, has bool) {
		if has && m > major {
			what, major = w, m
		}
	}
	switch spec := o.Spec.(type) {
	case *catalog.Table:
		newestOfTable(spec, since)
	case *catalog.ForeignTable:
		newestOfTable(&spec.Table, since)
	case *catalog.Composite:
		for _, a := range spec.Attributes {
			newestOfType(a.Type, since)
		}
	case *catalog.Domain:
		newestOfType(spec.Type, since)
	case *catalog.View:
		for _, option := range spec.Options {
			since(15, "security_invoker", strings.HasPrefix(option, "security_invoker="))
		}
	case *catalog.Function:
		since(14, "a body in standard SQL", !hasStringBody(spec) && spec.Language == "sql")
	case *catalog.Base:
		since(14, "a subscripting function", spec.Subscript != "")
	case *catalog.Collation:
		since(16, "rules", spec.Rules != "")
		since(17, "the builtin provider", spec.Provider == "builtin")
	case *catalog.Index:
		since(15, "NULLS NOT DISTINCT", says(spec.Definition, " NULLS NOT DISTINCT"))
	case *catalog.Statistics:
		since(14, "expressions", says(spec.Definition, "(", " ON "))
	case *catalog.Constraint:
		newestOfConstraint(spec, since)
	case *catalog.EventTrigger:
		since(17, "the event login", spec.Event == "login")
	case *catalog.Publication:
		newestOfPublication(spec, since)
	}
	return what, major
}

func newestOfTable(t *catalog.Table, since func(int, string, bool)) {
	for _, c := range t.Columns {
		newestOfType(c.Type, since)
		since(18, "a virtual generated column", c.Generated == "virtual")
		since(18, "NOT NULL that is not inherited", c.NotNullNoInherit)
	}
}

func newestOfType(name string, since func(int, string, bool)) {
	base := strings.TrimSuffix(name, "[]")
	since(14, "the type "+base, strings.HasSuffix(base, "multirange") && !strings.Contains(base, "."))
	since(13, "the type "+base, base == "xid8" || base == "pg_snapshot" || base == "regcollation")
}

func newestOfConstraint(c *catalog.Constraint, since func(int, string, bool)) {
	since(15, "NULLS NOT DISTINCT", says(c.Definition, " NULLS NOT DISTINCT"))
	since(15, "columns of SET NULL or SET DEFAULT", says(c.Definition, "ON DELETE SET NULL (") || says(c.Definition, "ON DELETE SET DEFAULT ("))
	since(18, "NOT VALID on a partitioned table", c.Type == catalog.ForeignKey && c.Partitioned && !c.Valid)
	since(18, "NOT ENFORCED", strings.HasSuffix(c.Definition, " NOT ENFORCED"))
	since(18, "WITHOUT OVERLAPS", c.Type != catalog.Check && says(c.Definition, " WITHOUT OVERLAPS"))
	since(18, "NOT NULL that is not valid", c.Type == catalog.NotNull)
	since(18, "PERIOD", c.Type == catalog.ForeignKey && says(c.Definition, "PERIOD "))
}

func newestOfPublication(p *catalog.Publication, since func(int, string, bool)) {
	since(15, "whole schemas", len(p.Schemas) > 0)
	for _, t := range p.Tables {
		since(15, "a list of columns", len(t.Columns) > 0)
		since(15, "a filter on rows", t.Where != "")
	}
	for _, option := range p.Options {
		since(13, "publish_via_partition_root", strings.HasPrefix(option, "publish_via_partition_root"))
		since(18, "publish_generated_columns", strings.HasPrefix(option, "publish_generated_columns"))
	}
}

// says that a definition has these words, outside quoted names; with after, that
// they come behind those.
func says(definition, words string, after ...string) bool {
	found := true
	for _, a := range after {
		_, definition, found = cutOutsideQuotes(definition, a)
	}
	if !found {
		return false
	}
	_, _, found = cutOutsideQuotes(definition, words)
	return found
}
