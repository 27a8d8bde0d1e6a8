package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"sluice/executor"
	"sluice/executor/session"
	"sluice/state/postgres"
)

// pollEvery is how often the answer to a request is looked for.
const pollEvery = 500 * time.Millisecond

// withdrawLimit bounds taking a request back at the end.
const withdrawLimit = 5 * time.Second

// serve has a request served: by this process where nobody holds the migration,
// else by the one that does. What it says goes to say.
func (a *app) serve(ctx context.Context, j job, kind string, payload []byte, say func(string)) ([]byte, error) {
	store, err := a.acquire(ctx, j)
	var held *postgres.HeldError
	if errors.As(err, &held) {
		return a.ask(ctx, j, kind, payload, say)
	}
	if err != nil {
		return nil, err
	}
	if j.plan.Back == nil && unfinished(j.plan) { // its process has ended since it was asked for
		err := errors.New("not everything is loaded yet: sluice apply goes on from where it was")
		return nil, errors.Join(err, store.Release(ctx))
	}
	result, err := a.serveHere(ctx, j, store, kind, payload, say)
	return result, errors.Join(err, store.Release(ctx))
}

// serveHere follows the changes in this process until the request is answered.
func (a *app) serveHere(ctx context.Context, j job, store *postgres.Store, kind string, payload []byte, say func(string)) ([]byte, error) {
	runningMemory()
	var result []byte
	var failure error
	answered := false
	stop := make(chan struct{})
	run := a.execution(j.migration, j.sides, j.plan)
	run.Store = store
	run.Stop = stop
	run.Request = &executor.Request{Kind: kind, Payload: payload, Say: say, Answer: func(r []byte, err error) {
		if !answered {
			result, failure, answered = r, err, true
			if err != nil || kind != executor.RequestCutover { // a cutover ends by itself, with what is left on the open target
				close(stop)
			}
		}
	}}
	p := a.painter(j.name(), run.Progress, painting{w: a.err, lines: true})
	_, err := run.Run(ctx)
	err = errors.Join(err, p.end())
	switch {
	case err != nil:
		return result, err
	case !answered:
		return nil, fmt.Errorf("%s ended before the request was answered", j.plan.Migration)
	}
	return result, failure
}

// ask leaves the request to the process that holds the migration, and waits for
// the answer. Ctrl-C takes it back.
func (a *app) ask(ctx context.Context, j job, kind string, payload []byte, say func(string)) ([]byte, error) {
	conn, err := j.sides.target.Connect(ctx, "ask")
	if err != nil {
		return nil, err
	}
	defer func() { session.Close(ctx, conn) }()
	id, err := postgres.Ask(ctx, conn, j.plan.Address(), kind, payload)
	if err != nil {
		return nil, err
	}
	for seen := 0; ; {
		reply, err := postgres.Poll(ctx, conn, id, seen)
		if err != nil && conn.IsClosed() {
			var again *pgx.Conn
			if again, err = reach(ctx, j); err == nil {
				conn = again
				continue
			}
		}
		if ctx.Err() != nil {
			return nil, errors.Join(ctx.Err(), withdraw(ctx, j, id))
		}
		if err != nil {
			return nil, err
		}
		for _, line := range reply.Lines {
			say(line)
		}
		seen += len(reply.Lines)
		switch {
		case reply.Done && reply.Failure != "":
			return nil, errors.New(reply.Failure)
		case reply.Done:
			return []byte(reply.Result), nil
		}
		select {
		case <-ctx.Done():
		case <-time.After(pollEvery):
		}
	}
}

// reach connects to a target that went away: the process that holds the migration
// waits for it as long, and answers then.
func reach(ctx context.Context, j job) (*pgx.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, executor.RetryConnection(settings(j.migration)))
	defer cancel()
	for {
		conn, err := j.sides.target.Connect(ctx, "ask")
		if err == nil {
			return conn, nil
		}
		select {
		case <-ctx.Done():
			return nil, err
		case <-time.After(pollEvery):
		}
	}
}

// withdraw takes a request back, on a connection of its own: that of a cancelled
// context is closed.
func withdraw(ctx context.Context, j job, id int64) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), withdrawLimit)
	defer cancel()
	conn, err := j.sides.target.Connect(ctx, "ask")
	if err != nil {
		return err
	}
	defer session.Close(ctx, conn)
	return postgres.Withdraw(ctx, conn, id)
}
