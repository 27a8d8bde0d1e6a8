package session

import (
	"context"
	"sync"
)

// Pool keeps idle connections, or pairs of them, of type T: thousands of small
// steps share a few.
type Pool[T any] struct {
	Open  func(ctx context.Context) (T, error)
	Close func(ctx context.Context, c T)
	Keep  int // idle ones, at most

	mu   sync.Mutex
	idle []T
}

// With runs f on a connection. One that has seen an error is not used again:
// closing it rolls back whatever was open.
func (p *Pool[T]) With(ctx context.Context, f func(T) error) error {
	c, ok := p.take()
	if !ok {
		var err error
		if c, err = p.Open(ctx); err != nil {
			return err
		}
	}
	if err := f(c); err != nil {
		p.Close(ctx, c)
		return err
	}
	p.mu.Lock()
	keep := len(p.idle) < p.Keep
	if keep {
		p.idle = append(p.idle, c)
	}
	p.mu.Unlock()
	if !keep {
		p.Close(ctx, c)
	}
	return nil
}

func (p *Pool[T]) take() (c T, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	last := len(p.idle) - 1
	if last < 0 {
		return c, false
	}
	c, p.idle = p.idle[last], p.idle[:last]
	return c, true
}

// Resize changes how many idle ones are kept, and closes what is too much.
func (p *Pool[T]) Resize(ctx context.Context, keep int) {
	p.mu.Lock()
	p.Keep = keep
	var over []T
	if len(p.idle) > keep {
		over, p.idle = p.idle[keep:], p.idle[:keep:keep]
	}
	p.mu.Unlock()
	for _, c := range over {
		p.Close(ctx, c)
	}
}
