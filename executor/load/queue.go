package load

import (
	"container/heap"
	"context"
	"slices"
	"sync"
)

// queue hands out a number of places; of those who wait, the one with the
// lowest rank comes first, then the one with the lowest number, and the one who
// waits longest among equals. Tables have the numbers of their steps in the plan.
//
// A table that has begun ranks before one that has not: its snapshot is open
// on the source, and should not be for longer than it must.
type queue struct {
	mu      sync.Mutex
	places  int
	free    int // below 0: taken places that there are no more
	waiting waiters
	arrived int
}

func newQueue(places int) *queue { return &queue{places: places, free: places} }

// resize changes the number of places. Where there are fewer, those who leave
// first give them up.
func (q *queue) resize(places int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for ; q.places < places; q.places++ {
		q.next()
	}
	q.free -= q.places - places
	q.places = places
}

// idle is how many places nobody has.
func (q *queue) idle() int64 {
	q.mu.Lock()
	defer q.mu.Unlock()
	return int64(max(q.free, 0))
}

// enter waits for a place; leave gives it back.
func (q *queue) enter(ctx context.Context, rank, number int) error {
	q.mu.Lock()
	if q.free > 0 {
		q.free--
		q.mu.Unlock()
		return nil
	}
	q.arrived++
	w := &waiter{place: [...]int{rank, number, q.arrived}, called: make(chan struct{})}
	heap.Push(&q.waiting, w)
	q.mu.Unlock()
	select {
	case <-w.called:
		return nil
	case <-ctx.Done():
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if w.index < 0 { // called at the same moment: pass the place on
		q.next()
	} else {
		heap.Remove(&q.waiting, w.index)
	}
	return context.Cause(ctx)
}

func (q *queue) leave() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.next()
}

func (q *queue) next() {
	if q.free < 0 || len(q.waiting) == 0 {
		q.free++
		return
	}
	close(heap.Pop(&q.waiting).(*waiter).called)
}

type waiter struct {
	place  [3]int // rank, number and arrival
	called chan struct{}
	index  int // in the heap; -1: called
}

type waiters []*waiter

func (w waiters) Len() int { return len(w) }
func (w waiters) Less(i, j int) bool {
	return slices.Compare(w[i].place[:], w[j].place[:]) < 0
}
func (w waiters) Swap(i, j int) {
	w[i], w[j] = w[j], w[i]
	w[i].index, w[j].index = i, j
}

func (w *waiters) Push(x any) {
	added := x.(*waiter)
	added.index = len(*w)
	*w = append(*w, added)
}

func (w *waiters) Pop() any {
	last := (*w)[len(*w)-1]
	last.index = -1
	*w = (*w)[:len(*w)-1]
	return last
}
