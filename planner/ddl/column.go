package ddl

import (
	"fmt"

	"sluice/planner/catalog"
)

// columnDefinition is a column as CREATE TABLE declares it.
func columnDefinition(c *catalog.Column) string {
	definition := catalog.Quote(c.Name) + " " + c.Type
	if c.Collation != "" {
		definition += " collate " + c.Collation
	}
	return definition + columnConstraints(c)
}

// columnConstraints is what a column has beside its type.
func columnConstraints(c *catalog.Column) (constraints string) {
	switch {
	case c.Generated != "":
		constraints = " generated always as (" + c.Default + ") " + c.Generated
	case hasIdentity(c):
		constraints = " " + identity(c)
	case c.Default != "":
		constraints = " default " + c.Default
	}
	if c.NotNull {
		constraints += " " + notNull(c, "")
	}
	return constraints
}

// notNull is the constraint of a column; on says which, where that is not clear
// from where it stands. Its name means something since 18: a server before takes
// and forgets it.
func notNull(c *catalog.Column, on string) string {
	constraint := "not null" + on
	if c.NotNullName != "" {
		constraint = "constraint " + catalog.Quote(c.NotNullName) + " " + constraint
	}
	if c.NotNullNoInherit {
		constraint += " no inherit"
	}
	return constraint
}

// isNamed says that a NOT NULL is more than SET NOT NULL can say.
func isNamed(c *catalog.Column) bool { return c.NotNullName != "" || c.NotNullNoInherit }

// ownNotNull are the constraints that a child table has on columns of its
// parents. Here, and not in an ALTER TABLE, they keep their names where a parent
// has such a constraint as well. Of that form servers know since 18 only, as of
// the names.
func ownNotNull(table *catalog.Table) []string {
	var constraints []string
	for i := range table.Columns {
		if c := &table.Columns[i]; c.Inherited && c.NotNull && !c.NotNullInherited && isNamed(c) {
			constraints = append(constraints, notNull(c, " "+catalog.Quote(c.Name)))
		}
	}
	return constraints
}

// hasIdentity: since 17 a partition's column has its parent's identity, without
// a sequence of its own, and gets it when it is attached.
func hasIdentity(c *catalog.Column) bool { return c.Identity != "" && c.Sequence != nil }

// identity names the sequence, in the way that only pg_dump uses: the column's
// own choice of a name depends on what else is there.
func identity(c *catalog.Column) string {
	return "generated " + c.Identity + " as identity (sequence name " + c.Sequence.Name.SQL() +
		" " + sequenceOptions(c.Sequence.Options) + ")"
}

// columnActions are the actions of ALTER TABLE for what CREATE TABLE cannot say.
func columnActions(table *catalog.Table, version int) []string {
	var actions []string
	for i := range table.Columns {
		c := &table.Columns[i]
		alter := "alter column " + catalog.Quote(c.Name) + " "
		for _, action := range append(inheritedActions(table, c), storageActions(c, version)...) {
			actions = append(actions, alter+action)
		}
	}
	return actions
}

// inheritedActions says for a child table what its columns would otherwise
// take from the parents: their defaults, and that null is allowed.
func inheritedActions(table *catalog.Table, c *catalog.Column) []string {
	if !inheritsColumns(table) {
		return nil
	}
	var actions []string
	if c.Inherited && c.NotNull && !c.NotNullInherited && !isNamed(c) {
		actions = append(actions, "set not null")
	}
	switch {
	case c.Generated != "": // has the parent's expression; the server allows no other before 17
	case hasIdentity(c):
		if c.Inherited {
			actions = append(actions, "add "+identity(c))
		}
	case c.Default == "":
		actions = append(actions, "drop default")
	case c.Inherited:
		actions = append(actions, "set default "+c.Default)
	}
	return actions
}

func storageActions(c *catalog.Column, version int) []string {
	var actions []string
	if c.Storage != "" {
		actions = append(actions, "set storage "+c.Storage)
	}
	if c.Compressed != "" && version >= version14 {
		actions = append(actions, "set compression "+c.Compressed)
	}
	if c.Statistics != -1 {
		actions = append(actions, fmt.Sprintf("set statistics %d", c.Statistics))
	}
	if len(c.Options) > 0 {
		actions = append(actions, "set ("+optionList(c.Options, "")+")")
	}
	if len(c.Fetch) > 0 {
		actions = append(actions, foreignOptions("", c.Fetch))
	}
	return actions
}

// AddColumn returns the statements that add a column to the table o, and to
// those below it.
func AddColumn(o *catalog.Object, c *catalog.Column, version int) []string {
	name := o.ID.Qualified().SQL()
	statements := []string{"alter table " + name + " add column " + columnDefinition(c)}
	for _, action := range storageActions(c, version) {
		statements = append(statements, "alter table "+name+" alter column "+catalog.Quote(c.Name)+" "+action)
	}
	return append(statements, columnComments(name, c)...)
}

// columnComment is empty where the column of a relation has none.
func columnComment(relation, column, comment string) []string {
	if comment == "" {
		return nil
	}
	return []string{"comment on column " + relation + "." + catalog.Quote(column) + " is " + catalog.Literal(comment)}
}
