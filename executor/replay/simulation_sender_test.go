package replay

import (
	"maps"
	"math/rand/v2"
	"slices"

	"github.com/jackc/pglogrepl"

	"sluice/executor/stream"
)

// sender is a server that sends a history over one connection.
type sender struct {
	*rand.Rand
	*history
	reached map[string]int
	items   []stream.Item
	known   map[int]bool         // tables that are announced
	sending map[uint32]*decoding // by xid
	done    int                  // transactions that are decoded
	last    uint64               // up to where it was said that all is sent
}

// decoding is a transaction that goes on, as far as it is decoded and was not sent.
type decoding struct {
	messages []message
	streamed map[uint32]bool // what of it has begun to come in blocks, itself too
	known    map[int]bool    // tables that are announced within it
	notices  bool            // what was rolled back since
}

// send is what a server sends that begins at an LSN: transactions that are committed
// behind it, and with early some of them in blocks.
func send(random *rand.Rand, h *history, from uint64, early bool, reached map[string]int) []stream.Item {
	s := &sender{Rand: random, history: h, reached: reached, known: map[int]bool{}, sending: map[uint32]*decoding{}, last: from}
	first := h.before(from)
	for _, e := range h.wal {
		past := e.commit >= first || e.commit < 0 && e.lsn >= from
		if e.lasting != 0 {
			s.decode(e)
		}
		if e.commit >= 0 {
			if past {
				s.commit(e)
			}
			delete(s.sending, e.lasting)
			s.done = e.commit + 1
		}
		if past && early && s.IntN(2) == 0 {
			s.stream(e.lsn)
		}
	}
	return append(s.items, stream.Item{LSN: pglogrepl.LSN(h.end)})
}

func (s *sender) add(lsn uint64, xid uint32, b build) {
	s.items = append(s.items, stream.Item{LSN: pglogrepl.LSN(lsn), Data: b, Xid: xid})
}

// keepalive says that all is sent up to somewhere before the next commit.
func (s *sender) keepalive(next uint64) {
	if s.IntN(4) == 0 && s.last <= next {
		s.last += s.Uint64N(next - s.last + 1)
		s.items = append(s.items, stream.Item{LSN: pglogrepl.LSN(s.last)})
	}
}

// commit sends a transaction: whole, or what of it did not come in blocks.
func (s *sender) commit(e event) {
	x := s.transactions[e.commit]
	s.keepalive(x.final)
	if s.IntN(10) == 0 {
		s.add(0, 0, logical)
	}
	s.last = x.end
	if d := s.sending[x.xid]; d != nil && d.streamed[x.xid] {
		if len(d.messages) > 0 || s.IntN(4) == 0 {
			s.block(e.lsn, x.xid, d)
		}
		s.add(x.end, 0, build("c").u32(x.xid).byte(0).u64(x.final).u64(x.end).u64(x.at))
		maps.Copy(s.known, d.known)
		return
	}
	s.add(0, 0, build("B").u64(x.final).u64(x.at).u32(x.xid))
	for _, m := range x.messages {
		s.change(0, s.known, message{tables: m.tables, data: m.data})
	}
	s.add(x.end, 0, build("C").byte(0).u64(x.final).u64(x.end).u64(x.at))
}

var logical = build("M").byte(0).u64(0).str("elsewhere").u32(2).byte('h', 'i')

// change sends a message, tables before it, and what may come between.
func (s *sender) change(lsn uint64, known map[int]bool, m message) {
	switch s.IntN(40) {
	case 0: // as after an ANALYZE
		clear(s.known)
		for _, d := range s.sending {
			clear(d.known)
		}
	case 1:
		s.add(lsn, m.xid, logical)
	case 2:
		s.add(lsn, 0, build("O").u64(lsn).str("elsewhere"))
	}
	for _, table := range m.tables {
		if !known[table] {
			known[table] = true
			s.add(lsn, m.xid, samples[table].announcement(table))
		}
	}
	s.add(lsn, m.xid, m.data)
}

// decode takes in what a transaction that goes on has done.
func (s *sender) decode(e event) {
	d := s.sending[e.lasting]
	if d == nil {
		d = &decoding{streamed: map[uint32]bool{}, known: map[int]bool{}}
		s.sending[e.lasting] = d
	}
	d.messages = append(d.messages, e.messages...)
	for _, xid := range e.taken {
		d.messages = slices.DeleteFunc(d.messages, func(m message) bool { return m.xid == xid })
		if d.streamed[xid] {
			clear(d.known)
			s.add(e.lsn, 0, build("A").u32(e.lasting).u32(xid))
		}
		if xid == e.lasting {
			delete(s.sending, xid)
		}
	}
}

// stream sends what there is of one.
func (s *sender) stream(lsn uint64) {
	var waiting []uint32
	for xid, d := range s.sending {
		if len(d.messages) > 0 {
			waiting = append(waiting, xid)
		}
	}
	if len(waiting) == 0 {
		return
	}
	slices.Sort(waiting)
	xid := waiting[s.IntN(len(waiting))]
	s.block(lsn, xid, s.sending[xid])
	next := s.end
	if s.done < len(s.transactions) {
		next = s.transactions[s.done].final
	}
	s.keepalive(next)
}

// block sends what there is of a transaction. The server may notice that a part was
// rolled back before it reads of that.
func (s *sender) block(lsn uint64, xid uint32, d *decoding) {
	first := byte(0)
	if !d.streamed[xid] {
		first = 1
	}
	d.notices = d.notices || s.IntN(4) == 0
	s.add(lsn, 0, build("S").u32(xid).byte(first))
	d.streamed[xid] = true
	for _, m := range d.messages {
		d.streamed[m.xid] = true
	}
	for _, m := range d.messages {
		if d.notices && s.taken[m.xid] {
			s.reached["a change that is rolled back before it is sent"]++
			continue
		}
		s.change(lsn, d.known, m)
	}
	s.add(lsn, 0, build("E"))
	d.messages = nil
	s.reached["a block"]++
}
