package executor_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"sluice/examples/sandbox"
	"sluice/executor"
	"sluice/executor/progress"
	"sluice/planner"
	"sluice/state"
)

// newSpooled makes a live move with a spool, which does not run yet.
func newSpooled(t *testing.T, script string) *live {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	t.Cleanup(cancel)
	l := &live{move: newMove(t, 0, 0), t: t, ctx: ctx}
	l.spool(t, 1<<30)
	sandbox.Exec(t, l.source, marksTable+script)
	return l
}

// loading starts a run whose load is held up before its first rows are on the target,
// until release is called.
func (l *live) loading(change func(*executor.Run)) (release func()) {
	l.t.Helper()
	reached, released := make(chan struct{}), make(chan struct{})
	hold := at("load: before a chunk commits", 0, func() {
		close(reached)
		<-released
	})
	l.start(func(r *executor.Run) {
		hold(r)
		if change != nil {
			change(r)
		}
	})
	select {
	case <-reached:
	case <-l.ended:
		l.t.Fatalf("the run ended before the load: %v", l.err)
	}
	return func() { close(released) }
}

// confirmed says how far the slot is acknowledged, and how much WAL it keeps.
func (l *live) confirmed() (is bool, kept int64, status string) {
	l.t.Helper()
	row := sandbox.Query(l.t, l.source, `
		select confirmed_flush_lsn >= (select max(lsn) from public.written) as is, coalesce(pg_current_wal_lsn() - restart_lsn, 0)::bigint, coalesce(wal_status, 'none')
		from pg_replication_slots where slot_name = $1`, l.spec.Slot)
	if _, err := sscan(row[0], &is, &kept, &status); err != nil {
		l.t.Fatal(err)
	}
	return is, kept, status
}

// spoolStatus waits until the run says so of its spool.
func (l *live) spoolStatus(what func(progress.Spool) bool) progress.Spool {
	l.t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		if t := l.progress.Load(); t != nil {
			if s := t.Snapshot().Stream; s != nil && s.Spool != nil && what(*s.Spool) {
				return *s.Spool
			}
		}
		select {
		case <-tick.C:
		case <-l.ended:
			l.t.Fatalf("the run ended with %q: %v", l.outcome, l.err)
		case <-l.ctx.Done():
			l.t.Fatal("the spool never was as it should be")
		}
	}
}

// Promise 7 at a small size: the source may keep 64 MB of WAL for a slot, and the load
// is held up while it writes three times as much. Without a spool the slot is lost.
func TestTheSourceDropsWALDuringTheLoad(t *testing.T) {
	t.Parallel()
	server := ownServer(t, sandbox.Options{Settings: map[string]string{"max_slot_wal_keep_size": "64MB", "max_wal_size": "64MB", "min_wal_size": "32MB"}})
	for _, spooled := range []bool{true, false} {
		name := map[bool]string{true: "with a spool", false: "without"}[spooled]
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), limit)
			defer cancel()
			l := &live{move: &move{source: server.Database(t), target: sandbox.Shared(t, 0, "target").Database(t)}, t: t, ctx: ctx}
			l.spec = spec(l.source)
			if spooled {
				l.spool(t, 1<<30)
			}
			sandbox.Exec(t, l.source, marksTable+counted+"create table public.written (n int primary key, lsn pg_lsn); insert into public.keyed values (0, 0)")
			release := l.loading(nil)
			var most int64
			for i := range 12 { // of 16 MB each, most of it empty
				l.do(fmt.Sprintf("insert into public.written values (%d, pg_current_wal_lsn()); insert into public.plain values (%d); update public.keyed set v = v + 1", i, i))
				for spooled { // as far as the machine is
					done, kept, status := l.confirmed()
					if status == "lost" {
						t.Fatalf("the slot is lost after %d MB", 16*i)
					}
					if done {
						most = max(most, kept)
						break
					}
				}
				sandbox.Exec(t, l.source, "select pg_switch_wal()")
				sandbox.Exec(t, l.source, "checkpoint")
			}
			if !spooled {
				if _, _, status := l.confirmed(); status != "lost" {
					t.Errorf("the slot is %q: the test shows nothing", status)
				}
				release()
				if err := l.failure(); !strings.Contains(err.Error(), "max_slot_wal_keep_size") {
					t.Errorf("the run ended with %v", err)
				}
				return
			}
			if most > 64<<20 {
				t.Errorf("the slot kept %d MB", most>>20)
			}
			release()
			if err := l.until(ctx, inPhase(state.Following)); err != nil {
				t.Fatal(err)
			}
			l.same()
			l.rest()
			l.nothingLeft(t)
		})
	}
}

// The process is killed at every point at which the spool is half done, while changes
// are written: each is on the target once.
func TestSpoolSurvivesKills(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	m := newMove(t, 0, 0)
	m.spool(t, 1<<30)
	m.spec.LargeTable, m.chunkBytes = smallTable, smallChunk
	m.loadShop(t, 1)
	stop := m.write(ctx, t, 250)
	for _, p := range []string{
		"spool: after its intent#0", "spool: before its record#0",
		"spool: before it is on the disk#0", "spool: before it is acknowledged#0", "load: before a chunk commits#9",
		"replay: before a commit#0", "replay: after a commit, before it is acknowledged#1",
		"spool: before it is on the disk#20", "spool: before it is acknowledged#20", // each commit has one before it
	} {
		if !m.dies(ctx, t, m.start(t, p, "")) {
			t.Errorf("never reached the point %q", p)
		}
		if ctx.Err() != nil {
			t.Fatalf("stuck at the point %q", p)
		}
	}
	m.endsWell(ctx, t, stop)
}

// What is damaged or missing of a spool stops the run before the source is told
// anything, and says what and where; nothing is passed over.
func TestChangesStopWhereTheSpoolHasAHole(t *testing.T) {
	t.Parallel()
	l := newSpooled(t, counted)
	l.follow(nil)
	l.rest()
	dir := filepath.Join(l.spec.Spool, l.spec.Slot)
	for _, c := range []struct {
		name, says string
		harm, heal func() error
	}{
		{"moved away", "no such file", func() error { return os.Rename(dir, dir+".away") }, func() error { return os.Rename(dir+".away", dir) }},
		{"emptied", "its files are gone", func() error { return each(dir, func(f string) error { return os.Rename(f, f+".away") }) },
			func() error {
				return each(dir, func(f string) error { return os.Rename(f, strings.TrimSuffix(f, ".away")) })
			}},
		{"cut behind its header", "are missing", func() error {
			return each(dir, func(f string) error {
				whole, err := os.ReadFile(f)
				if err != nil {
					return err
				}
				return errors.Join(os.WriteFile(f+".whole", whole, 0o600), os.Truncate(f, 200))
			})
		}, func() error {
			return each(dir, func(f string) error {
				if kept, ok := strings.CutSuffix(f, ".whole"); ok {
					return os.Rename(f, kept)
				}
				return nil
			})
		}},
	} {
		l.do("insert into public.plain values (1)")
		if err := c.harm(); err != nil {
			t.Fatal(err)
		}
		l.start(nil)
		if err := l.failure(); !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), "sluice cleanup") {
			t.Errorf("%s: %v", c.name, err)
		}
		if err := c.heal(); err != nil {
			t.Fatal(err)
		}
	}
	if rows := sandbox.Query(t, l.target, "select count(*) from public.plain"); rows[0] != "0" {
		t.Errorf("%s rows came after a hole", rows[0])
	}
	l.follow(nil)
	l.same()
	l.rest()

	// With the files it may be in another place.
	l.spec.Spool = t.TempDir()
	if err := os.Rename(dir, filepath.Join(l.spec.Spool, l.spec.Slot)); err != nil {
		t.Fatal(err)
	}
	l.do("insert into public.plain values (2)")
	l.follow(nil)
	l.same()
	l.comes(func(st state.State) bool { return st.Spool.Directory == l.spec.Spool })
}

// each does something with every segment of a spool.
func each(dir string, f func(path string) error) error {
	paths, err := filepath.Glob(filepath.Join(dir, "*.changes*"))
	for _, path := range paths {
		err = errors.Join(err, f(path))
	}
	return err
}

// A slot that somebody moved has lost what is not in the spool.
func TestASlotThatIsAheadOfTheSpool(t *testing.T) {
	t.Parallel()
	l := newSpooled(t, counted)
	l.follow(nil)
	l.rest()
	l.do("insert into public.plain values (1)")
	l.do(fmt.Sprintf("select pg_replication_slot_advance('%s', pg_current_wal_lsn())", l.spec.Slot))
	l.start(nil)
	if err := l.failure(); !strings.Contains(err.Error(), "stands at") || !strings.Contains(err.Error(), "what is in the spool") {
		t.Errorf("the run ended with %v", err)
	}
}

// A spool without room takes nothing more, and says so in status; the source keeps its
// WAL, and gives all of it once there is room.
func TestAFullSpoolLeavesTheWALToTheSource(t *testing.T) {
	t.Parallel()
	l := newSpooled(t, counted+"insert into public.keyed values (0, 0); create table public.written (lsn pg_lsn primary key); create table public.bulk (id bigint generated always as identity primary key, v text)")
	l.spec.Settings.SpoolBytes = 4 << 20
	release := l.loading(nil)
	for range 40 {
		l.do("insert into public.bulk (v) select repeat('v', 1000) from generate_series(1, 300)")
	}
	l.do("insert into public.written values (pg_current_wal_lsn())")
	full := l.spoolStatus(func(s progress.Spool) bool { return s.Full != "" })
	if !full.Filling || full.Bytes > 5<<20 || full.MaxBytes != 4<<20 || full.ToLSN <= full.FromLSN {
		t.Errorf("the progress says %+v", full)
	}
	l.comes(func(st state.State) bool {
		return st.Spool.Full != "" && st.Spool.Bytes > 0 && st.Spool.Directory == l.spec.Spool
	})
	if done, _, _ := l.confirmed(); done {
		t.Error("the slot was acknowledged beyond what the spool has")
	}
	release()
	l.comes(inPhase(state.Following))
	l.same()
	l.spoolStatus(func(s progress.Spool) bool { return s.Full == "" && !s.Filling })
	l.rest()
	l.nothingLeft(t)
}

// The limit may be raised while the run waits for room.
func TestALargerSpoolIsTakenUpInPlace(t *testing.T) {
	t.Parallel()
	l := newSpooled(t, counted+"insert into public.keyed values (0, 0); create table public.written (lsn pg_lsn primary key)")
	l.spec.Settings.SpoolBytes = 1 << 20
	release := l.loading(nil)
	l.do("do $$ begin for i in 1..30 loop insert into public.plain select 1 from generate_series(1, 1000); end loop; end $$")
	l.do("insert into public.written values (pg_current_wal_lsn())")
	if _, err := l.ask(l.ctx, t, executor.RequestSettings, []byte(`{"workers": 4, "spool_bytes": 1073741824}`)); err != nil {
		t.Fatal(err)
	}
	for done := false; !done; {
		done, _, _ = l.confirmed()
	}
	release()
	l.comes(inPhase(state.Following))
	l.same()
}

// A transaction that is larger than the spool would never be whole: the run says so,
// and goes on with a larger one.
func TestATransactionLargerThanTheSpool(t *testing.T) {
	t.Parallel()
	l := newSpooled(t, counted)
	l.spec.Settings.SpoolBytes = 1 << 20
	l.follow(nil)
	l.do("insert into public.plain select i from generate_series(1, 200000) i")
	if err := l.failure(); !strings.Contains(err.Error(), "max_bytes") {
		t.Errorf("the run ended with %v", err)
	}
	l.spec.Settings.SpoolBytes = 1 << 30
	l.follow(nil)
	l.same()
}

// A spool that is declared while the changes are followed takes over from there; one
// that is declared no more is a conflict as long as there are changes in it.
func TestASpoolThatIsDeclaredLater(t *testing.T) {
	t.Parallel()
	l := newSpooled(t, counted)
	directory := l.spec.Spool
	l.spec.Spool = ""
	l.follow(nil)
	stop := l.writing()
	l.settle()
	l.rest()
	l.spec.Spool = directory
	l.follow(nil)
	l.settle()
	stop()
	l.same()
	l.spoolStatus(func(s progress.Spool) bool { return s.ToLSN > 0 })
	l.rest()
	l.nothingLeft(t)
	l.spec.Spool = ""
	if _, err := l.plan(l.ctx); err == nil || !strings.Contains(err.Error(), "C156") || !strings.Contains(err.Error(), directory) {
		t.Errorf("planning without it: %v", err)
	}
}

// Tables join through a slot of their own, while the main stream's changes go through
// the spool.
func TestATableJoinsBesideASpool(t *testing.T) {
	t.Parallel()
	l := newSpooled(t, counted)
	l.follow(nil)
	l.rest()
	l.do(late)
	stop := l.crowd(4, onLate...)
	l.follow(nil)
	l.settle()
	stop()
	l.same()
	l.nothingLeft(t)
}

// Broken connections cost time, and no row.
func TestSpoolSurvivesLostConnections(t *testing.T) {
	t.Parallel()
	l := newSpooled(t, counted)
	l.follow(nil)
	l.losesConnections()
}

// Cleanup removes the files, also of a spool whose record was never made.
func TestCleanupRemovesTheSpool(t *testing.T) {
	t.Parallel()
	for _, point := range []string{"spool: after its intent#0", "spool: before its record#0", "spool: before it is acknowledged#3"} {
		t.Run(point, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), limit)
			defer cancel()
			m := newThreeWays(t)
			m.spool(t, 1<<30)
			if !m.dies(ctx, t, m.start(t, point, "")) {
				t.Fatal("the process was not killed")
			}
			m.awaitRelease(t)
			m.cleanUp(t, true)
			m.nothingIsLeftBehind(t)
			if left, err := os.ReadDir(m.spec.Spool); err != nil || len(left) > 0 {
				t.Errorf("left are %v, %v", left, err)
			}
		})
	}
}

// On another machine there is no such directory: that is said, and the rest goes.
func TestCleanupOnAnotherMachine(t *testing.T) {
	t.Parallel()
	l := newSpooled(t, counted)
	l.follow(nil)
	l.rest()
	if err := os.RemoveAll(l.spec.Spool); err != nil {
		t.Fatal(err)
	}
	source, target, st, err := l.catalogs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var notices []string
	outcome, err := l.run(t.Context(), func(r *executor.Run) {
		r.Plan = planner.Cleanup(l.spec, source, target, st, false)
		l.progress.Store(r.Progress)
	})
	if err != nil || outcome != executor.Finished {
		t.Fatalf("cleanup: outcome %q, %v", outcome, err)
	}
	notices, _ = l.progress.Load().Notices(0)
	if !slices.ContainsFunc(notices, func(n string) bool { return strings.Contains(n, l.spec.Spool) }) {
		t.Errorf("it says %q", notices)
	}
	l.nothingIsLeftBehind(t)
}
