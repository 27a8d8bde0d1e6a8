package executor_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"sluice/examples/sandbox"
	"sluice/executor"
	"sluice/executor/progress"
	"sluice/state"
)

// live is a move that follows the changes beside its test.
type live struct {
	*move
	t     *testing.T
	ctx   context.Context
	stop  chan struct{}
	ended chan struct{}
	// The result of the run, valid after ended.
	outcome executor.Outcome
	err     error

	marks  int
	crowds int  // that wrote
	fenced bool // a cutover ends the writers
	// progress is that of the run: the state's phase may be the one before.
	progress atomic.Pointer[progress.Tracker]
}

// newLive makes a move whose source has what the script makes, and follows it.
// The script's tables are loaded with their rows, and past the convergence, when
// it returns.
func newLive(t *testing.T, script string) *live {
	t.Helper()
	l := &live{move: newMove(t, 0, 0)}
	l.begin(t, script, nil)
	return l
}

// begin is newLive for databases that are there, with what change sets.
func (l *live) begin(t *testing.T, script string, change func(*executor.Run)) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	t.Cleanup(cancel)
	l.t, l.ctx = t, ctx
	sandbox.Exec(t, l.source, marksTable+script)
	l.follow(change)
}

// marksTable has the rows by which settle knows how far the target is.
const marksTable = "create table public.marks (n int primary key);\n"

// follow starts a run and waits until it follows, and has caught up.
func (l *live) follow(change func(*executor.Run)) {
	l.t.Helper()
	l.start(change)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		if t := l.progress.Load(); t != nil && t.Snapshot().Phase == string(state.Following) {
			break
		}
		select {
		case <-l.ended:
			l.t.Fatalf("the run ended with %q before it followed: %v", l.outcome, l.err)
		case <-l.ctx.Done():
			l.t.Fatal("the run never followed")
		case <-tick.C:
		}
	}
	l.settle()
}

// start starts a run.
func (l *live) start(change func(*executor.Run)) {
	stop, ended := make(chan struct{}), make(chan struct{})
	l.stop, l.ended = stop, ended
	l.progress.Store(nil)
	go func() {
		defer close(ended)
		l.outcome, l.err = l.run(l.ctx, func(r *executor.Run) {
			r.Stop = stop
			l.progress.Store(r.Progress)
			if change != nil {
				change(r)
			}
		})
	}()
	l.t.Cleanup(func() { // before the databases go
		select {
		case <-stop:
		default:
			close(stop)
		}
		<-ended
	})
}

// do runs a script on the source, as one transaction unless it says otherwise.
func (l *live) do(script string) {
	l.t.Helper()
	sandbox.Exec(l.t, l.source, script)
}

// beside does the same off the test's goroutine.
func (l *live) beside(script string) {
	conn, err := pgx.Connect(l.ctx, l.source)
	if err == nil {
		_, err = conn.PgConn().Exec(l.ctx, script).ReadAll()
		conn.Close(context.WithoutCancel(l.ctx))
	}
	if err != nil {
		l.t.Errorf("%v: %s", err, script)
	}
}

// breathe keeps writers from outrunning the run for ever: nobody applies what
// several of them write without a pause, on a machine that is busy. It waits while
// the slot keeps more than what is fast to catch up with.
func (l *live) breathe(ctx context.Context, source *pgx.Conn) {
	const far = `
		select pg_wal_lsn_diff(pg_current_wal_lsn(), confirmed_flush_lsn) > 8e6
		from pg_replication_slots where slot_name = $1 and confirmed_flush_lsn is not null`
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		var behind bool
		if err := source.QueryRow(ctx, far, l.spec.Slot).Scan(&behind); err != nil || !behind { // no slot yet
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// repeat runs scripts on the source, one after another, until it is stopped.
func (l *live) repeat(script func(n int) string) (stop func()) {
	ctx, cancel := context.WithCancel(l.ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		conn, err := pgx.Connect(ctx, l.source)
		if err != nil {
			l.t.Error(err)
			return
		}
		defer conn.Close(context.WithoutCancel(ctx))
		for n := 0; ctx.Err() == nil; n++ {
			l.breathe(ctx, conn)
			l.beside(script(n))
		}
	}()
	return func() { cancel(); <-ended }
}

// settle waits until the target has everything that is committed by now.
func (l *live) settle() {
	l.t.Helper()
	l.marks++
	l.do(fmt.Sprintf("insert into public.marks values (%d)", l.marks))
	l.wait(fmt.Sprintf("select from public.marks where n = %d", l.marks))
}

// wait waits until a query has a row on the target.
func (l *live) wait(query string) {
	l.t.Helper()
	if !l.reaches(query) {
		l.t.Fatalf("the run ended (%q) before the target had what was waited for: %v", l.outcome, l.err)
	}
}

// reaches is false where the run ends before the query has a row.
func (l *live) reaches(query string) bool {
	l.t.Helper()
	conn, err := pgx.Connect(l.ctx, l.target)
	if err != nil {
		l.t.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(l.ctx))
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		// The tables may not be there yet.
		if tag, err := conn.Exec(l.ctx, query); err == nil && tag.RowsAffected() > 0 {
			return true
		}
		select {
		case <-l.ended:
			return false
		case <-l.ctx.Done():
			l.t.Fatalf("the target never had: %s", query)
		case <-tick.C:
		}
	}
}

// comes waits until the state says so, which the run must do before it ends.
func (l *live) comes(what func(state.State) bool) {
	l.t.Helper()
	ctx, cancel := context.WithCancelCause(l.ctx)
	defer cancel(nil)
	ended := l.ended
	go func() {
		select {
		case <-ended:
			cancel(fmt.Errorf("the run ended with %q: %w", l.outcome, l.err))
		case <-ctx.Done():
		}
	}()
	if err := l.until(ctx, what); err != nil {
		l.t.Fatal(err)
	}
}

// rest stops the run, which must not have failed.
func (l *live) rest() {
	l.t.Helper()
	close(l.stop)
	<-l.ended
	l.ended = nil // nobody runs whose end could come before what is waited for
	if l.err != nil || l.outcome != executor.Stopped {
		l.t.Fatalf("the run ended with %q, %v; want %q", l.outcome, l.err, executor.Stopped)
	}
}

// failure waits until the run has ended by itself, and returns its error.
func (l *live) failure() error {
	l.t.Helper()
	select {
	case <-l.ended:
	case <-l.ctx.Done():
		l.t.Fatal("the run goes on, and should have ended")
	}
	if l.err == nil {
		l.t.Fatalf("the run ended with %q; want an error", l.outcome)
	}
	return l.err
}

// same settles and compares both sides.
func (l *live) same() {
	l.t.Helper()
	l.settle()
	l.equal(l.t)
}

// recorded is the state.
func (l *live) recorded() (st state.State) {
	l.t.Helper()
	if err := l.until(l.ctx, func(s state.State) bool { st = s; return true }); err != nil {
		l.t.Fatal(err)
	}
	return st
}

// refusal checks that an error is of type E and says each of words.
func refusal[E error](t *testing.T, err error, words ...string) E {
	t.Helper()
	var as E
	if !errors.As(err, &as) {
		t.Fatalf("error %v is a %T, want a %T", err, err, as)
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("the error does not say %q: %v", w, err)
		}
	}
	return as
}
