package postgres

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"sluice/state"
)

var (
	//go:embed sql/phase.sql
	phaseSQL string
	//go:embed sql/note.sql
	noteSQL string
	//go:embed sql/settings.sql
	settingsSQL string
	//go:embed sql/release.sql
	releaseSQL string
)

const (
	// statementLimit bounds a statement on the Store's own connection. They are
	// short, and wait only for a takeover, after which there is nothing to do
	// any more; the longest ones read or delete the chunks of a large database.
	statementLimit = 5 * time.Minute
	// goodbyeLimit bounds Release, and the end of a connection: a server that is
	// gone must not hold up the end.
	goodbyeLimit = 5 * time.Second
)

// Store is the state of one migration, held by this process. Its methods may be
// called by several goroutines.
type Store struct {
	address string
	holder  string
	epoch   int64
	connect Connect
	// timeline that the target was on when the lock was taken.
	timeline string

	// conn is a place for the one connection. Who has taken it out uses it, and
	// puts it back; Release does not. One that broke goes to the heartbeat, which
	// puts another one there.
	conn   chan *pgx.Conn
	broken chan broken

	requests chan Request    // sent to and closed by the heartbeat
	outages  chan Outage     // sent to by the heartbeat
	beating  context.Context // ended by stop
	stop     context.CancelFunc
	ended    chan struct{} // closed by the heartbeat at its end
	lost     chan struct{} // closed by lose
	released chan struct{} // closed by Release

	forgotten bool // by Forget; guarded by having conn

	loseOnce    sync.Once
	cause       error // why the lock was lost; written before lost is closed
	releaseOnce sync.Once
	releaseErr  error // written within releaseOnce
}

func newStore(connect Connect, conn *pgx.Conn, o Options, epoch int64, timeline string) *Store {
	s := &Store{
		address:  o.Address,
		holder:   readable(o.Holder),
		epoch:    epoch,
		connect:  connect,
		timeline: timeline,
		conn:     make(chan *pgx.Conn, 1),
		broken:   make(chan broken, 1),
		requests: make(chan Request),
		outages:  make(chan Outage, 1),
		ended:    make(chan struct{}),
		lost:     make(chan struct{}),
		released: make(chan struct{}),
	}
	s.beating, s.stop = context.WithCancel(context.Background())
	s.conn <- conn
	every := o.Heartbeat
	if every <= 0 {
		every = defaultHeartbeat
	}
	go s.heart(every)
	return s
}

// Epoch is that of this holder.
func (s *Store) Epoch() int64 { return s.epoch }

// Lost is closed when another process has raised the epoch, or may have: the
// holder must stop at once. Err says why. It is not closed by Release.
func (s *Store) Lost() <-chan struct{} { return s.lost }

// Outages tells of each time that the session of the lock broke, the last one
// where nobody has looked. Until it is over, all that uses the connection waits.
func (s *Store) Outages() <-chan Outage { return s.outages }

// Err says why the lock was lost; nil while it is not.
func (s *Store) Err() error {
	select {
	case <-s.lost:
		return s.cause
	default:
		return nil
	}
}

// State reads what is recorded.
func (s *Store) State(ctx context.Context) (st state.State, err error) {
	err = s.persist(ctx, func(ctx context.Context, conn *pgx.Conn) error {
		st, err = Load(ctx, conn, s.address)
		return err
	})
	return st, err
}

// Step reads what is recorded of one step; the zero Step: nothing.
func (s *Store) Step(ctx context.Context, id string) (step state.Step, err error) {
	err = s.persist(ctx, func(ctx context.Context, conn *pgx.Conn) error {
		step, err = loadStep(ctx, conn, s.address, id)
		return err
	})
	if err != nil {
		return state.Step{}, fmt.Errorf("reading the record of %s: %w", id, err)
	}
	return step, nil
}

// Chunks reads what is recorded of one table, by number.
func (s *Store) Chunks(ctx context.Context, schema, table string) (chunks []state.Chunk, err error) {
	err = s.persist(ctx, func(ctx context.Context, conn *pgx.Conn) error {
		chunks, err = collect(ctx, conn, scanChunk, loadChunksSQL, s.address, schema, table)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading the chunks of %s.%s: %w", schema, table, err)
	}
	return chunks, nil
}

// SetPhase records where the migration is, and a reason where the phase needs
// one. Another phase is a line of history.
func (s *Store) SetPhase(ctx context.Context, p state.Phase, reason string) error {
	return s.Write(ctx, s.Phase(p, reason))
}

// SetSettings records what this process works with from now on.
func (s *Store) SetSettings(ctx context.Context, settings state.Settings) error {
	return s.Write(ctx, s.record(settingsSQL, document(settings)))
}

// Note records a line of history.
func (s *Store) Note(ctx context.Context, what string) error {
	return s.Write(ctx, s.record(noteSQL, s.holder, readable(what)))
}

// Write writes a record by itself, in a transaction of its own. ErrFenced where
// another process has taken over. Where the answer is lost the record is written
// once more: what a record says is as true the second time, but for a line of
// history or of a request, which then is there twice.
func (s *Store) Write(ctx context.Context, r state.Record) error {
	err := s.persist(ctx, func(ctx context.Context, conn *pgx.Conn) error {
		tag, err := conn.Exec(ctx, r.SQL, r.Args...)
		if err == nil && tag.RowsAffected() == 0 {
			err = ErrFenced
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("recording for %s: %w", s.address, err)
	}
	return nil
}

// Release clears the lease and drops the lock, also when ctx is over. Nothing
// can be written afterwards. Calling it again does nothing.
func (s *Store) Release(ctx context.Context) error {
	s.releaseOnce.Do(func() { s.releaseErr = s.release(ctx) })
	return s.releaseErr
}

// release: a crash before its end leaves a lease whose session is gone, which
// is what a crash of the holder leaves, too.
func (s *Store) release(ctx context.Context) error {
	close(s.released)
	s.stopHeart()
	var conn *pgx.Conn
	select { // whoever uses it has a limit
	case conn = <-s.conn:
	case b := <-s.broken:
		conn = b.conn
	}
	defer hangUp(ctx, conn)
	if s.Err() != nil || conn.IsClosed() {
		return nil // the lock is gone: there is nothing to clear
	}
	if !s.forgotten {
		limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), goodbyeLimit)
		defer cancel()
		if _, err := conn.Exec(limited, releaseSQL, s.address, number(s.epoch)); err != nil {
			return fmt.Errorf("clearing the lease of %s: %w", s.address, err)
		}
	}
	return unlock(ctx, conn, s.address)
}

// attempts is how often a statement is tried that ends its connection each time.
const attempts = 3

// persist is use for what may be done again: where the connection breaks, it waits
// for the lock to be held again.
func (s *Store) persist(ctx context.Context, f func(context.Context, *pgx.Conn) error) (err error) {
	for range attempts {
		var broke bool
		if broke, err = s.use(ctx, f); !broke || errors.Is(err, context.DeadlineExceeded) {
			break
		}
	}
	return err
}

// use lends the connection, and says whether it broke. ctx bounds the wait for it
// and no more: a statement that is cut off takes the connection with it, and with
// that the lock.
func (s *Store) use(ctx context.Context, f func(context.Context, *pgx.Conn) error) (broke bool, err error) {
	if err := s.closed(ctx); err != nil {
		return false, err
	}
	var conn *pgx.Conn
	select {
	case conn = <-s.conn:
	case <-s.lost:
		return false, s.closed(ctx)
	case <-s.released:
		return false, s.closed(ctx)
	case <-ctx.Done():
		return false, s.closed(ctx)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), statementLimit)
	defer cancel()
	err = f(ctx, conn)
	return s.putBack(conn, err), err
}

// putBack gives the connection back after err, and says whether it broke. After
// the heartbeat's end nobody replaces it.
func (s *Store) putBack(conn *pgx.Conn, err error) (broke bool) {
	broke = err != nil && conn.IsClosed()
	select {
	case <-s.ended:
		s.conn <- conn
		return broke
	default:
	}
	if broke {
		s.broken <- broken{conn, err}
	} else {
		s.conn <- conn
	}
	return broke
}

// closed says why the connection cannot be used.
func (s *Store) closed(ctx context.Context) error {
	select {
	case <-s.released:
		return errReleased
	case <-s.lost:
		return fmt.Errorf("the lock of %s is lost: %w", s.address, s.cause)
	default:
		return context.Cause(ctx)
	}
}

func (s *Store) lose(cause error) {
	s.loseOnce.Do(func() {
		s.cause = cause
		close(s.lost)
	})
}

// hangUp ends a connection, also when ctx is over, and waits until nothing of
// it runs any more.
func hangUp(ctx context.Context, conn *pgx.Conn) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), goodbyeLimit)
	defer cancel()
	_ = conn.Close(ctx) // the server ends the session by itself, sooner or later
	select {
	case <-conn.PgConn().CleanupDone():
	case <-ctx.Done():
	}
}
