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

func createDomain(o *catalog.Object, domain *catalog.Domain, version int) []string {
	name := o.ID.Qualified().SQL()
	clauses := []string{"create domain " + name + " as " + domain.Type}
	if domain.Collation != "" {
		clauses = append(clauses, "collate "+domain.Collation)
	}
	if domain.Default != "" {
		clauses = append(clauses, "default "+domain.Default)
	}
	if domain.NotNull {
		notNull := "not null"
		if domain.NotNullName != "" { // an older server reads the name and forgets it
			notNull = "constraint " + catalog.Quote(domain.NotNullName) + " not null"
		}
		clauses = append(clauses, notNull)
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
	comments = append(comments, commentOnNotNull(o, domain, version)...)
	statements := append([]string{strings.Join(clauses, "\n  ")}, later...)
	return append(commented(o, statements...), comments...)
}

func commentOnCheck(o *catalog.Object, check catalog.DomainCheck) []string {
	if check.Comment == "" {
		return nil
	}
	return []string{"comment on constraint " + catalog.Quote(check.Name) + " on domain " +
		o.ID.Qualified().SQL() + " is " + catalog.Literal(check.Comment)}
}

// commentOnNotNull is nil where the server has no such constraint.
func commentOnNotNull(o *catalog.Object, domain *catalog.Domain, version int) []string {
	if domain.NotNullComment == "" || version < version17 {
		return nil
	}
	return []string{"comment on constraint " + catalog.Quote(domain.NotNullName) + " on domain " +
		o.ID.Qualified().SQL() + " is " + catalog.Literal(domain.NotNullComment)}
}
