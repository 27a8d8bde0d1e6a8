package mapping

import (
	"slices"

	"sluice/planner/catalog"
)

// Needs names the objects of the catalog without which o cannot be: what it
// depends on, its schema, the relation it is on, its parents. Sorted, without o
// itself; not to be changed, since it is the same list each time.
func (r *Relations) Needs(o *catalog.Object) []catalog.ID { return r.needs[o.ID] }

func (r *Relations) findNeeds(o *catalog.Object) []catalog.ID {
	needs := append(make([]catalog.ID, 0, len(o.Depends)+4), o.Depends...) // few have more than four others
	if o.ID.Schema != "" {
		needs = append(needs, catalog.ID{Kind: catalog.KindSchema, Name: o.ID.Schema})
	}
	if on, ok := On(o); ok {
		needs = r.withRelation(needs, on)
	}
	return r.tidy(o, append(needs, r.bySpec(o)...))
}

// Before names the objects that come before o where they come at all: what it
// needs, every key of the table that a foreign key refers to, and of an index
// on a partitioned table those attached to it, without which it is not valid.
func (r *Relations) Before(o *catalog.Object) []catalog.ID {
	before := slices.Clip(r.Needs(o))
	if c, ok := o.Spec.(*catalog.Constraint); ok && c.Type == catalog.ForeignKey {
		before = append(before, r.keys(c.References)...)
	}
	before = append(before, r.attachments(o, before)...)
	if len(before) == len(r.Needs(o)) {
		return before
	}
	return r.tidy(o, before)
}

func (r *Relations) tidy(o *catalog.Object, ids []catalog.ID) []catalog.ID {
	slices.SortFunc(ids, catalog.Compare)
	return slices.DeleteFunc(slices.Compact(ids), func(id catalog.ID) bool {
		return id == o.ID || r.ownerOf(o, id) || r.Catalog.Find(id) == nil
	})
}

func (r *Relations) bySpec(o *catalog.Object) (needs []catalog.ID) {
	switch spec := o.Spec.(type) {
	case *catalog.Table:
		needs = r.withParents(needs, spec)
	case *catalog.ForeignTable:
		needs = r.withParents(needs, &spec.Table)
		needs = append(needs, catalog.ID{Kind: catalog.KindServer, Name: spec.Server})
	case *catalog.ForeignServer:
		needs = append(needs, catalog.ID{Kind: catalog.KindWrapper, Name: spec.Wrapper}) // of an extension: pg_depend says so
	case *catalog.UserMapping:
		needs = append(needs, catalog.ID{Kind: catalog.KindServer, Name: o.ID.Args})
	case *catalog.Index:
		needs = r.withIndex(needs, spec.Of)
	case *catalog.Constraint:
		needs = r.withIndex(needs, spec.Of)
		if spec.Type == catalog.ForeignKey {
			needs = r.withRelation(needs, spec.References)
		}
	case *catalog.Trigger:
		needs = append(needs, spec.Function)
	}
	return needs
}

// ownerOf says that id is the table whose column owns the sequence o: the
// table's default needs the sequence, so ownership is declared afterwards.
func (r *Relations) ownerOf(o *catalog.Object, id catalog.ID) bool {
	sequence, ok := o.Spec.(*catalog.Sequence)
	return ok && sequence.OwnedBy != nil && isTable(id.Kind) && id.Qualified() == sequence.OwnedBy.Table
}

func isTable(kind catalog.Kind) bool {
	return kind == catalog.KindTable || kind == catalog.KindForeignTable
}

// keys are the unique indexes of a table, and the constraints on them.
func (r *Relations) keys(table catalog.Name) (keys []catalog.ID) {
	for _, part := range r.parts[table] {
		switch spec := part.Spec.(type) {
		case *catalog.Index:
			if spec.Unique {
				keys = append(keys, part.ID)
			}
		case *catalog.Constraint:
			if spec.Type == catalog.PrimaryKey || spec.Type == catalog.Unique {
				keys = append(keys, part.ID)
			}
		}
	}
	return keys
}

// attachments adds to the indexes that o needs those attached to them: an index
// on a partitioned table is valid only when every partition's is attached. Not
// for o's own parent: o is one of those.
func (r *Relations) attachments(o *catalog.Object, needs []catalog.ID) (more []catalog.ID) {
	parent := AttachedTo(o)
	for _, id := range needs {
		need := r.Catalog.Find(id)
		if need == nil {
			continue
		}
		if name := indexName(need); name != (catalog.Name{}) && name != parent {
			more = r.withAttached(more, name)
		}
	}
	return more
}

func (r *Relations) withAttached(ids []catalog.ID, index catalog.Name) []catalog.ID {
	for _, child := range r.attached[index] {
		ids = append(ids, child.ID)
		ids = r.withAttached(ids, indexName(child))
	}
	return ids
}

func (r *Relations) withParents(ids []catalog.ID, table *catalog.Table) []catalog.ID {
	ids = r.withRelation(ids, table.Of)
	for _, parent := range table.Inherits {
		ids = r.withRelation(ids, parent)
	}
	return ids
}

func (r *Relations) withRelation(ids []catalog.ID, n catalog.Name) []catalog.ID {
	if relation := r.relations[n]; relation != nil {
		ids = append(ids, relation.ID)
	}
	return ids
}

func (r *Relations) withIndex(ids []catalog.ID, n catalog.Name) []catalog.ID {
	if index := r.indexes[n]; index != nil {
		ids = append(ids, index.ID)
	}
	return ids
}
