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

func inheritsClause(id catalog.ID, table *catalog.Table) string {
	switch {
	case !inheritsColumns(table):
		return ""
	case patchwork(table):
		return "\ninherits (" + temporary(id).SQL() + ")"
	}
	return "\ninherits (" + nameList(table.Inherits) + ")"
}

// inherit makes a table that has all its columns a child afterwards: so their
// order and their defaults stay what they are.
func inherit(o *catalog.Object, table *catalog.Table) []string {
	switch {
	case patchwork(table):
		return changeParents(o, table)
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

// A table whose columns come in another order than its parents would give it
// gets them in theirs from a parent for the time being, which has them all, as
// bare as can be. What is its own it declares as well. Then the real parents find
// the others there as inherited, and they stay so when the first one goes. All at
// once, since a generated column needs those that it is computed from beside it.
func temporaryParent(o *catalog.Object, table *catalog.Table) string {
	var columns []string
	for _, c := range table.Columns {
		above := fromAbove(o.ID.Name, &c)
		columns = append(columns, columnDefinition(&above))
	}
	return "create table " + temporary(o.ID).SQL() + " " + block(columns)
}

// temporary is the name of that parent; the server cuts it to its length.
func temporary(id catalog.ID) catalog.Name {
	return catalog.Name{Schema: id.Schema, Local: "sluice columns of " + id.Name}
}

func changeParents(o *catalog.Object, table *catalog.Table) []string {
	parent := temporary(o.ID).SQL()
	return append(inheritParents(o, table),
		"alter table only "+o.ID.Qualified().SQL()+" no inherit "+parent, "drop table "+parent)
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
