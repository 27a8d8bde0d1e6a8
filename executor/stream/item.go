package stream

import (
	"encoding/binary"
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
