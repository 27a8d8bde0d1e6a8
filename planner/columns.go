package planner

import (
	"fmt"
	"slices"

	"sluice/planner/catalog"
	"sluice/planner/ddl"
)

// addedColumns are the columns of a table that sluice created which the source
// got since: that the target has not, or has by a step of an earlier plan.
func (b *builder) addedColumns(o, there *catalog.Object) (added []string) {
	table, on := o.Table(), there.Table()
	if table == nil || on == nil {
		return nil
	}
	for _, c := range table.Columns {
		if !hasColumn(on, c.Name) || b.knows(b.addColumnID(o, c.Name)) {
			added = append(added, c.Name)
		}
	}
	return added
}

// withoutColumns returns the object without some of its columns.
func withoutColumns(o *catalog.Object, columns []string) *catalog.Object {
	table, ok := o.Spec.(*catalog.Table)
	if !ok || len(columns) == 0 {
		return o
	}
	before := *table
	before.Columns = slices.DeleteFunc(slices.Clone(table.Columns), func(c catalog.Column) bool { return slices.Contains(columns, c.Name) })
	was := *o
	was.Spec = &before
	return &was
}

// addColumnID is the step that adds a column to a table on the target: to the
// one that declares it, from which partitions and heirs have it.
func (b *builder) addColumnID(o *catalog.Object, column string) string {
	return stepID(Alter, b.declares(o, column).ID, "add column "+column)
}

func (b *builder) declares(o *catalog.Object, column string) *catalog.Object {
	for _, n := range append([]catalog.Name{o.ID.Qualified()}, b.ancestors(o.ID.Qualified())...) {
		relation := b.related.Relation(n)
		if relation == nil {
			continue
		}
		for _, c := range relation.Table().Columns {
			if c.Name == column && !c.Inherited {
				return relation
			}
		}
	}
	return o
}

// unknownColumns are those that cannot be added: nobody can tell their values in the
// rows that are copied already.
func (b *builder) unknownColumns(o *catalog.Object, added []string) (unknown []string) {
	for _, c := range o.Spec.(*catalog.Table).Columns {
		if slices.Contains(added, c.Name) && b.rowsBegan(o) && !nullAtFirst(&c) {
			unknown = append(unknown, c.Name)
		}
	}
	return unknown
}

// addColumns adds the steps for the columns that a table declares itself.
func (b *builder) addColumns(o *catalog.Object, added []string) {
	if len(added) == 0 {
		return
	}
	for _, c := range o.Spec.(*catalog.Table).Columns {
		if !slices.Contains(added, c.Name) || b.declares(o, c.Name) != o {
			continue
		}
		d := b.add(Step{
			ID:          b.addColumnID(o, c.Name),
			Stage:       StageSchema,
			Side:        Target,
			Action:      Alter,
			Object:      o.ID,
			Fingerprint: b.fingerprint(o),
			Note:        []string{fmt.Sprintf("column %s %s", c.Name, c.Type)},
			Reason:      b.reason(o),
			SQL:         ddl.AddColumn(o, &c, b.target.Server.Version),
			Transaction: true,
			Undo:        []string{"alter table " + o.ID.Qualified().SQL() + " drop column " + catalog.Quote(c.Name)},
		})
		d.after(b.creates[o])
		b.altered[o] = append(b.altered[o], d)
	}
}

// rowsBegan says that rows of a table, or of one below it, are on the target.
func (b *builder) rowsBegan(o *catalog.Object) bool {
	for _, n := range b.related.Below(o.ID.Qualified()) {
		if _, began := b.began[n]; began || b.knows(stepID(Copy, tableID(n))) {
			return true
		}
	}
	return false
}

// nullAtFirst says that a row from before the column has NULL in it, or what the
// server computes from the others. With a default it may have had either.
func nullAtFirst(c *catalog.Column) bool {
	return c.Generated != "" || c.Default == "" && c.Identity == "" && !c.NotNull
}

// wasAdded says that a step of this plan adds a column, or that one of an
// earlier plan did.
func (b *builder) wasAdded(o *catalog.Object, column string) bool {
	id := b.addColumnID(o, column)
	return b.knows(id) || slices.ContainsFunc(b.altered[b.declares(o, column)], func(d *draft) bool { return d.ID == id })
}
