package executor

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"sluice/executor/load"
	"sluice/executor/session"
	"sluice/executor/spool"
	"sluice/state"
)

func TestClassify(t *testing.T) {
	coded := func(code string) error { return fmt.Errorf("copying: %w", &pgconn.PgError{Code: code}) }
	for _, c := range []struct {
		err  error
		want class
	}{
		{coded("57P01"), connection}, // the administrator ended the session
		{coded("08006"), connection},
		{coded("53300"), connection}, // too many connections
		{io.ErrUnexpectedEOF, connection},
		{&net.OpError{Op: "read", Err: errors.New("reset")}, connection},
		{pgconn.ErrConnClosed, connection},
		{fmt.Errorf("loading: %w", load.ErrGivenUp), passing},
		{coded("40P01"), passing}, // deadlock
		{coded("53100"), passing}, // disk full
		{coded("55006"), passing}, // the old walsender still has the slot
		{coded("23505"), final},
		{coded("42P01"), final},
		{coded("28P01"), final}, // a wrong password does not become right
		{session.ErrFenced, final},
		{fmt.Errorf("stopping: %w", ErrStopped), final},
		{&spool.Error{Dir: "d", Err: syscall.ENOSPC}, passing},
		{&spool.Error{Dir: "d", Err: syscall.EIO}, final}, // which looks like one of the network
		{&spool.Error{Dir: "d", Err: io.ErrUnexpectedEOF}, final},
		{errors.New("anything else"), final},
	} {
		if got := classify(c.err); got != c.want {
			t.Errorf("classify(%v) = %v, want %v", c.err, got, c.want)
		}
	}
}

var errAway = fmt.Errorf("reading: %w", io.ErrUnexpectedEOF)

func retryer(budget time.Duration) *run {
	quiet := slog.New(slog.DiscardHandler)
	x := &run{Run: &Run{Log: quiet}, phases: newPhases(&said{}, nil, quiet)}
	x.settings.Store(&state.Settings{RetryConnection: budget, RetryOther: time.Second})
	return x
}

func TestRetryingEndsWithTheBudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began, attempts := time.Now(), 0
		err := retryer(time.Minute).retrying(t.Context(), func(context.Context) (bool, error) {
			attempts++
			return false, errAway
		})
		if !errors.Is(err, ErrBudget) || !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("error %v, want the budget's and its cause", err)
		}
		if d := time.Since(began); d > time.Minute || d < 40*time.Second || attempts < 5 {
			t.Errorf("gave up after %s and %d attempts", d, attempts)
		}
	})
}

// A stream that breaks once an hour for a week has a whole budget each time.
func TestProgressMakesTheBudgetNew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		left := 200
		err := retryer(time.Minute).retrying(t.Context(), func(context.Context) (bool, error) {
			if left--; left == 0 {
				return true, nil
			}
			<-time.After(time.Hour)
			return true, errAway
		})
		if err != nil {
			t.Error(err)
		}
	})
}

func TestRetryingDoesNotRepeatWhatCannotHelp(t *testing.T) {
	attempts := 0
	refused := &pgconn.PgError{Code: "23514"}
	err := retryer(time.Hour).retrying(t.Context(), func(context.Context) (bool, error) {
		attempts++
		return false, refused
	})
	if attempts != 1 || !errors.Is(err, refused) {
		t.Errorf("%d attempts, error %v", attempts, err)
	}
}

func TestStopEndsAPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := retryer(time.Hour)
		stop := make(chan struct{})
		x.Stop = stop
		ended := make(chan error)
		go func() {
			ended <- x.retrying(t.Context(), func(context.Context) (bool, error) { return false, errAway })
		}()
		synctest.Wait()
		close(stop)
		if err := <-ended; !errors.Is(err, ErrStopped) {
			t.Errorf("error %v", err)
		}
	})
}
