package planner

import (
	"fmt"
	"slices"

	"sluice/planner/catalog"
)

// bigTable is from how many rows on finding one by all its columns hurts.
const bigTable = 1_000_000

// checkTables checks that the changes of every table that is followed can find
// their rows.
func (b *builder) checkTables() {
	if !b.spec.Stages.Incremental {
		return
	}
	for _, o := range b.withRows() {
		table := o.Spec.(*catalog.Table)
		if table.Unlogged {
			b.warnTable("W203", o, fmt.Sprintf("%s is unlogged: its changes are not followed", o.ID),
				"on the source: alter table "+o.ID.Qualified().SQL()+" set logged")
			continue
		}
		b.checkIdentity(o, table)
	}
}

func (b *builder) checkIdentity(o *catalog.Object, table *catalog.Table) {
	if b.identity(o).Kind != catalog.IdentityFull {
		if len(b.identityColumns(o)) == 0 {
			b.reportNoIdentity(o, table)
		}
		return
	}
	if b.primaryKey(o.ID.Qualified()) == nil {
		b.warnTable("W201", o, fmt.Sprintf("%s has no primary key: a change finds its row by every column", o.ID))
	}
	if table.Size.Rows > bigTable {
		b.warnTable("W202", o, fmt.Sprintf("%s has REPLICA IDENTITY FULL and more than a million rows", o.ID))
	}
}

func (b *builder) warnTable(code string, o *catalog.Object, summary string, fix ...string) {
	b.report(Finding{Code: code, Object: o.ID, Summary: summary, Fix: fix, Place: b.reason(o.ID).Place})
}

// reportNoIdentity reports a table whose publication would make PostgreSQL
// refuse the application's own updates, with the three remedies.
func (b *builder) reportNoIdentity(o *catalog.Object, table *catalog.Table) {
	why := map[catalog.ReplicaIdentityKind]string{
		catalog.IdentityDefault: "it has no primary key that is not deferrable",
		catalog.IdentityNothing: "its replica identity is nothing",
		catalog.IdentityIndex:   "the index of its replica identity has gone",
	}[table.Identity.Kind]
	b.report(Finding{
		Code:    "C114",
		Object:  o.ID,
		Summary: fmt.Sprintf("updates and deletes of %s cannot be followed: %s", o.ID, why),
		Detail:  "published like this, PostgreSQL would refuse them to the application too",
		Fix: []string{
			"on the source: " + b.identityRemedy(o, table),
			fmt.Sprintf("or: table %q { replica_identity = \"full\" }", o.ID.Label()),
			fmt.Sprintf("or: exclude = [%q]", o.ID.Label()),
		},
		Place: b.reason(o.ID).Place,
	})
}

// identityRemedy is the statement that gives a table an identity: the primary
// key it has, one over a unique constraint's columns, or a column of its own.
func (b *builder) identityRemedy(o *catalog.Object, table *catalog.Table) string {
	alter := "alter table " + o.ID.Qualified().SQL()
	if key := b.primaryKey(o.ID.Qualified()); key != nil && !key.Deferrable {
		return alter + " replica identity default"
	}
	for _, part := range b.related.Parts(o.ID.Qualified()) {
		c, ok := part.Spec.(*catalog.Constraint)
		if ok && c.Type == catalog.Unique && !c.Deferrable && allNotNull(table, c.Columns) {
			return alter + " replica identity using index " + catalog.Quote(c.Index)
		}
	}
	if key := b.primaryKey(o.ID.Qualified()); key != nil {
		return fmt.Sprintf("%s drop constraint %s, add primary key (%s)", alter, catalog.Quote(key.Index), catalog.QuoteAll(key.Columns))
	}
	column := "id"
	for hasColumn(table, column) {
		column = "sluice_" + column
	}
	return fmt.Sprintf("%s add column %s bigint generated always as identity primary key", alter, catalog.Quote(column))
}

func allNotNull(t *catalog.Table, columns []string) bool {
	for _, c := range t.Columns {
		if !c.NotNull && slices.Contains(columns, c.Name) {
			return false
		}
	}
	return len(columns) > 0
}

func (b *builder) reportFiring(o *catalog.Object) {
	b.report(Finding{
		Code:    "W209",
		Object:  o.ID,
		Summary: fmt.Sprintf("%s is enabled %s and would fire for the changes: it is created at cutover", o.ID, o.Spec.(*catalog.Trigger).Enabled),
		Place:   b.reason(o.ID).Place,
	})
}
