package ddl

import (
	"strings"

	"sluice/planner/catalog"
)

func createEnum(o *catalog.Object, enum *catalog.Enum) string {
	create := "create type " + o.ID.Qualified().SQL() + " as enum "
	if len(enum.Labels) == 0 {
		return create + "()"
	}
	labels := make([]string, len(enum.Labels))
	for i, label := range enum.Labels {
		labels[i] = catalog.Literal(label)
	}
	return create + block(labels)
}

func createDomain(o *catalog.Object, domain *catalog.Domain) []string {
	name := o.ID.Qualified().SQL()
	clauses := []string{"create domain " + name + " as " + domain.Type}
	if domain.Collation != "" {
		clauses = append(clauses, "collate "+domain.Collation)
	}
	if domain.Default != "" {
		clauses = append(clauses, "default "+domain.Default)
	}
	if domain.NotNull {
		clauses = append(clauses, "not null")
	}
	// CREATE DOMAIN takes no check that is NOT VALID, only ALTER DOMAIN does.
	var later, comments []string
	for _, check := range domain.Checks {
		constraint := "constraint " + catalog.Quote(check.Name) + " " + check.Definition
		if strings.HasSuffix(check.Definition, " NOT VALID") {
			later = append(later, "alter domain "+name+" add "+constraint)
		} else {
			clauses = append(clauses, constraint)
		}
		comments = append(comments, commentOnCheck(o, check)...)
	}
	statements := append([]string{strings.Join(clauses, "\n  ")}, later...)
	return append(commented(o, statements...), comments...)
}

func commentOnCheck(domain *catalog.Object, check catalog.DomainCheck) []string {
	if check.Comment == "" {
		return nil
	}
	return []string{"comment on constraint " + catalog.Quote(check.Name) + " on domain " +
		domain.ID.Qualified().SQL() + " is " + catalog.Literal(check.Comment)}
}
