package connect

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"sluice/config"
)

// setPassword puts in the password that the block names, or PGPASSWORD where
// that can only be meant for this server.
func setPassword(ctx context.Context, c *pgx.ConnConfig, s config.Server, o Options) error {
	if s.Password != nil {
		password, err := Secret(ctx, s.Password, o)
		c.Password = password
		return err
	}
	shared := o.Environ["PGPASSWORD"]
	if c.Password != "" || shared == "" {
		return nil
	}
	for _, other := range o.Others {
		if other.Ref() != s.Ref() && !hasPassword(other, o) {
			return &sharedPasswordError{s.Ref(), other.Ref()}
		}
	}
	c.Password = shared
	return nil
}

// hasPassword says that a server has a password of its own. What is wrong with
// it otherwise is said when it is connected to.
func hasPassword(s config.Server, o Options) bool {
	if s.Password != nil {
		return true
	}
	c, err := parse(s, o)
	return err == nil && c.Password != ""
}

// sharedPasswordError says that PGPASSWORD would be sent to two servers.
type sharedPasswordError struct{ one, other string }

func (e *sharedPasswordError) Error() string {
	return fmt.Sprintf("PGPASSWORD is set, and neither %s nor %s has a password of its own: it would be sent to both", e.one, e.other)
}
