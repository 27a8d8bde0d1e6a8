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
				"on the source: alter table "+b.onSource(o).Qualified().SQL()+" set logged")
			continue
		}
		b.checkIdentity(o, table)
	}
}

func (b *builder) checkIdentity(o *catalog.Object, table *catalog.Table) {
	if generated := b.generatedInIdentity(o, table); len(generated) > 0 {
		b.reportGeneratedIdentity(o, table, generated)
		return
	}
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
	b.report(Finding{Code: code, Object: o.ID, Summary: summary, Fix: fix, Place: b.reason(o).Place})
}

// reportNoIdentity reports a table whose publication would make PostgreSQL
// refuse the application's own updates, with the three remedies.
func (b *builder) reportNoIdentity(o *catalog.Object, table *catalog.Table) {
	why := map[catalog.ReplicaIdentityKind]string{
		catalog.IdentityDefault: "it has no primary key that is not deferrable",
		catalog.IdentityNothing: "its replica identity is nothing",
		catalog.IdentityIndex:   "the index of its replica identity has gone",
	}[table.Identity.Kind]
	if left := b.leftKey(o); left != "" {
		b.report(Finding{
			Code:    "C114",
			Object:  o.ID,
			Summary: fmt.Sprintf("updates and deletes of %s cannot be followed: they find their row by column %s, which is left out", o.ID, left),
			Fix:     []string{fmt.Sprintf("take %q out of exclude_columns in table %q", left, b.onSource(o).Label())},
			Place:   b.reason(o).Place,
		})
		return
	}
	b.report(Finding{
		Code:    "C114",
		Object:  o.ID,
		Summary: fmt.Sprintf("updates and deletes of %s cannot be followed: %s", o.ID, why),
		Detail:  "published like this, PostgreSQL would refuse them to the application too",
		Fix: []string{
			"on the source: " + b.identityRemedy(o),
			fmt.Sprintf("or: table %q { replica_identity = \"full\" }", b.onSource(o).Label()),
			fmt.Sprintf("or: exclude = [%q]", b.onSource(o).Label()),
		},
		Place: b.reason(o).Place,
	})
}

// generatedRefused is the version since which an update or delete of a published
// table is refused (42P10) where its replica identity has a generated column
// that the publication leaves out, as ours does. Before, the changes just do not
// carry it: of a full identity it is not missed, of a key it is.
// https://www.postgresql.org/docs/18/logical-replication-gencols.html
const generatedRefused = 180000

// generatedInIdentity are the generated columns that keep a table's replica
// identity from being used.
func (b *builder) generatedInIdentity(o *catalog.Object, table *catalog.Table) []string {
	if b.identity(o).Kind != catalog.IdentityFull {
		return generatedAmong(table, b.identityColumns(o))
	}
	if b.source.Server.Version < generatedRefused {
		return nil
	}
	var all []string
	for _, c := range table.Columns {
		all = append(all, c.Name)
	}
	return generatedAmong(table, all)
}

// generatedAmong are those of the columns that the server computes, stored or
// virtual.
func generatedAmong(table *catalog.Table, columns []string) (names []string) {
	for _, c := range table.Columns {
		if c.Generated != "" && slices.Contains(columns, c.Name) {
			names = append(names, c.Name)
		}
	}
	return names
}

func (b *builder) reportGeneratedIdentity(o *catalog.Object, table *catalog.Table, generated []string) {
	refused := b.source.Server.Version >= generatedRefused
	f := Finding{
		Code:    "C114",
		Object:  o.ID,
		Summary: fmt.Sprintf("updates and deletes of %s cannot be followed: its replica identity has the generated column %s", o.ID, generated[0]),
		Detail:  "the changes do not carry what the server computes",
		Fix:     []string{"on the source: " + b.identityRemedy(o)},
		Place:   b.reason(o).Place,
	}
	if refused {
		f.Detail = "published like this, PostgreSQL would refuse them to the application too"
	}
	switch {
	case b.declaredFull(o):
		f.Fix = append(f.Fix, fmt.Sprintf("and take replica_identity = \"full\" out of table %q", b.onSource(o).Label()))
	case !refused:
		f.Fix = append(f.Fix, fmt.Sprintf("or: table %q { replica_identity = \"full\" }", b.onSource(o).Label()))
	}
	f.Fix = append(f.Fix, fmt.Sprintf("or: exclude = [%q]", b.onSource(o).Label()))
	b.report(f)
}

// identityRemedy is the statement that gives a table an identity: the primary
// key it has, one over a unique constraint's columns, or a column of its own.
func (b *builder) identityRemedy(o *catalog.Object) string {
	parts := b.related.Parts(o.ID.Qualified())
	o = b.origin(o)
	table, key := o.Spec.(*catalog.Table), (*catalog.Constraint)(nil)
	alter := "alter table " + o.ID.Qualified().SQL()
	for _, part := range parts {
		if c, ok := b.origin(part).Spec.(*catalog.Constraint); ok && c.Type == catalog.PrimaryKey {
			key = c
		}
	}
	if key != nil && namesRows(table, key) {
		return alter + " replica identity default"
	}
	for _, part := range parts {
		c, ok := b.origin(part).Spec.(*catalog.Constraint)
		if ok && c.Type == catalog.Unique && namesRows(table, c) && allNotNull(table, c.Columns) {
			return alter + " replica identity using index " + catalog.Quote(c.Index)
		}
	}
	if key != nil && key.Deferrable && len(generatedAmong(table, key.Columns)) == 0 {
		return fmt.Sprintf("%s drop constraint %s, add primary key (%s)", alter, catalog.Quote(key.Index), catalog.QuoteAll(key.Columns))
	}
	column := "id"
	for hasColumn(table, column) {
		column = "sluice_" + column
	}
	add := fmt.Sprintf("%s add column %s bigint generated always as identity ", alter, catalog.Quote(column))
	switch {
	case key != nil:
		index := catalog.Quote(o.ID.Name + "_" + column)
		return add + "constraint " + index + " unique; " + alter + " replica identity using index " + index
	case table.Identity.Kind != catalog.IdentityDefault:
		return add + "primary key; " + alter + " replica identity default"
	}
	return add + "primary key"
}

// namesRows says that the changes find rows by the columns of a key.
func namesRows(table *catalog.Table, key *catalog.Constraint) bool {
	return !key.Deferrable && len(generatedAmong(table, key.Columns)) == 0
}

func allNotNull(t *catalog.Table, columns []string) bool {
	for _, c := range t.Columns {
		if !c.NotNull && slices.Contains(columns, c.Name) {
			return false
		}
	}
	return len(columns) > 0
}

// reportFiring reports what has to wait for the cutover.
func (b *builder) reportFiring(o *catalog.Object) {
	f := Finding{
		Code:    "W209",
		Object:  o.ID,
		Summary: fmt.Sprintf("%s is enabled always or on replicas and would fire for the changes: it is created at cutover", o.ID),
		Place:   b.reason(o).Place,
	}
	if o.ID.Kind == catalog.KindEventTrigger {
		f.Code = "N311"
		f.Summary = fmt.Sprintf("%s would fire for sluice's own statements: it is created at cutover", o.ID)
	}
	b.report(f)
}
