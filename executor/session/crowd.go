package session

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// Crowd are pools whose connections are on the same servers. Where one of these has
// no room for one more, what is idle in any pool is given up for it; else whoever
// wants it waits, as long as others work, until one of theirs is given back.
type Crowd struct {
	// Waiting is told how many wait when that has changed, and why; nil: nobody is.
	Waiting func(waiting int, why error)

	mu      sync.Mutex // guards what follows
	pools   []interface{ spare(context.Context) bool }
	inUse   int
	waiting int
	back    chan struct{} // closed when a connection is given back
}

// Full says that a server has no room for one more connection, at all, or of the
// role or the database: https://www.postgresql.org/docs/current/sql-createrole.html
func Full(err error) bool {
	said := new(pgconn.PgError)
	return errors.As(err, &said) && said.Code == "53300"
}

// Spare closes what is idle, and says whether there was anything.
func (c *Crowd) Spare(ctx context.Context) (some bool) {
	c.mu.Lock()
	pools := c.pools
	c.mu.Unlock()
	for _, p := range pools {
		some = p.spare(ctx) || some
	}
	return some
}

func (c *Crowd) add(p interface{ spare(context.Context) bool }) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.pools = append(c.pools, p)
}

// next is closed when a connection is given back from now on.
func (c *Crowd) next() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.back == nil {
		c.back = make(chan struct{})
	}
	return c.back
}

func (c *Crowd) taken() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.inUse++
}

func (c *Crowd) given() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.inUse--
	if c.back != nil {
		close(c.back)
		c.back = nil
	}
}

// lookAgain is how long nothing of our own need be given back: a session that was
// closed takes a moment to end, and those of others leave, too.
const lookAgain = 5 * time.Second

// wait waits for back, which was next before why came, or returns why where nobody
// works.
func (c *Crowd) wait(ctx context.Context, back <-chan struct{}, why error) error {
	if !c.queue(+1, why) {
		select {
		case <-back: // given back meanwhile
			return nil
		default:
			return why
		}
	}
	defer c.queue(-1, why)
	select {
	case <-back:
		return nil
	case <-time.After(lookAgain):
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// queue changes how many wait; false: there is nobody to wait for.
func (c *Crowd) queue(change int, why error) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if change > 0 && c.inUse == 0 {
		return false
	}
	c.waiting += change
	if c.Waiting != nil {
		c.Waiting(c.waiting, why)
	}
	return true
}
