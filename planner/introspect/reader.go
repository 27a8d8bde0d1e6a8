package introspect

import (
	"fmt"
	"slices"

	"sluice/planner/catalog"
)

// OIDs of system catalogs, which never change: the CATALOG lines of
// src/include/catalog/*.h.
const (
	classType          = 1247
	classProc          = 1255
	classClass         = 1259
	classForeignServer = 1417
	classUserMapping   = 1418
	classWrapper       = 2328
	classAccessMethod  = 2601
	classCast          = 2605
	classConstraint    = 2606
	classConversion    = 2607
	classLanguage      = 2612
	classNamespace     = 2615
	classOpclass       = 2616
	classOperator      = 2617
	classRewrite       = 2618
	classTrigger       = 2620
	classOpfamily      = 2753
	classPolicy        = 3256
	classStatistics    = 3381
	classCollation     = 3456
	classTransform     = 3576
	classDictionary    = 3600
	classParser        = 3601
	classConfiguration = 3602
	classTemplate      = 3764
)

// address is how pg_depend names an object.
type address struct{ class, object uint32 }

// reader is a catalog in the making. It belongs to one Read.
type reader struct {
	major   int
	server  catalog.Server
	entries []*entry
	ids     map[address]catalog.ID
	tables  map[uint32]*table
	behind  map[uint32]*table                // not carried over, of which others name columns
	views   map[uint32]*[]catalog.ViewColumn // of views and materialised views
	domains map[uint32]*catalog.Domain
	schemas map[catalog.ID]bool
	called  map[uint32]calledRow

	keywords map[string]bool // that are quoted where they are names

	composites     map[uint32]*catalog.Composite
	configurations map[uint32]*catalog.Configuration
	// members of operator classes and families, sorted, are added to these.
	operators map[address]*[]string
	triggers  map[uint32]*catalog.Trigger

	extensions   map[uint32]*catalog.Extension
	publications map[uint32]*catalog.Publication
	defaults     map[uint32]*catalog.DefaultACL
	identities   map[uint32]*catalog.IdentitySequence
	grants       map[address]*catalog.Grants // also of what is no object of this catalog
	// mayListLibraries: the role may execute what lists the library directory.
	mayListLibraries bool

	// Filled last: what has no ID, and whom to ask for one instead.
	parts   map[address]address   // a part's whole, which may be a part itself
	members map[address]address   // the extension of what belongs to one
	edges   map[address][]address // what an object needs
	// extended are the extensions that an object goes with, sorted.
	extended map[address][]string
}

// entry is an object as it was read.
type entry struct {
	catalog.Object
	address  address
	relation uint32 // the OID of the relation it is on; 0: none
}

func newReader() *reader {
	return &reader{
		ids:     map[address]catalog.ID{},
		tables:  map[uint32]*table{},
		behind:  map[uint32]*table{},
		views:   map[uint32]*[]catalog.ViewColumn{},
		domains: map[uint32]*catalog.Domain{},
		schemas: map[catalog.ID]bool{},
		called:  map[uint32]calledRow{},

		keywords: map[string]bool{},

		composites:     map[uint32]*catalog.Composite{},
		configurations: map[uint32]*catalog.Configuration{},

		operators: map[address]*[]string{},
		triggers:  map[uint32]*catalog.Trigger{},

		extensions:   map[uint32]*catalog.Extension{},
		publications: map[uint32]*catalog.Publication{},
		defaults:     map[uint32]*catalog.DefaultACL{},
		identities:   map[uint32]*catalog.IdentitySequence{},
		grants:       map[address]*catalog.Grants{},

		parts:   map[address]address{},
		members: map[address]address{},
		edges:   map[address][]address{},

		extended: map[address][]string{},
	}
}

// named is what every object's row begins with.
type named struct {
	OID     uint32
	Schema  string
	Name    string
	Owner   string
	Comment string
}

// part is what the row of an object on a relation begins with.
type part struct {
	named
	RelationOID uint32
	Relation    string
}

// add takes an object that stands for itself.
func (r *reader) add(class uint32, row named, id catalog.ID, spec catalog.Spec) {
	r.addOn(0, class, row, id, spec)
}

// addOn takes an object that is on a relation.
func (r *reader) addOn(relation, class uint32, row named, id catalog.ID, spec catalog.Spec) {
	at := address{class, row.OID}
	if row.OID != 0 { // what has no OID is nobody's dependency
		r.ids[at] = id
	}
	object := catalog.Object{ID: id, OID: row.OID, Owner: row.Owner, Comment: row.Comment, Spec: spec}
	r.entries = append(r.entries, &entry{object, at, relation})
}

// catalog puts the objects in order, with their dependencies.
func (r *reader) catalog() (*catalog.Catalog, error) {
	r.leaveBehind()
	r.settleFamilies()
	slices.Sort(r.server.Libraries)
	r.server.Libraries = slices.Compact(r.server.Libraries)
	for oid, sequence := range r.identities {
		sequence.Grants = r.grants[address{classClass, oid}]
	}
	c := &catalog.Catalog{Server: r.server, Objects: make([]catalog.Object, len(r.entries))}
	slices.SortFunc(r.entries, func(a, b *entry) int { return catalog.Compare(a.ID, b.ID) })
	for i, e := range r.entries {
		e.Depends = r.depends(e)
		e.Extensions = r.extended[e.address]
		e.Grants = r.grants[e.address]
		c.Objects[i] = e.Object
	}
	for i := 1; i < len(c.Objects); i++ {
		if id := c.Objects[i].ID; id == c.Objects[i-1].ID {
			return nil, fmt.Errorf("two objects of the database are called %s", id)
		}
	}
	return c, nil
}

// leaveBehind gives what is on a relation that is not carried over the same
// fate: an index on a table created WITH OIDS.
func (r *reader) leaveBehind() {
	left := map[uint32]catalog.ID{}
	for _, e := range r.entries {
		if _, unsupported := e.Spec.(*catalog.Unsupported); unsupported && e.address.class == classClass && e.OID != 0 {
			left[e.OID] = e.ID
		}
	}
	for _, e := range r.entries {
		if on, behind := left[e.relation]; behind {
			e.Spec = &catalog.Unsupported{Reason: "it is on " + on.String() + ", which is not carried over"}
		}
	}
}

// name is the zero Name where there is none.
func name(schema, local string) catalog.Name { return catalog.Name{Schema: schema, Local: local} }

// quoted is a name as SQL, empty where there is none.
func quoted(schema, local string) string {
	if local == "" {
		return ""
	}
	return name(schema, local).SQL()
}
