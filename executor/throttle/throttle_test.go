package throttle

import (
	"context"
	"errors"
	"math"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// passed is what n takers of pieces get through in a time, from the next instant on.
func passed(t *testing.T, b *Brake, n, piece int, during time.Duration) (sum int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), during)
	defer cancel()
	var takers sync.WaitGroup
	var mu sync.Mutex
	for range n {
		takers.Go(func() {
			for b.Take(ctx, piece) == nil {
				mu.Lock()
				sum += piece
				mu.Unlock()
			}
		})
	}
	takers.Wait()
	return sum
}

// Promise 26: within 10 % over 10 s, whatever the pieces, however many take them.
func TestTheBrakeIsExact(t *testing.T) {
	for _, c := range []struct {
		limit         int64
		takers, piece int
	}{
		{5, 1, 1}, {5, 8, 1}, {1000, 1, 1}, {1000, 16, 50}, {50 << 20, 8, 256 << 10}, {1 << 20, 4, 1 << 20},
	} {
		synctest.Test(t, func(t *testing.T) {
			b := New(c.limit)
			time.Sleep(time.Hour) // is not saved up
			for range 3 {
				want := float64(10 * c.limit)
				if got := float64(passed(t, b, c.takers, c.piece, 10*time.Second)); math.Abs(got-want) > want/10 {
					t.Errorf("%+v: %.0f in 10 s, want %.0f", c, got, want)
				}
			}
		})
	}
}

func TestAPieceOfAnySizePassesAndIsPaid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, begin := New(10), time.Now()
		for _, want := range []time.Duration{0, 100 * time.Second, 200 * time.Second} {
			if err := b.Take(t.Context(), 1000); err != nil {
				t.Fatal(err)
			}
			if got := time.Since(begin); got > want || got < want-time.Second {
				t.Errorf("passed after %s, want %s", got, want)
			}
		}
		if !b.Owes() {
			t.Error("nothing is owed")
		}
	})
}

func TestANewLimitCountsForThoseWhoWait(t *testing.T) {
	for name, c := range map[string]struct {
		limit int64
		want  time.Duration
	}{"raised": {1000, 11 * time.Second}, "none": {0, time.Second}, "lowered": {5, 1999 * time.Second}} {
		synctest.Test(t, func(t *testing.T) {
			b := New(10)
			begin := time.Now()
			if err := b.Take(t.Context(), 10_000); err != nil {
				t.Fatal(err)
			}
			var through sync.WaitGroup
			through.Go(func() {
				if err := b.Take(t.Context(), 1); err != nil {
					t.Error(err)
				}
			})
			time.Sleep(time.Second)
			b.Set(c.limit)
			through.Wait()
			if got := time.Since(begin); math.Abs((got - c.want).Seconds()) > 0.1 {
				t.Errorf("%s: through after %s, want %s", name, got, c.want)
			}
		})
	}
}

func TestWhoWaitsCanGiveUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := New(1)
		_ = b.Take(t.Context(), 1000)
		why := errors.New("enough")
		ctx, cancel := context.WithCancelCause(t.Context())
		var waiting sync.WaitGroup
		for range 2 { // the one whose turn it is, and the one behind it
			waiting.Go(func() {
				if err := b.Take(ctx, 1); !errors.Is(err, why) {
					t.Errorf("the error is %v", err)
				}
			})
		}
		synctest.Wait()
		cancel(why)
		waiting.Wait()
	})
}

func TestNoBrakeLimitsNothing(t *testing.T) {
	for name, b := range map[string]*Brake{"nil": nil, "none": New(0)} {
		if err := (Flow{b, b}).Take(t.Context(), math.MaxInt, math.MaxInt); err != nil || (Flow{b, b}).Owes() || b.Piece() != math.MaxInt {
			t.Errorf("%s: it limits: %v", name, err)
		}
	}
	if got := New(10).Piece(); got != 1 {
		t.Errorf("a piece of ten is %d", got)
	}
}
