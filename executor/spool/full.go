package spool

import (
	"context"
	"errors"
	"fmt"
	"syscall"
	"time"

	"github.com/dustin/go-humanize"

	"sluice/executor/stream"
)

// When the space is used up, in this order:
//
//	80 % of max_bytes      status and alerts say so             (Stats.Filling)
//	all of it              nothing is taken from the source, which keeps its WAL
//	                       again, until segments are removed
//	the disk is full       the same; what could not be written was not acknowledged
//	a transaction that is  the run ends and says so: it would never be whole, and
//	larger than all of it  nothing behind it could be applied
//
// The load is not slowed down: nothing can be applied before it ends, so that the
// spool would only have to last for longer.

// filling is the share from which on a spool fills up.
const filling = 0.8

// Filling says that there is little room left, or none.
func (s Stats) Filling() bool {
	return s.Full != "" || float64(s.Bytes) > filling*float64(s.MaxBytes)
}

// ErrTooLarge is a transaction that does not fit, whatever is removed.
var ErrTooLarge = errors.New("a transaction of the source does not fit into max_bytes: declare more, and run sluice apply again")

// lookAgain is how soon a full disk is tried again.
const lookAgain = time.Second

// write writes items once there is room for them.
func (s *Spool) write(ctx context.Context, items []stream.Item) error {
	var need int64
	for _, item := range items {
		need += recordHead + int64(len(item.Data))
	}
	for {
		_, news := s.asks() // before it is looked: no news is missed
		why, err := s.room(need)
		if err == nil && why == "" {
			err = s.put(items)
			switch {
			case err == nil:
				return nil
			case noSpace(err):
				why, err = err.Error(), nil
			}
		}
		if err != nil {
			return &Error{s.dir, err}
		}
		if err := s.wait(ctx, why, news); err != nil {
			return err
		}
	}
}

// room says why so many bytes have none; empty: they have.
func (s *Spool) room(need int64) (why string, err error) {
	s.mu.Lock()
	used, most, alone := s.bytes(), s.max, len(s.segments) == 1
	s.mu.Unlock()
	switch {
	case used+need <= most:
		return "", nil
	case s.divisible(): // as the last one, what is written to could not be removed
		if err := s.roll(); noSpace(err) {
			return err.Error(), nil
		} else if err != nil {
			return "", err
		}
		return s.room(need)
	case alone:
		return "", ErrTooLarge
	}
	return fmt.Sprintf("%s of max_bytes = %s are used", humanize.IBytes(uint64(used)), humanize.IBytes(uint64(most))), nil
}

// wait waits for news, or until it is to be tried again.
func (s *Spool) wait(ctx context.Context, why string, news <-chan struct{}) error {
	if s.Stats().Full != why {
		s.update(func() { s.full = why })
	}
	again := time.NewTimer(lookAgain)
	defer again.Stop()
	select {
	case <-news:
	case <-again.C:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	return nil
}

// noSpace says that the disk is full, or what one may use of it.
func noSpace(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}

// Passing says that an error may be gone next time.
func (e *Error) Passing() bool { return noSpace(e.Err) }
