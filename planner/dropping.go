package planner

import (
	"slices"

	"sluice/planner/catalog"
	"sluice/planner/ddl"
	"sluice/planner/mapping"
)

// dropping are the objects of the target, to find those that go together.
type dropping struct {
	*mapping.Relations
	builder *builder
	users   map[*catalog.Object][]*catalog.Object // what needs an object
	why     map[*catalog.Object]string            // a table is made again
}

// topmost is the table above this one that is made again too, or the table.
func (d *dropping) topmost(table *catalog.Object) *catalog.Object {
	for {
		i := slices.IndexFunc(above(table), func(n catalog.Name) bool {
			parent := d.Relation(n)
			if parent == nil || parent.Table() == nil || !d.builder.made(parent.ID) {
				return false
			}
			o := d.builder.planned(parent.ID)
			return o == nil || d.builder.otherShape(o, parent)
		})
		if i < 0 {
			return table
		}
		table = d.Relation(above(table)[i])
	}
}

// above are the tables that one is a partition or an heir of.
func above(o *catalog.Object) []catalog.Name {
	table := o.Table()
	if table == nil {
		return nil
	}
	if table.Of != (catalog.Name{}) {
		return []catalog.Name{table.Of}
	}
	return table.Inherits
}

func (d *dropping) findUsers() {
	d.users = map[*catalog.Object][]*catalog.Object{}
	for i := range d.Catalog.Objects {
		o := &d.Catalog.Objects[i]
		for _, need := range d.Needs(o) {
			d.users[need] = append(d.users[need], o)
		}
		if s, ok := o.Spec.(*catalog.Sequence); ok && s.OwnedBy != nil {
			table := d.Relation(s.OwnedBy.Table)
			d.users[table] = append(d.users[table], o)
		}
	}
}

// otherBodies are the functions that sluice made whose text has other names now.
// Nothing depends on what is in a string, so that they do not go by themselves.
func (d *dropping) otherBodies() (functions []*catalog.Object) {
	for i := range d.Catalog.Objects {
		there := &d.Catalog.Objects[i]
		if there.ID.Kind != catalog.KindFunction || !d.builder.made(there.ID) {
			continue
		}
		if o := d.builder.planned(there.ID); o != nil && d.builder.otherShape(o, there) {
			functions = append(functions, there)
		}
	}
	return functions
}

// goesWith are the objects that cannot stay when those of start go: what is on
// them, what they own, and what needs one of these. Without those that are gone.
func (d *dropping) goesWith(gone map[*catalog.Object]bool, start ...*catalog.Object) map[*catalog.Object]bool {
	set := map[*catalog.Object]bool{}
	for queue := start; len(queue) > 0; queue = queue[1:] {
		if o := queue[0]; !set[o] && !gone[o] {
			set[o] = true
			queue = append(queue, d.users[o]...)
		}
	}
	return set
}

// carrier is the object of the set with which o goes, or o. A foreign key goes by
// itself, since two tables may refer to each other.
func (d *dropping) carrier(o *catalog.Object, set map[*catalog.Object]bool) *catalog.Object {
	if o.ID.Kind == catalog.KindForeignKey {
		return o
	}
	with, ok := mapping.On(o)
	if s, isSequence := o.Spec.(*catalog.Sequence); isSequence && s.OwnedBy != nil {
		with, ok = s.OwnedBy.Table, true
	}
	if relation := d.Relation(with); ok && set[relation] {
		return relation
	}
	return o
}

// inOrder sorts the objects so that what needs another one, itself or through
// what goes with it, is dropped before; foreign keys come first of all.
func (d *dropping) inOrder(set map[*catalog.Object]bool) (sorted []*catalog.Object) {
	carries := map[*catalog.Object][]*catalog.Object{}
	var keys, others []*catalog.Object
	for i := range d.Catalog.Objects {
		o := &d.Catalog.Objects[i]
		switch by := d.carrier(o, set); {
		case !set[o]:
		case o.ID.Kind == catalog.KindForeignKey:
			keys = append(keys, o)
		default:
			others, carries[by] = append(others, by), append(carries[by], o)
		}
	}
	seen := map[*catalog.Object]bool{}
	var visit func(o *catalog.Object)
	visit = func(o *catalog.Object) {
		if seen[o] {
			return
		}
		seen[o] = true
		for _, part := range carries[o] {
			for _, user := range d.users[part] {
				if set[user] {
					visit(d.carrier(user, set))
				}
			}
		}
		for _, part := range carries[o] {
			if part != o {
				sorted = append(sorted, part)
			}
		}
		sorted = append(sorted, o)
	}
	for _, o := range slices.Concat(keys, others) {
		visit(o)
	}
	return sorted
}

// madeAnywhere are the kinds of what is on a table that can go and come again while
// its rows stay, and changes find them.
var madeAnywhere = []catalog.Kind{catalog.KindForeignKey, catalog.KindTrigger, catalog.KindRule, catalog.KindPolicy}

// mustStay says why an object may not go with a table that is made again.
func (d *dropping) mustStay(o *catalog.Object, gone map[*catalog.Object]bool) string {
	on, isPart := mapping.On(o)
	goesAlong := isPart && gone[d.Relation(on)]
	switch {
	case comesWithParent(o) && goesAlong:
		return ""
	case !d.builder.made(o.ID):
		return "sluice did not make it"
	case isPart && !goesAlong && !slices.Contains(madeAnywhere, o.ID.Kind):
		return "it is on a table that stays"
	case o.ID.Kind != catalog.KindTable || o.Table().Partitioned() || d.why[o] != "":
		return ""
	}
	if slices.ContainsFunc(above(o), func(n catalog.Name) bool { return gone[d.Relation(n)] }) {
		if d.builder.inPlaceOf(o) == nil {
			return "its rows would not come again"
		}
		return ""
	}
	return "it is a table by itself, that needs what goes"
}

// remaking is a table with what goes with it.
func (d *dropping) remaking(table *catalog.Object, goes map[*catalog.Object]bool) remaking {
	r := remaking{table: table, why: d.why[table], goes: d.inOrder(goes)}
	for _, o := range r.goes {
		if o.ID.Kind == catalog.KindTable && !o.Table().Partitioned() {
			r.tables = append(r.tables, o)
		}
		if drop := ddl.Drop(o); drop != "" && d.carrier(o, goes) == o {
			r.sql = append(r.sql, drop)
		}
		r.forgets = append(r.forgets, d.builder.stepsOf(o.ID)...)
	}
	slices.Sort(r.forgets)
	r.forgets = slices.Compact(r.forgets)
	return r
}
