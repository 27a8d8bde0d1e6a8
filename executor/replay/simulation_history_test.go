package replay

import (
	"cmp"
	"slices"
	"strconv"

	"sluice/executor/handoff"
)

// A history is what happens on a source: its transactions in commit order, the
// messages that a server makes of them, the state behind each, and what a load has
// read of it meanwhile.
type history struct {
	transactions []transaction
	wal          []event
	taken        map[uint32]bool // subtransactions that are rolled back, and whole transactions
	states       [][]rows        // behind so many transactions, by table
	counts       []counts        // as well
	loads        []*load         // by table; nil: the table was read before the first transaction
	converged    int             // transactions behind which no load has read anything
	partial      bool            // as Options.Partial
	end          uint64          // of the WAL
	lacks        *lack
}

type transaction struct {
	xid        uint32
	final, end uint64 // LSNs of its commit record and behind it
	at         uint64 // µs since the bubble began, which is PostgreSQL's epoch
	lasts      bool   // others are committed while it goes on
	messages   []message
}

// event is one in the WAL: the commit of a transaction, or what one has done that goes
// on while others are committed.
type event struct {
	lsn      uint64
	commit   int    // the transaction that is committed; -1: none
	lasting  uint32 // the xid of the one that goes on; 0: it is committed at once
	messages []message
	taken    []uint32 // its subtransactions that are rolled back, in the order of the records, or all of it
}

// message is of the tables that a server announces before it.
type message struct {
	tables []int
	data   build
	xid    uint32 // of the subtransaction, or the transaction
}

type counts struct{ inserts, updates, deletes, truncates int64 }

func (c counts) plus(other counts) counts {
	return counts{c.inserts + other.inserts, c.updates + other.updates, c.deletes + other.deletes, c.truncates + other.truncates}
}

// lack is a row that somebody has deleted on the target, and the first transaction
// that changes it.
type lack struct {
	table, transaction int
	row                row
}

// row is in the target's columns.
type row []string

// rows are a table's, sorted.
type rows []row

func (all rows) with(r row) rows {
	at, _ := slices.BinarySearchFunc(all, r, slices.Compare[row])
	return slices.Insert(slices.Clone(all), at, r)
}

func (all rows) without(at int) rows { return slices.Delete(slices.Clone(all), at, at+1) }

func (all rows) equal(other rows) bool { return slices.EqualFunc(all, other, slices.Equal[row]) }

// load is what was read of a table: each range of keys behind so many transactions.
type load struct {
	column int   // of the keys; -1: there is one range
	cuts   []int // keys at which a range begins, but the first
	read   []int // by range
	table  *handoff.Table
}

// rangeOf is the range that a row belongs to.
func (l *load) rangeOf(r row) int {
	if l.column < 0 {
		return 0
	}
	at, exact := slices.BinarySearch(l.cuts, number(r[l.column]))
	if exact {
		at++
	}
	return at
}

func number(text string) int {
	n, _ := strconv.Atoi(text)
	return n
}

// on is what the target must have of a table at the end of so many transactions: of
// each range what has happened by then, or what was read of it.
func (h *history) on(table, done int) rows {
	all := h.states[done][table]
	if l := h.loads[table]; l != nil && done < slices.Max(l.read) {
		all = nil
		for i, read := range l.read {
			for _, r := range h.states[max(done, read)][table] {
				if l.rangeOf(r) == i {
					all = append(all, r)
				}
			}
		}
		slices.SortFunc(all, slices.Compare[row])
	}
	if l := h.lacks; l != nil && l.table == table {
		if at := slices.IndexFunc(all, func(r row) bool { return slices.Equal(r, l.row) }); at >= 0 {
			all = all.without(at)
		}
	}
	return all
}

// loaded says that a load has read some of it.
func (h *history) loaded() bool {
	return slices.ContainsFunc(h.loads, func(l *load) bool { return l != nil })
}

// before is how many transactions were committed before an LSN.
func (h *history) before(lsn uint64) int {
	at, _ := slices.BinarySearchFunc(h.transactions, lsn, func(x transaction, lsn uint64) int { return cmp.Compare(x.final, lsn) })
	return at
}
