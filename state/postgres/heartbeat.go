package postgres

import (
	"context"
	_ "embed"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
)

//go:embed sql/heartbeat.sql
var heartbeatSQL string

// heartbeatLimit is shorter than the half minute after which the server gives
// up a client that is silent: we know before another can take over.
const heartbeatLimit = 20 * time.Second

// heart beats until Release or until the lock is lost, and hands on the
// requests that it finds. The first beat is at once: a request may wait for a
// holder already.
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
		case <-s.quit:
			return
		case <-s.lost:
			return
		case out <- next:
			delivered[next.ID] = true
			waiting = waiting[1:]
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

// beat renews the lease and returns the requests that are open, oldest first.
// Any error means that the lock may be gone.
func (s *Store) beat() (open []Request, err error) {
	var conn *pgx.Conn
	select {
	case conn = <-s.conn:
	case <-s.quit:
		return nil, nil
	}
	defer func() { s.conn <- conn }()
	ctx, cancel := context.WithTimeout(context.Background(), heartbeatLimit)
	defer cancel()
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

// stopHeart ends the heartbeat and waits for its end.
func (s *Store) stopHeart() {
	s.quitOnce.Do(func() { close(s.quit) })
	<-s.ended
}
