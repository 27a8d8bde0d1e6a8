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

// enabledWords are the letters of pg_trigger.tgenabled and pg_rewrite.ev_enabled.
var enabledWords = map[string]string{"O": "origin", "D": "disabled", "R": "replica", "A": "always"}

func (r *reader) addTrigger(row triggerRow) {
	id := catalog.ID{Kind: catalog.KindTrigger, Schema: row.Schema, Table: row.Relation, Name: row.Name}
	trigger := &catalog.Trigger{
		Definition: row.Definition,
		Enabled:    enabledWords[row.Enabled],
		Function: catalog.ID{
			Kind: catalog.KindFunction, Schema: row.FunctionSchema, Name: row.FunctionName, Args: row.FunctionArgs,
		},
	}
	r.triggers[row.OID] = trigger
	r.addOn(row.RelationOID, classTrigger, row.named, id, trigger)
}

type triggerCopyRow struct {
	Trigger     uint32
	RelationOID uint32
	Schema      string
	Relation    string
	Enabled     string
}

// addTriggerCopy takes a copy that is enabled in another way. The trigger then
// needs the partition, since its statements name it.
func (r *reader) addTriggerCopy(row triggerCopyRow) {
	trigger := r.triggers[row.Trigger]
	if trigger == nil { // an extension's
		return
	}
	trigger.Below = append(trigger.Below, catalog.PartitionTrigger{
		Table: name(row.Schema, row.Relation), Enabled: enabledWords[row.Enabled],
	})
	at := address{classTrigger, row.Trigger}
	r.edges[at] = append(r.edges[at], address{classClass, row.RelationOID})
}
