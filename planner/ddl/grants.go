package ddl

import (
	"slices"
	"strings"

	"sluice/planner/catalog"
)

// Grants returns the statements that give o and its columns the privileges of
// o.Grants, from what it has when it is new and there are no default
// privileges; nil where that is all. owner is whose it is by then; empty: the
// role's that runs them. rename says what a role is called there.
//
// They have to run as the owner, or as who may act for it. What another role has
// granted that role grants again, by SET ROLE: GRANTED BY takes nobody but the
// current user (Compatibility in
// https://www.postgresql.org/docs/current/sql-grant.html). Where the role that
// runs them cannot become that other one, empty Grant.FromOthers before.
func Grants(o *catalog.Object, owner string, rename func(role string) string) []string {
	a := acl{own: o.Owner, owner: "current_user", rename: rename}
	if owner != "" {
		a.owner = catalog.Quote(owner)
	}
	statements := a.statements(grantee(o), o.Grants)
	for _, c := range columns(o) {
		if c.Sequence != nil { // it has an ACL of its own
			statements = append(statements, a.statements("sequence "+c.Sequence.Name.SQL(), c.Sequence.Grants)...)
		}
	}
	return statements
}

// UndoDefaults returns the statements that give an object which is new, and all
// that is made along with it, what it has without default privileges. defaults
// are those for a kind of objects, as ALTER DEFAULT PRIVILEGES names it.
func UndoDefaults(o *catalog.Object, owner string, defaults func(kind string) catalog.Grants) []string {
	kind, ok := defaultKinds[o.ID.Kind]
	if !ok {
		return nil
	}
	statements := undoDefaults(grantee(o), owner, defaults(kind))
	for _, c := range columns(o) {
		if c.Sequence != nil {
			statements = append(statements, undoDefaults("sequence "+c.Sequence.Name.SQL(), owner, defaults("sequences"))...)
		}
	}
	return statements
}

var defaultKinds = map[catalog.Kind]string{
	catalog.KindTable: "tables", catalog.KindForeignTable: "tables", catalog.KindView: "tables", catalog.KindMaterializedView: "tables",
	catalog.KindSequence: "sequences", catalog.KindFunction: "functions", catalog.KindAggregate: "functions",
	catalog.KindType: "types", catalog.KindDomain: "types", catalog.KindSchema: "schemas",
}

func undoDefaults(on, owner string, defaults catalog.Grants) (statements []string) {
	var roles []string
	for _, g := range defaults.List {
		if name := role(g.Grantee); g.Grantee != owner && !slices.Contains(roles, name) {
			roles = append(roles, name)
		}
	}
	if len(roles) > 0 {
		statements = append(statements, "revoke all on "+on+" from "+strings.Join(roles, ", "))
	}
	if defaults.RevokedFromOwner {
		statements = append(statements, "grant all on "+on+" to "+catalog.Quote(owner))
	}
	if defaults.RevokedFromPublic {
		statements = append(statements, "grant all on "+on+" to public")
	}
	return statements
}

func columns(o *catalog.Object) []catalog.Column {
	switch spec := o.Spec.(type) {
	case *catalog.Table:
		return spec.Columns
	case *catalog.ForeignTable:
		return spec.Columns
	}
	return nil
}

// grantee names o as GRANT … ON does, which differs from COMMENT ON.
func grantee(o *catalog.Object) string {
	name := o.ID.Qualified().SQL()
	switch o.ID.Kind {
	case catalog.KindTable, catalog.KindForeignTable, catalog.KindView, catalog.KindMaterializedView:
		return "table " + name
	case catalog.KindServer:
		return "foreign server " + name
	case catalog.KindAggregate:
		return "function " + name + "(" + functionArgs(o.ID.Args) + ")"
	}
	return reference(o)
}

// functionArgs are an aggregate's arguments as those of a function: without
// ORDER BY. A VARIADIC that is on both sides of it is one argument.
func functionArgs(args string) string {
	direct, ordered, found := cutOrderBy(args)
	switch {
	case !found:
		return args
	case direct == "":
		return ordered
	case strings.HasPrefix(ordered, "VARIADIC ") && strings.HasSuffix(direct, ordered):
		return direct
	}
	return direct + ", " + ordered
}

// cutOrderBy finds the keywords outside of names.
func cutOrderBy(args string) (direct, ordered string, found bool) {
	quoted := false
	for i := range args {
		if args[i] == '"' {
			quoted = !quoted // a doubled one does it twice
		}
		if rest, ok := strings.CutPrefix(args[i:], "ORDER BY "); ok && !quoted && (i == 0 || args[i-1] == ' ') {
			return strings.TrimSuffix(args[:i], " "), rest, true
		}
	}
	return "", "", false
}

// acl writes the statements of one object.
type acl struct {
	before string // ALTER DEFAULT PRIVILEGES …, with a space; else empty
	own    string // the owner's name among the grantees
	owner  string // as SQL
	rename func(string) string
}

func (a acl) role(name string) string {
	switch name {
	case "":
		return "public"
	case a.own:
		return a.owner
	}
	return catalog.Quote(a.rename(name))
}

func (a acl) statements(on string, grants *catalog.Grants) []string {
	if grants == nil {
		return nil
	}
	var statements []string
	for _, revoked := range []struct {
		is   bool
		from string
	}{{grants.RevokedFromPublic, "public"}, {grants.RevokedFromOwner, a.owner}} {
		if revoked.is {
			statements = append(statements, a.before+"revoke all on "+on+" from "+revoked.from)
		}
	}
	for _, wave := range waves(grants.List) {
		for _, together := range joined(wave) {
			statements = append(statements, a.grant(on, together)...)
		}
	}
	return statements
}

// grant gives the privileges of grants that differ in nothing else.
func (a acl) grant(on string, grants []catalog.Grant) []string {
	privileges := make([]string, len(grants))
	for i, g := range grants {
		privileges[i] = strings.ToLower(g.Privilege)
		if g.Column != "" {
			privileges[i] += " (" + catalog.Quote(g.Column) + ")"
		}
	}
	g := grants[0]
	grant := a.before + "grant " + strings.Join(privileges, ", ") + " on " + on + " to " + a.role(g.Grantee)
	if g.Grantable {
		grant += " with grant option"
	}
	if g.FromOthers == "" {
		return []string{grant}
	}
	return []string{"set role " + a.role(g.FromOthers), grant, "reset role"}
}
