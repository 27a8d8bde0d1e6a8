package executor_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sluice/examples/sandbox"
	"sluice/executor"
	"sluice/state"
)

// ownServers starts two servers that the test may restart.
func ownServers(t *testing.T) (source, target *sandbox.Server) {
	t.Helper()
	var servers [2]*sandbox.Server
	var starting sync.WaitGroup
	for i := range servers {
		starting.Go(func() {
			s, err := sandbox.Start(t.Context(), sandbox.Options{})
			if err != nil {
				t.Error(err)
				return
			}
			servers[i] = s
		})
	}
	starting.Wait()
	for _, s := range servers {
		if s == nil {
			t.FailNow()
		}
		t.Cleanup(func() {
			if err := s.Stop(); err != nil {
				t.Error(err)
			}
		})
	}
	return servers[0], servers[1]
}

// weather is a live move between servers of its own.
type weather struct {
	live
	sourceServer, targetServer *sandbox.Server
}

func newWeather(t *testing.T) *weather {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	t.Cleanup(cancel)
	w := &weather{live: live{t: t, ctx: ctx}}
	w.sourceServer, w.targetServer = ownServers(t)
	w.move = &move{source: w.sourceServer.Database(t), target: w.targetServer.Database(t)}
	w.spec = spec(w.source)
	w.spec.LargeTable, w.chunkBytes = 1<<20, 128<<10
	return w
}

// crash restarts servers as after a crash.
func (w *weather) crash(servers ...*sandbox.Server) {
	var restarting sync.WaitGroup
	for _, s := range servers {
		restarting.Go(func() {
			if err := s.Restart(w.ctx, sandbox.Immediate); err != nil {
				w.t.Error(err)
			}
		})
	}
	restarting.Wait()
}

// notCopiedAgain checks that chunks, by table, are recorded still as they were.
func (l *live) notCopiedAgain(chunks map[string][]string) {
	l.t.Helper()
	for table, were := range chunks {
		if len(were) == 0 {
			l.t.Errorf("no chunk of %s was recorded by then: the test shows nothing", table)
		}
		are := l.chunks(l.t, table)
		for _, chunk := range were {
			if !slices.Contains(are, chunk) {
				l.t.Errorf("of %s chunk %s was copied again", table, chunk)
			}
		}
	}
}

// many is threeWays, and a table in which a chunk that comes twice shows.
const many = threeWays + counted + `
	create table public.keyless (v text); alter table public.keyless replica identity full;
	insert into public.keyless select repeat('v', 100) || i % 7 from generate_series(1, 20000) i;
	create view public.first as select * from public.whole;
	create function public.one() returns int immutable language sql as 'select 1';`

// Servers that crash cost time, whatever the run is at: it goes on by itself, no
// row is lost or doubled, and of the load what was recorded is not copied again.
func TestCrashesOfTheServersCostTime(t *testing.T) {
	t.Parallel()
	for name, which := range map[string]func(*weather) []*sandbox.Server{
		"source": func(w *weather) []*sandbox.Server { return []*sandbox.Server{w.sourceServer} },
		"target": func(w *weather) []*sandbox.Server { return []*sandbox.Server{w.targetServer} },
		"both":   func(w *weather) []*sandbox.Server { return []*sandbox.Server{w.sourceServer, w.targetServer} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWeather(t)
			servers := which(w)
			// Each is passed several times before the servers crash there.
			left := map[string]*atomic.Int64{}
			for point, n := range map[string]int64{
				"source step: after its intent": 0, "source step: before its record": 0, "slot: before the barrier": 0, "slot: before its record": 0,
				"step: before its commit": 3, "load: before a chunk is copied": 9, "load: before a chunk commits": 20,
				"load: after a chunk has committed": 30, "load: before the step's record": 1,
			} {
				left[point] = new(atomic.Int64)
				left[point].Store(n)
			}
			var one sync.Mutex
			recorded := map[string][]string{} // chunks, by table
			w.begin(t, many, func(r *executor.Run) {
				r.Point = func(point string) {
					if n := left[point]; n != nil && n.Add(-1) == -1 {
						one.Lock()
						defer one.Unlock()
						if strings.HasPrefix(point, "load:") {
							for _, table := range []string{"keys", "ctids", "keyless"} {
								recorded[table] = append(recorded[table], w.chunks(t, table)...)
							}
						}
						w.crash(servers...)
					}
				}
			})
			stop := w.writing()
			for range 2 {
				w.crash(servers...)
				w.settle()
			}
			stop()
			w.settle()
			w.crash(servers...) // nothing is under way
			w.same()
			w.counted(t, w.progress.Load())
			for point, n := range left {
				if n.Load() >= 0 {
					t.Errorf("no server crashed at %q", point)
				}
			}
			if name != "target" { // which leaves the snapshots of the source alone
				delete(recorded, "ctids")
				delete(recorded, "keyless")
			}
			w.notCopiedAgain(recorded)
			w.rest()
			w.nothingLeft(t)
		})
	}
}

// A commit whose answer is lost has happened: its step is not done twice, nor its
// rows copied twice.
func TestACommitInDoubtIsNotDoneAgain(t *testing.T) {
	t.Parallel()
	w := newWeather(t)
	points := map[string]*atomic.Int64{"step: before its commit": {}, "load: before a chunk commits": {}, "load: before the step's record": {}}
	points["load: before a chunk commits"].Store(7)
	var doubts sync.WaitGroup
	var inDoubt atomic.Int64
	var one sync.Mutex // held until the server is up again
	w.begin(t, many, func(r *executor.Run) {
		r.Point = func(point string) {
			if n := points[point]; n == nil || n.Add(-1) != -1 {
				return
			}
			one.Lock()
			// From here on a commit is on the disk, and waits for a standby before it
			// is acknowledged.
			sandbox.Exec(t, w.target, "alter system set synchronous_standby_names = 'nobody'")
			sandbox.Exec(t, w.target, "select pg_reload_conf()")
			eventually(t, w.target, "show synchronous_standby_names", "nobody")
			doubts.Go(func() {
				defer one.Unlock()
				eventually(t, w.target, "select count(*) > 0 from pg_stat_activity where wait_event = 'SyncRep' and application_name in ('sluice schema', 'sluice copy')", "t")
				inDoubt.Add(1)
				sandbox.Exec(t, w.target, "alter system reset synchronous_standby_names")
				w.crash(w.targetServer)
			})
		}
	})
	doubts.Wait()
	if n := inDoubt.Load(); n != int64(len(points)) {
		t.Errorf("%d commits were in doubt, of %d", n, len(points))
	}
	w.same()
	w.counted(t, w.progress.Load())
	w.rest()
	w.nothingLeft(t)
}

// A target that stays away for longer than declared ends the run, and starting
// again goes on; so it is while nothing is to be done.
func TestATargetThatStaysAwayUsesUpTheBudget(t *testing.T) {
	t.Parallel()
	for _, point := range []string{"step: before its commit", "load: before a chunk commits", ""} {
		t.Run("at "+point, func(t *testing.T) {
			t.Parallel()
			w := newWeather(t)
			sandbox.Exec(t, w.source, marksTable+many)
			var once sync.Once
			away := func() {
				once.Do(func() {
					if err := w.targetServer.Kill(); err != nil {
						t.Error(err)
					}
				})
			}
			w.start(func(r *executor.Run) {
				r.Settings.RetryConnection = 2 * time.Second
				r.Point = func(reached string) {
					if reached == point {
						away()
					}
				}
			})
			if point == "" {
				if err := w.until(w.ctx, inPhase(state.Following)); err != nil {
					t.Fatal(err)
				}
				away()
			}
			if err := w.failure(); !errors.Is(err, executor.ErrBudget) {
				t.Errorf("the run ended with %v, want %v", err, executor.ErrBudget)
			}
			if shown := w.progress.Load().Snapshot(); shown.Retrying == nil && shown.Phase != string(state.Retrying) {
				t.Errorf("the progress is %+v", shown)
			}
			w.crash(w.targetServer)
			w.follow(nil)
			w.same()
			w.rest()
		})
	}
}

// Promise 9 while the target is away: a table whose snapshot is kept for the time
// after that is given up as soon as somebody needs it.
func TestAnOutageLetsTheApplicationThrough(t *testing.T) {
	t.Parallel()
	w := newWeather(t)
	sandbox.Exec(t, w.source, marksTable+many)
	away := make(chan struct{})
	w.start(at("load: before a chunk commits", 5, func() {
		defer close(away)
		if err := w.targetServer.Kill(); err != nil {
			t.Error(err)
		}
	}))
	select {
	case <-away:
	case <-w.ended:
		t.Fatalf("the run ended with %q, %v", w.outcome, w.err)
	}
	for _, table := range []string{"ctids", "keyless", "keys"} {
		w.do("truncate public." + table)
	}
	w.crash(w.targetServer)
	if err := w.until(w.ctx, inPhase(state.Following)); err != nil {
		t.Fatal(err)
	}
	w.same()
	w.rest()
}

// Stop during an outage: nothing is in hand that could be finished.
func TestStopEndsAnOutage(t *testing.T) {
	t.Parallel()
	w := newWeather(t)
	w.begin(t, counted, nil)
	if err := w.targetServer.Kill(); err != nil {
		t.Fatal(err)
	}
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for w.progress.Load().Snapshot().Retrying == nil {
		select {
		case <-tick.C:
		case <-w.ctx.Done():
			t.Fatal("the outage is not noticed")
		}
	}
	w.rest()
	w.crash(w.targetServer)
	w.follow(nil)
	w.same()
}

// While the target is away another process takes the migration over: the first one
// ends, and writes nothing more.
func TestAnOutageMayEndWithAnotherHolder(t *testing.T) {
	t.Parallel()
	l := newLive(t, counted)
	const lock = "application_name = 'sluice state'"
	var store = make(chan error, 1)
	go func() {
		for { // whoever is first after the session broke
			terminate(t, l.target, lock)
			plan, err := l.plan(l.ctx)
			if err != nil {
				store <- err
				return
			}
			ctx, cancel := context.WithTimeout(l.ctx, 50*time.Millisecond)
			_, target := l.servers()
			s, err := acquire(ctx, target, plan)
			cancel()
			if err == nil {
				l.t.Cleanup(func() { _ = s.Release(context.WithoutCancel(l.ctx)) })
			}
			if err == nil || !errors.Is(err, context.DeadlineExceeded) {
				store <- err
				return
			}
		}
	}()
	if err := <-store; err != nil {
		t.Fatal(err)
	}
	if err := l.failure(); !strings.Contains(err.Error(), "another process has taken over") {
		t.Errorf("the run ended with %v", err)
	}
	before := l.recorded().Position
	l.do("insert into public.plain values (1)")
	if after := l.recorded().Position; !cmp.Equal(before, after) {
		t.Errorf("the position went from %+v to %+v", before, after)
	}
	_ = fmt.Sprint
}
