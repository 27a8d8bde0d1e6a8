package alert

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"sluice/executor/progress"
	"sluice/state"
)

// Options are what alerts need beside a Status.
type Options struct {
	Subject
	Way
	Log *slog.Logger // nil: silent
}

const (
	// lookEvery is how soon a change is noticed.
	lookEvery = time.Second
	// endLimit bounds the last messages: the end of a run waits for them.
	endLimit = 15 * time.Second
)

// Alerts tell of one run until its end.
type Alerts struct {
	tracker *progress.Tracker
	way     Way
	started []state.Alert // that the process was started with
	stop    chan struct{}
	stopped chan struct{}

	mu     sync.Mutex // guards what follows
	rules  rules
	sender *sender
}

// Start begins to look at the tracker. End has to be called. Once ctx is over
// nothing is sent any more.
func Start(ctx context.Context, t *progress.Tracker, alerts []state.Alert, o Options) *Alerts {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	a := &Alerts{
		tracker: t, way: o.Way, started: alerts,
		rules:  rules{subject: o.Subject},
		sender: newSender(ctx, o.receivers, o.Log, t.Notice),
		stop:   make(chan struct{}), stopped: make(chan struct{}),
	}
	a.rules.set(alerts, time.Time{})
	go func() {
		defer close(a.stopped)
		tick := time.NewTicker(lookEvery)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				a.look()
			case <-a.stop:
				return
			}
		}
	}()
	return a
}

func (a *Alerts) look() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.send(a.rules.look(a.tracker.Snapshot()))
}

func (a *Alerts) send(messages []message) {
	for _, m := range messages {
		a.sender.send(m)
	}
}

// End looks a last time, at how the run has ended, and waits until that has
// arrived, for endLimit at most.
func (a *Alerts) End() {
	close(a.stop)
	<-a.stopped
	a.look()
	a.mu.Lock()
	defer a.mu.Unlock()
	a.sender.close(endLimit)
}
