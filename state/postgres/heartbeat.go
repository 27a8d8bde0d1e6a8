package postgres

import (
	"context"
	_ "embed"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

//go:embed sql/heartbeat.sql
var heartbeatSQL string

// heartbeatLimit is shorter than the half minute after which the server gives
// up a client that is silent: we know before another can take over.
const heartbeatLimit = 20 * time.Second

// heart beats until Release or until the lock is lost, gets the lock again where
// its session broke, and hands on the requests that it finds. The first beat is at
// once: a request may wait for a holder already.
func (s *Store) heart(every time.Duration) {
	defer close(s.ended)
	defer close(s.requests)
	timer := time.NewTimer(0)
	defer timer.Stop()
	var waiting []Request         // found and not handed on
	delivered := map[int64]bool{} // handed on and not answered
	for {
		var out chan<- Request
		var next Request
		if len(waiting) > 0 {
			out, next = s.requests, waiting[0]
		}
		select {
		case <-s.beating.Done():
			return
		case out <- next:
			delivered[next.ID] = true
			waiting = waiting[1:]
		case b := <-s.broken:
			if err := s.regain(b); err != nil {
				s.lose(err)
				return
			}
		case <-timer.C:
			open, err := s.beat()
			if err != nil {
				s.lose(err)
				return
			}
			waiting = slices.DeleteFunc(open, func(r Request) bool { return delivered[r.ID] })
			timer.Reset(every)
		}
	}
}

// beat renews the lease and returns the requests that are open, oldest first. An
// error means that the lock is lost.
func (s *Store) beat() (open []Request, err error) {
	var conn *pgx.Conn
	select {
	case conn = <-s.conn:
	case b := <-s.broken:
		return nil, s.regain(b)
	case <-s.beating.Done():
		return nil, nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), heartbeatLimit)
	defer cancel()
	open, err = s.renew(ctx, conn)
	if broke := s.putBack(conn, err); broke || passing(err) {
		return nil, nil // the next beat is due, or the session is to be replaced
	}
	return open, err
}

func (s *Store) renew(ctx context.Context, conn *pgx.Conn) ([]Request, error) {
	tag, err := conn.Exec(ctx, heartbeatSQL, s.address, number(s.epoch))
	if err != nil {
		return nil, err
	}
	if tag.RowsAffected() == 0 {
		return nil, ErrFenced
	}
	rows, err := conn.Query(ctx, openSQL, s.address)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Request])
}

// passing says that a statement failed for want of something, as a disk that is
// full, or because somebody cancelled it. The session has the lock still.
// https://www.postgresql.org/docs/current/errcodes-appendix.html
func passing(err error) bool {
	said := new(pgconn.PgError)
	return errors.As(err, &said) && (strings.HasPrefix(said.Code, "53") || strings.HasPrefix(said.Code, "58") || said.Code == "57014")
}

// stopHeart ends the heartbeat and waits for its end.
func (s *Store) stopHeart() {
	s.stop()
	<-s.ended
}
