package replay

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pglogrepl"

	"sluice/examples/sandbox"
	"sluice/executor/stream"
)

func start(xid uint32, first byte) build { return build("S").u32(xid).byte(first) }
func ends(xid uint32, lsn uint64) build {
	return build("c").u32(xid).byte(0).u64(lsn).u64(lsn + 8).u64(0)
}
func abort(xid, sub uint32) build { return build("A").u32(xid).u32(sub) }

var stop = build("E")

func modified(id, v string) build { return build("U").u32(relationID).row('N', id, v) }

// block is a block of changes as the stream hands it over.
func block(xid uint32, first byte, changes ...stream.Item) []stream.Item {
	items := []stream.Item{{Data: start(xid, first)}}
	if first == 1 {
		items = append(items, stream.Item{Data: definition, Xid: xid})
	}
	return append(append(items, changes...), stream.Item{Data: stop})
}

func of(xid uint32, data build) stream.Item { return stream.Item{Data: data, Xid: xid} }

// plain are messages outside of blocks.
func plain(messages ...build) (items []stream.Item) {
	for _, m := range messages {
		items = append(items, stream.Item{Data: m})
	}
	return items
}

// all hands over everything at once, so that nothing but its order says what is
// committed when.
func (x *target) all(parts ...[]stream.Item) {
	batch := &stream.Batch{}
	for _, p := range parts {
		batch.Items = append(batch.Items, p...)
	}
	x.s.batches <- batch
}

// A block finds what was committed before it, what comes behind it finds the rows as
// they are without it, and each commit has its own position.
func TestApplierKeepsTheOrderOfBlocks(t *testing.T) {
	t.Parallel()
	x := newTarget(t)
	x.all(
		plain(begin(100), definition, insertion("1", "a"), insertion("2", "a"), insertion("3", "a"), commit(100)),
		block(7, 1, of(7, modified("1", "seven")), of(8, insertion("80", "sub"))),
		block(9, 1, of(9, modified("2", "nine"))),
		plain(begin(200), modified("3", "b"), insertion("4", "b"), commit(200)),
		plain(abort(7, 8)),
		plain(begin(220), insertion("80", "free again"), commit(220)),
		block(7, 0, of(7, modified("4", "seven")), of(11, modified("80", "lost")), of(10, modified("3", "lost"))),
		plain(abort(7, 11), abort(7, 10)), // 11 is within 10, and was first to change something
		block(9, 0, of(9, insertion("5", "nine"))),
		plain(abort(9, 9)),
		plain(begin(240), modified("2", "after nine"), insertion("5", "after nine"), commit(240)),
		plain(ends(7, 300)),
		plain(begin(320), modified("1", "after seven"), commit(320)),
	)
	x.send(400, keepalive)
	if err := x.To(t.Context(), x.s, 400, nil); err != nil {
		t.Fatal(err)
	}
	if got := x.rows(t); got != "1after seven 2after nine 3b 4seven 5after nine 80free again at 0/190" {
		t.Errorf("on the target: %s", got)
	}
	if n := x.InProgress(); n != 0 {
		t.Errorf("%d are in progress", n)
	}
}

// The position passes the beginning of one in progress, never its commit; whoever
// begins again at that position gets it whole.
func TestApplierSavesThePositionBesideBlocks(t *testing.T) {
	t.Parallel()
	x := newTarget(t)
	x.all(plain(begin(100), definition, insertion("1", "a"), commit(100)), block(7, 1, of(7, insertion("2", "seven"))))
	x.send(200, keepalive)
	if err := x.To(t.Context(), x.s, 150, nil); err != nil {
		t.Fatal(err)
	}
	if got := x.rows(t); got != "1a at 0/C8" || x.InProgress() != 1 || x.s.acknowledged.Load() != 200 {
		t.Errorf("on the target, with %d in progress: %s; %x is acknowledged", x.InProgress(), got, x.s.acknowledged.Load())
	}
	x.Again(t.Context())
	x.all(block(7, 1, of(7, insertion("2", "seven"))), plain(ends(7, 300)))
	for _, c := range []struct {
		limit pglogrepl.LSN
		want  string
		open  int
	}{{300, "1a at 0/C8", 1}, {301, "1a 2seven at 0/134", 0}} {
		if err := x.To(t.Context(), x.s, c.limit, nil); err != nil {
			t.Fatal(err)
		}
		if got := x.rows(t); got != c.want || x.InProgress() != c.open {
			t.Errorf("after To(%s), with %d in progress: %s; want %s", c.limit, x.InProgress(), got, c.want)
		}
		x.Again(t.Context())
		x.all(block(7, 1, of(7, insertion("2", "seven"))), plain(ends(7, 300)))
	}
}

// What it did in vain is not counted, and what it did is. The tables that it announced
// count as announced behind its commit.
func TestApplierCountsWhatWasInProgress(t *testing.T) {
	t.Parallel()
	x := newTarget(t)
	x.all(
		block(7, 1, of(7, insertion("1", "a")), of(8, insertion("2", "a")), of(8, modified("1", "b"))), plain(abort(7, 8)),
		block(7, 0, of(7, definition), of(7, insertion("2", "b")), of(7, modified("2", "c")), of(12, insertion("3", "c"))), plain(ends(7, 300)),
		block(9, 1, of(9, insertion("4", "a"))), plain(abort(9, 9)),
		plain(begin(320), insertion("5", "a"), commit(320)),
	)
	x.send(400, keepalive)
	if err := x.To(t.Context(), x.s, 400, nil); err != nil {
		t.Fatal(err)
	}
	if p := x.Position(); p.Inserts != 4 || p.Updates != 1 {
		t.Errorf("%d inserts and %d updates are counted, want 4 and 1", p.Inserts, p.Updates)
	}
}

// What the server cannot have sent stops the changes, and what cannot be done before
// the commit asks for whole transactions. Nothing of either is kept.
func TestApplierRefusesBlocks(t *testing.T) {
	t.Parallel()
	many := make([][]stream.Item, maxInProgress+1)
	for i := range many {
		many[i] = block(uint32(100+i), 1)
	}
	for name, c := range map[string]struct {
		parts [][]stream.Item
		says  string
		whole bool
	}{
		"a first block that is not the first": {[][]stream.Item{block(7, 1), block(7, 1)}, "not the one to come", false},
		"a later block without the first":     {[][]stream.Item{block(7, 0)}, "not the one to come", false},
		"the commit of nothing":               {[][]stream.Item{plain(ends(7, 300))}, "of which nothing came", false},
		"the end of no block":                 {[][]stream.Item{plain(stop)}, "has not begun", false},
		"more than there may be":              {many, fmt.Sprint(maxInProgress), true},
		"a change that hits no row":           {[][]stream.Item{block(7, 1, of(7, modified("1", "a")))}, "touched 0 rows", true},
		"a table that was not announced":      {[][]stream.Item{plain(begin(1), definition, commit(1)), {{Data: start(7, 1)}, of(7, insertion("1", "a"))}}, "never announced", true},
	} {
		x := newTarget(t)
		x.all(c.parts...)
		close(x.s.batches)
		err := x.To(t.Context(), x.s, 0, nil)
		if whole := new(WholeError); err == nil || !strings.Contains(err.Error(), c.says) || errors.As(err, &whole) != c.whole {
			t.Errorf("%s: %v", name, err)
		}
		x.Close(t.Context())
		if got := x.rows(t); got != "at 0/0" && got != "at 0/9" {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// The session waits for nothing that a server's settings would end it for.
func TestApplierRestsBetweenBlocks(t *testing.T) {
	t.Parallel()
	x := newTarget(t)
	sandbox.Exec(t, x.url, "do $$ begin execute format('alter database %I set idle_in_transaction_session_timeout = ''1ms''', current_database()); end $$")
	x.all(block(7, 1, of(7, insertion("1", "a"))))
	x.send(100, keepalive)
	if err := x.To(t.Context(), x.s, 100, nil); err != nil {
		t.Fatal(err)
	}
	const rests = "select from pg_stat_activity where datname = current_database() and state = 'idle in transaction' and clock_timestamp() - state_change > '0.2 s'"
	for len(sandbox.Query(t, x.url, rests)) == 0 {
		<-time.After(10 * time.Millisecond)
	}
	x.all(block(7, 0, of(7, modified("1", "b"))), plain(ends(7, 300)))
	if err := x.To(t.Context(), x.s, 308, nil); err != nil {
		t.Fatal(err)
	}
	if got := x.rows(t); got != "1b at 0/134" {
		t.Errorf("on the target: %s", got)
	}
}
