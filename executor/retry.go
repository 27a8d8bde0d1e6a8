package executor

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"sluice/executor/load"
	"sluice/executor/replay"
	"sluice/executor/session"
	"sluice/executor/slot"
	"sluice/executor/spool"
)

// ErrBudget says that what failed did not pass within the declared time. All
// that was done is recorded: starting again goes on.
var ErrBudget = errors.New("the time for retries is used up; what was done is recorded, and sluice apply goes on from there")

// class says what kind of failure an error is.
type class int

const (
	final      class = iota // a person has to do something
	connection              // a server is away
	passing                 // a lock, a deadlock, a full disk: may be gone next time
)

// classify decides by SQLSTATE and by type, never by text.
func classify(err error) class {
	var said *pgconn.PgError
	var refused *pgconn.ConnectError
	var network net.Error
	var files *spool.Error
	switch {
	case errors.Is(err, session.ErrFenced), errors.Is(err, context.Canceled), errors.Is(err, ErrStopped), errors.Is(err, ErrBudget),
		errors.Is(err, load.ErrStopped), errors.Is(err, replay.ErrStopped), errors.Is(err, load.ErrDrift),
		errors.Is(err, slot.ErrPatience):
		return final
	case errors.Is(err, load.ErrGivenUp):
		return passing
	case errors.As(err, &files): // before the network: an error of the system looks like one of it
		if files.Passing() {
			return passing
		}
		return final
	case errors.As(err, &said):
		return classifyState(said.Code)
	case errors.As(err, &refused), errors.As(err, &network), errors.Is(err, io.EOF),
		errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed), errors.Is(err, pgconn.ErrConnClosed):
		return connection
	}
	return final
}

// classifyState: https://www.postgresql.org/docs/current/errcodes-appendix.html
func classifyState(code string) class {
	switch code {
	case "57P01", "57P02", "57P03", "57P05": // the server or the session is being ended
		return connection
	case "53300": // too many connections
		return connection
	case "40001", "40P01", "55P03", "55006", "57014": // serialization, deadlock, lock, slot in use, cancelled
		return passing
	}
	switch code[:2] {
	case "08": // connection exceptions
		return connection
	case "53", "58": // resources, operating system
		return passing
	}
	return final
}

// The pause between attempts doubles from one to the other.
const (
	firstPause = 200 * time.Millisecond
	lastPause  = 15 * time.Second
)

// retrying runs work until it succeeds, fails for good, or fails for as long as
// its budget. work says whether it has got anywhere: then the budget is new.
func (x *run) retrying(ctx context.Context, work func(context.Context) (progressed bool, err error)) error {
	a := attempts{run: x}
	defer a.over(ctx)
	for {
		progressed, err := work(ctx)
		if err == nil {
			return nil
		}
		pause, err := a.failed(ctx, progressed, err)
		if err != nil {
			return err
		}
		select {
		case <-time.After(pause):
		case <-x.Stop:
			return ErrStopped
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// attempts at one thing, and for how long they have failed.
type attempts struct {
	run   *run
	since time.Time // of the outage; zero: none
	pause time.Duration
	now   *trouble // that is shown; nil: none
}

// failed takes in that an attempt has failed, and says after which pause another one
// is to follow; an error where none is.
func (a *attempts) failed(ctx context.Context, progressed bool, err error) (pause time.Duration, _ error) {
	x, kind := a.run, classify(err)
	if kind == final || ctx.Err() != nil {
		return 0, err
	}
	if progressed || a.since.IsZero() {
		a.since, a.pause = time.Now(), firstPause
	}
	budget := x.retryOther()
	if kind == connection {
		budget = x.retryConnection()
	}
	until := a.since.Add(budget)
	if time.Now().Add(a.pause).After(until) {
		return 0, fmt.Errorf("%w: %w", ErrBudget, err)
	}
	x.Log.Warn("retrying", "error", err, "since", a.since, "until", until)
	was := a.now
	a.now = &trouble{a.since, until, err.Error()}
	x.phases.retrying(ctx, was, a.now)
	pause, a.pause = a.pause, min(2*a.pause, lastPause)
	return pause, nil
}

// over says that what failed goes on, or is given up.
func (a *attempts) over(ctx context.Context) {
	if a.now != nil {
		a.run.phases.resumed(ctx, a.now)
		a.now = nil
	}
}
