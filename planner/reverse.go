package planner

import (
	"fmt"
	"slices"
	"strings"

	"sluice/planner/catalog"
	"sluice/planner/ddl"
	"sluice/planner/mapping"
	"sluice/state"
)

// The way back. A cutover with reverse leaves a slot on the target, made before the
// application writes there. From then on a second migration of the same tables, with
// the sides exchanged, brings what is written on the target to the source:
//
//	cutover    arm: publication and slot on the target; the opening's commit records
//	           the position behind which all that is committed is the application's
//	apply      follows that slot; the fence of the source lets its sessions through
//	rollback   the cutover of the second migration: fence on the target, drain,
//	           sequences, and the source is open
//
// The way back has a state of its own, with a position that commits together with the changes,
// where these are written: on the source. The first migration's slot is dropped when
// it begins, so that nothing can come round in a circle.
//
// Its plan is not made of a configuration: it says what the first one's steps say, the
// other way round. What cannot be turned round is a conflict (C161), before anything
// is copied.

// Back says that a plan is one of the way back: its source is the migration's target, and
// its target the source.
type Back struct {
	// Begins is the position on the plan's source behind which what is committed is
	// the application's.
	Begins string `json:"begins"`
}

// Address is under which the state of a plan's run is kept: on the plan's target.
func (p *Plan) Address() string {
	if p.Back != nil {
		return BackAddress(p.Migration)
	}
	return p.Migration
}

// BackAddress is under which the state of a migration's way back is kept, on its source.
func BackAddress(migration string) string { return migration + ".reverse" }

// PassSetting is what a session on a fenced source sets to the name of the way back's
// slot, to be let through: it must be one of the role that put up the fence, too.
const PassSetting = "sluice.reverse"

// BackBegins is the position from which on the way back has changes, as the state of the
// migration says; empty: there is no way back.
func BackBegins(done state.State) string {
	if done.Phase != state.CutOver {
		return ""
	}
	return done.Steps[stepID(Arm, slot(BackSlot(done.Slot)))].Fingerprint
}

const backSuffix = "_reverse"

// BackSlot is the name of the way back's slot and publication, by that of the migration's.
func BackSlot(name string) string {
	const longest = 63
	return name[:min(len(name), longest-len(backSuffix))] + backSuffix
}

// backward plans with the sides exchanged.
type backward struct {
	*builder
	forward *builder
	rows    []goingBack
}

// goingBack is a table whose changes come back.
type goingBack struct {
	table *catalog.Object // as the target has it
	onto  catalog.ID      // the source's
	copy  *CopySpec
}

// turned exchanges the sides of a migration whose objects have their place. source is the
// catalog of the first one, and back the state of the way back.
func turned(forward *builder, source *catalog.Catalog, back state.State) *backward {
	spec := Spec{
		Migration: forward.spec.Migration, Place: forward.spec.Place,
		Source: forward.spec.Target, Target: forward.spec.Source, Variables: forward.spec.Variables,
		Stages: Stages{Incremental: true}, Slot: BackSlot(forward.slotName()), Settings: forward.spec.Settings,
	}
	w := &backward{builder: newBuilder(spec, forward.target, source, back), forward: forward}
	w.plan.Back = &Back{Begins: BackBegins(forward.done)}
	w.related = mapping.Relate(w.source)
	var selected []mapping.Rule
	for i := range forward.source.Objects {
		if o := &forward.source.Objects[i]; o.ID.Kind == catalog.KindTable && forward.chosen.Of(o).Taken {
			selected = append(selected, mapping.Rule{Pattern: mapping.Exactly(o.ID.Qualified()), Kind: catalog.KindTable})
		}
	}
	w.chosen = mapping.Select(w.related, selected, nil, nil)
	return w
}

// turnRows turns the rows of each table round, and reports what cannot be.
func (w *backward) turnRows() {
	known := map[catalog.Name]bool{}
	for _, o := range w.forward.withRows() {
		known[o.ID.Qualified()] = true
		onto := w.forward.onSource(o)
		if o.Table().Unlogged {
			w.cannotReturn(onto, "it is unlogged, so that its changes are not followed", "alter table … set logged on both sides")
			continue
		}
		spec := w.forward.copySpec(o, o.Table())
		if !w.turns(onto, spec) {
			continue
		}
		there := w.related.Relation(o.ID.Qualified())
		if there == nil || there.Table() == nil {
			if w.forward.done.Phase == state.CutOver {
				w.cannotReturn(onto, "it is gone from "+w.spec.Source.Ref+", and stays here with its rows", "drop it here, too, where nothing needs it any more")
			}
			continue // to be made yet
		}
		if back := w.turnedCopy(there, o, spec); back != nil {
			w.rows = append(w.rows, goingBack{there, onto, back})
		}
	}
	for _, o := range w.withRows() {
		if !known[o.ID.Qualified()] {
			w.cannotReturn(o.ID, "it is on "+w.spec.Source.Ref+" alone", "make the same table on "+w.spec.Target.Ref)
		}
	}
}

// turns says that what the plan does to a table's rows can be turned round.
func (w *backward) turns(onto catalog.ID, spec *CopySpec) bool {
	n := len(w.plan.Findings)
	switch e := spec.Existing; {
	case e.Foreign():
		w.cannotReturn(onto, `on_existing = "append": rows of the target's own would come with its`)
	case spec.Routed != nil:
		w.cannotReturn(onto, "it is partitioned otherwise on "+w.spec.Source.Ref)
	}
	if spec.Where != nil {
		w.cannotReturn(onto, "where keeps rows of it here that "+w.spec.Source.Ref+" has not, and a truncation would take them")
	}
	for _, c := range spec.Columns {
		if c.Value != nil && c.From != "" {
			w.cannotReturn(onto, fmt.Sprintf("its column %s has a value there that is made of this one's", c.Name))
		}
	}
	return len(w.plan.Findings) == n
}

// cannotReturn reports why changes of a table cannot come back.
func (w *backward) cannotReturn(onto catalog.ID, why string, fix ...string) {
	w.report(Finding{
		Code:    "C161",
		Object:  onto,
		Summary: fmt.Sprintf("there is no way back for %s: %s", onto, why),
		Fix:     append(fix, "or cutover { reverse = false }"),
		Place:   place(w.spec.Place),
	})
}

// turnedCopy is how a table's rows come back; nil: they cannot, which is reported.
func (w *backward) turnedCopy(there, o *catalog.Object, spec *CopySpec) *CopySpec {
	onto := w.forward.onSource(o)
	old := w.forward.origin(o).Table()
	if read := w.forward.asRead[w.forward.origin(o)]; read != nil {
		old = read
	}
	n := len(w.plan.Findings)
	names := map[string]string{} // by what the target calls it
	back := &CopySpec{From: there.ID.Qualified(), Columns: []CopyColumn{}, Mode: TableSnapshot}
	for _, c := range there.Table().Columns {
		if c.Generated != "" {
			continue
		}
		i := slices.IndexFunc(spec.Columns, func(f CopyColumn) bool { return f.Name == c.Name })
		switch {
		case i < 0:
			w.cannotReturn(onto, fmt.Sprintf("column %s of %s is on %s alone", c.Name, there.ID, w.spec.Source.Ref),
				fmt.Sprintf("on %s: alter table %s add column %s %s", w.spec.Target.Ref, onto.Qualified().SQL(), catalog.Quote(c.Name), c.Type))
		case spec.Columns[i].From == "": // it was added on the way
			back.Left = append(back.Left, LeftColumn{From: c.Name, Type: c.Type, Collation: c.Collation, Number: c.Number})
		default:
			names[c.Name] = spec.Columns[i].From
			always := slices.ContainsFunc(old.Columns, func(o catalog.Column) bool { return o.Name == spec.Columns[i].From && o.Identity == "always" })
			back.Columns = append(back.Columns, CopyColumn{Name: spec.Columns[i].From, From: c.Name, Type: c.Type, Collation: c.Collation, Number: c.Number, Always: always})
		}
	}
	for _, c := range old.Columns {
		goes := slices.ContainsFunc(back.Columns, func(b CopyColumn) bool { return b.Name == c.Name })
		if !goes && c.Generated == "" && c.NotNull && c.Default == "" && c.Identity == "" {
			w.cannotReturn(onto, fmt.Sprintf("its column %s is left out, and new rows need a value for it", c.Name),
				fmt.Sprintf("on %s: alter table %s alter column %s set default …", w.spec.Target.Ref, onto.Qualified().SQL(), catalog.Quote(c.Name)))
		}
	}
	if len(w.plan.Findings) > n {
		return nil
	}
	for _, c := range w.identityColumns(there) {
		back.Identity = append(back.Identity, names[c])
	}
	if len(back.Identity) == 0 {
		w.spec.Tables = append(w.spec.Tables, TableRule{Table: there.ID.Qualified(), ReplicaIdentity: "full"})
	}
	return back
}

// arming makes publication and slot on the target, while the source takes writes.
func (w *backward) arming() Step {
	name := slot(w.spec.Slot)
	step := Step{
		Stage: StageCutover, Side: Target, Action: Arm, Object: name,
		Note: []string{"keeps what is written here from the cutover on, for a rollback", plural(len(w.rows), "table")},
		Undo: []string{dropPublication(name.Name)},
	}
	var tables []string
	for _, r := range w.rows {
		if r.table.Table().Identity.Kind != catalog.IdentityFull && len(r.copy.Identity) == 0 {
			step.SQL = append(step.SQL, "alter table only "+r.table.ID.Qualified().SQL()+" replica identity full")
			step.Undo = append(step.Undo, defaultIdentity(r.table.ID))
			step.Makes = append(step.Makes, Made{Step: backIdentityID(r.table.ID)})
		}
		tables = append(tables, "only "+r.table.ID.Qualified().SQL())
	}
	publish := "create publication " + catalog.Quote(name.Name)
	if len(tables) > 0 {
		publish += " for table " + strings.Join(tables, ", ")
	}
	step.SQL = append(step.SQL, dropPublication(name.Name), publish)
	return step
}

// disarm takes away what arming made, as the state of the migration says.
func (b *builder) disarm(stage Stage) *draft {
	name := slot(BackSlot(b.slotName()))
	arm := stepID(Arm, name)
	if !b.knows(arm) {
		return nil
	}
	step := Step{
		Stage: stage, Side: Target, Action: Disarm, Object: name, Note: []string{"slot and publication of the way back"},
		SQL: []string{dropPublication(name.Name)}, Forgets: []string{arm},
	}
	for i := range b.target.Objects {
		if id := b.target.Objects[i].ID; id.Kind == catalog.KindTable && b.knows(backIdentityID(id)) {
			step.SQL, step.Forgets = append(step.SQL, defaultIdentity(id)), append(step.Forgets, backIdentityID(id))
		}
	}
	return b.add(step)
}

// backIdentityID is under which is recorded that a table of the target got replica
// identity full for the way back.
func backIdentityID(table catalog.ID) string {
	return stepID(Alter, table, "replica identity for the way back")
}

// checkBack checks, for a plan of the first migration, that there is a way back.
func (b *builder) checkBack(source *catalog.Catalog) {
	if !b.spec.Reverse || !b.spec.Stages.Incremental {
		return
	}
	w := turned(b, source, state.State{})
	w.turnRows()
	w.checkReturn()
	b.report(w.plan.Findings...)
}

// checkReturn checks what the way back needs of both servers.
func (w *backward) checkReturn() {
	if !w.forward.knows(stepID(Arm, slot(w.spec.Slot))) {
		w.checkDecoding()
		w.checkNames()
	}
	w.checkReplication()
	w.checkPublish()
	if w.plan.Origin {
		t := w.target.Server
		w.missing(w.spec.Target, t, "may not set session_replication_role, without which triggers and foreign keys would do again what comes back", w.grantReplicaRole()...)
	}
	onto := mapping.Relate(w.target)
	for _, r := range w.rows {
		if generated := w.generatedInIdentity(r.table, r.table.Table()); len(generated) > 0 {
			w.reportGeneratedIdentity(r.table, r.table.Table(), generated)
		}
		for _, part := range onto.Parts(r.onto.Qualified()) {
			if trigger, ok := part.Spec.(*catalog.Trigger); ok && firesForReplica(part) && part.ID.Name != fenceTrigger {
				w.cannotReturn(r.onto, fmt.Sprintf("%s fires for the changes that come back, too: it is enabled %s", part.ID, strings.ToUpper(trigger.Enabled)),
					fmt.Sprintf("on %s: alter table %s enable trigger %s", w.spec.Target.Ref, r.onto.Qualified().SQL(), catalog.Quote(part.ID.Name)))
			}
		}
	}
}

// Reverse plans the way back of a migration that is cut over, up to and including the
// step that follows the changes. back is its own state.
func Reverse(spec Spec, source, target *catalog.Catalog, done, back state.State) *Plan {
	w := returning(spec, source, target, done, back)
	w.plan.Slot = w.spec.Slot
	w.checkState()
	if back.Phase != state.CutOver {
		w.turnRows()
		w.checkReturn()
		w.followBack()
	}
	plan := w.finish()
	for i := range plan.Steps {
		named := func(s catalog.Slot) bool { return s.Name == plan.Steps[i].Object.Name }
		plan.Steps[i].Done = plan.Steps[i].Done || plan.Steps[i].Action == DropSlot && !slices.ContainsFunc(source.Server.Slots, named)
	}
	return plan.changed(w.spec.Settings, back)
}

func returning(spec Spec, source, target *catalog.Catalog, done, back state.State) *backward {
	forward := newSwitch(spec, source, target, done)
	return turned(forward, source, back)
}

// followBack adds the steps of the way back: those up to the convergence are done as soon
// as its state begins.
func (w *backward) followBack() {
	w.add(Step{Stage: StageSchema, Side: Target, Action: DropSlot, Object: slot(w.forward.slotName()), Note: []string{"of the way there: nothing reads it any more"}})
	published := Step{Stage: StageLoad, Side: Source, Action: Create, Object: publication(w.spec.Slot), Note: []string{plural(len(w.rows), "table")}}
	for _, r := range w.rows {
		published.Follows = append(published.Follows, r.onto)
	}
	after := w.add(published)
	w.slot = w.add(Step{Stage: StageLoad, Side: Source, Action: CreateSlot, Object: slot(w.spec.Slot), Note: []string{"keeps WAL until the rollback"}})
	w.slot.after(after)
	w.converge = w.add(Step{Stage: StageFinish, Side: Target, Action: Converge, Object: slot(w.spec.Slot), Note: []string{"both sides are equal at the cutover"}})
	for _, r := range w.rows {
		adopt := w.add(Step{Stage: StageLoad, Side: Target, Action: Adopt, Object: r.onto, Note: []string{"as the cutover left it"}, Copy: r.copy})
		adopt.after(w.slot)
		w.converge.after(adopt)
	}
	follow := w.add(Step{Stage: StageFollow, Side: Target, Action: Follow, Object: slot(w.spec.Slot), Note: []string{plural(len(w.rows), "table"), "until sluice rollback"}})
	follow.after(w.drafts[:len(w.drafts)-1]...)
}

// Rollback plans the switch back, from the target to the source, along the way back of a
// cutover with reverse: as Cutover with the sides exchanged.
func Rollback(spec Spec, source, target *catalog.Catalog, done, back state.State) *Plan {
	w := returning(spec, source, target, done, back)
	w.plan.Slot = w.spec.Slot
	w.turnRows()
	w.addGate()
	w.stopSource()
	w.moveBack()
	open := w.add(w.cutoverStep(Open, Target, database(w.target.Server.Database), "its fence lets every session write"))
	open.SQL = w.forward.letAllWriteSQL()
	w.chain(open)
	lift := w.add(Step{
		ID: "lift fence on " + open.Object.String(), Stage: StageCutover, Side: Target, Action: Lift, Object: open.Object,
		Note: []string{"its triggers, which do nothing any more"}, SQL: w.forward.liftSQL(),
	})
	lift.after(open)
	w.checkState()
	w.checkPhase()
	w.checkQuarantine("C157", "C158")
	w.checkFence()
	return w.finish().doneOnceCutOver(back.Phase)
}

// moveBack adds what the changes do not carry: the values of sequences, and
// materialised views.
func (w *backward) moveBack() {
	pairs, _ := w.forward.sequencePairs()
	taken, onto := w.forward.sequencesTaken(), database(w.target.Server.Database)
	step := w.cutoverStep(SetSequences, Target, onto, plural(len(pairs), "sequence"))
	step.ID, step.Transaction = stepID(SetSequences, onto, "at rollback"), true
	for _, p := range pairs {
		if there := taken[p.to].name; there != (catalog.Name{}) {
			p.to = there
		}
		step.Sequences = append(step.Sequences, p.to)
		step.SQL = append(step.SQL, takenSequence{}.setSQL(p.from))
	}
	if len(pairs) > 0 {
		w.chain(w.add(step))
	}
	refreshes := map[*catalog.Object]*draft{}
	var views []*draft
	for _, o := range w.forward.populated() {
		onto := w.forward.origin(o)
		refreshes[o] = w.add(Step{
			ID: stepID(Refresh, onto.ID, "at rollback"), Stage: StageCutover, Side: Target, Action: Refresh, Object: onto.ID,
			SQL: []string{ddl.Refresh(onto)}, Transaction: true,
		})
		views = append(views, refreshes[o])
	}
	w.chain(views...)
	for o, d := range refreshes {
		for _, below := range w.forward.viewsBelow(o) {
			d.after(refreshes[below])
		}
	}
}

// CleanupBack plans the removal of what the way back has of its own: the fence of a
// rollback, and its state on the source. What the cutover made for it Cleanup removes.
func CleanupBack(spec Spec, source, target *catalog.Catalog, done, back state.State) *Plan {
	w := returning(spec, source, target, done, back)
	w.plan.Slot = w.spec.Slot
	if isFenced(w.source, back) {
		w.removeFence()
	}
	forget := w.add(Step{Stage: StageCleanup, Side: Target, Action: Forget, Object: database(w.target.Server.Database),
		Note: []string{"the state of the way back of " + spec.Migration}})
	for _, d := range w.drafts {
		forget.after(d)
	}
	w.checkState()
	w.checkLive()
	return w.finish()
}
