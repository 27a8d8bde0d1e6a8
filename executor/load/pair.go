package load

import (
	"context"
	"sync"

	"github.com/jackc/pgx/v5/pgconn"

	"sluice/executor/session"
)

// pair is a connection to each side, used by one worker at a time.
type pair struct {
	source, target *pgconn.PgConn
}

// pairs keeps idle pairs: thousands of small tables share a few connections.
type pairs struct {
	source, target session.Server
	replica        bool // the target's triggers and keys do not fire

	mu   sync.Mutex
	idle []*pair
}

// with runs f on a pair. A pair that has seen an error is not used again:
// closing it rolls back whatever was open.
func (p *pairs) with(ctx context.Context, f func(*pair) error) error {
	c, err := p.take(ctx)
	if err != nil {
		return err
	}
	if err := f(c); err != nil {
		session.Close(ctx, c.source)
		session.Close(ctx, c.target)
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.idle = append(p.idle, c)
	return nil
}

func (p *pairs) take(ctx context.Context) (*pair, error) {
	p.mu.Lock()
	if n := len(p.idle); n > 0 {
		c := p.idle[n-1]
		p.idle = p.idle[:n-1]
		p.mu.Unlock()
		return c, nil
	}
	p.mu.Unlock()
	from, err := p.source.Connect(ctx, "copy")
	if err != nil {
		return nil, err
	}
	to, err := p.target.Connect(ctx, "copy")
	if err != nil {
		session.Close(ctx, from)
		return nil, err
	}
	c := &pair{source: from.PgConn(), target: to.PgConn()}
	if p.replica {
		err = session.Exec(ctx, c.target, "set session_replication_role = replica")
	}
	if err != nil {
		session.Close(ctx, from)
		session.Close(ctx, to)
		return nil, err
	}
	return c, nil
}

// Close ends the idle pairs.
func (p *pairs) close(ctx context.Context) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.idle {
		session.Close(ctx, c.source)
		session.Close(ctx, c.target)
	}
	p.idle = nil
}
