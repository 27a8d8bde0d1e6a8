package replay

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pglogrepl"
	"github.com/jackc/pgx/v5"

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
	var whole []*relation
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
		if r.Copy.Partly() && !a.empties(m, r) {
			if r.Copy.Routed.Rows == "" {
				return &PartTruncatedError{r.Copy.From, r.Name, a.finalLSN}
			}
			where, all = where+" and ("+r.Copy.Routed.Rows+")", false
		}
		switch {
		case r.Copy.Existing.Foreign() && a.within != nil: // in a subtransaction no row is ours
			return notYet("%s has rows of its own, and is truncated", r.Name)
		case r.Copy.Existing.Foreign():
			a.holdsNone(r, where)
		case !all || a.deferrable[r.Name]:
			a.addOnce(deleting(r, where), r.Name)
		case !slices.ContainsFunc(whole, func(other *relation) bool { return other.Name == r.Name }):
			whole = append(whole, r)
		}
	}
	if len(whole) == 0 {
		return nil
	}
	a.counts.Truncates++
	if a.options.Partial {
		for _, r := range whole {
			a.addOnce(deleting(r, "true"), r.Name)
		}
		return nil
	}
	tables, names := make([]string, len(whole)), make([]catalog.Name, len(whole))
	for i, r := range whole {
		tables[i], names[i] = r.only(), r.Name
	}
	sql := "truncate " + strings.Join(tables, ", ")
	if m.RestartIdentity {
		sql += " restart identity"
	}
	a.addOnce(sql, names...)
	return nil
}

// empties says that a truncation leaves none of the rows that the load and the
// changes have brought into the table of the target that r shares with others.
func (a *Applier) empties(m *stream.Message, r *relation) bool {
	if a.options.Partial || len(r.Copy.Routed.Except) > 0 {
		return false // there are others
	}
	for _, t := range a.options.Tables {
		if t.Name != r.Name {
			continue
		}
		gone := slices.ContainsFunc(m.Truncated, func(id uint32) bool {
			other := a.known.relations[id]
			if other == nil || other.Table != t {
				return false
			}
			_, all := other.unseen(a.xid)
			return all
		})
		if !gone {
			return false
		}
	}
	return true
}

// deferrable are the tables with a key whose check may be due at the commit, since the
// role may not put it off for good as a replica does: TRUNCATE refuses them then.
func deferrable(ctx context.Context, conn *pgx.Conn, tables []*Table) (map[catalog.Name]bool, error) {
	var schemas, names []string
	for _, t := range tables {
		schemas, names = append(schemas, t.Name.Schema), append(names, t.Name.Local)
	}
	rows, err := conn.Query(ctx, `
		select n.nspname, c.relname
		from unnest($1::text[], $2::text[]) as wanted(schema, name)
		join pg_namespace n on n.nspname = wanted.schema
		join pg_class c on c.relnamespace = n.oid and c.relname = wanted.name
		where exists (select from pg_constraint k where k.conrelid = c.oid and k.condeferrable and k.contype in ('p', 'u', 'x'))`, schemas, names)
	if err != nil {
		return nil, err
	}
	found := map[catalog.Name]bool{}
	var table catalog.Name
	_, err = pgx.ForEachRow(rows, []any{&table.Schema, &table.Local}, func() error {
		found[table] = true
		return nil
	})
	return found, err
}

// PartTruncatedError says that the source emptied a table whose rows the target has
// among others, and that no condition tells them.
type PartTruncatedError struct {
	Table, Into catalog.Name
	LSN         pglogrepl.LSN
}

func (e *PartTruncatedError) Error() string {
	return fmt.Sprintf("%s was truncated on the source at %s without the other partitions, and on the target its rows are in %s, where nothing tells them from theirs; "+
		"start over: sluice cleanup, then sluice apply", e.Table, e.LSN, e.Into)
}

// addOnce adds a statement that empties tables, of any number of rows.
func (a *Applier) addOnce(sql string, tables ...catalog.Name) {
	a.addSingle(nil, single{sql: func() string { return sql }, empties: tables})
}

func deleting(r *relation, where string) string {
	sql := "delete from " + r.only()
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
