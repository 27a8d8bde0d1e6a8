package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"sluice/config"
	"sluice/planner"
	"sluice/state"
)

// planning is sluice plan.
type planning struct {
	*app
	file             string // to save the plan in
	json             bool
	detailedExitCode bool
}

func (a *app) planCommand() *cobra.Command {
	p := &planning{app: a}
	cmd := &cobra.Command{
		Use:   "plan",
		Short: "Shows what apply would do; writes nothing",
		Long: `Reads both databases in read-only transactions and shows every object, its
order, its conflicts and its cost. Nothing is written on either side.

Exit codes: 0 planned, 1 error, 2 there is something to do (with
-detailed-exitcode), 3 the plan has conflicts.`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return p.run(cmd.Context()) },
	}
	a.addressFlags(cmd)
	a.replaceFlag(cmd)
	cmd.Flags().StringVar(&p.file, "out", "", "file to save the plan in, for apply")
	cmd.Flags().BoolVar(&p.json, "json", false, "print the plan as JSON")
	cmd.Flags().BoolVar(&p.detailedExitCode, "detailed-exitcode", false, "exit with 2 where there is something to do")
	return cmd
}

func (p *planning) run(ctx context.Context) error {
	c, err := p.load()
	if err != nil {
		return err
	}
	readings, err := p.readings(p.stop.now(ctx), c)
	if err != nil {
		return err
	}
	plans := plansOf(readings, build)
	if p.file != "" {
		if err := save(p.file, plans); err != nil {
			return err
		}
	}
	if err := p.show(plans, p.json); err != nil {
		return err
	}
	if err := p.conflicts(c, plans); err != nil {
		return err
	}
	if p.file != "" && !p.json {
		fmt.Fprintf(p.err, "\nSaved as %s. To do exactly this:  sluice apply %s\n", p.file, p.file)
	}
	if p.detailedExitCode && changes(plans) {
		return quiet(exitChanges)
	}
	return nil
}

// build is the way a plan is made of what was read.
func build(r *reading) *planner.Plan {
	if r.returns() {
		return planner.Reverse(r.spec, r.source, r.target, r.state, r.back)
	}
	return planner.Build(r.spec, r.source, r.target, r.state)
}

func plansOf(readings []*reading, build func(*reading) *planner.Plan) []*planner.Plan {
	plans := make([]*planner.Plan, len(readings))
	for i, r := range readings {
		plans[i] = build(r)
	}
	return plans
}

// readings reads both sides of every migration. A server that cannot be reached
// keeps no other migration from being looked at.
func (a *app) readings(ctx context.Context, c *config.Config) ([]*reading, error) {
	planningMemory()
	var all []*reading
	var failed error
	for _, m := range c.Migrations {
		r, err := a.read(ctx, c, m)
		var said *quietError
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case errors.As(err, &said):
			failed = err
		case err != nil:
			return nil, fmt.Errorf("%s: %w", m.Address, err)
		}
		all = append(all, r)
	}
	return all, failed
}

// conflicts prints what blocks, with the lines it is about.
func (a *app) conflicts(c *config.Config, plans []*planner.Plan) error {
	n := 0
	for _, p := range plans {
		var blocking []planner.Finding
		for _, f := range p.Findings {
			if f.Blocks() {
				blocking = append(blocking, f)
			}
		}
		if err := a.diagnose(c, blocking); err != nil {
			return err
		}
		n += len(blocking)
	}
	if n > 0 {
		return quiet(exitConflicts)
	}
	return nil
}

// changes says that plans have something to do, other than to go on following.
func changes(plans []*planner.Plan) bool {
	return slices.ContainsFunc(plans, func(p *planner.Plan) bool {
		following := state.Phase(p.Phase) == state.Following || state.Phase(p.Phase) == state.Ready
		return unfinished(p) || len(p.Settings) > 0 || p.Pending() > 0 && !following
	})
}

// unfinished says that something is to do before the changes are followed.
func unfinished(p *planner.Plan) bool {
	return slices.ContainsFunc(p.Steps, func(s planner.Step) bool { return !s.Done && s.Action != planner.Follow })
}

// save writes plans to a file, one after another.
func save(file string, plans []*planner.Plan) error {
	var text []byte
	for _, p := range plans {
		one, err := p.JSON()
		if err != nil {
			return err
		}
		text = append(text, one...)
	}
	if err := os.WriteFile(file, text, 0o644); err != nil {
		return fmt.Errorf("saving the plan: %w", err)
	}
	return nil
}
