package planner

import (
	"fmt"
	"slices"
	"strings"

	"sluice/planner/catalog"
)

// prepareSource adds what is written on the source: replica identities, the
// publication, the slot. All of it after the whole schema, so that the source
// keeps WAL no longer than it must, and is untouched while the schema fails.
func (b *builder) prepareSource() {
	b.findJoining()
	if !b.spec.Stages.Incremental {
		b.empty(nil)
		return
	}
	published := b.addPublication()
	b.slot = b.add(Step{
		Stage:  StageLoad,
		Side:   Source,
		Action: CreateSlot,
		Object: slot(b.spec.Slot),
		Note:   []string{b.keeps()},
		Undo:   []string{"select pg_catalog.pg_drop_replication_slot(" + catalog.Literal(b.spec.Slot) + ")"},
	})
	b.slot.after(published)
	b.addSpool()
	b.converge = b.add(Step{
		Stage:  StageFinish,
		Side:   Target,
		Action: Converge,
		Object: slot(b.spec.Slot),
		Note:   []string{"applies the changes made during the load"},
	})
	b.converge.after(b.slot, b.spool)
	b.addJoining()
}

// keeps says what the slot keeps.
func (b *builder) keeps() string {
	if b.spec.Spool != "" {
		return "keeps WAL until it is in the spool"
	}
	return "keeps WAL until cutover"
}

// addPublication makes the publication of the tables that are followed from the
// beginning on.
func (b *builder) addPublication() *draft {
	tables := slices.DeleteFunc(b.followed(), func(o *catalog.Object) bool { return b.joins(o.ID.Qualified()) })
	names, full := b.publishedNames(tables)
	sql := "create publication " + catalog.Quote(b.spec.Slot)
	if len(names) > 0 {
		sql += " for table " + strings.Join(names, ", ")
	}
	d := b.add(Step{
		Stage:  StageLoad,
		Side:   Source,
		Action: Create,
		Object: publication(b.spec.Slot),
		Note:   []string{plural(len(names), "table")},
		SQL:    []string{sql},
		Undo:   []string{dropPublication(b.spec.Slot)},

		Follows: ids(tables),
	})
	d.afterSchema = len(full) == 0
	d.after(full...)
	return d
}

// publishedNames are the tables as a publication lists them, and the steps that
// must come before.
func (b *builder) publishedNames(tables []*catalog.Object) (names []string, full []*draft) {
	for _, o := range tables {
		names = append(names, "only "+b.onSource(o).Qualified().SQL())
		if b.needsFull(o) {
			full = append(full, b.addFullIdentity(o))
		}
	}
	return names, full
}

// publishedBy are the tables of a publication; nil where there is none.
func publishedBy(c *catalog.Catalog, name string) map[catalog.Name]bool {
	p := c.Server.Publications[name]
	if o := c.Find(publication(name)); o != nil { // sluice would have called it otherwise
		p, _ = o.Spec.(*catalog.Publication)
	}
	if p == nil {
		return nil
	}
	tables := map[catalog.Name]bool{}
	for _, t := range p.Tables {
		tables[t.Name] = true
	}
	return tables
}

func dropPublication(name string) string {
	return "drop publication if exists " + catalog.Quote(name)
}

// followed are the tables whose changes are followed: selected, with rows of
// their own, and logged, since an unlogged one writes no WAL. Sorted.
func (b *builder) followed() (tables []*catalog.Object) {
	for _, o := range b.withRows() {
		if !o.Spec.(*catalog.Table).Unlogged {
			tables = append(tables, o)
		}
	}
	return tables
}

// withRows are the selected tables that hold rows of their own: ordinary ones
// and partitions that are not partitioned further. Sorted.
func (b *builder) withRows() (tables []*catalog.Object) {
	for i := range b.source.Objects {
		o := &b.source.Objects[i]
		if t, ok := o.Spec.(*catalog.Table); ok && !t.Partitioned() && b.chosen.Of(o).Taken {
			tables = append(tables, o)
		}
	}
	return tables
}

// fullIdentityID is the ID of the step that sets a table's replica identity on
// the source.
func fullIdentityID(table catalog.ID) string {
	return stepID(Alter, table, "replica identity on the source")
}

// needsFull says that a table block declares an identity that the source's
// table has not, or has because this migration's step was done.
func (b *builder) needsFull(o *catalog.Object) bool {
	has := o.Spec.(*catalog.Table).Identity.Kind == catalog.IdentityFull
	return b.declaredFull(o) && (!has || b.knows(fullIdentityID(b.onSource(o))))
}

func (b *builder) addFullIdentity(o *catalog.Object) *draft {
	rule, id := b.tableRule(o), b.onSource(o)
	d := b.add(Step{
		ID:          fullIdentityID(id),
		Stage:       StageLoad,
		Side:        Source,
		Action:      Alter,
		Object:      id,
		Fingerprint: b.fingerprint(o),
		Note:        []string{"REPLICA IDENTITY FULL"},
		Reason: Reason{
			Text:  fmt.Sprintf("table %q { replica_identity = \"full\" }", rule.Table),
			Place: place(rule.Place),
		},
		SQL:  []string{"alter table only " + id.Qualified().SQL() + " replica identity full"},
		Undo: []string{defaultIdentity(id)},
	})
	d.afterSchema = true
	return d
}

// defaultIdentity is the statement that takes back replica identity full.
func defaultIdentity(table catalog.ID) string {
	return "alter table only " + table.Qualified().SQL() + " replica identity default"
}
