package alert

import (
	"context"
	"time"

	"sluice/state"
)

// Result says whether a test message has arrived.
type Result struct {
	Receiver string
	Err      error
}

// Try sends a test message to each receiver of an alert, once.
func Try(ctx context.Context, a state.Alert, o Options) (results []Result) {
	now := time.Now()
	m := message{
		Subject: o.Subject, alert: a, kind: trial, startsAt: now, at: now,
		detail: "Sent by sluice alert test. Nothing is wrong.",
	}
	for _, to := range o.receivers(a) {
		results = append(results, Result{to.name, attempt(ctx, to, m)})
	}
	return results
}
