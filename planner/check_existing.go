package planner

import (
	"fmt"
	"slices"
	"strings"

	"sluice/planner/catalog"
)

// checkTaken checks that a table that others made on the target can take the
// source's rows as they are declared to come.
func (b *builder) checkTaken(o, there *catalog.Object) {
	source, target := o.Spec.(*catalog.Table), there.Spec.(*catalog.Table)
	differ := columnDifference(source, target)
	if differ == "" && b.routed[o] == nil {
		differ = placeDifference(source, target)
	}
	if differ != "" && b.waits(o) == "" {
		b.report(Finding{
			Code:    "C102",
			Object:  o.ID,
			Summary: fmt.Sprintf("%s exists on %s and differs, so that it cannot take the rows", o.ID, b.spec.Target.Ref),
			Detail:  differ,
			Fix:     append([]string{fmt.Sprintf("make them equal on %s", b.spec.Target.Ref)}, b.commonColumns(o, source, target)...),
			Place:   b.placeOf(o),
		})
	}
	if t := b.target.Server; !target.Access.Owner && !t.Superuser {
		b.missing(b.spec.Target, t, "does not own "+o.ID.String()+", which it has to write to and complete",
			"grant "+catalog.Quote(there.Owner)+" to "+catalog.Quote(t.User))
	}
	b.checkFires(o)
	for _, rows := range append(b.routedTo(o), o) {
		if b.checkOverwrite(rows) {
			break // the others are like it
		}
	}
	b.checkDeferrable(o)
	b.checkKeys(o, target)
}

// commonColumns are the edits by which a table that differs takes what both have,
// and another one by which it is left alone.
func (b *builder) commonColumns(o *catalog.Object, source, target *catalog.Table) (fix []string) {
	var missing []string
	label := b.onSource(o).Label()
	for _, c := range source.Columns {
		name := b.originColumn(o, &c).Name
		i := slices.IndexFunc(target.Columns, func(there catalog.Column) bool { return there.Name == c.Name })
		switch {
		case i < 0:
			missing = append(missing, fmt.Sprintf("%q", name))
		case target.Columns[i].Type != c.Type && c.Generated == "":
			fix = append(fix, fmt.Sprintf("or: table %q { column %q { type = %q } }", label, name, target.Columns[i].Type))
		}
	}
	if len(missing) > 0 {
		fix = append(fix, fmt.Sprintf("or: table %q { exclude_columns = [%s] }", label, strings.Join(missing, ", ")))
	}
	return append(fix, fmt.Sprintf("or exclude = [%q]", label))
}

// placeOf is where a table's on_existing was declared.
func (b *builder) placeOf(o *catalog.Object) *Place {
	_, at := b.declaredFor(o)
	return at
}

// placeDifference says how a table's place in a hierarchy is another one: rows
// would go to another table, or be in none.
func placeDifference(source, target *catalog.Table) string {
	var differ []string
	compare := func(what, on, there string) {
		if on != there {
			differ = append(differ, fmt.Sprintf("%s: %s, on the source %s", what, orNone(there), orNone(on)))
		}
	}
	names := func(list []catalog.Name) string {
		var texts []string
		for _, n := range list {
			texts = append(texts, n.String())
		}
		return strings.Join(texts, ", ")
	}
	parent := func(n catalog.Name) string {
		if n == (catalog.Name{}) {
			return ""
		}
		return n.String()
	}
	compare("partition of", parent(source.Of), parent(target.Of))
	compare("bound", source.Bound, target.Bound)
	compare("partitioned by", source.PartitionKey, target.PartitionKey)
	compare("inherits", names(source.Inherits), names(target.Inherits))
	return strings.Join(differ, "; ")
}

func orNone(text string) string {
	if text == "" {
		return "none"
	}
	return text
}

// checkPartitions reports partitions that are missing below a table that others
// made: an attached one would get keys of the server's naming at once.
func (b *builder) checkPartitions() {
	for i := range b.source.Objects {
		o := &b.source.Objects[i]
		table, ok := o.Spec.(*catalog.Table)
		if !ok || !b.chosen.Of(o).Taken || table.Of == (catalog.Name{}) || b.onTarget(o.ID) != nil || b.made(o.ID) || b.routed[o] != nil {
			continue
		}
		parent := b.related.Relation(table.Of)
		if b.onTarget(parent.ID) == nil || b.made(parent.ID) {
			continue
		}
		b.report(Finding{
			Code:    "C102",
			Object:  o.ID,
			Summary: fmt.Sprintf("%s exists on %s without its partition %s", parent.ID, b.spec.Target.Ref, o.ID.Label()),
			Fix: []string{
				fmt.Sprintf("on %s: create table %s partition of %s %s", b.spec.Target.Ref, o.ID.Qualified().SQL(), parent.ID.Qualified().SQL(), table.Bound),
				fmt.Sprintf("or exclude = [%q]", b.onSource(o).Label()),
			},
			Place: b.placeOf(o),
		})
	}
}

// checkFires reports triggers on the target that fire for what sluice writes as
// well: it writes as a replica, which the usual ones do not see.
func (b *builder) checkFires(o *catalog.Object) {
	for _, part := range b.partsThere(o) {
		trigger, ok := part.Spec.(*catalog.Trigger)
		if !ok || trigger.Enabled != "always" && trigger.Enabled != "replica" || b.made(part.ID) {
			continue
		}
		table := "alter table " + part.ID.Relation().SQL()
		b.report(Finding{
			Code:    "C142",
			Object:  part.ID,
			Summary: fmt.Sprintf("%s on %s fires for the rows that sluice writes too: it is enabled %s", part.ID, b.spec.Target.Ref, strings.ToUpper(trigger.Enabled)),
			Fix: []string{
				fmt.Sprintf("on %s: %s enable trigger %s", b.spec.Target.Ref, table, catalog.Quote(part.ID.Name)),
				fmt.Sprintf("or: %s disable trigger %s", table, catalog.Quote(part.ID.Name)),
			},
			Place: b.placeOf(o),
		})
	}
}

// checkDeferrable reports a key that cannot be asked which rows are there already.
// https://www.postgresql.org/docs/current/sql-insert.html#SQL-ON-CONFLICT
func (b *builder) checkDeferrable(o *catalog.Object) {
	if e := b.existingSpec(o); e.Full != RowKeep || !slices.ContainsFunc(b.uniqueThere(o), func(k uniqueKey) bool { return k.deferrable }) {
		return
	}
	b.report(Finding{
		Code:    "C140",
		Object:  o.ID,
		Summary: fmt.Sprintf("rows of %s on %s cannot be kept: it has a key that is deferrable, which ON CONFLICT does not take", o.ID, b.spec.Target.Ref),
		Fix:     []string{"make the key not deferrable on " + b.spec.Target.Ref, `or conflicts { row_full = "error" }`},
		Place:   b.placeOf(o),
	})
}

// checkKeys reports keys that the table on the target lacks, and that rows of its
// own may break together with those that are appended.
func (b *builder) checkKeys(o *catalog.Object, there *catalog.Table) {
	if b.existing[o] != ExistingAppend || there.Size.Pages == 0 || b.routed[o] != nil {
		return
	}
	for _, part := range b.related.Parts(o.ID.Qualified()) {
		unique := false
		switch spec := part.Spec.(type) {
		case *catalog.Constraint:
			unique = spec.Type == catalog.PrimaryKey || spec.Type == catalog.Unique || spec.Type == catalog.Exclusion
		case *catalog.Index:
			unique = spec.Unique
		}
		if !unique || b.made(part.ID) || !b.isMissing(part) {
			continue
		}
		b.report(Finding{
			Code:    "W241",
			Object:  part.ID,
			Summary: fmt.Sprintf("%s is made once the rows are appended, and fails where rows of %s on %s have equal keys then", part.ID, o.ID, b.spec.Target.Ref),
			Fix:     []string{"create it on " + b.spec.Target.Ref + " first: then row_full says which row counts"},
			Place:   b.placeOf(o),
		})
	}
}

// checkOverwrite reports a table in which the source's row cannot replace the
// target's; true: there was something to report.
func (b *builder) checkOverwrite(o *catalog.Object) (reported bool) {
	table := o.Spec.(*catalog.Table)
	e := b.existingSpec(o)
	if table.Partitioned() || e.Full != RowOverwrite && e.Changes != RowOverwrite {
		return false
	}
	report := func(why string, fix ...string) {
		reported = true
		b.report(Finding{Code: "C140", Object: o.ID, Fix: fix, Place: b.placeOf(o),
			Summary: fmt.Sprintf("rows of %s on %s cannot be replaced: %s", o.ID, b.spec.Target.Ref, why)})
	}
	if e.Full == RowOverwrite && e.Unique && (len(e.Key) == 0 || e.KeyMade) {
		report("it has no unique key there over the columns of the source's primary key or replica identity",
			`conflicts { row_full = "keep_target" }, or "error"`, "or add that key on "+b.spec.Target.Ref)
	}
	for _, c := range table.Columns {
		if len(e.Key) == 0 || c.Generated != "" || slices.Contains(e.Key, c.Name) || !b.isAlways(o, &c) {
			continue
		}
		report(fmt.Sprintf("its column %s is GENERATED ALWAYS AS IDENTITY, which no UPDATE may set", c.Name),
			fmt.Sprintf("on %s: alter table %s alter column %s set generated by default", b.spec.Target.Ref, o.ID.Qualified().SQL(), catalog.Quote(c.Name)),
			`or conflicts { row_incremental = "error" }, with row_full not "overwrite"`)
	}
	return reported
}

// rowsBegun says that rows of a table were copied, or may have been.
func (b *builder) rowsBegun(o *catalog.Object) bool {
	_, chunks := b.began[o.ID.Qualified()]
	return chunks || b.knows(stepID(Copy, o.ID))
}

// checkBegun reports a table of which rows were taken under another declaration:
// sluice could not tell them any more from those that were there before.
func (b *builder) checkBegun(o *catalog.Object) {
	emptied, adopted, chunks := b.knows(stepID(Truncate, o.ID)), b.knows(stepID(Adopt, o.ID)), b.rowsBegun(o)
	for _, rows := range b.routedTo(o) {
		adopted, chunks = adopted || b.knows(stepID(Adopt, rows.ID)), chunks || b.rowsBegun(rows)
	}
	was := OnExisting("")
	switch {
	case adopted:
		was = ExistingAdopt
	case emptied:
		was = ExistingTruncate
	case chunks:
		was = ExistingAppend
		if !b.spec.Stages.Schema && b.existing[o] == ExistingTruncate {
			was = ExistingError // or a load into a table that was empty
		}
	}
	if was == "" || was == b.existing[o] {
		return
	}
	b.report(Finding{
		Code:    "C143",
		Object:  o.ID,
		Summary: fmt.Sprintf("the rows of %s were begun with on_existing = %q, and it says %q now", o.ID, was, b.existing[o]),
		Fix: []string{
			fmt.Sprintf("on_existing = %q", was),
			"or start over: sluice cleanup, then sluice apply",
		},
		Place: b.placeOf(o),
	})
}
