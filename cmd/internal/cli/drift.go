package cli

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"sluice/config"
	"sluice/planner"
)

func (a *app) driftCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "drift",
		Short: "Shows what has changed in either schema since the plan was applied",
		Long: `Reads both catalogs and shows which objects of the migration are new, gone or
changed, and on which side, since they were made. It looks at no rows and writes
nothing: sluice plan says what is to be done, and sluice verify compares rows too.

Exit codes: 0 none, 1 error, 2 drift.`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := a.load()
			if err != nil {
				return err
			}
			return a.drift(a.stop.now(cmd.Context()), c, asJSON)
		},
	}
	a.addressFlags(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one object")
	return cmd
}

// drifted is what has changed of one migration, as -json prints it.
type drifted struct {
	Address string   `json:"address"`
	Drift   []change `json:"drift"`
}

type change struct {
	Object string `json:"object"` // kind and name, as it is called on the target
	Since  string `json:"since"`
	Detail string `json:"detail,omitempty"`
}

func (a *app) drift(ctx context.Context, c *config.Config, asJSON bool) error {
	readings, err := a.readings(ctx, c)
	if err != nil {
		return err
	}
	var all []drifted
	any := false
	for i, m := range c.Migrations {
		r := readings[i]
		if !r.state.Exists() {
			return fmt.Errorf("%s: nothing was applied yet that could have drifted: sluice apply comes first", m.Address)
		}
		one := drifted{Address: m.Address, Drift: []change{}}
		for _, d := range planner.Compare(r.spec, r.source, r.target, r.state) {
			one.Drift = append(one.Drift, change{d.Object.String(), d.Since, d.Detail})
		}
		any = any || len(one.Drift) > 0
		all = append(all, one)
	}
	if err := a.showDrift(all, asJSON); err != nil {
		return err
	}
	if any {
		return quiet(exitChanges)
	}
	return nil
}

func (a *app) showDrift(all []drifted, asJSON bool) error {
	if asJSON {
		out := json.NewEncoder(a.out)
		out.SetIndent("", "  ")
		return out.Encode(map[string]any{"migrations": all})
	}
	for _, m := range all {
		for _, d := range m.Drift {
			line := fmt.Sprintf("%-28s  %s", d.Since, d.Object)
			if d.Detail != "" {
				line += ": " + d.Detail
			}
			a.showLine(line)
		}
		if len(m.Drift) == 0 {
			a.showLine(m.Address + ": no drift")
			continue
		}
		a.showLine(fmt.Sprintf("%s: %s drifted since the plan was applied; sluice plan says what is to be done", m.Address, plural(len(m.Drift), "object")))
	}
	return nil
}
