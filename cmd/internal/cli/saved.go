package cli

import (
	"errors"
	"fmt"
	"slices"

	"sluice/config"
	"sluice/planner"
	"sluice/state"
)

// openSaved reads saved plans. They say themselves which migrations they are of.
func (a *app) openSaved(file string) ([]*planner.Plan, error) {
	if len(a.target)+len(a.exclude)+len(a.replace) > 0 {
		return nil, errors.New("a saved plan is taken as it was read: give -target, -exclude and -replace to the sluice plan that makes it")
	}
	return open(file)
}

// only is the configuration with the migrations of the plans: the servers of
// others need not be there.
func only(c *config.Config, plans []*planner.Plan) (*config.Config, error) {
	var addresses []string
	for _, p := range plans {
		known := slices.ContainsFunc(c.Migrations, func(m config.Migration) bool { return m.Address == p.Migration })
		if !known {
			return nil, fmt.Errorf("the plan is of %s, which is not in this configuration", p.Migration)
		}
		addresses = append(addresses, p.Migration)
	}
	return c.Narrow(addresses, nil)
}

// fit compares each saved plan with the one made now, and marks what is done. After
// the cutover the latter stands for it: what is left to do then is in no earlier one.
func (p *applying) fit(saved, fresh []*planner.Plan) error {
	for n, one := range saved {
		i := slices.IndexFunc(fresh, func(f *planner.Plan) bool { return f.Migration == one.Migration })
		if fresh[i].Phase == string(state.CutOver) || fresh[i].Back != nil && one.Back == nil {
			saved[n] = fresh[i]
			continue
		}
		if moved := planner.Stale(one, fresh[i]); len(moved) > 0 {
			p.stale(one, moved)
			return quiet(exitError)
		}
		one.Settings = fresh[i].Settings // of the process that runs now
		for s := range one.Steps {       // what is done is not in the file
			one.Steps[s].Done = doneIn(fresh[i], one.Steps[s].ID)
		}
	}
	return nil
}

func doneIn(p *planner.Plan, step string) bool {
	i := slices.IndexFunc(p.Steps, func(s planner.Step) bool { return s.ID == step })
	return i >= 0 && p.Steps[i].Done
}

// stale says what moved since a plan was made.
func (p *applying) stale(saved *planner.Plan, moved []planner.Moved) {
	fmt.Fprintf(p.err, "%s The plan of %s no longer fits: %s moved since it was made.\n\n",
		paint(p.colorOn(p.err), red, "Error:"), saved.Migration, plural(len(moved), "object"))
	for _, m := range moved {
		fmt.Fprintf(p.err, "  %s: %s\n", m.Object, m.What)
		for _, n := range m.Steps {
			fmt.Fprintf(p.err, "      step %d\n", n)
		}
	}
	fmt.Fprintln(p.err, "\nMake the plan again with sluice plan, and read what is different.")
}
