package replay

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"sluice/executor/stream"
	"sluice/planner/catalog"
)

// announced are the tables whose definitions the server has sent.
type announced struct {
	relations map[uint32]*relation
	ignored   map[uint32]bool // relations of Options.Ignored
	counted   map[uint32]int  // of those in quarantine: what of passed
}

func newAnnounced() announced {
	return announced{relations: map[uint32]*relation{}, ignored: map[uint32]bool{}, counted: map[uint32]int{}}
}

// announce takes note of a table's definition.
func (a *Applier) announce(ctx context.Context, def stream.RelationDef) error {
	name := catalog.Name{Schema: def.Schema, Local: def.Name}
	t := a.tables[name]
	if a.within != nil {
		a.within.sent[def.ID] = true
	}
	if i, quarantined := a.quarantined[name]; quarantined {
		a.known.counted[def.ID] = i
		return nil
	}
	if a.known.ignored[def.ID] = t == nil && slices.Contains(a.options.Ignored, name); a.known.ignored[def.ID] {
		return nil
	}
	if t == nil {
		return fmt.Errorf("the publication has a table %q.%q, which is not in the plan: it was renamed on the source, or somebody has added it; sluice plan shows what that means, and sluice apply does it",
			def.Schema, def.Name)
	}
	// The server announces a table again after every ANALYZE of it: as long as
	// nothing changed, the statements stay prepared.
	if known := a.known.relations[def.ID]; known != nil && known.announced.Equal(def) {
		return nil
	}
	r, err := newRelation(t, def)
	if err != nil {
		return err
	}
	r.foreign = a.options.OldSource
	if a.options.Columns != nil {
		if err := a.match(ctx, r); err != nil {
			return err
		}
	}
	r.typed(a.types[t.Name])
	r.claim(a.types[t.Name], a.sole(t))
	a.known.relations[def.ID] = r
	return nil
}

// sole says that no other table goes to the one on the target.
func (a *Applier) sole(t *Table) bool {
	return !slices.ContainsFunc(a.options.Tables, func(other *Table) bool { return other != t && other.Name == t.Name })
}

// placed says of an error in a table's definition which transaction has it so. Of one
// in progress nobody knows yet, and one that was applied before is none to stop at.
func (a *Applier) placed(err error) error {
	drift := new(DriftError)
	if a.inside && a.within == nil && errors.As(err, &drift) {
		drift.LSN = a.finalLSN
	}
	return err
}

// match asks the source about the columns.
func (a *Applier) match(ctx context.Context, r *relation) error {
	columns, err := a.options.Columns(ctx, r.announced)
	if err != nil {
		return fmt.Errorf("looking up the columns of %s: %w", r.Name, err)
	}
	return r.matchColumns(columns)
}

// unchanged looks at the tables again whose definitions came before the commit: what
// the transaction itself did to their columns nobody could see.
func (a *Applier) unchanged(ctx context.Context, x *inProgress) error {
	if a.options.Columns == nil {
		return nil
	}
	for id := range x.sent {
		if r := x.known.relations[id]; r != nil {
			if err := a.match(ctx, r); err != nil {
				return &WholeError{err}
			}
		}
	}
	return nil
}

// merge takes over the definitions that the server does not send again.
func (a *Applier) merge(x *inProgress) {
	for id := range x.sent {
		if i, counted := x.known.counted[id]; counted {
			a.known.counted[id] = i
			continue
		}
		a.known.ignored[id] = x.known.ignored[id]
		r, had := x.known.relations[id], a.known.relations[id]
		if r == nil || had != nil && had.announced.Equal(r.announced) {
			continue
		}
		a.known.relations[id] = r
	}
}
