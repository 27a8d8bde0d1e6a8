package cli

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"sluice/cmd/internal/connect"
	"sluice/cmd/internal/view"
	"sluice/config"
	"sluice/planner"
	"sluice/state/postgres"
)

// watchEvery is how often status -watch looks again.
const watchEvery = 2 * time.Second

func (a *app) statusCommand() *cobra.Command {
	var asJSON, watch bool
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Shows how the migrations stand, from what is recorded on the target",
		Long: `Shows how the migrations stand: phase, lag, tables, what comes next. It reads
what is recorded on the target, so it works from anywhere, also while the source
is away. Of a way back the source has the record.`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := a.load()
			if err != nil {
				return err
			}
			ctx := a.stop.now(cmd.Context())
			for {
				if err := a.status(ctx, c, asJSON, watch); err != nil || !watch {
					return err
				}
				select {
				case <-ctx.Done():
					return ctx.Err()
				case <-time.After(watchEvery):
				}
			}
		},
	}
	a.addressFlags(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one object")
	cmd.Flags().BoolVar(&watch, "watch", false, "look again every two seconds, until Ctrl-C")
	return cmd
}

// status prints how all migrations stand. While watching, a target that is away
// for a moment is no reason to end.
func (a *app) status(ctx context.Context, c *config.Config, asJSON, watch bool) error {
	var all []view.StatusOf
	away := false
	for _, m := range c.Migrations {
		one, err := a.statusOf(ctx, c, m)
		if err != nil {
			return err
		}
		away = away || len(one.Findings) > 0
		all = append(all, one)
	}
	write := view.Status
	if asJSON {
		write = view.StatusJSON
	} else if _, ok := terminal(a.out); ok && watch {
		if _, err := a.out.Write([]byte("\x1b[H\x1b[2J")); err != nil { // home, and erase
			return err
		}
	}
	if err := write(a.out, all, time.Now()); err != nil {
		return err
	}
	if away && !watch {
		return quiet(exitError)
	}
	return nil
}

func (a *app) statusOf(ctx context.Context, c *config.Config, m config.Migration) (view.StatusOf, error) {
	out := view.StatusOf{Address: m.Address}
	conn, err := a.sides(c, m).target.Connect(ctx, "status")
	if ctx.Err() != nil {
		return out, ctx.Err()
	}
	if err != nil {
		out.Findings = []planner.Finding{connect.Finding(m.Target, err)}
		return out, nil
	}
	defer hangUp(ctx, conn)
	if out.State, err = postgres.Load(ctx, conn, m.Address); err != nil || planner.BackBegins(out.State) == "" {
		return out, err
	}
	return out, a.statusBack(ctx, c, m, &out)
}

// statusBack adds the state of the way back, which is on the source.
func (a *app) statusBack(ctx context.Context, c *config.Config, m config.Migration, out *view.StatusOf) error {
	conn, err := a.sides(c, m).source.Connect(ctx, "status")
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		out.Findings = []planner.Finding{connect.Finding(m.Source, err)}
		return nil
	}
	defer hangUp(ctx, conn)
	back, err := postgres.Load(ctx, conn, planner.BackAddress(m.Address))
	out.Back = &back
	return err
}
