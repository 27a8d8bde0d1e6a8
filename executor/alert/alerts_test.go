package alert

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sluice/executor/progress"
	"sluice/state"
)

// What ends a run is seen after it has ended, and sent before End returns.
func TestFailureIsToldAtTheEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		tracker := progress.New(time.Now)
		asked := 0
		way := Way{Secrets: map[string]Secret{"pager": func(context.Context) (string, error) { asked++; return "no address", nil }}}
		alerts := Start(t.Context(), tracker, []state.Alert{{Name: "a", On: "failure", Webhook: "pager"}}, Options{Way: way})
		time.Sleep(time.Minute)
		if synctest.Wait(); asked != 0 {
			t.Error("something was sent before there was anything to tell")
		}
		tracker.Failed(progress.FailureOther, "it broke")
		began := time.Now()
		alerts.End()
		if asked == 0 {
			t.Error("nothing was sent")
		}
		if took := time.Since(began); took != endLimit {
			t.Errorf("a receiver that does not work held up the end for %s", took)
		}
		if lines, _ := tracker.Notices(0); len(lines) != 1 || lines[0] != `alert "a" did not reach webhook secret.pager: secret.pager holds no http or https address` {
			t.Errorf("said %q", lines)
		}
	})
}

// Settings come from a row of the target. Who can write it must not be able to
// run a command, or to have a password sent to another server.
func TestSettingsNameOnlyWhatTheProcessWasStartedWith(t *testing.T) {
	t.Parallel()
	email := state.Email{Host: "smtp.example.com:587", From: "a@example.com", To: []string{"b@example.com"}, User: "a", Password: "mail"}
	with := func(change func(*state.Email)) *state.Email {
		e := email
		change(&e)
		return &e
	}
	started := []state.Alert{{Name: "a", On: "lag", Webhook: "pager"}, {Name: "b", On: "wal", Exec: []string{"page", "--now"}, Email: &email}}
	secrets := map[string]Secret{"pager": nil, "mail": nil, "unused": nil}
	for name, test := range map[string]struct {
		alert   state.Alert
		refused string
	}{
		"numbers":                            {state.Alert{Name: "a", On: "lag", Over: time.Hour, For: 1, Repeat: 1, Webhook: "pager"}, ""},
		"another secret of its own":          {state.Alert{Name: "a", On: "lag", Slack: "unused"}, ""},
		"its command, in another alert":      {state.Alert{Name: "a", On: "lag", Exec: []string{"page", "--now"}}, ""},
		"another recipient":                  {state.Alert{Name: "b", On: "wal", Email: with(func(e *state.Email) { e.To = []string{"c@example.com"} })}, ""},
		"a webhook that it does not know":    {state.Alert{Name: "a", On: "lag", Webhook: "other"}, "secret.other"},
		"an Alertmanager that it knows not":  {state.Alert{Name: "a", On: "lag", Alertmanager: "other"}, "secret.other"},
		"a Slack that it does not know":      {state.Alert{Name: "a", On: "lag", Slack: "other"}, "secret.other"},
		"another argument of its command":    {state.Alert{Name: "a", On: "lag", Exec: []string{"page", "--later"}}, "exec"},
		"another command":                    {state.Alert{Name: "a", On: "lag", Exec: []string{"sh", "-c", "true"}}, "exec"},
		"its password for another server":    {state.Alert{Name: "b", On: "wal", Email: with(func(e *state.Email) { e.Host = "evil.example.com:587" })}, "email"},
		"another password for its server":    {state.Alert{Name: "b", On: "wal", Email: with(func(e *state.Email) { e.Password = "pager" })}, "email"},
		"what this version does not know of": {state.Alert{Name: "a", On: "moon", Webhook: "pager"}, "moon"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			alerts := Start(t.Context(), progress.New(time.Now), started, Options{Way: Way{Secrets: secrets}})
			defer alerts.End()
			take, err := alerts.Adjust([]state.Alert{started[0], test.alert})
			switch {
			case test.refused == "" && err != nil:
				t.Error(err)
			case test.refused == "":
				if take(); alerts.rules.list[1].alert.Name != test.alert.Name {
					t.Error("it was not taken")
				}
			case err == nil || !strings.Contains(err.Error(), test.refused) || !strings.Contains(err.Error(), "alert."+test.alert.Name) || !strings.Contains(err.Error(), "start sluice apply again"):
				t.Errorf("got the error %v", err)
			case alerts.rules.list[1].alert.On != "wal":
				t.Error("something was taken all the same")
			}
		})
	}
}
