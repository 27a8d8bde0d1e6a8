package load

import (
	"context"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"sluice/executor/handoff"
	"sluice/state"
)

func TestQueuePrefersTheTableThatHasBegun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue(1)
		if err := q.enter(t.Context(), rankNew, 0); err != nil {
			t.Fatal(err)
		}
		order := make(chan string, 4)
		for _, w := range []struct {
			name         string
			rank, number int
		}{{"second", rankNew, 2}, {"third", rankNew, 2}, {"first", rankNew, 1}, {"begun", rankBegun, 3}} {
			go func() {
				if q.enter(t.Context(), w.rank, w.number) == nil {
					order <- w.name
					q.leave()
				}
			}()
			synctest.Wait()
		}
		q.leave()
		got := []string{<-order, <-order, <-order, <-order}
		if want := []string{"begun", "first", "second", "third"}; !slices.Equal(got, want) {
			t.Errorf("order %v, want %v", got, want)
		}
	})
}

func TestQueueIsResized(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue(1)
		var in atomic.Int64
		leave := make(chan struct{})
		for range 5 {
			go func() {
				if q.enter(t.Context(), rankNew, 0) == nil {
					in.Add(1)
					<-leave
					in.Add(-1)
					q.leave()
				}
			}()
			synctest.Wait()
		}
		for _, step := range []struct {
			places int
			leave  bool  // one of those who are in
			want   int64 // who are in, after that
		}{{places: 1, want: 1}, {places: 3, want: 3}, {places: 1, want: 3}, {1, true, 2}, {1, true, 1}, {places: 2, want: 2}, {2, true, 2}, {2, true, 1}, {2, true, 0}} {
			q.resize(step.places)
			if step.leave {
				leave <- struct{}{}
			}
			synctest.Wait()
			if n := in.Load(); n != step.want {
				t.Errorf("%+v: %d are in", step, n)
			}
		}
		if q.free != 2 {
			t.Errorf("%d places are free in the end, want 2", q.free)
		}
	})
}

func TestQueueGivesThePlaceOfOneWhoGaveUpToTheNext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue(1)
		_ = q.enter(t.Context(), rankNew, 0)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		gaveUp := make(chan error)
		go func() { gaveUp <- q.enter(ctx, rankBegun, 0) }()
		if err := <-gaveUp; err == nil {
			t.Fatal("entered a full queue")
		}
		q.leave()
		if err := q.enter(t.Context(), rankNew, 0); err != nil {
			t.Error(err)
		}
	})
}

// Whatever is done and wherever it is cut: done and gaps cover every key once.
func TestGapsCoverWhatIsMissing(t *testing.T) {
	order, _ := handoff.OrderOf("integer")
	digits := rapid.StringMatching(`-?[1-9][0-9]{0,2}`)
	rapid.Check(t, func(t *rapid.T) {
		every := gaps(order, nil, rapid.SliceOf(digits).Draw(t, "first bounds"))
		var done []state.Chunk
		var ranges []handoff.Range
		for i, r := range every {
			if rapid.Bool().Draw(t, "done") {
				done = append(done, state.Chunk{Number: i, Low: r.Low, High: r.High, ByKey: true})
				ranges = append(ranges, r)
			}
		}
		missing := gaps(order, done, rapid.SliceOf(digits).Draw(t, "second bounds"))
		if _, err := handoff.NewTable("id", order, append(ranges, missing...)); err != nil {
			t.Fatalf("done %v and missing %v: %v", ranges, missing, err)
		}
	})
}
