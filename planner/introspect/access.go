package introspect

import "sluice/planner/catalog"

// OIDs of the system catalogs of what is about access or about the whole
// database, as in reader.go.
const (
	classDefaultACL   = 826
	classLargeObject  = 2613
	classExtension    = 3079
	classEventTrigger = 3466
	classSecurity     = 3596
	classPublication  = 6104
)

// aclRow is one privilege, and what holds for all of an object's.
type aclRow struct {
	RevokedFromPublic bool
	RevokedFromOwner  bool
	catalog.Grant     // without a privilege where there is none left
}

// add joins what is said of one object.
func (row aclRow) add(grants *catalog.Grants) {
	grants.RevokedFromPublic = grants.RevokedFromPublic || row.RevokedFromPublic
	grants.RevokedFromOwner = grants.RevokedFromOwner || row.RevokedFromOwner
	if row.Privilege != "" {
		grants.List = append(grants.List, row.Grant)
	}
}

type grantRow struct {
	Class, Object uint32
	aclRow
}

// addGrant keeps also what is of no object of this catalog: who they are of is
// asked at the end. An ACL that says no more than the default is none.
func (r *reader) addGrant(row grantRow) {
	if !row.RevokedFromPublic && !row.RevokedFromOwner && row.Privilege == "" {
		return
	}
	at := address{row.Class, row.Object}
	if r.grants[at] == nil {
		r.grants[at] = &catalog.Grants{}
	}
	row.add(r.grants[at])
}

type defaultACLRow struct {
	named
	Kind string
	aclRow
}

func (r *reader) addDefaultACL(row defaultACLRow) {
	acl := r.defaults[row.OID]
	if acl == nil {
		acl = &catalog.DefaultACL{}
		r.defaults[row.OID] = acl
		id := catalog.ID{Kind: catalog.KindDefaultACL, Schema: row.Schema, Name: row.Name, Args: row.Kind}
		r.add(classDefaultACL, row.named, id, acl)
	}
	row.aclRow.add(&acl.Grants)
}

type labelRow struct {
	Class, Object uint32
	Column        string
	Provider      string
	Described     string
	Label         string
}

// addLabel comes after all that can have one; what has no ID is the system's
// or an extension's, whose labels come with it. A label has no OID of its own
// by which dependencies would find it.
func (r *reader) addLabel(row labelRow) {
	on, ok := r.ids[address{row.Class, row.Object}]
	if !ok {
		return
	}
	id := catalog.ID{Kind: catalog.KindSecurityLabel, Name: row.Provider, Args: row.Described}
	at := address{classSecurity, uint32(len(r.entries))}
	r.edges[at] = []address{{row.Class, row.Object}}
	object := catalog.Object{ID: id, Spec: &catalog.SecurityLabel{On: on, Column: row.Column, Label: row.Label}}
	r.entries = append(r.entries, &entry{Object: object, address: at})
}
