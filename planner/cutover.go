package planner

import (
	"fmt"
	"slices"

	"sluice/planner/catalog"
	"sluice/state"
)

// Cutover plans the switch from source to target:
//
//	gate       the changes are close enough behind
//	arm        with reverse: the target keeps what is written there
//	fence      new sessions on the source are read only
//	terminate  nobody is left who began before
//	fence      the tables refuse writes from whoever gets around that
//	drain      what was written until then is on the target
//	sequences, materialised views
//	create     foreign keys, triggers and rules that had to wait
//	open       the target is the one to write to; with all that is created before, in
//	           one transaction
//	validate   the rows of those keys are checked
//
// Each step comes after the one before it. All up to the first creation can be run
// again.
func Cutover(spec Spec, source, target *catalog.Catalog, done state.State) *Plan {
	b := newSwitch(spec, source, target, done)
	b.addGate()
	if spec.Reverse {
		w := turned(b, source, state.State{})
		w.turnRows()
		w.checkReturn()
		b.report(w.plan.Findings...)
		b.chain(b.add(w.arming()))
	}
	b.stopSource()
	b.moveLast()
	open := b.add(b.cutoverStep(Open, Target, database(target.Server.Database)))
	b.chain(open)
	b.addLater(open)
	b.checkCutover()
	return b.finish().doneOnceCutOver(done.Phase)
}

// newSwitch gives every object its place for a plan that makes none of them.
func newSwitch(spec Spec, source, target *catalog.Catalog, done state.State) *builder {
	b := newBuilder(spec, source, target, done)
	b.choose()
	b.meetExisting()
	for i := range b.source.Objects {
		o := &b.source.Objects[i]
		b.present[o] = b.chosen.Of(o).Taken && b.onTarget(o.ID) != nil
	}
	b.plan.NotMigrated = []Omission{} // build's subject
	b.plan.Findings = []Finding{}
	return b
}

// doneOnceCutOver marks every step as done once the target is the one to write
// to: also those that leave no record, and those of objects that came later. What is
// left are checks of the rows of keys.
func (p *Plan) doneOnceCutOver(phase state.Phase) *Plan {
	for i := range p.Steps {
		s := &p.Steps[i]
		s.Done = s.Done || phase == state.CutOver && (s.Stage != StageCutover || s.Action != Alter)
	}
	return p
}

func (b *builder) cutoverStep(action Action, side Side, object catalog.ID, note ...string) Step {
	return Step{Stage: StageCutover, Side: side, Action: action, Object: object, Note: note}
}

// chain lets the steps come after every earlier one.
func (b *builder) chain(steps ...*draft) {
	for _, earlier := range b.drafts {
		if !slices.Contains(steps, earlier) {
			for _, d := range steps {
				d.after(earlier)
			}
		}
	}
}

func (b *builder) addGate() {
	b.add(b.cutoverStep(Gate, Target, slot(b.spec.Slot), "lag, verification, long transactions"))
}

func (b *builder) stopSource() {
	from := database(b.source.Server.Database)

	readOnly := b.cutoverStep(Fence, Source, from, "new sessions are read only")
	readOnly.SQL, readOnly.Undo = b.readOnlySQL(), b.writableSQL()
	b.chain(b.add(readOnly))

	terminate := b.cutoverStep(Terminate, Source, from, "sessions from before the fence")
	terminate.SQL = []string{terminateSQL}
	b.chain(b.add(terminate))

	fence := b.cutoverStep(Fence, Source, from, plural(len(b.fenced()), "table"))
	fence.ID = stepID(Fence, from, "tables")
	fence.SQL, fence.Undo = b.fenceSQL(), append([]string{letWrite}, b.liftSQL()...)
	b.chain(b.add(fence))

	b.chain(b.add(b.cutoverStep(Drain, Target, slot(b.spec.Slot))))
}

// moveLast adds what logical decoding does not carry, and what would have got in
// its way.
func (b *builder) moveLast() {
	id := stepID(SetSequences, database(b.target.Server.Database), "at cutover")
	if step, _ := b.sequenceStep(StageCutover, id); len(step.Sequences) > 0 {
		b.chain(b.add(step))
	}
	b.chain(b.copyConfiguration(StageCutover, "at cutover")...)
	var views []*draft
	for _, o := range b.populated() {
		step := b.refreshStep(o, StageCutover)
		step.ID = stepID(Refresh, o.ID, "at cutover")
		d := b.add(step)
		b.refreshes[o] = d
		views = append(views, d)
	}
	b.chain(views...)
	for o, d := range b.refreshes {
		for _, below := range b.viewsBelow(o) {
			d.after(b.refreshes[below])
		}
	}
	b.chain(b.createWaiting(func(kind catalog.Kind) bool { return kind != catalog.KindEventTrigger })...)
	b.chain(b.createWaiting(func(kind catalog.Kind) bool { return kind == catalog.KindEventTrigger })...)
}

func (b *builder) checkCutover() {
	b.checkState()
	b.checkPhase()
	b.checkSlot()
	b.checkApplied()
	b.checkQuarantine("C157", "C158")
	b.checkFence()
}

// checkFence checks what the fence needs, and says what it does.
func (b *builder) checkFence() {
	s := b.source.Server
	if !s.DatabaseOwner && !s.Superuser {
		b.missing(b.spec.Source, s, "does not own the database, whose default it must change",
			"alter database "+catalog.Quote(s.Database)+" owner to "+catalog.Quote(s.User))
	}
	if !s.CreateOn && !s.Superuser {
		b.missing(b.spec.Source, s, "may not create the schema of the fence", grantCreate(s))
	}
	b.checkOwnership("does not own %s that the fence is for", b.fencedTables())
	warning := Finding{
		Code:    "W224",
		Object:  database(s.Database),
		Summary: fmt.Sprintf("every session in database %s of %s will be ended, except sluice's own", s.Database, b.spec.Source.Ref),
		Place:   place(b.spec.Source.Place),
	}
	if !s.Superuser {
		warning.Fix = []string{"the role needs, unless they are its own: grant pg_signal_backend to " + catalog.Quote(s.User)}
	}
	b.report(warning)
}

func (b *builder) fencedTables() (tables []*catalog.Object) {
	for _, name := range b.fenced() {
		tables = append(tables, b.related.Relation(name))
	}
	return tables
}

// checkPhase checks that the changes are followed, or a cutover was begun.
func (b *builder) checkPhase() {
	switch b.done.Phase {
	case state.Following, state.Ready, state.CuttingOver, state.CutOver:
		return
	}
	now, fix := string(b.done.Phase), "sluice apply, until sluice status says following"
	if now == "" || !b.done.Exists() {
		now, fix = "not begun", "sluice plan, then sluice apply"
	}
	if b.done.Exists() && !b.spec.Stages.Incremental {
		fix = "nothing follows the changes: there is nothing to cut over"
	}
	b.report(Finding{
		Code:    "C125",
		Object:  database(b.target.Server.Database),
		Summary: fmt.Sprintf("a cutover needs a migration that is following; %s is %s", b.spec.Migration, now),
		Fix:     []string{fix},
		Place:   place(b.spec.Place),
	})
}
