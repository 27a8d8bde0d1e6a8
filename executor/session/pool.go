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

	crowd *Crowd // nil: it stands alone

	mu   sync.Mutex
	idle []T
}

// Join makes the pool one of a crowd, before it is used.
func (p *Pool[T]) Join(c *Crowd) {
	p.crowd = c
	c.add(p)
}

// With runs f on a connection. One that has seen an error is not used again:
// closing it rolls back whatever was open.
func (p *Pool[T]) With(ctx context.Context, f func(T) error) error {
	c, err := p.get(ctx)
	if err != nil {
		return err
	}
	if p.crowd != nil {
		defer p.crowd.given()
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

// get is a connection that is idle, or a new one.
func (p *Pool[T]) get(ctx context.Context) (c T, err error) {
	if p.crowd == nil {
		return p.takeOrOpen(ctx)
	}
	for {
		back := p.crowd.next()
		if c, err = p.takeOrOpen(ctx); err == nil {
			p.crowd.taken()
		}
		if !Full(err) {
			return c, err
		}
		if err := p.crowd.wait(ctx, back, err); err != nil {
			return c, err
		}
	}
}

func (p *Pool[T]) takeOrOpen(ctx context.Context) (T, error) {
	if c, ok := p.take(); ok {
		return c, nil
	}
	return p.Open(ctx)
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
	p.mu.Unlock()
	p.shrink(ctx, keep)
}

// spare closes all idle ones, and says whether there were any.
func (p *Pool[T]) spare(ctx context.Context) bool { return p.shrink(ctx, 0) > 0 }

// shrink closes idle ones until so many are left.
func (p *Pool[T]) shrink(ctx context.Context, to int) int {
	p.mu.Lock()
	var over []T
	if len(p.idle) > to {
		over, p.idle = p.idle[to:], p.idle[:to:to]
	}
	p.mu.Unlock()
	for _, c := range over {
		p.Close(ctx, c)
	}
	return len(over)
}
