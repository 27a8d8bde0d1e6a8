package planner

import (
	"fmt"

	"sluice/planner/catalog"
)

// notes are what a person would want to know of an object at a glance. No sizes:
// those change each hour and are estimates.
func notes(o *catalog.Object) (notes []string) {
	switch spec := o.Spec.(type) {
	case *catalog.Enum:
		notes = append(notes, fmt.Sprintf("enum of %d", len(spec.Labels)))
	case *catalog.Domain:
		notes = append(notes, "over "+spec.Type)
	case *catalog.Function:
		notes = append(notes, spec.Language)
	case *catalog.Table:
		notes = tableNotes(spec)
	case *catalog.Index:
		notes = indexNotes(spec)
	case *catalog.Constraint:
		notes = constraintNotes(spec)
	case *catalog.Trigger:
		notes = append(notes, "runs "+spec.Function.Label())
	case *catalog.MaterializedView:
		notes = append(notes, "without rows")
	}
	return notes
}

func tableNotes(t *catalog.Table) []string {
	notes := []string{plural(len(t.Columns), "column")}
	if t.Unlogged {
		notes = append(notes, "unlogged")
	}
	if t.Partitioned() {
		notes = append(notes, "partitioned by "+t.PartitionKey)
	}
	if t.Of != (catalog.Name{}) {
		notes = append(notes, "partition of "+t.Of.String())
	}
	for _, parent := range t.Inherits {
		notes = append(notes, "inherits "+parent.String())
	}
	return notes
}

func indexNotes(i *catalog.Index) []string {
	notes := []string{"on " + i.Table.String()}
	if i.Unique {
		notes = append(notes, "unique")
	}
	return notes
}

func constraintNotes(c *catalog.Constraint) []string {
	if c.Type != catalog.ForeignKey {
		return []string{string(c.Type)}
	}
	notes := []string{"-> " + c.References.String()}
	switch {
	case c.Partitioned:
		return notes
	case c.Valid:
		return append(notes, "NOT VALID, then VALIDATE")
	}
	return append(notes, "stays NOT VALID")
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
