// Package slot makes the replication slot from which the changes come, and the
// points in the WAL by which everything else is placed.
//
//	Create     from here on every commit is streamed
//	Barrier    from here on every commit that will not be streamed is visible
//	Marker     a position behind everything that has committed until now
//	Temporary  a snapshot that equals a position exactly (for verify)
//
// Slots are not transactional. Create leaves either a slot that is complete, or
// nothing: on any error it ends its own walsender and drops what is there. A
// process that is killed in Create leaves at most a slot, which Find shows and
// the next run drops or takes, depending on what its state says.
package slot

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pglogrepl"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"sluice/executor/session"
	"sluice/planner/catalog"
)

// Slot is a row of pg_replication_slots.
type Slot struct {
	Name      string
	Plugin    string
	Database  string
	ActivePID int32 // 0: nobody reads it
	Confirmed pglogrepl.LSN
	Ready     bool   // creation was completed: it has a confirmed position
	Retained  int64  // bytes of WAL that it keeps
	Status    string // wal_status: reserved, extended, unreserved, lost; empty before 13
}

// Find returns the slot of that name, or nil where there is none.
func Find(ctx context.Context, conn *pgx.Conn, name string) (*Slot, error) {
	rows, err := conn.Query(ctx, findSQL, name)
	if err != nil {
		return nil, fmt.Errorf("looking for slot %s: %w", name, err)
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (*Slot, error) {
		s := &Slot{}
		var confirmed string
		err := row.Scan(&s.Name, &s.Plugin, &s.Database, &s.ActivePID, &confirmed, &s.Retained, &s.Status)
		if err != nil || confirmed == "" {
			return s, err
		}
		s.Ready = true
		s.Confirmed, err = pglogrepl.ParseLSN(confirmed)
		return s, err
	})
	if err != nil {
		return nil, fmt.Errorf("looking for slot %s: %w", name, err)
	}
	if len(found) == 0 {
		return nil, nil
	}
	return found[0], nil
}

// findSQL: to_jsonb lets one text serve servers with and without wal_status.
// https://www.postgresql.org/docs/current/view-pg-replication-slots.html
const findSQL = `
select s.slot_name::text, coalesce(s.plugin::text, ''), coalesce(s.database::text, ''), coalesce(s.active_pid, 0),
       pg_catalog.concat(s.confirmed_flush_lsn),
       coalesce(pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_lsn(), s.restart_lsn), 0)::bigint,
       coalesce(pg_catalog.to_jsonb(s) ->> 'wal_status', '')
from pg_catalog.pg_replication_slots s
where s.slot_name = $1::text::name`

// Options of Create.
type Options struct {
	Name string
	// Patience is how long to wait for the transactions that are running;
	// 0 is DefaultPatience.
	Patience time.Duration
	// Waiting is told, each second after the first two, what stands in the way,
	// and an empty string when nothing does any more.
	Waiting func(what string)
}

// DefaultPatience bounds the wait for running transactions. A slot that is
// being made keeps WAL and an xmin, so the wait is not for ever.
const DefaultPatience = 10 * time.Minute

// Create makes a logical slot of plugin pgoutput, without a snapshot. The
// server waits for every transaction that is running to end; so does Create.
func Create(ctx context.Context, source session.Server, o Options) error {
	maker, err := source.Replicate(ctx)
	if err != nil {
		return err
	}
	defer session.Close(ctx, maker)
	watcher, err := source.Connect(ctx, "slot")
	if err != nil {
		return err
	}
	defer session.Close(ctx, watcher)

	statement := fmt.Sprintf("CREATE_REPLICATION_SLOT %s LOGICAL pgoutput NOEXPORT_SNAPSHOT", catalog.Quote(o.Name))
	err = o.wait(ctx, watcher, []int32{int32(maker.PID())}, func(ctx context.Context) error {
		_, err := maker.Exec(ctx, statement).ReadAll()
		return err
	})
	if err == nil {
		return nil
	}
	err = fmt.Errorf("creating slot %s: %w", o.Name, err)
	if taken := new(pgconn.PgError); errors.As(err, &taken) && taken.Code == "42710" {
		return err // somebody else's: not ours to drop
	}
	if undo := abandon(ctx, source, maker.PID(), o.Name); undo != nil {
		return errors.Join(err, undo)
	}
	return err
}

// abandonLimit bounds the clean-up after a slot that did not come to be.
const abandonLimit = 15 * time.Second

// abandon ends the walsender that was making the slot, which takes the
// half-made slot with it, and drops one that was finished at the last moment. It
// needs a connection of its own: a query that was under way when ctx ended has
// closed the watcher's.
func abandon(ctx context.Context, source session.Server, pid uint32, name string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), abandonLimit)
	defer cancel()
	conn, err := source.Connect(ctx, "slot")
	if err != nil {
		return fmt.Errorf("ending walsender %d: %w", pid, err)
	}
	defer session.Close(ctx, conn)
	const terminate = `select pg_catalog.pg_terminate_backend(pid) from pg_catalog.pg_stat_activity where pid = $1`
	if _, err := conn.Exec(ctx, terminate, int64(pid)); err != nil {
		return fmt.Errorf("ending walsender %d: %w", pid, err)
	}
	return drop(ctx, conn, name)
}

// Drop removes the slot, ending the walsender that reads it. A slot that does
// not exist is no error: the step may have been cut off after it was dropped.
func Drop(ctx context.Context, source session.Server, name string) error {
	conn, err := source.Connect(ctx, "slot")
	if err != nil {
		return err
	}
	defer session.Close(ctx, conn)
	return drop(ctx, conn, name)
}

func drop(ctx context.Context, conn *pgx.Conn, name string) error {
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		s, err := Find(ctx, conn, name)
		if err != nil || s == nil {
			return err
		}
		if s.ActivePID != 0 {
			_, err = conn.Exec(ctx, `select pg_catalog.pg_terminate_backend($1)`, s.ActivePID)
		} else {
			_, err = conn.Exec(ctx, `select pg_catalog.pg_drop_replication_slot($1::text::name)`, name)
		}
		// 55006: it became active in between; 42704: somebody else dropped it.
		if gone := new(pgconn.PgError); err != nil && !(errors.As(err, &gone) && (gone.Code == "55006" || gone.Code == "42704")) {
			return fmt.Errorf("dropping slot %s: %w", name, err)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("dropping slot %s: %w", name, context.Cause(ctx))
		case <-tick.C:
		}
	}
}

// Exported is a snapshot of the source that shows exactly the commits before
// LSN, for as long as it is not closed.
type Exported struct {
	Snapshot string // for SET TRANSACTION SNAPSHOT
	LSN      pglogrepl.LSN
	conn     *pgconn.PgConn
}

// Temporary makes a temporary slot for the snapshot that comes with it: what it
// shows is what the changes before its LSN have made of the database, no more
// and no less. Close ends both.
//
// Before it is read, a Barrier must be passed: the slot knows a commit by its
// record, and a reader by the commit log, which the committing session writes a
// moment later (RecordTransactionCommit in src/backend/access/transam/xact.c).
func Temporary(ctx context.Context, source session.Server, o Options) (*Exported, error) {
	maker, err := source.Replicate(ctx)
	if err != nil {
		return nil, err
	}
	watcher, err := source.Connect(ctx, "slot")
	if err != nil {
		session.Close(ctx, maker)
		return nil, err
	}
	defer session.Close(ctx, watcher)
	name := "sluice_verify_" + strconv.FormatUint(uint64(maker.PID()), 10)
	x := &Exported{conn: maker}
	statement := fmt.Sprintf("CREATE_REPLICATION_SLOT %s TEMPORARY LOGICAL pgoutput EXPORT_SNAPSHOT", catalog.Quote(name))
	err = o.wait(ctx, watcher, []int32{int32(maker.PID())}, func(ctx context.Context) error {
		results, err := maker.Exec(ctx, statement).ReadAll()
		if err != nil {
			return err
		}
		row := results[0].Rows[0] // slot_name, consistent_point, snapshot_name, output_plugin
		x.Snapshot = string(row[2])
		x.LSN, err = pglogrepl.ParseLSN(string(row[1]))
		return err
	})
	if err != nil {
		x.Close(ctx)
		return nil, fmt.Errorf("exporting a snapshot of %s: %w", source.Ref, err)
	}
	return x, nil
}

// Close gives the snapshot up.
func (x *Exported) Close(ctx context.Context) { session.Close(ctx, x.conn) }

// Marker writes a transaction that changes nothing and returns its position:
// every commit that was acknowledged before the call is before it in the WAL.
// The commit flushes the WAL, so that an idle source streams past it at once.
func Marker(ctx context.Context, conn *pgx.Conn) (pglogrepl.LSN, error) {
	var text string
	err := conn.QueryRow(ctx, `select pg_catalog.concat(pg_catalog.pg_logical_emit_message(true, 'sluice', 'marker'))`).Scan(&text)
	if err != nil {
		return 0, fmt.Errorf("writing a marker: %w", err)
	}
	return pglogrepl.ParseLSN(text)
}

// SourceLSN returns where the WAL of the source ends.
func SourceLSN(ctx context.Context, conn *pgx.Conn) (pglogrepl.LSN, error) {
	var text string
	if err := conn.QueryRow(ctx, `select pg_catalog.concat(pg_catalog.pg_current_wal_lsn())`).Scan(&text); err != nil {
		return 0, fmt.Errorf("reading the WAL position: %w", err)
	}
	return pglogrepl.ParseLSN(text)
}

// describe is what Waiting prints of several transactions.
func describe(blockers []string) string {
	const most = 3
	if len(blockers) > most {
		blockers = append(blockers[:most:most], fmt.Sprintf("and %d more", len(blockers)-most))
	}
	return strings.Join(blockers, "; ")
}
