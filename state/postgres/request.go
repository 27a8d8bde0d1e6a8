package postgres

import (
	"context"
	_ "embed"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// A request goes from a process that does not hold the migration to the one
// that does, or will:
//
//	asked ──Requests──▶ delivered ──Answer──▶ answered
//	  │                     │ ▲ holder dies: delivered again, to the next one
//	  └──────Withdraw───────┴──▶ withdrawn: delivered to nobody any more

var (
	//go:embed sql/ask.sql
	askSQL string
	//go:embed sql/poll.sql
	pollSQL string
	//go:embed sql/withdraw.sql
	withdrawSQL string
)

// Ask leaves a request for the holder of a migration and returns its ID. It
// stays until it is answered or withdrawn, whether anybody holds the migration
// or not. ErrUnknown where the migration is not recorded.
func Ask(ctx context.Context, conn *pgx.Conn, address, kind string, payload []byte) (int64, error) {
	if payload == nil {
		payload = []byte{}
	}
	id, err := ask(ctx, conn, address, kind, payload)
	if err != nil {
		return 0, fmt.Errorf("asking the holder of %s: %w", address, err)
	}
	return id, nil
}

func ask(ctx context.Context, conn *pgx.Conn, address, kind string, payload []byte) (id int64, err error) {
	exists, err := recorded(ctx, conn)
	if err != nil {
		return 0, err
	}
	if !exists {
		return 0, ErrUnknown
	}
	err = conn.QueryRow(ctx, askSQL, address, kind, payload).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		err = ErrUnknown
	}
	return id, err
}

// Reply is what is known of a request.
type Reply struct {
	Lines   []string // progress, for people
	Done    bool     // answered, or withdrawn
	Result  string
	Failure string // why it failed; empty where it did not
}

// Poll reads the reply to a request: of its lines those after the first `after`
// ones. ErrUnknown where there is no such request.
func Poll(ctx context.Context, conn *pgx.Conn, id int64, after int) (Reply, error) {
	var r Reply
	var answered, withdrawn bool
	err := conn.QueryRow(ctx, pollSQL, number(id), number(int64(after))).
		Scan(&r.Lines, &answered, &withdrawn, &r.Result, &r.Failure)
	if errors.Is(err, pgx.ErrNoRows) || hasCode(err, "42P01") { // undefined_table: all is forgotten
		err = ErrUnknown
	}
	if err != nil {
		return Reply{}, fmt.Errorf("reading the reply to request %d: %w", id, err)
	}
	r.Done = answered || withdrawn
	if withdrawn && !answered {
		r.Failure = "withdrawn"
	}
	return r, nil
}

// Withdraw takes a request back. One that the holder has begun goes on, but is
// not delivered again; one that is answered stays so.
func Withdraw(ctx context.Context, conn *pgx.Conn, id int64) error {
	tag, err := conn.Exec(ctx, withdrawSQL, number(id))
	if err == nil && tag.RowsAffected() == 0 || hasCode(err, "42P01") {
		err = ErrUnknown
	}
	if err != nil {
		return fmt.Errorf("withdrawing request %d: %w", id, err)
	}
	return nil
}
