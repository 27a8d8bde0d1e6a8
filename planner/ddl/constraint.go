package ddl

import "sluice/planner/catalog"

func createConstraint(o *catalog.Object, constraint *catalog.Constraint) []string {
	table := o.ID.Relation().SQL()
	name := catalog.Quote(o.ID.Name)
	if comesWithParent(constraint) {
		if constraint.Validated {
			return commented(o, Validate(o))
		}
		return commented(o)
	}
	add := "\n  add constraint " + name + " "
	switch constraint.Type {
	case catalog.Check, catalog.NotNull:
		// Without ONLY: it goes down to the partitions and heirs, whose own are not created.
		return commented(o, "alter table "+table+add+constraint.Definition)
	case catalog.ForeignKey:
		return commented(o, createForeignKey(o, add, constraint)...)
	}
	// With ONLY: the partitions' keys are objects of their own, attached one by one.
	statements := []string{"alter table only " + table + add + keyDefinition(constraint)}
	statements = append(statements, attachIndex(constraint.Of, o.ID.Qualified())...)
	if constraint.Clustered {
		statements = append(statements, cluster(o.ID.Relation(), false, o.ID.Name))
	}
	statements = append(statements, indexStatistics(o.ID.Qualified(), constraint.Statistics)...)
	statements = commented(o, statements...)
	if constraint.IndexComment != "" {
		statements = append(statements,
			"comment on index "+o.ID.Qualified().SQL()+" is "+catalog.Literal(constraint.IndexComment))
	}
	return statements
}

// AddConstraint returns the statement that adds a constraint to a table before that
// has a parent to get it from: Create has none then.
func AddConstraint(o *catalog.Object) string {
	return "alter table " + o.ID.Relation().SQL() + "\n  add constraint " + catalog.Quote(o.ID.Name) + " " + o.Spec.(*catalog.Constraint).Definition
}

// comesWithParent: PostgreSQL makes it when it makes the parent table's. A
// partition's key has a parent, too, but is made by itself and attached.
func comesWithParent(constraint *catalog.Constraint) bool {
	switch constraint.Type {
	case catalog.Check, catalog.NotNull, catalog.ForeignKey:
		return constraint.Inherited
	}
	return false
}

// Validate returns the statement that checks the rows for a constraint that was
// added without looking at them.
func Validate(o *catalog.Object) string {
	return "alter table " + o.ID.Relation().SQL() + " validate constraint " + catalog.Quote(o.ID.Name)
}

// createForeignKey adds the key without looking at the rows, which takes
// its strong locks for a moment only, and checks them in a second statement.
// On a partitioned table NOT VALID exists since 18 only; there it is one
// statement, and without ONLY, which the server refuses.
func createForeignKey(o *catalog.Object, add string, key *catalog.Constraint) []string {
	table := o.ID.Relation().SQL()
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
	return []string{statement + " not valid", Validate(o)}
}

// keyDefinition adds what pg_get_constraintdef leaves out, where ADD CONSTRAINT
// wants it: the storage parameters, of an exclusion constraint there already,
// and the tablespace.
func keyDefinition(key *catalog.Constraint) string {
	text := with(" ", key.Options)
	if key.Tablespace != "" {
		text += " using index tablespace " + catalog.Quote(key.Tablespace)
	}
	return insert(key.Definition, text, "WHERE ", "DEFERRABLE")
}
