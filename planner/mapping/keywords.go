package mapping

import (
	"regexp"
	"strings"

	"sluice/planner/catalog"
)

// reserved are the keywords that an identifier must be quoted for: all but the
// unreserved ones, of every major.
// https://www.postgresql.org/docs/current/sql-keywords-appendix.html
var reserved = keywords(`
	all analyse analyze and any array as asc asymmetric authorization between bigint binary bit boolean both case cast
	char character check coalesce collate collation column concurrently constraint create cross current_catalog
	current_date current_role current_schema current_time current_timestamp current_user dec decimal default deferrable
	desc distinct do else end except exists extract false fetch float for foreign freeze from full grant greatest group
	grouping having ilike in initially inner inout int integer intersect interval into is isnull join json json_array
	json_arrayagg json_exists json_object json_objectagg json_query json_scalar json_serialize json_table json_value
	lateral leading least left like limit localtime localtimestamp merge_action national natural nchar none normalize not
	notnull null nullif numeric offset on only or order out outer overlaps overlay placing position precision primary
	real references returning right row select session_user setof similar smallint some substring symmetric system_user
	table tablesample then time timestamp to trailing treat trim true union unique user using values varchar variadic
	verbose when where window with xmlattributes xmlconcat xmlelement xmlexists xmlforest xmlnamespaces xmlparse xmlpi
	xmlroot xmlserialize xmltable`)

func keywords(list string) map[string]bool {
	words := map[string]bool{}
	for _, word := range strings.Fields(list) {
		words[word] = true
	}
	return words
}

var plain = regexp.MustCompile(`^[a-z_][a-z0-9_$]*$`)

// quoteIdent is an identifier as the server prints it: in quotes where it needs
// them.
func quoteIdent(name string) string {
	if plain.MatchString(name) && !reserved[name] {
		return name
	}
	return catalog.Quote(name)
}
