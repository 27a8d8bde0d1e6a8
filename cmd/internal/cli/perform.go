package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/jackc/pgx/v5"

	"sluice/cmd/internal/view"
	"sluice/executor"
	"sluice/executor/alert"
	"sluice/executor/progress"
	"sluice/state"
	"sluice/state/postgres"
)

// painting says how the progress of a run is shown.
type painting struct {
	w     io.Writer
	json  bool
	lines bool // also on a terminal, since several runs share it
}

// perform takes the migration, runs the plan, shows its progress and tells of it.
func (a *app) perform(ctx context.Context, j job, run executor.Run, how painting) (executor.Outcome, error) {
	runningMemory()
	alerts := alert.Start(ctx, run.Progress, run.Settings.Alerts, j.telling)
	run.Adjust = func(s state.Settings) (func(), error) { return alerts.Adjust(s.Alerts) }
	store, err := a.acquire(ctx, j)
	if err != nil {
		tellEnd(alerts, run.Progress, err)
		return "", err
	}
	run.Store = store
	p := a.painter(j.name(), run.Progress, how)
	ended := make(chan struct{})
	go func() {
		select {
		case <-run.Stop:
			run.Progress.Notice("Stopping: what is in hand is finished and recorded. Ctrl-C once more leaves now.")
		case <-ended:
		}
	}()
	outcome, err := run.Run(ctx)
	close(ended)
	err = errors.Join(err, store.Release(ctx))
	tellEnd(alerts, run.Progress, err) // its notices belong to the last frame
	return outcome, errors.Join(err, p.end())
}

// tellEnd sends the last alerts. That a person has interrupted the run, or that
// another process has the migration, is no failure of it.
func tellEnd(alerts *alert.Alerts, t *progress.Tracker, err error) {
	held := (*postgres.HeldError)(nil)
	if err != nil && !errors.Is(err, context.Canceled) && !errors.As(err, &held) {
		t.Failed(progress.FailureOther, err.Error())
	}
	alerts.End()
}

func (a *app) acquire(ctx context.Context, j job) (*postgres.Store, error) {
	return postgres.Acquire(ctx, func(ctx context.Context) (*pgx.Conn, error) {
		return j.sides.target.Connect(ctx, "state")
	}, lease(j.migration, j.plan))
}

// holder is what others see of this process.
func holder() string {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown host"
	}
	return fmt.Sprintf("%s, pid %d", host, os.Getpid())
}

// painter shows the progress of a run until its end.
type painter struct {
	stop context.CancelFunc
	done chan error
}

func (a *app) painter(name string, t *progress.Tracker, how painting) painter {
	_, onTerminal := terminal(how.w)
	o := view.ProgressOptions{
		Name:     name,
		Terminal: onTerminal && !how.lines,
		Width:    func() int { return width(how.w) },
		Height:   func() int { return height(how.w) },
		Color:    a.colorOn(how.w),
		JSON:     how.json,
	}
	// Not the run's context: the last frame comes after its end.
	ctx, stop := context.WithCancel(context.Background())
	p := painter{stop: stop, done: make(chan error, 1)}
	go func() { p.done <- view.Progress(ctx, how.w, t, o) }()
	return p
}

// end shows the last frame.
func (p painter) end() error {
	p.stop()
	return <-p.done
}
