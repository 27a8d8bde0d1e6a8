package alert

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"strings"

	"sluice/state"
)

// Secret reads a secret where it is kept. Its error has no part of it.
type Secret func(context.Context) (string, error)

// Way is what messages are sent with.
type Way struct {
	Secrets map[string]Secret // by the name that an alert has; of the configuration that the process was started with
	Dir     string            // that commands run in
	Roots   *x509.CertPool    // that certificates are checked against; nil: the system's
}

// receiver is one receiver of an alert.
type receiver struct {
	name  string // for people: webhook secret.pager
	send  func(context.Context, message) error
	keeps bool // it has to hear again and again of what fires
}

// receivers of an alert, at most one of a kind.
func (w Way) receivers(a state.Alert) (list []receiver) {
	add := func(name string, send func(context.Context, message) error) {
		list = append(list, receiver{name: name, send: send})
	}
	if a.Webhook != "" {
		add("webhook secret."+a.Webhook, func(ctx context.Context, m message) error {
			return w.post(ctx, a.Webhook, "", m.webhook())
		})
	}
	if a.Alertmanager != "" {
		list = append(list, receiver{"alertmanager secret." + a.Alertmanager, func(ctx context.Context, m message) error {
			return w.post(ctx, a.Alertmanager, "api/v2/alerts", m.alertmanager())
		}, true})
	}
	if a.Slack != "" {
		add("slack secret."+a.Slack, func(ctx context.Context, m message) error {
			return w.post(ctx, a.Slack, "", m.slack())
		})
	}
	if a.Email != nil {
		add("email to "+strings.Join(a.Email.To, ", "), func(ctx context.Context, m message) error {
			return w.mail(ctx, *a.Email, m)
		})
	}
	if len(a.Exec) > 0 {
		add("exec "+a.Exec[0], func(ctx context.Context, m message) error {
			return w.run(ctx, a.Exec, m)
		})
	}
	return list
}

// secret reads a secret by its name.
func (w Way) secret(ctx context.Context, name string) (string, error) {
	read, known := w.Secrets[name]
	if !known {
		return "", fmt.Errorf("there is no secret.%s", name)
	}
	return read(ctx)
}

// refusedError is an answer that is the same the next time.
type refusedError struct{ answer string }

func (e *refusedError) Error() string { return "the answer is " + e.answer }

func refused(err error) bool {
	var answer *refusedError
	return errors.As(err, &answer)
}
