package planner

import (
	"reflect"
	"slices"
	"strings"

	"sluice/planner/catalog"
	"sluice/planner/ddl"
)

// finishPublic makes the schema public what it is on the source: no step creates
// it, since every database has it. It comes after all that is made, in case the
// role that applies may do less there afterwards.
func (b *builder) finishPublic() {
	id := catalog.ID{Kind: catalog.KindSchema, Name: "public"}
	o, there := b.related.Find(id), b.onTarget(id)
	if o == nil || there == nil || b.creates[o] != nil || !b.chosen.Of(o).Taken || !b.spec.Stages.Schema {
		return
	}
	step, sql := stepID(Alter, id, "as on the source"), b.publicSQL(o)
	if len(sql) == 0 || !b.done.Done(step) && slices.Equal(sql, b.publicSQL(there)) {
		return
	}
	d := b.add(Step{
		ID:          step,
		Stage:       StageFinish,
		Side:        Target,
		Action:      Alter,
		Object:      id,
		Fingerprint: digest([]byte(strings.Join(sql, "\n")))[:16],
		Note:        []string{"as on the source"},
		SQL:         sql,
		Transaction: true,
	})
	for _, created := range b.created() {
		if created.ID.Kind != catalog.KindEventTrigger { // they come last of all
			d.after(b.creates[created])
		}
	}
	d.after(b.converge)
}

// standardComment is what initdb says of the schema public.
const standardComment = "standard public schema"

// publicSQL are the statements for what initdb makes otherwise: what the target
// has of it by now makes no difference, so that the plan stays the same.
func (b *builder) publicSQL(o *catalog.Object) (sql []string) {
	there := b.onTarget(o.ID).Comment
	if o.Comment != standardComment && (there == standardComment || there == o.Comment) { // not somebody else's
		sql = append(sql, ddl.Comment(o))
	}
	owner := b.onTarget(o.ID).Owner
	if role := b.spec.role(o.Owner); b.spec.Owners && !o.Spec.(*catalog.Schema).OwnedAsMade && b.hasRole(role) {
		owner = role
		sql = append(sql, ddl.Owner(o, owner))
	}
	known := b.withKnownRoles(o)
	if !b.spec.Grants || reflect.DeepEqual(known.Grants, publicAsMade(b.target.Server)) {
		return sql
	}
	return append(sql, ddl.Grants(known, owner, b.spec.role)...)
}

// publicAsMade are the privileges on the schema public in a new database.
// https://www.postgresql.org/docs/15/release-15.html#id-1.11.6.5.4
func publicAsMade(s catalog.Server) *catalog.Grants {
	grants := &catalog.Grants{RevokedFromPublic: true}
	if s.Major() < 15 {
		grants.List = append(grants.List, catalog.Grant{Privilege: "CREATE"})
	}
	grants.List = append(grants.List, catalog.Grant{Privilege: "USAGE"})
	return grants
}
