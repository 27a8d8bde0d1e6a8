package planner

import (
	"cmp"
	"slices"

	"sluice/planner/catalog"
)

// load adds a step for the rows of each table.
func (b *builder) load() {
	if b.spec.Stages.Full {
		for _, o := range b.withRows() {
			b.addRows(o)
		}
		b.addTruncates()
	}
	for _, id := range b.copied() {
		if converge := b.convergeOf(id); converge != nil {
			converge.after(b.copies[id])
		}
	}
	if b.spec.Stages.Full {
		b.copyConfiguration(StageLoad)
		b.setSequences()
		b.refreshViews()
	}
}

// copied are the tables with a step that copies their rows, in order.
func (b *builder) copied() (names []catalog.Name) {
	for _, o := range b.withRows() {
		if b.copies[o.ID.Qualified()] != nil {
			names = append(names, o.ID.Qualified())
		}
	}
	return names
}

// addRows adds the step that brings a table's rows, or takes those that are there.
func (b *builder) addRows(o *catalog.Object) {
	table := o.Spec.(*catalog.Table)
	step := Step{
		Stage:       StageLoad,
		Side:        Target,
		Action:      Copy,
		Object:      o.ID,
		Fingerprint: b.fingerprint(o),
		Reason:      b.reason(o),
		Copy:        b.copySpec(o, table),
	}
	switch existing := step.Copy.Existing; {
	case existing == nil:
		step.Undo = []string{"truncate only " + o.ID.Qualified().SQL()}
	case existing.Mode == ExistingAdopt:
		step.Action = Adopt
		fallthrough
	default:
		step.Note = []string{existing.note()}
	}
	if step.Copy.Partly() {
		step.Note = append(step.Note, step.Copy.Routed.note())
	}
	step.Note = append(step.Note, step.Copy.transformNotes()...)
	priority := b.priority(o)
	if priority != "" && step.Action == Copy {
		step.Note = append(step.Note, string(priority))
	}
	d := b.add(step)
	if step.Action == Copy {
		b.estimate(d, Estimate{Rows: table.Size.Rows, Bytes: table.Size.Bytes})
		d.weight += byPriority[priority]
	}
	d.after(b.creates[o], b.joining.emptied[o], b.slotOf(o.ID.Qualified()))
	d.after(b.altered[o]...)
	b.copies[o.ID.Qualified()] = d
}

// byPriority is more than any size weighs.
var byPriority = map[Priority]int{PriorityFirst: 100, PriorityLast: -100}

// priority is what the table's own block says, else that of the partitioned table
// it belongs to.
func (b *builder) priority(o *catalog.Object) Priority {
	for table := o; table != nil; table = b.related.Relation(table.Table().Of) {
		if rule := b.tableRule(table); rule != nil && rule.Priority != "" {
			return rule.Priority
		}
	}
	return ""
}

func (b *builder) copySpec(o *catalog.Object, table *catalog.Table) *CopySpec {
	spec := &CopySpec{From: b.onSource(o).Qualified(), Columns: []CopyColumn{}, Where: b.filterOf(o), Binary: true, Mode: TableSnapshot, Identity: b.identityColumns(o),
		Unlogged: table.Unlogged, Existing: b.existingSpec(o), Quarantine: b.quarantines(o), Waits: b.waits(o) != "", Routed: b.routedSpec(o)}
	read := b.onRead(o)
	for _, c := range table.Columns {
		if c.Generated != "" {
			continue
		}
		column := CopyColumn{Name: c.Name, Value: b.valueOf(o, b.originColumn(o, &c).Name), Always: b.isAlways(o, &c), Added: b.wasAdded(o, c.Name)}
		if i := slices.IndexFunc(read, func(from catalog.Column) bool { return from.Number == c.Number }); i >= 0 {
			column.From, column.Type, column.Collation, column.Number = read[i].Name, read[i].Type, read[i].Collation, c.Number
		}
		spec.Columns = append(spec.Columns, column)
		spec.Binary = spec.Binary && c.Stable
	}
	for _, c := range b.leftColumns(o) {
		if c.Generated == "" {
			spec.Left = append(spec.Left, LeftColumn{From: c.Name, Type: c.Type, Collation: c.Collation, Number: c.Number})
		}
	}
	if key := b.chunkKey(o, table); key != nil && b.wantsChunks(o, table) {
		spec.Mode, spec.Key, spec.KeyType = ChunkSnapshots, key.Name, cmp.Or(key.BaseType, key.Type)
	}
	return spec
}

// wantsChunks says that a table is large. A table whose load began stays with
// what it began with, whatever its size is by now.
func (b *builder) wantsChunks(o *catalog.Object, table *catalog.Table) bool {
	if byKey, began := b.began[o.ID.Qualified()]; began && b.joining.again[o] == "" {
		return byKey
	}
	return !b.otherUnique(o) && !b.uniqueMade(o) && b.existing[o] != ExistingAdopt && table.Size.Bytes >= b.spec.largeTable()
}

// chunkKey is the column by whose ranges the table can be cut so that sluice
// knows for every change which range it belongs to: the first one of a primary
// key that is also the replica identity, of a type that the client compares as
// the server does, and that holds the source's value. nil: there is none, or
// nothing follows the changes.
func (b *builder) chunkKey(o *catalog.Object, table *catalog.Table) *catalog.Column {
	inherits := len(table.Inherits) > 0 || len(b.related.Heirs(o.ID.Qualified())) > 0
	if !b.spec.Stages.Incremental || table.Unlogged || inherits || b.identity(o).Kind != catalog.IdentityDefault {
		return nil
	}
	key := b.primaryKey(o.ID.Qualified())
	if key == nil || key.Deferrable || len(key.Columns) == 0 {
		return nil
	}
	i := slices.IndexFunc(table.Columns, func(c catalog.Column) bool { return c.Name == key.Columns[0] })
	if i < 0 || !table.Columns[i].Ordered || !table.Columns[i].NotNull || b.valueOf(o, b.originColumn(o, &table.Columns[i]).Name) != nil {
		return nil
	}
	return &table.Columns[i]
}

// primaryKey is the primary key of a table, or nil.
func (b *builder) primaryKey(table catalog.Name) *catalog.Constraint {
	for _, part := range b.related.Parts(table) {
		if c, ok := part.Spec.(*catalog.Constraint); ok && c.Type == catalog.PrimaryKey {
			return c
		}
	}
	return nil
}
