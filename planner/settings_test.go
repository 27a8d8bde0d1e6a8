package planner

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sluice/state"
)

// Only a process that runs this very plan changes in place: one that runs another
// is to be ended, and the next one begins with what is declared.
func TestSettingsChangeInTheProcessThatRunsThePlan(t *testing.T) {
	t.Parallel()
	w := carriedOut()
	w.spec.Settings = state.Settings{Workers: 8, RetryConnection: 90 * time.Minute, RetryOther: 10 * time.Minute}
	now := state.Settings{Workers: 4, RetryConnection: 12 * time.Hour, RetryOther: 10 * time.Minute}
	plan := w.build()
	for name, test := range map[string]struct {
		lease state.Lease
		plan  string
		want  []Setting
	}{
		"running": {state.Lease{Live: true, Settings: now}, plan.ID, []Setting{
			{Name: "full.workers", From: "4", To: "8"}, {Name: "retry.connection", From: "12h", To: "1h30m"}}},
		"as declared":  {state.Lease{Live: true, Settings: w.spec.Settings}, plan.ID, nil},
		"ended":        {state.Lease{Settings: now}, plan.ID, nil},
		"another plan": {state.Lease{Live: true, Settings: now}, "sha256:another", nil},
	} {
		w.done.Lease, w.done.PlanID = test.lease, test.plan
		again := w.build()
		if diff := cmp.Diff(test.want, again.Settings); diff != "" {
			t.Errorf("%s: (-want +got):\n%s", name, diff)
		}
		if again.ID != plan.ID {
			t.Errorf("%s: the plan's ID changed", name)
		}
	}
}
