package planner

import (
	"fmt"
	"slices"
	"strings"

	"sluice/planner/catalog"
)

// OnDivergence says what happens when a change of a table does not fit the target.
type OnDivergence string

// What may be declared.
const (
	DivergenceStops       OnDivergence = "stop"       // the run ends
	DivergenceQuarantines OnDivergence = "quarantine" // the table stays as it is, and the others go on
)

// quarantines says what is declared for a table, in its own block or in that of a
// table that it is a partition of.
func (b *builder) quarantines(o *catalog.Object) bool {
	for table := o; table != nil; table = b.related.Relation(table.Table().Of) {
		if rule := b.tableRule(table); rule != nil && rule.OnDivergence != "" {
			return rule.OnDivergence == DivergenceQuarantines
		}
	}
	return b.spec.OnDivergence == DivergenceQuarantines
}

// checkQuarantine reports tables that are in quarantine, or paused, unless the plan has
// them loaded again or takes them out.
func (b *builder) checkQuarantine(code, paused string) {
	for _, q := range b.done.Quarantined {
		name := catalog.Name{Schema: q.Schema, Local: q.Table}
		leaves := slices.ContainsFunc(b.drafts, func(d *draft) bool {
			return takesOut(d.Action) && slices.Contains(append([]catalog.ID{d.Object}, d.Covers...), tableID(name))
		})
		if leaves {
			continue
		}
		if q.Paused {
			b.reportPaused(q, paused)
			continue
		}
		what := q.Operation
		if q.Key != "" {
			what += " (" + q.Key + ")"
		}
		from := catalog.Name{Schema: q.FromSchema, Local: q.FromTable}
		b.report(Finding{
			Code:   code,
			Object: tableID(name),
			Summary: fmt.Sprintf("%s is in quarantine since %s: its changes from %X/%X on are passed over",
				name, q.Since.UTC().Format("2006-01-02 15:04:05 UTC"), uint32(q.LSN>>32), uint32(q.LSN)),
			Detail: strings.TrimSpace(what + ": " + q.Reason),
			Fix: []string{
				"have it loaded again: sluice apply -replace " + from.String(),
				"or exclude it: its rows on the target stay as they are",
			},
			Place: place(b.spec.Place),
		})
	}
}

// takesOut says that an action takes tables out of the stream.
func takesOut(a Action) bool { return a == Leave || a == Reload || a == Remake }
