package config

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"github.com/zclconf/go-cty/cty"
)

// migration makes a Migration of a decoded block and checks what its parts
// say together.
func (l *loader) migration(b *block, key string) Migration {
	m := Migration{
		Address: address(b.label(0), key, l.report.keyed),
		Name:    b.label(0), Key: key, Range: rangeOf(b.rng),
		Source:  l.serverOf(b, "source"),
		Target:  l.serverOf(b, "target"),
		Include: get[[]Pattern](b.child("objects"), "include"),
		Exclude: get[[]Pattern](b.child("objects"), "exclude"),
		Kinds:   kinds(b.child("objects")),
		Conflicts: Conflicts{
			OnExisting:     get[string](b.child("conflicts"), "on_existing"),
			RowFull:        get[string](b.child("conflicts"), "row_full"),
			RowIncremental: get[string](b.child("conflicts"), "row_incremental"),
		},
		Full:        full(b.child("full")),
		Incremental: l.incremental(b.child("incremental"), b.label(0), key),
		Verify:      get[string](b.child("verify"), "mode"),
		Cutover: Cutover{
			MaxLag:        get[time.Duration](b.child("cutover"), "max_lag"),
			MaxWritePause: get[time.Duration](b.child("cutover"), "max_write_pause"),
			Reverse:       get[bool](b.child("cutover"), "reverse"),
		},
		Tags:            get[map[string]string](b, "tags"),
		Owners:          get[bool](b, "owners"),
		Grants:          get[bool](b, "grants"),
		Roles:           get[map[string]string](b, "roles"),
		KeepTablespaces: get[string](b, "tablespaces") == "keep",
	}
	for _, stage := range get[[]string](b, "stages") {
		m.Stages.Schema = m.Stages.Schema || stage == "schema"
		m.Stages.Full = m.Stages.Full || stage == "full"
		m.Stages.Incremental = m.Stages.Incremental || stage == "incremental"
	}
	m.NameCase = get[string](b, "name_case")
	m.Tables = l.tables(b)
	m.Retry = l.retry(b.child("retry"))
	m.Alerts = l.alerts(b, m.Stages)
	m.Renames = l.renames(b)
	for _, one := range b.children("function") {
		m.Functions = append(m.Functions, Function{Name: one.label(0), Body: get[string](one, "body"), Range: rangeOf(one.ranges[0])})
	}
	l.checkEnds(b, m)
	l.checkSlot(b, m)
	return m
}

// serverOf is the source or target of a migration, with the database that the
// migration names.
func (l *loader) serverOf(b *block, role string) Server {
	s := l.servers[role+"."+get[reference](b, role).name]
	if database := get[string](b, role+"_database"); database != "" {
		s.Database = database
	}
	return s
}

func kinds(b *block) Kinds {
	if !b.has("kinds") {
		return Kinds{}
	}
	return Kinds{Words: get[[]string](b, "kinds"), Range: rangeOf(b.args["kinds"].rng)}
}

func full(b *block) Full {
	return Full{Workers: get[int](b, "workers"), IndexMemory: get[Bytes](b, "index_memory"), Throttle: throttle(b)}
}

func (l *loader) incremental(b *block, name, key string) Incremental {
	i := Incremental{
		Slot:           get[string](b, "slot"),
		MaxWALRetained: get[Bytes](b, "max_wal_retained"),
		OnDDL:          get[string](b, "on_ddl"),
		OnDivergence:   get[string](b, "on_divergence"),
		Connections:    get[int](b, "connections"),
		Spool:          l.spool(b),
		Throttle:       throttle(b),
	}
	if i.Slot == "" {
		i.Slot = defaultSlot(name, key)
	}
	return i
}

// spool demands a path that means the same wherever apply is started.
func (l *loader) spool(incremental *block) *Spool {
	if len(incremental.children("spool")) == 0 {
		return nil
	}
	b := incremental.child("spool")
	s := &Spool{Directory: get[string](b, "directory"), MaxBytes: get[Bytes](b, "max_bytes")}
	if s.Directory != "" && !filepath.IsAbs(s.Directory) {
		l.report.error(b.args["directory"].rng, "Not an absolute path", fmt.Sprintf(
			"The changes would be looked for in another place when apply is started in another directory: %q.", s.Directory))
	}
	return s
}

// throttle is that of a stage's block.
func throttle(stage *block) Throttle {
	b := stage.child("throttle")
	t := Throttle{Rows: get[int](b, "rows_per_second"), Bytes: get[Bytes](b, "bytes_per_second")}
	if queries := "source_queries_per_second"; b.spec.arg(queries) != nil {
		t.Queries = get[int](b, queries)
	}
	return t
}

func (l *loader) tables(b *block) []Table {
	var tables []Table
	seen := map[[2]string]bool{}
	for _, one := range b.children("table") {
		name, err := parseName(one.label(0), 2)
		if err != nil {
			continue // reported with the label
		}
		t := Table{
			Schema: name[0], Name: name[1], Range: rangeOf(one.ranges[0]),
			ReplicaIdentity: get[string](one, "replica_identity"),
			Where:           l.sql(one, "where"),
			ExcludeColumns:  get[[]string](one, "exclude_columns"),
			Priority:        get[string](one, "priority"),
		}
		t.Columns = l.columns(one, t.ExcludeColumns)
		l.newName(one, &t)
		if one.has("on_existing") {
			t.OnExisting = get[string](one, "on_existing")
		}
		if one.has("on_divergence") {
			t.OnDivergence = get[string](one, "on_divergence")
		}
		if id := [2]string(name); seen[id] {
			l.report.error(one.ranges[0], "Duplicate block", fmt.Sprintf("This migration has another table block for %s.", one.label(0)))
		} else {
			seen[id] = true
		}
		tables = append(tables, t)
	}
	return tables
}

// retry demands that other ends before connection does: while the server is
// away, no other error can be told from its absence.
func (l *loader) retry(b *block) Retry {
	r := Retry{Connection: get[time.Duration](b, "connection"), Other: get[time.Duration](b, "other")}
	if r.Other < r.Connection {
		return r
	}
	name, note := "other", ""
	switch {
	case !b.has("other"):
		name, note = "connection", " The first is its default; set it too."
	case !b.has("connection"):
		note = " The second is its default; set it too."
	}
	l.report.error(b.args[name].rng, "Retry times do not fit", fmt.Sprintf(
		"retry.other (%s) must be less than retry.connection (%s).%s", shortDuration(r.Other), shortDuration(r.Connection), note))
	return r
}

// newName reads what a table is called on the target.
func (l *loader) newName(b *block, t *Table) {
	to := get[string](b, "to")
	if to == "" {
		return
	}
	parts, err := parseName(to, 1)
	if err != nil {
		parts, err = parseName(to, 2)
	}
	if err != nil {
		l.report.error(b.args["to"].rng, "Not a name", fmt.Sprintf("%q is neither a name nor schema.name: %s", to, sentence(err)))
		return
	}
	t.To = parts[len(parts)-1]
	if len(parts) == 2 {
		t.ToSchema = parts[0]
	}
}

// columns reads the column blocks of a table, and compares what each says.
func (l *loader) columns(table *block, left []string) (list []Column) {
	for _, one := range table.children("column") {
		c := Column{
			Name: one.label(0), To: get[string](one, "to"), Add: get[bool](one, "add"),
			Value: l.sql(one, "value"), Type: l.sql(one, "type"), Range: rangeOf(one.ranges[0]),
		}
		switch {
		case c.Add && (!one.has("type") || !one.has("value")):
			l.report.error(one.ranges[0], "Added column without type or value", fmt.Sprintf(
				"An added column needs both: type, as in CREATE TABLE, and value, such as value = \"'old'\" for a constant. %q lacks one.", c.Name))
		case c.Add && one.has("to"):
			l.report.error(one.args["to"].rng, "Added column with another name",
				"An added column is on the target only, under the name of its label.")
		case slices.Contains(left, c.Name):
			l.report.error(one.ranges[0], "Column left out", fmt.Sprintf(
				"%q is in exclude_columns, so that nothing else can be said about it. For another value or type, take it out there.", c.Name))
		}
		list = append(list, c)
	}
	return list
}

// renames reads the rename blocks, and compares each pattern with the kind of
// object it renames.
func (l *loader) renames(b *block) (list []Rename) {
	parts := map[string]int{"schema": 1, "table": 2, "column": 3}
	for _, one := range b.children("rename") {
		match, want := get[[]Pattern](one, "match"), parts[one.label(0)]
		if len(match) == 0 || want == 0 {
			continue
		}
		if err := checkParts(match[0].Text, len(match[0].Parts), want, "pattern"); err != nil {
			l.report.error(one.args["match"].rng, "Not a pattern", sentence(err))
		}
		list = append(list, Rename{Kind: one.label(0), Match: match[0], To: newName(get[lazy](one, "to")), Range: match[0].Range})
	}
	return list
}

// newName makes a function of the expression of a rename block.
func newName(to lazy) func(schema, table, name string) (string, error) {
	return func(schema, table, name string) (string, error) {
		v, err := to.value(cty.ObjectVal(map[string]cty.Value{
			"schema": cty.StringVal(schema), "table": cty.StringVal(table), "name": cty.StringVal(name),
		}))
		if err != nil {
			return "", err
		}
		if v, _ = v.UnmarkDeep(); v.IsNull() || !v.IsKnown() || v.Type() != cty.String {
			return "", errors.New("a name must be a text")
		}
		return v.AsString(), nil
	}
}

// checkEnds demands that a migration leads from one database to another.
func (l *loader) checkEnds(b *block, m Migration) {
	if m.Source.Name == "" || m.Target.Name == "" || m.Source.place() != m.Target.place() {
		return
	}
	if m.Source.URL+m.Source.Service+m.Source.Host == "" {
		return // that no server is named is reported already
	}
	l.report.error(b.args["target"].rng, "Source and target are one database", fmt.Sprintf(
		"%s and %s lead to the same database, so there is nothing to move, and the data would be written over itself.",
		m.Source.Ref(), m.Target.Ref()))
}

// checkSlot demands that no two migrations share a slot: each would take the
// other's changes.
func (l *loader) checkSlot(b *block, m Migration) {
	if m.Source.Name == "" || !m.Stages.Incremental {
		return
	}
	id := m.Source.Ref() + " " + m.Incremental.Slot
	other, twice := l.slots[id]
	if !twice || other == m.Address { // a migration given twice is reported as such
		l.slots[id] = m.Address
		return
	}
	at := b.rng
	if arg, given := b.child("incremental").args["slot"]; given {
		at = arg.rng
	}
	l.report.error(at, "Slot used twice", fmt.Sprintf(
		"%s and %s would both use the slot %q on %s. Set incremental.slot, in which each.key can be used.", other, m.Address, m.Incremental.Slot, m.Source.Ref()))
}
