package executor

import (
	"context"
	"fmt"
	"slices"

	"sluice/planner"
	"sluice/planner/catalog"
	"sluice/state"
)

// takesExisting says that rows go into a table that others made.
func (x *run) takesExisting() bool {
	return slices.ContainsFunc(x.Plan.Steps, func(s planner.Step) bool { return s.Copy != nil && s.Copy.Existing != nil })
}

// truncate empties tables that others made, once: the record commits with it.
// What was copied since is never in it, whatever plan is run.
func (x *run) truncate(ctx context.Context, step *planner.Step) error {
	st, err := x.Store.State(ctx)
	if err != nil {
		return err
	}
	for _, id := range append([]catalog.ID{step.Object}, step.Covers...) {
		copied := func(c state.Chunk) bool { return c.Schema == id.Schema && c.Table == id.Name }
		if slices.ContainsFunc(st.Chunks, copied) {
			return fmt.Errorf("%s holds rows that sluice copied, and is not truncated any more", id)
		}
	}
	return x.onTarget(ctx, step)
}
