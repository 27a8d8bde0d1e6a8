package ddl

import "sluice/planner/catalog"

// Backward returns the statements that make of o again what Forward made, so
// that what it was completed with can be dropped before it. It is nil where
// there is nothing to take back, and for types, whose functions go with them
// alone.
func Backward(o *catalog.Object) []string {
	switch spec := o.Spec.(type) {
	case *catalog.Domain:
		return emptyDomain(o, spec)
	case *catalog.Table:
		return withoutDefaults("alter table only ", o, spec)
	case *catalog.ForeignTable:
		return withoutDefaults("alter foreign table only ", o, &spec.Table)
	case *catalog.View:
		return emptyView(o, spec)
	}
	return nil
}

func emptyDomain(o *catalog.Object, domain *catalog.Domain) (statements []string) {
	alter := "alter domain " + o.ID.Qualified().SQL() + " "
	if domain.Default != "" {
		statements = append(statements, alter+"drop default")
	}
	for _, check := range domain.Checks {
		statements = append(statements, alter+"drop constraint "+catalog.Quote(check.Name))
	}
	return statements
}

func withoutDefaults(alter string, o *catalog.Object, table *catalog.Table) (statements []string) {
	for i := range table.Columns {
		if c := &table.Columns[i]; hasDefault(c) {
			statements = append(statements, alter+o.ID.Qualified().SQL()+" alter column "+catalog.Quote(c.Name)+" drop default")
		}
	}
	return statements
}

func emptyView(o *catalog.Object, view *catalog.View) (statements []string) {
	for _, c := range view.Columns {
		if c.Default != "" {
			statements = append(statements, "alter view "+o.ID.Qualified().SQL()+" alter column "+catalog.Quote(c.Name)+" drop default")
		}
	}
	return append(statements, "create or replace"+dummyView(o, view)[len("create"):])
}
