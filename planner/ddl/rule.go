package ddl

import "sluice/planner/catalog"

// enableRule is how ALTER TABLE says of a rule that it is not enabled as usual.
// For views there is no such statement, and so no such rule.
var enableRule = map[string]string{
	"disabled": "disable rule ",
	"replica":  "enable replica rule ",
	"always":   "enable always rule ",
}

func createRule(o *catalog.Object, rule *catalog.Rule) []string {
	statements := []string{query(rule.Definition)}
	if action, ok := enableRule[rule.Enabled]; ok {
		statements = append(statements, "alter table "+o.ID.Relation().SQL()+" "+action+catalog.Quote(o.ID.Name))
	}
	return commented(o, statements...)
}
