package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"sluice/executor"
	"sluice/planner"
)

// cleaning is sluice cleanup.
type cleaning struct {
	*app
	autoApprove bool
	dropCreated bool
}

func (a *app) cleanupCommand() *cobra.Command {
	c := &cleaning{app: a}
	cmd := &cobra.Command{
		Use:   "cleanup",
		Short: "Removes what sluice has left on both servers",
		Long: `Shows as a plan and, approved, removes the slot, the publication, the spool on
this machine and what is recorded on the target. With -drop-created also the
objects that sluice created there, with their rows.`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return c.run(cmd.Context()) },
	}
	a.addressFlags(cmd)
	cmd.Flags().BoolVar(&c.autoApprove, "auto-approve", false, "do not ask")
	cmd.Flags().BoolVar(&c.dropCreated, "drop-created", false, "drop the objects that sluice created on the target, with their rows")
	return cmd
}

func (k *cleaning) run(ctx context.Context) error {
	c, err := k.load()
	if err != nil {
		return err
	}
	reading := k.stop.now(ctx)
	readings, err := k.readings(reading, c)
	if err != nil {
		return err
	}
	var plans []*planner.Plan
	for _, r := range readings {
		if !r.state.Exists() {
			fmt.Fprintf(k.err, "%s: nothing was applied, so there is nothing to remove.\n", r.spec.Migration)
			continue
		}
		if r.returns() && r.back.Exists() {
			plans = append(plans, planner.CleanupBack(r.spec, r.source, r.target, r.state, r.back))
		}
		plans = append(plans, planner.Cleanup(r.spec, r.source, r.target, r.state, k.dropCreated))
	}
	if len(plans) == 0 {
		return nil
	}
	if err := k.show(plans, false); err != nil {
		return err
	}
	if err := k.conflicts(c, plans); err != nil {
		return err
	}
	if !k.autoApprove {
		if err := k.approve(reading, "Remove this?"); err != nil {
			return err
		}
	}
	ctx, stop := k.stop.gracefully(ctx)
	return k.removeAll(ctx, stop, k.match(c, plans))
}

func (k *cleaning) removeAll(ctx context.Context, stop <-chan struct{}, jobs []job) error {
	var codes []int
	for _, j := range jobs {
		run := k.execution(j.migration, j.sides, j.plan)
		run.Stop = stop
		run.Settings.Alerts = nil // they are about the migration, which ends here
		outcome, err := k.perform(ctx, j, run, painting{w: k.out})
		codes = append(codes, k.report(j, outcome, err))
		if outcome == executor.Stopped || err != nil && j.plan.Back != nil { // the way there is not forgotten before the way back is
			break
		}
	}
	if code := worst(codes...); code != exitDone {
		return quiet(code)
	}
	return nil
}
