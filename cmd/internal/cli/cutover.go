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
	"sluice/state"
)

// switching is sluice cutover, or sluice rollback.
type switching struct {
	*app
	back        bool
	autoApprove bool
	file        string // to save the plan in
}

func (a *app) cutoverCommand() *cobra.Command {
	return a.switchCommand(&switching{app: a}, &cobra.Command{
		Use:   "cutover",
		Short: "Switches from source to target",
		Long: `Shows the switch as a plan and, approved, carries it out: gate, fence, drain,
sequences, open. Where a step fails, what was done on the source is undone.

With -out the plan is saved for reading, and nothing is done.`,
	})
}

func (a *app) rollbackCommand() *cobra.Command {
	return a.switchCommand(&switching{app: a, back: true}, &cobra.Command{
		Use:   "rollback",
		Short: "Switches back from target to source, with all that was written meanwhile",
		Long: `Shows the switch back as a plan and, approved, carries it out: gate, fence on the
target, drain, sequences, and the source takes writes again. It needs a cutover with
reverse = true, since which sluice apply has brought what is written on the target
back to the source. Where a step fails, the target takes writes as before.

With -out the plan is saved for reading, and nothing is done.`,
	})
}

func (a *app) switchCommand(s *switching, cmd *cobra.Command) *cobra.Command {
	cmd.Args = noArgs
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return s.run(cmd.Context()) }
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
	if err := s.check(readings); err != nil {
		return err
	}
	plans := plansOf(readings, s.plan)
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
		question := "Switch over now?"
		if s.back {
			question = "Switch back now?"
		}
		if err := s.approve(ctx, question); err != nil {
			return err
		}
	}
	return s.switchAll(ctx, c, readings, plans)
}

func (s *switching) plan(r *reading) *planner.Plan {
	if s.back {
		return planner.Rollback(r.spec, r.source, r.target, r.state, r.back)
	}
	return planner.Cutover(r.spec, r.source, r.target, r.state)
}

// check says what keeps a migration from the switch, whatever its plan is.
func (s *switching) check(readings []*reading) error {
	for _, r := range readings {
		rolledBack := r.returns() && r.back.Phase == state.CutOver
		switch {
		case !s.back && rolledBack:
			return fmt.Errorf("%s is rolled back: to move it again, sluice cleanup first, then start anew", r.spec.Migration)
		case s.back && r.state.Phase != state.CutOver:
			return fmt.Errorf("%s is not cut over, so there is nothing to roll back", r.spec.Migration)
		case s.back && !r.returns():
			return fmt.Errorf("%s was cut over without cutover { reverse = true }: what was written on the target since then is there alone, and there is no way back with it", r.spec.Migration)
		}
	}
	return nil
}

// switchAll switches one migration after another, and ends at the first that
// fails: the ones after it go on following.
func (s *switching) switchAll(ctx context.Context, c *config.Config, readings []*reading, plans []*planner.Plan) error {
	done, now := "cut over", "target"
	if s.back {
		done, now = "rolled back", "source"
	}
	for i, p := range plans {
		if p.Pending() == 0 { // it is done, as its plan says
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
			return fmt.Errorf("%s is not %s: %w", p.Migration, done, err)
		}
		fmt.Fprintf(s.out, "%s: %s. The %s is the one to write to.\n", p.Migration, done, now)
		if err != nil {
			return fmt.Errorf("%s: %w", p.Migration, err)
		}
	}
	return nil
}
