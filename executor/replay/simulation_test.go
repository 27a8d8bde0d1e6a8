package replay

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pglogrepl"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"

	"sluice/executor/stream"
	"sluice/planner/catalog"
)

// The simulation runs what decodes, collects and keeps the position, against a model
// of the target, through histories of a source that a seed makes up. What happens
// next is a matter of the seed, too: a part of the stream arrives, the target answers
// or its connection breaks before or after it has done what was asked, time passes,
// whoever follows stops or has reached a limit and goes on, or all is killed. Batches go
// over one connection or a few. The server then begins again: with a transaction from
// before, or where some come in blocks before they are committed, with what is committed
// behind the position, be it in blocks again or whole.
//
// One thing happens at a time, so that a seed always gives the same run.

var (
	simulated = flag.Int("histories", 0, "how many histories the simulation runs; 0: as many as the suite has")
	seedOf    = flag.Uint64("history", 0, "the one history that the simulation runs; 0: all")
)

// situations must have come up, else the histories are not what they should be.
var situations = []string{
	"a commit", "a commit whose answer is lost", "a position by itself", "a job that is a part of a batch", "a set", "a change by itself",
	"a row that is replaced", "a table that is emptied", "ranges that are emptied", "a crash", "a stop", "a limit", "what was sent again",
	"a commit before all that a load has read", "a divergence",
	"a block", "a commit of what was in progress", "a commit beside what is in progress", "a subtransaction that is taken back",
	"a change that is rolled back before it is sent", "a limit with a transaction in progress", "a connection that is refused",
	"a wait for one of equal rows", "whole transactions instead",
	"a batch that is written behind others", "a batch that is refused behind others", "no room for another connection",
}

// Whatever happens: at each commit the target is as the source was at the position
// that is recorded with it; the position never goes back; nothing is acknowledged
// that is not on the target for good; and in the end all is there. A row that is
// lacking on the target ends the run before a change of it is committed.
func TestSimulation(t *testing.T) {
	histories := uint64(10_000)
	if testing.Short() || raced {
		histories = 1000
	}
	if *simulated > 0 {
		histories = uint64(*simulated)
	}
	if *seedOf > 0 {
		synctest.Test(t, func(t *testing.T) { simulate(t, *seedOf, map[string]int{}) })
		return
	}
	var mu sync.Mutex
	reached := map[string]int{}
	blocks := uint64(runtime.GOMAXPROCS(0))
	t.Run("histories", func(t *testing.T) {
		for block := range blocks {
			t.Run(fmt.Sprint(block), func(t *testing.T) {
				t.Parallel()
				own := map[string]int{}
				for seed := block + 1; seed <= histories; seed += blocks {
					synctest.Test(t, func(t *testing.T) { simulate(t, seed, own) })
				}
				mu.Lock()
				defer mu.Unlock()
				for situation, times := range own {
					reached[situation] += times
				}
			})
		}
	})
	t.Logf("%d histories: %v", histories, reached)
	for _, situation := range situations {
		if reached[situation] == 0 && histories >= 1000 && !t.Failed() {
			t.Errorf("%s: in no history", situation)
		}
	}
}

// A seed that has failed must fail again.
func TestSimulationRepeats(t *testing.T) {
	t.Parallel()
	for seed := range uint64(50) {
		var runs [2]map[string]int
		for i := range runs {
			runs[i] = map[string]int{}
			synctest.Test(t, func(t *testing.T) { simulate(t, seed, runs[i]) })
		}
		if diff := cmp.Diff(runs[0], runs[1]); diff != "" {
			t.Errorf("history %d is another one the second time (-first +second):\n%s", seed, diff)
		}
	}
}

// simulation is one history on its way.
type simulation struct {
	*rand.Rand
	*testing.T
	seed    uint64
	history *history
	target  *model
	options Options

	// What a crash ends.
	applier *Applier
	feed    *fed
	items   []stream.Item // that are yet to be sent
	ctx     context.Context
	kill    context.CancelFunc

	least       int        // changes of a batch that goes beside others
	limit       uint64     // of the To that is under way
	ended       chan error // what came of it
	stop        chan struct{}
	stopping    bool
	broken      bool   // it has to end with an error
	anticipates bool   // transactions may come in blocks
	whole       uint64 // not up to here
	confirmed   uint64 // what the server has taken note of
	crashes     int    // yet to come
}

func simulate(t *testing.T, seed uint64, reached map[string]int) {
	random := rand.New(rand.NewPCG(seed, 0))
	h := makeHistory(random)
	s := &simulation{Rand: random, T: t, seed: seed, history: h, target: newModel(h, reached), crashes: random.IntN(6)}
	s.options.Partial, s.options.Point = h.partial, func(string) {}
	s.several()
	s.load(h.loads)
	s.anticipates = !s.target.loading && random.IntN(4) > 0
	s.open()
	defer s.close()
	for range 100_000 {
		if s.step() {
			return
		}
	}
	s.wrong("it does not end")
}

// several lets even small batches go over a few connections.
func (s *simulation) several() {
	connections := 1 + s.IntN(3)
	s.options.Connections, s.least = func() int { return connections }, 1+s.IntN(8)
}

// wrong ends the test.
func (s *simulation) wrong(format string, args ...any) {
	s.Helper()
	s.Fatalf("history %d (go test ./executor/replay -run TestSimulation -history %[1]d): %s", s.seed, fmt.Sprintf(format, args...))
}

// load says what was read of the tables.
func (s *simulation) load(loads []*load) {
	s.options.Tables, s.target.loading = nil, false
	for i, sample := range samples {
		t := sample.table(nil)
		if loads != nil && loads[i] != nil {
			t.Loaded, s.target.loading = loads[i].table, true
		}
		s.options.Tables = append(s.options.Tables, t)
	}
}

// open begins at the position that is recorded.
func (s *simulation) open() {
	s.applier = newApplier(s.options, s.target.connect(s.Rand))
	s.applier.another, s.applier.further = s.another, s.further
	s.applier.asks.connect = func(context.Context) (*pgx.Conn, error) { return nil, nil } // nobody waits for one behind it
	s.applier.least = s.least
	s.applier.position, s.applier.durable = s.target.position, s.target.position
	s.applier.types = map[catalog.Name]targetTable{}
	for _, sample := range samples {
		types := map[string]columnType{}
		for _, column := range sample.columns {
			types[column] = columnType{name: "text", array: "text[]", oid: pgtype.TextOID}
		}
		if !sample.untyped {
			s.applier.types[sample.target()] = targetTable{columns: types, unique: sample.uniqueKeys(s.target.loading)}
		}
	}
	s.feed = newFed()
	s.items = s.send()
	s.ctx, s.kill = context.WithCancel(context.Background())
	s.follow()
}

var errNoRoom = errors.New("there is no connection to be had")

// another opens a connection for a transaction in progress.
func (s *simulation) another(context.Context) (sink, error) {
	if s.IntN(30) == 0 {
		s.target.reached["a connection that is refused"]++
		return nil, errNoRoom
	}
	c := s.target.connect(s.Rand)
	c.early = true
	return c, nil
}

// further opens a connection for batches that go beside others.
func (s *simulation) further(context.Context) (sink, error) {
	if s.IntN(10) == 0 {
		s.target.reached["no room for another connection"]++
		return nil, &pgconn.PgError{Code: "53300"}
	}
	return s.target.connect(s.Rand), nil
}

// send is what the server sends: what was committed from some point on before which
// everything is acknowledged.
func (s *simulation) send() (items []stream.Item) {
	from := s.confirmed
	position := s.applier.Position().LSN
	early := s.anticipates && (s.whole == 0 || position > s.whole)
	if early {
		from = max(from, position)
	}
	if s.history.before(from) < s.history.before(s.target.position.LSN) {
		s.target.reached["what was sent again"]++
	}
	return send(s.Rand, s.history, from, early, s.target.reached)
}

// follow calls To, to a limit or without.
func (s *simulation) follow() {
	s.limit = s.history.end
	if at := uint64(s.applier.position.LSN); at < s.limit {
		switch s.IntN(3) {
		case 0:
			s.limit = 0
		case 1:
			s.limit = at + 1 + s.Uint64N(s.limit-at)
			ahead := s.history.transactions[s.history.before(s.limit):]
			if at := slices.IndexFunc(ahead, func(x transaction) bool { return x.lasts }); at >= 0 && s.IntN(2) == 0 {
				s.limit = ahead[at].final
			} else if len(ahead) > 0 && s.IntN(2) == 0 {
				s.limit = ahead[0].final
			}
		}
	}
	s.stop, s.stopping, s.broken = make(chan struct{}), false, false
	ended := make(chan error, 1)
	s.ended = ended
	ctx, a, in, limit, stop := s.ctx, s.applier, s.feed, pglogrepl.LSN(s.limit), s.stop
	go func() { ended <- a.To(ctx, in, limit, stop) }()
}

// close is a crash: what is under way is not waited for.
func (s *simulation) close() {
	s.kill()
	synctest.Wait()
	s.applier.Close(s.ctx)
}

func (s *simulation) reopen() {
	s.close()
	s.check()
	s.open()
}

// step lets one thing happen, and says whether the history is over.
func (s *simulation) step() (over bool) {
	synctest.Wait()
	s.check()
	select {
	case err := <-s.ended:
		return s.over(err)
	default:
	}
	if s.broken && !slices.ContainsFunc(s.target.sessions, func(c *connection) bool { return c.waiting.Load() }) {
		s.wrong("it goes on without its connection")
	}
	switch n := s.IntN(100); {
	case n < 35:
		s.answer()
	case n < 70:
		s.arrive()
	case n < 90:
		time.Sleep([]time.Duration{time.Millisecond, maxLinger, savePositionEvery}[s.IntN(3)])
	case n < 94 || s.limit == 0 && len(s.items) == 0:
		if !s.stopping {
			close(s.stop)
			s.stopping = true
		}
	case n < 96 && s.crashes > 0:
		s.crashes--
		s.target.reached["a crash"]++
		s.reopen()
	}
	return false
}

// check is for what must hold at any moment.
func (s *simulation) check() {
	if err := s.target.wrong; err != nil {
		s.wrong("%v", err)
	}
	acknowledged := s.feed.acknowledged.Load()
	if acknowledged > s.target.position.LSN {
		s.wrong("%x is acknowledged, and on the target is what was before %x", acknowledged, s.target.position.LSN)
	}
	if s.IntN(4) == 0 {
		s.confirmed = max(s.confirmed, acknowledged)
	}
}

// answer lets one of those that wait go on.
func (s *simulation) answer() {
	var waiting []*connection
	for _, c := range s.target.sessions {
		if c.waiting.Load() {
			waiting = append(waiting, c)
		}
	}
	if len(waiting) == 0 {
		return
	}
	a := answered
	if s.crashes > 0 && s.IntN(10) == 0 {
		s.crashes--
		a = []answer{refusal, lost}[s.IntN(2)]
		s.broken = true
	}
	waiting[s.IntN(len(waiting))].answers <- a
}

// arrive gives the applier more of the stream.
func (s *simulation) arrive() {
	n := min(1+s.IntN(40), len(s.items))
	if s.IntN(10) == 0 {
		n = len(s.items)
	}
	if n > 0 && len(s.feed.batches) < cap(s.feed.batches) {
		s.feed.batches <- &stream.Batch{Items: s.items[:n:n]}
		s.items = s.items[n:]
	}
}

// over deals with the end of To.
func (s *simulation) over(err error) bool {
	h := s.history
	switch {
	case err == nil:
		s.target.reached["a limit"]++
		if got, want := h.before(s.target.position.LSN), h.before(s.limit); s.limit == 0 || got != want {
			s.wrong("To(%x) has ended behind %d transactions, at %x; %d were committed before the limit", s.limit, got, s.target.position.LSN, want)
		}
		if s.limit == h.end {
			if h.lacks != nil {
				s.wrong("nobody has noticed that a row is lacking")
			}
			return true
		}
	case errors.Is(err, ErrStopped):
		s.target.reached["a stop"]++
		if !s.stopping || s.applier.changes > 0 || s.applier.Position() != s.target.position {
			s.wrong("it has stopped at %v with %d changes that are not committed, and on the target is %v", s.applier.Position(), s.applier.changes, s.target.position)
		}
	case errors.As(err, new(*WholeError)) && (errors.Is(err, errNoRoom) || errors.Is(err, errWaits) || errors.Is(err, errDiverged) && h.lacks != nil):
		s.target.reached["whole transactions instead"]++
		s.whole = uint64(s.applier.Received())
		s.reopen()
		return false
	case errors.Is(err, errDiverged) && h.lacks != nil:
		s.target.reached["a divergence"]++
		return true
	case errors.Is(err, errGone) && s.broken:
		s.reopen()
		return false
	default:
		s.wrong("To(%x) = %v", s.limit, err)
	}
	converged := err == nil && s.target.loading && h.before(s.limit) >= h.converged
	if converged { // no load has read what comes now
		s.load(nil)
		s.anticipates = s.IntN(4) > 0
	}
	switch {
	case converged || s.IntN(3) == 0:
		s.reopen()
	case err == nil && s.applier.InProgress() > 0: // as the executor does
		s.target.reached["a limit with a transaction in progress"]++
		s.applier.Again(s.ctx)
		s.feed, s.items = newFed(), s.send()
		s.follow()
	default:
		s.follow()
	}
	return false
}
