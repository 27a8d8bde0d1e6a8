package postgres

import (
	"context"
	"crypto/rand"
	_ "embed"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"sluice/state"
)

var (
	//go:embed sql/register.sql
	registerSQL string
	//go:embed sql/identity.sql
	identitySQL string
	//go:embed sql/takeover.sql
	takeoverSQL string
	//go:embed sql/unfinished.sql
	unfinishedSQL string
)

const (
	// defaultHeartbeat is also how soon a request is noticed.
	defaultHeartbeat = time.Second
	// unfinishedLimit is how long a takeover waits for the transactions that the
	// last holder left open. They are at their commit, or their connection is
	// half open, and then a server's keepalives may take minutes.
	unfinishedLimit = time.Minute
	// deadlocks is how often the takeover tries again after a deadlock with a
	// transaction that recorded a position first and something else after it.
	deadlocks = 5
	// addressLimit keeps an address, with two names of 63 bytes, well below the
	// size of an index entry.
	addressLimit = 1024
)

// Connect opens a connection to the target database.
type Connect func(ctx context.Context) (*pgx.Conn, error)

// Options say who takes the lock, and for what. PlanID, Slot and the servers
// are recorded where they are not empty.
type Options struct {
	Address   string // of the migration: migration.shop["crm"]
	Holder    string // host and pid, for people
	PlanID    string
	Slot      string
	Source    state.Server
	Target    state.Server
	Settings  state.Settings
	Heartbeat time.Duration // 0: 1 s
}

// Acquire takes the lock of a migration, makes the schema where it is missing,
// and raises the epoch: from then on nothing of an earlier holder can be
// recorded. *HeldError where another process has the lock, *ForeignError where
// the state belongs to another source or target.
//
// It waits for the transactions of an earlier holder that have recorded
// something and are not finished. The Store uses a connection of its own until
// Release.
func Acquire(ctx context.Context, connect Connect, o Options) (_ *Store, err error) {
	if err := checkAddress(o.Address); err != nil {
		return nil, err
	}
	conn, err := connect(ctx)
	if err != nil {
		return nil, fmt.Errorf("connecting for the lock of %s: %w", o.Address, err)
	}
	if err := lock(ctx, connect, conn, o.Address); err != nil {
		hangUp(ctx, conn)
		return nil, fmt.Errorf("taking the lock of %s: %w", o.Address, err)
	}
	defer func() {
		if err != nil {
			_ = unlock(ctx, conn, o.Address) // where it fails, the end of the session does it
			hangUp(ctx, conn)
		}
	}()
	// Two transactions: the schema's lock must not be kept while the takeover
	// waits. Once the row is there, nobody drops the schema, for only the holder
	// of our lock can remove the row.
	if err := register(ctx, conn, o.Address); err != nil {
		return nil, fmt.Errorf("preparing the state of %s: %w", o.Address, err)
	}
	on, err := timeline(ctx, conn)
	if err != nil {
		return nil, fmt.Errorf("taking over %s: %w", o.Address, err)
	}
	epoch, err := takeOver(ctx, conn, o, unfinishedLimit)
	if err != nil {
		return nil, fmt.Errorf("taking over %s: %w", o.Address, err)
	}
	return newStore(connect, conn, o, epoch, on), nil
}

func checkAddress(address string) error {
	if address == "" || len(address) > addressLimit || !utf8.ValidString(address) || strings.ContainsRune(address, 0) {
		return fmt.Errorf("%.100q is no address of a migration: it must be text of 1 to %d bytes", address, addressLimit)
	}
	return nil
}

// register makes the schema and the migration's row.
func register(ctx context.Context, conn *pgx.Conn, address string) error {
	return pgx.BeginTxFunc(ctx, conn, writing, func(tx pgx.Tx) error {
		if err := install(ctx, tx); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, registerSQL, address, rand.Text(), number(lockKey(address)))
		return err
	})
}

// writing is read committed, whatever the session's default: a statement that
// has waited for a row looks at it again.
var writing = pgx.TxOptions{IsoLevel: pgx.ReadCommitted, AccessMode: pgx.ReadWrite}

// takeOver raises the epoch and writes the lease.
func takeOver(ctx context.Context, conn *pgx.Conn, o Options, limit time.Duration) (epoch int64, err error) {
	for range deadlocks {
		err = pgx.BeginTxFunc(ctx, conn, writing, func(tx pgx.Tx) (err error) {
			epoch, err = raise(ctx, tx, o, limit)
			return err
		})
		if !hasCode(err, "40P01") { // deadlock_detected
			break
		}
	}
	if !hasCode(err, "55P03") { // lock_not_available
		return epoch, err
	}
	rows, busy := conn.Query(ctx, unfinishedSQL)
	if busy != nil {
		return 0, errors.Join(err, busy)
	}
	pids, busy := pgx.CollectRows(rows, pgx.RowTo[int32])
	if busy != nil {
		return 0, errors.Join(err, busy)
	}
	return 0, fmt.Errorf("a transaction of an earlier holder is not finished after %s (among pids %v; pg_terminate_backend ends it): %w",
		limit, pids, err)
}

func raise(ctx context.Context, tx pgx.Tx, o Options, limit time.Duration) (epoch int64, err error) {
	if _, err := tx.Exec(ctx, "select set_config('lock_timeout', $1::text, true)", number(limit.Milliseconds())); err != nil {
		return 0, err
	}
	var source, target state.Server
	err = tx.QueryRow(ctx, identitySQL, o.Address).
		Scan(&source.SystemIdentifier, &source.Database, &target.SystemIdentifier, &target.Database)
	if err != nil {
		return 0, err
	}
	if err := foreign(o.Address, "source", source, o.Source); err != nil {
		return 0, err
	}
	if err := foreign(o.Address, "target", target, o.Target); err != nil {
		return 0, err
	}
	err = tx.QueryRow(ctx, takeoverSQL, o.Address, o.PlanID, o.Slot,
		o.Source.SystemIdentifier, o.Source.Database, o.Target.SystemIdentifier, o.Target.Database,
		readable(o.Holder), document(o.Settings)).Scan(&epoch)
	return epoch, err
}

func hasCode(err error, code string) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == code
}
