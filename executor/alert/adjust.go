package alert

import (
	"fmt"
	"slices"

	"sluice/state"
)

// Adjust takes other alerts, once take is called. It refuses those that would have
// the process read, run or call what its own configuration does not name: nothing
// has changed then.
func (a *Alerts) Adjust(alerts []state.Alert) (take func(), err error) {
	for _, one := range alerts {
		if err := a.allowed(one); err != nil {
			return nil, fmt.Errorf("alert.%s: %w; end the process that runs, and start sluice apply again", one.Name, err)
		}
	}
	return func() {
		a.mu.Lock()
		defer a.mu.Unlock()
		a.send(a.rules.set(alerts, a.tracker.Snapshot().At))
	}, nil
}

func (a *Alerts) allowed(one state.Alert) error {
	if _, known := conditions[one.On]; !known {
		return fmt.Errorf("this version of sluice knows no alert on %q", one.On)
	}
	for _, name := range []string{one.Webhook, one.Alertmanager, one.Slack} {
		if _, known := a.way.Secrets[name]; name != "" && !known {
			return fmt.Errorf("secret.%s is not in the configuration that the process was started with", name)
		}
	}
	if len(one.Exec) > 0 && !slices.ContainsFunc(a.started, func(s state.Alert) bool { return slices.Equal(s.Exec, one.Exec) }) {
		return fmt.Errorf("exec is none of the commands that the process was started with")
	}
	if one.Email != nil && !slices.ContainsFunc(a.started, func(s state.Alert) bool { return sameLogin(s.Email, one.Email) }) {
		return fmt.Errorf("host, user and password of email are not together in the configuration that the process was started with")
	}
	return nil
}

// sameLogin says that two mails go through the same account: a password must not
// be shown to another server than the one it is for.
func sameLogin(a, b *state.Email) bool {
	return a != nil && b != nil && a.Host == b.Host && a.User == b.User && a.Password == b.Password
}
