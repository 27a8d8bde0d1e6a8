package executor_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sluice/examples/sandbox"
	"sluice/executor"
	"sluice/executor/load"
	"sluice/executor/progress"
	"sluice/state"
	"sluice/state/postgres"
)

// threeWays are tables that are loaded in each of the ways: whole, in ranges of
// ctid, since a client cannot compare numerics, and in ranges of keys.
const threeWays = `
create table public.whole (id int primary key, v text); insert into public.whole select i, 'v' from generate_series(1, 100) i;
create table public.ctids (id numeric primary key, v text); insert into public.ctids select i, repeat('v', 100) from generate_series(1, 20000) i;
create table public.keys (id int primary key, v text); insert into public.keys select i * 2, repeat('v', 100) from generate_series(1, 20000) i;`

var waysOfLoading = []string{"whole", "ctids", "keys"}

func newThreeWays(t *testing.T) *move {
	m := newMove(t, 0, 0)
	m.spec.LargeTable, m.chunkBytes = 1<<20, 128<<10
	sandbox.Exec(t, m.source, threeWays)
	return m
}

// at makes a hook that calls f when a point is reached for the n-th time,
// counted from 0.
func at(point string, n int64, f func()) func(*executor.Run) {
	var count atomic.Int64
	return func(r *executor.Run) {
		r.Point = func(reached string) {
			if reached == point && count.Add(1)-1 == n {
				f()
			}
		}
	}
}

// chunks are the recorded chunks of a table as text, without their rows.
func (m *move) chunks(t *testing.T, table string) (chunks []string) {
	t.Helper()
	conn := connect(t, m.target)
	st, err := postgres.Load(t.Context(), conn, address)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range st.Chunks {
		if c.Table == table {
			chunks = append(chunks, fmt.Sprintf("%d [%s,%s) %s", c.Number, bound(c.Low), bound(c.High), c.Snapshot))
		}
	}
	return chunks
}

func bound(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func TestATableIsCutAsItsSizeAndKeySay(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	m := newThreeWays(t)
	if outcome, err := m.run(ctx, func(r *executor.Run) { r.Until = executor.UntilFull }); err != nil || outcome != executor.Reached {
		t.Fatalf("outcome %q: %v", outcome, err)
	}
	for table, want := range map[string]struct {
		several, byKey bool
	}{"whole": {}, "ctids": {several: true}, "keys": {several: true, byKey: true}} {
		got := m.chunks(t, table)
		if len(got) > 5 != want.several || !want.several && len(got) != 1 || strings.Contains(strings.Join(got, ""), "[,)") == want.byKey {
			t.Errorf("%s was loaded as %v", table, got)
		}
	}
	m.equal(t)
}

// A column more between plan and load is drift, however the table is loaded.
func TestAColumnMoreSinceThePlanIsDrift(t *testing.T) {
	t.Parallel()
	m := newThreeWays(t)
	alter := func(change string) {
		for _, table := range waysOfLoading {
			sandbox.Exec(t, m.source, "alter table public."+table+" "+change)
		}
	}
	var tracker *progress.Tracker
	_, err := m.run(t.Context(), func(r *executor.Run) {
		tracker = r.Progress
		alter("add column more int default 7")
	})
	if f := tracker.Snapshot().Failure; f == nil || f.Kind != progress.FailureDrift {
		t.Errorf("the status says that it ended with %+v", f)
	}
	for _, table := range waysOfLoading { // one that fails does not keep the others from being tried
		if !errors.Is(err, load.ErrDrift) || !strings.Contains(err.Error(), "public."+table) {
			t.Errorf("%s: error %v, want drift", table, err)
		}
	}
	alter("drop column more")
	// The table's place in the order of columns is not the same any more, its columns are.
	m.whileFollowing(t.Context(), t, nil, func() { m.equal(t) })
}

// Promise 9, the worst case: a statement that needs the table for itself comes
// while the table is read. It waits for us, and we must not wait for it: nobody
// could read the table any more. It gets its turn, and nothing is lost by it.
func TestWhatNeedsATableForItselfIsLetThrough(t *testing.T) {
	t.Parallel()
	for _, table := range waysOfLoading {
		t.Run(table, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), limit)
			defer cancel()
			m := newThreeWays(t)
			truncated := make(chan struct{})
			hold := make(chan struct{})
			var begun atomic.Int64
			m.whileFollowing(ctx, t, func(r *executor.Run) {
				var once sync.Once
				r.Point = func(point string) {
					if point != "load: before a chunk is copied" || begun.Add(1) < 3 {
						return
					}
					once.Do(func() {
						go func() {
							defer close(truncated)
							sandbox.Exec(t, m.source, "truncate public."+table+"; insert into public."+table+" select i, 'new' from generate_series(1, 10) i")
						}()
						defer close(hold)
						tick := time.NewTicker(20 * time.Millisecond)
						defer tick.Stop()
						for { // until it waits for us, or has come before we had the table
							select {
							case <-truncated:
								return
							case <-tick.C:
							}
							if sandbox.Query(t, m.source, "select count(*) from pg_locks where database = (select oid from pg_database where datname = current_database()) and not granted")[0] != "0" {
								return
							}
						}
					})
					<-hold
				}
			}, func() {
				select {
				case <-truncated:
				case <-ctx.Done():
					t.Error("the application still waits for its lock")
				}
				m.drain(ctx, t)
				for _, table := range waysOfLoading {
					m.sameRows(t, table, "in the end")
				}
			})
		})
	}
}

// A table that is dropped or altered while it is read ends the run with its name.
func TestATableThatChangesWhileItIsReadIsNamed(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		statement string
		drift     bool
	}{
		"dropped": {"drop table public.ctids", false},
		"altered": {"alter table public.ctids add more int", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), limit)
			defer cancel()
			m := newThreeWays(t)
			changed := make(chan struct{})
			var chunks atomic.Int64
			_, err := m.run(ctx, func(r *executor.Run) {
				var once sync.Once
				r.Point = func(point string) {
					if point != "load: before a chunk commits" || chunks.Add(1) < 3 {
						return
					}
					once.Do(func() {
						go func() {
							defer close(changed)
							sandbox.Exec(t, m.source, c.statement)
						}()
						eventually(t, m.source, "select exists (select from pg_locks where database = (select oid from pg_database where datname = current_database()) and not granted) or to_regclass('public.ctids') is null or exists (select from pg_attribute where attrelid = 'public.ctids'::regclass and attname = 'more')", "t")
					})
				}
			})
			<-changed
			if err == nil || !strings.Contains(err.Error(), "public.ctids") || errors.Is(err, load.ErrDrift) != c.drift {
				t.Errorf("error %v, want one that names public.ctids", err)
			}
			for _, table := range []string{"whole", "keys"} { // they go on
				m.sameRows(t, table, "all the same")
			}
		})
	}
}

// Sessions of ours are ended in the middle, on either side, and the one that
// holds a snapshot: the run goes on by itself, and no row is there twice.
func TestAnEndedSessionCostsTimeAndNoRows(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		side, use, point string
		times            []int64 // the point is passed before
	}{
		{"source", "sluice copy", "load: before a chunk is copied", []int64{3, 9}},
		{"source", "sluice copy", "load: before a chunk commits", []int64{6}},
		{"source", "sluice snapshot", "load: before a chunk commits", []int64{5}},
		{"target", "sluice copy", "load: before a chunk is copied", []int64{4}},
		{"target", "sluice copy", "load: before a chunk commits", []int64{2, 12}},
		{"target", "sluice copy", "load: after a chunk has committed", []int64{8}},
	} {
		t.Run(fmt.Sprintf("%s %s %s", c.side, c.use, c.point), func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), limit)
			defer cancel()
			m := newThreeWays(t)
			url := m.source
			if c.side == "target" {
				url = m.target
			}
			var count, ended atomic.Int64
			var told *progress.Tracker
			m.whileFollowing(ctx, t, func(r *executor.Run) {
				told = r.Progress
				r.Point = func(reached string) {
					if reached != c.point {
						return
					}
					n := count.Add(1) - 1
					for _, time := range c.times {
						if n == time {
							got := sandbox.Query(t, url, "select count(pg_terminate_backend(pid)) from pg_stat_activity where datname = current_database() and application_name = $1", c.use)
							if got[0] != "0" {
								ended.Add(1)
							}
						}
					}
				}
			}, func() {
				m.equal(t)
				m.counted(t, told)
			})
			if ended.Load() == 0 {
				t.Error("no session was there to be ended: the test shows nothing")
			}
			lines, _ := told.Notices(0)
			for _, line := range lines { // none where each chunk had the snapshot already
				if strings.Contains(line, "is copied again") && !strings.HasSuffix(line, "the session that held the snapshot it was read under has ended") {
					t.Errorf("it is not said why: %s", line)
				}
			}
		})
	}
}

// counted checks that the progress of a run that did all of the load has counted
// what is recorded, and nothing twice.
func (m *move) counted(t *testing.T, told *progress.Tracker) {
	t.Helper()
	type sum struct {
		Tables, Done, Chunks int
		Rows, Bytes          int64
	}
	var shown, recorded sum
	status := told.Snapshot()
	shown = sum{Tables: status.Load.Tables, Done: status.Load.TablesDone, Rows: status.Load.Rows, Bytes: status.Load.Bytes}
	for _, table := range status.Tables {
		shown.Chunks += table.ChunksDone
	}
	conn := connect(t, m.target)
	st, err := postgres.Load(t.Context(), conn, address)
	if err != nil {
		t.Fatal(err)
	}
	tables := map[string]bool{}
	for _, c := range st.Chunks {
		tables[c.Table] = true
		recorded.Chunks++
		recorded.Rows += c.Rows
		recorded.Bytes += c.Bytes
	}
	recorded.Tables, recorded.Done = len(tables), len(tables)
	if diff := cmp.Diff(recorded, shown); diff != "" {
		t.Errorf("the progress is not what is recorded (-recorded +shown):\n%s", diff)
	}
}

// The session of a chunk ends in its middle: what was on its way counts once, when
// it has come.
func TestAChunkThatIsCutShortCountsOnce(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	t.Cleanup(cancel)
	l := &live{move: newMove(t, 0, 0), t: t, ctx: ctx}
	sandbox.Exec(t, l.source, marksTable+"create table public.t (id int primary key, filler text default repeat('f', 150)); insert into public.t select i from generate_series(1, 40000) i")
	var attempts atomic.Int64
	l.start(func(r *executor.Run) {
		r.Settings.Load = state.Throttle{Bytes: 64 << 10} // a second, so that there is a middle
		r.Point = func(point string) {
			if point == "load: before a chunk is copied" {
				attempts.Add(1)
			}
		}
	})
	l.comes(func(state.State) bool { return l.progress.Load().Snapshot().Load.Bytes > 64<<10 })
	before := attempts.Load()
	if n := terminate(t, l.target, "application_name = 'sluice copy' and query ilike 'copy%\"t\"%' and state = 'active'"); n != 1 {
		t.Fatalf("%d sessions were ended", n)
	}
	l.comes(func(state.State) bool { return attempts.Load() > before })
	if _, err := l.ask(ctx, t, executor.RequestSettings, []byte("{}")); err != nil {
		t.Fatal(err)
	}
	l.comes(inPhase(state.Following))
	l.counted(t, l.progress.Load())
	l.rest()
}

// Promise 6: the process is killed in the middle of a table of many chunks, and
// the source crashes: what is recorded is not copied again.
func TestACrashCostsChunks(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	server := ownServer(t, sandbox.Options{})
	m := &move{source: server.Database(t), target: sandbox.Shared(t, 0, "target").Database(t), chunkBytes: smallChunk}
	m.spec = spec(m.source)
	m.spec.LargeTable = smallTable
	sandbox.Exec(t, m.source, "create table public.keys (id int primary key, v text); insert into public.keys select i, repeat('v', 100) from generate_series(1, 120000) i")
	if child := m.start(t, "load: after a chunk has committed#32", ""); !m.dies(ctx, t, child) {
		t.Fatal("the process was not killed in the middle")
	}
	before := m.chunks(t, "keys")
	if len(before) < 32 {
		t.Fatalf("%d chunks are recorded", len(before))
	}
	if err := server.Restart(ctx, sandbox.Immediate); err != nil {
		t.Fatal(err)
	}
	m.whileFollowing(ctx, t, nil, func() {
		after := m.chunks(t, "keys")
		if diff := cmp.Diff(before, after[:len(before)]); diff != "" || len(after) < len(before)+16 {
			t.Errorf("of %d chunks some were copied again:\n%s", len(after), diff)
		}
		t.Logf("%d chunks of %d were there", len(before), len(after))
		m.equal(t)
	})
}

// Stop in the middle of the load: what is in hand is finished and recorded, and
// the next run goes on to the same end.
func TestStopFinishesTheChunksInHand(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	m := newMove(t, 0, 0)
	m.spec.LargeTable, m.chunkBytes = 1<<20, 128<<10
	sandbox.Exec(t, m.source, "create table public.keys (id int primary key, v text); insert into public.keys select i, repeat('v', 100) from generate_series(1, 30000) i")
	stop := make(chan struct{})
	var begun, committed atomic.Int64
	outcome, err := m.run(ctx, func(r *executor.Run) {
		r.Stop = stop
		r.Point = func(point string) {
			switch point {
			case "load: before a chunk is copied":
				if begun.Add(1) == 6 {
					close(stop)
				}
			case "load: after a chunk has committed":
				committed.Add(1)
			}
		}
	})
	if err != nil || outcome != executor.Stopped {
		t.Fatalf("outcome %q: %v", outcome, err)
	}
	if begun.Load() != committed.Load() || int(committed.Load()) != len(m.chunks(t, "keys")) {
		t.Errorf("%d chunks were begun, %d committed, and %d are recorded", begun.Load(), committed.Load(), len(m.chunks(t, "keys")))
	}
	m.whileFollowing(ctx, t, nil, func() { m.equal(t) })
}

// Another table has taken the place of one while the run was on (renamed, and
// made anew): it has the same name and columns and is in no publication, so
// that its changes would be lost. That is drift.
func TestATableThatTookAnothersPlaceIsDrift(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	m := newThreeWays(t)
	_, err := m.run(ctx, func(r *executor.Run) {
		r.Until = executor.UntilCaughtUp
		at("slot: before its record", 0, func() {
			sandbox.Exec(t, m.source, "alter table public.whole rename to whole_old; create table public.whole (id int primary key, v text); insert into public.whole values (1, 'new')")
		})(r)
	})
	if !errors.Is(err, load.ErrDrift) || !strings.Contains(err.Error(), "public.whole") {
		t.Errorf("error %v, want drift", err)
	}
}
