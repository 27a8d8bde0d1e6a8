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
		if all && r.Copy.Existing.Foreign() {
			a.holdsNone(r, "", nil)
			continue
		}
		if all {
			whole = append(whole, "only "+r.Name.SQL())
			continue
		}
		for _, part := range ranges {
			if r.Copy.Existing.Foreign() {
				a.holdsNone(r, between(catalog.Quote(r.Loaded.Key), part.Low, part.High), bounds(part.Low, part.High))
				continue
			}
			a.queueOnce("delete from only "+r.Name.SQL()+" where "+between(catalog.Quote(r.Loaded.Key), part.Low, part.High),
				bounds(part.Low, part.High))
		}
	}
	if len(whole) == 0 {
		return nil
	}
	a.counts.Truncates++
	if a.options.Partial {
		for _, table := range whole {
			a.queueOnce("delete from "+table, nil)
		}
		return nil
	}
	sql := "truncate " + strings.Join(whole, ", ")
	if m.RestartIdentity {
		sql += " restart identity"
	}
	a.queueOnce(sql, nil)
	return nil
}

// between is the condition for a range of keys, with its bounds as parameters.
func between(key string, low, high *string) string {
	var conditions []string
	if low != nil {
		conditions = append(conditions, key+" >= $1")
	}
	if high != nil {
		conditions = append(conditions, fmt.Sprintf("%s < $%d", key, len(conditions)+1))
	}
	if len(conditions) == 0 {
		return "true"
	}
	return strings.Join(conditions, " and ")
}

func bounds(low, high *string) (params [][]byte) {
	for _, b := range []*string{low, high} {
		if b != nil {
			params = append(params, []byte(*b))
		}
	}
	return params
}
