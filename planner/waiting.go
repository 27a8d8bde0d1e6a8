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

// What fires for the changes that sluice applies would do a second time what it has
// done on the source already, and waits for the cutover. Where the target's role may
// set session_replication_role that is what is enabled ALWAYS or REPLICA; where it
// may not (Plan.Origin), every trigger and rule of a table that is followed, and every
// foreign key that refers to or from one: its cascades would be done twice.
//
// At the cutover all of it is made in the transaction that opens the target, foreign
// keys without looking at the rows, as far as PostgreSQL can. Their rows are checked
// when the target is open.

// firesForChanges says that an object must wait for the cutover. An event trigger
// would fire for the statements of the plan.
func (b *builder) firesForChanges(o *catalog.Object) bool {
	return b.spec.Stages.Incremental && (firesForReplica(o) || b.plan.Origin && b.firesForOrigin(o))
}

// firesForReplica says that an object fires whoever writes, also as a replica.
func firesForReplica(o *catalog.Object) bool {
	if o.ID.Kind == catalog.KindEventTrigger {
		return true
	}
	return slices.ContainsFunc(enabled(o), func(when string) bool { return when == "always" || when == "replica" })
}

// firesForOrigin says that an object fires when somebody writes to a table that is
// followed.
func (b *builder) firesForOrigin(o *catalog.Object) bool {
	if key, ok := o.Spec.(*catalog.Constraint); ok {
		return key.Type == catalog.ForeignKey && (b.isFollowedBelow(o.ID.Relation()) || b.isFollowedBelow(key.References))
	}
	return slices.ContainsFunc(enabled(o), func(when string) bool { return when != "disabled" }) && b.isFollowedBelow(o.ID.Relation())
}

// enabled is when a trigger fires, and its copies on partitions, or when a rule holds.
func enabled(o *catalog.Object) []string {
	switch spec := o.Spec.(type) {
	case *catalog.Trigger:
		when := []string{spec.Enabled}
		for _, copy := range spec.Below {
			when = append(when, copy.Enabled)
		}
		return when
	case *catalog.Rule:
		return []string{spec.Enabled}
	}
	return nil
}

// isFollowedBelow says that the changes of a table, or of one below it, are followed.
func (b *builder) isFollowedBelow(table catalog.Name) bool {
	return slices.ContainsFunc(b.related.Below(table), func(n catalog.Name) bool {
		o := b.related.Relation(n)
		if o == nil || !b.chosen.Of(o).Taken {
			return false
		}
		t, ok := o.Spec.(*catalog.Table)
		return ok && !t.Partitioned() && !t.Unlogged
	})
}

// comesAtCutover says that an object is made at the cutover: also when the stages that
// made its table are not declared any more.
func (b *builder) comesAtCutover(o *catalog.Object) bool {
	return b.firesForChanges(o) && (b.stageDeclared(o) || o.ID.Kind == catalog.KindEventTrigger || b.made(tableID(o.ID.Relation())))
}

// wait leaves an object to the cutover, unless the target has one in its place.
func (b *builder) wait(o, there *catalog.Object) {
	switch {
	case there == nil || b.made(o.ID) && b.done.Phase != state.CutOver:
	case b.made(o.ID), b.isRight(o, there):
		b.plan.Right = append(b.plan.Right, o.ID)
		b.present[o] = true
		return
	case b.existingUnder(o) != "":
		b.stays(o)
		return
	default:
		b.reportExisting(o, there)
		return
	}
	why := "created at cutover: it would fire before"
	if o.ID.Kind == catalog.KindForeignKey {
		why = "created at cutover: its cascades would come twice before"
	}
	b.omit(o.ID, why)
	if firesForReplica(o) {
		b.reportFiring(o)
	} else {
		b.waiting = append(b.waiting, o)
	}
}

// createWaiting adds the steps, of those kinds, that make what has waited. Who has
// made one on the target meanwhile keeps it.
func (b *builder) createWaiting(of func(catalog.Kind) bool) (steps []*draft) {
	for i := range b.source.Objects {
		o := &b.source.Objects[i]
		if !b.chosen.Of(o).Taken || !of(o.ID.Kind) || !b.comesAtCutover(o) || b.onTarget(o.ID) != nil || b.underRouted(o) != nil || b.onRouted(o) {
			continue
		}
		first := len(b.drafts)
		b.create(o)
		d := b.creates[o]
		if d == nil {
			continue
		}
		d.Stage = StageCutover
		steps = append(steps, d)
		b.later = append(b.later, b.drafts[first+1:]...) // the check of its rows
		b.drafts = b.drafts[:first+1]
		if b.checkedAtOnce(o) {
			d.Note = append(d.Note, "rows checked while writes rest")
		}
	}
	return steps
}

// checkedAtOnce says that a foreign key cannot be made without looking at the rows.
func (b *builder) checkedAtOnce(o *catalog.Object) bool {
	key, ok := o.Spec.(*catalog.Constraint)
	if !ok || key.Type != catalog.ForeignKey || !key.Valid {
		return false
	}
	_, check := withoutValidation(o, ddl.Create(o, b.target.Server.Version))
	return !check
}

// addLater adds what is done when the target is open.
func (b *builder) addLater(open *draft) {
	for _, d := range b.later {
		d.Stage = StageCutover
		d.after(open)
	}
	b.drafts = append(b.drafts, b.later...)
}

// addUnchecked adds, after the cutover, the checks that it has left to be done.
func (b *builder) addUnchecked() {
	for _, o := range b.unchecked() {
		step := validation(o, Step{Fingerprint: b.done.Steps[validatedID(o.ID)].Fingerprint})
		step.Stage = StageCutover
		b.add(step)
	}
}

// Unchecked counts the foreign keys that a cutover has made, as its state says, and
// whose rows are still to be checked.
func Unchecked(done state.State) (n int) {
	for id, step := range done.Steps {
		if step.State == state.StepIntent && strings.HasPrefix(id, "alter "+string(catalog.KindForeignKey)) && strings.HasSuffix(id, checked) {
			n++
		}
	}
	return n
}

// unchecked are the foreign keys of the target whose rows a cutover has left to be
// checked when the target is open.
func (b *builder) unchecked() (keys []*catalog.Object) {
	for _, key := range b.keysThere() {
		if b.done.Steps[validatedID(key.ID)].State == state.StepIntent {
			keys = append(keys, key)
		}
	}
	return keys
}

// checkUnchecked says that a cleanup would forget which keys are still to be checked.
func (b *builder) checkUnchecked() {
	var names []string
	for _, key := range b.unchecked() {
		names = append(names, key.ID.String())
	}
	if len(names) == 0 {
		return
	}
	b.report(Finding{
		Code:    "W231",
		Object:  database(b.target.Server.Database),
		Summary: fmt.Sprintf("the rows of %s on %s are not checked yet, and nobody will know of which", plural(len(names), "foreign key"), b.spec.Target.Ref),
		Detail:  strings.Join(names, ", "),
		Fix:     []string{"sluice apply first: it checks them"},
		Place:   place(b.spec.Target.Place),
	})
}

// replicaRoleGrantable is the version since which a parameter can be granted.
const replicaRoleGrantable = 150000

// grantReplicaRole are the ways to a role that may set session_replication_role.
func (b *builder) grantReplicaRole() []string {
	s := b.target.Server
	fix := "apply as a superuser"
	if s.Version >= replicaRoleGrantable {
		fix = "grant set on parameter session_replication_role to " + catalog.Quote(s.User)
	}
	return []string{fix, "on Amazon RDS: grant rds_superuser to " + catalog.Quote(s.User)}
}

// checkReplicaRole says what waits for the cutover since the role may not keep it
// from firing, and reports what is on the target already and would fire.
func (b *builder) checkReplicaRole() {
	if !b.plan.Origin {
		return
	}
	b.checkActing()
	if len(b.waiting) == 0 {
		return
	}
	s := b.target.Server
	counts := map[catalog.Kind]int{}
	var atOnce []string
	for _, o := range b.waiting {
		counts[o.ID.Kind]++
		if b.checkedAtOnce(o) {
			atOnce = append(atOnce, o.ID.Label())
		}
	}
	detail := "until then the target has no cascades, no checks of foreign keys and nothing that triggers do; the source's have happened when a change arrives"
	if len(atOnce) > 0 {
		detail += "; the rows of " + plural(len(atOnce), "foreign key") + " of partitioned tables are checked while writes rest, since PostgreSQL " +
			fmt.Sprint(s.Major()) + " has no NOT VALID there: " + strings.Join(atOnce, ", ")
	}
	b.report(Finding{
		Code:    "W230",
		Object:  database(s.Database),
		Summary: fmt.Sprintf("role %s on %s may not set session_replication_role: %s for the cutover", s.User, b.spec.Target.Ref, waits(counts)),
		Detail:  detail,
		Fix:     append([]string{"to have them before: " + b.grantReplicaRole()[0]}, b.grantReplicaRole()[1:]...),
		Place:   place(b.spec.Target.Place),
	})
}

// waits is "2 foreign keys and 1 trigger wait".
func waits(counts map[catalog.Kind]int) string {
	var texts []string
	total := 0
	for _, kind := range []catalog.Kind{catalog.KindForeignKey, catalog.KindTrigger, catalog.KindRule} {
		if n := counts[kind]; n > 0 {
			texts = append(texts, plural(n, string(kind)))
			total += n
		}
	}
	last := len(texts) - 1
	text := texts[last]
	if last > 0 {
		text = strings.Join(texts[:last], ", ") + " and " + text
	}
	if total == 1 {
		return text + " waits"
	}
	return text + " wait"
}

// checkActing reports what is on the target's tables and would fire for the rows and
// changes that sluice writes.
func (b *builder) checkActing() {
	s := b.target.Server
	var names, fix []string
	for _, part := range b.acting() {
		names = append(names, part.ID.String())
		table := "alter table " + part.ID.Relation().SQL()
		local := catalog.Quote(part.ID.Name)
		switch part.ID.Kind {
		case catalog.KindForeignKey:
			fix = append(fix, table+" drop constraint "+local)
		default:
			fix = append(fix, table+" disable "+string(part.ID.Kind)+" "+local)
		}
	}
	if len(names) == 0 {
		return
	}
	fix[0] = fmt.Sprintf("or, until the cutover, on %s: %s", b.spec.Target.Ref, fix[0])
	b.report(Finding{
		Code:    "C109",
		Object:  database(s.Database),
		Summary: fmt.Sprintf("role %s on %s may not set session_replication_role, and %s on tables that it writes to would do again what the source's have done", s.User, b.spec.Target.Ref, counted(names)),
		Detail:  strings.Join(names, ", "),
		Fix:     append(b.grantReplicaRole(), fix...),
		Place:   place(b.spec.Target.Place),
	})
}

// counted is "1 object" or "3 objects".
func counted(names []string) string { return plural(len(names), "object") }

// acting are the triggers, rules and foreign keys of the target that fire for what
// sluice writes. Those enabled ALWAYS on an existing table are C142.
func (b *builder) acting() (parts []*catalog.Object) {
	written := map[catalog.Name]bool{}
	for _, o := range b.withRows() {
		if b.onTarget(o.ID) != nil && b.writesTo(o) {
			written[o.ID.Qualified()] = true
		}
	}
	if len(written) == 0 {
		return nil
	}
	if b.relatedThere == nil {
		b.relatedThere = mapping.Relate(b.target)
	}
	isWritten := func(table catalog.Name) bool {
		return slices.ContainsFunc(b.relatedThere.Below(table), func(n catalog.Name) bool { return written[n] })
	}
	for i := range b.target.Objects {
		part := &b.target.Objects[i]
		fires := slices.ContainsFunc(enabled(part), func(when string) bool { return when == "origin" || when == "always" }) && isWritten(part.ID.Relation())
		if key, ok := part.Spec.(*catalog.Constraint); ok && key.Type == catalog.ForeignKey {
			fires = isWritten(part.ID.Relation()) || isWritten(key.References)
		}
		if fires && !b.reportsFires(part) {
			parts = append(parts, part)
		}
	}
	return parts
}

// reportsFires says that checkFires has reported a part.
func (b *builder) reportsFires(part *catalog.Object) bool {
	trigger, ok := part.Spec.(*catalog.Trigger)
	return ok && trigger.Enabled == "always" && !b.made(part.ID) && b.existing[b.related.Relation(part.ID.Relation())] != ""
}

// writesTo says that rows or changes are written to a table that the target has and
// that may have something on it: all that is followed; else one that others made, or
// that is loaded again.
func (b *builder) writesTo(o *catalog.Object) bool {
	if b.spec.Stages.Incremental && !o.Spec.(*catalog.Table).Unlogged {
		return true
	}
	again := b.joining.again[o] != ""
	foreign := b.existing[o] != "" || !b.spec.Stages.Schema
	return again || foreign && !b.done.Done(stepID(Copy, o.ID))
}
