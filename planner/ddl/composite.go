package ddl

import "sluice/planner/catalog"

func createComposite(o *catalog.Object, composite *catalog.Composite) []string {
	name := o.ID.Qualified().SQL()
	if len(composite.Attributes) == 0 {
		return commented(o, "create type "+name+" as ()")
	}
	var attributes, comments []string
	for _, a := range composite.Attributes {
		attribute := catalog.Quote(a.Name) + " " + a.Type
		if a.Collation != "" {
			attribute += " collate " + a.Collation
		}
		attributes = append(attributes, attribute)
		if a.Comment != "" {
			comments = append(comments,
				"comment on column "+name+"."+catalog.Quote(a.Name)+" is "+catalog.Literal(a.Comment))
		}
	}
	return append(commented(o, "create type "+name+" as "+block(attributes)), comments...)
}

// createShell makes a type that functions can take and return, and nothing more.
func createShell(o *catalog.Object) string { return "create type " + o.ID.Qualified().SQL() }
