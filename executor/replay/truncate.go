package replay

import (
	"context"
	"fmt"
	"strings"

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
	var whole []string
	for _, id := range m.Truncated {
		if a.ignored[id] {
			continue
		}
		r, ok := a.relations[id]
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
		case r.Copy.Existing.Foreign():
			a.holdsNone(r, where)
		case all && !a.deferrable[r.Name]:
			whole = append(whole, "only "+r.Name.SQL())
		default:
			a.addOnce(deleting(r.Name, where))
		}
	}
	if len(whole) == 0 {
		return nil
	}
	a.counts.Truncates++
	if a.options.Partial {
		for _, table := range whole {
			a.addOnce("delete from " + table)
		}
		return nil
	}
	sql := "truncate " + strings.Join(whole, ", ")
	if m.RestartIdentity {
		sql += " restart identity"
	}
	a.addOnce(sql)
	return nil
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

// addOnce adds a statement that may touch any number of rows.
func (a *Applier) addOnce(sql string) {
	a.addSingle(nil, single{sql: func() string { return sql }})
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
