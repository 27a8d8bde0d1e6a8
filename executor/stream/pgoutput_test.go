package stream

import (
	"encoding/binary"
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
		case *pglogrepl.InsertMessage:
			same(t, m.New, o.Tuple)
		case *pglogrepl.UpdateMessage:
			same(t, m.New, o.NewTuple)
			if m.HasOld {
				same(t, m.Old, o.OldTuple)
			}
		case *pglogrepl.DeleteMessage:
			same(t, m.Old, o.OldTuple)
		case *pglogrepl.BeginMessage:
			if o.FinalLSN != m.FinalLSN || o.Xid != m.Xid {
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
	m, err := pglogrepl.Parse(data)
	if err != nil {
		return nil
	}
	return m
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
