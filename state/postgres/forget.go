package postgres

import (
	"context"
	_ "embed"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
)

//go:embed sql/forget.sql
var forgetSQL string

// Forget removes all that is recorded of this migration, its history too, in
// one transaction. With the last migration goes the schema, unless something
// else is in it. Whatever comes of it, afterwards only Release is of use: the
// heartbeat has ended.
func (s *Store) Forget(ctx context.Context) error {
	s.stopHeart()
	_, err := s.use(ctx, func(ctx context.Context, conn *pgx.Conn) error {
		err := pgx.BeginTxFunc(ctx, conn, writing, func(tx pgx.Tx) error {
			// Before the row: whoever makes the schema locks in this order, too.
			if err := lockSchema(ctx, tx); err != nil {
				return err
			}
			var address string
			err := tx.QueryRow(ctx, forgetSQL, s.address, number(s.fence())).Scan(&address)
			if errors.Is(err, pgx.ErrNoRows) {
				return ErrFenced
			}
			if err != nil {
				return err
			}
			return uninstall(ctx, tx)
		})
		s.forgotten = err == nil
		return err
	})
	if err != nil {
		return fmt.Errorf("forgetting %s: %w", s.address, err)
	}
	return nil
}
