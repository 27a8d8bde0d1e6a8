package session_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5/pgconn"

	"sluice/executor/session"
)

var errFull = fmt.Errorf("connecting: %w", &pgconn.PgError{Code: "53300"})

// Where there is room for one, the second waits until the first has done its work,
// and takes over what that had.
func TestWhereThereIsNoRoomOneWaitsForTheOthers(t *testing.T) {
	told := make(chan int)
	crowd := &session.Crowd{Waiting: func(waiting int, why error) {
		if !errors.Is(why, errFull) {
			t.Errorf("told why: %v", why)
		}
		told <- waiting
	}}
	pool, open := newPool(2)
	unlimited := pool.Open
	pool.Open = func(ctx context.Context) (*place, error) {
		if len(open) > 0 {
			return nil, errFull
		}
		return unlimited(ctx)
	}
	pool.Join(crowd)
	ended := make(chan error, 1)
	var numbers []int
	err := pool.With(t.Context(), func(p *place) error {
		numbers = append(numbers, p.number)
		go func() {
			ended <- pool.With(t.Context(), func(p *place) error {
				numbers = append(numbers, p.number)
				return nil
			})
		}()
		if n := <-told; n != 1 {
			t.Errorf("%d wait, want 1", n)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	if n := <-told; n != 0 {
		t.Errorf("%d wait in the end", n)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff([]int{1, 1}, numbers); diff != "" {
		t.Errorf("not the one connection was used: %s", diff)
	}
}

func TestNobodyWaitsWhereNobodyWorks(t *testing.T) {
	pool, _ := newPool(1)
	pool.Open = func(context.Context) (*place, error) { return nil, errFull }
	pool.Join(&session.Crowd{})
	if err := pool.With(t.Context(), func(*place) error { return nil }); !errors.Is(err, errFull) {
		t.Errorf("error %v, want the server's", err)
	}
}

func TestWhatIsIdleAnywhereIsSpared(t *testing.T) {
	crowd := &session.Crowd{}
	a, openA := newPool(2)
	b, openB := newPool(2)
	a.Join(crowd)
	b.Join(crowd)
	holding(t, a, 2)
	holding(t, b, 1)
	if !crowd.Spare(t.Context()) || len(openA)+len(openB) != 0 {
		t.Errorf("%d and %d are still open", len(openA), len(openB))
	}
	if crowd.Spare(t.Context()) {
		t.Error("there was nothing more to spare")
	}
}
