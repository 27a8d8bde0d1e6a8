package executor_test

import (
	"slices"
	"strings"
	"testing"

	"sluice/examples/sandbox"
	"sluice/planner"
)

// rolesSQL has a role in every place where there can be one. The names are of
// this test alone: roles belong to the server, which others use as well.
const rolesSQL = `
	create role sluice_old_owner; create role sluice_old_reader; create role sluice_gone;
	grant all on schema public to sluice_old_owner;
	create table t (id int primary key);
	alter table t enable row level security;
	alter table t owner to sluice_old_owner;
	grant select on t to sluice_old_reader;
	grant update on t to sluice_gone;
	create policy p on t to sluice_old_reader using (true);
	create view v as select 1 as a;
	alter view v owner to sluice_gone;
	alter default privileges for role sluice_old_owner in schema public grant select on tables to sluice_old_reader;
	create foreign data wrapper w;
	create server s foreign data wrapper w;
	create user mapping for sluice_old_reader server s options (user 'x', password 'canary-9173');`

func TestRolesAreCalledOtherwiseOnTheTarget(t *testing.T) {
	t.Parallel()
	m := newMove(t, 0, 0)
	m.spec.Stages.Incremental = false
	m.spec.Owners, m.spec.Grants = true, true
	m.spec.Roles = map[string]string{"sluice_old_owner": "sluice_new_owner", "sluice_old_reader": "sluice_new_reader"}
	dropRoles(t, m.source, "sluice_old_owner", "sluice_old_reader", "sluice_gone")
	dropRoles(t, m.target, "sluice_new_owner", "sluice_new_reader")
	sandbox.Exec(t, m.source, rolesSQL)
	sandbox.Exec(t, m.target, "create role sluice_new_owner; create role sluice_new_reader")
	plan, err := m.plan(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(plan.Findings, func(f planner.Finding) bool {
		return f.Code == "W216" && f.Object.Name == "sluice_gone" && strings.Contains(f.Summary, "what it owns") && strings.Contains(f.Summary, "privileges are left out")
	}) {
		t.Errorf("nothing is said of the role that is missing: %+v", plan.Findings)
	}
	if text, err := plan.JSON(); err != nil || strings.Contains(string(text), "canary-9173") {
		t.Errorf("the plan holds a password (%v)", err)
	}
	if _, err := m.run(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	for what, query := range map[string]string{
		"the owner of t":     "select tableowner = 'sluice_new_owner' from pg_tables where tablename = 't'",
		"the owner of v":     "select viewowner = current_user from pg_views where viewname = 'v'",
		"the reader's right": "select has_table_privilege('sluice_new_reader', 't', 'select')",
		"the policy":         "select roles = '{sluice_new_reader}' from pg_policies where policyname = 'p'",
		"the mapping":        "select usename = 'sluice_new_reader' and umoptions = '{user=x}' from pg_user_mappings",
		"what t2 will have":  "select count(*) = 1 from pg_default_acl where defaclrole = 'sluice_new_owner'::regrole",
	} {
		if got := sandbox.Query(t, m.target, query); len(got) != 1 || got[0] != "t" {
			t.Errorf("%s is not as on the source: %s", what, got)
		}
	}
	m.nothingLeft(t)
}

// Nothing is said of roles, and none need be there, where nothing is declared.
func TestEverythingBelongsToTheRoleThatApplies(t *testing.T) {
	t.Parallel()
	m := newMove(t, 0, 0)
	m.spec.Stages.Incremental = false
	sandbox.Exec(t, m.source, "create table t (id int primary key); create role sluice_nobody; alter table t owner to sluice_nobody; grant select on t to sluice_nobody")
	t.Cleanup(func() { sandbox.Exec(t, m.source, "drop owned by sluice_nobody cascade; drop role sluice_nobody") })
	if _, err := m.run(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if got := sandbox.Query(t, m.target, "select relacl is null and relowner = current_user::regrole from pg_class where relname = 't'"); got[0] != "t" {
		t.Error("the table does not belong to the role that applies, alone")
	}
}

// dropRoles drops the roles when the test has ended, before its databases go.
func dropRoles(t *testing.T, url string, roles ...string) {
	t.Helper()
	t.Cleanup(func() {
		for _, role := range roles {
			sandbox.Exec(t, url, "drop owned by "+role+" cascade; drop role "+role)
		}
	})
}
