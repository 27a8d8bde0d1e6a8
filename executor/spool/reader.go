package spool

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/jackc/pglogrepl"

	"sluice/executor/stream"
)

// Reader reads a spool from a position on, and what arrives in it later: a feed of
// changes as a stream's is that begins there. There is one at a time.
type Reader struct {
	s    *Spool
	from pglogrepl.LSN
	keep pglogrepl.LSN // nothing from here on is removed; 0: what is on the target is
	out  chan *stream.Batch
	stop chan struct{} // closed by Close
	done chan struct{}
	err  error // valid after done

	segment   segment
	file      *os.File
	records   records
	at        pglogrepl.LSN // everything before was read
	skipping  bool          // within one that was applied before
	announced map[uint32]*announcement
}

// announcement is the message that defines a table.
type announcement struct {
	item stream.Item
	told bool
}

// Limits of a batch.
const (
	maxItems = 16384
	maxBytes = 1 << 20
)

// Read reads what was committed after a position, which is the target's. It fails
// where the spool begins behind that; its end may be before it, and gets there. What
// comes from keep on stays, whatever is on the target; 0: nothing does.
func (s *Spool) Read(from, keep pglogrepl.LSN) (*Reader, error) {
	begin, err := s.at(from)
	if err != nil {
		return nil, &Error{s.dir, err}
	}
	r := &Reader{s: s, from: from, keep: keep, out: make(chan *stream.Batch), stop: make(chan struct{}), done: make(chan struct{}),
		at: begin.begins, announced: map[uint32]*announcement{}}
	if err := r.open(begin); err != nil {
		return nil, &Error{s.dir, err}
	}
	go func() {
		defer close(r.done)
		defer close(r.out)
		if r.err = r.run(); r.err != nil {
			r.err = &Error{s.dir, r.err}
		}
		_ = r.file.Close()
	}()
	return r, nil
}

// at is the segment that has what comes behind a position.
func (s *Spool) at(from pglogrepl.LSN) (begin segment, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	begin = s.segments[0]
	if from < begin.begins {
		return begin, fmt.Errorf("it has the changes from %s on, and the target has those before %s: others are missing", begin.begins, from)
	}
	for _, one := range s.segments {
		if one.begins <= from {
			begin = one
		}
	}
	return begin, nil
}

// C has the batches. It is closed at the end; Err says why.
func (r *Reader) C() <-chan *stream.Batch { return r.out }

// Acknowledge says that everything before lsn is on the target for good.
func (r *Reader) Acknowledge(lsn pglogrepl.LSN) {
	if r.keep != 0 {
		lsn = min(lsn, r.keep)
	}
	r.s.release(lsn)
}

// Ask makes the source say how far it is, again and again while on is true.
func (r *Reader) Ask(on bool) { r.s.update(func() { r.s.ask = on }) }

// Err is why C was closed.
func (r *Reader) Err() error {
	<-r.done
	return r.err
}

// Close ends the reading; the spool stays open.
func (r *Reader) Close() error {
	close(r.stop)
	<-r.done
	return r.err
}

func (r *Reader) run() error {
	for {
		batch, err := r.collect()
		if err != nil || batch == nil {
			return err
		}
		select {
		case r.out <- batch:
		case <-r.stop:
			return nil
		}
	}
}

// collect makes a batch of what there is, once there is something; nil: it was
// stopped.
func (r *Reader) collect() (*stream.Batch, error) {
	batch := &stream.Batch{}
	for {
		limit, next, news := r.ahead()
		if err := r.take(batch, limit); err != nil {
			return nil, fmt.Errorf("%s, at byte %d: %w", r.segment.name(), r.records.offset, err)
		}
		switch {
		case len(batch.Items) > 0:
			return batch, nil
		case r.records.offset < limit: // all of a batch was skipped
		case next != nil:
			if err := r.follow(*next); err != nil {
				return nil, err
			}
		default:
			select {
			case <-news:
			case <-r.stop:
				return nil, nil
			}
		}
	}
}

// ahead says up to where the segment can be read, and which is the next, if there
// is one.
func (r *Reader) ahead() (limit int64, next *segment, news <-chan struct{}) {
	s := r.s
	s.mu.Lock()
	defer s.mu.Unlock()
	rest := s.segments
	for len(rest) > 0 && rest[0].number < r.segment.number {
		rest = rest[1:]
	}
	limit = r.records.offset // of one that is removed: all of it was read
	if rest[0].number == r.segment.number {
		limit, rest = rest[0].size, rest[1:]
	}
	if len(rest) > 0 {
		next = &segment{}
		*next = rest[0]
	}
	return limit, next, s.news
}

// take adds records up to limit to the batch, as many as it may have.
func (r *Reader) take(batch *stream.Batch, limit int64) error {
	begin := r.records.offset
	for len(batch.Items) < maxItems && r.records.offset-begin < maxBytes {
		item, err := r.records.next(limit)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		r.pass(batch, item)
	}
	return nil
}

// pass adds an item, unless the target has it, and before the first change of a
// table what defines it.
func (r *Reader) pass(batch *stream.Batch, item stream.Item) {
	switch item.Kind() {
	case 0:
		if r.at = item.LSN; r.at < r.from {
			return
		}
	case stream.Begin:
		commit, _ := item.Begins()
		r.skipping = commit < r.from
	case stream.Relation:
		r.announce(item)
		return
	default:
		for id := range item.Relations() {
			if a := r.announced[id]; a != nil && !a.told && !r.skipping {
				batch.Items = append(batch.Items, a.item)
				a.told = true
			}
		}
	}
	if !r.skipping {
		batch.Items = append(batch.Items, item)
	}
	if end, ok := item.Ends(); ok {
		r.at, r.skipping = end, false
	}
}

// announce keeps a definition until it is needed. That of a table which has changed
// its shape since, or left, may not fit the plan any more.
func (r *Reader) announce(item stream.Item) {
	for id := range item.Relations() {
		if known := r.announced[id]; known == nil || !bytes.Equal(known.item.Data, item.Data) {
			r.announced[id] = &announcement{item: item}
		}
	}
}

// follow goes on with the next segment.
func (r *Reader) follow(next segment) error {
	if r.at != next.begins {
		return fmt.Errorf("%s ends at %s, and %s begins at %s: changes are missing", r.segment.name(), r.at, next.name(), next.begins)
	}
	_ = r.file.Close()
	return r.open(next)
}

// open begins to read a segment.
func (r *Reader) open(one segment) error {
	file, err := os.Open(filepath.Join(r.s.dir, one.name()))
	if err != nil {
		return err
	}
	r.segment, r.file, r.records = one, file, records{file: file}
	if _, _, err := r.records.readHeader(one.size); err != nil {
		_ = file.Close()
		return fmt.Errorf("%s: %w", one.name(), err)
	}
	return nil
}
