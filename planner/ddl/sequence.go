package ddl

import (
	"fmt"

	"sluice/planner/catalog"
)

func createSequence(o *catalog.Object, sequence *catalog.Sequence, version int) string {
	create := "create sequence "
	if sequence.Unlogged && version >= version15 {
		create = "create unlogged sequence "
	}
	create += o.ID.Qualified().SQL()
	if t := sequence.Options.Type; t != "" {
		create += " as " + t
	}
	return create + "\n  " + sequenceOptions(sequence.Options)
}

// sequenceOptions says every option: what a server takes by default depends on
// the type and on the sign of the increment.
func sequenceOptions(o catalog.SequenceOptions) string {
	cycle := "no cycle"
	if o.Cycle {
		cycle = "cycle"
	}
	return fmt.Sprintf("start with %d increment by %d minvalue %d maxvalue %d cache %d %s",
		o.Start, o.Increment, o.Min, o.Max, o.Cache, cycle)
}

// OwnedBy returns the statement that binds a serial column's sequence to its
// column, to run when the table is there; empty where no column owns o.
func OwnedBy(o *catalog.Object) string {
	sequence, ok := o.Spec.(*catalog.Sequence)
	if !ok || sequence.OwnedBy == nil {
		return ""
	}
	return "alter sequence " + o.ID.Qualified().SQL() +
		" owned by " + sequence.OwnedBy.Table.SQL() + "." + catalog.Quote(sequence.OwnedBy.Column)
}
