package ddl

import "sluice/planner/catalog"

// createCollation leaves out the version: the target's library has its own.
// https://www.postgresql.org/docs/current/sql-createcollation.html
func createCollation(o *catalog.Object, collation *catalog.Collation) string {
	var options definition
	options.add("provider", collation.Provider)
	if !collation.Deterministic {
		options.add("deterministic", "false")
	}
	switch {
	case collation.Provider != "libc":
		options.add("locale", catalog.Literal(collation.Locale))
	case collation.Collate == collation.Ctype:
		options.add("locale", catalog.Literal(collation.Collate))
	default:
		options.add("lc_collate", catalog.Literal(collation.Collate))
		options.add("lc_ctype", catalog.Literal(collation.Ctype))
	}
	if collation.Rules != "" {
		options.add("rules", catalog.Literal(collation.Rules))
	}
	return "create collation " + o.ID.Qualified().SQL() + " " + block(options)
}

func createConversion(o *catalog.Object, conversion *catalog.Conversion) string {
	create := "create "
	if conversion.Default {
		create += "default "
	}
	return create + "conversion " + o.ID.Qualified().SQL() + " for " + catalog.Literal(conversion.Source) +
		" to " + catalog.Literal(conversion.Destination) + " from " + conversion.Function
}
