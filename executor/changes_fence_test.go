package executor_test

import (
	"context"
	"errors"
	"io"
	"net"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pglogrepl"
	"github.com/jackc/pgx/v5"

	"sluice/examples/sandbox"
	"sluice/executor/handoff"
	"sluice/executor/replay"
	"sluice/executor/session"
	"sluice/executor/stream"
	"sluice/planner"
	"sluice/state"
	"sluice/state/postgres"
)

// acquired takes the migration's lock.
func (l *live) acquired(target session.Server) *postgres.Store {
	l.t.Helper()
	plan, err := l.plan(l.ctx)
	if err != nil {
		l.t.Fatal(err)
	}
	store, err := acquire(l.ctx, target, plan)
	if err != nil {
		l.t.Fatal(err)
	}
	l.t.Cleanup(func() { _ = store.Release(context.WithoutCancel(l.t.Context())) }) // it may be lost
	return store
}

// unreachable lets nobody connect to a server once it is away.
func unreachable(server session.Server, away *atomic.Bool) session.Server {
	configure := server.Config
	server.Config = func(ctx context.Context) (*pgx.ConnConfig, error) {
		if away.Load() {
			return nil, syscall.ENETUNREACH
		}
		return configure(ctx)
	}
	return server
}

// apply applies what the source has committed by now, from the position that the
// state has, and returns what To returned. The tables are taken as loaded before
// all of it.
func (l *live) apply(target session.Server, ledger replay.Ledger) error {
	plan, err := l.plan(l.ctx)
	if err != nil {
		return err
	}
	before, err := handoff.NewTable("", nil, []handoff.Range{{Snapshot: handoff.Snapshot{Xmin: 3, Xmax: 3}}})
	if err != nil {
		return err
	}
	o := replay.Options{Target: target, Ledger: ledger, Position: func(context.Context) (state.Position, error) {
		return l.recorded().Position, nil
	}}
	for _, s := range plan.Steps {
		if s.Action == planner.Copy {
			o.Tables = append(o.Tables, &replay.Table{Name: s.Object.Qualified(), Copy: s.Copy, Loaded: before})
		}
	}
	end, err := pglogrepl.ParseLSN(sandbox.Query(l.t, l.source, "select pg_logical_emit_message(true, 'test', '')")[0])
	if err != nil {
		return err
	}
	a, err := replay.Open(l.ctx, o)
	if err != nil {
		return err
	}
	defer a.Close(l.ctx)
	s, err := stream.Open(l.ctx, session.At("source.old", l.source), stream.Options{
		Slot: l.spec.Slot, Publication: l.spec.Slot, Start: pglogrepl.LSN(a.Position().LSN),
	})
	if err != nil {
		return err
	}
	return errors.Join(a.To(l.ctx, s, end, nil), s.Close())
}

// ofEpoch makes records as a process does that has not noticed yet that another
// one has taken over.
type ofEpoch struct {
	*postgres.Store
	epoch int64
}

func (o ofEpoch) Position(p state.Position) state.Record {
	r := o.Store.Position(p)
	r.Args[1] = strconv.FormatInt(o.epoch, 10)
	return r
}

// A process that has lost the migration cannot commit, not even what it had sent
// before.
func TestChangesOfAnEarlierHolderAreRefused(t *testing.T) {
	t.Parallel()
	l := newLive(t, counted)
	l.rest()
	var away atomic.Bool
	first := l.acquired(unreachable(session.At("target.new", l.target), &away))
	l.do("insert into public.plain values (1); insert into public.keyed values (1, 1)")
	// Its session dies, and before it is back another process comes.
	away.Store(true)
	const locked = "pid in (select pid from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database()))"
	if terminate(t, l.target, locked) != 1 {
		t.Fatal("nobody has the lock")
	}
	second := l.acquired(session.At("target.new", l.target))
	if second.Epoch() <= first.Epoch() {
		t.Fatalf("the epoch went from %d to %d", first.Epoch(), second.Epoch())
	}
	before := l.recorded().Position
	if err := l.apply(session.At("target.new", l.target), ofEpoch{first, first.Epoch()}); !errors.Is(err, session.ErrFenced) {
		t.Errorf("the earlier holder's commit: %v, want %v", err, session.ErrFenced)
	}
	if rows := sandbox.Query(t, l.target, "select v from public.plain union all select id from public.keyed"); len(rows) > 0 {
		t.Errorf("of the refused batch these rows stay: %v", rows)
	}
	if after := l.recorded().Position; after != before {
		t.Errorf("the position went from %+v to %+v", before, after)
	}
	if err := l.apply(session.At("target.new", l.target), second); err != nil {
		t.Errorf("the holder's commit: %v", err)
	}
	l.equal(t)
}

// A connection can break for us while the server is still at our commit. What
// it commits then must not be applied again, though the next attempt, of the
// same process, has read a position without it.
func TestChangesAfterACommitInDoubtAreNotDoubled(t *testing.T) {
	needsTheSlot(t)
	t.Parallel()
	l := newLive(t, counted)
	l.rest()
	store := l.acquired(session.At("target.new", l.target))
	// A commit that waits, as one for a synchronous standby does.
	sandbox.Exec(t, l.target, `
		create function public.slow() returns trigger language plpgsql as $$ begin perform pg_advisory_xact_lock(42); return null; end $$;
		create constraint trigger slow after insert on public.plain deferrable initially deferred for each row execute function public.slow();
		alter table public.plain enable always trigger slow`)
	holder := connect(t, l.target)
	lock := func(sql string) {
		t.Helper()
		if _, err := holder.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	lock("select pg_advisory_lock(42)")
	l.do("insert into public.plain values (1)")
	const waiting = "select from pg_stat_activity where datname = current_database() and application_name = 'sluice changes' and wait_event = "
	var cables cables
	broke := make(chan error)
	go func() { broke <- l.apply(cables.between(session.At("target.new", l.target)), store) }()
	l.wait(waiting + "'advisory'")
	cables.cut()
	if err := <-broke; err == nil {
		t.Fatal("the broken connection was not noticed: the test shows nothing")
	}
	// The next attempt waits for the row that the commit in doubt has written.
	again := make(chan error)
	go func() { again <- l.apply(session.At("target.new", l.target), store) }()
	l.wait(waiting + "'transactionid'")
	lock("select pg_advisory_unlock(42)")
	if err := <-again; err != nil {
		t.Logf("the second attempt: %v", err) // it may have to read its position again
	}
	if rows := sandbox.Query(t, l.target, "select v from public.plain"); len(rows) != 1 {
		t.Errorf("the row is on the target %d times", len(rows))
	}
	sandbox.Exec(t, l.target, "drop trigger slow on public.plain; drop function public.slow()")
	if err := store.Release(t.Context()); err != nil {
		t.Fatal(err)
	}
	l.follow(nil)
	l.same()
}

// cables are the connections of the applier.
type cables struct {
	mu    sync.Mutex
	conns []*cable
}

// cable is a connection that can break on our side alone.
type cable struct {
	net.Conn
	broken chan struct{}
}

// between makes connections to a server go over cables.
func (c *cables) between(server session.Server) session.Server {
	configure := server.Config
	server.Config = func(ctx context.Context) (*pgx.ConnConfig, error) {
		config, err := configure(ctx)
		if err != nil {
			return nil, err
		}
		dial, dialled := config.DialFunc, false
		config.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
			if dialled { // a request to cancel: over a broken network it does not arrive either
				return nil, syscall.ENETUNREACH
			}
			dialled = true
			conn, err := dial(ctx, network, address)
			if err != nil {
				return nil, err
			}
			one := &cable{conn, make(chan struct{})}
			c.mu.Lock()
			defer c.mu.Unlock()
			c.conns = append(c.conns, one)
			return one, nil
		}
		return config, nil
	}
	return server
}

// cut breaks the connections that are there.
func (c *cables) cut() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, one := range c.conns {
		close(one.broken)
		_ = one.SetDeadline(time.Unix(1, 0)) // wakes the reader
	}
	c.conns = nil
}

func (c *cable) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	select {
	case <-c.broken:
		return 0, io.ErrUnexpectedEOF
	default:
		return n, err
	}
}

func (c *cable) Write(p []byte) (int, error) {
	select {
	case <-c.broken:
		return 0, io.ErrClosedPipe
	default:
		return c.Conn.Write(p)
	}
}

// Close leaves the server's side as it is where the cable is broken.
func (c *cable) Close() error {
	select {
	case <-c.broken:
		return nil
	default:
		return c.Conn.Close()
	}
}
