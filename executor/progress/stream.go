package progress

import "time"

// Counts is what a batch of changes did on the target.
type Counts struct {
	Transactions int64 `json:"transactions"`
	Inserts      int64 `json:"inserts"`
	Updates      int64 `json:"updates"`
	Deletes      int64 `json:"deletes"`
	Truncates    int64 `json:"truncates"`
}

// changes is the number of rows that were changed.
func (c Counts) changes() int64 { return c.Inserts + c.Updates + c.Deletes }

func (c *Counts) add(d Counts) {
	c.Transactions += d.Transactions
	c.Inserts += d.Inserts
	c.Updates += d.Updates
	c.Deletes += d.Deletes
	c.Truncates += d.Truncates
}

// stream is how far the changes are.
type stream struct {
	seen       bool // any of the events below
	counts     Counts
	changeRate window
	appliedLSN uint64
	sourceLSN  uint64
	retained   int64
	measured   time.Time // of sourceLSN and retained
	drained    bool
	inProgress *InProgress
	spool      *Spool
	equalUntil time.Time // everything committed on the source before is on the target; zero: unknown
}

// Arrived says that a batch is begun, and when the source committed its first
// transaction. Until it is on the target, nothing is drained, however long it
// takes, or is kept waiting by a throttle.
func (t *Tracker) Arrived(commitTime time.Time) {
	t.update(func(time.Time) {
		if s := &t.stream; s.drained {
			s.drained, s.equalUntil = false, commitTime
		}
	})
}

// Applied says that a batch is committed on the target, with its records:
// what it did, the end of its last commit, and when the source committed that.
func (t *Tracker) Applied(c Counts, lsn uint64, commitTime time.Time) {
	t.update(func(now time.Time) {
		t.advanced(now)
		s := &t.stream
		s.seen, s.drained = true, false
		s.counts.add(c)
		s.changeRate.add(now, c.changes())
		s.appliedLSN, s.equalUntil = lsn, commitTime
	})
}

// Source says where the source's WAL ends, and how many bytes of it our slot
// keeps, as asked at at.
func (t *Tracker) Source(lsn uint64, retained int64, at time.Time) {
	t.update(func(time.Time) {
		s := &t.stream
		s.seen = true
		s.sourceLSN, s.retained, s.measured = lsn, retained, at
	})
}

// InProgress says how many transactions are applied that the source has not committed
// yet, and how many changes of theirs have come.
func (t *Tracker) InProgress(transactions int, changes int64) {
	t.update(func(time.Time) {
		t.stream.inProgress = nil
		if transactions > 0 {
			t.stream.inProgress = &InProgress{Transactions: transactions, Changes: changes}
		}
	})
}

// Spool says how full the spool is.
func (t *Tracker) Spool(s Spool) {
	t.update(func(time.Time) { t.stream.seen, t.stream.spool = true, &s })
}

// Drained says that everything the source has committed before lsn is applied.
// Where that is as far as the source was when it was last asked, the lag is 0
// until the next batch, however far the WAL goes on with what does not concern
// us.
func (t *Tracker) Drained(lsn uint64) {
	t.update(func(now time.Time) {
		s := &t.stream
		s.seen, s.drained, s.appliedLSN = true, lsn >= s.sourceLSN, lsn
		if s.drained {
			t.advanced(now)
			s.equalUntil = now
		}
	})
}

// status says how far the target is behind. While a connection is tried again,
// nobody knows what the source has: then even a drained target falls behind.
func (s *stream) status(now time.Time, retrying bool) *Stream {
	if !s.seen {
		return nil
	}
	out := &Stream{
		Applied: s.counts, ChangesPerS: s.changeRate.rate(now),
		AppliedLSN: LSN(s.appliedLSN), SourceLSN: LSN(s.sourceLSN),
		RetainedBytes: s.retained,
		Drained:       s.drained && !retrying,
		LagKnown:      !s.equalUntil.IsZero(),
		InProgress:    clone(s.inProgress),
		Spool:         clone(s.spool),
	}
	if !s.measured.IsZero() {
		out.Measured = s.measured.UTC()
	}
	if out.Drained || !out.LagKnown {
		return out
	}
	out.Lag = Seconds(max(now.Sub(s.equalUntil), 0))
	if s.sourceLSN > s.appliedLSN {
		out.LagBytes = int64(s.sourceLSN - s.appliedLSN)
	}
	return out
}
