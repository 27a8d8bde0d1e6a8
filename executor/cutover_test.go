package executor_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"sluice/examples/sandbox"
	"sluice/executor"
	"sluice/executor/session"
	"sluice/planner"
	"sluice/state"
	"sluice/state/postgres"
)

const switched = `
	create table public.t (id int primary key, v text);
	insert into public.t select n, 'v' from generate_series(1, 100) n;
	create materialized view public.view as select count(*) from public.t;
	create sequence public.numbers;`

// A session in the way that no fence ends, at each step that could wait for it: when
// max_write_pause is over the application writes on, and the next cutover succeeds.
func TestAStepThatTakesTooLongIsUndone(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		step  string // whose end never comes
		point string // behind which the session gets in the way; empty: before all
		away  string // what it does on the source
		there string // on the target
	}{
		{step: "fence database", away: "lock table public.t in row exclusive mode"},
		// The triggers cannot be dropped while their table is read.
		{step: "drain", point: "cutover: after terminate", there: "lock table public.t in access exclusive mode",
			away: "set default_transaction_read_only = off; commit; insert into public.t values (101, 'late'); begin; select from public.t"},
		{step: "set sequences", there: "alter sequence public.numbers increment 1"},
		{step: "refresh", there: "select from public.view"},
	} {
		t.Run(c.step+" "+c.point, func(t *testing.T) {
			t.Parallel()
			l := &live{move: newMove(t, 0, 0)}
			ours := func(url string) *pgx.Conn {
				return connect(t, url+"&application_name=sluice_test") // terminate passes it by
			}
			source, target := ours(l.source), ours(l.target)
			inTheWay := func() {
				for conn, sql := range map[*pgx.Conn]string{source: c.away, target: c.there} {
					if sql != "" {
						if _, err := conn.PgConn().Exec(context.WithoutCancel(t.Context()), "begin; "+sql).ReadAll(); err != nil {
							t.Error(err)
						}
					}
				}
			}
			var once sync.Once
			l.begin(t, switched, func(r *executor.Run) {
				r.Cutover.MaxWritePause = 5 * time.Second
				r.Point = func(name string) {
					if name == c.point {
						once.Do(inTheWay)
					}
				}
			})
			if c.point == "" {
				inTheWay()
			}
			err := l.cutOver(l.ctx, t)
			if err == nil || !strings.Contains(err.Error(), c.step) || !strings.Contains(err.Error(), "max_write_pause") {
				t.Fatalf("the cutover said %v", err)
			}
			if c.step != "fence database" { // there it is a lock that all writers meet
				l.do("insert into public.t values (200, 'the application writes on'); select nextval('public.numbers')")
			}
			for _, conn := range []*pgx.Conn{source, target} {
				if err := conn.Close(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			l.do("insert into public.t values (201, 'the application writes on')")
			l.same()
			l.do("refresh materialized view public.view")
			l.rest()
			l.follow(nil)
			if err := l.cutOver(l.ctx, t); err != nil {
				t.Fatal(err)
			}
			<-l.ended
			l.equal(t)
			l.cleanUp(t, true)
			l.nothingIsLeftBehind(t)
		})
	}
}

// A cutover is killed at each of its steps. The next run lets the application write
// again, then serves the request, unless that was taken back; or cleanup takes all away.
func TestACutoverIsKilled(t *testing.T) {
	t.Parallel()
	const again, withdrawn, cleaned = "apply", "apply, and the request is taken back", "cleanup"
	for point, then := range map[string][]string{
		"cutover: after fence#0":         {again, withdrawn, cleaned}, // new sessions are read only
		"cutover: after terminate#0":     {again},
		"cutover: after fence#1":         {again, withdrawn, cleaned}, // the tables
		"cutover: after drain#0":         {withdrawn},
		"cutover: after set sequences#0": {again},
		"cutover: before its commit#0":   {again, withdrawn, cleaned},
		"cutover: after its commit#0":    {again, cleaned},
	} {
		for _, then := range then {
			t.Run(point+", "+then, func(t *testing.T) {
				t.Parallel()
				l := newLive(t, switched)
				l.rest()
				child := l.move.start(t, point, executor.UntilEnd)
				l.comes(func(st state.State) bool { return st.Lease.Live && st.Phase == state.Following })
				payload, err := l.cutoverPlan(l.ctx)
				if err != nil {
					t.Fatal(err)
				}
				conn, err := session.At("target.new", l.target).Connect(l.ctx, "test")
				if err != nil {
					t.Fatal(err)
				}
				defer session.Close(l.ctx, conn)
				id, err := postgres.Ask(l.ctx, conn, address, executor.RequestCutover, payload)
				if err != nil {
					t.Fatal(err)
				}
				died(t, child)
				opened := strings.Contains(point, "after its commit")
				switch then {
				case again:
					l.start(nil)
					<-l.ended
					if l.err != nil || l.outcome != executor.CutOver {
						t.Fatalf("the run ended with %q, %v", l.outcome, l.err)
					}
					if reply, err := postgres.Poll(l.ctx, conn, id, 0); err != nil || !reply.Done || reply.Failure != "" {
						t.Errorf("the request: %+v, %v", reply, err)
					}
					l.equal(t)
				case withdrawn:
					if err := postgres.Withdraw(l.ctx, conn, id); err != nil {
						t.Fatal(err)
					}
					session.Close(l.ctx, conn)
					l.awaitRelease(t)
					plan, err := l.plan(l.ctx)
					if err != nil {
						t.Fatal(err)
					}
					if !slices.ContainsFunc(plan.Steps, func(s planner.Step) bool { return s.Action == planner.Lift && !s.Done }) {
						t.Error("the plan does not say that the fence goes")
					}
					died(t, l.move.start(t, "lift: before the records go#0", executor.UntilEnd))
					l.follow(nil)
					l.same()
					l.nothingToDo(t)
					if err := l.cutOver(l.ctx, t); err != nil {
						t.Fatal(err)
					}
					<-l.ended
					l.equal(t)
				}
				session.Close(l.ctx, conn)
				l.awaitRelease(t)
				l.cleanUp(t, !opened)
				l.nothingIsLeftBehind(t)
				l.do("insert into public.t values (300, 'the source takes writes')")
			})
		}
	}
}

// nothingToDo checks that a plan has nothing left but to follow, and no fence to lift.
func (l *live) nothingToDo(t *testing.T) {
	t.Helper()
	l.nothingLeft(t)
	if tables := sandbox.Query(t, l.source, "select tgrelid::regclass from pg_trigger where tgname = 'sluice_fence'"); len(tables) > 0 {
		t.Errorf("still fenced: %v", tables)
	}
}

// Promise 14: no sequence returns a value on the target that it has ever returned on the
// source, whatever its kind, also when it is drawn from up to the very end.
func TestSequencesNeverRepeat(t *testing.T) {
	t.Parallel()
	l := newLive(t, `
		create sequence public.one;
		create sequence public.ten increment 10 start 7;
		create sequence public.back increment -1;
		create sequence public.cached cache 50;
		create sequence public.round maxvalue 1000000 cycle;
		create sequence public.small as smallint increment 2;
		create sequence public.unused start 42;
		create sequence public.once; select nextval('public.once');
		create table public.own (id serial primary key, v int);
		create table public.always (id int generated always as identity (increment 3) primary key, v int);
		create table public.usually (id bigint generated by default as identity (start 1000 cache 20) primary key, v int);`)
	drawn := []string{"one", "ten", "back", "cached", "round", "small", "own_id_seq", "always_id_seq", "usually_id_seq"}
	var mu sync.Mutex
	seen := map[string]map[int64]bool{}
	for _, name := range drawn {
		seen[name] = map[int64]bool{}
	}
	draw := func(ctx context.Context, conn *pgx.Conn) error {
		for _, name := range drawn {
			sql := fmt.Sprintf("select nextval('public.%s')", name)
			if table, own := strings.CutSuffix(name, "_id_seq"); own {
				sql = fmt.Sprintf("insert into public.%s (v) values (1) returning id", table)
			}
			var n int64
			if err := conn.QueryRow(ctx, sql).Scan(&n); err != nil {
				return err
			}
			mu.Lock()
			if seen[name][n] {
				t.Errorf("%s repeats %d on the source", name, n)
			}
			seen[name][n] = true
			mu.Unlock()
		}
		return nil
	}
	var writers sync.WaitGroup
	started := make(chan struct{}, 3)
	for range 3 {
		writers.Go(func() {
			for told := false; l.ctx.Err() == nil; {
				conn, err := pgx.Connect(l.ctx, l.source)
				for n := 0; err == nil; n++ {
					if err = draw(l.ctx, conn); n == 20 && !told {
						started <- struct{}{}
						told = true
					}
				}
				if conn != nil {
					conn.Close(context.WithoutCancel(l.ctx))
				}
				said := new(pgconn.PgError)
				if errors.As(err, &said) && said.Code == "25006" { // read only
					return
				}
			}
		})
	}
	for range 3 {
		<-started
	}
	if err := l.cutOver(l.ctx, t); err != nil {
		t.Fatal(err)
	}
	<-l.ended
	writers.Wait()
	l.equal(t)
	conn := connect(t, l.target)
	for range 50 { // of the writers no session is left, and so none of what it had cached
		if err := draw(t.Context(), conn); err != nil {
			t.Fatal(err)
		}
	}
	for name, want := range map[string]string{"unused": "42", "once": "2"} {
		if got := sandbox.Query(t, l.target, "select nextval('public."+name+"')")[0]; got != want {
			t.Errorf("%s goes on with %s, want %s", name, got, want)
		}
	}
}

// Promise 13: with nobody writing, no cutover waits for a change that never comes. With
// -long as often as the promise says.
func TestCutoverOfAnIdleSource(t *testing.T) {
	t.Parallel()
	times := 2
	if *long {
		times = 100
	}
	var longest time.Duration
	for n := range times {
		t.Run(strconv.Itoa(n), func(t *testing.T) {
			l := newLive(t, switched)
			began := time.Now()
			if err := l.cutOver(l.ctx, t); err != nil {
				t.Fatal(err)
			}
			longest = max(longest, time.Since(began))
			<-l.ended
			l.equal(t)
		})
	}
	t.Logf("of %d cutovers the longest took %s", times, longest.Round(time.Millisecond))
}
