package replay

import (
	"fmt"
	"strings"

	"sluice/executor/handoff"
	"sluice/executor/stream"
	"sluice/planner/catalog"
)

// unseen are the loaded ranges that a truncation has to empty.
func (r *relation) unseen(xid uint32) (ranges []handoff.Range, all bool) {
	if r.Loaded == nil {
		return nil, true
	}
	return r.Loaded.Unseen(xid)
}

// truncate empties what the load has read without it.
func (a *Applier) truncate(m *stream.Message) error {
	var whole []catalog.Name
	for _, id := range m.Truncated {
		if a.passesOver(id) {
			continue
		}
		r, ok := a.known.relations[id]
		if !ok {
			return fmt.Errorf("a truncation of relation %d, which was never announced", id)
		}
		ranges, all := r.unseen(a.xid)
		a.forgive(r)
		where := "true"
		if !all {
			where = within(catalog.Quote(r.Loaded.Key), ranges)
		}
		switch {
		case r.Copy.Existing.Foreign() && a.within != nil: // in a subtransaction no row is ours
			return notYet("%s has rows of its own, and is truncated", r.Name)
		case r.Copy.Existing.Foreign():
			a.holdsNone(r, where)
		case all:
			whole = append(whole, r.Name)
		default:
			a.addOnce(deleting(r.Name, where), r.Name)
		}
	}
	if len(whole) == 0 {
		return nil
	}
	a.counts.Truncates++
	if a.options.Partial {
		for _, table := range whole {
			a.addOnce(deleting(table, "true"), table)
		}
		return nil
	}
	tables := make([]string, len(whole))
	for i, table := range whole {
		tables[i] = "only " + table.SQL()
	}
	sql := "truncate " + strings.Join(tables, ", ")
	if m.RestartIdentity {
		sql += " restart identity"
	}
	a.addOnce(sql, whole...)
	return nil
}

// addOnce adds a statement that empties tables, of any number of rows.
func (a *Applier) addOnce(sql string, tables ...catalog.Name) {
	a.addSingle(nil, single{sql: func() string { return sql }, empties: tables})
}

func deleting(table catalog.Name, where string) string {
	sql := "delete from only " + table.SQL()
	if where != "true" {
		sql += " where " + where
	}
	return sql
}

// within is the condition for ranges of keys, which come in their order.
func within(key string, ranges []handoff.Range) string {
	if len(ranges) == 0 {
		return "false"
	}
	var conditions []string
	for i := 0; i < len(ranges); {
		joined := ranges[i]
		for i++; i < len(ranges) && ranges[i].Low != nil && joined.High != nil && *ranges[i].Low == *joined.High; i++ {
			joined.High = ranges[i].High
		}
		conditions = append(conditions, between(key, joined.Low, joined.High))
	}
	return "(" + strings.Join(conditions, " or ") + ")"
}

// between is the condition for a range of keys.
func between(key string, low, high *string) string {
	var conditions []string
	if low != nil {
		conditions = append(conditions, key+" >= "+catalog.Literal(*low))
	}
	if high != nil {
		conditions = append(conditions, key+" < "+catalog.Literal(*high))
	}
	if len(conditions) == 0 {
		return "true"
	}
	return strings.Join(conditions, " and ")
}
