package ddl

import (
	"fmt"
	"strings"

	"sluice/planner/catalog"
)

// The server_version_num that a word of ours depends on.
const (
	version14 = 140000 // has SET COMPRESSION
	version15 = 150000 // has CREATE UNLOGGED SEQUENCE
	version18 = 180000 // refuses UNLOGGED for a partitioned table
)

// Create returns the statements that make o on a server of that
// server_version_num, in the order in which they must run. It is nil where
// there is nothing to run: for what is Unsupported, and for a constraint that
// comes by itself with the one on the parent table.
func Create(o *catalog.Object, version int) []string {
	switch spec := o.Spec.(type) {
	case *catalog.Schema:
		return commented(o, "create schema "+catalog.Quote(o.ID.Name))
	case *catalog.Enum:
		return commented(o, createEnum(o, spec))
	case *catalog.Domain:
		return createDomain(o, spec)
	case *catalog.Sequence:
		return commented(o, createSequence(o, spec, version))
	case *catalog.Function:
		return commented(o, createFunction(spec))
	case *catalog.Table:
		return createTable(o, spec, version)
	case *catalog.View:
		return commented(o, createView(o, spec))
	case *catalog.MaterializedView:
		return commented(o, createMaterializedView(o, spec))
	case *catalog.Index:
		return createIndex(o, spec)
	case *catalog.Constraint:
		return createConstraint(o, spec)
	case *catalog.Trigger:
		return createTrigger(o, spec)
	case *catalog.Unsupported:
		return nil
	}
	panic(fmt.Sprintf("ddl: %s has a %T as spec", o.ID, o.Spec)) // the set of specs is closed
}

// Drop returns the statement that removes o and nothing else: without cascade,
// so that whatever still needs o stops it. It is empty where Create is nil.
func Drop(o *catalog.Object) string {
	switch spec := o.Spec.(type) {
	case *catalog.Constraint:
		if comesWithParent(spec) {
			return ""
		}
		return "alter table " + o.ID.Relation().SQL() + " drop constraint " + catalog.Quote(o.ID.Name)
	case *catalog.Unsupported:
		return ""
	}
	return "drop " + reference(o)
}

// commented adds the object's comment to the statements that make it.
func commented(o *catalog.Object, statements ...string) []string {
	if o.Comment == "" {
		return statements
	}
	return append(statements, "comment on "+reference(o)+" is "+catalog.Literal(o.Comment))
}

// reference names an object as COMMENT ON and DROP do, with its kind.
func reference(o *catalog.Object) string {
	switch o.ID.Kind {
	case catalog.KindConstraint, catalog.KindForeignKey:
		return "constraint " + catalog.Quote(o.ID.Name) + " on " + o.ID.Relation().SQL()
	case catalog.KindTrigger:
		return "trigger " + catalog.Quote(o.ID.Name) + " on " + o.ID.Relation().SQL()
	case catalog.KindFunction:
		return routine(o)
	}
	return string(o.ID.Kind) + " " + o.ID.Qualified().SQL()
}

// block puts items into parentheses, one a line.
func block(items []string) string {
	return "(\n  " + strings.Join(items, ",\n  ") + "\n)"
}
