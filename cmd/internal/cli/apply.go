package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"sluice/config"
	"sluice/executor"
	"sluice/executor/alert"
	"sluice/planner"
)

// applying is sluice apply.
type applying struct {
	*app
	autoApprove bool
	json        bool
	until       string
	showValues  bool
}

func (a *app) applyCommand() *cobra.Command {
	p := &applying{app: a}
	cmd := &cobra.Command{
		Use:   "apply [PLAN]",
		Short: "Does what the plan says, and follows the changes until cutover",
		Long: `Runs a saved plan, or plans and asks. What was cut off goes on where it was.

The first Ctrl-C finishes the unit in hand and records it; the second leaves
now. Exit codes: 0 done, 1 error, 3 the plan has conflicts, 75 a server stayed
away for too long: starting again goes on, 130 and 143 interrupted.`,
		Args: oneFile,
		RunE: func(cmd *cobra.Command, args []string) error { return p.run(cmd.Context(), args) },
	}
	a.addressFlags(cmd)
	a.replaceFlag(cmd)
	cmd.Flags().BoolVar(&p.autoApprove, "auto-approve", false, "do not ask")
	cmd.Flags().BoolVar(&p.json, "json", false, "print one event a line; needs -auto-approve or PLAN")
	cmd.Flags().BoolVar(&p.showValues, "show-values", false, "show both rows of a change that does not fit the target: rows are in no output otherwise")
	cmd.Flags().StringVar(&p.until, "until", "", "where to end: schema, full or caught-up")
	return cmd
}

func (p *applying) run(ctx context.Context, args []string) error {
	until := []executor.Until{executor.UntilEnd, executor.UntilSchema, executor.UntilFull, executor.UntilCaughtUp}
	if !slices.Contains(until, executor.Until(p.until)) {
		return fmt.Errorf("-until is %q, and takes schema, full or caught-up", p.until)
	}
	if p.json && !p.autoApprove && len(args) == 0 {
		return errors.New("-json cannot ask: use -auto-approve, or apply a saved plan")
	}
	var saved []*planner.Plan
	if len(args) == 1 {
		var err error
		if saved, err = p.openSaved(args[0]); err != nil {
			return err
		}
	}
	c, err := p.load()
	if err != nil {
		return err
	}
	if saved != nil {
		if c, err = only(c, saved); err != nil {
			return err
		}
	}
	jobs, err := p.jobs(p.stop.now(ctx), c, saved)
	if err != nil {
		return err
	}
	jobs = slices.DeleteFunc(jobs, func(j job) bool { return j.plan.Pending() == 0 && len(j.plan.Settings) == 0 })
	if len(jobs) == 0 {
		return nil
	}
	ctx, stop := p.stop.gracefully(ctx)
	return p.runAll(ctx, stop, jobs)
}

// job is a migration with the plan that it runs.
type job struct {
	config    *config.Config
	migration config.Migration
	sides     sides // of the plan
	plan      *planner.Plan
	telling   alert.Options
}

// name is what the job's progress is headed with.
func (j job) name() string {
	if j.plan.Back != nil {
		return j.plan.Migration + ", the way back"
	}
	return j.plan.Migration
}

// jobs makes and shows the plans and gets them approved; or, where there are
// saved ones, checks that they still fit.
func (p *applying) jobs(ctx context.Context, c *config.Config, saved []*planner.Plan) ([]job, error) {
	readings, err := p.readings(ctx, c)
	if err != nil {
		return nil, err
	}
	for _, p := range saved {
		i := slices.IndexFunc(readings, func(r *reading) bool { return r.spec.Migration == p.Migration })
		readings[i].spec.Replace = p.Replace
	}
	plans := plansOf(readings, build)
	if saved != nil {
		if err := p.fit(saved, plans); err != nil {
			return nil, err
		}
		return p.match(c, saved), p.conflicts(c, saved)
	}
	if !p.json {
		if err := p.show(plans, false); err != nil {
			return nil, err
		}
	}
	if err := p.conflicts(c, plans); err != nil {
		return nil, err
	}
	if !p.autoApprove && !approvedBefore(readings, plans) {
		if err := p.approve(ctx, "Do this?"); err != nil {
			return nil, err
		}
	}
	return p.match(c, plans), nil
}

// approvedBefore says that each plan is the one that an earlier apply has begun,
// with the same settings, or has nothing to do: going on needs no second yes.
func approvedBefore(readings []*reading, plans []*planner.Plan) bool {
	for i, p := range plans {
		if p.Pending() > 0 && p.ID != readings[i].current().PlanID || len(p.Settings) > 0 {
			return false
		}
	}
	return true
}

// match puts plans together with their migrations.
func (a *app) match(c *config.Config, plans []*planner.Plan) []job {
	var jobs []job
	for _, p := range plans {
		i := slices.IndexFunc(c.Migrations, func(m config.Migration) bool { return m.Address == p.Migration })
		m := c.Migrations[i]
		s := a.sides(c, m)
		if p.Back != nil {
			s = sides{source: s.target, target: s.source.With(planner.PassSetting, p.Slot)}
		}
		jobs = append(jobs, job{config: c, migration: m, sides: s, plan: p, telling: a.telling(c, m)})
	}
	return jobs
}

// runAll runs one after another what ends by itself. Where one of several
// follows changes, all run side by side: it would never be the next one's turn.
func (p *applying) runAll(ctx context.Context, stop <-chan struct{}, jobs []job) error {
	follows := slices.ContainsFunc(jobs, func(j job) bool { return j.plan.Stages.Incremental })
	together := len(jobs) > 1 && follows && p.until == ""
	group := errgroup.Group{} // without a context: one that fails stops no other
	if !together {
		group.SetLimit(1)
	}
	codes := make([]int, len(jobs))
	for i, j := range jobs {
		group.Go(func() error {
			if stopped(stop) {
				codes[i] = p.stop.code()
				return nil
			}
			codes[i] = p.runOne(ctx, stop, j, together)
			return nil
		})
	}
	_ = group.Wait() // what went wrong is in the codes, and was said
	if code := worst(codes...); code != exitDone {
		return quiet(code)
	}
	return nil
}

// runOne runs a plan and says how it ended.
func (p *applying) runOne(ctx context.Context, stop <-chan struct{}, j job, together bool) int {
	if len(j.plan.Settings) > 0 {
		return p.adjust(ctx, j)
	}
	run := p.execution(j.migration, j.sides, j.plan)
	run.Until = executor.Until(p.until)
	run.Stop = stop
	if p.showValues {
		run.ShowRows = func(text string) {
			for line := range strings.Lines(text) {
				run.Progress.Notice(strings.TrimRight(line, "\n"))
			}
		}
	}
	outcome, err := p.perform(ctx, j, run, painting{w: p.out, json: p.json, lines: together})
	code := p.report(j, outcome, err)
	after := new(executor.AfterCutoverError)
	if outcome != executor.CutOver && !errors.As(err, &after) || j.plan.Back != nil || p.until != "" || stopped(stop) {
		return code
	}
	return worst(code, p.goBack(ctx, stop, j, together))
}

// goBack follows the way back of what was cut over just now, if there is one: until it
// is, the target keeps its WAL.
func (p *applying) goBack(ctx context.Context, stop <-chan struct{}, j job, together bool) int {
	r, err := p.read(ctx, j.config, j.migration)
	if err != nil {
		return p.reportFailure(j.plan.Migration, err)
	}
	if !r.returns() {
		return exitDone
	}
	back := build(r)
	if err := p.conflicts(j.config, []*planner.Plan{back}); err != nil {
		return exitConflicts
	}
	fmt.Fprintf(p.err, "%s: what is written on the target goes back to the source, until sluice rollback or sluice cleanup.\n", j.plan.Migration)
	return p.runOne(ctx, stop, p.match(j.config, []*planner.Plan{back})[0], together)
}

func stopped(stop <-chan struct{}) bool {
	select {
	case <-stop:
		return true
	default:
		return false
	}
}
