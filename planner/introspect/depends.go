package introspect

import (
	"slices"

	"sluice/planner/catalog"
)

type partRow struct{ Class, Object, OfClass, OfObject uint32 }

func (r *reader) addPart(row partRow) {
	r.parts[address{row.Class, row.Object}] = address{row.OfClass, row.OfObject}
}

func (r *reader) addMember(row partRow) {
	r.members[address{row.Class, row.Object}] = address{row.OfClass, row.OfObject}
}

type extendedRow struct {
	Class, Object uint32
	Extension     uint32
	Name          string
}

// addExtended makes what goes with an extension need it, too: the statement
// that says so names it.
func (r *reader) addExtended(row extendedRow) {
	if at, ok := r.whole(address{row.Class, row.Object}); ok {
		r.extended[at] = append(r.extended[at], row.Name)
		r.edges[at] = append(r.edges[at], address{classExtension, row.Extension})
	}
}

type dependencyRow struct{ Class, Object, OnClass, OnObject uint32 }

// addDependency gives what a part needs to its whole.
func (r *reader) addDependency(row dependencyRow) {
	if at, ok := r.whole(address{row.Class, row.Object}); ok {
		r.edges[at] = append(r.edges[at], address{row.OnClass, row.OnObject})
	}
}

// whole is the address of the object that has an ID and that this is, or is a
// part of. Parts have no circles: a type is of its table, never the other way.
func (r *reader) whole(at address) (address, bool) {
	for {
		if _, ok := r.ids[at]; ok {
			return at, true
		}
		next, ok := r.parts[at]
		if !ok {
			return at, false
		}
		at = next
	}
}

// resolve finds the object that a dependency is on: it, what it is a part of,
// or the extension that either belongs to. Not the system's own, and neither
// plpgsql's, which have no ID.
func (r *reader) resolve(at address) (catalog.ID, bool) {
	at, ok := r.whole(at)
	if !ok {
		at = r.members[at]
	}
	id, ok := r.ids[at]
	return id, ok
}

// depends is sorted, and without the object itself.
func (r *reader) depends(e *entry) []catalog.ID {
	var needs []catalog.ID
	for _, on := range append(r.edges[e.address], address{classClass, e.relation}) {
		if id, ok := r.resolve(on); ok && id != e.ID {
			needs = append(needs, id)
		}
	}
	// Also where pg_depend has it not: of public, which initdb made, and of what is on a relation.
	if schema := (catalog.ID{Kind: catalog.KindSchema, Name: e.ID.Schema}); r.schemas[schema] {
		needs = append(needs, schema)
	}
	slices.SortFunc(needs, catalog.Compare)
	return slices.Compact(needs)
}
