package ddl

import "sluice/planner/catalog"

// enable is how ALTER TABLE sets a trigger that is not enabled as usual.
var enable = map[string]string{
	"disabled": "disable trigger ",
	"replica":  "enable replica trigger ",
	"always":   "enable always trigger ",
}

func createTrigger(o *catalog.Object, trigger *catalog.Trigger) []string {
	statements := []string{trigger.Definition}
	if action, ok := enable[trigger.Enabled]; ok {
		// Without ONLY: on a partitioned table it goes down to the partitions, as CREATE TRIGGER does.
		statements = append(statements, "alter table "+o.ID.Relation().SQL()+" "+action+catalog.Quote(o.ID.Name))
	}
	return commented(o, statements...)
}
