package executor

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"sluice/executor/throttle"
	"sluice/planner"
	"sluice/state"
)

// This file is what of a run may change while it is on its way: each use asks
// for the number that is in force then.

func (x *run) workers() int { return orDefault(x.settings.Load().Workers, state.DefaultWorkers) }

// connections is how many may write changes at once.
func (x *run) connections() int {
	return orDefault(x.settings.Load().Connections, state.DefaultConnections)
}

// The budgets for what fails and may pass. Each starts at an outage and ends with it.
func (x *run) retryConnection() time.Duration {
	return RetryConnection(*x.settings.Load())
}

// RetryConnection is how long a server may be away.
func RetryConnection(s state.Settings) time.Duration {
	return orDefault(s.RetryConnection, 12*time.Hour)
}

func (x *run) retryOther() time.Duration {
	return orDefault(x.settings.Load().RetryOther, 10*time.Minute)
}

func orDefault[T int | time.Duration](n, otherwise T) T {
	if n == 0 {
		return otherwise
	}
	return n
}

// brakes are the throttles of a run, shared by all that it does.
type brakes struct {
	queries       *throttle.Brake // on the source, of the load
	load, changes throttle.Flow
}

func newBrakes(s state.Settings) brakes {
	b := brakes{
		queries: throttle.New(0),
		load:    throttle.Flow{Rows: throttle.New(0), Bytes: throttle.New(0)},
		changes: throttle.Flow{Rows: throttle.New(0), Bytes: throttle.New(0)},
	}
	b.set(s)
	return b
}

func (b *brakes) set(s state.Settings) {
	b.queries.Set(s.Load.Queries)
	b.load.Set(s.Load.Rows, s.Load.Bytes)
	b.changes.Set(s.Changes.Rows, s.Changes.Bytes)
}

// adjust takes other numbers into use, and serves the request for it.
func (x *run) adjust(ctx context.Context, request Request) {
	var settings state.Settings
	var take func()
	err := json.Unmarshal(request.Payload, &settings)
	if err == nil {
		take, err = x.Adjust(settings)
	}
	if err == nil {
		err = x.Store.SetSettings(ctx, settings)
	}
	if err != nil {
		request.Answer(nil, fmt.Errorf("taking other settings into use: %w", err))
		return
	}
	for _, change := range planner.Changes(*x.settings.Swap(&settings), settings) {
		x.Progress.Notice("changed: " + change.String())
	}
	take()
	x.loader.SetWorkers(ctx, x.workers())
	x.targets.Resize(ctx, x.workers())
	x.brakes.set(settings)
	if s := x.spooling.Load(); s != nil {
		s.spool.SetMaxBytes(settings.SpoolBytes)
	}
	select {
	case x.changed <- struct{}{}:
	default: // it is known already
	}
	request.Answer(nil, nil)
}
