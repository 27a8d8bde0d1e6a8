package ddl

import (
	"strings"

	"sluice/planner/catalog"
)

func createConstraint(o *catalog.Object, constraint *catalog.Constraint, version int) []string {
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
		return commented(o, createForeignKey(o, add, constraint, version)...)
	}
	statements := createKey(o, add, constraint, version)
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
// Before 18 a partitioned table takes no key that is NOT VALID, and VALIDATE of a key
// that refers to one leaves the hidden ones, a partition each, not valid for everybody
// who looks for such keys to find: there it is one statement. One on a partitioned
// table is without ONLY, which the server refuses.
func createForeignKey(o *catalog.Object, add string, key *catalog.Constraint, version int) []string {
	statement := "alter table only " + o.ID.Relation().SQL() + add + key.Definition
	if key.Partitioned {
		statement = "alter table " + o.ID.Relation().SQL() + add + key.Definition
	}
	// The definition says NOT VALID by itself, or NOT ENFORCED.
	if !key.Valid || version < version18 && (key.Partitioned || key.ReferencesPartitioned) {
		return []string{statement}
	}
	return []string{statement + " not valid", Validate(o)}
}

// createKey adds a primary key, a unique or an exclusion constraint. With ONLY: the
// partitions' keys are objects of their own, attached one by one.
func createKey(o *catalog.Object, add string, key *catalog.Constraint, version int) []string {
	table := o.ID.Relation().SQL()
	add = "alter table only " + table + add
	if !IndexFirst(key, version) {
		return []string{add + keyDefinition(key)}
	}
	name, at := catalog.Quote(o.ID.Name), strings.IndexByte(key.Definition, '(')
	word, distinct := strings.CutSuffix(key.Definition[:at-1], " NULLS NOT DISTINCT")
	columns, end := key.Definition[at:], clause(key.Definition[at:], "DEFERRABLE")
	index := "create unique index " + name + " on " + table + " " + columns[:end]
	if distinct {
		index += " NULLS NOT DISTINCT"
	}
	index += with(" ", key.Options)
	if key.Tablespace != "" {
		index += " tablespace " + catalog.Quote(key.Tablespace)
	}
	return []string{index, add + word + " using index " + name + columns[end:]}
}

// IndexFirst says that a key's index is built first, while other indexes of the
// table are, and made the key's then. PostgreSQL takes none for a key of a
// partitioned table, and only a btree. From 18 on it would turn the NOT NULL that a
// primary key's columns inherit into the table's own (ATExecSetNotNull in tablecmds.c).
// https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-DESC-ADD-TABLE-CONSTRAINT-USING-INDEX
func IndexFirst(key *catalog.Constraint, version int) bool {
	switch {
	case key.Partitioned, key.Type == catalog.PrimaryKey && key.Below && version >= version18:
		return false
	case key.Type != catalog.PrimaryKey && key.Type != catalog.Unique:
		return false
	}
	return !strings.Contains(key.Definition, " WITHOUT OVERLAPS)") // by gist; a column of such a name costs no more than time
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
