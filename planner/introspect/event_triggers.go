package introspect

import "sluice/planner/catalog"

type eventTriggerRow struct {
	named
	Event          string
	Tags           []string
	Enabled        string
	FunctionSchema string
	FunctionName   string
	FunctionArgs   string
}

func (r *reader) addEventTrigger(row eventTriggerRow) {
	r.add(classEventTrigger, row.named, catalog.ID{Kind: catalog.KindEventTrigger, Name: row.Name}, &catalog.EventTrigger{
		Event: row.Event,
		Tags:  row.Tags,
		Function: catalog.ID{
			Kind: catalog.KindFunction, Schema: row.FunctionSchema, Name: row.FunctionName, Args: row.FunctionArgs,
		},
		Enabled: enabledWords[row.Enabled],
	})
}

type largeObjectsRow struct{ Count int64 }

// addLargeObjects has no OID to register: nothing depends on all of them.
func (r *reader) addLargeObjects(row largeObjectsRow) {
	id := catalog.ID{Kind: catalog.KindLargeObjects, Name: "pg_largeobject"}
	r.add(classLargeObject, named{}, id, &catalog.LargeObjects{Count: row.Count})
}
