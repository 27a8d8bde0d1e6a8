package load

import (
	"context"
	"fmt"
	"sync"

	"github.com/jackc/pglogrepl"
	"github.com/jackc/pgx/v5"

	"sluice/executor/session"
)

// flusher makes sure that what a snapshot has shown is on the source's disk.
//
// With synchronous_commit = off a commit is visible before it is flushed. Were
// the source to crash then, its rows would be gone there, never be streamed, and
// stay on the target: so a chunk does not commit before the WAL that its snapshot
// may have seen is flushed.
type flusher struct {
	source session.Server

	mu      sync.Mutex // guards what follows; held while a flush is waited for
	conn    *pgx.Conn
	flushed pglogrepl.LSN
}

// past returns when the source's WAL is flushed up to a position. A commit of
// our own does it, since our sessions commit synchronously.
func (f *flusher) past(ctx context.Context, position string) error {
	lsn, err := pglogrepl.ParseLSN(position)
	if err != nil {
		return fmt.Errorf("flushing the source: %w", err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.flushed >= lsn {
		return nil
	}
	if err := f.connect(ctx); err != nil {
		return err
	}
	var text string
	err = f.conn.QueryRow(ctx, `select pg_catalog.concat(pg_catalog.pg_logical_emit_message(true, 'sluice', 'flush'))`).Scan(&text)
	if err != nil {
		return fmt.Errorf("flushing the source: %w", err)
	}
	f.flushed, err = pglogrepl.ParseLSN(text)
	return err
}

// ready makes sure of the connection before a chunk is begun: where the source has no
// room for one more, the chunk would be copied for nothing.
func (f *flusher) ready(ctx context.Context) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.connect(ctx)
}

func (f *flusher) connect(ctx context.Context) (err error) {
	if f.conn == nil || f.conn.IsClosed() {
		f.conn, err = f.source.Connect(ctx, "flush")
	}
	return err
}

func (f *flusher) close(ctx context.Context) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.conn != nil {
		session.Close(ctx, f.conn)
		f.conn = nil
	}
}
