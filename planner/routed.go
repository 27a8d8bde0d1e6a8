package planner

import (
	"fmt"
	"slices"
	"strings"

	"sluice/planner/catalog"
	"sluice/planner/lexer"
	"sluice/planner/mapping"
)

// A table that others made on the target may be partitioned there otherwise than on
// the source, or on one of the two sides alone. Then no partition has a counterpart:
//
//	source            target
//	orders            orders      a step for each table that holds rows, as ever:
//	  orders_jan ─┐     _q1       read, followed and recorded under its own name,
//	  orders_feb ─┼──▶  _q2       and written to the one at the top of the target,
//	  orders_mar ─┘               whose partitions take what is theirs
//
// What is compared is the whole of both. Nothing is made on such a table: keys and
// indexes of the source may not even be possible there.

// Routed is where the rows of a table go, that has no counterpart on the target.
type Routed struct {
	Into catalog.Name `json:"into"` // the target's table; others may go there as well
	From catalog.Name `json:"from"` // the source's one that it stands for: the same, or the one at the top
	// Rows is the condition, over the target's columns, for those that are this
	// table's; empty: all of Into are, or nobody can tell them by their values.
	Rows string `json:"rows,omitempty"`
	// Except are tables below From whose rows stay behind.
	Except []catalog.Name `json:"except,omitempty"`
}

// Into is the table of the target that takes the rows of a step.
func (s *Step) Into() catalog.Name {
	if s.Copy != nil && s.Copy.Routed != nil {
		return s.Copy.Routed.Into
	}
	return s.Object.Qualified()
}

// Partly says that the target's table takes the rows of others, too.
func (s *CopySpec) Partly() bool { return s.Routed != nil && s.Routed.From != s.From }

// Only is in front of the target's table, unless its partitions are a part of it.
func (s *CopySpec) Only() string {
	if s.Routed != nil {
		return ""
	}
	return "only "
}

func sameRouted(a, b *Routed) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Into == b.Into && a.From == b.From && a.Rows == b.Rows && slices.Equal(a.Except, b.Except)
}

// findRouted finds the existing tables that are partitioned otherwise. What is below
// one of them on the source is declared as that one is.
func (b *builder) findRouted() {
	for i := range b.source.Objects {
		top := &b.source.Objects[i]
		if b.existing[top] == "" || b.routed[top] != nil || !b.partitionedOtherwise(top) {
			continue
		}
		for _, n := range b.related.Below(top.ID.Qualified()) {
			o := b.related.Relation(n)
			if !b.chosen.Of(o).Taken || o.ID.Kind != catalog.KindTable {
				continue
			}
			b.routed[o], b.existing[o] = top, b.existing[top]
		}
	}
}

// partitionedOtherwise says that the partitions of a table are others on the target:
// by another key, or such as the other side has not, on both sides. Where one side
// merely has more of them, each goes to that of its name.
func (b *builder) partitionedOtherwise(o *catalog.Object) bool {
	table, there := o.Table(), b.onTarget(o.ID).Table()
	for _, t := range []*catalog.Table{table, there} {
		if t == nil || t.Of != (catalog.Name{}) || len(t.Inherits) > 0 {
			return false
		}
	}
	b.targetParts(o.ID.Qualified())
	if len(b.related.Heirs(o.ID.Qualified()))+len(b.relatedThere.Heirs(o.ID.Qualified())) > 0 {
		return false
	}
	if table.PartitionKey != there.PartitionKey {
		return true
	}
	missing, more := false, false
	for _, n := range b.related.Below(o.ID.Qualified())[1:] {
		part := b.related.Relation(n)
		missing = missing || b.chosen.Of(part).Taken && !samePlace(part, b.relatedThere.Relation(n))
	}
	for _, n := range b.relatedThere.Below(o.ID.Qualified())[1:] {
		more = more || !samePlace(b.relatedThere.Relation(n), b.related.Relation(n))
	}
	return missing && more
}

func samePlace(o, other *catalog.Object) bool {
	return other != nil && other.Table() != nil && placeDifference(o.Table(), other.Table()) == ""
}

// into is the table whose counterpart on the target takes a table's rows.
func (b *builder) into(o *catalog.Object) *catalog.Object {
	if top := b.routed[o]; top != nil {
		return top
	}
	return o
}

// tableThere is the existing table of the target that takes a table's rows.
func (b *builder) tableThere(o *catalog.Object) *catalog.Table {
	return b.onTarget(b.into(o).ID).Table()
}

// underRouted is the table that an object is below, or on, or owned by a column of,
// which goes elsewhere; nil: there is none. That at the top is where it is.
func (b *builder) underRouted(o *catalog.Object) *catalog.Object {
	table := o
	if name, ok := existingTableOf(o); ok {
		table = b.related.Relation(name)
	}
	if b.routed[table] == table {
		return nil
	}
	return b.routed[table]
}

// onRouted says that an object is on a table which is partitioned otherwise.
func (b *builder) onRouted(o *catalog.Object) bool {
	name, ok := mapping.On(o)
	return ok && b.routed[b.related.Relation(name)] != nil
}

// partsThere are what is on an existing table of the target, and on its partitions
// where those are others than the source's.
func (b *builder) partsThere(o *catalog.Object) (parts []*catalog.Object) {
	if b.routed[o] == nil {
		return b.targetParts(o.ID.Qualified())
	}
	for _, n := range b.leavesThere(b.into(o).ID.Qualified()) {
		parts = append(parts, b.targetParts(n)...)
	}
	return parts
}

// isAttachedThere says that a key on the target is that of the table above it.
func (b *builder) isAttachedThere(part *catalog.Object) bool {
	return b.relatedThere.Index(mapping.AttachedTo(part)) != nil
}

// sizeThere is how much an existing table of the target holds.
func (b *builder) sizeThere(o *catalog.Object) (size catalog.Size) {
	if b.routed[o] == nil {
		return b.onTarget(o.ID).Table().Size
	}
	for _, n := range b.leavesThere(o.ID.Qualified()) {
		part := b.relatedThere.Relation(n).Table()
		if part.Partitioned() || part.Size.Pages == 0 {
			continue
		}
		size.Pages += part.Size.Pages
		if part.Size.Rows < 0 || size.Rows < 0 {
			size.Rows = -1 // never counted
		} else {
			size.Rows += part.Size.Rows
		}
	}
	return size
}

// routedTo are the tables with rows that go to another one, in order.
func (b *builder) routedTo(top *catalog.Object) (tables []*catalog.Object) {
	for _, o := range b.withRows() {
		if b.routed[o] == top {
			tables = append(tables, o)
		}
	}
	return tables
}

// goingTo are the tables whose rows go to the counterpart of a table.
func (b *builder) goingTo(o *catalog.Object) []*catalog.Object {
	if b.routed[o] != nil {
		return b.routedTo(o)
	}
	return []*catalog.Object{o}
}

func (b *builder) routedSpec(o *catalog.Object) *Routed {
	top := b.routed[o]
	if top == nil {
		return nil
	}
	r := &Routed{Into: top.ID.Qualified(), From: b.onSource(top).Qualified()}
	if top == o {
		return r
	}
	if !strings.Contains(o.Table().Within, "satisfies_hash_partition(") { // of the source's table by its OID
		r.Rows = o.Table().Within
	}
	for _, n := range b.related.Below(top.ID.Qualified()) {
		if part := b.related.Relation(n); !b.chosen.Of(part).Taken && !part.Table().Partitioned() {
			r.Except = append(r.Except, b.onSource(part).Qualified())
		}
	}
	return r
}

// note says in the plan where the rows go.
func (r *Routed) note() string { return "to " + r.Into.String() }

// checkRouted says where the rows of a table go that is partitioned otherwise, and
// what of that does not work.
func (b *builder) checkRouted(top *catalog.Object) {
	ref, there := b.spec.Target.Ref, b.tableThere(top)
	rows := "its rows go"
	if tables := b.routedTo(top); top.Table().Partitioned() {
		rows = "the rows of " + plural(len(tables), "partition") + " go"
	}
	how := "which is not partitioned there"
	if there.Partitioned() {
		how = "which is partitioned by " + there.PartitionKey + " there"
	}
	b.report(Finding{
		Code:    "W242",
		Object:  top.ID,
		Summary: fmt.Sprintf("%s is partitioned otherwise on %s: %s to %s, %s", top.ID, ref, rows, top.ID.Label(), how),
		Detail:  "it keeps the keys, indexes and triggers that it has there; a row that fits no partition stops the run",
		Fix:     []string{"make the partitions equal, so that each goes to that of its name", fmt.Sprintf("or exclude = [%q]", b.onSource(top).Label())},
		Place:   b.placeOf(top),
	})
	b.checkRoutedParts(top)
	b.checkRoutedKeys(top)
	b.checkFinds(top)
}

// checkRoutedParts reports what one table cannot stand for.
func (b *builder) checkRoutedParts(top *catalog.Object) {
	refuse := func(o *catalog.Object, why string, fix ...string) {
		b.report(Finding{Code: "C102", Object: o.ID, Fix: fix, Place: b.placeOf(o),
			Summary: fmt.Sprintf("%s cannot go to %s on %s, which is partitioned otherwise: %s", o.ID, top.ID.Label(), b.spec.Target.Ref, why)})
	}
	for _, n := range b.related.Below(top.ID.Qualified()) {
		o := b.related.Relation(n)
		if !b.chosen.Of(o).Taken {
			continue
		}
		exclude := fmt.Sprintf("exclude = [%q]", b.onSource(o).Label())
		rule := b.tableRule(o)
		switch {
		case o.ID.Kind != catalog.KindTable:
			refuse(o, "it is a foreign table", exclude)
		case o.Table().Unlogged && !o.Table().Partitioned() && o != top && b.spec.Stages.Incremental:
			refuse(o, "it is unlogged, so that its changes are not followed beside the others'", "on the source: alter table "+b.onSource(o).Qualified().SQL()+" set logged", "or "+exclude)
		case o != top && rule != nil && rule.OnExisting != "" && rule.OnExisting != b.existing[top]:
			refuse(o, fmt.Sprintf("it has on_existing = %q of its own", rule.OnExisting), fmt.Sprintf("take it out of table %q", b.onSource(o).Label()), "or "+exclude)
		}
	}
	for _, n := range b.leavesThere(top.ID.Qualified()) {
		if part := b.relatedThere.Relation(n); part.ID.Kind == catalog.KindForeignTable {
			refuse(top, fmt.Sprintf("its partition %s there is a foreign table", part.ID.Label()), fmt.Sprintf("on %s: detach it", b.spec.Target.Ref))
		}
	}
}

// checkRoutedKeys reports keys of the target that rows of two partitions may meet in.
// Each partition is read under a snapshot of its own: a row that moved in between may
// be in both, until the changes take it out of the first. What it is partitioned by
// tells the two apart, if the key has it.
func (b *builder) checkRoutedKeys(top *catalog.Object) {
	if !b.spec.Stages.Incremental || b.existing[top] == ExistingAdopt || len(b.routedTo(top)) < 2 {
		return
	}
	by := b.partitionColumns(top)
	for _, key := range b.uniqueThere(top) {
		if len(by) > 0 && len(key.columns) > 0 && !slices.ContainsFunc(by, func(c string) bool { return !slices.Contains(key.columns, c) }) {
			continue
		}
		what := "a unique index or an exclusion constraint over other than plain columns"
		if len(key.columns) > 0 {
			what = "the key (" + strings.Join(key.columns, ", ") + ")"
		}
		b.report(Finding{
			Code:    "C140",
			Object:  top.ID,
			Summary: fmt.Sprintf("rows of %s may meet on %s while they are loaded: it has %s there, without what the source is partitioned by", top.ID, b.spec.Target.Ref, what),
			Detail:  "each partition is read under a snapshot of its own, and a row that moves from one to another meanwhile may be in both until the changes are applied",
			Fix: []string{
				fmt.Sprintf("drop it on %s until the cutover, or add (%s) to it", b.spec.Target.Ref, strings.Join(by, ", ")),
				`or restore the rows by other means: on_existing = "adopt"`,
			},
			Place: b.placeOf(top),
		})
		return
	}
}

// partitionColumns are the columns that a table and those below are partitioned by,
// also within expressions.
func (b *builder) partitionColumns(top *catalog.Object) (columns []string) {
	for _, n := range b.related.Below(top.ID.Qualified()) {
		table := b.related.Relation(n).Table()
		for _, t := range lexer.Tokens(table.PartitionKey) {
			if name, ok := t.Name(); ok && hasColumn(table, name) && !slices.Contains(columns, name) {
				columns = append(columns, name)
			}
		}
	}
	return columns
}

// checkFinds warns of a table in which the target has to search for each row that
// changes: the source's keys are not made on it.
func (b *builder) checkFinds(top *catalog.Object) {
	if !b.spec.Stages.Incremental {
		return
	}
	for _, o := range b.routedTo(top) {
		identity := b.identityColumns(o)
		serves := func(part *catalog.Object) bool {
			var columns []string
			switch spec := part.Spec.(type) {
			case *catalog.Constraint:
				if spec.Index != "" && spec.Type != catalog.ForeignKey {
					columns = spec.Columns
				}
			case *catalog.Index:
				columns = parseIndexColumns(spec.Definition)
			}
			return len(columns) > 0 && slices.Contains(identity, columns[0])
		}
		if len(identity) == 0 || slices.ContainsFunc(b.targetParts(top.ID.Qualified()), serves) {
			continue
		}
		b.report(Finding{
			Code:    "W243",
			Object:  top.ID,
			Summary: fmt.Sprintf("changes of %s search the whole table on %s: no index there begins with one of (%s)", top.ID, b.spec.Target.Ref, strings.Join(identity, ", ")),
			Fix:     []string{fmt.Sprintf("on %s: create index on %s (%s)", b.spec.Target.Ref, top.ID.Qualified().SQL(), catalog.QuoteAll(identity))},
			Place:   b.placeOf(top),
		})
		return
	}
}
