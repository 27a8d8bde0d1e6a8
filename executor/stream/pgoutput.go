package stream

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pglogrepl"
)

// Kind is the first byte of a pgoutput message.
type Kind byte

// The messages of protocol version 1, and those by which version 2 sends a
// transaction before it is committed.
// https://www.postgresql.org/docs/current/protocol-logicalrep-message-formats.html
const (
	Begin    Kind = 'B'
	Commit   Kind = 'C'
	Origin   Kind = 'O'
	Relation Kind = 'R'
	Type     Kind = 'Y'
	Insert   Kind = 'I'
	Update   Kind = 'U'
	Delete   Kind = 'D'
	Truncate Kind = 'T'
	Logical  Kind = 'M'

	StreamStart  Kind = 'S' // a block of one transaction's changes
	StreamStop   Kind = 'E'
	StreamCommit Kind = 'c'
	StreamAbort  Kind = 'A'
)

// Message is one decoded message. Which fields are set depends on Kind. Tuples
// and their values point into the bytes that were decoded, and are overwritten
// by the next Decode into the same Message.
type Message struct {
	Kind Kind

	// Begin: the position of the commit record, its time, and the top-level xid.
	// Commit: the same position, and the end of the commit record. StreamCommit:
	// all of them.
	FinalLSN   pglogrepl.LSN
	EndLSN     pglogrepl.LSN
	CommitTime time.Time
	Xid        uint32 // of StreamStart and StreamAbort, too

	First  bool   // StreamStart: the transaction's first block
	Subxid uint32 // StreamAbort: what is rolled back; Xid: all of it

	// Insert, Update, Delete: the relation, and the tuples. Old is set where
	// the server sent one: OldKey says that it holds the key columns only.
	RelationID uint32
	Old, New   Tuple
	HasOld     bool
	OldKey     bool

	// Truncate.
	Truncated       []uint32
	Cascade         bool
	RestartIdentity bool

	Rel RelationDef
}

// Tuple is a row, a value for each column of the Relation message.
type Tuple []Value

// Value is one column's value.
type Value struct {
	Kind ValueKind
	Text []byte // in the server's text form
}

// ValueKind says what is known of a value.
type ValueKind byte

// The kinds.
const (
	Null      ValueKind = 'n'
	Unchanged ValueKind = 'u' // a TOAST value that the update left alone: not sent
	Text      ValueKind = 't'
)

// RelationDef is the definition of a table as pgoutput announces it before its
// first change, and again after it changed.
type RelationDef struct {
	ID       uint32
	Schema   string
	Name     string
	Identity byte // relreplident: d, n, f, i
	Columns  []ColumnDef
}

// Equal says that both announce the same table with the same columns.
func (d RelationDef) Equal(other RelationDef) bool {
	return d.ID == other.ID && d.Schema == other.Schema && d.Name == other.Name &&
		d.Identity == other.Identity && slices.Equal(d.Columns, other.Columns)
}

// ColumnDef is a column of a RelationDef. Generated columns are not among them.
type ColumnDef struct {
	Key     bool // part of the replica identity
	Name    string
	TypeOID uint32
	Typmod  int32
}

var errShort = errors.New("message ends early")

// maxColumns is above PostgreSQL's MaxTupleAttributeNumber (1664): a larger
// count is malformed, and must not size an allocation.
const maxColumns = 1700

// Decode reads one message. It never panics and never allocates more than the
// message's own size justifies, whatever the bytes are.
func (m *Message) Decode(data []byte) error {
	r := reader{data: data}
	kind := Kind(r.byte())
	m.Kind = kind
	switch kind {
	case Begin:
		m.FinalLSN, m.CommitTime, m.Xid = r.lsn(), r.time(), r.uint32()
	case Commit:
		r.byte() // flags, unused
		m.FinalLSN, m.EndLSN, m.CommitTime = r.lsn(), r.lsn(), r.time()
	case StreamStart:
		m.Xid, m.First = r.uint32(), r.byte() != 0
	case StreamStop:
	case StreamCommit:
		m.Xid = r.uint32()
		r.byte() // flags, unused
		m.FinalLSN, m.EndLSN, m.CommitTime = r.lsn(), r.lsn(), r.time()
	case StreamAbort:
		m.Xid, m.Subxid = r.uint32(), r.uint32()
	case Relation:
		m.relation(&r)
	case Insert:
		m.RelationID = r.uint32()
		m.HasOld = false
		r.tag('N')
		m.New = r.tuple(m.New)
	case Update:
		m.update(&r)
	case Delete:
		m.RelationID = r.uint32()
		m.old(&r, r.byte())
	case Truncate:
		m.truncate(&r)
	case Origin, Type, Logical:
		return nil // nothing in them changes a row
	default:
		return fmt.Errorf("unknown message %q", byte(kind))
	}
	if r.err == nil && len(r.data) > 0 {
		r.err = fmt.Errorf("%d bytes too many", len(r.data))
	}
	if r.err != nil {
		return fmt.Errorf("malformed message %q: %w", byte(kind), r.err)
	}
	return nil
}

func (m *Message) relation(r *reader) {
	m.Rel = RelationDef{ID: r.uint32(), Schema: r.string(), Name: r.string(), Identity: r.byte()}
	n := int(r.uint16())
	if n > maxColumns {
		r.fail(fmt.Errorf("%d columns", n))
		return
	}
	if m.Rel.Schema == "" {
		m.Rel.Schema = "pg_catalog" // that is how the server abbreviates it
	}
	m.Rel.Columns = make([]ColumnDef, 0, n)
	for range n {
		flags := r.byte()
		m.Rel.Columns = append(m.Rel.Columns, ColumnDef{
			Key: flags&1 != 0, Name: r.string(), TypeOID: r.uint32(), Typmod: int32(r.uint32()),
		})
	}
}

func (m *Message) update(r *reader) {
	m.RelationID = r.uint32()
	m.HasOld = false
	tag := r.byte()
	if tag == 'K' || tag == 'O' {
		m.old(r, tag)
		tag = r.byte()
	}
	if tag != 'N' {
		r.fail(fmt.Errorf("tuple %q instead of a new one", tag))
		return
	}
	m.New = r.tuple(m.New)
}

func (m *Message) old(r *reader, tag byte) {
	if tag != 'K' && tag != 'O' {
		r.fail(fmt.Errorf("tuple %q instead of an old one", tag))
		return
	}
	m.HasOld, m.OldKey = true, tag == 'K'
	m.Old = r.tuple(m.Old)
}

func (m *Message) truncate(r *reader) {
	n := int(r.uint32())
	options := r.byte()
	m.Cascade, m.RestartIdentity = options&1 != 0, options&2 != 0
	m.Truncated = m.Truncated[:0]
	if n*4 != len(r.data) {
		r.fail(fmt.Errorf("%d relations in %d bytes", n, len(r.data)))
		return
	}
	for range n {
		m.Truncated = append(m.Truncated, r.uint32())
	}
}

// reader takes values off the front. After the first error it returns zeros.
type reader struct {
	data []byte
	err  error
}

func (r *reader) fail(err error) {
	if r.err == nil {
		r.err = err
	}
	r.data = nil
}

func (r *reader) take(n int) []byte {
	if n < 0 || n > len(r.data) {
		r.fail(errShort)
		return nil
	}
	taken := r.data[:n:n]
	r.data = r.data[n:]
	return taken
}

func (r *reader) byte() byte {
	if b := r.take(1); b != nil {
		return b[0]
	}
	return 0
}

func (r *reader) uint16() uint16 {
	if b := r.take(2); b != nil {
		return binary.BigEndian.Uint16(b)
	}
	return 0
}

func (r *reader) uint32() uint32 {
	if b := r.take(4); b != nil {
		return binary.BigEndian.Uint32(b)
	}
	return 0
}

func (r *reader) uint64() uint64 {
	if b := r.take(8); b != nil {
		return binary.BigEndian.Uint64(b)
	}
	return 0
}

func (r *reader) lsn() pglogrepl.LSN { return pglogrepl.LSN(r.uint64()) }

// postgresEpoch is where PostgreSQL's timestamps begin, in Unix microseconds.
const postgresEpoch = 946684800_000_000

func (r *reader) time() time.Time { return time.UnixMicro(int64(r.uint64()) + postgresEpoch).UTC() }

func (r *reader) string() string {
	for i, b := range r.data {
		if b == 0 {
			s := string(r.take(i))
			r.take(1)
			return s
		}
	}
	r.fail(errShort)
	return ""
}

func (r *reader) tag(want byte) {
	if got := r.byte(); got != want && r.err == nil {
		r.fail(fmt.Errorf("tuple %q instead of %q", got, want))
	}
}

// tuple reads a row into the given one's memory. It is where decoding spends its
// time, so it does not go through take.
func (r *reader) tuple(into Tuple) Tuple {
	n := int(r.uint16())
	switch {
	case n > maxColumns:
		r.fail(fmt.Errorf("%d columns", n))
	case n > len(r.data): // each takes a byte at least
		r.fail(errShort)
	}
	if r.err != nil {
		return into[:0]
	}
	into = slices.Grow(into[:0], n)[:n]
	data := r.data
	for i := range into {
		if len(data) == 0 {
			r.fail(errShort)
			return into[:0]
		}
		kind := ValueKind(data[0])
		data = data[1:]
		switch kind {
		case Null, Unchanged:
			into[i] = Value{Kind: kind}
		case Text:
			if len(data) < 4 {
				r.fail(errShort)
				return into[:0]
			}
			size := int(int32(binary.BigEndian.Uint32(data)))
			data = data[4:]
			if size < 0 || size > len(data) {
				r.fail(errShort)
				return into[:0]
			}
			into[i] = Value{Kind: Text, Text: data[:size:size]}
			data = data[size:]
		default:
			r.fail(fmt.Errorf("value %q", byte(kind)))
			return into[:0]
		}
	}
	r.data = data
	return into
}
