package executor_test

import (
	"context"
	"math/rand/v2"
	"os/exec"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"sluice/examples/sandbox"
	"sluice/examples/shop"
	"sluice/executor"
	"sluice/state"
)

// limit bounds a whole test: it only ends one that hangs.
const limit = 15 * time.Minute

// write keeps the source busy until the returned function is called, or the
// fence ends it; that function returns what the writers know.
func (m *move) write(ctx context.Context, t testing.TB, rate float64) (stop func() *shop.Stats) {
	ctx, cancel := context.WithCancel(ctx)
	var writing errgroup.Group
	var stats *shop.Stats
	writing.Go(func() (err error) {
		stats, err = shop.Write(ctx, func(ctx context.Context) (*pgx.Conn, error) { return pgx.Connect(ctx, m.source) },
			shop.WriteOptions{Writers: 4, Rate: rate, Seed: 1})
		return err
	})
	return func() *shop.Stats {
		cancel()
		if err := writing.Wait(); err != nil {
			t.Errorf("writers: %v", err)
		}
		return stats
	}
}

// ledger checks, on the target, that every transaction that a writer saw
// committed is there, once, and that none is there which it never tried.
func (m *move) ledger(t testing.TB, stats *shop.Stats) {
	t.Helper()
	total := int64(0)
	for _, w := range stats.Writers {
		row := sandbox.Query(t, m.target, "select count(*), coalesce(max(n), 0), coalesce(min(n), 0) from public.ledger where writer = $1", w.Writer)
		var count, highest, lowest int64
		if _, err := sscan(row[0], &count, &highest, &lowest); err != nil {
			t.Fatal(err)
		}
		total += count
		if highest < w.Acknowledged || highest > w.Attempted || count != highest || count > 0 && lowest != 1 {
			t.Errorf("writer %d: %d rows up to %d on the target; %d were acknowledged, %d tried", w.Writer, count, highest, w.Acknowledged, w.Attempted)
		}
	}
	t.Logf("%d transactions of %d writers", total, len(stats.Writers))
	if total == 0 {
		t.Error("the writers have written nothing: the test shows nothing")
	}
}

// The whole way in one process, with writers on the source until the fence
// stops them; then nothing is left to do.
func TestMoveWithWritersUntilTheFence(t *testing.T) {
	for _, majors := range pairsOfMajors() {
		t.Run(majors.String(), func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), limit)
			defer cancel()
			m := newMove(t, majors.source, majors.target)
			m.chunkBytes, m.spec.LargeTable = smallChunk, smallTable
			m.loadShop(t, 1)
			stop := m.write(ctx, t, 300)

			both, ctx := errgroup.WithContext(ctx)
			both.Go(func() error {
				outcome, err := m.run(ctx, nil)
				if err == nil && outcome != executor.CutOver {
					t.Errorf("outcome %q, want %q", outcome, executor.CutOver)
				}
				return err
			})
			both.Go(func() error { return m.cutOver(ctx, t) })
			if err := both.Wait(); err != nil {
				t.Fatal(err)
			}
			m.ledger(t, stop())
			m.equal(t)
			m.nothingLeft(t)
		})
	}
}

// points are where a crash leaves something half done. The number says how many
// times the point is passed before.
var points = []string{
	"step: before its commit#0",
	"source step: after its intent#0", "source step: before its record#0",
	"slot: after its intent#0", "slot: before the barrier#0", "slot: before its record#0",
	"load: before a chunk is copied#3", "load: before a chunk commits#9", "load: after a chunk has committed#14",
	"load: before the step's record#0", "load: before a restart commits#0",
	"step: before its commit#1",
	"replay: before a commit#0", "replay: after a commit, before it is acknowledged#1",
}

// A process that is killed at every named point and then at random ones, while
// hundreds of transactions a second are written: each is on the target once.
func TestMoveSurvivesKills(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	m := newMove(t, 0, 0)
	m.spec.LargeTable, m.chunkBytes = smallTable, smallChunk
	m.loadShop(t, 1)
	stop := m.write(ctx, t, 250)

	reached := map[string]bool{}
	for _, p := range points {
		reached[p] = m.dies(ctx, t, m.start(t, p, ""))
		if ctx.Err() != nil {
			t.Fatalf("stuck at the point %q", p)
		}
	}
	for p, died := range reached {
		if !died {
			t.Errorf("never reached the point %q", p)
		}
	}
	// Six more at moments that nobody chose, while changes flow.
	random := rand.New(rand.NewPCG(1, 2))
	for range 6 {
		child := m.start(t, "", "")
		wait(ctx, t, 300*time.Millisecond+time.Duration(random.Int64N(int64(1500*time.Millisecond))))
		if err := child.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = child.Wait()
	}
	m.endsWell(ctx, t, stop)
}

// endsWell cuts over in one more process, stops the writers, and compares.
func (m *move) endsWell(ctx context.Context, t testing.TB, stop func() *shop.Stats) {
	t.Helper()
	last := m.start(t, "", "")
	if err := m.cutOver(ctx, t); err != nil {
		_ = last.Process.Kill()
		t.Errorf("cutover: %v", err)
	}
	if err := last.Wait(); err != nil {
		t.Errorf("the last run: %v", err)
	}
	m.ledger(t, stop())
	m.equal(t)
	m.nothingLeft(t)
}

// dies waits until the child has killed itself, or has come past its point and
// follows: then it is ended, and dies is false.
func (m *move) dies(ctx context.Context, t testing.TB, child *exec.Cmd) bool {
	t.Helper()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = child.Wait()
	}()
	follows, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		defer cancel()
		// Following for long enough: many batches were applied, however large the first.
		var before, last, moves int64
		_ = m.until(follows, func(st state.State) bool {
			if st.Phase != state.Following {
				return false
			}
			changes := st.Position.Inserts + st.Position.Updates
			if moves == 0 {
				before = changes
			}
			if changes != last {
				last = changes
				moves++
			}
			return changes > before+5000 && moves > 20
		})
	}()
	select {
	case <-ended:
		return !child.ProcessState.Exited() // by a signal
	case <-follows.Done():
		_ = child.Process.Kill()
		<-ended
		return false
	}
}

func wait(ctx context.Context, t testing.TB, d time.Duration) {
	t.Helper()
	select {
	case <-time.After(d):
	case <-ctx.Done():
		t.Fatal(context.Cause(ctx))
	}
}
