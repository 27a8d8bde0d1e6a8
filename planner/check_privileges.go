package planner

import (
	"fmt"
	"slices"

	"sluice/planner/catalog"
)

// checkPrivileges checks the rights that the plan's statements need, one finding
// for each right with every statement that grants it.
func (b *builder) checkPrivileges() {
	b.checkRead()
	if b.spec.Stages.Incremental {
		b.checkReplication()
		b.checkPublish()
	}
	b.checkCreate()
	b.checkReplicaRole()
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
	var grants []string
	for _, o := range b.withRows() {
		if !o.Spec.(*catalog.Table).Access.Select {
			grants = append(grants, fmt.Sprintf("grant select on %s to %s",
				o.ID.Qualified().SQL(), catalog.Quote(b.source.Server.User)))
		}
	}
	if len(grants) > 0 {
		b.missing(b.spec.Source, b.source.Server, "may not read "+plural(len(grants), "selected table"), grants...)
	}
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
	for _, id := range b.created() {
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
			Place: b.reason(id).Place,
		})
	}
	if !slices.Contains(s.Schemas, ourSchema) {
		b.missing(b.spec.Target, s, "may not create the schema that holds the state", grantCreate(s))
	}
}

// replicaRoleGrantable is the version since which a parameter can be granted.
const replicaRoleGrantable = 150000

// checkReplicaRole checks that changes can be applied without firing triggers
// and foreign keys a second time; and rows copied into tables that may have
// some.
func (b *builder) checkReplicaRole() {
	s := b.target.Server
	needed := b.spec.Stages.Incremental || b.spec.Stages.Full && !b.spec.Stages.Schema
	if !needed || s.Superuser || s.MayReplicaRole {
		return
	}
	fix := "apply as a superuser"
	if s.Version >= replicaRoleGrantable {
		fix = "grant set on parameter session_replication_role to " + catalog.Quote(s.User)
	}
	b.missing(b.spec.Target, s, "may not set session_replication_role", fix,
		"on Amazon RDS: grant rds_superuser to "+catalog.Quote(s.User))
}
