package planner

import (
	"cmp"
	"slices"
	"strings"

	"sluice/planner/catalog"
)

// asDeclared returns the source's catalog as it is to be on the target, in what
// the migration says of all objects at once: the names of roles, and where
// objects lie. Everything after it compares and creates this form.
func asDeclared(c *catalog.Catalog, spec Spec) *catalog.Catalog {
	declared := *c
	declared.Objects = slices.Clone(c.Objects)
	for i := range declared.Objects {
		o := &declared.Objects[i]
		if len(spec.Roles) > 0 {
			renameRoles(o, spec.role)
		}
		if !spec.KeepTablespaces {
			o.Spec = withoutTablespace(o.Spec)
		}
	}
	slices.SortFunc(declared.Objects, func(a, b catalog.Object) int { return catalog.Compare(a.ID, b.ID) })
	return &declared
}

// role is what a role of the source is called on the target.
func (s Spec) role(name string) string {
	if to, ok := s.Roles[name]; ok {
		return to
	}
	return name
}

// renameRoles changes the roles that are a part of what an object is. Its owner
// and grants stay those of the source: they are given to it afterwards.
func renameRoles(o *catalog.Object, rename func(string) string) {
	switch spec := o.Spec.(type) {
	case *catalog.Policy:
		policy := *spec
		policy.Roles = nil
		for _, role := range spec.Roles {
			policy.Roles = append(policy.Roles, rename(role))
		}
		slices.Sort(policy.Roles)
		o.Spec = &policy
	case *catalog.UserMapping:
		o.ID.Name = rename(o.ID.Name)
	case *catalog.DefaultACL:
		o.ID.Name = rename(o.ID.Name)
		o.Spec = &catalog.DefaultACL{Grants: renameGrants(spec.Grants, rename)}
	}
}

func renameGrants(grants catalog.Grants, rename func(string) string) catalog.Grants {
	grants.List = slices.Clone(grants.List)
	for i := range grants.List {
		g := &grants.List[i]
		g.Grantee, g.FromOthers = rename(g.Grantee), rename(g.FromOthers)
	}
	slices.SortFunc(grants.List, func(a, b catalog.Grant) int {
		return cmp.Or(strings.Compare(a.Column, b.Column), strings.Compare(a.Grantee, b.Grantee), strings.Compare(a.Privilege, b.Privilege))
	})
	return grants
}

func withoutTablespace(spec catalog.Spec) catalog.Spec {
	if at := tablespace(spec); at == nil || *at == "" {
		return spec
	}
	spec = cloneSpec(spec)
	*tablespace(spec) = ""
	return spec
}

// tablespace is where a spec says which tablespace its object lies in; nil for
// kinds that have none.
func tablespace(spec catalog.Spec) *string {
	switch spec := spec.(type) {
	case *catalog.Table:
		return &spec.Tablespace
	case *catalog.MaterializedView:
		return &spec.Tablespace
	case *catalog.Index:
		return &spec.Tablespace
	case *catalog.Constraint:
		return &spec.Tablespace
	}
	return nil
}
