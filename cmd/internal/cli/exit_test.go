package cli

import (
	"context"
	"errors"
	"fmt"
	"syscall"
	"testing"

	"sluice/executor"
)

func TestExitCodes(t *testing.T) {
	for _, test := range []struct {
		err  error
		want int
	}{
		{nil, 0},
		{errors.New("anything"), 1},
		{quiet(3), 3},
		{fmt.Errorf("shop: %w", quiet(2)), 2},
		{fmt.Errorf("following: %w: %w", executor.ErrBudget, errors.New("refused")), 75},
	} {
		if got := exitCode(test.err); got != test.want {
			t.Errorf("%v: %d, want %d", test.err, got, test.want)
		}
	}
}

func TestTheWorstOfSeveralCodes(t *testing.T) {
	for _, test := range []struct {
		codes []int
		want  int
	}{{nil, 0}, {[]int{0, 0}, 0}, {[]int{0, 130}, 130}, {[]int{75, 130}, 75}, {[]int{75, 1, 2}, 1}, {[]int{2, 3}, 3}} {
		if got := worst(test.codes...); got != test.want {
			t.Errorf("%v: %d, want %d", test.codes, got, test.want)
		}
	}
}

// Not parallel: the signals are those of the whole test.
func TestTheFirstSignalStopsAndTheSecondLeaves(t *testing.T) {
	var i interrupt
	defer i.end()
	early := i.now(t.Context())
	ctx, stop := i.gracefully(t.Context())
	if early.Err() == nil {
		t.Error("two listeners at once")
	}
	raise(t, syscall.SIGTERM)
	<-stop
	if ctx.Err() != nil {
		t.Error("the first signal ends the context")
	}
	raise(t, syscall.SIGINT)
	<-ctx.Done()
	if got := i.code(); got != 143 {
		t.Errorf("the code is %d, want 143: that of the first signal", got)
	}
}

func TestOneSignalEndsWhatKeepsNoRecords(t *testing.T) {
	var i interrupt
	defer i.end()
	if i.code() != 0 {
		t.Error("a code before any signal")
	}
	ctx := i.now(t.Context())
	raise(t, syscall.SIGINT)
	<-ctx.Done()
	if i.code() != 130 || !errors.Is(ctx.Err(), context.Canceled) {
		t.Errorf("code %d, %v", i.code(), ctx.Err())
	}
}

func raise(t *testing.T, s syscall.Signal) {
	t.Helper()
	if err := syscall.Kill(syscall.Getpid(), s); err != nil {
		t.Fatal(err)
	}
}
