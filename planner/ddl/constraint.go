package ddl

import (
	"strings"

	"sluice/planner/catalog"
)

func createConstraint(o *catalog.Object, constraint *catalog.Constraint) []string {
	if comesWithParent(constraint) {
		return nil
	}
	table := o.ID.Relation().SQL()
	name := catalog.Quote(o.ID.Name)
	add := "\n  add constraint " + name + " "
	switch constraint.Type {
	case catalog.Check:
		// Without ONLY: it goes down to the partitions and heirs, whose own are not created.
		return commented(o, "alter table "+table+add+constraint.Definition)
	case catalog.ForeignKey:
		return commented(o, createForeignKey(table, name, add, constraint)...)
	}
	// With ONLY: the partitions' keys are objects of their own, attached one by one.
	statements := []string{"alter table only " + table + add + keyDefinition(constraint)}
	statements = append(statements, attachIndex(constraint.Of, o.ID.Qualified())...)
	if constraint.Clustered {
		statements = append(statements, cluster(o.ID.Relation(), false, o.ID.Name))
	}
	return commented(o, statements...)
}

// comesWithParent: PostgreSQL makes it when it makes the parent table's. A
// partition's key has a parent, too, but is made by itself and attached.
func comesWithParent(constraint *catalog.Constraint) bool {
	return constraint.Inherited && (constraint.Type == catalog.Check || constraint.Type == catalog.ForeignKey)
}

// createForeignKey adds the key without looking at the rows, which takes
// its strong locks for a moment only, and checks them in a second statement.
// On a partitioned table NOT VALID exists since 18 only; there it is one
// statement, and without ONLY, which the server refuses.
func createForeignKey(table, name, add string, key *catalog.Constraint) []string {
	if key.Partitioned {
		return []string{"alter table " + table + add + key.Definition}
	}
	statement := "alter table only " + table + add + key.Definition
	// The definition says NOT VALID by itself, or NOT ENFORCED. Of a key on a
	// partitioned table VALIDATE leaves the hidden ones, a partition each, not
	// valid before 18, for everybody who looks for such keys to find.
	if !key.Valid || key.ReferencesPartitioned {
		return []string{statement}
	}
	return []string{
		statement + " not valid",
		"alter table " + table + " validate constraint " + name,
	}
}

// keyDefinition puts the storage parameters where ADD CONSTRAINT wants them:
// behind the columns, before DEFERRABLE.
func keyDefinition(key *catalog.Constraint) string {
	if len(key.Options) == 0 {
		return key.Definition
	}
	columns, deferrable := key.Definition, ""
	if key.Deferrable {
		// The last one: a column may have any name.
		if i := strings.LastIndex(columns, " DEFERRABLE"); i >= 0 {
			columns, deferrable = columns[:i], columns[i:]
		}
	}
	return columns + with(" ", key.Options) + deferrable
}
