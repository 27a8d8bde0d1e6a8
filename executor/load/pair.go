package load

import (
	"context"

	"github.com/jackc/pgx/v5/pgconn"

	"sluice/executor/session"
)

// pair is a connection to each side, used by one worker at a time.
type pair struct {
	source, target *pgconn.PgConn
	from, to       []byte // buffers of their wires, once there were any
}

// newPairs makes a pool of pairs. With replica, which sees to it, the target's triggers
// and keys do not fire in them.
func newPairs(source, target session.Server, replica func(context.Context, *pgconn.PgConn) error, keep int) *session.Pool[*pair] {
	return &session.Pool[*pair]{
		Keep: keep,
		Open: func(ctx context.Context) (*pair, error) {
			from, err := source.Connect(ctx, "copy")
			if err != nil {
				return nil, err
			}
			to, err := target.Connect(ctx, "copy")
			if err != nil {
				session.Close(ctx, from)
				return nil, err
			}
			c := &pair{source: from.PgConn(), target: to.PgConn()}
			if replica != nil {
				err = replica(ctx, c.target)
			}
			if err != nil {
				c.close(ctx)
				return nil, err
			}
			return c, nil
		},
		Close: func(ctx context.Context, c *pair) { c.close(ctx) },
	}
}

func (c *pair) close(ctx context.Context) {
	session.Close(ctx, c.source)
	session.Close(ctx, c.target)
}
