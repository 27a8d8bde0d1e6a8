package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"sluice/config"
	"sluice/executor"
	"sluice/planner"
)

// switching is sluice cutover.
type switching struct {
	*app
	autoApprove bool
	file        string // to save the plan in
}

func (a *app) cutoverCommand() *cobra.Command {
	s := &switching{app: a}
	cmd := &cobra.Command{
		Use:   "cutover",
		Short: "Switches from source to target",
		Long: `Shows the switch as a plan and, approved, carries it out: gate, fence, drain,
sequences, open. Where a step fails, what was done on the source is undone.

With -out the plan is saved for reading, and nothing is done.`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return s.run(cmd.Context()) },
	}
	a.addressFlags(cmd)
	cmd.Flags().BoolVar(&s.autoApprove, "auto-approve", false, "do not ask")
	cmd.Flags().StringVar(&s.file, "out", "", "file to save the plan in; nothing is done")
	return cmd
}

func (s *switching) run(ctx context.Context) error {
	c, err := s.load()
	if err != nil {
		return err
	}
	ctx = s.stop.now(ctx)
	readings, err := s.readings(ctx, c)
	if err != nil {
		return err
	}
	plans := plansOf(readings, func(r *reading) *planner.Plan {
		return planner.Cutover(r.spec, r.source, r.target, r.state)
	})
	if s.file != "" {
		if err := save(s.file, plans); err != nil {
			return err
		}
	}
	if err := s.show(plans, false); err != nil {
		return err
	}
	if err := s.conflicts(c, plans); err != nil || s.file != "" {
		return err
	}
	if nothing := !slices.ContainsFunc(plans, func(p *planner.Plan) bool { return p.Pending() > 0 }); nothing {
		return nil
	}
	if !s.autoApprove {
		if err := s.approve(ctx, "Switch over now?"); err != nil {
			return err
		}
	}
	return s.switchAll(ctx, c, readings, plans)
}

// switchAll switches one migration after another, and ends at the first that
// fails: the ones after it go on following.
func (s *switching) switchAll(ctx context.Context, c *config.Config, readings []*reading, plans []*planner.Plan) error {
	for i, p := range plans {
		if p.Pending() == 0 { // it is cut over, as its plan says
			continue
		}
		payload, err := p.JSON()
		if err != nil {
			return err
		}
		// The run follows by the plan of the migration, not by that of the switch.
		j := s.match(c, []*planner.Plan{build(readings[i])})[0]
		_, err = s.serve(ctx, j, executor.RequestCutover, payload, func(line string) {
			fmt.Fprintf(s.err, "%s  %s\n", p.Migration, line)
		})
		after := new(executor.AfterCutoverError)
		if err != nil && !errors.As(err, &after) {
			return fmt.Errorf("%s is not cut over: %w", p.Migration, err)
		}
		fmt.Fprintf(s.out, "%s: cut over. The target is the one to write to.\n", p.Migration)
		if err != nil {
			return fmt.Errorf("%s: %w", p.Migration, err)
		}
	}
	return nil
}
