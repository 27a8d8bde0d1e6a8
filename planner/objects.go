package planner

import (
	"fmt"
	"slices"
	"strings"

	"sluice/planner/catalog"
	"sluice/planner/ddl"
)

// placeObjects gives every selected object its place: a step that creates it,
// Right, or an omission.
func (b *builder) placeObjects() {
	for i := range b.source.Objects {
		if o := &b.source.Objects[i]; b.chosen.Of(o).Taken {
			b.placeObject(o)
		}
	}
	for _, o := range b.inherited {
		b.cover(o)
	}
}

func (b *builder) placeObject(o *catalog.Object) {
	there := b.onTarget(o.ID)
	begun := len(b.done.Steps) > 0 // else no step need be named to ask for it
	switch {
	case b.covered[o]: // made with its partition
	case comesWithParent(o):
		b.inherited = append(b.inherited, o)
	case b.isBroken(o):
		b.omit(o.ID, "invalid on the source: building it was cut off")
	case o.ID.Kind == catalog.KindLargeObjects:
		b.placeLargeObjects(o)
	case b.underRouted(o) != nil:
		b.omit(o.ID, "rows of its table go to "+b.underRouted(o).ID.Label()+", which is partitioned otherwise on the target")
	case b.waitsWithTable(o):
		b.placeWaiting(o, there)
	case b.existing[o] != "":
		b.takeTable(o, there)
	case there == nil && b.onRouted(o):
		b.omit(o.ID, "its table is partitioned otherwise on the target, and keeps what it has there")
	case b.comesAtCutover(o):
		b.wait(o, there)
	case !b.stageDeclared(o):
		b.useAsItIs(o, there)
	case b.cannotCreate(o):
	case begun && b.done.Done(stepID(Create, o.ID)):
		b.create(o)
		b.checkOurs(o, there)
	case begun && b.done.Done(outlineID(o.ID)):
		b.create(o)
	case o.ID.Kind == catalog.KindExtension:
		b.placeExtension(o, there)
	case there == nil && b.existingUnder(o) != "" && b.otherKey(o):
		b.omit(o.ID, "the table on the target has a primary key of another name, which stays")
	case there == nil:
		b.create(o)
		b.checkName(o)
	case b.isRight(o, there):
		b.plan.Right = append(b.plan.Right, o.ID)
		b.present[o] = true
	case b.existingUnder(o) != "":
		b.stays(o)
	default:
		b.create(o)
		b.reportExisting(o, there)
	}
}

// isBroken says that an index was never finished, so that nothing uses it. One
// on a partitioned table is merely waiting for a partition's.
func (b *builder) isBroken(o *catalog.Object) bool {
	index, ok := o.Spec.(*catalog.Index)
	if !ok || index.Valid {
		return false
	}
	relation := b.related.Relation(index.Table)
	table, ok := relation.Spec.(*catalog.Table)
	return !ok || !table.Partitioned()
}

// inSchemaStage says that an object is made before the rows come: not what they
// would have to pass through, one by one, nor what must see all other objects.
func inSchemaStage(o *catalog.Object) bool {
	switch o.Spec.(type) {
	case *catalog.Rule, *catalog.Policy, *catalog.EventTrigger, *catalog.Publication, *catalog.DefaultACL, *catalog.SecurityLabel:
		return false
	}
	return !comesWithRows(o)
}

// comesWithRows says that an object is for the rows of a table: keys, indexes,
// statistics and triggers.
func comesWithRows(o *catalog.Object) bool {
	switch o.Spec.(type) {
	case *catalog.Index, *catalog.Constraint, *catalog.Statistics, *catalog.Trigger:
		return true
	}
	return false
}

// stageDeclared says that a declared stage creates objects of this kind. What
// is for the rows is no choice: it comes with the schema, and with the rows
// where these go into tables that are there.
func (b *builder) stageDeclared(o *catalog.Object) bool {
	return b.spec.Stages.Schema || b.spec.Stages.Full && comesWithRows(o)
}

// isRight says that nothing is to do for an object that is on the target and
// was not made by sluice. A table that rows are copied into never is.
func (b *builder) isRight(o, there *catalog.Object) bool {
	if o.ID.Kind == catalog.KindSchema {
		return true
	}
	if o.ID.Kind == catalog.KindTable && b.spec.Stages.Full {
		return false
	}
	return b.same(o, there)
}

// useAsItIs takes an object from the target that no declared stage creates.
func (b *builder) useAsItIs(o, there *catalog.Object) {
	switch {
	case there == nil && b.done.Done(stepID(Create, o.ID)):
		b.reportGone(o.ID)
	case there == nil && o.ID.Kind == catalog.KindTable:
		b.reportMissingTable(o)
	}
	table, isTable := o.Spec.(*catalog.Table)
	switch {
	case there == nil:
		b.omit(o.ID, `not on the target, and the stage "schema" is not declared`)
	case isTable:
		b.present[o] = true
		b.plan.Right = append(b.plan.Right, o.ID)
		b.checkColumns(o, table, there)
	case b.isRight(o, there):
		b.present[o] = true
		b.plan.Right = append(b.plan.Right, o.ID)
	default:
		b.present[o] = true
		b.omit(o.ID, `differs on the target, and the stage "schema" is not declared`)
	}
}

// create adds the step that makes an object.
func (b *builder) create(o *catalog.Object) {
	sql := b.createSQL(o)
	if len(sql) == 0 {
		b.omit(o.ID, fmt.Sprintf("PostgreSQL %s has no statement for it", b.target.Server.VersionText))
		return
	}
	stage := StageFinish
	if inSchemaStage(o) {
		stage = StageSchema
	}
	sql, check := withoutValidation(o, sql)
	d := b.add(Step{
		Stage:       stage,
		Side:        Target,
		Action:      Create,
		Object:      o.ID,
		Fingerprint: b.fingerprint(o),
		Note:        b.notes(o),
		Reason:      b.reason(o),
		SQL:         b.owned(o, sql),
		Makes:       b.makes(o),
		Transaction: true,
		Undo:        dropOf(o),
		Building:    b.buildingOf(o),
	})
	b.estimate(d, Estimate{Bytes: indexBytes(o)})
	b.creates[o] = d
	b.checkPolicy(o)
	b.checkSecrets(o)
	b.attachLater(o, d)
	if check {
		b.validateLater(o, d)
	}
}

// withoutValidation takes out of a foreign key's statements the one that checks the
// rows: in a transaction of its own it does not have the locks of the first, so that
// keys that refer to one table are checked side by side.
func withoutValidation(o *catalog.Object, sql []string) (rest []string, check bool) {
	if o.ID.Kind != catalog.KindForeignKey {
		return sql, false
	}
	at := slices.Index(sql, ddl.Validate(o))
	if at < 0 {
		return sql, false
	}
	return slices.Delete(slices.Clone(sql), at, at+1), true
}

func (b *builder) validateLater(o *catalog.Object, created *draft) {
	b.add(validation(o, created.Step)).after(created)
}

func validation(o *catalog.Object, created Step) Step {
	return Step{
		ID:          validatedID(o.ID),
		Stage:       StageFinish,
		Side:        Target,
		Action:      Alter,
		Object:      o.ID,
		Fingerprint: created.Fingerprint,
		Note:        []string{"rows checked"},
		Reason:      created.Reason,
		SQL:         []string{ddl.Validate(o)},
		Transaction: true,
	}
}

const checked = "validated"

func validatedID(key catalog.ID) string { return stepID(Alter, key, checked) }

// dropOf is how to take back what creating an object did; nothing for what goes
// with something else.
func dropOf(o *catalog.Object) []string {
	if drop := ddl.Drop(o); drop != "" {
		return []string{drop}
	}
	return nil
}

// createSQL are the statements that make an object.
func (b *builder) createSQL(o *catalog.Object) []string {
	if o.ID.Kind == catalog.KindExtension {
		return ddl.CreateExtension(o, b.extensionVersion(o))
	}
	if b.isBranch(o) {
		o = detached(o)
	}
	sql := ddl.Create(o, b.target.Server.Version)
	if b.bornWith[o] != nil {
		return b.withParts(o, sql)
	}
	if f, ok := o.Spec.(*catalog.Function); ok && hasStringBody(f) && len(sql) > 0 {
		return slices.Concat([]string{"set local check_function_bodies = off"}, sql)
	}
	return sql
}

// bindSequences ties the sequences of serial columns to their columns: in the step
// that makes the table, which needs its sequence first, or else in one of its own.
func (b *builder) bindSequences() {
	for i := range b.source.Objects {
		o := &b.source.Objects[i]
		s, ok := o.Spec.(*catalog.Sequence)
		made := b.creates[o]
		if !ok || s.OwnedBy == nil || made == nil {
			continue
		}
		table := b.related.Relation(s.OwnedBy.Table)
		if !b.chosen.Of(table).Taken {
			continue
		}
		if t := b.creates[table]; t != nil && slices.Contains(t.before, made) && (b.done.Done(made.ID) || !b.done.Done(t.ID)) {
			t.SQL = append(slices.Clone(t.SQL), ddl.OwnedBy(o))
			continue
		}
		b.bindLater(o, s, made).after(made, b.creates[table])
	}
}

func (b *builder) bindLater(o *catalog.Object, s *catalog.Sequence, made *draft) *draft {
	return b.add(Step{
		ID:          stepID(Alter, o.ID, "owned by"),
		Stage:       StageSchema,
		Side:        Target,
		Action:      Alter,
		Object:      o.ID,
		Fingerprint: made.Fingerprint,
		Note:        []string{"owned by " + s.OwnedBy.Table.String() + "." + s.OwnedBy.Column},
		Reason:      made.Reason,
		SQL:         []string{ddl.OwnedBy(o)},
		Transaction: true,
		Undo:        []string{"alter sequence " + o.ID.Qualified().SQL() + " owned by none"},
	})
}

// hasStringBody says that a function's body is a string, which PostgreSQL would
// check against objects that are not there yet, and not a body of SQL's own,
// whose dependencies it knows.
func hasStringBody(f *catalog.Function) bool { return strings.Contains(f.Definition, "\nAS $") }

func indexBytes(o *catalog.Object) int64 {
	switch spec := o.Spec.(type) {
	case *catalog.Index:
		return spec.Bytes
	case *catalog.Constraint:
		return spec.Bytes
	}
	return 0
}
