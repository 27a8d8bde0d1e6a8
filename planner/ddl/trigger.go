package ddl

import "sluice/planner/catalog"

// enable is how ALTER TABLE says when a trigger fires.
var enable = map[string]string{
	"origin":   "enable trigger ",
	"disabled": "disable trigger ",
	"replica":  "enable replica trigger ",
	"always":   "enable always trigger ",
}

func createTrigger(o *catalog.Object, trigger *catalog.Trigger) []string {
	statements := []string{trigger.Definition}
	name := catalog.Quote(o.ID.Name)
	if trigger.Enabled != "origin" {
		// Without ONLY: on a partitioned table it goes down to the partitions, as CREATE TRIGGER does.
		statements = append(statements, "alter table "+o.ID.Relation().SQL()+" "+enable[trigger.Enabled]+name)
	}
	for _, copy := range trigger.Below {
		// With ONLY: Below has the partitions of every level, whatever is above them.
		statements = append(statements, "alter table only "+copy.Table.SQL()+" "+enable[copy.Enabled]+name)
	}
	return commented(o, statements...)
}
