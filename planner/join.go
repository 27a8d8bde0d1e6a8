package planner

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"sluice/planner/catalog"
	"sluice/state"
)

// The tables that are followed may be others, or other ones of their rows, while
// the changes of the rest go on. A table that is new joins:
//
//	publication and slot of its own     from here on nothing of it is lost
//	copy                                as of any table
//	publish                             the migration's publication takes it
//	join                                what its own slot kept is applied, up to a
//	                                    position at which the migration's stream
//	                                    stands too, and which takes it from there
//	drop slot, drop publication
//
// One whose rows are to travel otherwise is emptied first, one that is to have
// another name or other columns is dropped (remake.go), and both join like a new
// one. One that is not selected any more leaves: its rows stay. All that join
// have one slot together, whose name tells them apart from those of another
// edit: after a crash a plan of the same tables goes on with it, and one of
// others begins anew.
//
// PostgreSQL's own subscriptions take in a table in much the same way:
// src/backend/replication/logical/tablesync.c

// travels is a digest of what makes a table's rows on the target what they are,
// as far as it is declared: two loads of the same digest give the same rows, if
// the source's are the same. What the source's table is like has checks of its
// own, and is no part of it. The columns that are left out stand behind it: whether
// one is missed depends on whether the source has it by then.
func (s *CopySpec) travels() string {
	// What is not declared is left out: a field more is no other digest.
	type column struct {
		Name  string
		From  string `json:",omitempty"`
		Value string `json:",omitempty"`
	}
	how := struct {
		From    catalog.Name
		Where   string   `json:",omitempty"`
		Columns []column `json:",omitempty"`
	}{From: s.From, Where: s.Where.text()}
	for _, c := range s.Columns {
		if declared := c.Name != c.From || c.Value != nil; declared {
			how.Columns = append(how.Columns, column{c.Name, c.From, c.Value.text()})
		}
	}
	text, err := json.Marshal(how)
	if err != nil {
		panic(fmt.Sprintf("planner: %v", err)) // plain values only
	}
	travels := digest(text)[:16]
	if s.Partly() {
		travels += amongOthers + s.Routed.Into.SQL()
	}
	var left []string
	for _, c := range s.Left {
		left = append(left, c.From)
	}
	if len(left) > 0 {
		slices.Sort(left)
		travels += leavingOut + catalog.QuoteAll(left)
	}
	return travels
}

const (
	amongOthers = " into "
	leavingOut  = " without "
)

// travelsAs says that rows that were loaded as travels said then are those that this
// one would load. A column that is left out since may never have been there; one that
// was left out has no values on the target.
func (s *CopySpec) travelsAs(then string) bool {
	was, left, _ := strings.Cut(then, leavingOut)
	is, _, _ := strings.Cut(s.travels(), leavingOut)
	return was == is && !slices.ContainsFunc(s.Columns, func(c CopyColumn) bool {
		return strings.Contains(", "+left+", ", ", "+catalog.Quote(c.From)+", ")
	})
}

// text is the expression as a value of its type; empty where there is none.
func (e *Expression) text() string {
	if e == nil {
		return ""
	}
	return e.Cast()
}

// Followed is the record that a table of the plan is followed, whose rows this
// step brings.
func (s *Step) Followed() state.Followed {
	return state.Followed{
		Schema: s.Object.Schema, Table: s.Object.Name,
		FromSchema: s.Copy.From.Schema, FromTable: s.Copy.From.Local,
		Digest: s.Copy.travels(),
	}
}

// joining is what an edit changes about the tables that are followed.
type joining struct {
	tables []*catalog.Object          // that join; sorted
	names  map[catalog.Name]bool      // of these
	again  map[*catalog.Object]string // that are emptied first, also of those that nothing follows; and why
	left   []state.Followed           // that are not followed any more

	name    string // of their slot and publication
	slot    *draft
	join    *draft
	emptied map[*catalog.Object]*draft
}

// joins says that a table is about to join.
func (b *builder) joins(table catalog.Name) bool { return b.joining.names[table] }

// slotOf is the step from which on a table's changes are kept; nil: never.
func (b *builder) slotOf(table catalog.Name) *draft {
	if b.joins(table) {
		return b.joining.slot
	}
	if b.spool != nil {
		return b.spool
	}
	return b.slot
}

// convergeOf is the step past which a table equals a state of the source, and its
// changes are followed; nil: they are not.
func (b *builder) convergeOf(table catalog.Name) *draft {
	if b.joins(table) {
		return b.joining.join
	}
	return b.converge
}

// isFollowed says that the state has a table as followed, and how.
func (b *builder) isFollowed(table catalog.ID) (f state.Followed, followed bool) {
	f, known := b.followedNow[table.Qualified()]
	return f, known && !f.Left
}

// findJoining compares the tables to follow with those that are followed. Before
// the publication is made there are none: it is made for all of them.
func (b *builder) findJoining() {
	b.joining.again, b.joining.emptied = map[*catalog.Object]string{}, map[*catalog.Object]*draft{}
	b.joining.names = map[catalog.Name]bool{}
	for _, o := range b.withRows() {
		if b.replaced(o) && b.rowsRecorded(o) {
			b.joining.again[o] = "-replace"
		}
	}
	begun := b.done.Done(stepID(Create, publication(b.spec.Slot))) && b.done.Phase != state.CutOver
	if !begun || !b.spec.Stages.Full || !b.spec.Stages.Incremental {
		return
	}
	stay := map[catalog.ID]bool{}
	for _, o := range b.followed() {
		stay[o.ID] = true
		f, followed := b.isFollowed(o.ID)
		switch {
		case !followed:
		case b.joining.again[o] != "":
		case b.published != nil && !b.published[b.onSource(o).Qualified()]:
			b.joining.again[o] = "the publication has it no more, as it was dropped and made again or renamed on the source"
		case !b.copySpec(o, o.Table()).travelsAs(f.Digest):
			b.joining.again[o] = "its rows are declared to travel otherwise"
		default:
			continue
		}
		b.joining.tables = append(b.joining.tables, o)
		b.joining.names[o.ID.Qualified()] = true
	}
	for _, f := range b.done.Followed {
		if !f.Left && !stay[tableID(catalog.Name{Schema: f.Schema, Local: f.Table})] {
			b.joining.left = append(b.joining.left, f)
		}
	}
	if len(b.joining.tables) == 0 {
		return
	}
	b.joining.name = b.joiningName()
	for _, o := range b.joining.tables {
		if b.rowsRecorded(o) && b.joining.again[o] == "" && !b.knows(stepID(CreateSlot, slot(b.joining.name))) {
			b.joining.again[o] = "its changes were not followed since it was loaded"
		}
	}
}

// rowsRecorded says that rows of the table are on the target, or may be.
func (b *builder) rowsRecorded(o *catalog.Object) bool {
	return b.rowsBegun(o) || b.knows(stepID(Adopt, o.ID))
}

// uniqueMade says that a table has its unique keys already, besides the primary
// one, before it is loaded: under several snapshots two of its rows may for a
// while hold one value.
func (b *builder) uniqueMade(o *catalog.Object) bool {
	return slices.ContainsFunc(b.related.Parts(o.ID.Qualified()), func(part *catalog.Object) bool {
		unique := false
		switch spec := part.Spec.(type) {
		case *catalog.Index:
			unique = spec.Unique
		case *catalog.Constraint:
			unique = spec.Type == catalog.Unique || spec.Type == catalog.Exclusion
		}
		return unique && (b.done.Done(stepID(Create, part.ID)) || b.covered[part])
	})
}

// A name is that of the migration's slot, the suffix, and digits of a digest.
const (
	joiningSuffix = "_sync_"
	joiningDigits = 8
)

// joiningPrefix leaves room for the digits within the 63 bytes of a slot's name.
func (b *builder) joiningPrefix() string {
	name := b.slotName()
	return name[:min(len(name), 63-len(joiningSuffix)-joiningDigits)] + joiningSuffix
}

// joiningName is the name of the slot and publication for these tables. One of
// that name through which a table has joined already has done its work and goes;
// for the same tables once more there is another one.
func (b *builder) joiningName() string {
	var lines []string
	joined := len(b.remade) > 0 // perhaps through one of that name
	for _, o := range b.joining.tables {
		lines = append(lines, o.ID.String()+" "+b.copySpec(o, o.Table()).travels())
		_, followed := b.isFollowed(o.ID)
		joined = joined || followed
	}
	for {
		name := b.joiningPrefix() + digest([]byte(strings.Join(lines, "\n")))[:joiningDigits]
		if !joined || !b.knows(stepID(CreateSlot, slot(name))) && !b.knows(stepID(Create, publication(name))) {
			return name
		}
		lines = append(lines, "again")
	}
}

// addJoining adds the steps for what findJoining has found.
func (b *builder) addJoining() {
	j := &b.joining
	gone := b.dropJoined()
	b.leave()
	emptied := append(b.remake(gone), b.empty(gone)...)
	if len(j.tables) == 0 {
		return
	}
	published := b.publishApart()
	published.after(gone...)
	j.slot = b.add(Step{
		Stage:  StageLoad,
		Side:   Source,
		Action: CreateSlot,
		Object: slot(j.name),
		Note:   []string{"keeps WAL until " + plural(len(j.tables), "table") + " joined"},
		Undo:   []string{"select pg_catalog.pg_drop_replication_slot(" + catalog.Literal(j.name) + ")"},
	})
	j.slot.after(published, b.slot)
	j.slot.after(gone...)
	j.slot.after(emptied...)
	j.join = b.add(Step{
		Stage:  StageFinish,
		Side:   Target,
		Action: Join,
		Object: slot(j.name),
		Note:   []string{plural(len(j.tables), "table") + ", without stopping the others"},

		Follows: ids(j.tables),
	})
	j.join.after(j.slot, b.converge)
	b.dropJoining(j.name, j.join)
}

func ids(objects []*catalog.Object) (ids []catalog.ID) {
	for _, o := range objects {
		ids = append(ids, o.ID)
	}
	return ids
}

// publishApart makes the publication of the tables that join.
func (b *builder) publishApart() *draft {
	names, full := b.publishedNames(b.joining.tables)
	d := b.add(Step{
		Stage:  StageLoad,
		Side:   Source,
		Action: Create,
		Object: publication(b.joining.name),
		Note:   []string{plural(len(names), "table"), "until they joined"},
		SQL:    []string{"create publication " + catalog.Quote(b.joining.name) + " for table " + strings.Join(names, ", ")},
		Undo:   []string{dropPublication(b.joining.name)},
	})
	d.afterSchema = len(full) == 0
	d.after(full...)
	return d
}

// publish lets the migration's publication take the tables, once their rows are
// there: until then it would send changes that nobody applies.
func (b *builder) publish() {
	j := &b.joining
	if j.join == nil {
		return
	}
	var missing []*catalog.Object
	for _, o := range j.tables {
		if !b.published[b.onSource(o).Qualified()] {
			missing = append(missing, o)
		}
	}
	if len(missing) == 0 {
		return
	}
	d := b.add(Step{
		ID:     stepID(Publish, slot(j.name)),
		Stage:  StageFinish,
		Side:   Source,
		Action: Publish,
		Object: publication(b.spec.Slot),
		Note:   []string{"with " + plural(len(missing), "more table")},
	})
	for _, o := range missing {
		d.SQL = append(d.SQL, "alter publication "+catalog.Quote(b.spec.Slot)+" add table only "+b.onSource(o).Qualified().SQL())
	}
	for _, o := range j.tables {
		d.after(b.copies[o.ID.Qualified()])
	}
	j.join.after(d)
}

// empty takes the tables that are to be loaded again out of the stream, with
// their rows: after whatever was left of another edit is gone, through which a
// crash in between would take them for being on their way.
func (b *builder) empty(gone []*draft) (steps []*draft) {
	for _, o := range b.withRows() {
		why := b.joining.again[o]
		if why == "" {
			continue
		}
		d := b.add(Step{
			Stage:       StageLoad,
			Side:        Target,
			Action:      Reload,
			Object:      o.ID,
			Fingerprint: b.fingerprint(o),
			Reason:      b.reason(o),
			Note:        []string{"emptied and loaded again: " + why},
			Forgets:     []string{stepID(Copy, o.ID), stepID(Analyze, o.ID)},
			Transaction: true,
		})
		size := o.Table().Size
		b.estimate(d, Estimate{Rows: size.Rows, Bytes: size.Bytes})
		d.after(b.creates[o])
		d.after(gone...)
		b.beforeConverging(d)
		steps = append(steps, d)
		b.joining.emptied[o] = d
		b.checkAgain(o)
	}
	return steps
}

// beforeConverging lets steps that take tables out of the stream come before the
// one that begins it.
func (b *builder) beforeConverging(steps ...*draft) {
	if b.converge != nil {
		b.converge.after(steps...)
	}
}

// leave takes the tables that are not selected any more out of the stream, then
// out of the publication.
func (b *builder) leave() {
	var left []*draft
	for _, f := range b.joining.left {
		id := tableID(catalog.Name{Schema: f.Schema, Local: f.Table})
		left = append(left, b.add(Step{
			Stage:       StageLoad,
			Side:        Target,
			Action:      Leave,
			Object:      id,
			Note:        []string{"not followed any more; its rows stay"},
			Transaction: true,
		}))
		b.reportLeft(f, id)
	}
	b.beforeConverging(left...)
	var sql []string
	for _, name := range b.publishedInVain() {
		sql = append(sql, "alter publication "+catalog.Quote(b.spec.Slot)+" drop table only "+name.SQL())
	}
	if len(sql) == 0 {
		return
	}
	d := b.add(Step{
		Stage:  StageLoad,
		Side:   Source,
		Action: Unpublish,
		Object: publication(b.spec.Slot),
		Note:   []string{"without " + plural(len(sql), "table")},
		SQL:    sql,
	})
	d.after(left...)
}

// publishedInVain are the tables of the publication that left the stream. What
// somebody else has put into it is not ours to take out.
func (b *builder) publishedInVain() (names []catalog.Name) {
	wanted, seen := map[catalog.Name]bool{}, map[catalog.Name]bool{}
	for _, o := range b.followed() {
		wanted[b.onSource(o).Qualified()] = true
	}
	for _, f := range b.done.Followed {
		name := catalog.Name{Schema: f.FromSchema, Local: f.FromTable}
		if b.published[name] && !wanted[name] && !seen[name] {
			names, seen[name] = append(names, name), true
		}
	}
	return names
}

// dropJoined drops what an earlier edit has left: the crash came after its tables
// had joined, or the edit was changed once more.
func (b *builder) dropJoined() (gone []*draft) {
	for _, name := range b.joiningNames() {
		if name != b.joining.name {
			gone = append(gone, b.dropJoining(name, nil)...)
		}
	}
	return gone
}

// joiningNames are the slots and publications of tables that join which the state
// knows of. Sorted.
func (b *builder) joiningNames() (names []string) {
	for id := range b.done.Steps {
		for _, prefix := range []string{stepID(CreateSlot, slot("")), stepID(Create, publication(""))} {
			name, ok := strings.CutPrefix(id, strings.TrimSuffix(prefix, `""`))
			ours := ok && strings.HasPrefix(name, b.joiningPrefix()) && len(name) == len(b.joiningPrefix())+joiningDigits
			if ours && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	return names
}

// dropJoining adds the steps that remove a slot and its publication.
func (b *builder) dropJoining(name string, after *draft) []*draft {
	slotGone := b.add(Step{
		Stage:   StageLoad,
		Side:    Source,
		Action:  DropSlot,
		Object:  slot(name),
		Forgets: []string{stepID(CreateSlot, slot(name))},
	})
	slotGone.after(after)
	published := b.add(Step{
		Stage:   StageLoad,
		Side:    Source,
		Action:  Drop,
		Object:  publication(name),
		SQL:     []string{dropPublication(name)},
		Forgets: []string{stepID(Create, publication(name))},
	})
	published.after(slotGone)
	return []*draft{slotGone, published}
}
