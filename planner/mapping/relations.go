package mapping

import (
	"slices"

	"sluice/planner/catalog"
)

// Relations says how the objects of one catalog belong together. Every list is
// in the catalog's order.
type Relations struct {
	Catalog *catalog.Catalog

	// By pointer, since to hash and compare IDs takes longer than all that is
	// found out with them.
	objects    map[catalog.ID]*catalog.Object
	needs      map[*catalog.Object][]*catalog.Object
	relations  map[catalog.Name]*catalog.Object   // tables, also foreign ones, views, materialised views: one name space
	parts      map[catalog.Name][]*catalog.Object // what is on a relation
	partitions map[catalog.Name][]*catalog.Object
	heirs      map[catalog.Name][]*catalog.Object // tables that inherit, and are no partitions
	owned      map[catalog.Name][]*catalog.Object // sequences, by the table of the column that owns them
	indexes    map[catalog.Name]*catalog.Object   // index name -> index or key
	attached   map[catalog.Name][]*catalog.Object // partitioned index -> indexes and keys attached to it
	mappings   map[string][]*catalog.Object       // user mappings, by foreign server
	schemas    map[string]*catalog.Object
}

// Relate finds out how the objects of a catalog belong together.
func Relate(c *catalog.Catalog) *Relations {
	r := &Relations{
		Catalog:    c,
		relations:  map[catalog.Name]*catalog.Object{},
		parts:      map[catalog.Name][]*catalog.Object{},
		partitions: map[catalog.Name][]*catalog.Object{},
		heirs:      map[catalog.Name][]*catalog.Object{},
		owned:      map[catalog.Name][]*catalog.Object{},
		indexes:    map[catalog.Name]*catalog.Object{},
		attached:   map[catalog.Name][]*catalog.Object{},
		mappings:   map[string][]*catalog.Object{},
		schemas:    map[string]*catalog.Object{},
		objects:    make(map[catalog.ID]*catalog.Object, len(c.Objects)),
		needs:      make(map[*catalog.Object][]*catalog.Object, len(c.Objects)),
	}
	for i := range c.Objects {
		r.add(&c.Objects[i])
	}
	for i := range c.Objects {
		o := &c.Objects[i]
		r.needs[o] = r.findNeeds(o)
	}
	return r
}

func (r *Relations) add(o *catalog.Object) {
	r.objects[o.ID] = o
	if on, ok := On(o); ok {
		r.parts[on] = append(r.parts[on], o)
	}
	if name := indexName(o); name != (catalog.Name{}) {
		r.indexes[name] = o
	}
	if of := AttachedTo(o); of != (catalog.Name{}) {
		r.attached[of] = append(r.attached[of], o)
	}
	switch spec := o.Spec.(type) {
	case *catalog.Schema:
		r.schemas[o.ID.Name] = o
	case *catalog.Table, *catalog.ForeignTable:
		r.addTable(o, o.Table())
	case *catalog.UserMapping:
		r.mappings[o.ID.Args] = append(r.mappings[o.ID.Args], o)
	case *catalog.View, *catalog.MaterializedView:
		r.relations[o.ID.Qualified()] = o
	case *catalog.Sequence:
		if spec.OwnedBy != nil {
			r.owned[spec.OwnedBy.Table] = append(r.owned[spec.OwnedBy.Table], o)
		}
	}
}

func (r *Relations) addTable(o *catalog.Object, table *catalog.Table) {
	r.relations[o.ID.Qualified()] = o
	if table.Of != (catalog.Name{}) {
		r.partitions[table.Of] = append(r.partitions[table.Of], o)
	}
	for _, parent := range table.Inherits {
		r.heirs[parent] = append(r.heirs[parent], o)
	}
}

// Find is the object of the catalog with this ID, or nil.
func (r *Relations) Find(id catalog.ID) *catalog.Object { return r.objects[id] }

// On is the relation that an object is a part of: that of an index, a
// constraint, a trigger, a policy, a statistics object.
func On(o *catalog.Object) (catalog.Name, bool) {
	switch spec := o.Spec.(type) {
	case *catalog.Index:
		return spec.Table, true
	case *catalog.Statistics:
		return spec.Table, true
	}
	if o.ID.Table == "" {
		return catalog.Name{}, false
	}
	return o.ID.Relation(), true
}

// Relation is the table, foreign table, view or materialised view of this name,
// or nil.
func (r *Relations) Relation(n catalog.Name) *catalog.Object { return r.relations[n] }

// Parts are the indexes, constraints, triggers and whatever else is on a relation.
func (r *Relations) Parts(relation catalog.Name) []*catalog.Object { return r.parts[relation] }

// Heirs are the tables, foreign ones among them, that inherit from a table
// directly, and are no partitions.
func (r *Relations) Heirs(table catalog.Name) []*catalog.Object { return r.heirs[table] }

// Index is the index of this name, or the key that it stands behind; or nil.
func (r *Relations) Index(n catalog.Name) *catalog.Object { return r.indexes[n] }

// Attached are the indexes and keys attached to that of a partitioned table.
func (r *Relations) Attached(index *catalog.Object) []*catalog.Object {
	return r.attached[indexName(index)]
}

// Below is a table and all that is below it, partitions and heirs, which may be
// foreign tables.
func (r *Relations) Below(table catalog.Name) []catalog.Name {
	all, seen := []catalog.Name{table}, map[catalog.Name]bool{table: true}
	for i := 0; i < len(all); i++ {
		for _, child := range slices.Concat(r.partitions[all[i]], r.heirs[all[i]]) {
			if name := child.ID.Qualified(); !seen[name] { // it may inherit from two of them
				seen[name] = true
				all = append(all, name)
			}
		}
	}
	return all
}

// indexName is the name of the index that an object is or stands on.
func indexName(o *catalog.Object) catalog.Name {
	switch spec := o.Spec.(type) {
	case *catalog.Index:
		return o.ID.Qualified()
	case *catalog.Constraint:
		if spec.Type != catalog.ForeignKey && spec.Index != "" {
			return catalog.Name{Schema: o.ID.Schema, Local: spec.Index}
		}
	}
	return catalog.Name{}
}

// AttachedTo is the index on a partitioned table that an index, or a key's, is
// attached to.
func AttachedTo(o *catalog.Object) catalog.Name {
	switch spec := o.Spec.(type) {
	case *catalog.Index:
		return spec.Of
	case *catalog.Constraint:
		return spec.Of
	}
	return catalog.Name{}
}
