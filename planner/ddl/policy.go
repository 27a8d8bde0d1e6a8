package ddl

import (
	"strings"

	"sluice/planner/catalog"
)

func createPolicy(o *catalog.Object, policy *catalog.Policy) string {
	var b strings.Builder
	b.WriteString("create " + reference(o))
	if !policy.Permissive {
		b.WriteString(" as restrictive")
	}
	if policy.Command != "all" {
		b.WriteString(" for " + policy.Command)
	}
	if len(policy.Roles) > 0 {
		roles := make([]string, len(policy.Roles))
		for i, name := range policy.Roles {
			roles[i] = role(name)
		}
		b.WriteString(" to " + strings.Join(roles, ", "))
	}
	if policy.Using != "" {
		b.WriteString("\n  using (" + policy.Using + ")")
	}
	if policy.Check != "" {
		b.WriteString("\n  with check (" + policy.Check + ")")
	}
	return b.String()
}
