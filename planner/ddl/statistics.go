package ddl

import (
	"fmt"

	"sluice/planner/catalog"
)

func createStatistics(o *catalog.Object, statistics *catalog.Statistics) []string {
	statements := []string{statistics.Definition}
	if statistics.Target != -1 {
		statements = append(statements, fmt.Sprintf("alter %s set statistics %d", reference(o), statistics.Target))
	}
	return commented(o, statements...)
}

// indexStatistics sets the targets of columns that are expressions: they have
// numbers, but no names.
func indexStatistics(index catalog.Name, statistics []catalog.IndexStatistics) []string {
	var statements []string
	for _, s := range statistics {
		statements = append(statements,
			fmt.Sprintf("alter index %s alter column %d set statistics %d", index.SQL(), s.Column, s.Target))
	}
	return statements
}
