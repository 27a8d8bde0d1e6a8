package progress

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// clock is a time that only the test moves.
type clock struct {
	sync.Mutex
	t time.Time
}

func (c *clock) now() time.Time {
	c.Lock()
	defer c.Unlock()
	return c.t
}

func (c *clock) advance(d time.Duration) {
	c.Lock()
	defer c.Unlock()
	c.t = c.t.Add(d)
}

func tracker() (*Tracker, *clock) {
	c := &clock{t: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
	return New(c.now), c
}

func TestNilTrackerDoesNothing(t *testing.T) {
	var tr *Tracker
	tr.Plan(1, 0)
	tr.Copied("public", "a", 1, 1)
	tr.Applied(Counts{Inserts: 1}, 1, time.Time{})
	tr.Notice("hello")
	if s := tr.Snapshot(); s.Phase != "" || s.Tables != nil {
		t.Errorf("a nil tracker has a status: %+v", s)
	}
	if lines, next := tr.Notices(0); lines != nil || next != 0 {
		t.Errorf("a nil tracker has notices: %q, %d", lines, next)
	}
}

func TestStepsAreCountedWithThoseDoneBefore(t *testing.T) {
	tr, c := tracker()
	tr.Plan(10, 4)
	tr.Phase("schema")
	c.advance(time.Second)
	tr.Phase("schema") // again: it is in it since the first time
	tr.StepStarted("create table public.a")
	tr.StepStarted("create table public.b")
	tr.StepDone("create table public.a")
	s := tr.Snapshot()
	want := Steps{Total: 10, Done: 5, Active: []string{"create table public.b"}}
	if diff := cmp.Diff(want, s.Steps); diff != "" {
		t.Error(diff)
	}
	if got := s.At.Sub(s.PhaseSince); got != time.Second {
		t.Errorf("the phase began %s ago, want 1s", got)
	}
}

func TestStepsOfACutoverAddToThoseOfThePlan(t *testing.T) {
	tr, _ := tracker()
	tr.Plan(2, 2)
	tr.StepDone("gate slot s")
	if got := tr.Snapshot().Steps; got.Done != 3 || got.Total != 3 {
		t.Errorf("%d of %d steps", got.Done, got.Total)
	}
}

func TestRateLooksBackOneWindow(t *testing.T) {
	tr, c := tracker()
	tr.Table("public", "a", 1<<40, 0)
	tr.TableStarted("public", "a", 1, 0)
	for range 10 * windowSeconds { // many times a second, a thousand bytes each second
		tr.Copied("public", "a", 1, 100)
		c.advance(100 * time.Millisecond)
	}
	if got := tr.Snapshot().Load.BytesPerS; got < 950 || got > 1050 {
		t.Errorf("rate is %g bytes/s, want about 1000", got)
	}
	c.advance(windowSeconds / 2 * time.Second)
	if got := tr.Snapshot().Load.BytesPerS; got < 400 || got > 600 {
		t.Errorf("rate after half a window of nothing is %g bytes/s, want about 500", got)
	}
	c.advance(windowSeconds * time.Second)
	if got := tr.Snapshot().Load.BytesPerS; got != 0 {
		t.Errorf("rate after a window of nothing is %g bytes/s, want 0", got)
	}
}

func TestETAComesFromBytes(t *testing.T) {
	tr, c := tracker()
	tr.Table("public", "a", 100_000, 10)
	tr.Table("public", "b", 100_000, 10)
	tr.TableStarted("public", "a", 1, 0)
	for range 10 {
		c.advance(time.Second)
		tr.Copied("public", "a", 1, 1_000)
	}
	c.advance(time.Second) // the window began with the first event, one second after the start
	s := tr.Snapshot()
	if got := s.Load.ETA.Duration().Round(time.Second); got != 190*time.Second {
		t.Errorf("ETA of the load is %s, want 3m10s", got)
	}
	if got := s.Tables[0].ETA.Duration().Round(time.Second); got != 90*time.Second {
		t.Errorf("ETA of the table is %s, want 1m30s", got)
	}
	if s.Load.Done != 0.05 || s.Load.ExpectedRows != 20 {
		t.Errorf("done %g of %d rows, want 0.05 of 20", s.Load.Done, s.Load.ExpectedRows)
	}
}

func TestNeverAbove99PercentBeforeTheEnd(t *testing.T) {
	tr, _ := tracker()
	tr.Table("public", "a", 1_000, 0)
	tr.TableStarted("public", "a", 2, 0)
	tr.Copied("public", "a", 7, 5_000) // more than was expected
	tr.ChunkDone("public", "a")
	tr.ChunkDone("public", "a")
	if s := tr.Snapshot(); s.Load.Done != 0.99 || s.Tables[0].Done != 0.99 {
		t.Errorf("done %g and %g before the end, want 0.99", s.Load.Done, s.Tables[0].Done)
	}
	tr.TableDone("public", "a")
	tr.TableDone("public", "a")
	s := tr.Snapshot()
	if s.Load.Done != 1 || s.Tables[0].Done != 1 || s.Load.TablesDone != 1 || s.Load.ETA != 0 {
		t.Errorf("at the end: %+v", s.Load)
	}
}

func TestAnEmptyTableIsNotDoneBeforeItsEnd(t *testing.T) {
	tr, _ := tracker()
	tr.Table("public", "a", 0, 0)
	if s := tr.Snapshot(); s.Load.Done != 0 || s.Tables[0].State != Waiting {
		t.Errorf("before: %+v", s.Load)
	}
	tr.TableDone("public", "a")
	if s := tr.Snapshot(); s.Load.Done != 1 {
		t.Errorf("after: %+v", s.Load)
	}
}

func TestChunksOfAnEarlierRunCountAsDoneButNotAsSpeed(t *testing.T) {
	tr, _ := tracker()
	tr.Table("public", "a", 1_000, 0)
	tr.TableStarted("public", "a", 10, 5)
	s := tr.Snapshot()
	if s.Tables[0].Done != 0.5 || s.Tables[0].ChunksDone != 5 {
		t.Errorf("done %g, %d chunks, want 0.5 and 5", s.Tables[0].Done, s.Tables[0].ChunksDone)
	}
	if s.Load.ETA != 0 {
		t.Errorf("ETA is %s before anything was copied", s.Load.ETA.Duration())
	}
}

// A chunk cut short counts neither twice nor as done, but what came before it does.
func TestWhatIsRolledBackIsTakenBack(t *testing.T) {
	tr, _ := tracker()
	tr.Table("public", "a", 1_000, 0)
	tr.TableStarted("public", "a", 2, 0)
	tr.Copied("public", "a", 0, 400)
	tr.Copied("public", "a", 4, 0)
	tr.ChunkDone("public", "a")
	tr.Copied("public", "a", 0, 300)
	tr.RolledBack("public", "a", 300)
	if s := tr.Snapshot(); s.Load.Bytes != 400 || s.Load.Rows != 4 || s.Load.Done != 0.5 || s.Tables[0].Bytes != 400 {
		t.Errorf("after the chunk failed: %+v", s.Load)
	}
}

func TestARestartTakesBackWhatWasCopied(t *testing.T) {
	tr, _ := tracker()
	tr.Table("public", "a", 1_000, 0)
	tr.TableStarted("public", "a", 2, 0)
	tr.Copied("public", "a", 5, 600)
	tr.ChunkDone("public", "a")
	tr.TableRestarted("public", "a", "its snapshot is gone")
	s := tr.Snapshot()
	if s.Load.Rows != 0 || s.Load.Bytes != 0 || s.Load.Done != 0 {
		t.Errorf("load after the restart: %+v", s.Load)
	}
	if got := s.Tables[0]; got.State != Waiting || got.Restarts != 1 || got.ChunksDone != 0 {
		t.Errorf("table after the restart: %+v", got)
	}
	lines, _ := tr.Notices(0)
	if diff := cmp.Diff([]string{"public.a is copied again from its start: its snapshot is gone"}, lines); diff != "" {
		t.Error(diff)
	}
}

func TestLagGrowsWithTheClockAndIsZeroWhenDrained(t *testing.T) {
	tr, c := tracker()
	if tr.Snapshot().Stream != nil {
		t.Fatal("there is a stream before its first event")
	}
	tr.Source(0x1_0000_1000, 4096, c.now())
	if s := tr.Snapshot().Stream; s.LagKnown || s.Lag != 0 {
		t.Errorf("lag is known before the first batch: %+v", s)
	}
	tr.Applied(Counts{Transactions: 2, Inserts: 3, Updates: 1, Deletes: 1}, 0x1_0000_0000, c.now().Add(-4*time.Second))
	c.advance(time.Second)
	s := tr.Snapshot().Stream
	if s.Lag.Duration() != 5*time.Second || s.LagBytes != 4096 || s.RetainedBytes != 4096 {
		t.Errorf("lag is %s and %d bytes, want 5s and 4096", s.Lag.Duration(), s.LagBytes)
	}
	if got := s.AppliedLSN.String(); got != "1/0" {
		t.Errorf("LSN is %s, want 1/0", got)
	}
	tr.Drained(1<<32 + 4096)
	tr.Arrived(c.now())
	c.advance(time.Minute)
	if s := tr.Snapshot().Stream; s.Lag.Duration() != time.Minute || s.Drained {
		t.Errorf("what has arrived and is not applied is no lag: %+v", s)
	}
	tr.Applied(Counts{Inserts: 1}, 1<<32+4096, c.now())
	tr.Drained(1<<32 + 4096)
	tr.Source(0x9_0000_0000, 0, c.now()) // other databases go on writing
	c.advance(time.Hour)
	if s := tr.Snapshot().Stream; s.Lag != 0 || s.LagBytes != 0 || !s.Drained {
		t.Errorf("an idle source has a lag: %+v", s)
	}
}

func TestADrainedTargetFallsBehindWhileTheConnectionIsTriedAgain(t *testing.T) {
	tr, c := tracker()
	tr.Drained(1)
	tr.Retrying(c.now(), c.now().Add(time.Hour), "connection refused")
	c.advance(time.Minute)
	s := tr.Snapshot()
	if s.Stream.Drained || s.Stream.Lag.Duration() != time.Minute {
		t.Errorf("lag is %s, want 1m", s.Stream.Lag.Duration())
	}
	if s.Retrying == nil || s.Retrying.Reason != "connection refused" {
		t.Errorf("retrying is %+v", s.Retrying)
	}
	tr.Resumed()
	if s := tr.Snapshot(); s.Retrying != nil || s.Stream.Lag != 0 {
		t.Errorf("after it resumed: %+v", s.Stream)
	}
}

func TestAClockAheadOnTheSourceGivesNoNegativeLag(t *testing.T) {
	tr, c := tracker()
	tr.Applied(Counts{Inserts: 1}, 10, c.now().Add(time.Hour))
	if s := tr.Snapshot().Stream; s.Lag != 0 {
		t.Errorf("lag is %s", s.Lag.Duration())
	}
}

func TestNoticesAreKeptInOrderAndTheOldestLeave(t *testing.T) {
	tr, _ := tracker()
	tr.Notice("first")
	lines, next := tr.Notices(0)
	if diff := cmp.Diff([]string{"first"}, lines); diff != "" || next != 1 {
		t.Fatal(diff, next)
	}
	for i := range keptNotices + 10 {
		tr.Notice(fmt.Sprint("line ", i))
	}
	lines, next = tr.Notices(next)
	if len(lines) != keptNotices || lines[0] != "line 10" || lines[keptNotices-1] != "line 509" {
		t.Errorf("got %d lines from %q to %q", len(lines), lines[0], lines[len(lines)-1])
	}
	if lines, _ := tr.Notices(next); lines != nil {
		t.Errorf("nothing is new, but got %q", lines)
	}
}

func TestASnapshotNeverChanges(t *testing.T) {
	tr, c := tracker()
	tr.StepStarted("a")
	tr.StepStarted("b")
	tr.Table("public", "a", 1, 1)
	tr.Retrying(c.now(), c.now(), "before")
	s := tr.Snapshot()
	tr.StepDone("a")
	tr.TableDone("public", "a")
	tr.Retrying(c.now(), c.now(), "after")
	if s.Steps.Active[0] != "a" || s.Tables[0].State != Waiting || s.Retrying.Reason != "before" {
		t.Errorf("an event changed a snapshot: %+v", s)
	}
}

func TestJSONHasBytesSecondsAndUTC(t *testing.T) {
	tr, c := tracker()
	c.t = c.t.In(time.FixedZone("east", 3600))
	tr.Phase("following")
	tr.Applied(Counts{Inserts: 1}, 0x16_B374D848, c.now().Add(-1500*time.Millisecond))
	text, err := json.Marshal(tr.Snapshot())
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"at":"2026-03-01T12:00:00Z"`, `"lag_seconds":1.5`, `"applied_lsn":"16/B374D848"`, `"tables":[]`, `"active":[]`} {
		if !strings.Contains(string(text), want) {
			t.Errorf("no %s in %s", want, text)
		}
	}
	if strings.Contains(string(text), "0001-01-01") {
		t.Errorf("a time that is not known is printed: %s", text)
	}
}

func TestEventsFromManyGoroutinesAreAllCounted(t *testing.T) {
	tr, _ := tracker()
	tr.Table("public", "a", 1_000_000, 0)
	tr.TableStarted("public", "a", 8, 0)
	var workers sync.WaitGroup
	for range 8 {
		workers.Go(func() {
			for range 1000 {
				tr.Copied("public", "a", 1, 10)
				tr.Snapshot()
			}
			tr.ChunkDone("public", "a")
		})
	}
	workers.Wait()
	if s := tr.Snapshot(); s.Load.Rows != 8000 || s.Load.Bytes != 80000 || s.Tables[0].ChunksDone != 8 {
		t.Errorf("counted %+v", s.Load)
	}
}

func BenchmarkCopied(b *testing.B) {
	tr := New(time.Now)
	tr.TableStarted("public", "a", 1, 0)
	b.ReportAllocs()
	for b.Loop() {
		tr.Copied("public", "a", 100, 64<<10)
	}
}
