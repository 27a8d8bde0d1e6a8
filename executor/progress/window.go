package progress

import "time"

// windowSeconds is how far back a rate looks: long enough to be read, short
// enough to show that something has stopped.
const windowSeconds = 20

// window counts what happened in the last seconds, one bucket each.
type window struct {
	started time.Time // of the first event
	buckets [windowSeconds]struct {
		second int64 // Unix time; a bucket of another second is empty
		count  int64
	}
}

func (w *window) add(now time.Time, count int64) {
	if w.started.IsZero() {
		w.started = now
	}
	second := now.Unix()
	b := &w.buckets[second%windowSeconds]
	if b.second != second {
		b.second, b.count = second, 0
	}
	b.count += count
}

// rate is the count per second over the window, or since the first event where
// that is not as long ago. Within the first second it is the count itself.
func (w *window) rate(now time.Time) float64 {
	if w.started.IsZero() {
		return 0
	}
	// The bucket of this second is not full yet, so the window reaches from
	// the beginning of its oldest bucket to now.
	oldest := now.Unix() - windowSeconds + 1
	var sum int64
	for _, b := range w.buckets {
		if b.second >= oldest {
			sum += b.count
		}
	}
	from := time.Unix(oldest, 0)
	if w.started.After(from) {
		from = w.started
	}
	return float64(sum) / max(now.Sub(from).Seconds(), 1)
}
