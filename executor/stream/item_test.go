package stream

import (
	"slices"
	"testing"

	"github.com/jackc/pglogrepl"
)

func TestItemsSayWhatTheyAreAbout(t *testing.T) {
	for name, want := range map[string]struct {
		begins, ends pglogrepl.LSN
		relations    []uint32
	}{
		"begin": {begins: 0x16B374D848}, "commit": {ends: 140},
		"relation": {relations: []uint32{16400}}, "insert": {relations: []uint32{16400}}, "key": {relations: []uint32{16400}},
		"delete": {relations: []uint32{16400}}, "truncate": {relations: []uint32{1, 2}},
	} {
		item := Item{Data: samples[name]}
		begins, _ := item.Begins()
		ends, _ := item.Ends()
		if relations := slices.Collect(item.Relations()); begins != want.begins || ends != want.ends || !slices.Equal(relations, want.relations) {
			t.Errorf("%s begins at %s, ends at %s, is about %v", name, begins, ends, relations)
		}
	}
	if (Item{LSN: 1}).Kind() != 0 {
		t.Error("a keepalive is a message")
	}
}

// Whatever the bytes are, nothing is read behind them, and what Decode takes is
// understood alike.
func FuzzItem(f *testing.F) {
	for _, data := range samples {
		f.Add([]byte(data))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		item := Item{Data: data}
		begins, isBegin := item.Begins()
		ends, isEnd := item.Ends()
		relations := slices.Collect(item.Relations())
		var m Message
		if m.Decode(data) != nil {
			return
		}
		var want []uint32
		switch m.Kind {
		case Relation:
			want = []uint32{m.Rel.ID}
		case Insert, Update, Delete:
			want = []uint32{m.RelationID}
		case Truncate:
			want = m.Truncated
		}
		if isBegin != (m.Kind == Begin) || isBegin && begins != m.FinalLSN || isEnd != (m.Kind == Commit) || isEnd && ends != m.EndLSN || !slices.Equal(relations, want) {
			t.Errorf("%q: begins at %s, ends at %s, is about %v; decoded it is %+v", data, begins, ends, relations, m)
		}
	})
}
