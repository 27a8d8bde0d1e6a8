package postgres

import (
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"sluice/state"
)

var (
	//go:embed sql/keeper.sql
	keeperSQL string
	//go:embed sql/session.sql
	sessionSQL string
)

// lockKey is the key of a migration's advisory lock. It is kept in the state,
// too, so that the view sluice.status needs no hash.
func lockKey(address string) int64 {
	sum := sha256.Sum256([]byte("sluice" + address))
	return int64(binary.BigEndian.Uint64(sum[:8]))
}

// lock takes the migration's advisory lock for the session of conn, or returns
// *HeldError.
func lock(ctx context.Context, connect Connect, conn *pgx.Conn, address string) error {
	key := lockKey(address)
	before, _, err := keeper(ctx, conn, key)
	if err != nil {
		return err
	}
	if err := provoke(ctx, connect, conn, key, before); err != nil {
		return err
	}
	var taken bool
	if err := conn.QueryRow(ctx, "select pg_try_advisory_lock($1::bigint)", number(key)).Scan(&taken); err != nil {
		return err
	}
	if !taken {
		lease, err := holder(ctx, conn, address)
		if err != nil {
			return err
		}
		return &HeldError{Address: address, Lease: lease}
	}
	// Two transactions, each of which a pooler may send elsewhere.
	for range 2 {
		pid, ours, err := keeper(ctx, conn, key)
		if err != nil {
			return err
		}
		if pid != before || !ours {
			return errPooler
		}
	}
	_, err = conn.Exec(ctx, sessionSQL)
	return err
}

// unlock drops the lock, also when ctx is over. The end of the session does that,
// too, but a moment after the connection was closed, and until then the next
// Acquire is refused.
func unlock(ctx context.Context, conn *pgx.Conn, address string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), goodbyeLimit)
	defer cancel()
	if _, err := conn.Exec(ctx, "select pg_advisory_unlock($1::bigint)", number(lockKey(address))); err != nil {
		return fmt.Errorf("dropping the lock of %s: %w", address, err)
	}
	return nil
}

// provoke makes a pooler in transaction mode show itself. Alone, a client gets
// the same server session again and again, and would see nothing; so a second
// connection keeps that session busy. Only a pooler's clients are told another
// process id than the server's own (BackendKeyData), so the usual case costs
// nothing.
func provoke(ctx context.Context, connect Connect, conn *pgx.Conn, key int64, pid uint32) error {
	if conn.PgConn().PID() == pid {
		return nil
	}
	other, err := connect(ctx)
	if err != nil {
		return fmt.Errorf("looking for a connection pooler: %w", err)
	}
	defer hangUp(ctx, other)
	tx, err := other.Begin(ctx)
	if err != nil {
		return fmt.Errorf("looking for a connection pooler: %w", err)
	}
	if _, _, err := keeper(ctx, tx.Conn(), key); err != nil {
		return fmt.Errorf("looking for a connection pooler: %w", err)
	}
	now, _, err := keeper(ctx, conn, key)
	if err == nil && now != pid {
		err = errPooler
	}
	return err
}

// keeper returns the backend of a connection and whether it has the lock.
func keeper(ctx context.Context, conn *pgx.Conn, key int64) (pid uint32, ours bool, err error) {
	err = conn.QueryRow(ctx, keeperSQL, number(key)).Scan(&pid, &ours)
	return pid, ours, err
}

// holder is the lease of whoever has the lock. Between taking the lock and
// writing the lease it has none yet.
func holder(ctx context.Context, conn *pgx.Conn, address string) (state.Lease, error) {
	lease := state.Lease{Live: true}
	if exists, err := recorded(ctx, conn); err != nil || !exists {
		return lease, err
	}
	err := conn.QueryRow(ctx, "select holder, heartbeat from sluice.holder where address = $1::text and live", address).
		Scan(&lease.Holder, &lease.Heartbeat)
	if errors.Is(err, pgx.ErrNoRows) {
		err = nil
	}
	lease.Heartbeat = lease.Heartbeat.UTC()
	return lease, err
}
