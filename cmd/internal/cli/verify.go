package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"

	"sluice/config"
	"sluice/executor"
	"sluice/executor/verify"
	"sluice/planner"
	"sluice/state"
)

func (a *app) verifyCommand() *cobra.Command {
	var repair bool
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "Compares schema and rows of both sides, also while changes flow",
		Long: `Compares the schema of both sides, object by object, and every row of every
migrated table. Of the target's objects those count that are on migrated tables, or
that sluice made; what comes with the cutover is not missed before. While changes flow,
the process that follows them compares one common state of both. Of a table with
on_existing = "append" the source's rows must be on the target; rows that the
target alone has are counted, and are no difference.

With -repair the rows that differ are made as they are on the source, these and no
others, while changes flow; then they are compared once more.

Exit codes: 0 equal, 1 error, 2 different.`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := a.load()
			if err != nil {
				return err
			}
			return a.verify(a.stop.now(cmd.Context()), c, repair)
		},
	}
	a.addressFlags(cmd)
	cmd.Flags().BoolVar(&repair, "repair", false, "copy again what differs, and compare once more")
	return cmd
}

func (a *app) verify(ctx context.Context, c *config.Config, repair bool) error {
	readings, err := a.readings(ctx, c)
	if err != nil {
		return err
	}
	equal := true
	for i, m := range c.Migrations {
		results, err := a.compare(ctx, c, m, readings[i], repair)
		if err != nil {
			return fmt.Errorf("%s: %w", m.Address, err)
		}
		differences := planner.Compare(readings[i].spec, readings[i].source, readings[i].target, readings[i].state)
		equal = a.showResults(m.Address, results, differences) && equal
	}
	if !equal {
		return quiet(exitChanges)
	}
	return nil
}

// compare compares what is migrated: within the run while changes are followed,
// and directly where nothing follows.
func (a *app) compare(ctx context.Context, c *config.Config, m config.Migration, r *reading, repair bool) ([]verify.Result, error) {
	if !r.state.Exists() {
		return nil, errors.New("nothing was applied yet, so there is nothing to compare: sluice apply comes first")
	}
	j := a.match(c, []*planner.Plan{build(r)})[0]
	if !m.Stages.Incremental || r.current().Phase == state.CutOver {
		j = a.match(c, []*planner.Plan{planner.Build(r.spec, r.source, r.target, r.state)})[0]
		if repair {
			return nil, errors.New("-repair needs changes that are followed: without them nobody knows which side is right; sluice apply -replace loads a table again")
		}
		return verify.Compare(ctx, verify.Options{
			Source: j.sides.source, Target: j.sides.target, Done: func(r verify.Result) { a.showLine(executor.Line(r)) },
		}, executor.Tables(j.plan))
	}
	if j.plan.Back == nil && !r.state.Lease.Live && unfinished(j.plan) {
		return nil, errors.New("not everything is loaded yet: sluice apply goes on from where it was")
	}
	payload := "{}"
	if repair {
		payload = executor.RepairRows
	}
	answer, err := a.serve(ctx, j, executor.RequestVerify, []byte(payload), a.showLine)
	if err != nil {
		return nil, err
	}
	var results []verify.Result
	if err := json.Unmarshal(answer, &results); err != nil {
		return nil, fmt.Errorf("reading the answer: %w", err)
	}
	return results, nil
}

// showLine prints the result of one table, as it comes.
func (a *app) showLine(line string) { fmt.Fprintln(a.out, line) }

// showResults sums up what was compared, and says whether all of it is equal. The rows'
// lines have come already.
func (a *app) showResults(address string, results []verify.Result, differences []planner.Difference) (equal bool) {
	for _, d := range differences {
		line := fmt.Sprintf("DIFFERENT  %s: %s", d.Object, d.What)
		if d.Detail != "" {
			line += ": " + d.Detail
		}
		a.showLine(line)
	}
	different, paused, quarantined, rows := 0, 0, 0, int64(0)
	for _, r := range results {
		rows += r.Rows
		switch {
		case r.Paused:
			paused++
		case r.Quarantine != "":
			quarantined++
		case !r.Equal:
			different++
		}
	}
	var not []string
	for _, c := range []struct {
		tables int
		word   string
	}{{different, "not equal"}, {quarantined, "in quarantine"}, {paused, "paused"}} {
		if c.tables > 0 {
			not = append(not, plural(c.tables, "table")+" "+c.word)
		}
	}
	if n := len(differences); n > 0 {
		not = append(not, plural(n, "object")+" of the schema not equal")
	}
	verdict := "all equal"
	switch {
	case different > 0, len(differences) > 0:
		verdict = strings.Join(not, ", ")
	case len(not) > 0:
		verdict = strings.Join(not, ", ") + ", the others equal"
	}
	fmt.Fprintf(a.out, "%s: %s, %s rows: %s\n", address, plural(len(results), "table"), humanize.Comma(rows), verdict)
	return len(not) == 0
}
