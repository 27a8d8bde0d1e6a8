package planner

import (
	"fmt"
	"slices"
	"strings"

	"sluice/planner/catalog"
)

// addTruncates adds the steps that empty the tables that are declared so, before
// their rows come and after everything that can still fail without them. Tables
// that refer to each other are emptied by one statement: TRUNCATE refuses a
// table that another one refers to, whatever that one holds.
// https://www.postgresql.org/docs/current/sql-truncate.html
//
// TRUNCATE waits for whoever uses the table, and everybody else behind it: not
// for long, it is tried again.
//
// A table that was emptied once never is again: it is recorded for each table,
// in the transaction of the statement.
func (b *builder) addTruncates() {
	var done, pending []*catalog.Object
	seen := map[*catalog.Object]bool{}
	for _, o := range b.withRows() {
		o = b.into(o)
		switch {
		case b.existing[o] != ExistingTruncate || seen[o]:
		case b.done.Done(stepID(Truncate, o.ID)):
			done = append(done, o)
		default:
			pending = append(pending, o)
		}
		seen[o] = true
	}
	for _, group := range b.referring(done) {
		b.addTruncate(group)
	}
	for _, group := range b.referring(pending) {
		b.addTruncate(group)
		b.checkTruncate(group)
	}
}

func (b *builder) addTruncate(group []*catalog.Object) {
	var names []string
	var covers []catalog.ID
	for i, o := range group {
		only := "only "
		if b.routed[o] != nil {
			only = ""
		}
		names = append(names, only+o.ID.Qualified().SQL())
		if i > 0 {
			covers = append(covers, o.ID)
		}
	}
	first := group[0]
	d := b.add(Step{
		Stage:       StageLoad,
		Side:        Target,
		Action:      Truncate,
		Object:      first.ID,
		Fingerprint: digest([]byte(strings.Join(names, ", ")))[:16],
		Note:        []string{"on_existing = \"truncate\""},
		Reason:      Reason{Text: `on_existing = "truncate"`, Place: b.placeOf(first)},
		SQL:         []string{"set local lock_timeout = '10s'", "truncate " + strings.Join(names, ", ")},
		Covers:      covers,
		Transaction: true,
	})
	if len(covers) > 0 {
		d.Note = append(d.Note, "with "+plural(len(covers), "table")+" that it refers to, or that refers to it")
	}
	d.afterSchema = b.slot == nil
	for _, o := range group {
		for _, rows := range b.goingTo(o) {
			d.after(b.creates[rows], b.slotOf(rows.ID.Qualified()))
			b.copies[rows.ID.Qualified()].after(d)
		}
	}
}

// referring puts tables that a foreign key of the target connects into one
// group. Groups and their members are in the order of the tables.
func (b *builder) referring(tables []*catalog.Object) (groups [][]*catalog.Object) {
	group := map[catalog.Name]int{}
	for i, o := range tables {
		group[o.ID.Qualified()] = i
	}
	join := func(x, y int) {
		for name, g := range group {
			if g == x || g == y {
				group[name] = min(x, y)
			}
		}
	}
	for _, key := range b.keysThere() {
		for _, from := range b.leavesThere(key.ID.Relation()) {
			for _, to := range b.leavesThere(key.Spec.(*catalog.Constraint).References) {
				x, isFrom := group[from]
				y, isTo := group[to]
				if isFrom && isTo {
					join(x, y)
				}
			}
		}
	}
	members := map[int][]*catalog.Object{}
	for _, o := range tables {
		members[group[o.ID.Qualified()]] = append(members[group[o.ID.Qualified()]], o)
	}
	for i := range tables {
		if len(members[i]) > 0 {
			groups = append(groups, members[i])
		}
	}
	return groups
}

// keysThere are the foreign keys of the target, but for those that sluice makes:
// these come after the rows.
func (b *builder) keysThere() (keys []*catalog.Object) {
	for i := range b.target.Objects {
		if o := &b.target.Objects[i]; o.ID.Kind == catalog.KindForeignKey {
			keys = append(keys, o)
		}
	}
	return keys
}

// leavesThere are a table of the target and all that is below it.
func (b *builder) leavesThere(n catalog.Name) []catalog.Name {
	b.targetParts(n)
	return b.relatedThere.Below(n)
}

// checkTruncate says what is lost, and what would refuse to lose it.
func (b *builder) checkTruncate(group []*catalog.Object) {
	for _, o := range group {
		if size := b.sizeThere(o); size.Pages > 0 {
			b.report(Finding{
				Code:    "W240",
				Object:  o.ID,
				Summary: fmt.Sprintf("%s rows of %s on %s will be deleted", roughly(size), o.ID, b.spec.Target.Ref),
				Fix:     []string{`on_existing = "append" keeps them`},
				Place:   b.placeOf(o),
			})
		}
		for _, key := range b.keysThere() {
			from := key.ID.Relation()
			block := from.String() // as the source calls it
			if relation := b.related.Relation(from); relation != nil {
				block = b.onSource(relation).Label()
			}
			if !slices.Contains(b.leavesThere(key.Spec.(*catalog.Constraint).References), o.ID.Qualified()) ||
				slices.ContainsFunc(group, func(other *catalog.Object) bool { return other.ID.Qualified() == from }) {
				continue
			}
			b.report(Finding{
				Code:    "C141",
				Object:  o.ID,
				Summary: fmt.Sprintf("%s cannot be truncated on %s: %s refers to it", o.ID, b.spec.Target.Ref, key.ID),
				Fix: []string{
					fmt.Sprintf("table %q { on_existing = \"truncate\" } empties both", block),
					fmt.Sprintf("or on %s: alter table %s drop constraint %s", b.spec.Target.Ref, from.SQL(), catalog.Quote(key.ID.Name)),
				},
				Place: b.placeOf(o),
			})
		}
	}
}

// roughly is an estimate to one digit: the plan's ID holds findings, and should
// not change with every row.
func roughly(s catalog.Size) string {
	if s.Rows < 0 {
		return "all"
	}
	digit, zeros := s.Rows, ""
	for digit >= 10 {
		digit, zeros = digit/10, zeros+"0"
	}
	if zeros == "" {
		return "a few"
	}
	return fmt.Sprintf("more than %d%s", digit, zeros)
}
