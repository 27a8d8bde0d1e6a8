// Package throttle is the brake: so much in a second and no more, by whoever
// shares it, however many they are.
//
// Who takes more than there is runs the brake into debt, and the next one waits
// until that is paid: so a piece of any size passes, and the average is exact.
// One waits at a time and the others behind it, so that the debt is never more
// than one piece. Time in which nobody takes anything is not saved up.
//
// golang.org/x/time/rate does not wake who waits when the limit is raised, and
// refuses a piece larger than its burst.
package throttle

import (
	"context"
	"math"
	"sync"
	"time"
)

// Brake is one limit. The nil Brake, and a new one, limit nothing.
type Brake struct {
	turn chan struct{} // has the one who waits

	mu      sync.Mutex
	limit   float64 // a second; 0: none
	credit  float64 // below 0: debt
	at      time.Time
	changed chan struct{} // closed by Set
}

// New returns a brake that limits to so much a second; 0: nothing.
func New(perSecond int64) *Brake {
	b := &Brake{turn: make(chan struct{}, 1), changed: make(chan struct{})}
	b.Set(perSecond)
	return b
}

// Set changes the limit, for those who wait as well; 0: there is none.
func (b *Brake) Set(perSecond int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.accrue()
	b.limit = float64(max(perSecond, 0))
	if b.limit == 0 {
		b.credit = 0
	}
	close(b.changed)
	b.changed = make(chan struct{})
}

// Take waits until there is no debt, and takes n. The error is the cause for
// which ctx ended.
func (b *Brake) Take(ctx context.Context, n int) error {
	if b == nil || b.Piece() == math.MaxInt {
		return nil
	}
	select {
	case b.turn <- struct{}{}:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	defer func() { <-b.turn }()
	for {
		wait, changed := b.take(n)
		if wait == 0 {
			return nil
		}
		paid := time.NewTimer(wait)
		select {
		case <-paid.C:
		case <-changed:
		case <-ctx.Done():
		}
		paid.Stop()
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
	}
}

// Owes says that Take would wait.
func (b *Brake) Owes() bool {
	if b == nil {
		return false
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.accrue()
	return b.credit < 0
}

// piecesPerSecond is how smooth the flow is where pieces can be chosen.
const piecesPerSecond = 20

// Piece is how much to take at once, 1 or more, so that the flow is smooth:
// math.MaxInt where there is no limit.
func (b *Brake) Piece() int {
	if b == nil {
		return math.MaxInt
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.limit == 0 {
		return math.MaxInt
	}
	return max(int(b.limit/piecesPerSecond), 1)
}

// take takes n, or says for how long there is debt.
func (b *Brake) take(n int) (wait time.Duration, changed <-chan struct{}) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.accrue()
	if b.credit < 0 {
		return time.Duration(math.Ceil(-b.credit / b.limit * float64(time.Second))), b.changed
	}
	if b.limit > 0 {
		b.credit -= float64(n)
	}
	return 0, nil
}

// accrue pays what the time since is worth. What is saved up is less than a piece.
func (b *Brake) accrue() {
	now := time.Now()
	if b.limit > 0 {
		b.credit = min(b.credit+now.Sub(b.at).Seconds()*b.limit, b.limit/piecesPerSecond)
	}
	b.at = now
}

// Flow is what rows, and their bytes, pass through. The zero Flow limits nothing.
type Flow struct{ Rows, Bytes *Brake }

// Set changes both limits.
func (f Flow) Set(rows, bytes int64) {
	f.Rows.Set(rows)
	f.Bytes.Set(bytes)
}

// Take waits for both limits.
func (f Flow) Take(ctx context.Context, rows, bytes int) error {
	if err := f.Rows.Take(ctx, rows); err != nil {
		return err
	}
	return f.Bytes.Take(ctx, bytes)
}

// Piece is how much to take at once.
func (f Flow) Piece() (rows, bytes int) { return f.Rows.Piece(), f.Bytes.Piece() }

// Owes says that Take would wait.
func (f Flow) Owes() bool { return f.Rows.Owes() || f.Bytes.Owes() }
