package handoff

import (
	"fmt"
	"slices"
)

// Range is a chunk as the changes see it: keys from Low (included) to High (not
// included), nil without bound, read under Snapshot.
type Range struct {
	Low, High *string
	Snapshot  Snapshot
}

// Table knows under which snapshot each row of one table was read.
type Table struct {
	ranges []Range // by Low; exactly one without key column
	order  Order   // nil: one snapshot for the table
	Key    string  // the column that the ranges are of; empty: one snapshot
}

// NewTable makes a table of its ranges. With an order they must cover every key
// without gap or overlap; without one there must be one snapshot for all.
func NewTable(key string, order Order, ranges []Range) (*Table, error) {
	if len(ranges) == 0 {
		return nil, fmt.Errorf("no chunk is loaded")
	}
	t := &Table{ranges: slices.Clone(ranges), order: order, Key: key}
	if order == nil {
		for _, r := range ranges[1:] {
			if !r.Snapshot.Equal(ranges[0].Snapshot) {
				return nil, fmt.Errorf("chunks without keys were read under different snapshots")
			}
		}
		return t, nil
	}
	slices.SortFunc(t.ranges, func(a, b Range) int { return CompareLow(order, a.Low, b.Low) })
	var edge *string
	for i, r := range t.ranges {
		if i == 0 && r.Low != nil || i > 0 && (r.Low == nil || edge == nil || order(*r.Low, *edge) != 0) {
			return nil, fmt.Errorf("the loaded chunks leave a gap or overlap at chunk %d", i)
		}
		edge = r.High
	}
	if edge != nil {
		return nil, fmt.Errorf("the loaded chunks end at a key")
	}
	return t, nil
}

// CompareLow orders lower bounds: no bound is the lowest.
func CompareLow(order Order, a, b *string) int {
	switch {
	case a == nil && b == nil:
		return 0
	case a == nil:
		return -1
	case b == nil:
		return 1
	}
	return order(*a, *b)
}

// ByKey says that visibility depends on a row's key.
func (t *Table) ByKey() bool { return t.order != nil }

// Visible says whether the row with this key was read with what the
// transaction did. Without ranges by key the key is not looked at.
func (t *Table) Visible(xid uint32, key string) bool {
	return t.ranges[t.find(key)].Snapshot.Visible(xid)
}

func (t *Table) find(key string) int {
	if t.order == nil {
		return 0
	}
	i, exact := slices.BinarySearchFunc(t.ranges, key, func(r Range, key string) int {
		if r.Low == nil {
			return -1
		}
		return t.order(*r.Low, key)
	})
	if exact {
		return i
	}
	return i - 1
}

// Unseen returns the ranges that were read without what the transaction did:
// what a TRUNCATE of the table has to empty. all says that it is every range.
func (t *Table) Unseen(xid uint32) (unseen []Range, all bool) {
	for _, r := range t.ranges {
		if !r.Snapshot.Visible(xid) {
			unseen = append(unseen, r)
		}
	}
	return unseen, len(unseen) == len(t.ranges)
}
