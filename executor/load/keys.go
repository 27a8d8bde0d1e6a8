package load

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"sluice/executor/handoff"
	"sluice/planner/catalog"
	"sluice/state"
)

// byKey loads the ranges of keys that no recorded chunk covers, each under a
// snapshot of its own.
func (t *table) byKey(ctx context.Context, done []state.Chunk) error {
	order, err := handoff.OrderOf(t.spec.KeyType)
	if err != nil {
		return err
	}
	bounds, err := t.bounds(ctx)
	if err != nil {
		return err
	}
	missing := gaps(order, done, bounds)
	first := number(done)
	parts := make([]part, len(missing))
	for i, m := range missing {
		parts[i] = part{Chunk: t.chunk(first + i), where: t.between(m)}
		parts[i].ByKey, parts[i].Key, parts[i].Low, parts[i].High = true, t.spec.Key, m.Low, m.High
	}
	t.Progress.TableStarted(t.name.Schema, t.name.Local, len(done)+len(parts), len(done))
	if err := t.all(ctx, parts); err != nil {
		return err
	}
	return t.finish(ctx)
}

// between is the condition for a range of keys.
func (t *table) between(r handoff.Range) string {
	key := catalog.Quote(t.spec.OnSource(t.spec.Key))
	literal := func(bound string) string { return catalog.Literal(bound) + "::" + t.spec.KeyType }
	switch {
	case r.Low == nil && r.High == nil:
		return ""
	case r.Low == nil:
		return fmt.Sprintf("%s < %s", key, literal(*r.High))
	case r.High == nil:
		return fmt.Sprintf("%s >= %s", key, literal(*r.Low))
	}
	return fmt.Sprintf("%s >= %s and %s < %s", key, literal(*r.Low), key, literal(*r.High))
}

// bounds are keys that cut the table into chunks of about ChunkBytes. They come
// from a sample: any keys would be right, evenly spread ones are fast.
func (t *table) bounds(ctx context.Context) (bounds []string, err error) {
	err = t.pairs.With(ctx, func(c *pair) error {
		found, err := t.look(ctx, c, false, t)
		if err != nil {
			return err
		}
		blocks := found.blocks()
		chunks := blocks * found.BlockSize / t.ChunkBytes
		if chunks < 1 {
			return nil
		}
		percent := min(100, 100*float64(chunks*sampledBlocks)/float64(blocks))
		sql := fmt.Sprintf(`
			select coalesce(pg_catalog.to_json(nullif(pg_catalog.concat(pg_catalog.percentile_disc(
			         (select pg_catalog.array_agg(i::float8 / %d) from pg_catalog.generate_series(1, %d) i))
			       within group (order by %s)), '')::pg_catalog.text[]), '[]')
			from only %s tablesample system (%g)`,
			chunks+1, chunks, catalog.Quote(t.spec.OnSource(t.spec.Key)), t.spec.From.SQL(), percent)
		row, err := t.row(ctx, c, sql)
		if err != nil {
			return err
		}
		return json.Unmarshal([]byte(row[0]), &bounds)
	})
	return bounds, err
}

// sampledBlocks is how many blocks are sampled for each chunk.
const sampledBlocks = 10

// gaps are the ranges that done leaves open, cut at bounds.
func gaps(order handoff.Order, done []state.Chunk, bounds []string) []handoff.Range {
	bounds = slices.Clone(bounds)
	slices.SortFunc(bounds, order)
	bounds = slices.CompactFunc(bounds, func(a, b string) bool { return order(a, b) == 0 })
	done = slices.Clone(done)
	slices.SortFunc(done, func(a, b state.Chunk) int { return handoff.CompareLow(order, a.Low, b.Low) })

	var open []handoff.Range
	var low *string // where the uncovered part begins
	for _, c := range done {
		if c.Low != nil && (low == nil || order(*low, *c.Low) < 0) {
			open = append(open, cut(order, handoff.Range{Low: low, High: c.Low}, bounds)...)
		}
		if c.High == nil {
			return open
		}
		low = c.High
	}
	return append(open, cut(order, handoff.Range{Low: low}, bounds)...)
}

// cut divides a range at the bounds within it.
func cut(order handoff.Order, r handoff.Range, bounds []string) []handoff.Range {
	var parts []handoff.Range
	for _, b := range bounds {
		if r.Low != nil && order(b, *r.Low) <= 0 || r.High != nil && order(b, *r.High) >= 0 {
			continue
		}
		parts = append(parts, handoff.Range{Low: r.Low, High: &b})
		r.Low = &b
	}
	return append(parts, r)
}
