package load

import (
	"slices"
	"strings"

	"sluice/planner"
	"sluice/planner/catalog"
)

// out is the source's statement for a part: always with a column list, since the
// order of columns may differ on the two sides.
func (t *table) out(p *part) string {
	values := make([]string, len(t.spec.Columns))
	for i, c := range t.spec.Columns {
		values[i] = c.Out()
	}
	sql := "copy (select " + strings.Join(values, ", ") + " from only " + t.spec.From.SQL() + " as " + catalog.RowAlias + t.stamps(p)
	switch {
	case p.where != "" && t.spec.Where != nil:
		sql += " where " + p.where + " and (" + t.spec.Where.SQL + "\n)"
	case p.where != "":
		sql += " where " + p.where
	case t.spec.Where != nil:
		sql += " where (" + t.spec.Where.SQL + "\n)"
	}
	return sql + ") to stdout" + t.options()
}

// stamps joins those that values read: what was read carries the time of its
// snapshot and where the WAL ended then.
func (t *table) stamps(p *part) string {
	values := map[catalog.Stamp]string{
		catalog.StampOp:         "'load'::text",
		catalog.StampCommitTime: "pg_catalog.transaction_timestamp()",
		catalog.StampLSN:        catalog.Literal(p.wal) + "::pg_catalog.pg_lsn",
	}
	var list []string
	for _, stamp := range catalog.Stamps {
		if slices.ContainsFunc(t.spec.Columns, func(c planner.CopyColumn) bool { return c.Value != nil && slices.Contains(c.Value.Stamps, stamp.Stamp) }) {
			list = append(list, values[stamp.Stamp]+" as "+string(stamp.Stamp))
		}
	}
	if len(list) == 0 {
		return ""
	}
	return " cross join (select " + strings.Join(list, ", ") + ") as sluice_stamps"
}

// Rows are the statements that copy the rows of a condition out of the source, and into
// the target; wal is where the source's ended when they were as they are read.
func Rows(spec *planner.CopySpec, into catalog.Name, where, wal string) (out, in string) {
	t := &table{spec: spec}
	p := &part{where: where, wal: wal}
	return t.out(p), t.in(into.SQL())
}

func (t *table) in(into string, more ...string) string {
	list := ""
	if len(t.spec.Columns) > 0 {
		list = " (" + t.columns(func(c planner.CopyColumn) string { return c.Name }) + ")"
	}
	return "copy " + into + list + " from stdin" + t.options(more...)
}

func (t *table) options(more ...string) string {
	if t.spec.Binary {
		more = append(more, "format binary")
	}
	if len(more) == 0 {
		return ""
	}
	return " (" + strings.Join(more, ", ") + ")"
}

func (t *table) columns(name func(planner.CopyColumn) string) string {
	names := make([]string, len(t.spec.Columns))
	for i, c := range t.spec.Columns {
		names[i] = name(c)
	}
	return catalog.QuoteAll(names)
}
