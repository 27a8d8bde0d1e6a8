package ddl

import (
	"slices"
	"strings"

	"sluice/planner/catalog"
)

// createDefaultACL returns the statements that say what a role's new objects
// will have. They concern what is made after them, so they come last.
func createDefaultACL(o *catalog.Object, defaults *catalog.DefaultACL) []string {
	return defaultACL(o).statements(o.ID.Args, &defaults.Grants)
}

func defaultACL(o *catalog.Object) acl {
	before := "alter default privileges for role " + catalog.Quote(o.ID.Name)
	if o.ID.Schema != "" {
		before += " in schema " + catalog.Quote(o.ID.Schema)
	}
	same := func(role string) string { return role }
	return acl{before: before + " ", own: o.ID.Name, owner: catalog.Quote(o.ID.Name), rename: same}
}

// dropDefaultACL takes away from everybody what createDefaultACL gives, and
// gives back what it takes: several statements in one text.
func dropDefaultACL(o *catalog.Object, defaults *catalog.DefaultACL) string {
	a := defaultACL(o)
	var statements, roles []string
	for _, g := range defaults.Grants.List {
		if role := a.role(g.Grantee); !slices.Contains(roles, role) {
			roles = append(roles, role)
		}
	}
	if len(roles) > 0 {
		statements = append(statements, a.before+"revoke all on "+o.ID.Args+" from "+strings.Join(roles, ", "))
	}
	if defaults.Grants.RevokedFromOwner {
		statements = append(statements, a.before+"grant all on "+o.ID.Args+" to "+a.owner)
	}
	if defaults.Grants.RevokedFromPublic {
		statements = append(statements, a.before+"grant all on "+o.ID.Args+" to public")
	}
	return strings.Join(statements, ";\n")
}
