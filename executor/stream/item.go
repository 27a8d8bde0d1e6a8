package stream

import (
	"encoding/binary"
	"errors"
	"iter"

	"github.com/jackc/pglogrepl"
)

// Item is a pgoutput message, or, with nil Data, the news that everything
// before LSN has been sent. Its methods look at the first bytes only, for who
// passes messages on and does not decode them: of a message that ends early they
// say nothing.
type Item struct {
	LSN  pglogrepl.LSN
	Data []byte
	// Xid is of the transaction or subtransaction that made the change, within a
	// block of one that is in progress; 0: it is of none, and Begin has it.
	Xid uint32
}

// split takes the xid out of a message within a block, where it comes behind the
// kind: what is left is as protocol 1 has it. It writes into data.
func split(data []byte) (xid uint32, plain []byte, err error) {
	switch Kind(data[0]) {
	case Relation, Type, Insert, Update, Delete, Truncate, Logical:
	default: // an Origin, and the end of the block
		return 0, data, nil
	}
	if len(data) < 5 {
		return 0, nil, errShort
	}
	xid = binary.BigEndian.Uint32(data[1:])
	if xid == 0 {
		return 0, nil, errors.New("a change of no transaction")
	}
	data[4] = data[0]
	return xid, data[4:], nil
}

// Kind is that of the message; 0: it is none.
func (i Item) Kind() Kind {
	if len(i.Data) == 0 {
		return 0
	}
	return Kind(i.Data[0])
}

// Begins is the position of the commit record of the transaction that begins here.
func (i Item) Begins() (commit pglogrepl.LSN, ok bool) {
	if i.Kind() != Begin || len(i.Data) < 9 {
		return 0, false
	}
	return pglogrepl.LSN(binary.BigEndian.Uint64(i.Data[1:])), true
}

// Ends is the end of the commit record of the transaction that ends here.
func (i Item) Ends() (end pglogrepl.LSN, ok bool) {
	if i.Kind() != Commit || len(i.Data) < 18 {
		return 0, false
	}
	return pglogrepl.LSN(binary.BigEndian.Uint64(i.Data[10:])), true
}

// Relations are the ids of the tables that the message announces or changes.
func (i Item) Relations() iter.Seq[uint32] {
	return func(yield func(uint32) bool) {
		ids, n := i.Data, 1
		switch i.Kind() {
		case Relation, Insert, Update, Delete:
			ids = ids[1:]
		case Truncate:
			ids = ids[min(len(ids), 6):] // behind their number and the options
			n = len(ids) / 4
		default:
			return
		}
		for ; n > 0 && len(ids) >= 4; n-- {
			if !yield(binary.BigEndian.Uint32(ids)) {
				return
			}
			ids = ids[4:]
		}
	}
}
