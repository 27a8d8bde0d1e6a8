package planner

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"sluice/planner/catalog"
	"sluice/planner/ddl"
)

// owned adds to the statements that make an object the one that gives it to its
// owner, where that is declared. It comes last in the same transaction: so
// nothing is ever there under the wrong owner.
func (b *builder) owned(o *catalog.Object, sql []string) []string {
	owner := b.ownerOf(o)
	if owner == b.target.Server.User {
		return sql
	}
	if s, ok := o.Spec.(*catalog.Sequence); ok && s.OwnedBy != nil {
		o = &catalog.Object{ID: o.ID, Spec: &catalog.Sequence{}} // not bound to its table yet, which must have the same owner
	}
	if statement := ddl.Owner(o, owner); statement != "" {
		return append(slices.Clone(sql), statement)
	}
	return sql
}

// ownerOf is who an object belongs to on the target.
func (b *builder) ownerOf(o *catalog.Object) string {
	if owner := b.spec.role(o.Owner); b.spec.Owners && owner != "" && b.hasRole(owner) {
		return owner
	}
	return b.target.Server.User
}

// hasRole says that the target has a role; the public is everywhere.
func (b *builder) hasRole(name string) bool {
	return name == "" || name == "public" || slices.Contains(b.target.Server.Roles, name)
}

// finishRights adds, where that is declared, what the source's roles may do:
// after the object's rows, since a right that is taken away could be one that
// copying needs; but before materialised views are filled, with their owners'
// rights.
func (b *builder) finishRights() {
	b.checkRoles()
	if !b.spec.Grants || !b.spec.Stages.Schema {
		return
	}
	var rights []*draft
	schemas := map[string]*draft{}
	for _, o := range b.created() {
		sql := append(b.undoDefaults(o), ddl.Grants(b.withKnownRoles(o), b.ownerOf(o), b.spec.role)...)
		if len(sql) == 0 {
			continue
		}
		d := b.add(Step{
			ID:          stepID(Alter, o.ID, "privileges"),
			Stage:       StageFinish,
			Side:        Target,
			Action:      Alter,
			Object:      o.ID,
			Fingerprint: digest([]byte(strings.Join(sql, "\n")))[:16],
			Note:        []string{"privileges"},
			SQL:         sql,
			Transaction: true,
		})
		d.after(b.creates[o], b.copies[o.ID.Qualified()], b.converge, b.convergeOf(o.ID.Qualified()))
		for _, refresh := range b.refreshes {
			refresh.after(d)
		}
		rights = append(rights, d)
		if o.ID.Kind == catalog.KindSchema {
			schemas[o.ID.Name] = d
		}
	}
	for _, d := range rights {
		d.after(schemas[d.Object.Schema]) // who is not the owner can grant on what it may look up only
	}
}

// undoDefaults takes back what the target's default privileges have given when
// the object was made, or taken.
func (b *builder) undoDefaults(o *catalog.Object) []string {
	return ddl.UndoDefaults(o, b.ownerOf(o), func(kind string) (defaults catalog.Grants) {
		for i := range b.target.Objects {
			there := &b.target.Objects[i]
			acl, ok := there.Spec.(*catalog.DefaultACL)
			if !ok || b.made(there.ID) || there.ID.Name != b.target.Server.User || there.ID.Args != kind {
				continue
			}
			switch there.ID.Schema {
			case "":
				defaults.RevokedFromOwner, defaults.RevokedFromPublic = acl.Grants.RevokedFromOwner, acl.Grants.RevokedFromPublic
			case o.ID.Schema:
			default:
				continue
			}
			defaults.List = append(defaults.List, acl.Grants.List...)
		}
		return defaults
	})
}

// withKnownRoles leaves out the grants of roles that the target has not, also of
// the sequences behind identity columns.
func (b *builder) withKnownRoles(o *catalog.Object) *catalog.Object {
	known := *o
	known.Grants = b.knownGrants(o.Grants)
	if table, ok := o.Spec.(*catalog.Table); ok {
		granted := clone(table)
		granted.Columns = slices.Clone(table.Columns)
		for i := range granted.Columns {
			if c := &granted.Columns[i]; c.Sequence != nil {
				c.Sequence = clone(c.Sequence)
				c.Sequence.Grants = b.knownGrants(c.Sequence.Grants)
			}
		}
		known.Spec = granted
	}
	return &known
}

// knownGrants leaves out who is not there. What another role than the owner has
// granted the owner grants, where the role that applies could not become that one.
func (b *builder) knownGrants(grants *catalog.Grants) *catalog.Grants {
	if grants == nil {
		return nil
	}
	known := *grants
	known.List = nil
	for _, g := range grants.List {
		if !b.hasRole(b.spec.role(g.Grantee)) {
			continue
		}
		if !b.target.Server.Superuser || !b.hasRole(b.spec.role(g.FromOthers)) {
			g.FromOthers = ""
		}
		known.List = append(known.List, g)
	}
	return &known
}

// checkRoles reports the roles that the target has not, each once with what it
// is there for.
func (b *builder) checkRoles() {
	missing := map[string][]string{}
	note := func(role, what string) {
		if !b.hasRole(role) && !slices.Contains(missing[role], what) {
			missing[role] = append(missing[role], what)
		}
	}
	for i := range b.source.Objects {
		o := &b.source.Objects[i]
		if !b.chosen.Of(o).Taken || !b.spec.Stages.Schema {
			continue
		}
		if b.spec.Owners && ddl.Owner(o, o.Owner) != "" {
			note(b.spec.role(o.Owner), "what it owns belongs to "+b.target.Server.User)
		}
		if b.spec.Grants && o.Grants != nil {
			for _, grant := range o.Grants.List {
				note(b.spec.role(grant.Grantee), "its privileges are left out")
			}
		}
		if role := b.roleOf(o); role != "" {
			note(role, o.ID.String()+" is left out")
		}
	}
	for _, name := range slices.Sorted(maps.Keys(missing)) {
		b.report(Finding{
			Code:    "W216",
			Object:  catalog.ID{Kind: kindRole, Name: name},
			Summary: fmt.Sprintf("%s has no role %s: %s", b.spec.Target.Ref, name, strings.Join(missing[name], "; ")),
			Fix: []string{
				fmt.Sprintf("on %s: create role %s", b.spec.Target.Ref, catalog.Quote(name)),
				fmt.Sprintf("or roles = { %q = %q }, with a role that is there", name, "…"),
			},
			Place: place(b.spec.Place),
		})
	}
}

// roleOf is the role without which an object means nothing; empty for most.
func (b *builder) roleOf(o *catalog.Object) string {
	switch o.ID.Kind {
	case catalog.KindUserMapping:
		return o.ID.Name
	case catalog.KindDefaultACL:
		if b.spec.Grants {
			return o.ID.Name
		}
	}
	return ""
}

// checkPolicy reports a policy for a role that the target has not. Without it
// the policy would hold for others than it was made for.
func (b *builder) checkPolicy(o *catalog.Object) {
	policy, ok := o.Spec.(*catalog.Policy)
	if !ok {
		return
	}
	for _, role := range policy.Roles {
		if b.hasRole(role) {
			continue
		}
		b.report(Finding{
			Code:    "C107",
			Object:  o.ID,
			Summary: fmt.Sprintf("%s needs role %s, which %s has not", o.ID, role, b.spec.Target.Ref),
			Fix: []string{
				fmt.Sprintf("on %s: create role %s", b.spec.Target.Ref, catalog.Quote(role)),
				fmt.Sprintf("or roles = { %q = %q }, with a role that is there", role, "…"),
				fmt.Sprintf("or exclude = [%q]", b.patternOf(o)),
			},
			Place: b.reason(o).Place,
		})
	}
}
