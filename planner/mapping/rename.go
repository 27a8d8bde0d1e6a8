package mapping

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"sluice/planner/catalog"
)

// maxName is how long a name may be in bytes: NAMEDATALEN - 1.
const maxName = 63

// Renamed is a catalog with the names that its objects get on the target.
type Renamed struct {
	Catalog *catalog.Catalog
	// Origin is the object of the first catalog that one of the new one was made
	// of; nil of a schema that only the target has.
	Origin    map[*catalog.Object]*catalog.Object
	Verdicts  *Selection // on the new objects
	Dropped   []Dropped  // objects of the first catalog that are not needed under the new names
	Clashes   []Clash
	TooLong   []*catalog.Object // new ones, with a name of more than 63 bytes
	Unwritten []Unwritten
	Mentions  []Mention // by function, in the catalog's order, then by line
	Failed    []RuleError
	Unused    []int // rules that match nothing
}

// Dropped is an object that nothing is left for.
type Dropped struct {
	Object *catalog.Object
	Reason string
}

// Clash is a name that several objects would get.
type Clash struct {
	Name    catalog.ID
	Objects []*catalog.Object // of the first catalog, in its order
}

// Unwritten is an object in whose text the names cannot be changed.
type Unwritten struct {
	Object *catalog.Object // of the first catalog
	Err    error
}

// Rename gives what is selected of a catalog the names that are declared. What
// is not selected keeps its own.
func Rename(r *Relations, s *Selection, naming Naming) *Renamed {
	m := &renaming{
		namer:   &namer{Relations: r, Naming: naming, chosen: s, used: make([]bool, len(naming.Rules))},
		renamed: &Renamed{Origin: map[*catalog.Object]*catalog.Object{}},
		ids:     map[catalog.ID]catalog.ID{},
	}
	m.findNames()
	m.makeObjects()
	m.addSchemas()
	m.findClashes()
	m.renamed.Failed, m.renamed.Unused = m.failed, unused(m.used)
	return m.finish()
}

// renaming is a catalog on its way to its new names.
type renaming struct {
	*namer
	renamed  *Renamed
	rewriter *rewriter
	ids      map[catalog.ID]catalog.ID // of what is selected, where they differ
	objects  []catalog.Object
	origins  []*catalog.Object // of each of objects
	verdicts []Verdict
}

// findNames finds what everything with a schema is called.
func (m *renaming) findNames() {
	w := &rewriter{
		names:     map[catalog.Name]catalog.Name{},
		others:    map[catalog.Name]catalog.Name{},
		types:     map[catalog.Name]*catalog.Object{},
		returned:  map[catalog.Name]string{},
		tables:    map[catalog.Name]*catalog.Object{},
		schemas:   map[string]bool{},
		schema:    m.schema,
		column:    m.column,
		attribute: m.attribute,
		cased:     m.namer.cased,
		left:      m.left,
		there:     m.There,
	}
	for i := range m.Catalog.Objects {
		o := &m.Catalog.Objects[i]
		if o.ID.Kind == catalog.KindSchema {
			w.schemas[o.ID.Name] = true
		}
		w.addType(o)
		if extension, ok := o.Spec.(*catalog.Extension); ok && extension.Schema == "public" {
			w.inPublic = true
		}
		if o.ID.Schema == "" || o.ID.Table != "" || o.ID.Kind == catalog.KindDefaultACL || !m.chosen.Of(o).Taken {
			continue
		}
		name := o.ID.Qualified()
		w.among(o)[name] = m.nameOf(o)
		if r, ok := o.Spec.(*catalog.Range); ok {
			from, to := m.multirange(r, name, w.names[name])
			if _, another := w.names[from]; !another { // on a server from before 14
				w.names[from] = to
			}
		}
		if m.Relation(name) == o {
			w.tables[name] = o
			for _, c := range identitySequences(o) {
				w.names[c] = m.sequence(c, o)
			}
		}
	}
	for i := range m.Catalog.Objects { // a key's index has its table's schema
		o := &m.Catalog.Objects[i]
		if c, ok := o.Spec.(*catalog.Constraint); ok && c.Index != "" && m.chosen.Of(o).Taken {
			schema := w.names[o.ID.Relation()].Schema
			w.names[catalog.Name{Schema: o.ID.Schema, Local: c.Index}] = catalog.Name{Schema: schema, Local: m.cased(c.Index)}
		}
	}
	m.rewriter = w
}

// addType takes what says of which type a value is.
func (w *rewriter) addType(o *catalog.Object) {
	name := o.ID.Qualified()
	switch spec := o.Spec.(type) {
	case *catalog.Composite, *catalog.Domain:
		w.types[name] = o
	case *catalog.Function:
		kind := returns(spec)
		if before, overloaded := w.returned[name]; overloaded && before != kind {
			kind = ""
		}
		w.returned[name] = kind
	}
}

// returns is the type of what a function returns, as its definition says; empty:
// that depends on its arguments.
func returns(f *catalog.Function) string {
	_, kind, _ := strings.Cut(f.Definition, "\n RETURNS ")
	kind, _, _ = strings.Cut(kind, "\n")
	kind = strings.TrimPrefix(kind, "SETOF ")
	switch {
	case strings.HasPrefix(kind, "any"):
		return ""
	case strings.HasPrefix(kind, "TABLE("):
		return "record"
	}
	return kind
}

// multirange is what a range type's multirange is called, here and on the target,
// where the server names it after the range if nobody else has.
func (m *renaming) multirange(r *catalog.Range, name, renamed catalog.Name) (from, to catalog.Name) {
	if r.Multirange == (catalog.Name{}) {
		return catalog.Name{Schema: name.Schema, Local: catalog.ChosenMultirange(name.Local)},
			catalog.Name{Schema: renamed.Schema, Local: catalog.ChosenMultirange(renamed.Local)}
	}
	return r.Multirange, catalog.Name{Schema: m.schema(r.Multirange.Schema), Local: m.cased(r.Multirange.Local)}
}

// among are the names that an object's is one of.
func (w *rewriter) among(o *catalog.Object) map[catalog.Name]catalog.Name {
	switch o.Spec.(type) {
	case *catalog.Function, *catalog.Aggregate, *catalog.Operator, *catalog.Collation, *catalog.Conversion, *catalog.OperatorClass,
		*catalog.OperatorFamily, *catalog.Configuration, *catalog.Dictionary, *catalog.Parser, *catalog.Template, *catalog.Statistics:
		return w.others
	}
	return w.names
}

func identitySequences(o *catalog.Object) (names []catalog.Name) {
	if table := o.Table(); table != nil {
		for _, c := range table.Columns {
			if c.Sequence != nil {
				names = append(names, c.Sequence.Name)
			}
		}
	}
	return names
}

// nameOf is what an object with a schema is called. What is on a table, or owned
// by one of its columns, goes into the table's schema, as ALTER TABLE … SET SCHEMA
// takes it along.
func (m *renaming) nameOf(o *catalog.Object) catalog.Name {
	if m.Relation(o.ID.Qualified()) == o {
		return m.relation(o)
	}
	on, ok := On(o)
	if !ok {
		on = owner(o)
	}
	if table := m.Relation(on); table != nil && on.Schema == o.ID.Schema && m.chosen.Of(table).Taken {
		return m.sequence(o.ID.Qualified(), table)
	}
	return catalog.Name{Schema: m.schema(o.ID.Schema), Local: m.cased(o.ID.Name)}
}

// sequence is the new name of a sequence, or of whatever else has no rule of its
// own, that goes along with a table.
func (m *renaming) sequence(name catalog.Name, table *catalog.Object) catalog.Name {
	to := m.relation(table)
	if name.Schema != table.ID.Schema {
		to.Schema = m.schema(name.Schema)
	}
	return catalog.Name{Schema: to.Schema, Local: m.cased(name.Local)}
}

// makeObjects makes the objects with their new names, and what is not selected
// as it is.
func (m *renaming) makeObjects() {
	for i := range m.Catalog.Objects {
		if o := &m.Catalog.Objects[i]; m.chosen.Of(o).Taken {
			m.ids[o.ID] = m.id(o)
		}
	}
	for i := range m.Catalog.Objects {
		o := &m.Catalog.Objects[i]
		verdict := m.chosen.Of(o)
		if !verdict.Taken {
			m.keep(*o, o, verdict)
			continue
		}
		made, err := m.object(o)
		if by, gone := m.goesWithColumn(o, err); gone {
			m.keep(*o, o, Verdict{Cause: WithoutColumn, Rule: verdict.Rule, By: by})
			continue
		}
		if err != nil {
			m.renamed.Unwritten = append(m.renamed.Unwritten, Unwritten{o, err})
		}
		m.keep(made, o, verdict)
	}
}

func (m *renaming) keep(made catalog.Object, origin *catalog.Object, v Verdict) {
	m.objects, m.origins, m.verdicts = append(m.objects, made), append(m.origins, origin), append(m.verdicts, v)
}

// addSchemas adds the schemas that only the target has, and leaves out those that
// were only there for what is somewhere else now. Of two that become one the
// first is kept.
func (m *renaming) addSchemas() {
	needed, has := map[string]bool{}, map[string]bool{}
	for i, o := range m.objects {
		if m.verdicts[i].Taken && o.ID.Schema != "" {
			needed[o.ID.Schema] = true
		}
	}
	gone := make([]bool, len(m.objects))
	for i, o := range m.objects {
		if o.ID.Kind != catalog.KindSchema || !m.verdicts[i].Taken {
			continue
		}
		switch {
		case has[o.ID.Name]:
			gone[i] = true
			m.renamed.Dropped = append(m.renamed.Dropped, Dropped{m.origins[i], "becomes schema " + quoteIdent(o.ID.Name) + ", as another one does"})
		case !needed[o.ID.Name] && m.verdicts[i].Cause == Needed:
			gone[i] = true
			m.renamed.Dropped = append(m.renamed.Dropped, Dropped{m.origins[i], "what is selected of it goes to other schemas"})
		default:
			has[o.ID.Name] = true
		}
	}
	m.objects, m.origins, m.verdicts = without(m.objects, gone), without(m.origins, gone), without(m.verdicts, gone)
	for _, name := range slices.Sorted(maps.Keys(needed)) {
		if has[name] {
			continue
		}
		id := catalog.ID{Kind: catalog.KindSchema, Name: name}
		m.keep(catalog.Object{ID: id, Spec: &catalog.Schema{}}, nil, Verdict{Taken: true, Cause: Needed, Rule: -1})
	}
}

func without[T any](list []T, gone []bool) []T {
	var kept []T
	for i, item := range list {
		if !gone[i] {
			kept = append(kept, item)
		}
	}
	return kept
}

// class is the name space that tables, views, indexes and sequences share.
const class catalog.Kind = "relation"

// The kinds of what is no object of its own, and yet may be told of: KindAttribute
// is a composite type's.
const (
	kindColumn    catalog.Kind = "column"
	KindAttribute catalog.Kind = "attribute"
)

func space(o *catalog.Object) catalog.ID {
	id := o.ID
	switch spec := o.Spec.(type) {
	case *catalog.Table, *catalog.ForeignTable, *catalog.View, *catalog.MaterializedView, *catalog.Index, *catalog.Sequence, *catalog.Composite:
		return catalog.ID{Kind: class, Schema: id.Schema, Name: id.Name}
	case *catalog.Constraint:
		if spec.Index != "" && spec.Type != catalog.ForeignKey {
			return catalog.ID{Kind: class, Schema: id.Schema, Name: spec.Index}
		}
	}
	return id
}

// findClashes finds names that two objects would get, or that are too long.
func (m *renaming) findClashes() {
	by := map[catalog.ID][]*catalog.Object{}
	var order []catalog.ID
	for i := range m.objects {
		o := &m.objects[i]
		if !m.verdicts[i].Taken || m.origins[i] == nil {
			continue
		}
		id := space(o)
		if by[id] == nil {
			order = append(order, id)
		}
		by[id] = append(by[id], m.origins[i])
		if o.ID != m.origins[i].ID && (len(o.ID.Name) > maxName || len(o.ID.Schema) > maxName) && !named(o.ID.Kind) {
			m.renamed.TooLong = append(m.renamed.TooLong, o)
		}
		m.clashingColumns(o, m.origins[i])
	}
	for _, id := range order {
		if len(by[id]) > 1 {
			m.renamed.Clashes = append(m.renamed.Clashes, Clash{id, by[id]})
		}
	}
}

// named says that objects of a kind have no identifier for a name.
func named(kind catalog.Kind) bool { return kind == catalog.KindCast || kind == catalog.KindPrivileges }

func (m *renaming) clashingColumns(o, origin *catalog.Object) {
	var names []string
	kind := kindColumn
	switch spec := o.Spec.(type) {
	case *catalog.View:
		for _, c := range spec.Columns {
			names = append(names, c.Name)
		}
	case *catalog.MaterializedView:
		for _, c := range spec.Columns {
			names = append(names, c.Name)
		}
	case *catalog.Table, *catalog.ForeignTable:
		for _, c := range o.Table().Columns {
			names = append(names, c.Name)
		}
	case *catalog.Composite:
		kind = KindAttribute
		for _, a := range spec.Attributes {
			names = append(names, a.Name)
		}
	}
	seen := map[string]bool{}
	for _, name := range names {
		id := catalog.ID{Kind: kind, Schema: o.ID.Schema, Table: o.ID.Name, Name: name}
		if seen[name] {
			m.renamed.Clashes = append(m.renamed.Clashes, Clash{id, []*catalog.Object{origin}})
		}
		if len(name) > maxName {
			m.renamed.TooLong = append(m.renamed.TooLong, &catalog.Object{ID: id})
		}
		seen[name] = true
	}
}

// finish puts the catalog in order. What is not selected, and has a name that
// something selected gets, is left out of it.
func (m *renaming) finish() *Renamed {
	order := make([]int, len(m.objects))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		if c := catalog.Compare(m.objects[a].ID, m.objects[b].ID); c != 0 {
			return c
		}
		if m.verdicts[a].Taken != m.verdicts[b].Taken {
			return map[bool]int{true: -1, false: 1}[m.verdicts[a].Taken]
		}
		return 0
	})
	made := *m.Catalog
	made.Objects = nil
	var origins []*catalog.Object
	var verdicts []Verdict
	for _, i := range order {
		if n := len(made.Objects); n > 0 && made.Objects[n-1].ID == m.objects[i].ID {
			continue // a clash, which is reported, or what stays behind
		}
		made.Objects, origins, verdicts = append(made.Objects, m.objects[i]), append(origins, m.origins[i]), append(verdicts, m.verdicts[i])
	}
	m.renamed.Catalog = &made
	m.renamed.Verdicts = &Selection{verdicts: map[*catalog.Object]Verdict{}}
	for i := range made.Objects {
		o := &made.Objects[i]
		m.renamed.Origin[o] = origins[i]
		m.renamed.Verdicts.verdicts[o] = verdicts[i]
	}
	return m.renamed
}

// id is what an object is called on the target.
func (m *renaming) id(o *catalog.Object) catalog.ID {
	id := o.ID
	switch {
	case id.Kind == catalog.KindSchema:
		id.Name = m.schema(id.Name)
	case id.Kind == catalog.KindDefaultACL: // its name is a role's
		id.Schema = m.schema(id.Schema)
		return id
	case id.Table != "":
		relation := m.rewriter.names[o.ID.Relation()]
		id.Schema, id.Table, id.Name = relation.Schema, relation.Local, m.cased(id.Name)
	case id.Schema != "":
		name := m.rewriter.among(o)[id.Qualified()]
		id.Schema, id.Name = name.Schema, name.Local
	case id.Kind == catalog.KindCast, id.Kind == catalog.KindTransform: // of types
		id.Name = m.objectNames(id.Name)
	}
	id.Args = m.objectNames(id.Args)
	return id
}

// objectNames is a text of nothing but names of types, functions and the like.
// It holds no query, so nothing can be wrong with it.
func (m *renaming) objectNames(text string) string {
	to, err := m.rewriter.text(text, subject{objects: true})
	if err != nil {
		panic(fmt.Sprintf("mapping: the names in %q: %v", text, err))
	}
	return to
}
