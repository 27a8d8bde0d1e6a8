package mapping

import (
	"slices"

	"sluice/planner/catalog"
)

// Needs are the objects of the catalog without which o, one of them, cannot be: what it
// depends on, its schema, the relation it is on, its parents. Sorted, without o
// itself; not to be changed, since it is the same list each time.
func (r *Relations) Needs(o *catalog.Object) []*catalog.Object { return r.needs[o] }

func (r *Relations) findNeeds(o *catalog.Object) []*catalog.Object {
	needs := make([]*catalog.Object, 0, len(o.Depends)+4) // few have more than four others
	for _, id := range o.Depends {
		needs = append(needs, r.Find(id))
	}
	if o.ID.Schema != "" {
		needs = append(needs, r.schemas[o.ID.Schema])
	}
	if on, ok := On(o); ok {
		needs = append(needs, r.Relation(on))
	}
	return r.tidy(o, append(needs, r.bySpec(o)...))
}

// Before are the objects that come before o where they come at all: what it
// needs, every key of the table that a foreign key refers to, and of an index
// on a partitioned table those attached to it, without which it is not valid.
func (r *Relations) Before(o *catalog.Object) []*catalog.Object {
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

// tidy sorts what o needs, and leaves out what is said twice, is not in the
// catalog, or is o.
func (r *Relations) tidy(o *catalog.Object, needs []*catalog.Object) []*catalog.Object {
	needs = slices.DeleteFunc(needs, func(need *catalog.Object) bool {
		return need == nil || need == o || ownerOf(o, need)
	})
	slices.SortFunc(needs, func(x, y *catalog.Object) int { return catalog.Compare(x.ID, y.ID) })
	return slices.Compact(needs)
}

func (r *Relations) bySpec(o *catalog.Object) (needs []*catalog.Object) {
	switch spec := o.Spec.(type) {
	case *catalog.Table:
		needs = r.withParents(needs, spec)
	case *catalog.ForeignTable:
		needs = r.withParents(needs, &spec.Table)
		needs = append(needs, r.Find(catalog.ID{Kind: catalog.KindServer, Name: spec.Server}))
	case *catalog.ForeignServer:
		needs = append(needs, r.Find(catalog.ID{Kind: catalog.KindWrapper, Name: spec.Wrapper})) // of an extension: pg_depend says so
	case *catalog.UserMapping:
		needs = append(needs, r.Find(catalog.ID{Kind: catalog.KindServer, Name: o.ID.Args}))
	case *catalog.Index:
		needs = append(needs, r.Index(spec.Of))
	case *catalog.Constraint:
		needs = append(needs, r.Index(spec.Of))
		if spec.Type == catalog.ForeignKey {
			needs = append(needs, r.Relation(spec.References))
		}
	case *catalog.Trigger:
		needs = append(needs, r.Find(spec.Function))
	}
	return needs
}

// ownerOf says that this is the table whose column owns the sequence o: the
// table's default needs the sequence, so ownership is declared afterwards.
func ownerOf(o, table *catalog.Object) bool {
	sequence, ok := o.Spec.(*catalog.Sequence)
	return ok && sequence.OwnedBy != nil && isTable(table.ID.Kind) && table.ID.Qualified() == sequence.OwnedBy.Table
}

func isTable(kind catalog.Kind) bool {
	return kind == catalog.KindTable || kind == catalog.KindForeignTable
}

// keys are the unique indexes of a table, and the constraints on them.
func (r *Relations) keys(table catalog.Name) (keys []*catalog.Object) {
	for _, part := range r.parts[table] {
		switch spec := part.Spec.(type) {
		case *catalog.Index:
			if spec.Unique {
				keys = append(keys, part)
			}
		case *catalog.Constraint:
			if spec.Type == catalog.PrimaryKey || spec.Type == catalog.Unique {
				keys = append(keys, part)
			}
		}
	}
	return keys
}

// attachments adds to the indexes that o needs those attached to them: an index
// on a partitioned table is valid only when every partition's is attached. Not
// for o's own parent: o is one of those.
func (r *Relations) attachments(o *catalog.Object, needs []*catalog.Object) (more []*catalog.Object) {
	parent := AttachedTo(o)
	for _, need := range needs {
		if name := indexName(need); name != (catalog.Name{}) && name != parent {
			more = r.withAttached(more, name)
		}
	}
	return more
}

func (r *Relations) withAttached(list []*catalog.Object, index catalog.Name) []*catalog.Object {
	for _, child := range r.attached[index] {
		list = append(list, child)
		list = r.withAttached(list, indexName(child))
	}
	return list
}

func (r *Relations) withParents(list []*catalog.Object, table *catalog.Table) []*catalog.Object {
	list = append(list, r.Relation(table.Of))
	for _, parent := range table.Inherits {
		list = append(list, r.Relation(parent))
	}
	return list
}
