package introspect

import "sluice/planner/catalog"

type statisticsRow struct {
	part
	RelationSchema string
	Definition     string
	Target         int
}

func (r *reader) addStatistics(row statisticsRow) {
	id := catalog.ID{Kind: catalog.KindStatistics, Schema: row.Schema, Name: row.Name}
	r.addOn(row.RelationOID, classStatistics, row.named, id, &catalog.Statistics{
		Table:      name(row.RelationSchema, row.Relation),
		Definition: row.Definition,
		Target:     row.Target,
	})
}

type ruleRow struct {
	part
	Definition string
	Enabled    string
}

func (r *reader) addRule(row ruleRow) {
	id := catalog.ID{Kind: catalog.KindRule, Schema: row.Schema, Table: row.Relation, Name: row.Name}
	r.addOn(row.RelationOID, classRewrite, row.named, id, &catalog.Rule{
		Definition: row.Definition,
		Enabled:    enabledWords[row.Enabled],
	})
}

type policyRow struct {
	part
	Command    string
	Permissive bool
	Roles      []string
	Using      string
	Check      string
}

// commandWords are the letters of pg_policy.polcmd.
var commandWords = map[string]string{"*": "all", "r": "select", "a": "insert", "w": "update", "d": "delete"}

func (r *reader) addPolicy(row policyRow) {
	id := catalog.ID{Kind: catalog.KindPolicy, Schema: row.Schema, Table: row.Relation, Name: row.Name}
	r.addOn(row.RelationOID, classPolicy, row.named, id, &catalog.Policy{
		Command:    commandWords[row.Command],
		Permissive: row.Permissive,
		Roles:      row.Roles,
		Using:      row.Using,
		Check:      row.Check,
	})
}
