package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"text/tabwriter"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"

	"sluice/config"
	"sluice/executor"
	"sluice/executor/verify"
	"sluice/planner"
	"sluice/state"
)

func (a *app) verifyCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "verify",
		Short: "Compares the rows of both sides, also while changes flow",
		Long: `Compares every row of every migrated table on both sides. While changes flow,
the process that follows them compares one common state of both.

Exit codes: 0 equal, 1 error, 2 different.`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := a.load()
			if err != nil {
				return err
			}
			return a.verify(a.stop.now(cmd.Context()), c)
		},
	}
}

func (a *app) verify(ctx context.Context, c *config.Config) error {
	readings, err := a.readings(ctx, c)
	if err != nil {
		return err
	}
	equal := true
	for i, m := range c.Migrations {
		results, err := a.compare(ctx, c, m, readings[i])
		if err != nil {
			return fmt.Errorf("%s: %w", m.Address, err)
		}
		same, err := a.showResults(m.Address, results)
		if err != nil {
			return err
		}
		equal = equal && same
	}
	if !equal {
		return quiet(exitChanges)
	}
	return nil
}

// compare compares what is migrated: within the run while changes are followed,
// and directly where nothing follows.
func (a *app) compare(ctx context.Context, c *config.Config, m config.Migration, r *reading) ([]verify.Result, error) {
	if !r.state.Exists() {
		return nil, errors.New("nothing was applied yet, so there is nothing to compare: sluice apply comes first")
	}
	j := a.match(c, []*planner.Plan{build(r)})[0]
	if !m.Stages.Incremental || r.state.Phase == state.CutOver {
		return verify.Compare(ctx, verify.Options{
			Source: j.sides.source, Target: j.sides.target, Workers: m.Full.Workers, Done: func(verify.Result) {},
		}, executor.Tables(j.plan))
	}
	if !r.state.Lease.Live && unfinished(j.plan) {
		return nil, errors.New("not everything is loaded yet: sluice apply goes on from where it was")
	}
	answer, err := a.serve(ctx, j, executor.RequestVerify, []byte("{}"), func(line string) { fmt.Fprintln(a.err, line) })
	if err != nil {
		return nil, err
	}
	var results []verify.Result
	if err := json.Unmarshal(answer, &results); err != nil {
		return nil, fmt.Errorf("reading the answer: %w", err)
	}
	return results, nil
}

// showResults prints a table of what was compared, and says whether it is equal.
func (a *app) showResults(address string, results []verify.Result) (equal bool, err error) {
	equal = true
	out := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(out, "%s\trows\t\t\n", address)
	for _, r := range results {
		verdict := "equal"
		if !r.Equal {
			equal, verdict = false, executor.Line(r)
		}
		fmt.Fprintf(out, "  %s\t%s\t%s\t\n", r.Table, humanize.Comma(r.Rows), verdict)
	}
	return equal, out.Flush()
}
