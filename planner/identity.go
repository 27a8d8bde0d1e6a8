package planner

import (
	"slices"
	"strings"

	"sluice/planner/catalog"
)

// identityColumns are the columns by which the changes find a row of the table:
// those of its replica identity, and under a full one those of the primary key
// if there is one that the changes carry. Empty where only the whole row will
// do, or nothing does.
func (b *builder) identityColumns(o *catalog.Object) []string {
	identity := b.identity(o)
	switch identity.Kind {
	case catalog.IdentityDefault, catalog.IdentityFull:
		key := b.primaryKey(o.ID.Qualified())
		if key == nil || key.Deferrable || !hasColumns(o.Table(), key.Columns) {
			return nil
		}
		if identity.Kind == catalog.IdentityDefault || namesRows(o.Spec.(*catalog.Table), key) {
			return slices.Clone(key.Columns)
		}
	case catalog.IdentityIndex:
		return b.indexColumns(o, identity.Index)
	}
	return nil
}

// indexColumns are the columns of the index that is a table's replica identity,
// which PostgreSQL allows only over plain columns; nil where it has gone.
func (b *builder) indexColumns(table *catalog.Object, name string) []string {
	index := b.related.Index(catalog.Name{Schema: table.ID.Schema, Local: name})
	if index == nil {
		return nil
	}
	var columns []string
	switch spec := index.Spec.(type) {
	case *catalog.Constraint:
		columns = slices.Clone(spec.Columns)
	case *catalog.Index:
		columns = parseIndexColumns(spec.Definition)
	}
	if !hasColumns(table.Table(), columns) {
		return nil
	}
	return columns
}

// hasColumns says that a table has all of these columns: one may be left out.
func hasColumns(t *catalog.Table, names []string) bool {
	return !slices.ContainsFunc(names, func(name string) bool { return !hasColumn(t, name) })
}

func hasColumn(t *catalog.Table, name string) bool {
	return slices.ContainsFunc(t.Columns, func(c catalog.Column) bool { return c.Name == name })
}

// parseIndexColumns reads the column names out of what pg_get_indexdef wrote for
// an index over plain columns:
//
//	CREATE UNIQUE INDEX i ON s.t USING btree (a, "b c" DESC, d text_ops) INCLUDE (e)
//
// nil for anything else.
func parseIndexColumns(definition string) (columns []string) {
	_, rest, found := cutOutsideQuotes(definition, " USING ")
	if !found {
		return nil
	}
	_, rest, found = cutOutsideQuotes(rest, "(")
	if !found {
		return nil
	}
	list, _, found := cutOutsideQuotes(rest, ")")
	for more := found; more; {
		var item string
		item, list, more = cutOutsideQuotes(list, ",")
		name := identifier(strings.TrimSpace(item))
		if name == "" {
			return nil
		}
		columns = append(columns, name)
	}
	return columns
}

// cutOutsideQuotes is strings.Cut for a separator that is not within a quoted
// identifier.
func cutOutsideQuotes(s, separator string) (before, after string, found bool) {
	quoted := false
	for i := range len(s) {
		if s[i] == '"' {
			quoted = !quoted
		}
		if !quoted && strings.HasPrefix(s[i:], separator) {
			return s[:i], s[i+len(separator):], true
		}
	}
	return s, "", false
}

// identifier is the first identifier of s, without its quotes.
func identifier(s string) string {
	if !strings.HasPrefix(s, `"`) {
		name, _, _ := strings.Cut(s, " ")
		return name
	}
	for i := 1; i < len(s); i++ {
		if s[i] != '"' {
			continue
		}
		if i+1 < len(s) && s[i+1] == '"' {
			i++
			continue
		}
		return strings.ReplaceAll(s[1:i], `""`, `"`)
	}
	return ""
}
