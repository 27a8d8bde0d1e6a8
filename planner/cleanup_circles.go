package planner

import (
	"fmt"
	"slices"
	"strings"

	"sluice/planner/catalog"
	"sluice/planner/ddl"
	"sluice/planner/mapping"
)

// openCircles breaks the circles among the objects to drop, the way in which
// splitCircles has made them:
//
//	a type goes with the functions that read and write it, in one step
//	while there is a circle with a member that can lose what completed it
//	    it loses that before the others are dropped, then itself
func (b *builder) openCircles(onTarget *mapping.Relations) {
	for _, circle := range circles(b.drafts) {
		for _, d := range circle {
			if of := b.target.Find(d.Object); isMadeOfFunctions(of) {
				b.dropWithFunctions(d, circle)
			}
		}
	}
	opened := map[catalog.ID]bool{}
	for found := true; found; {
		found = false
		for _, circle := range circles(b.drafts) {
			found = b.openOne(onTarget, circle, opened) || found
		}
	}
}

func isMadeOfFunctions(o *catalog.Object) bool {
	switch o.Spec.(type) {
	case *catalog.Base, *catalog.Range:
		return true
	}
	return false
}

// dropWithFunctions lets a type's step drop its functions as well. PostgreSQL
// has no other way than CASCADE, so the step looks first for what else would go.
// https://www.postgresql.org/docs/current/sql-createtype.html#SQL-CREATETYPE-BASE
func (b *builder) dropWithFunctions(d *draft, circle []*draft) {
	var functions []*draft
	for _, f := range circle {
		if f.Object.Kind == catalog.KindFunction && slices.Contains(f.before, d) && slices.Contains(d.before, f) {
			functions = append(functions, f)
			d.Covers = append(d.Covers, f.Object)
		}
	}
	if len(functions) == 0 {
		return
	}
	d.SQL = []string{refuseOthers(d.Object, d.Covers), d.SQL[0] + " cascade"}
	for _, f := range functions {
		d.after(f.before...)
	}
	d.before = slices.DeleteFunc(d.before, func(before *draft) bool { return before == d || slices.Contains(functions, before) })
	b.drafts = slices.DeleteFunc(b.drafts, func(other *draft) bool { return slices.Contains(functions, other) })
	for _, other := range b.drafts {
		for i, before := range other.before {
			if slices.Contains(functions, before) {
				other.before[i] = d
			}
		}
	}
}

// refuseOthers is the statement that fails where something else depends on a
// type, or on its functions, than they themselves and what PostgreSQL made along
// with the type: with CASCADE it would be dropped.
func refuseOthers(of catalog.ID, functions []catalog.ID) string {
	member := func(class, kind, name string) string {
		return fmt.Sprintf("('pg_catalog.%s'::pg_catalog.regclass::oid, %s::pg_catalog.%s::oid)", class, catalog.Literal(name), kind)
	}
	members := []string{member("pg_type", "regtype", of.Qualified().SQL())}
	for _, f := range functions {
		members = append(members, member("pg_proc", "regprocedure", f.Qualified().SQL()+"("+f.Args+")"))
	}
	return strings.NewReplacer("MEMBERS", strings.Join(members, ",\n      "), "NAME", strings.ReplaceAll(catalog.Literal(of.String()), "%", "%%")).Replace(`do $sluice$
begin
  if exists (
    with recursive ours (class, id) as (
      select v.class, v.id from (values
      MEMBERS) as v (class, id)
      union
      select d.classid, d.objid from pg_catalog.pg_depend as d join ours as o on d.refclassid = o.class and d.refobjid = o.id
       where d.deptype = 'i'
    )
    select from pg_catalog.pg_depend as d join ours as o on d.refclassid = o.class and d.refobjid = o.id
     where not exists (select from ours as t where t.class = d.classid and t.id = d.objid)
  ) then
    raise dependent_objects_still_exist using message = NAME;
  end if;
end $sluice$`)
}

// openOne takes back what completed one member of a circle, if one has
// something of the kind, and lets the others be dropped between that and it.
func (b *builder) openOne(onTarget *mapping.Relations, circle []*draft, opened map[catalog.ID]bool) bool {
	d, sql := b.bestToOpen(onTarget, circle, opened)
	if d == nil {
		return false
	}
	opened[d.Object] = true
	bare := b.add(Step{ID: stepID(Alter, d.Object, "to its outline"), Stage: StageCleanup, Side: Target, Action: Alter, Object: d.Object,
		Note: []string{"it and " + otherOf(circle, d).Object.String() + " need each other"}, SQL: sql, Transaction: true})
	for _, before := range d.before {
		if !slices.Contains(circle, before) && before.Object.Kind == catalog.KindForeignKey {
			bare.after(before)
		}
	}
	waitFor(circle, d, bare)
	return true
}

func (b *builder) bestToOpen(onTarget *mapping.Relations, circle []*draft, opened map[catalog.ID]bool) (best *draft, sql []string) {
	for _, d := range circle {
		kind := slices.Index(splittable, d.Object.Kind)
		if kind < 0 || opened[d.Object] || best != nil && kind >= slices.Index(splittable, best.Object.Kind) {
			continue
		}
		if undo := append(b.partsIn(onTarget, d, circle), ddl.Backward(b.target.Find(d.Object))...); len(undo) > 0 {
			best, sql = d, undo
		}
	}
	return best, sql
}

// partsIn drops what is on a relation and needs another member of the circle.
func (b *builder) partsIn(onTarget *mapping.Relations, d *draft, circle []*draft) (sql []string) {
	for _, part := range onTarget.Parts(d.Object.Qualified()) {
		if part.ID.Kind == catalog.KindForeignKey || !b.made(part.ID) {
			continue
		}
		needs := onTarget.Needs(part)
		if slices.ContainsFunc(circle, func(other *draft) bool { return other != d && slices.Contains(needs, onTarget.Find(other.Object)) }) {
			sql = append(sql, ddl.Drop(part))
		}
	}
	return sql
}

// made says that the state knows of a step that made an object, or its outline.
func (b *builder) made(id catalog.ID) bool {
	return b.done.Done(stepID(Create, id)) || b.done.Done(outlineID(id))
}
