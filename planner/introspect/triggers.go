package introspect

import "sluice/planner/catalog"

type triggerRow struct {
	part
	Definition     string
	Enabled        string
	FunctionSchema string
	FunctionName   string
	FunctionArgs   string
}

// enabledWords are the letters of pg_trigger.tgenabled.
var enabledWords = map[string]string{"O": "origin", "D": "disabled", "R": "replica", "A": "always"}

func (r *reader) addTrigger(row triggerRow) {
	id := catalog.ID{Kind: catalog.KindTrigger, Schema: row.Schema, Table: row.Relation, Name: row.Name}
	r.addOn(row.RelationOID, classTrigger, row.named, id, &catalog.Trigger{
		Definition: row.Definition,
		Enabled:    enabledWords[row.Enabled],
		Function: catalog.ID{
			Kind: catalog.KindFunction, Schema: row.FunctionSchema, Name: row.FunctionName, Args: row.FunctionArgs,
		},
	})
}
