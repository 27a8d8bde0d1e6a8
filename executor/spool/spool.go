package spool

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"github.com/jackc/pglogrepl"

	"sluice/executor/stream"
)

// Options of a Spool.
type Options struct {
	Directory string // has one of its own for each spool, called after the slot
	Owner     Owner
	MaxBytes  int64             // that the segments may take; SetMaxBytes changes it
	Point     func(name string) // called at points of no return, for tests that crash there; nil: not
}

func (o Options) dir() string { return filepath.Join(o.Directory, o.Owner.Slot) }

// Spool is a directory of segments that this process has for itself.
type Spool struct {
	o    Options
	dir  string
	lock *os.File

	// What follows belongs to Fill and Rewind.
	file      *os.File // of the last segment
	out       *bufio.Writer
	inside    bool              // within a transaction
	announced map[uint32][]byte // by the id of the table
	whole     mark              // of what is written

	mu       sync.Mutex // guards what follows
	segments []segment  // oldest first; the last one is written to
	written  int64      // bytes of the last segment, also of what is not whole yet
	end      pglogrepl.LSN
	released pglogrepl.LSN
	max      int64
	full     string        // why nothing is taken; empty: it is
	ask      bool          // the Reader wants to know how far the source is
	news     chan struct{} // closed when any of these changes
}

// mark is a place behind a whole transaction.
type mark struct {
	lsn    pglogrepl.LSN
	offset int64 // in the last segment
}

// Error is trouble with the spool itself, and with no server.
type Error struct {
	Dir string
	Err error
}

func (e *Error) Error() string { return fmt.Sprintf("the spool in %s: %v", e.Dir, e.Err) }
func (e *Error) Unwrap() error { return e.Err }

// errForeign is a segment that somebody else needs.
var errForeign = errors.New("it has changes of another migration, or of another source")

// Create makes a spool of the changes from a position on. Nothing may be in its
// directory.
func Create(o Options, from pglogrepl.LSN) (_ *Spool, err error) {
	s, err := take(o)
	if err != nil {
		return nil, err
	}
	defer s.closeAfter(&err)
	found, err := numbers(s.dir)
	if err != nil {
		return nil, err
	}
	if len(found) > 0 {
		return nil, errors.New("there are changes of a migration in it already; if nothing needs them, remove the directory")
	}
	s.end, s.announced = from, map[uint32][]byte{}
	return s, s.roll()
}

// Open takes a spool that there is. It reads the last segment and changes nothing.
func Open(o Options) (_ *Spool, err error) {
	if _, err := os.Stat(o.dir()); err != nil {
		return nil, &Error{o.dir(), err} // take would make it
	}
	s, err := take(o)
	if err != nil {
		return nil, err
	}
	defer s.closeAfter(&err)
	found, err := numbers(s.dir)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, errors.New("its files are gone")
	}
	for i, n := range found {
		if n != found[0]+int64(i) {
			return nil, fmt.Errorf("the files between %s and %s are gone", segment{number: found[i-1]}.name(), segment{number: n}.name())
		}
		if err := s.find(segment{number: n}); err != nil {
			return nil, fmt.Errorf("%s: %w", segment{number: n}.name(), err)
		}
	}
	return s, s.scan()
}

// take makes the directory, where there is none, and has it for itself.
func take(o Options) (*Spool, error) {
	if o.Point == nil {
		o.Point = func(string) {}
	}
	s := &Spool{o: o, dir: o.dir(), max: o.MaxBytes, news: make(chan struct{})}
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return nil, &Error{s.dir, err}
	}
	var err error
	if s.lock, err = lock(filepath.Join(s.dir, "lock")); err != nil {
		return nil, &Error{s.dir, err}
	}
	return s, nil
}

// find adds a segment that is on the disk.
func (s *Spool) find(one segment) error {
	file, err := os.Open(filepath.Join(s.dir, one.name()))
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	one.size = info.Size()
	h, begins, err := (&records{file: file}).readHeader(one.size)
	if errors.Is(err, io.EOF) {
		err = errTorn
	}
	if err != nil {
		return err
	}
	if h.Owner != s.o.Owner {
		return fmt.Errorf("%w (slot %s, lineage %s, system %s)", errForeign, h.Slot, h.Lineage, h.System)
	}
	one.begins = begins
	s.segments = append(s.segments, one)
	return nil
}

// scan finds out what the last segment has: whole transactions up to the first
// record that is not as it was written, and perhaps a part of one behind them.
func (s *Spool) scan() error {
	last := &s.segments[len(s.segments)-1]
	file, err := os.OpenFile(filepath.Join(s.dir, last.name()), os.O_RDWR, 0)
	if err != nil {
		return err
	}
	s.file = file
	r := &records{file: file}
	if _, _, err := r.readHeader(last.size); err != nil {
		return err
	}
	s.announced, s.whole = map[uint32][]byte{}, mark{last.begins, r.offset}
	for {
		item, err := r.next(last.size)
		if errors.Is(err, io.EOF) || errors.Is(err, errTorn) {
			break
		}
		if err != nil {
			return err
		}
		s.follow(item, r.offset)
	}
	last.size, s.end, s.written = s.whole.offset, s.whole.lsn, s.whole.offset
	return nil
}

// follow takes note of an item that ends at an offset of the last segment.
func (s *Spool) follow(item stream.Item, offset int64) {
	at, ends := item.Ends()
	switch {
	case item.Data == nil:
		s.whole = mark{item.LSN, offset}
	case ends:
		s.inside, s.whole = false, mark{at, offset}
	case item.Kind() == stream.Begin:
		s.inside = true
	case item.Kind() == stream.Relation:
		for id := range item.Relations() {
			s.announced[id] = bytes.Clone(item.Data)
		}
		if !s.inside { // at the head of the segment
			s.whole.offset = offset
		}
	}
}

// Rewind cuts off what is not whole, or not known to be on the disk: the source
// sends it again.
func (s *Spool) Rewind() error {
	s.whole, s.inside = mark{s.end, s.last().size}, false
	if err := s.cut(s.whole.offset); err != nil {
		return &Error{s.dir, err}
	}
	s.update(func() { s.written = s.whole.offset })
	return nil
}

// cut shortens the last segment.
func (s *Spool) cut(size int64) error {
	if err := s.file.Truncate(size); err != nil {
		return err
	}
	if _, err := s.file.Seek(size, io.SeekStart); err != nil {
		return err
	}
	s.out = bufio.NewWriterSize(s.file, buffer)
	return nil
}

// last is the segment that is written to; zero: there is none yet.
func (s *Spool) last() (one segment) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := len(s.segments); n > 0 {
		one = s.segments[n-1]
	}
	return one
}

// End is up to where the spool has the changes, on the disk.
func (s *Spool) End() pglogrepl.LSN {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.end
}

// update changes what mu guards, and lets those know who wait.
func (s *Spool) update(change func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change()
	close(s.news)
	s.news = make(chan struct{})
}

// Stats say how full a spool is.
type Stats struct {
	Bytes, MaxBytes int64
	From, To        pglogrepl.LSN
	Full            string // why nothing is taken; empty: it is
}

// Stats are those of now.
func (s *Spool) Stats() Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	return Stats{s.bytes(), s.max, s.segments[0].begins, s.end, s.full}
}

// bytes are those of all segments. The caller has mu.
func (s *Spool) bytes() int64 {
	n := s.written
	for _, one := range s.segments[:len(s.segments)-1] {
		n += one.size
	}
	return n
}

// SetMaxBytes changes the limit, also for a spool that waits for room.
func (s *Spool) SetMaxBytes(n int64) { s.update(func() { s.max = n }) }

// release removes the segments of which everything is on the target for good, up to
// a position. A crash before the end leaves some of them, which are removed later.
func (s *Spool) release(lsn pglogrepl.LSN) {
	s.update(func() {
		s.released = max(s.released, lsn)
		for len(s.segments) > 1 && s.segments[1].begins <= s.released {
			s.o.Point("spool: before a segment is removed")
			// One that cannot be removed takes room until the end, and no more.
			_ = os.Remove(filepath.Join(s.dir, s.segments[0].name()))
			s.segments = s.segments[1:]
		}
	})
}

// Close gives the directory up. Its files stay.
func (s *Spool) Close() error {
	var err error
	if s.file != nil {
		err = s.file.Close()
	}
	return errors.Join(err, s.lock.Close())
}

// closeAfter closes a spool that was not opened, and tells of which it was.
func (s *Spool) closeAfter(err *error) {
	if *err != nil {
		_ = s.Close()
		*err = &Error{s.dir, *err}
	}
}

// Remove removes a spool with its changes. That there is none is no error: found
// says so.
func Remove(o Options) (found bool, err error) {
	if _, err := os.Stat(o.dir()); errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	s, err := take(o)
	if err != nil {
		return false, err
	}
	defer func() {
		if closed := s.Close(); err == nil {
			err = closed
		}
	}()
	all, err := numbers(s.dir)
	if err != nil {
		return false, &Error{s.dir, err}
	}
	for _, n := range all {
		if err := s.find(segment{number: n}); errors.Is(err, errForeign) { // a damaged one goes
			return false, &Error{s.dir, err}
		}
	}
	if err := os.RemoveAll(s.dir); err != nil {
		return false, &Error{s.dir, err}
	}
	return true, nil
}
