package mapping

import (
	"cmp"
	"errors"
	"reflect"
	"slices"
	"strings"

	"sluice/planner/catalog"
)

// object is an object with its new name, and new names in all that it says.
func (m *renaming) object(o *catalog.Object) (catalog.Object, error) {
	made := *o
	made.ID = m.ids[o.ID]
	made.Depends = nil
	for _, id := range o.Depends {
		if _, gone := m.ownedByLeft(m.Find(id)); !gone { // a default's, of a column that is left out
			made.Depends = append(made.Depends, m.reference(id))
		}
	}
	slices.SortFunc(made.Depends, catalog.Compare)
	made.Grants = m.grants(o)
	if o.ID.Kind == catalog.KindSchema && made.ID != o.ID {
		made.Comment = strings.TrimPrefix(made.Comment, "standard public schema") // of public alone
	}
	r := &respec{renaming: m, of: o, to: made.ID}
	made.Spec = r.spec()
	return made, r.err
}

// reference is the new ID of what another object names.
func (m *renaming) reference(id catalog.ID) catalog.ID {
	if to, ok := m.ids[id]; ok {
		return to
	}
	return id
}

func (m *renaming) grants(o *catalog.Object) *catalog.Grants {
	if o.Grants == nil || m.Relation(o.ID.Qualified()) != o {
		return o.Grants
	}
	grants := *o.Grants
	grants.List = slices.Clone(grants.List)
	grants.List = slices.DeleteFunc(grants.List, func(g catalog.Grant) bool { return g.Column != "" && m.left(o, g.Column) })
	for i := range grants.List {
		if column := grants.List[i].Column; column != "" {
			grants.List[i].Column = m.column(o, column)
		}
	}
	return &grants
}

// respec is one object's properties on their way to new names.
type respec struct {
	*renaming
	of  *catalog.Object
	to  catalog.ID
	err error
}

// text is a text of the object's with new names.
func (r *respec) text(text string, about subject) string {
	to, err := r.rewriter.text(text, about)
	r.err = errors.Join(r.err, err)
	return to
}

func (r *respec) texts(list []string, about subject) []string {
	to := slices.Clone(list)
	for i := range to {
		to[i] = r.text(to[i], about)
	}
	return to
}

// name is the new name of something that has a schema.
func (r *respec) name(n catalog.Name) catalog.Name {
	if to, ok := r.rewriter.names[n]; ok {
		return to
	}
	if to, ok := r.rewriter.others[n]; ok { // an operator family
		return to
	}
	return n
}

func (r *respec) columns(of *catalog.Object, names []string) []string {
	to := slices.Clone(names)
	for i := range to {
		to[i] = r.column(of, to[i])
	}
	return to
}

func (r *respec) spec() catalog.Spec {
	switch spec := r.of.Spec.(type) {
	case *catalog.Schema:
		to := *spec
		to.OwnedAsMade = spec.OwnedAsMade && r.to == r.of.ID
		return &to
	case *catalog.Table:
		return r.table(spec)
	case *catalog.ForeignTable:
		to := *spec
		to.Table = *r.table(&spec.Table)
		return &to
	case *catalog.View:
		to := *spec
		to.Definition = r.text(spec.Definition, subject{queries: true})
		to.Columns = r.viewColumns(spec.Columns)
		return &to
	case *catalog.MaterializedView:
		to := *spec
		to.Definition = r.text(spec.Definition, subject{queries: true})
		to.Columns = r.viewColumns(spec.Columns)
		return &to
	case *catalog.Sequence:
		to := *spec
		if spec.OwnedBy != nil && r.Relation(spec.OwnedBy.Table) != nil {
			to.OwnedBy = &catalog.ColumnRef{Table: r.name(spec.OwnedBy.Table), Column: r.column(r.Relation(spec.OwnedBy.Table), spec.OwnedBy.Column)}
		}
		return &to
	case *catalog.Function:
		to := *spec
		to.Definition = r.function(spec)
		return &to
	}
	if spec, ok := r.onRelation(); ok {
		return spec
	}
	return r.plain()
}

// onRelation is for what is on a relation.
func (r *respec) onRelation() (catalog.Spec, bool) {
	name, _ := On(r.of)
	on := r.Relation(name)
	switch spec := r.of.Spec.(type) {
	case *catalog.Index:
		to := *spec
		to.Table, to.Of = r.name(spec.Table), r.name(spec.Of)
		to.Definition = r.text(spec.Definition, subject{of: on, called: r.to.Name})
		return &to, true
	case *catalog.Constraint:
		return r.constraint(spec, on), true
	case *catalog.Statistics:
		to := *spec
		to.Table = r.name(spec.Table)
		to.Definition = r.text(spec.Definition, subject{of: on})
		return &to, true
	case *catalog.Trigger:
		to := *spec
		to.Definition = r.text(spec.Definition, subject{of: on, rows: on, called: r.to.Name})
		to.Function = r.reference(spec.Function)
		to.Below = slices.Clone(spec.Below)
		for i := range to.Below {
			to.Below[i].Table = r.name(to.Below[i].Table)
		}
		slices.SortFunc(to.Below, func(a, b catalog.PartitionTrigger) int { return compareNames(a.Table, b.Table) })
		return &to, true
	case *catalog.Rule:
		to := *spec
		to.Definition = r.text(spec.Definition, subject{rows: on, queries: true, called: r.to.Name})
		return &to, true
	case *catalog.Policy:
		to := *spec
		to.Using = r.text(spec.Using, subject{of: on, queries: true})
		to.Check = r.text(spec.Check, subject{of: on, queries: true})
		return &to, true
	}
	return nil, false
}

func (r *respec) table(table *catalog.Table) *catalog.Table {
	to := *table
	to.Type, to.Of = r.name(table.Type), r.name(table.Of)
	to.Inherits = slices.Clone(table.Inherits)
	for i := range to.Inherits {
		to.Inherits[i] = r.name(to.Inherits[i])
	}
	to.Bound = r.text(table.Bound, subject{})
	to.Within = r.text(table.Within, subject{of: r.of})
	to.PartitionKey = r.text(table.PartitionKey, subject{of: r.of})
	if table.Identity.Index != "" {
		to.Identity.Index = r.cased(table.Identity.Index)
	}
	to.Columns = slices.DeleteFunc(slices.Clone(table.Columns), func(c catalog.Column) bool { return r.left(r.of, c.Name) })
	for i := range to.Columns {
		c := &to.Columns[i]
		about := subject{}
		if c.Generated != "" {
			about.of = r.of
		}
		c.Default = r.text(c.Default, about)
		c.Type, c.Collation = r.objectNames(c.Type), r.objectNames(c.Collation)
		c.Name = r.column(r.of, c.Name)
		if c.NotNullName != "" {
			c.NotNullName = r.cased(c.NotNullName)
		}
		if c.Sequence != nil {
			sequence := *c.Sequence
			sequence.Name = r.name(sequence.Name)
			c.Sequence = &sequence
		}
	}
	return &to
}

// goesWithColumn says that an object goes when a column that is left out goes, as
// DROP COLUMN takes it along: an index, a constraint, a statistics object, the
// sequence that the column owns. by is the column's table.
func (m *renaming) goesWithColumn(o *catalog.Object, err error) (by catalog.ID, gone bool) {
	if table, gone := m.ownedByLeft(o); gone {
		return table, true
	}
	var left *LeftOut
	if !errors.As(err, &left) {
		return catalog.ID{}, false
	}
	switch o.Spec.(type) {
	case *catalog.Index, *catalog.Constraint, *catalog.Statistics:
		return left.Table, true
	}
	return catalog.ID{}, false
}

// ownedByLeft says that a sequence is owned by a column, of this table, that is
// left out.
func (m *renaming) ownedByLeft(o *catalog.Object) (table catalog.ID, gone bool) {
	if o == nil || owner(o) == (catalog.Name{}) {
		return catalog.ID{}, false
	}
	relation := m.Relation(owner(o))
	if relation == nil || !m.left(relation, o.Spec.(*catalog.Sequence).OwnedBy.Column) {
		return catalog.ID{}, false
	}
	return relation.ID, true
}

func (r *respec) viewColumns(columns []catalog.ViewColumn) []catalog.ViewColumn {
	to := slices.Clone(columns)
	for i := range to {
		c := &to[i]
		c.Name, c.Type, c.Collation = r.column(r.of, c.Name), r.objectNames(c.Type), r.objectNames(c.Collation)
		c.Default = r.text(c.Default, subject{})
	}
	return to
}

func (r *respec) constraint(c *catalog.Constraint, on *catalog.Object) *catalog.Constraint {
	to := *c
	for _, column := range c.Columns {
		if r.left(on, column) { // also where its definition does not say so
			r.err = &LeftOut{on.ID, column}
		}
	}
	to.Columns = r.columns(on, c.Columns)
	to.Of, to.References = r.name(c.Of), r.name(c.References)
	if c.Index != "" {
		to.Index = r.cased(c.Index)
	}
	other := r.Relation(c.References)
	if c.Type != catalog.ForeignKey || other == nil {
		to.Definition = r.text(c.Definition, subject{of: on})
		return &to
	}
	// FOREIGN KEY (own columns) REFERENCES table(its columns) …, where what
	// follows may name own columns again: ON DELETE SET NULL (…).
	own, rest, _ := cutWord(c.Definition, "REFERENCES")
	its, rest, _ := cutWord(rest, ")")
	to.Definition = r.text(own, subject{of: on}) + r.text(its, subject{of: other}) + r.text(rest, subject{of: on})
	return &to
}

// function is a definition as pg_get_functiondef prints it. A body in standard
// SQL is a text like a view's; one that is a string only its language can read.
func (r *respec) function(f *catalog.Function) string {
	if i := strings.Index(f.Definition, "\nAS $"); i >= 0 {
		head, tagged := f.Definition[:i], f.Definition[i+len("\nAS "):]
		if body, declared := r.Bodies[r.of.ID]; declared {
			tag := quoteFor(body, f.Procedure)
			return r.text(head, subject{}) + "\nAS " + tag + body + tag + "\n"
		}
		tag := tagged[:strings.Index(tagged[1:], "$")+2]
		body, rest, _ := strings.Cut(tagged[len(tag):], tag)
		return r.text(head, subject{}) + "\nAS " + tag + r.stringBody(r.of, f.Language, body) + tag + rest
	}
	for _, begins := range []string{"\nBEGIN ATOMIC\n", "\nRETURN "} {
		if i := strings.Index(f.Definition, begins); i >= 0 {
			return r.text(f.Definition[:i], subject{}) + r.text(f.Definition[i:], subject{queries: true, function: r.of.ID.Name, called: r.to.Name, params: parameters(r.of.ID.Args)})
		}
	}
	return r.text(f.Definition, subject{}) // in C: what follows AS are a file and a symbol
}

// quoteFor is the dollar quote that pg_get_functiondef puts around a body.
func quoteFor(body string, procedure bool) string {
	tag := "$function"
	if procedure {
		tag = "$procedure"
	}
	for strings.Contains(body, tag) {
		tag += "x"
	}
	return tag + "$"
}

// plain is for what names nothing but other objects: types, functions, operators.
func (r *respec) plain() catalog.Spec {
	switch spec := r.of.Spec.(type) {
	case *catalog.Composite:
		to := *spec
		to.Attributes = slices.Clone(spec.Attributes)
		for i := range to.Attributes {
			a := &to.Attributes[i]
			a.Name, a.Type, a.Collation = r.attribute(r.of, a.Name), r.objectNames(a.Type), r.objectNames(a.Collation)
		}
		return &to
	case *catalog.Domain:
		to := *spec
		to.Type, to.Collation = r.objectNames(spec.Type), r.objectNames(spec.Collation)
		to.Default = r.text(spec.Default, subject{})
		to.Checks = slices.Clone(spec.Checks)
		for i := range to.Checks {
			to.Checks[i].Name = r.cased(to.Checks[i].Name)
			to.Checks[i].Definition = r.text(to.Checks[i].Definition, subject{value: spec.Type})
		}
		return &to
	case *catalog.Extension:
		to := *spec
		if spec.Schema != "public" {
			to.Schema = r.schema(spec.Schema)
		}
		return &to
	case *catalog.Publication:
		return r.publication(spec)
	case *catalog.EventTrigger:
		to := *spec
		to.Function = r.reference(spec.Function)
		return &to
	case *catalog.SecurityLabel:
		to := *spec
		to.On = r.reference(spec.On)
		return &to
	case *catalog.Range:
		to := *spec
		r.names(&to, "Subtype", "OperatorClass", "Collation", "Canonical", "SubtypeDiff")
		if to.Multirange = r.name(spec.Multirange); to.Multirange == (catalog.Name{Schema: r.to.Schema, Local: catalog.ChosenMultirange(r.to.Name)}) {
			to.Multirange = catalog.Name{}
		}
		return &to
	case *catalog.Base:
		to := *spec
		r.names(&to, "Input", "Output", "Receive", "Send", "ModifierIn", "ModifierOut", "Analyze", "Subscript", "Element")
		return &to
	case *catalog.Conversion:
		to := *spec
		r.names(&to, "Function")
		return &to
	case *catalog.Cast:
		to := *spec
		r.names(&to, "Source", "Target", "Function")
		return &to
	case *catalog.Transform:
		to := *spec
		r.names(&to, "Type", "FromSQL", "ToSQL")
		return &to
	case *catalog.Aggregate:
		to := *spec
		r.names(&to, "Args", "Transition", "StateType", "Final", "Combine", "Serial", "Deserial", "MovingTransition",
			"MovingInverse", "MovingStateType", "MovingFinal", "SortOperator")
		return &to
	case *catalog.Operator:
		to := *spec
		r.names(&to, "Left", "Right", "Function", "Commutator", "Negator", "Restrict", "Join")
		return &to
	case *catalog.OperatorFamily:
		to := *spec
		to.Members = r.texts(spec.Members, subject{objects: true})
		return &to
	case *catalog.OperatorClass:
		to := *spec
		r.names(&to, "Type", "Storage")
		to.Family = r.name(spec.Family)
		to.Members = r.texts(spec.Members, subject{objects: true})
		return &to
	case *catalog.Language:
		to := *spec
		r.names(&to, "Handler", "Inline", "Validator")
		return &to
	case *catalog.AccessMethod:
		to := *spec
		r.names(&to, "Handler")
		return &to
	case *catalog.Parser:
		to := *spec
		r.names(&to, "Start", "Token", "End", "LexTypes", "Headline")
		return &to
	case *catalog.Template:
		to := *spec
		r.names(&to, "Init", "Lexize")
		return &to
	case *catalog.Dictionary:
		to := *spec
		r.names(&to, "Template")
		return &to
	case *catalog.Configuration:
		to := *spec
		r.names(&to, "Parser")
		to.Mappings = slices.Clone(spec.Mappings)
		for i := range to.Mappings {
			to.Mappings[i].Dictionaries = r.texts(to.Mappings[i].Dictionaries, subject{objects: true})
		}
		return &to
	case *catalog.Wrapper:
		to := *spec
		r.names(&to, "Handler", "Validator")
		return &to
	}
	return r.of.Spec // it names no other object
}

// names gives those fields of a spec, all of them names of types, functions and
// the like, their new names.
func (r *respec) names(spec any, fields ...string) {
	value := reflect.ValueOf(spec).Elem()
	for _, field := range fields {
		f := value.FieldByName(field)
		f.SetString(r.objectNames(f.String()))
	}
}

func (r *respec) publication(p *catalog.Publication) *catalog.Publication {
	to := *p
	to.Schemas = slices.Clone(p.Schemas)
	for i := range to.Schemas {
		to.Schemas[i] = r.schema(to.Schemas[i])
	}
	slices.Sort(to.Schemas)
	to.Schemas = slices.Compact(to.Schemas)
	to.Tables = slices.Clone(p.Tables)
	for i := range to.Tables {
		t := &to.Tables[i]
		if of := r.Relation(t.Name); of != nil {
			t.Columns = slices.DeleteFunc(slices.Clone(t.Columns), func(c string) bool { return r.left(of, c) })
			t.Columns, t.Where = r.columns(of, t.Columns), r.text(t.Where, subject{of: of})
		}
		t.Name = r.name(t.Name)
	}
	slices.SortFunc(to.Tables, func(a, b catalog.PublishedTable) int { return compareNames(a.Name, b.Name) })
	return &to
}

func compareNames(a, b catalog.Name) int {
	return cmp.Or(strings.Compare(a.Schema, b.Schema), strings.Compare(a.Local, b.Local))
}
