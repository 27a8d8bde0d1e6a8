package ddl

import (
	"strings"

	"sluice/planner/catalog"
)

// Forward returns the statements that make just so much of o that what o itself
// needs can refer to it: a view of the right columns, a type's name, a table
// without its defaults. Complete makes the rest. It is nil for kinds that have
// no such form.
func Forward(o *catalog.Object, version int) []string {
	switch spec := o.Spec.(type) {
	case *catalog.Base, *catalog.Range:
		return []string{createShell(o)}
	case *catalog.Domain:
		return createDomain(withoutComment(o), bareDomain(spec), version)
	case *catalog.Table:
		if bare := bareTable(spec); bare != nil {
			return createTable(o, bare, version)
		}
	case *catalog.ForeignTable:
		if bare := bareTable(&spec.Table); bare != nil {
			foreign := *spec
			foreign.Table = *bare
			return createForeignTable(o, &foreign, version)
		}
	case *catalog.View:
		return []string{dummyView(o, spec)}
	}
	return nil
}

// Complete returns the statements that make of what Forward made what Create
// makes: all of them, where Forward is nil. A domain must be completed before a
// column of a table holds it within an array, a range or a composite type, which
// ALTER DOMAIN … ADD CONSTRAINT refuses.
func Complete(o *catalog.Object, version int) []string {
	if Forward(o, version) == nil {
		return Create(o, version)
	}
	switch spec := o.Spec.(type) {
	case *catalog.Domain:
		return completeDomain(o, spec, version)
	case *catalog.Table:
		return completeTable(o, spec)
	case *catalog.ForeignTable:
		return completeTable(o, &spec.Table)
	case *catalog.View:
		statements := createView(o, spec)
		statements[0] = "create or replace" + strings.TrimPrefix(statements[0], "create")
		return statements
	}
	return Create(o, version) // of a shell type CREATE TYPE makes the type
}

func withoutComment(o *catalog.Object) *catalog.Object {
	bare := *o
	bare.Comment = ""
	return &bare
}

func bareDomain(domain *catalog.Domain) *catalog.Domain {
	bare := *domain
	bare.Default, bare.Checks, bare.NotNullComment = "", nil, ""
	return &bare
}

func completeDomain(o *catalog.Object, domain *catalog.Domain, version int) []string {
	alter := "alter domain " + o.ID.Qualified().SQL() + " "
	var statements, comments []string
	if domain.Default != "" {
		statements = append(statements, alter+"set default "+domain.Default)
	}
	for _, check := range domain.Checks {
		statements = append(statements, alter+"add constraint "+catalog.Quote(check.Name)+" "+check.Definition)
		comments = append(comments, commentOnCheck(o, check)...)
	}
	comments = append(comments, commentOnNotNull(o, domain, version)...)
	return append(commented(o, statements...), comments...)
}

// bareTable is the table without its defaults; nil where there are none to
// leave out. A generated column stays as it is: it cannot be made one later.
func bareTable(table *catalog.Table) *catalog.Table {
	bare := *table
	bare.Columns = nil
	found := false
	for _, c := range table.Columns {
		if hasDefault(&c) {
			c.Default, found = "", true
		}
		bare.Columns = append(bare.Columns, c)
	}
	if !found {
		return nil
	}
	return &bare
}

func hasDefault(c *catalog.Column) bool { return c.Default != "" && c.Generated == "" }

func completeTable(o *catalog.Object, table *catalog.Table) []string {
	var actions []string
	for i := range table.Columns {
		if c := &table.Columns[i]; hasDefault(c) {
			actions = append(actions, "alter column "+catalog.Quote(c.Name)+" set default "+c.Default)
		}
	}
	return []string{"alter table only " + o.ID.Qualified().SQL() + "\n  " + strings.Join(actions, ",\n  ")}
}

// dummyView has the columns of the view, and no rows.
func dummyView(o *catalog.Object, view *catalog.View) string {
	var columns []string
	for _, c := range view.Columns {
		column := "null::" + c.Type
		if c.Collation != "" {
			column += " collate " + c.Collation
		}
		columns = append(columns, column+" as "+catalog.Quote(c.Name))
	}
	return "create view " + o.ID.Qualified().SQL() + " as\nselect\n  " + strings.Join(columns, ",\n  ")
}
