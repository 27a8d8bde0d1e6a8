package ddl

import (
	"slices"
	"strings"

	"sluice/planner/catalog"
)

// inheritsColumns says that the table has columns that only its parents can give it.
func inheritsColumns(table *catalog.Table) bool {
	return table.Of == (catalog.Name{}) && len(table.Inherits) > 0 &&
		slices.ContainsFunc(table.Columns, func(c catalog.Column) bool { return c.Inherited })
}

// patchwork says that the parents cannot give them in CREATE TABLE.
func patchwork(table *catalog.Table) bool { return table.Patchwork && inheritsColumns(table) }

func inheritsClause(table *catalog.Table) string {
	if !inheritsColumns(table) || patchwork(table) {
		return ""
	}
	return "\ninherits (" + nameList(table.Inherits) + ")"
}

// inherit makes a table that has all its columns a child afterwards: so their
// order and their defaults stay what they are.
func inherit(o *catalog.Object, table *catalog.Table) []string {
	switch {
	case patchwork(table):
		return assemble(o, table)
	case inheritsColumns(table):
		return nil
	}
	return inheritParents(o, table)
}

func inheritParents(o *catalog.Object, table *catalog.Table) []string {
	var statements []string
	for _, parent := range table.Inherits {
		statements = append(statements, "alter table only "+o.ID.Qualified().SQL()+" inherit "+parent.SQL())
	}
	return statements
}

// assemble gives a table its columns one by one, in their order. One that is
// declared nowhere but above comes from a parent for the time being, as bare as
// can be: then the real parents find it there as inherited, and
// it stays so when the other goes. A generated column needs those that it is
// computed from beside it, so the parent for the time being has all of them.
func assemble(o *catalog.Object, table *catalog.Table) []string {
	name := o.ID.Qualified().SQL()
	parent := catalog.Name{Schema: o.ID.Schema, Local: "sluice columns of " + o.ID.Name}.SQL() // the server cuts it to its length
	statements := []string{
		"create table " + parent + " ()",
		"alter table only " + name + " inherit " + parent,
	}
	for _, c := range table.Columns {
		if !c.Inherited {
			statements = append(statements, "alter table only "+name+" add column "+columnDefinition(&c))
		}
		above := fromAbove(o.ID.Name, &c)
		statements = append(statements, "alter table "+parent+" add column "+columnDefinition(&above))
	}
	statements = append(statements, inheritParents(o, table)...)
	return append(statements, "alter table only "+name+" no inherit "+parent, "drop table "+parent)
}

// fromAbove is a column as the parent for the time being has it. NOT NULL is a
// constraint since 18, which the child has under the parent's name.
func fromAbove(table string, c *catalog.Column) catalog.Column {
	above := catalog.Column{Name: c.Name, Type: c.Type, Collation: c.Collation, Generated: c.Generated}
	if c.Generated != "" {
		above.Default = c.Default
	}
	if c.Inherited && c.NotNullInherited {
		above.NotNull, above.NotNullName = true, c.NotNullName
		if above.NotNullName == "" {
			above.NotNullName = table + "_" + c.Name + "_not_null"
		}
	}
	return above
}

func nameList(names []catalog.Name) string {
	list := make([]string, len(names))
	for i, n := range names {
		list[i] = n.SQL()
	}
	return strings.Join(list, ", ")
}
