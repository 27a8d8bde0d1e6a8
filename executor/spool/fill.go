package spool

import (
	"bufio"
	"context"

	"github.com/jackc/pglogrepl"

	"sluice/executor/stream"
)

// Source is what Fill takes from: a stream that begins where the spool ends.
type Source interface {
	C() <-chan *stream.Batch // closed at the end; Err says why
	Acknowledge(lsn pglogrepl.LSN)
	Ask(on bool)
	Err() error
}

// A segment is as large as this part of all of them, within bounds: what is on the
// target for good gives its room back by whole segments.
const (
	parts           = 16
	smallestSegment = 64 << 10
	largestSegment  = 64 << 20
)

func (s *Spool) segmentBytes() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return min(max(s.max/parts, smallestSegment), largestSegment)
}

// Fill takes what the source has, until that ends or ctx does. After an error, and
// before the first time, Rewind brings the spool to where another stream can begin.
func (s *Spool) Fill(ctx context.Context, from Source) error {
	for {
		ask, news := s.asks()
		from.Ask(ask)
		select {
		case batch, ok := <-from.C():
			if !ok {
				return from.Err()
			}
			if err := s.add(ctx, from, batch.Items); err != nil {
				return err
			}
		case <-news:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

func (s *Spool) asks() (ask bool, news <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ask, s.news
}

// add writes items, and acknowledges the whole transactions among them.
func (s *Spool) add(ctx context.Context, from Source, items []stream.Item) error {
	for len(items) > 0 {
		n := s.ofSegment(items)
		if err := s.write(ctx, items[:n]); err != nil {
			return err
		}
		items = items[n:]
		if s.whole.lsn > s.End() {
			if err := s.sync(); err != nil {
				return err
			}
			s.o.Point("spool: before it is acknowledged")
			from.Acknowledge(s.whole.lsn)
		}
		if s.written < s.segmentBytes() || !s.divisible() {
			continue
		}
		if err := s.roll(); err != nil && !noSpace(err) { // then the segment grows on
			return &Error{s.dir, err}
		}
	}
	return nil
}

// ofSegment is how many of the items belong to the segment that is written to.
func (s *Spool) ofSegment(items []stream.Item) int {
	size, enough := s.written, s.segmentBytes()
	for i, item := range items {
		size += recordHead + int64(len(item.Data))
		if _, ends := item.Ends(); (ends || item.Data == nil) && size >= enough {
			return i + 1
		}
	}
	return len(items)
}

// put writes all of the items, or none.
func (s *Spool) put(items []stream.Item) error {
	whole, inside := s.whole, s.inside
	size := s.written
	for _, item := range items {
		if item.Data == nil && item.LSN <= s.whole.lsn {
			continue // no news
		}
		n, err := writeRecord(s.out, item.LSN, item.Data)
		if err != nil {
			s.whole, s.inside = whole, inside
			return s.takeBack(err)
		}
		size += n
		s.follow(item, size)
	}
	if err := s.out.Flush(); err != nil {
		s.whole, s.inside = whole, inside
		return s.takeBack(err)
	}
	s.update(func() { s.written, s.full = size, "" })
	return nil
}

// takeBack cuts off what was written of items after an error.
func (s *Spool) takeBack(err error) error {
	if cut := s.cut(s.written); cut != nil {
		return cut
	}
	return err
}

// sync brings what is written to the disk. What an error leaves is not known: the
// kernel may take pages for clean that it could not write, and would say so once.
// https://wiki.postgresql.org/wiki/Fsync_Errors
func (s *Spool) sync() error {
	s.o.Point("spool: before it is on the disk")
	if err := s.file.Sync(); err != nil {
		return &Error{s.dir, err}
	}
	s.update(func() {
		s.segments[len(s.segments)-1].size, s.end = s.whole.offset, s.whole.lsn
	})
	return nil
}

// divisible says that another segment may begin here: no transaction is in two of
// them, and none is empty but the last.
func (s *Spool) divisible() bool { return !s.inside && s.end > s.last().begins }

// roll begins another segment, behind whole transactions that are on the disk.
func (s *Spool) roll() error {
	next := segment{number: s.last().number + 1, begins: s.end}
	file, err := create(s.dir, &next, s.o.Owner, s.announced)
	if err != nil {
		return err
	}
	if s.file != nil {
		_ = s.file.Close() // all of it is on the disk
	}
	s.file, s.out = file, bufio.NewWriterSize(file, buffer)
	s.whole = mark{next.begins, next.size}
	s.update(func() { s.segments, s.written = append(s.segments, next), next.size })
	s.release(0) // the one before may be done with
	return nil
}
