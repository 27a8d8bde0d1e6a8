package sandbox

import (
	"strings"
	"testing"
)

// SameRoles creates the roles of one server on another, by name only: those that
// are there stay as they are.
func SameRoles(t testing.TB, from, to string) {
	t.Helper()
	for _, role := range Query(t, from, "select rolname from pg_catalog.pg_roles where rolname !~ '^pg_' and rolname <> current_user") {
		// Tests beside this one create roles, too: whoever comes second finds it there.
		Exec(t, to, `do $do$ begin create role "`+strings.ReplaceAll(role, `"`, `""`)+`"; `+
			`exception when duplicate_object or unique_violation then null; end $do$`)
	}
}
