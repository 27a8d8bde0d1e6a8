package stream

import (
	"encoding/binary"
	"slices"
	"testing"

	"github.com/jackc/pglogrepl"
)

// build makes messages as a server writes them.
type build []byte

func (b build) byte(v byte) build           { return append(b, v) }
func (b build) u16(v uint16) build          { return binary.BigEndian.AppendUint16(b, v) }
func (b build) u32(v uint32) build          { return binary.BigEndian.AppendUint32(b, v) }
func (b build) u64(v uint64) build          { return binary.BigEndian.AppendUint64(b, v) }
func (b build) str(s string) build          { return append(append(b, s...), 0) }
func (b build) text(s string) build         { return append(b.byte('t').u32(uint32(len(s))), s...) }
func (b build) tuple(tag byte, n int) build { return b.byte(tag).u16(uint16(n)) }

var samples = map[string]build{
	"begin":    build("B").u64(0x16B374D848).u64(7_000_000).u32(731),
	"commit":   build("C").byte(0).u64(100).u64(140).u64(9),
	"relation": build("R").u32(16400).str("public").str("orders").byte('d').u16(2).byte(1).str("id").u32(20).u32(0xFFFFFFFF).byte(0).str("note").u32(25).u32(0xFFFFFFFF),
	"insert":   build("I").u32(16400).tuple('N', 3).text("1").byte('n').text(""),
	"update":   build("U").u32(16400).tuple('N', 2).text("1").byte('u'),
	"key":      build("U").u32(16400).tuple('K', 2).text("1").byte('n').tuple('N', 2).text("2").text("x"),
	"full":     build("U").u32(16400).tuple('O', 1).text("1").tuple('N', 1).text("2"),
	"delete":   build("D").u32(16400).tuple('K', 2).text("1").byte('n'),
	"truncate": build("T").u32(2).byte(3).u32(1).u32(2),

	"stream start":  build("S").u32(731).byte(1),
	"stream stop":   build("E"),
	"stream commit": build("c").u32(731).byte(0).u64(100).u64(140).u64(9),
	"stream abort":  build("A").u32(731).u32(733),
}

func TestDecode(t *testing.T) {
	decode := func(name string) *Message {
		m := new(Message)
		if err := m.Decode(samples[name]); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		return m
	}
	if m := decode("begin"); m.FinalLSN.String() != "16/B374D848" || m.Xid != 731 || m.CommitTime.Format("15:04:05 2006") != "00:00:07 2000" {
		t.Errorf("begin: %+v", m)
	}
	if m := decode("commit"); m.FinalLSN != 100 || m.EndLSN != 140 {
		t.Errorf("commit: %+v", m)
	}
	if m := decode("relation"); m.Rel.Name != "orders" || len(m.Rel.Columns) != 2 || !m.Rel.Columns[0].Key || m.Rel.Columns[1].TypeOID != 25 {
		t.Errorf("relation: %+v", m.Rel)
	}
	if m := decode("insert"); len(m.New) != 3 || m.New[1].Kind != Null || m.New[2].Kind != Text || len(m.New[2].Text) != 0 {
		t.Errorf("insert: %+v", m.New)
	}
	if m := decode("update"); m.HasOld || m.New[1].Kind != Unchanged {
		t.Errorf("update: %+v", m)
	}
	if m := decode("key"); !m.HasOld || !m.OldKey || string(m.New[0].Text) != "2" || string(m.Old[0].Text) != "1" {
		t.Errorf("update of a key: %+v", m)
	}
	if m := decode("full"); !m.HasOld || m.OldKey {
		t.Errorf("update with a whole old row: %+v", m)
	}
	if m := decode("stream start"); m.Xid != 731 || !m.First {
		t.Errorf("start of a block: %+v", m)
	}
	if m := decode("stream commit"); m.Xid != 731 || m.FinalLSN != 100 || m.EndLSN != 140 || m.CommitTime.Nanosecond() != 9000 {
		t.Errorf("commit of a transaction in blocks: %+v", m)
	}
	if m := decode("stream abort"); m.Xid != 731 || m.Subxid != 733 {
		t.Errorf("abort of a subtransaction: %+v", m)
	}
	if m := decode("truncate"); !m.Cascade || !m.RestartIdentity || len(m.Truncated) != 2 {
		t.Errorf("truncate: %+v", m)
	}
}

// A message that ends early, anywhere, or has something after its end is an
// error: half a row must never be taken for one.
func TestDecodeRefusesEveryTruncation(t *testing.T) {
	for name, whole := range samples {
		for n := range whole {
			if new(Message).Decode(whole[:n]) == nil {
				t.Errorf("%s: the first %d of %d bytes decode", name, n, len(whole))
			}
		}
		if new(Message).Decode(append(whole[:len(whole):len(whole)], 0)) == nil {
			t.Errorf("%s: a byte after the end is not noticed", name)
		}
	}
}

// A message decoded into a used Message must show nothing of the one before.
func TestDecodeIntoAUsedMessage(t *testing.T) {
	var m Message
	for _, name := range []string{"key", "update"} {
		if err := m.Decode(samples[name]); err != nil {
			t.Fatal(err)
		}
	}
	if m.HasOld {
		t.Error("an update without an old tuple still has that of the one before")
	}
}

// On whole messages the decoder must say what pglogrepl says.
func FuzzDecode(f *testing.F) {
	for _, s := range samples {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var m Message
		if m.Decode(data) != nil {
			return
		}
		switch o := oracle(data).(type) {
		case *pglogrepl.InsertMessageV2:
			same(t, m.New, o.Tuple)
		case *pglogrepl.UpdateMessageV2:
			same(t, m.New, o.NewTuple)
			if m.HasOld {
				same(t, m.Old, o.OldTuple)
			}
		case *pglogrepl.DeleteMessageV2:
			same(t, m.Old, o.OldTuple)
		case *pglogrepl.BeginMessage:
			if o.FinalLSN != m.FinalLSN || o.Xid != m.Xid {
				t.Errorf("%+v, want %+v", m, o)
			}
		case *pglogrepl.StreamCommitMessageV2:
			if o.CommitLSN != m.FinalLSN || o.TransactionEndLSN != m.EndLSN || o.Xid != m.Xid {
				t.Errorf("%+v, want %+v", m, o)
			}
		case *pglogrepl.StreamAbortMessageV2:
			if o.Xid != m.Xid || o.SubXid != m.Subxid {
				t.Errorf("%+v, want %+v", m, o)
			}
		}
	})
}

// oracle is what pglogrepl makes of a message: nil where it refuses it, or
// panics, as it does on many malformed ones.
func oracle(data []byte) (m pglogrepl.Message) {
	defer func() {
		if recover() != nil {
			m = nil
		}
	}()
	m, err := pglogrepl.ParseV2(data, false)
	if err != nil {
		return nil
	}
	return m
}

// within is a sample as it is in a block, where the xid is behind the kind.
func within(xid uint32, sample build) build {
	return append(append(sample[:1:1].u32(xid), sample[1:]...), 0)[:len(sample)+4]
}

// In a block, each message that is of a transaction says of which, and is else what it
// is outside of one.
func TestSplit(t *testing.T) {
	for name, sample := range samples {
		if name == "begin" || name == "commit" || sample[0] == 'S' || sample[0] == 'E' || sample[0] == 'c' || sample[0] == 'A' {
			continue
		}
		xid, plain, err := split(within(733, sample))
		if xid != 733 || string(plain) != string(sample) || err != nil {
			t.Errorf("%s is %q of transaction %d (%v), want %q", name, plain, xid, err, sample)
		}
		for n := range 4 {
			if _, _, err := split(within(733, sample)[:1+n]); err == nil {
				t.Errorf("%s: %d bytes of an xid are taken for one", name, n)
			}
		}
		if _, _, err := split(within(0, sample)); err == nil {
			t.Errorf("%s: it is of transaction 0", name)
		}
	}
	for _, sample := range []build{samples["stream stop"], build("O").u64(7).str("elsewhere")} {
		if xid, plain, err := split(sample); xid != 0 || string(plain) != string(sample) || err != nil {
			t.Errorf("%q is %q of transaction %d (%v)", sample, plain, xid, err)
		}
	}
}

// Whatever the bytes in a block are, what is understood is what pglogrepl understands.
func FuzzSplit(f *testing.F) {
	for _, s := range samples {
		f.Add([]byte(within(733, s)))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) == 0 {
			return // the stream refuses it before
		}
		whole := slices.Clone(data)
		xid, plain, err := split(data)
		var m Message
		if err != nil || xid == 0 || m.Decode(plain) != nil {
			return
		}
		message := func() (m pglogrepl.Message) {
			defer func() {
				if recover() != nil {
					m = nil
				}
			}()
			m, _ = pglogrepl.ParseV2(whole, true)
			return m
		}()
		switch o := message.(type) {
		case *pglogrepl.InsertMessageV2:
			if o.Xid != xid || o.RelationID != m.RelationID {
				t.Errorf("%d %+v, want %+v", xid, m, o)
			}
			same(t, m.New, o.Tuple)
		case *pglogrepl.DeleteMessageV2:
			if o.Xid != xid {
				t.Errorf("%d, want %d", xid, o.Xid)
			}
			same(t, m.Old, o.OldTuple)
		}
	})
}

func same(t *testing.T, got Tuple, want *pglogrepl.TupleData) {
	t.Helper()
	if want == nil || len(got) != len(want.Columns) {
		t.Fatalf("%d columns, want %+v", len(got), want)
	}
	for i, c := range want.Columns {
		if byte(got[i].Kind) != c.DataType || string(got[i].Text) != string(c.Data) {
			t.Errorf("column %d: %q %q, want %q %q", i, got[i].Kind, got[i].Text, c.DataType, c.Data)
		}
	}
}

// tenColumns is an insert of a row.
func tenColumns() build {
	b := build("I").u32(16400).tuple('N', 10)
	for range 10 {
		b = b.text("some value")
	}
	return b
}

// A row goes where the one before was.
func TestDecodeAllocatesNothing(t *testing.T) {
	row := tenColumns()
	var m Message
	if n := testing.AllocsPerRun(100, func() {
		if err := m.Decode(row); err != nil {
			t.Fatal(err)
		}
	}); n > 0 {
		t.Errorf("%v allocations for a row", n)
	}
}

func BenchmarkDecode(b *testing.B) {
	row := tenColumns()
	var m Message
	b.ReportAllocs()
	for b.Loop() {
		if err := m.Decode(row); err != nil {
			b.Fatal(err)
		}
	}
}
