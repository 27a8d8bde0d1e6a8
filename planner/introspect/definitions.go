package introspect

import "strings"

// Where a definition has nothing to say but the names of columns, it is written
// here, as pg_get_indexdef and pg_get_constraintdef would: they look everything
// up anew for each object. indexes.sql and constraints.sql leave it to the
// server wherever there is more.
// src/backend/utils/adt/ruleutils.c

// indexDefinition is what pg_get_indexdef says of a plain index.
func (r *reader) indexDefinition(row indexRow) string {
	create := "CREATE INDEX "
	if row.Unique {
		create = "CREATE UNIQUE INDEX "
	}
	return create + r.quote(row.Name) + " ON " + r.quote(row.Schema) + "." + r.quote(row.Relation) +
		" USING btree " + r.columnList(row.RelationOID, row.Key)
}

// constraintDefinition is what pg_get_constraintdef says of a plain key.
func (r *reader) constraintDefinition(row constraintRow) string {
	columns := r.columnList(row.RelationOID, row.Key)
	switch row.Type {
	case "p":
		return "PRIMARY KEY " + columns
	case "u":
		return "UNIQUE " + columns
	}
	return "FOREIGN KEY " + columns +
		" REFERENCES " + r.quote(row.ReferencesSchema) + "." + r.quote(row.ReferencesName) +
		r.columnList(row.ReferencesOID, row.ReferencesKey)
}

// columnList is the list of the columns of a relation that have these numbers.
func (r *reader) columnList(relation uint32, numbers []int16) string {
	table := r.tables[relation]
	if table == nil {
		table = r.behind[relation]
	}
	var list strings.Builder
	list.WriteByte('(')
	for i, name := range table.names(numbers) {
		if i > 0 {
			list.WriteString(", ")
		}
		list.WriteString(r.quote(name))
	}
	list.WriteByte(')')
	return list.String()
}

// quote is quote_identifier: quotes only where the server needs them.
func (r *reader) quote(name string) string {
	for i := range len(name) {
		c := name[i]
		if !(c >= 'a' && c <= 'z' || c == '_' || i > 0 && c >= '0' && c <= '9') {
			return `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
		}
	}
	if r.keywords[name] {
		return `"` + name + `"`
	}
	return name
}

type keywordRow struct{ Word string }

func (r *reader) addKeyword(row keywordRow) { r.keywords[row.Word] = true }
