package alert

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sluice/state"
)

// sending is a sender with receivers of the test's own, and what it said.
func sending(receivers ...receiver) (s *sender, said func() []string) {
	lines := make(chan string, 1000)
	s = newSender(context.Background(), func(state.Alert) []receiver { return receivers }, slog.New(slog.DiscardHandler), func(line string) { lines <- line })
	return s, func() (all []string) {
		for {
			select {
			case line := <-lines:
				all = append(all, line)
			default:
				return all
			}
		}
	}
}

func numbered(n int) message {
	return message{alert: state.Alert{Name: "a", On: "lag"}, detail: fmt.Sprint(n)}
}

// A receiver that takes all the time it gets holds up neither the caller nor
// another receiver; of what waits for it the oldest goes.
func TestSlowReceiverHoldsUpNobody(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var arrived []string
		slow := receiver{name: "slow", send: func(ctx context.Context, _ message) error { <-ctx.Done(); return ctx.Err() }}
		fast := receiver{name: "fast", send: func(_ context.Context, m message) error { arrived = append(arrived, m.detail); return nil }}
		s, said := sending(slow, fast)
		began := time.Now()
		for n := range 100 {
			s.send(numbered(n))
			synctest.Wait()
		}
		if took := time.Since(began); took != 0 {
			t.Errorf("sending took %s", took)
		}
		if len(arrived) != 100 {
			t.Errorf("%d of 100 messages reached the receiver that works", len(arrived))
		}
		if lost := said(); len(lost) != 100-1-queued || !strings.Contains(lost[0], "slow") {
			t.Errorf("%d messages were dropped: %q", len(lost), lost[:1])
		}
		s.close(endLimit)
		if took := time.Since(began); took != endLimit {
			t.Errorf("the end took %s", took)
		}
		if lost := said(); len(lost) != 1+queued {
			t.Errorf("%d messages were given up at the end", len(lost))
		}
	})
}

func TestFailingReceiverIsTriedAgain(t *testing.T) {
	t.Parallel()
	away, never := errors.New("away"), &refusedError{"404 Not Found"}
	for name, test := range map[string]struct {
		fails    func(attempt int) error
		attempts []time.Duration // since the message
		said     string
	}{
		"until it works":             {func(n int) error { return map[bool]error{true: away}[n < 4] }, []time.Duration{0, 1 * time.Second, 3 * time.Second, 7 * time.Second}, ""},
		"not where that cannot help": {func(int) error { return never }, []time.Duration{0}, `[alert "a" did not reach it: the answer is 404 Not Found]`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				var attempts []time.Duration
				s, said := sending(receiver{name: "it", send: func(context.Context, message) error {
					attempts = append(attempts, time.Since(began))
					return test.fails(len(attempts))
				}})
				s.send(numbered(1))
				s.close(time.Hour)
				if !slices.Equal(attempts, test.attempts) {
					t.Errorf("tried after %v, want %v", attempts, test.attempts)
				}
				if got := fmt.Sprint(said()); got != "["+strings.Trim(test.said, "[]")+"]" {
					t.Errorf("said %s", got)
				}
			})
		})
	}
}

func TestOldMessageIsGivenUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, said := sending(receiver{name: "it", send: func(context.Context, message) error { return errors.New("away") }})
		began := time.Now()
		s.send(numbered(1))
		s.close(time.Hour)
		if took := time.Since(began); took > giveUp || took < giveUp-lastPause {
			t.Errorf("given up after %s", took)
		}
		if lines := said(); len(lines) != 1 || !strings.Contains(lines[0], "away") {
			t.Errorf("said %q", lines)
		}
	})
}

func TestRefreshesGoToThoseWhoForget(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var webhook, alertmanager []kind
		into := func(got *[]kind) func(context.Context, message) error {
			return func(_ context.Context, m message) error { *got = append(*got, m.kind); return nil }
		}
		s, _ := sending(receiver{"webhook", into(&webhook), false}, receiver{"alertmanager", into(&alertmanager), true})
		for _, kind := range []kind{firing, refresh, resolved} {
			m := numbered(1)
			m.kind = kind
			s.send(m)
		}
		s.close(endLimit)
		if !slices.Equal(webhook, []kind{firing, resolved}) || !slices.Equal(alertmanager, []kind{firing, refresh, resolved}) {
			t.Errorf("got %v and %v", webhook, alertmanager)
		}
	})
}
