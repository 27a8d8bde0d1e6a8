package planner

import (
	"fmt"

	"sluice/planner/catalog"
)

// notes are what a person would want to know of an object at a glance. No sizes:
// those change each hour and are estimates.
func (b *builder) notes(o *catalog.Object) []string { return append(b.oldNames(o), b.ownNotes(o)...) }

func (b *builder) ownNotes(o *catalog.Object) (notes []string) {
	switch spec := o.Spec.(type) {
	case *catalog.Enum:
		notes = append(notes, fmt.Sprintf("enum of %d", len(spec.Labels)))
	case *catalog.Extension:
		notes = append(notes, b.extensionNote(o, spec))
	case *catalog.Composite:
		notes = append(notes, "composite of "+plural(len(spec.Attributes), "attribute"))
	case *catalog.Range:
		notes = append(notes, "range of "+spec.Subtype)
	case *catalog.Base:
		notes = append(notes, "base type")
	case *catalog.Shell:
		notes = append(notes, "shell type")
	case *catalog.Domain:
		notes = append(notes, "over "+spec.Type)
	case *catalog.Function:
		notes = append(notes, spec.Language)
		if hasStringBody(spec) {
			notes = append(notes, "body not checked")
		}
	case *catalog.Sequence:
		if spec.OwnedBy != nil {
			notes = append(notes, "owned by "+spec.OwnedBy.Table.String()+"."+spec.OwnedBy.Column)
		}
	case *catalog.ForeignTable:
		notes = append(tableNotes(&spec.Table), "on server "+spec.Server)
	case *catalog.Statistics:
		notes = append(notes, "on "+spec.Table.String())
	case *catalog.Table:
		notes = tableNotes(spec)
	case *catalog.Index:
		notes = indexNotes(spec)
	case *catalog.Constraint:
		notes = b.constraintNotes(o, spec)
	case *catalog.Trigger:
		notes = append(notes, "runs "+spec.Function.Label())
	case *catalog.MaterializedView:
		notes = append(notes, "without rows")
	}
	return notes
}

func (b *builder) extensionNote(o *catalog.Object, e *catalog.Extension) string {
	if version := b.extensionVersion(o); version != e.Version {
		return fmt.Sprintf("version %s, on the source %s", version, e.Version)
	}
	return "version " + e.Version
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

func (b *builder) constraintNotes(o *catalog.Object, c *catalog.Constraint) []string {
	if c.Type != catalog.ForeignKey {
		return []string{string(c.Type)}
	}
	notes := []string{"-> " + c.References.String()}
	switch {
	case !c.Valid:
		return append(notes, "stays NOT VALID")
	case b.checkedAtOnce(o):
		return notes
	}
	return append(notes, "NOT VALID, rows checked later")
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
