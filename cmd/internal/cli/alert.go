package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"sluice/config"
	"sluice/executor/alert"
	"sluice/state"
)

func (a *app) alertCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "alert",
		Short: "Tests whether alerts arrive",
		Args:  noArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	test := &cobra.Command{
		Use:   "test [NAME]",
		Short: "Sends a test message through every receiver that is declared",
		Long: `Sends a test message through every receiver of the alerts in the configuration,
or of the one with this name, and says for each whether it arrived. It has the
label test="true". No database is needed.

Exit codes: 0 each has arrived, 1 one has not.`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return fmt.Errorf("%s takes one name, but was given %q", cmd.CommandPath(), args)
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := a.load()
			if err != nil {
				return err
			}
			return a.testAlerts(a.stop.now(cmd.Context()), c, args)
		},
	}
	a.addressFlags(test)
	cmd.AddCommand(test)
	return cmd
}

// testAlerts tests the alerts with this name, or all.
func (a *app) testAlerts(ctx context.Context, c *config.Config, name []string) error {
	tested, arrived := 0, true
	for _, m := range c.Migrations {
		for _, one := range alerts(m) {
			if len(name) == 0 || one.Name == name[0] {
				tested++
				arrived = a.testAlert(ctx, one, a.telling(c, m)) && arrived
			}
		}
	}
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case tested == 0 && len(name) > 0:
		return fmt.Errorf("no alert has the name %q", name[0])
	case tested == 0:
		return errors.New("the configuration has no alert block")
	case !arrived:
		return quiet(exitError)
	}
	return nil
}

// testAlert says of each receiver whether a test message has arrived.
func (a *app) testAlert(ctx context.Context, one state.Alert, o alert.Options) (arrived bool) {
	arrived = true
	for _, r := range alert.Try(ctx, one, o) {
		if r.Err != nil {
			arrived = false
			fmt.Fprintf(a.out, "NOT ARRIVED  %s  alert %q  %s: %v\n", o.Migration, one.Name, r.Receiver, r.Err)
			continue
		}
		fmt.Fprintf(a.out, "arrived      %s  alert %q  %s\n", o.Migration, one.Name, r.Receiver)
	}
	return arrived
}
