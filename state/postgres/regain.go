package postgres

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

//go:embed sql/regain.sql
var regainSQL string

// The pause between two attempts to get the lock again doubles from one to the other.
const (
	firstPause = 100 * time.Millisecond
	lastPause  = 2 * time.Second
)

// ErrPromoted says that the target came back on another timeline: it may be a
// standby that lacks the last commits, so what this process knows of the state may
// never have been.
var ErrPromoted = errors.New("the target came back on another timeline, after a failover or a recovery, and may lack what was recorded last")

// Outage is a time without the session of the lock.
type Outage struct {
	Cause error
	Over  <-chan struct{} // closed once the lock is held again
}

// broken is a connection that is closed, and why.
type broken struct {
	conn  *pgx.Conn
	cause error
}

// regain connects and takes the lock again, for as long as it takes: the epoch is
// still ours, or the answer is ErrFenced. It returns nil at the end of the
// heartbeat, too. The connection then is the one that broke.
func (s *Store) regain(b broken) error {
	over := make(chan struct{})
	s.announce(Outage{Cause: b.cause, Over: over})
	hangUp(s.beating, b.conn)
	for pause := firstPause; ; pause = min(2*pause, lastPause) {
		conn, err := s.reconnect(s.beating)
		switch {
		case err == nil:
			s.conn <- conn
			close(over)
			return nil
		case errors.Is(err, ErrFenced), errors.Is(err, ErrPromoted):
			s.conn <- b.conn
			return err
		}
		select {
		case <-time.After(pause):
		case <-s.beating.Done():
			s.conn <- b.conn
			return nil
		}
	}
}

// announce replaces an outage that nobody has looked at.
func (s *Store) announce(o Outage) {
	select {
	case <-s.outages:
	default:
	}
	s.outages <- o
}

func (s *Store) reconnect(ctx context.Context) (_ *pgx.Conn, err error) {
	ctx, cancel := context.WithTimeout(ctx, heartbeatLimit)
	defer cancel()
	conn, err := s.connect(ctx)
	if err != nil {
		return nil, err
	}
	if err := s.relock(ctx, conn); err != nil {
		hangUp(ctx, conn)
		return nil, err
	}
	return conn, nil
}

// relock takes the lock again. Under the lock nobody can raise the epoch; where it
// is refused, our old session may have it still, or somebody who takes over.
func (s *Store) relock(ctx context.Context, conn *pgx.Conn) error {
	on, err := timeline(ctx, conn)
	if err != nil {
		return err
	}
	switch {
	case on == s.timeline || s.timeline == "":
	case on == "": // it may be promoted at any moment, and then be on another one
		return errors.New("the target is in recovery, and does not say on which timeline")
	default:
		return fmt.Errorf("%w (%s, and was %s); run sluice apply again", ErrPromoted, on, s.timeline)
	}
	if err := lock(ctx, s.connect, conn, s.address); err != nil {
		return errors.Join(err, s.fenced(ctx, conn))
	}
	tag, err := conn.Exec(ctx, regainSQL, s.address, number(s.epoch))
	if err == nil && tag.RowsAffected() == 0 || hasCode(err, "42P01") { // undefined_table: all is forgotten
		return ErrFenced
	}
	return err
}

// fenced returns ErrFenced where another process has raised the epoch.
func (s *Store) fenced(ctx context.Context, conn *pgx.Conn) error {
	var ours bool
	const sql = "select exists (select from sluice.migration where address = $1::text and epoch = $2::bigint)"
	err := conn.QueryRow(ctx, sql, s.address, number(s.epoch)).Scan(&ours)
	if err == nil && !ours || hasCode(err, "42P01") {
		return ErrFenced
	}
	return err
}

// timeline of the server's WAL, as its files are named; empty where it does not
// say, as a standby does not.
func timeline(ctx context.Context, conn *pgx.Conn) (on string, err error) {
	err = conn.QueryRow(ctx, "select left(pg_walfile_name(pg_current_wal_lsn()), 8)").Scan(&on)
	if said := new(pgconn.PgError); errors.As(err, &said) && !conn.IsClosed() {
		err = nil
	}
	return on, err
}
