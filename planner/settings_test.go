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
	w.spec.Settings = state.Settings{Workers: 8, IndexMemory: 2 << 30, Connections: 8, SpoolBytes: 500 << 30, RetryConnection: 90 * time.Minute, RetryOther: 10 * time.Minute}
	now := state.Settings{Workers: 4, SpoolBytes: 100 << 30, RetryConnection: 12 * time.Hour, RetryOther: 10 * time.Minute}
	plan := w.build()
	for name, test := range map[string]struct {
		lease state.Lease
		plan  string
		want  []Setting
	}{
		"running": {state.Lease{Live: true, Settings: now}, plan.ID, []Setting{
			{Name: "full.workers", From: "4", To: "8"}, {Name: "full.index_memory", From: "none", To: "2GiB"},
			{Name: "incremental.connections", From: "4", To: "8"},
			{Name: "incremental.spool.max_bytes", From: "100GiB", To: "500GiB"}, {Name: "retry.connection", From: "12h", To: "1h30m"}}},
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

func TestAlertsChangeByArgument(t *testing.T) {
	t.Parallel()
	lag := state.Alert{Name: "lag", On: "lag", Over: time.Minute, Repeat: 4 * time.Hour, Webhook: "pager"}
	with := func(change func(*state.Alert)) []state.Alert {
		a := lag
		change(&a)
		return []state.Alert{a}
	}
	email := state.Email{Host: "smtp.example.com:587", From: "a@example.com", To: []string{"b@example.com", "c@example.com"}, User: "a", Password: "smtp"}
	for name, test := range map[string]struct {
		from, to []state.Alert
		want     []string
	}{
		"as it was": {[]state.Alert{lag}, []state.Alert{lag}, nil},
		"a new one": {nil, []state.Alert{lag}, []string{"alert.lag none → lag"}},
		"one gone":  {[]state.Alert{lag}, nil, []string{"alert.lag lag → none"}},
		"numbers": {[]state.Alert{lag}, with(func(a *state.Alert) { a.Over, a.For, a.Repeat = 2*time.Minute, 5*time.Minute, 0 }),
			[]string{"alert.lag.over 1m → 2m", "alert.lag.for 0s → 5m", "alert.lag.repeat 4h → 0s"}},
		"about something else": {[]state.Alert{lag}, with(func(a *state.Alert) { a.On, a.Over, a.OverBytes = "wal", 0, 50<<30 }),
			[]string{"alert.lag.on lag → wal", "alert.lag.over 1m → 50GiB"}},
		"receivers": {[]state.Alert{lag}, with(func(a *state.Alert) {
			a.Webhook, a.Slack, a.Alertmanager, a.Exec, a.Email = "", "room", "am", []string{"page", "now"}, &email
		}), []string{
			"alert.lag.webhook secret.pager → none", "alert.lag.alertmanager none → secret.am", "alert.lag.slack none → secret.room",
			`alert.lag.exec none → ["page", "now"]`,
			"alert.lag.email none → a@example.com to b@example.com, c@example.com by smtp.example.com:587 as a with secret.smtp",
		}},
	} {
		var got []string
		for _, change := range Changes(state.Settings{Alerts: test.from}, state.Settings{Alerts: test.to}) {
			got = append(got, change.String())
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s: (-want +got):\n%s", name, diff)
		}
	}
}
