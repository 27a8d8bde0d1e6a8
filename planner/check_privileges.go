package planner

import (
	"fmt"
	"slices"
	"strings"

	"sluice/planner/catalog"
)

// checkPrivileges checks the rights that the plan's statements need, one finding
// for each right with every statement that grants it.
func (b *builder) checkPrivileges() {
	b.checkRead()
	b.checkPolicies()
	if b.spec.Stages.Incremental {
		b.checkReplication()
		b.checkPublish()
	}
	b.checkCreate()
	b.checkSuperuser()
	b.checkTablespaces()
	b.checkReplicaRole()
	b.checkTemporary()
}

// superusers are the kinds that only a superuser may create, each as people
// call it.
var superusers = map[catalog.Kind]string{
	catalog.KindAccessMethod:   "access methods",
	catalog.KindOperatorFamily: "operator families",
	catalog.KindOperatorClass:  "operator classes",
	catalog.KindParser:         "text search parsers",
	catalog.KindTemplate:       "text search templates",
	catalog.KindWrapper:        "foreign-data wrappers",
	catalog.KindEventTrigger:   "event triggers",
}

// checkSuperuser checks that the target's role may create what only superusers
// may; on Amazon RDS some of it is for the members of rds_superuser, too.
func (b *builder) checkSuperuser() {
	t := b.target.Server
	if t.Superuser || t.MayReplicaRole {
		return
	}
	var kinds, patterns []string
	for _, o := range b.created() {
		kind := superusers[o.ID.Kind]
		if _, base := o.Spec.(*catalog.Base); base {
			kind = "base types"
		}
		if kind == "" || b.done.Done(stepID(Create, o.ID)) {
			continue
		}
		if !slices.Contains(kinds, kind) {
			kinds = append(kinds, kind)
		}
		patterns = append(patterns, fmt.Sprintf("%q", b.patternOf(o)))
	}
	if len(kinds) > 0 {
		b.missing(b.spec.Target, t, "may not create "+strings.Join(kinds, ", "), "apply as a superuser",
			"or exclude = ["+strings.Join(patterns, ", ")+"]")
	}
}

// checkTablespaces checks that those exist in which objects are declared to lie.
func (b *builder) checkTablespaces() {
	said := map[string]bool{}
	for _, o := range b.created() {
		at := tablespace(o.Spec)
		if at == nil || *at == "" || said[*at] || slices.Contains(b.target.Server.Tablespaces, *at) {
			continue
		}
		said[*at] = true
		b.report(Finding{
			Code:    "C129",
			Object:  o.ID,
			Summary: fmt.Sprintf("%s has no tablespace %s, in which %s lies", b.spec.Target.Ref, *at, o.ID),
			Fix:     []string{fmt.Sprintf("on %s: create tablespace %s location '…'", b.spec.Target.Ref, catalog.Quote(*at)), `or tablespaces = "default"`},
			Place:   place(b.spec.Place),
		})
	}
}

func (b *builder) missing(side Declared, s catalog.Server, what string, fix ...string) {
	b.report(Finding{
		Code:    "C109",
		Object:  database(s.Database),
		Summary: fmt.Sprintf("role %s on %s %s", s.User, side.Ref, what),
		Fix:     fix,
		Place:   place(side.Place),
	})
}

func (b *builder) checkRead() {
	if !b.spec.Stages.Full || b.source.Server.Superuser {
		return
	}
	role := catalog.Quote(b.source.Server.User)
	var schemas, tables []string
	n := 0
	for _, o := range b.withRows() {
		access, name := o.Spec.(*catalog.Table).Access, b.onSource(o).Qualified()
		if access.Hidden {
			schemas = append(schemas, fmt.Sprintf("grant usage on schema %s to %s", catalog.Quote(name.Schema), role))
		}
		if !access.Select {
			tables = append(tables, fmt.Sprintf("grant select on %s to %s", name.SQL(), role))
		}
		if access.Hidden || !access.Select {
			n++
		}
	}
	slices.Sort(schemas)
	if n > 0 {
		b.missing(b.spec.Source, b.source.Server, "may not read "+plural(n, "selected table"), slices.Concat(slices.Compact(schemas), tables)...)
	}
}

// checkPolicies checks that no policy thins out the rows that are read or
// refuses those that are written. Of its own tables a role sees all, unless
// they force their policies on the owner as well.
// https://www.postgresql.org/docs/current/ddl-rowsecurity.html
func (b *builder) checkPolicies() {
	if !b.spec.Stages.Full {
		return
	}
	hidden, forced := 0, 0
	for _, o := range b.withRows() {
		table := o.Spec.(*catalog.Table)
		if table.RowSecurity && (!table.Access.Owner || table.ForceRowSec) {
			hidden++
		}
		if b.existing[o] != "" { // with policies of its own
			table = b.tableThere(o)
		}
		if table.RowSecurity && table.ForceRowSec {
			forced++
		}
	}
	check := func(side Declared, s catalog.Server, tables int, what string) {
		if tables > 0 && !s.BypassRLS {
			b.missing(side, s, fmt.Sprintf("may not %s past the policies of %s", what, plural(tables, "table")),
				"alter role "+catalog.Quote(s.User)+" bypassrls")
		}
	}
	check(b.spec.Source, b.source.Server, hidden, "read")
	check(b.spec.Target, b.target.Server, forced, "write")
}

func (b *builder) checkReplication() {
	s := b.source.Server
	if s.Superuser || s.Replication {
		return
	}
	fix := "alter role " + catalog.Quote(s.User) + " replication"
	if onRDS(s) {
		fix = "grant rds_replication to " + catalog.Quote(s.User)
	}
	b.missing(b.spec.Source, s, "may not open replication connections", fix)
}

// checkPublish checks what CREATE PUBLICATION demands: CREATE on the database,
// and ownership of each table.
// https://www.postgresql.org/docs/current/sql-createpublication.html
func (b *builder) checkPublish() {
	s := b.source.Server
	if !s.CreateOn && !s.Superuser {
		b.missing(b.spec.Source, s, "may not create a publication", grantCreate(s))
	}
	b.checkOwnership("does not own %s that the publication names", b.followed())
}

// checkOwnership checks that the source's role owns the tables: a role that is
// a member of the owner does.
func (b *builder) checkOwnership(what string, tables []*catalog.Object) {
	s := b.source.Server
	if s.Superuser {
		return
	}
	var owners []string
	n := 0
	for _, o := range tables {
		if table := o.Spec.(*catalog.Table); !table.Access.Owner {
			n++
			owners = append(owners, o.Owner)
		}
	}
	slices.Sort(owners)
	var grants []string
	for _, owner := range slices.Compact(owners) {
		grants = append(grants, "grant "+catalog.Quote(owner)+" to "+catalog.Quote(s.User))
	}
	if n > 0 {
		b.missing(b.spec.Source, s, fmt.Sprintf(what, plural(n, "table")), grants...)
	}
}

func grantCreate(s catalog.Server) string {
	return "grant create on database " + catalog.Quote(s.Database) + " to " + catalog.Quote(s.User)
}

// checkCreate checks that the target's role may create the schemas that are
// missing, and the one of the state.
func (b *builder) checkCreate() {
	s := b.target.Server
	if s.Superuser || s.CreateOn {
		return
	}
	for _, o := range b.created() {
		id := o.ID
		if id.Kind != catalog.KindSchema || b.done.Done(stepID(Create, id)) || b.onTarget(id) != nil {
			continue
		}
		b.report(Finding{
			Code:    "C113",
			Object:  id,
			Summary: fmt.Sprintf("%s is missing on %s, and role %s may not create it", id, b.spec.Target.Ref, s.User),
			Fix: []string{
				grantCreate(s),
				fmt.Sprintf("or: create schema %s authorization %s", catalog.Quote(id.Name), catalog.Quote(s.User)),
			},
			Place: b.reason(o).Place,
		})
	}
	if !slices.Contains(s.Schemas, ourSchema) {
		b.missing(b.spec.Target, s, "may not create the schema that holds the state", grantCreate(s))
	}
}

// checkTemporary checks that rows can be put beside a table that is there before
// they meet its own.
func (b *builder) checkTemporary() {
	t := b.target.Server
	meets := func(o *catalog.Object) bool {
		e := b.existingSpec(o)
		return e.Foreign() && e.Unique && e.Full != RowError
	}
	if !b.spec.Stages.Full || t.Superuser || t.Temporary || !slices.ContainsFunc(b.withRows(), meets) {
		return
	}
	b.missing(b.spec.Target, t, "may not create temporary tables, through which appended rows go",
		"grant temporary on database "+catalog.Quote(t.Database)+" to "+catalog.Quote(t.User), `or conflicts { row_full = "error" }`)
}
