package executor

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"sluice/executor/progress"
	"sluice/state"
)

// said is what the state was told, last.
type said struct {
	mu     sync.Mutex
	phase  state.Phase
	reason string
}

func (s *said) SetPhase(_ context.Context, p state.Phase, reason string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.phase, s.reason = p, reason
	return nil
}

// Of two things that are tried again one succeeds: the run is still retrying, and
// says the other one's reason; then it is where it was.
func TestTheStateSaysWhatIsTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		told, tracker := &said{}, progress.New(time.Now)
		x := retryer(time.Minute)
		x.phases = newPhases(told, tracker, slog.New(slog.DiscardHandler))
		x.phases.enter(t.Context(), state.FullLoad)
		try := func(reason string, ends <-chan struct{}) (ended chan struct{}) {
			ended = make(chan struct{})
			go func() {
				defer close(ended)
				err := x.retrying(t.Context(), func(context.Context) (bool, error) {
					select {
					case <-ends:
						return false, nil
					default:
						return false, errors.Join(errAway, errors.New(reason))
					}
				})
				if err != nil {
					t.Error(err)
				}
			}()
			synctest.Wait()
			return ended
		}
		expect := func(phase state.Phase, reason string) {
			t.Helper()
			told.mu.Lock()
			defer told.mu.Unlock()
			shown := tracker.Snapshot().Retrying
			if told.phase != phase || !strings.Contains(told.reason, reason) || (shown != nil) != (phase == state.Retrying) {
				t.Errorf("the state says %q, %q, and progress %+v; want %q, %q", told.phase, told.reason, shown, phase, reason)
			}
		}
		one, two := make(chan struct{}), make(chan struct{})
		first := try("source", one)
		<-time.After(time.Second)
		second := try("target", two)
		expect(state.Retrying, "source")
		since := time.Now().Add(-time.Second).UTC()
		expect(state.Retrying, "since "+since.Format(time.RFC3339)+", until "+since.Add(time.Minute).Format(time.RFC3339)+": ")
		close(one)
		<-first
		expect(state.Retrying, "target")
		close(two)
		<-second
		expect(state.FullLoad, "")
	})
}
