package session_test

import (
	"context"
	"errors"
	"testing"

	"sluice/executor/session"
)

// place is what a pool of the test keeps.
type place struct{ number int }

func newPool(keep int) (pool *session.Pool[*place], open map[*place]bool) {
	open = map[*place]bool{}
	made := 0
	return &session.Pool[*place]{
		Keep: keep,
		Open: func(context.Context) (*place, error) {
			made++
			p := &place{made}
			open[p] = true
			return p, nil
		},
		Close: func(_ context.Context, p *place) { delete(open, p) },
	}, open
}

// holding takes n at once, from the pool or new, and gives them back.
func holding(t *testing.T, pool *session.Pool[*place], n int) {
	t.Helper()
	if n == 0 {
		return
	}
	err := pool.With(t.Context(), func(*place) error {
		holding(t, pool, n-1)
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func TestPoolKeepsWhatItMay(t *testing.T) {
	pool, open := newPool(2)
	for _, step := range []struct {
		what string
		do   func()
		want int
	}{
		{"three at once", func() { holding(t, pool, 3) }, 2},
		{"two of them again", func() { holding(t, pool, 2) }, 2},
		{"one is enough", func() { pool.Resize(t.Context(), 1) }, 1},
		{"two at once", func() { holding(t, pool, 2) }, 1},
		{"the end", func() { pool.Resize(t.Context(), 0) }, 0},
	} {
		if step.do(); len(open) != step.want {
			t.Errorf("%s: %d are open, want %d", step.what, len(open), step.want)
		}
	}
}

func TestPoolDoesNotUseAgainWhatHasFailed(t *testing.T) {
	pool, open := newPool(2)
	broken := errors.New("broken")
	var first *place
	err := pool.With(t.Context(), func(p *place) error {
		first = p
		return broken
	})
	if !errors.Is(err, broken) || len(open) != 0 {
		t.Errorf("error %v with %d open, want the error of the work, and none", err, len(open))
	}
	if err := pool.With(t.Context(), func(p *place) error {
		if p == first {
			t.Error("the same one again")
		}
		return nil
	}); err != nil {
		t.Error(err)
	}
}
