package replay

import (
	"encoding/binary"
	"errors"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pglogrepl"

	"sluice/examples/sandbox"
	"sluice/executor/handoff"
	"sluice/executor/session"
	"sluice/executor/stream"
	"sluice/planner"
	"sluice/planner/catalog"
	"sluice/state"
)

// build makes messages as a server writes them.
type build []byte

func (b build) byte(v ...byte) build { return append(b, v...) }
func (b build) u16(v uint16) build   { return binary.BigEndian.AppendUint16(b, v) }
func (b build) u32(v uint32) build   { return binary.BigEndian.AppendUint32(b, v) }
func (b build) u64(v uint64) build   { return binary.BigEndian.AppendUint64(b, v) }
func (b build) str(s string) build   { return append(append(b, s...), 0) }
func (b build) row(tag byte, values ...string) build {
	b = b.byte(tag).u16(uint16(len(values)))
	for _, v := range values {
		switch v {
		case unsent:
			b = b.byte('u')
		case null:
			b = b.byte('n')
		default:
			b = append(b.byte('t').u32(uint32(len(v))), v...)
		}
	}
	return b
}

const relationID = 16400

// Values that are no text, in the builder's words.
const (
	unsent = "unsent"
	null   = "\x00"
)

func begin(lsn uint64) build  { return build("B").u64(lsn).u64(0).u32(1000) }
func commit(lsn uint64) build { return build("C").byte(0).u64(lsn).u64(lsn + 8).u64(0) }

var (
	definition = build("R").u32(relationID).str("public").str("t").byte('d').u16(2).
			byte(1).str("id").u32(23).u32(0xFFFFFFFF).byte(0).str("v").u32(25).u32(0xFFFFFFFF)
	keepalive build // no message at all
)

func insertion(id, v string) build { return build("I").u32(relationID).row('N', id, v) }

// positions is a Ledger with one table of its own.
type positions struct{}

func (positions) Position(p state.Position) state.Record {
	return state.Record{SQL: "update public.position set lsn = $1::text::pg_catalog.pg_lsn", Args: []any{pglogrepl.LSN(p.LSN).String()}}
}

func (positions) Settle() state.Record {
	return state.Record{SQL: "select 1 from public.position for update"}
}

// target is an applier on a real database, fed by hand.
type target struct {
	*Applier
	url string
	s   *fed
}

// fed is a feed that ends where its channel does.
type fed struct {
	batches      chan *stream.Batch
	acknowledged atomic.Uint64
}

func newFed() *fed { return &fed{batches: make(chan *stream.Batch, 1000)} }

func (f *fed) C() <-chan *stream.Batch       { return f.batches }
func (f *fed) Acknowledge(lsn pglogrepl.LSN) { f.acknowledged.Store(uint64(lsn)) }
func (f *fed) Ask(bool)                      {}
func (f *fed) Err() error                    { return nil }

func newTarget(t *testing.T) *target {
	t.Helper()
	x := &target{url: sandbox.Shared(t, 0, "target").Database(t), s: newFed()}
	sandbox.Exec(t, x.url, "create table public.t (id int primary key, v text); create table public.position (lsn pg_lsn); insert into public.position values ('0/0')")
	a, err := Open(t.Context(), Options{
		Target: session.At("target.new", x.url), Ledger: positions{},
		Tables: []*Table{{
			Name: catalog.Name{Schema: "public", Local: "t"}, Loaded: unread(t),
			Copy: &planner.CopySpec{From: catalog.Name{Schema: "public", Local: "t"}, Columns: []planner.CopyColumn{{Name: "id", From: "id"}, {Name: "v", From: "v"}}, Identity: []string{"id"}},
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close(t.Context()) })
	x.Applier = a
	return x
}

// send feeds a batch: keepalives at their position, messages without one.
func (x *target) send(lsn pglogrepl.LSN, messages ...build) {
	batch := &stream.Batch{}
	for _, m := range messages {
		batch.Items = append(batch.Items, stream.Item{LSN: lsn, Data: m})
	}
	x.s.batches <- batch
}

// rows are those on the target, and the recorded position.
func (x *target) rows(t *testing.T) string {
	t.Helper()
	return strings.Join(sandbox.Query(t, x.url, "select id::text || v from public.t union all select 'at ' || lsn from public.position order by 1"), " ")
}

// What was applied before is skipped by its position, the whole transaction and
// nothing else; the one at the position itself is not.
func TestApplierSkipsWhatWasApplied(t *testing.T) {
	t.Parallel()
	x := newTarget(t)
	x.position.LSN = 200
	x.send(0, begin(192), definition, insertion("1", "before"), commit(192),
		begin(200), insertion("2", "at"), commit(200), begin(220), insertion("3", "after"), commit(220))
	x.send(300, keepalive)
	if err := x.To(t.Context(), x.s, 250, nil); err != nil {
		t.Fatal(err)
	}
	if got := x.rows(t); got != "2at 3after at 0/E4" && got != "2at 3after at 0/12C" {
		t.Errorf("on the target: %s", got)
	}
}

// To ends before the first transaction at its limit, which the next To applies;
// a keepalive within a transaction moves nothing.
func TestApplierStopsAtItsLimit(t *testing.T) {
	t.Parallel()
	x := newTarget(t)
	x.send(0, begin(100), definition, insertion("1", "a"))
	x.send(900, keepalive)
	x.send(0, commit(100), begin(200), insertion("2", "b"), commit(200))
	for _, c := range []struct {
		limit pglogrepl.LSN
		want  string
	}{{200, "1a at 0/6C"}, {201, "1a 2b at 0/D0"}, {208, "1a 2b at 0/D0"}} {
		if err := x.To(t.Context(), x.s, c.limit, nil); err != nil {
			t.Fatal(err)
		}
		if got := x.rows(t); got != c.want {
			t.Errorf("after To(%s): %s, want %s", c.limit, got, c.want)
		}
	}
}

// What the load has read is behind the recorded position where To ends, so that
// whoever follows from there without asking the load does not apply it again.
func TestApplierRecordsWhereItEnds(t *testing.T) {
	t.Parallel()
	for name, last := range map[string]func(*target){
		"at a keepalive": func(x *target) { x.send(300, keepalive) },
		"at a commit":    func(x *target) { x.send(0, begin(298), insertion("2", "seen"), commit(298)) },
		"at a beginning": func(x *target) { x.send(0, begin(310), insertion("2", "unread"), commit(310)) },
	} {
		x := newTarget(t)
		snapshot, err := handoff.ParseSnapshot("2000:2000:")
		if err != nil {
			t.Fatal(err)
		}
		seen, err := handoff.NewTable("", nil, []handoff.Range{{Snapshot: snapshot}})
		if err != nil {
			t.Fatal(err)
		}
		x.tables[catalog.Name{Schema: "public", Local: "t"}].Loaded = seen
		x.send(50, keepalive) // the position was written a moment ago
		x.send(0, begin(100), definition, insertion("1", "seen"), commit(100))
		last(x)
		if err := x.To(t.Context(), x.s, 300, nil); err != nil {
			t.Fatal(err)
		}
		at, err := pglogrepl.ParseLSN(sandbox.Query(t, x.url, "select lsn from public.position")[0])
		if err != nil || at < 108 || x.Position().LSN != uint64(at) {
			t.Errorf("%s: the recorded position is %s, and all before 0/6C was applied (%v)", name, at, err)
		}
	}
}

// A stop waits for the end of the transaction, and commits it; an end of the
// stream within one takes it back.
func TestApplierEndsAtCommitsOnly(t *testing.T) {
	t.Parallel()
	x := newTarget(t)
	stop := make(chan struct{})
	x.send(0, begin(100), definition, insertion("1", "a"))
	go func() {
		for len(x.s.batches) > 0 { // until it is within the transaction
			runtime.Gosched()
		}
		close(stop)
		x.send(0, commit(100))
	}()
	if err := x.To(t.Context(), x.s, 0, stop); !errors.Is(err, ErrStopped) {
		t.Fatalf("To = %v, want %v", err, ErrStopped)
	}
	if got := x.rows(t); got != "1a at 0/6C" {
		t.Errorf("after the stop: %s", got)
	}
}

// The position that a keepalive moved is written within a second, but not into
// the middle of a transaction that has begun meanwhile.
func TestApplierDoesNotSaveWithinATransaction(t *testing.T) {
	t.Parallel()
	x := newTarget(t)
	x.send(60, keepalive)
	if err := x.To(t.Context(), x.s, 60, nil); err != nil {
		t.Fatal(err)
	}
	x.saved, x.unsaved = time.Now().Add(-savePositionEvery), true // it is due
	x.send(0, begin(100), definition, insertion("1", "a"))
	go func() {
		// The applier has taken the first half, and waits for the other.
		for len(x.s.batches) > 0 {
			<-time.After(10 * time.Millisecond)
		}
		<-time.After(50 * time.Millisecond)
		x.send(0, insertion("2", "b"), commit(100))
	}()
	if err := x.To(t.Context(), x.s, 101, nil); err != nil {
		t.Fatal(err)
	}
	if got := x.rows(t); got != "1a 2b at 0/6C" {
		t.Errorf("on the target: %s", got)
	}
}

// What the server cannot have sent stops the changes instead of being guessed.
func TestApplierRefusesWhatItDoesNotUnderstand(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		messages []build
		says     string
	}{
		"a change of an unknown table":     {[]build{begin(1), insertion("1", "a")}, "never announced"},
		"a truncation of an unknown table": {[]build{begin(1), build("T").u32(1).byte(0).u32(7)}, "never announced"},
		"a table that is not planned":      {[]build{begin(1), build("R").u32(9).str("public").str("x").byte('d').u16(0)}, "not in the plan"},
		"a key that was not sent":          {[]build{begin(1), definition, build("U").u32(relationID).row('N', unsent, "b")}, `"id"`},
		"half a message":                   {[]build{begin(1), definition[:20]}, "malformed"},
	} {
		x := newTarget(t)
		x.send(0, c.messages...)
		close(x.s.batches)
		if err := x.To(t.Context(), x.s, 0, nil); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
		if got := x.rows(t); got != "at 0/0" {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// A server that keeps up says after every transaction that nothing follows it: what
// is at hand goes together all the same, and the position behind the last of it.
func TestApplierDoesNotCommitAtEveryKeepalive(t *testing.T) {
	t.Parallel()
	x := newTarget(t)
	commits := 0
	x.sink.(*writer).point = func(name string) {
		if name == "replay: before a commit" {
			commits++
		}
	}
	batch := &stream.Batch{Items: []stream.Item{{Data: definition}}}
	lsn := uint64(100)
	for i := range 100 {
		lsn += 100
		for _, m := range []build{begin(lsn), insertion(strconv.Itoa(i), "row"), commit(lsn)} {
			batch.Items = append(batch.Items, stream.Item{Data: m})
		}
		batch.Items = append(batch.Items, stream.Item{LSN: pglogrepl.LSN(lsn + 50)})
	}
	x.s.batches <- batch
	if err := x.To(t.Context(), x.s, pglogrepl.LSN(lsn+50), nil); err != nil {
		t.Fatal(err)
	}
	if got := sandbox.Query(t, x.url, "select count(*) || ' at ' || (select lsn from public.position) from public.t")[0]; commits != 1 || got != "100 at "+pglogrepl.LSN(lsn+50).String() {
		t.Errorf("%s in %d commits", got, commits)
	}
}

// A connection that was opened for several batches is closed when nobody needs it, also
// while the changes are followed.
func TestApplierClosesWhatItDoesNotUse(t *testing.T) {
	t.Parallel()
	x := newTarget(t)
	const sessions = "select pid from pg_stat_activity where datname = current_database() and application_name = 'sluice changes'"
	to, err := x.further(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	x.beside, x.usedAt = []sink{to}, time.Now().Add(-furtherRests)
	if n := len(sandbox.Query(t, x.url, sessions)); n != 2 {
		t.Errorf("%d sessions are open, want 2", n)
	}
	stop, ended := make(chan struct{}), make(chan error, 1)
	go func() { ended <- x.To(t.Context(), x.s, 0, stop) }()
	for len(sandbox.Query(t, x.url, sessions)) != 1 {
		<-time.After(10 * time.Millisecond)
	}
	close(stop)
	if err := <-ended; !errors.Is(err, ErrStopped) {
		t.Error(err)
	}
}
