package ddl

import (
	"slices"
	"strings"

	"sluice/planner/catalog"
)

func createTable(o *catalog.Object, table *catalog.Table, version int) []string {
	table = withParentsIdentity(table, version)
	return tableStatements(o, table, createTableItself(o.ID, table, version), version)
}

// withParentsIdentity leaves a partition's own identity sequences out, which
// only servers before 17 have: since then the parent's number its rows, too,
// and ATTACH PARTITION refuses a table with any of its own.
func withParentsIdentity(table *catalog.Table, version int) *catalog.Table {
	if table.Of == (catalog.Name{}) || version < version17 {
		return table
	}
	partition := *table
	partition.Columns = slices.Clone(table.Columns)
	for i := range partition.Columns {
		partition.Columns[i].Sequence = nil
	}
	return &partition
}

// tableStatements are those of a table and of a foreign one, beginning with the
// one that creates it.
func tableStatements(o *catalog.Object, table *catalog.Table, create string, version int) []string {
	name := o.ID.Qualified().SQL()
	statements := []string{create}
	if patchwork(table) {
		statements = []string{temporaryParent(o, table), create}
	}
	if table.Of != (catalog.Name{}) {
		// As pg_dump does: CREATE TABLE … PARTITION OF would take over the
		// parent's order of columns.
		statements = append(statements, AttachPartition(o))
	}
	statements = append(statements, inherit(o, table)...)
	if actions := columnActions(table, version); len(actions) > 0 {
		statements = append(statements, "alter table only "+name+"\n  "+strings.Join(actions, ",\n  "))
	}
	if table.RowSecurity {
		statements = append(statements, "alter table "+name+" enable row level security")
	}
	if table.ForceRowSec {
		statements = append(statements, "alter table "+name+" force row level security")
	}
	statements = commented(o, statements...)
	for _, column := range table.Columns {
		statements = append(statements, columnComments(name, &column)...)
	}
	return statements
}

// AttachPartition returns the statement among those of a partition that makes it one.
func AttachPartition(o *catalog.Object) string {
	table := o.Table()
	return "alter table only " + table.Of.SQL() + " attach partition " + o.ID.Qualified().SQL() + "\n  " + table.Bound
}

func columnComments(table string, c *catalog.Column) []string {
	statements := columnComment(table, c.Name, c.Comment)
	if c.NotNullComment != "" {
		statements = append(statements,
			"comment on constraint "+catalog.Quote(c.NotNullName)+" on "+table+" is "+catalog.Literal(c.NotNullComment))
	}
	return statements
}

func createTableItself(id catalog.ID, table *catalog.Table, version int) string {
	var b strings.Builder
	b.WriteString("create ")
	// A partitioned table has no storage that could be unlogged; since 18 the
	// server refuses the word there.
	if table.Unlogged && !(table.Partitioned() && version >= version18) {
		b.WriteString("unlogged ")
	}
	b.WriteString("table " + id.Qualified().SQL() + columnDefinitions(table) + inheritsClause(id, table))
	if table.Partitioned() {
		b.WriteString("\npartition by " + table.PartitionKey)
	}
	if table.AccessMethod != "" {
		b.WriteString("\nusing " + catalog.Quote(table.AccessMethod))
	}
	b.WriteString(storageParameters(table.Options, table.ToastOptions))
	if table.Tablespace != "" {
		b.WriteString("\ntablespace " + catalog.Quote(table.Tablespace))
	}
	return b.String()
}

// columnDefinitions is what CREATE TABLE says of a table's own columns.
func columnDefinitions(table *catalog.Table) string {
	switch {
	case table.Type != (catalog.Name{}):
		return " of " + table.Type.SQL() + typedColumns(table)
	}
	var columns []string
	for i := range table.Columns {
		if c := table.Columns[i]; !c.Inherited || !inheritsColumns(table) {
			if c.Generated != "" && patchwork(table) {
				c.Generated, c.Default = "", "" // comes from above, which the server insists on before 16
			}
			columns = append(columns, columnDefinition(&c))
		}
	}
	if inheritsColumns(table) {
		columns = append(columns, ownNotNull(table)...)
	}
	if len(columns) == 0 {
		return " ()"
	}
	return " " + block(columns)
}

// typedColumns lists those columns of a typed table that have something of
// their own; all come with the type.
func typedColumns(table *catalog.Table) string {
	var columns []string
	for i := range table.Columns {
		c := &table.Columns[i]
		if constraints := columnConstraints(c); constraints != "" {
			columns = append(columns, catalog.Quote(c.Name)+" with options"+constraints)
		}
	}
	if len(columns) == 0 {
		return "" // () is no list here
	}
	return " " + block(columns)
}

// ReplicaIdentity returns the statement that says how a table's rows are named
// to logical decoding, to run when the index is there that it may name; empty
// where it is the primary key, as by default.
func ReplicaIdentity(o *catalog.Object) string {
	table, ok := o.Spec.(*catalog.Table)
	if !ok {
		return ""
	}
	set := "alter table only " + o.ID.Qualified().SQL() + " replica identity "
	switch table.Identity.Kind {
	case catalog.IdentityNothing, catalog.IdentityFull:
		return set + string(table.Identity.Kind)
	case catalog.IdentityIndex:
		return set + "using index " + catalog.Quote(table.Identity.Index)
	}
	return ""
}
