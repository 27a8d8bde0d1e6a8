package ddl

import (
	"strings"

	"sluice/planner/catalog"
)

func createEventTrigger(o *catalog.Object, trigger *catalog.EventTrigger) []string {
	create := "create event trigger " + catalog.Quote(o.ID.Name) + " on " + trigger.Event
	if len(trigger.Tags) > 0 {
		tags := make([]string, len(trigger.Tags))
		for i, tag := range trigger.Tags {
			tags[i] = catalog.Literal(tag)
		}
		create += "\n  when tag in (" + strings.Join(tags, ", ") + ")"
	}
	statements := []string{create + "\n  execute function " + trigger.Function.Qualified().SQL() + "()"}
	if enable, ok := eventEnabling[trigger.Enabled]; ok {
		statements = append(statements, "alter "+reference(o)+" "+enable)
	}
	return commented(o, statements...)
}

// eventEnabling is what ALTER EVENT TRIGGER calls the states other than origin,
// in which a new one is.
var eventEnabling = map[string]string{"disabled": "disable", "replica": "enable replica", "always": "enable always"}
