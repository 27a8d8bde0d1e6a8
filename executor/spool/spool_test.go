package spool

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/jackc/pglogrepl"

	"sluice/executor/stream"
)

// Messages as a server writes them, as far as a spool looks at them.

func begin(commit pglogrepl.LSN) stream.Item {
	return stream.Item{Data: append(binary.BigEndian.AppendUint64([]byte("B"), uint64(commit)), make([]byte, 12)...)}
}

// commit ends a transaction: its record is 10 bytes long.
func commit(record pglogrepl.LSN) stream.Item {
	data := binary.BigEndian.AppendUint64([]byte("C\x00"), uint64(record))
	data = binary.BigEndian.AppendUint64(data, uint64(record+10))
	return stream.Item{LSN: record + 10, Data: append(data, make([]byte, 8)...)}
}

func relation(id uint32, name string) stream.Item {
	return stream.Item{Data: append(binary.BigEndian.AppendUint32([]byte("R"), id), name...)}
}

func insert(id uint32, row string) stream.Item {
	return stream.Item{Data: append(binary.BigEndian.AppendUint32([]byte("I"), id), row...)}
}

func keepalive(lsn pglogrepl.LSN) stream.Item { return stream.Item{LSN: lsn} }

// transaction changes one table.
func transaction(record pglogrepl.LSN, row string) []stream.Item {
	return []stream.Item{begin(record), insert(1, row), commit(record)}
}

// source is a stream that is fed by hand.
type source struct {
	c     chan *stream.Batch
	acked chan pglogrepl.LSN
}

func newSource() *source {
	return &source{make(chan *stream.Batch), make(chan pglogrepl.LSN, 10_000)}
}

func (s *source) C() <-chan *stream.Batch       { return s.c }
func (s *source) Acknowledge(lsn pglogrepl.LSN) { s.acked <- lsn }
func (s *source) Ask(bool)                      {}
func (s *source) Err() error                    { return errBroken }

var errBroken = errors.New("the connection broke")

// options are of a spool in a directory of the test's.
func options(t testing.TB) Options {
	return Options{Directory: t.TempDir(), MaxBytes: 1 << 30, Owner: Owner{Lineage: "L", System: "7", Slot: "sluice_shop"}}
}

// filled makes a spool from position 100 on with items in it, one batch each.
func filled(t testing.TB, o Options, batches ...[]stream.Item) *Spool {
	t.Helper()
	s, err := Create(o, 100)
	if err != nil {
		t.Fatal(err)
	}
	fill(t, s, batches...)
	return s
}

// fill fills a spool from a connection that then breaks.
func fill(t testing.TB, s *Spool, batches ...[]stream.Item) *source {
	t.Helper()
	from := newSource()
	go func() {
		for _, items := range batches {
			from.c <- &stream.Batch{Items: items}
		}
		close(from.c)
	}()
	if err := errors.Join(s.Rewind(), s.Fill(t.Context(), from)); !errors.Is(err, errBroken) {
		t.Fatal(err)
	}
	return from
}

func again(t testing.TB, s *Spool) *Spool {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	opened, err := Open(s.o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { opened.Close() })
	return opened
}

// read is what a reader gives from a position on, up to where the spool ends.
func read(t testing.TB, s *Spool, from pglogrepl.LSN) string {
	t.Helper()
	r, err := s.Read(from, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	return until(t, r, from, s.End())
}

func until(t testing.TB, r *Reader, at, end pglogrepl.LSN) string {
	t.Helper()
	var got []string
	for at < end {
		batch, ok := <-r.C()
		if !ok {
			t.Fatalf("after %v: %v", got, r.Err())
		}
		for _, item := range batch.Items {
			got = append(got, describe(item))
			if item.Data == nil {
				at = item.LSN
			} else if ends, ok := item.Ends(); ok {
				at = ends
			}
		}
	}
	return strings.Join(got, " ")
}

func describe(item stream.Item) string {
	switch item.Kind() {
	case 0:
		return fmt.Sprintf("at%d", item.LSN)
	case stream.Begin:
		at, _ := item.Begins()
		return fmt.Sprintf("B%d", at)
	case stream.Commit:
		return "C"
	}
	return string(item.Data[0]) + string(item.Data[5:])
}

func TestWhatIsFilledInIsRead(t *testing.T) {
	t.Parallel()
	s := filled(t, options(t),
		[]stream.Item{begin(200), relation(1, "orders"), insert(1, "a"), commit(200), keepalive(300)},
		transaction(400, "b"))
	const want = "B200 Rorders Ia C at300 B400 Ib C"
	if got := read(t, s, 100); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
	s = again(t, s)
	if got := read(t, s, 100); got != want {
		t.Errorf("opened again, got %s\nwant %s", got, want)
	}
	if s.End() != 410 {
		t.Errorf("it ends at %d", s.End())
	}
}

// What the target has is not given again; a table is announced all the same, as the
// server would to a new stream: with the definition that it has by then, and none
// that no change needs.
func TestReadingFromTheMiddle(t *testing.T) {
	t.Parallel()
	s := filled(t, options(t),
		[]stream.Item{begin(200), relation(1, "orders"), insert(1, "a"), relation(2, "users"), insert(2, "u"), commit(200)},
		transaction(300, "b"),
		[]stream.Item{begin(400), relation(1, "orders, altered"), insert(1, "c"), commit(400)},
		transaction(500, "d"))
	for from, want := range map[pglogrepl.LSN]string{
		210: "B300 Rorders Ib C B400 Rorders, altered Ic C B500 Id C",
		310: "B400 Rorders, altered Ic C B500 Id C",
		410: "B500 Rorders, altered Id C",
		510: "",
	} {
		if got := read(t, s, from); got != want {
			t.Errorf("from %d: %s, want %s", from, got, want)
		}
	}
}

// A spool may begin long before the position of the target, and get there later: one that
// is declared while a table is paused does.
func TestReadingFromBehindTheEnd(t *testing.T) {
	t.Parallel()
	s, err := Create(options(t), 100)
	if err != nil {
		t.Fatal(err)
	}
	r, err := s.Read(310, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	fill(t, s, []stream.Item{begin(200), relation(1, "orders"), insert(1, "a"), commit(200)}, transaction(300, "b"), transaction(400, "c"))
	if got, want := until(t, r, 310, s.End()), "B400 Rorders Ic C"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// Segments that are done with are removed, and those that are left can be read
// without them.
func TestSegmentsAreRemovedOnceTheTargetHasThem(t *testing.T) {
	t.Parallel()
	o := options(t)
	o.MaxBytes = 16 * smallestSegment
	row := strings.Repeat("x", smallestSegment/4)
	s := filled(t, o, []stream.Item{begin(200), relation(1, "orders"), insert(1, "a"), commit(200)})
	for i := range 12 {
		fill(t, s, transaction(pglogrepl.LSN(300+100*i), row))
	}
	before, err := numbers(s.dir)
	if err != nil || len(before) < 3 {
		t.Fatalf("segments %v, %v: the test shows nothing", before, err)
	}
	r, err := s.Read(100, 0)
	if err != nil {
		t.Fatal(err)
	}
	until(t, r, 100, s.End()) // all of it, while the first segments go
	r.Acknowledge(1310)
	fill(t, s, transaction(1500, "last"))
	if got := until(t, r, 1410, 1510); got != "B1500 Ilast C" {
		t.Errorf("the reader goes on with %.80s", got)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	s = again(t, s)
	after, err := numbers(s.dir)
	if err != nil || len(after) >= len(before) || after[0] == 1 {
		t.Errorf("of segments %v there are left %v, %v", before, after, err)
	}
	if got, want := read(t, s, 1410), "B1500 Rorders Ilast C"; got != want {
		t.Errorf("got %.80s, want %s", got, want)
	}
	if _, err := s.Read(110, 0); err == nil || !strings.Contains(err.Error(), "others are missing") {
		t.Errorf("reading what is removed: %v", err)
	}
}

// A transaction is read, and acknowledged, when it is whole. What a broken connection
// leaves of one is cut off.
func TestHalfATransactionIsNeitherReadNorAcknowledged(t *testing.T) {
	t.Parallel()
	s, err := Create(options(t), 100)
	if err != nil {
		t.Fatal(err)
	}
	from := fill(t, s, transaction(200, "a"), []stream.Item{begin(300), insert(1, "half")})
	if got := len(from.acked); got != 1 || s.End() != 210 {
		t.Errorf("%d acknowledgements, the end is %d", got, s.End())
	}
	if got := read(t, s, 100); got != "B200 Ia C" {
		t.Errorf("got %s", got)
	}
	fill(t, s, transaction(300, "whole"))
	if got := read(t, s, 100); got != "B200 Ia C B300 Iwhole C" {
		t.Errorf("after another connection: %s", got)
	}
	fill(t, s, []stream.Item{begin(400), insert(1, "half again")})
	s = again(t, s)
	fill(t, s, transaction(400, "whole"))
	if got := read(t, s, 100); got != "B200 Ia C B300 Iwhole C B400 Iwhole C" {
		t.Errorf("after another process: %s", got)
	}
}

// What could not be brought to the disk is neither acknowledged nor read, and ends the
// filling: what the kernel has of it is not known.
func TestWhatIsNotOnTheDiskIsNotAcknowledged(t *testing.T) {
	t.Parallel()
	o := options(t)
	var s *Spool
	o.Point = func(name string) {
		if name == "spool: before it is on the disk" && s.End() == 210 {
			s.file.Close() // so that it fails
		}
	}
	s, err := Create(o, 100)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	from := newSource()
	go func() {
		for _, record := range []pglogrepl.LSN{200, 300} {
			from.c <- &stream.Batch{Items: transaction(record, "a")}
		}
	}()
	err = errors.Join(s.Rewind(), s.Fill(t.Context(), from))
	if trouble := new(Error); !errors.As(err, &trouble) || !errors.Is(err, os.ErrClosed) {
		t.Errorf("error %v", err)
	}
	if len(from.acked) != 1 || s.End() != 210 {
		t.Errorf("%d acknowledgements, the end is %d", len(from.acked), s.End())
	}
	if got := read(t, s, 100); got != "B200 Ia C" {
		t.Errorf("got %s", got)
	}
}

// A crash may leave any part of what was being written: whole transactions before it
// are kept, and nothing is made up.
func TestATornTailIsCutAtTheLastWholeTransaction(t *testing.T) {
	t.Parallel()
	s := filled(t, options(t), transaction(200, "a"), transaction(300, "b"))
	path := filepath.Join(s.dir, s.last().name())
	s.Close()
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if s, err = Open(s.o); err != nil {
		t.Fatal(err)
	}
	s.Close()
	ends := map[pglogrepl.LSN]bool{}
	r := &records{file: bytes.NewReader(whole)}
	if _, _, err := r.readHeader(int64(len(whole))); err != nil {
		t.Fatal(err)
	}
	for size := r.offset; size < int64(len(whole)); size++ {
		for name, tail := range map[string][]byte{
			"short":  nil,
			"zeros":  make([]byte, int64(len(whole))-size),
			"others": bytes.Repeat([]byte{0xA5}, int(int64(len(whole))-size)),
		} {
			if err := os.WriteFile(path, append(slices.Clone(whole[:size]), tail...), 0o600); err != nil {
				t.Fatal(err)
			}
			s, err := Open(s.o)
			if err != nil {
				t.Fatalf("%s after %d bytes: %v", name, size, err)
			}
			end := s.End()
			// The last bytes are zeros by themselves.
			if want := map[pglogrepl.LSN]string{100: "", 210: "B200 Ia C", 310: "B200 Ia C B300 Ib C"}; want[end] != read(t, s, 100) {
				t.Errorf("%s after %d bytes, up to %d: %s", name, size, end, read(t, s, 100))
			}
			ends[end] = true
			s.Close()
		}
	}
	if len(ends) != 3 {
		t.Errorf("the ends were %v", ends)
	}
}

// What is damaged within what there was stops, and says where.
func TestDamageIsNotPassedOver(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(t *testing.T, dir string)
		says   string
	}{
		"a byte in an earlier segment": {func(t *testing.T, dir string) {
			edit(t, filepath.Join(dir, segment{number: 2}.name()), func(data []byte) []byte {
				data[len(data)/2] ^= 1
				return data
			})
		}, "0000000002.changes, at byte"},
		"an earlier segment that ends early": {func(t *testing.T, dir string) {
			edit(t, filepath.Join(dir, segment{number: 2}.name()), func(data []byte) []byte { return data[:len(data)-100] })
		}, "0000000002.changes, at byte"},
		"an earlier segment without its last transaction": {func(t *testing.T, dir string) {
			edit(t, filepath.Join(dir, segment{number: 2}.name()), func(data []byte) []byte {
				r := &records{file: bytes.NewReader(data)}
				end := r.offset
				for {
					item, err := r.next(int64(len(data)))
					if err != nil {
						break
					}
					if _, ok := item.Begins(); ok {
						end = r.offset - recordHead - int64(len(item.Data))
					}
				}
				return data[:end]
			})
		}, "changes are missing"},
		"a segment that is gone": {func(t *testing.T, dir string) { remove(t, dir, 2) }, "are gone"},
		"all gone": {func(t *testing.T, dir string) {
			found, err := numbers(dir)
			if err != nil {
				t.Fatal(err)
			}
			remove(t, dir, found...)
		}, "files are gone"},
		"no directory": {func(t *testing.T, dir string) {
			if err := os.RemoveAll(dir); err != nil {
				t.Fatal(err)
			}
		}, "no such file"},
		"somebody else's": {func(t *testing.T, dir string) {
			edit(t, filepath.Join(dir, segment{number: 1}.name()), func(data []byte) []byte {
				var text bytes.Buffer
				if _, err := writeRecord(&text, 100, []byte(`{"format":1,"lineage":"M","system":"7","slot":"sluice_shop"}`)); err != nil {
					t.Fatal(err)
				}
				return text.Bytes()
			})
		}, "another migration"},
		"of a newer sluice": {func(t *testing.T, dir string) {
			edit(t, filepath.Join(dir, segment{number: 1}.name()), func(data []byte) []byte {
				var text bytes.Buffer
				if _, err := writeRecord(&text, 100, []byte(`{"format":2}`)); err != nil {
					t.Fatal(err)
				}
				return text.Bytes()
			})
		}, "it has format 2"},
		"no segment": {func(t *testing.T, dir string) {
			edit(t, filepath.Join(dir, segment{number: 1}.name()), func(data []byte) []byte { return data[:10] })
		}, "a record is damaged"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := options(t)
			o.MaxBytes = 16 * smallestSegment
			s := filled(t, o)
			for i := range 12 {
				fill(t, s, transaction(pglogrepl.LSN(200+100*i), strings.Repeat("x", smallestSegment/4)))
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			c.change(t, s.dir)
			err := drain(o)
			if trouble := new(Error); !errors.As(err, &trouble) || trouble.Passing() || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), o.dir()) {
				t.Errorf("error %v, want one that says %q", err, c.says)
			}
		})
	}
}

// drain opens a spool and reads all of it.
func drain(o Options) error {
	s, err := Open(o)
	if err != nil {
		return err
	}
	defer s.Close()
	r, err := s.Read(100, 0)
	if err != nil {
		return err
	}
	defer r.Close()
	for batch := range r.C() {
		if end, _ := batch.Items[len(batch.Items)-1].Ends(); end == s.End() {
			return nil
		}
	}
	return r.Err()
}

func edit(t *testing.T, path string, change func([]byte) []byte) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err == nil {
		err = os.WriteFile(path, change(data), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func remove(t *testing.T, dir string, which ...int64) {
	t.Helper()
	for _, n := range which {
		if err := os.Remove(filepath.Join(dir, segment{number: n}.name())); err != nil {
			t.Fatal(err)
		}
	}
}

func TestASpoolIsOfOneProcess(t *testing.T) {
	t.Parallel()
	s := filled(t, options(t), transaction(200, "a"))
	for name, open := range map[string]func() error{
		"open":   func() error { _, err := Open(s.o); return err },
		"create": func() error { _, err := Create(s.o, 100); return err },
		"remove": func() error { _, err := Remove(s.o); return err },
	} {
		if err := open(); err == nil || !strings.Contains(err.Error(), "another process") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := Create(s.o, 100); err == nil || !strings.Contains(err.Error(), "already") {
		t.Errorf("create where one is: %v", err)
	}
	other := s.o
	other.Owner.Lineage = "M"
	if _, err := Remove(other); !errors.Is(err, errForeign) {
		t.Errorf("removing somebody else's: %v", err)
	}
	if found, err := Remove(s.o); err != nil || !found {
		t.Errorf("removing: %v, %v", found, err)
	}
	if left, err := os.ReadDir(s.o.Directory); err != nil || len(left) > 0 {
		t.Errorf("left are %v, %v", left, err)
	}
	if found, err := Remove(s.o); err != nil || found {
		t.Errorf("removing what is gone: %v, %v", found, err)
	}
}

// Rows are in it.
func TestNobodyElseMayReadIt(t *testing.T) {
	t.Parallel()
	s := filled(t, options(t), transaction(200, "a"))
	defer s.Close()
	for path, want := range map[string]os.FileMode{s.dir: 0o700, filepath.Join(s.dir, s.last().name()): 0o600} {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != want {
			t.Errorf("%s has mode %o", path, got)
		}
	}
}

// A full spool takes nothing, says so, and goes on once the target has what it had.
func TestAFullSpoolWaitsForRoom(t *testing.T) {
	t.Parallel()
	o := options(t)
	o.MaxBytes = 8 * smallestSegment
	s, err := Create(o, 100)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	from, row := newSource(), strings.Repeat("x", smallestSegment/4)
	const last = 300
	filling := make(chan error)
	go func() { filling <- errors.Join(s.Rewind(), s.Fill(t.Context(), from)) }()
	go func() {
		for i := range last {
			from.c <- &stream.Batch{Items: transaction(pglogrepl.LSN(200+100*i), row)}
		}
		close(from.c)
	}()
	for s.Stats().Full == "" {
		<-s.changes()
	}
	if stats := s.Stats(); !stats.Filling() || stats.Bytes > o.MaxBytes+smallestSegment || !strings.Contains(stats.Full, "max_bytes") {
		t.Errorf("it is full, with %+v", stats)
	}
	r, err := s.Read(100, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var got, most int64
	for at := pglogrepl.LSN(100); at < 200+100*(last-1)+10; {
		for _, item := range (<-r.C()).Items {
			if end, ok := item.Ends(); ok {
				got, at = got+1, end
			}
		}
		most = max(most, s.Stats().Bytes)
		r.Acknowledge(at)
	}
	if got != last || most > o.MaxBytes+smallestSegment {
		t.Errorf("%d transactions came, with %d bytes at most", got, most)
	}
	if err := <-filling; !errors.Is(err, errBroken) {
		t.Error(err)
	}
	if stats := s.Stats(); stats.Full != "" {
		t.Errorf("it is still full: %+v", stats)
	}
}

// changes is closed when something changes.
func (s *Spool) changes() <-chan struct{} {
	_, news := s.asks()
	return news
}

// A limit that is raised is room, too.
func TestALargerLimitIsTakenUp(t *testing.T) {
	t.Parallel()
	o := options(t)
	o.MaxBytes = 8 * smallestSegment
	s, err := Create(o, 100)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var batches [][]stream.Item
	for i := range 40 {
		batches = append(batches, transaction(pglogrepl.LSN(200+100*i), strings.Repeat("x", smallestSegment/4)))
	}
	go func() {
		for s.Stats().Full == "" {
			<-s.changes()
		}
		s.SetMaxBytes(1 << 30)
	}()
	fill(t, s, batches...)
	if s.End() != 4110 {
		t.Errorf("it ends at %d", s.End())
	}
}

// A transaction that can never be whole ends the run instead of waiting for ever.
func TestATransactionThatDoesNotFitIsNamed(t *testing.T) {
	t.Parallel()
	o := options(t)
	o.MaxBytes = 8 * smallestSegment
	s := filled(t, o, transaction(200, "a"))
	defer s.Close()
	from := newSource()
	go func() {
		from.c <- &stream.Batch{Items: []stream.Item{begin(300)}}
		for {
			select {
			case from.c <- &stream.Batch{Items: []stream.Item{insert(1, strings.Repeat("x", smallestSegment))}}:
			case <-t.Context().Done():
				return
			}
		}
	}()
	err := errors.Join(s.Rewind(), s.Fill(t.Context(), from))
	if trouble := new(Error); !errors.As(err, &trouble) || trouble.Passing() || !errors.Is(err, ErrTooLarge) {
		t.Errorf("error %v", err)
	}
	if got := read(t, s, 100); got != "B200 Ia C" {
		t.Errorf("got %s", got)
	}
}

// Only a full disk passes by itself.
func TestErrorsOfTheDisk(t *testing.T) {
	t.Parallel()
	for errno, passing := range map[syscall.Errno]bool{syscall.ENOSPC: true, syscall.EDQUOT: true, syscall.EIO: false, syscall.EROFS: false} {
		if err := (&Error{"d", &os.PathError{Op: "write", Path: "f", Err: errno}}); err.Passing() != passing {
			t.Errorf("%v: %v", err, err.Passing())
		}
	}
}

// Whatever the batches are, and wherever connections break and processes end, every
// transaction is read once, whole and in order, from every position.
func TestHistories(t *testing.T) {
	t.Parallel()
	for seed := range uint64(30) {
		random := rand.New(rand.NewPCG(seed, 0))
		o := options(t)
		o.MaxBytes = 64 * smallestSegment
		s := filled(t, o)
		var want []string // of each transaction
		announced := map[uint32]bool{}
		for len(want) < 60 {
			var batches [][]stream.Item
			clear(announced) // by each connection
			for range random.IntN(8) {
				record, id := pglogrepl.LSN(200+100*len(want)), uint32(random.IntN(3))
				items := []stream.Item{begin(record)}
				if !announced[id] {
					items = append(items, relation(id, fmt.Sprint("t", id)))
				}
				announced[id] = true
				row := fmt.Sprintf("t%d-%d", id, len(want))
				items = append(items, insert(id, row+strings.Repeat("x", random.IntN(smallestSegment/2))), commit(record))
				want = append(want, row)
				if random.IntN(3) == 0 {
					items = append(items, keepalive(record+50))
				}
				cut := random.IntN(len(items))
				batches = append(batches, items[:cut], items[cut:])
			}
			batches = append(batches, []stream.Item{begin(pglogrepl.LSN(200 + 100*len(want))), insert(9, "lost")})
			fill(t, s, batches...)
			if random.IntN(3) == 0 {
				s = again(t, s)
			}
		}
		for _, from := range []int{0, 1, len(want) / 2, len(want) - 1} {
			r, err := s.Read(max(100, pglogrepl.LSN(110+100*from)), 0)
			if err != nil {
				t.Fatal(err)
			}
			known := map[uint32]bool{}
			for i := from; i < len(want); {
				batch, ok := <-r.C()
				if !ok {
					t.Fatalf("seed %d from %d: %v", seed, from, r.Err())
				}
				for _, item := range batch.Items {
					for id := range item.Relations() {
						if item.Kind() == stream.Relation {
							known[id] = true
							continue
						}
						if row, _, _ := strings.Cut(string(item.Data[5:]), "x"); row != want[i] || !known[id] {
							t.Fatalf("seed %d from %d: %s comes where %s should, announced %v", seed, from, row, want[i], known)
						}
						i++
					}
				}
			}
			if err := r.Close(); err != nil {
				t.Error(err)
			}
		}
	}
}

// Decoding never panics, whatever the file has become.
func FuzzRecords(f *testing.F) {
	var text bytes.Buffer
	for _, item := range transaction(200, "a") {
		if _, err := writeRecord(&text, item.LSN, item.Data); err != nil {
			f.Fatal(err)
		}
	}
	f.Add(text.Bytes())
	f.Fuzz(func(t *testing.T, data []byte) {
		r := &records{file: bytes.NewReader(data)}
		for {
			at := r.offset
			item, err := r.next(int64(len(data)))
			if err != nil {
				return
			}
			if want := at + recordHead + int64(len(item.Data)); r.offset != want {
				t.Fatalf("the next record is at %d, want %d", r.offset, want)
			}
		}
	})
}

func BenchmarkFill(b *testing.B) {
	var items []stream.Item
	row := strings.Repeat("x", 100)
	for i := range 1000 {
		items = append(items, transaction(pglogrepl.LSN(i), row)...)
	}
	var size int64
	for _, item := range items {
		size += int64(len(item.Data))
	}
	o := options(b)
	o.MaxBytes = 1 << 40
	s, err := Create(o, 100)
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	if err := s.Rewind(); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(size)
	b.ReportAllocs()
	at, from := pglogrepl.LSN(1000), &source{acked: make(chan pglogrepl.LSN, 1)}
	for b.Loop() {
		at += 1000
		items[len(items)-1] = commit(at)
		if err := s.add(context.Background(), from, items); err != nil {
			b.Fatal(err)
		}
		<-from.acked
		s.release(s.End())
	}
}

func BenchmarkRead(b *testing.B) {
	o := options(b)
	var items []stream.Item
	row := strings.Repeat("x", 100)
	for i := range 10_000 {
		items = append(items, transaction(pglogrepl.LSN(200+100*i), row)...)
	}
	s := filled(b, o, items)
	defer s.Close()
	b.SetBytes(s.Stats().Bytes)
	b.ReportAllocs()
	for b.Loop() {
		r, err := s.Read(100, 0)
		if err != nil {
			b.Fatal(err)
		}
		for n := 0; n < len(items); {
			n += len((<-r.C()).Items)
		}
		r.Close()
	}
}
