package planner

import (
	"fmt"
	"slices"

	"sluice/planner/catalog"
	"sluice/planner/lexer"
)

// isTable refuses filters and values for what sluice copies no rows of.
func (b *builder) isTable(o *catalog.Object, at Place) bool {
	_, ok := o.Spec.(*catalog.Table)
	if !ok {
		b.cannotTransform(o, at, fmt.Sprintf("%s has its rows on another server: sluice copies none", o.ID))
	}
	return ok
}

// mayCompute says that a column can have a value or type of its own here.
func (b *builder) mayCompute(o *catalog.Object, c ColumnRule) bool {
	table := o.Table()
	for _, above := range b.ancestors(o.ID.Qualified()) {
		if parent := b.related.Relation(above); parent != nil && parent.Table() != nil && (c.Add && table.Of != (catalog.Name{}) || hasColumn(parent.Table(), c.Column)) {
			b.cannotTransform(o, c.Place, fmt.Sprintf("column %s of %s is that of %s", c.Column, o.ID, parent.ID),
				fmt.Sprintf("declare it in table %q, for all tables below", parent.ID.Label()))
			return false
		}
	}
	i := slices.IndexFunc(table.Columns, func(on catalog.Column) bool { return on.Name == c.Column })
	switch {
	case c.Add && i >= 0:
		b.cannotTransform(o, c.Place, fmt.Sprintf("%s has a column %s already, so none can be added", o.ID, c.Column),
			"leave out add, and the column gets the value and the type", "or add it under another name")
		return false
	case c.Add:
		return true
	case i < 0:
		return false // C106 says so
	case table.Columns[i].Generated != "":
		b.cannotTransform(o, c.Place, fmt.Sprintf("column %s of %s is generated: each server computes it from the row's other columns", c.Column, o.ID))
		return false
	case c.Value.SQL != "" && b.partitions(o, c.Column):
		b.cannotTransform(o, c.Place, fmt.Sprintf("column %s of %s says which partition a row is in, and each goes from one to that of the same name", c.Column, o.ID),
			"leave the column as it is, and add another one with the value")
		return false
	}
	return true
}

// partitions says that a table, or one below it, is partitioned by a column.
func (b *builder) partitions(o *catalog.Object, column string) bool {
	return slices.ContainsFunc(b.related.Below(o.ID.Qualified()), func(n catalog.Name) bool {
		table := b.related.Relation(n).Table()
		return table != nil && slices.ContainsFunc(lexer.Tokens(table.PartitionKey), func(t lexer.Token) bool {
			name, ok := t.Name()
			return ok && name == column
		})
	})
}

// checkExpression reports what the source has against an expression; false: it
// cannot be used.
func (b *builder) checkExpression(o *catalog.Object, e catalog.Expression, text, kind Text) bool {
	f := Finding{Code: "C120", Object: o.ID, Place: place(text.Place)}
	switch refused := e.Refused; {
	case e.Table == (catalog.Name{}):
		return false // no such column: C106 says so
	case refused != nil:
		if refused.OfType {
			f.Code, text = "C121", kind
		}
		f.Summary = fmt.Sprintf("%s does not take %s for %s", b.spec.Source.Ref, oneLine(text.SQL), o.ID)
		f.Detail, f.Place = refused.Message, place(text.at(refused.Position))
		if refused.Hint != "" {
			f.Fix = []string{refused.Hint}
		}
	case e.Mutable:
		f.Summary = fmt.Sprintf("%s of %s may give another value for the same row", oneLine(text.SQL), o.ID)
		f.Detail = "it calls a function or operator that is not IMMUTABLE, so that a row could mean one thing in the load and another in the changes"
		f.Fix = []string{
			"write constants with their type and time zone: timestamptz '2026-01-31 00:00+00', date '2026-01-31'",
			"between timestamps with and without time zone: created_at at time zone 'UTC'",
		}
	case !e.Fits && e.Filter:
		f.Code = "C121"
		f.Summary = fmt.Sprintf("the filter of %s is %s, not boolean", o.ID, e.Result)
	case !e.Fits:
		f.Code = "C121"
		f.Summary = fmt.Sprintf("a value of %s is %s, and the column is %s", o.ID, e.Result, e.As)
		f.Fix = []string{fmt.Sprintf("say how it becomes one: cast(%s as %s)", oneLine(text.SQL), e.Base)}
	default:
		return b.checkUses(o, e, text)
	}
	b.report(f)
	return false
}

// checkUses reports columns that the load can read and the changes do not carry.
func (b *builder) checkUses(o *catalog.Object, e catalog.Expression, text Text) bool {
	generated := generatedAmong(o.Table(), e.Uses)
	if len(generated) == 0 || !b.spec.Stages.Incremental {
		return true
	}
	b.cannotTransform(o, text.Place, fmt.Sprintf("%s of %s reads the generated column %s, which the changes do not carry", oneLine(text.SQL), o.ID, generated[0]),
		"write what it is generated from")
	return false
}

func (b *builder) cannotTransform(o *catalog.Object, at Place, summary string, fix ...string) {
	b.report(Finding{Code: "C132", Object: o.ID, Summary: summary, Fix: fix, Place: place(at)})
}

// checkTransforms checks that the changes of a table can be computed as its rows
// are in the load.
func (b *builder) checkTransforms() {
	for _, o := range b.withRows() {
		step := b.copies[o.ID.Qualified()]
		if step == nil || !step.Copy.Transforms() {
			continue
		}
		spec := step.Copy
		b.checkIdentityValues(o, spec)
		if spec.Where == nil || !b.spec.Stages.Incremental || o.Table().Unlogged || spec.KnowsBefore(b.identity(o).Kind == catalog.IdentityFull) {
			continue
		}
		at := place(b.filterRule(o).Where.Place)
		if spec.Existing.Foreign() {
			b.report(Finding{
				Code: "C132", Object: o.ID, Place: at,
				Summary: fmt.Sprintf("an update or delete of %s does not say whether its row has passed the filter, and the target has rows of its own", o.ID),
				Fix: []string{
					"a filter over the columns of its key alone",
					fmt.Sprintf("or: table %q { replica_identity = \"full\" }", b.onSource(o).Label()),
				},
			})
			continue
		}
		b.report(Finding{
			Code: "W218", Object: o.ID, Place: at,
			Summary: fmt.Sprintf("the filter of %s reads columns outside its key, so that an update does not say whether its row was in", o.ID),
			Fix:     []string{fmt.Sprintf("none needed; table %q { replica_identity = \"full\" } makes updates say so", b.onSource(o).Label())},
		})
	}
	b.checkFilteredReferences()
}

// checkIdentityValues reports a column of the key whose value cannot be computed
// for a row of which only the old key is known.
func (b *builder) checkIdentityValues(o *catalog.Object, spec *CopySpec) {
	if !b.spec.Stages.Incremental || b.identity(o).Kind == catalog.IdentityFull {
		return
	}
	known := spec.sourceIdentity()
	for _, c := range spec.Columns {
		if c.Value == nil || !slices.Contains(spec.Identity, c.Name) {
			continue
		}
		for _, used := range c.Value.Uses {
			if !slices.Contains(known, used) {
				b.report(Finding{
					Code: "C132", Object: o.ID, Place: b.reason(o).Place,
					Summary: fmt.Sprintf("column %s is in the key of %s, and its value reads %s, which an update or delete does not carry", c.Name, o.ID, used),
					Fix: []string{
						"a value over the columns of the key alone",
						fmt.Sprintf("or: table %q { replica_identity = \"full\" }", b.onSource(o).Label()),
					},
				})
				break
			}
		}
		if len(c.Value.Stamps) > 0 {
			b.cannotTransform(o, b.spec.Place, fmt.Sprintf("column %s is in the key of %s, so that it cannot hold %s, which is another one with each change", c.Name, o.ID, c.Value.Stamps[0]))
		}
	}
}

// checkFilteredReferences warns of foreign keys to tables of which not every row
// goes.
func (b *builder) checkFilteredReferences() {
	for i := range b.source.Objects {
		o := &b.source.Objects[i]
		c, ok := o.Spec.(*catalog.Constraint)
		if !ok || c.Type != catalog.ForeignKey || c.Inherited || !b.chosen.Of(o).Taken {
			continue
		}
		referenced := b.related.Relation(c.References)
		if referenced == nil || referenced.Table() == nil || referenced.ID == b.relationOf(o) {
			continue
		}
		if rule := b.filterRule(referenced); rule != nil {
			b.report(Finding{
				Code: "W219", Object: o.ID, Place: place(rule.Where.Place),
				Summary: fmt.Sprintf("%s refers to %s, of which only rows go where %s", o.ID, referenced.ID, oneLine(rule.Where.SQL)),
				Fix:     []string{fmt.Sprintf("a filter on %s that leaves out what refers to them, or exclude = [%q]", b.relationOf(o), b.patternOf(o))},
			})
		}
	}
}

func (b *builder) relationOf(part *catalog.Object) catalog.ID {
	if o := b.related.Relation(part.ID.Relation()); o != nil {
		return o.ID
	}
	return part.ID
}
