package handoff

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestParseSnapshotRefusesWhatNoServerPrints(t *testing.T) {
	for _, text := range []string{"", "1", "1:2", "a:2:", "1:b:", "3:2:", "1:5:5", "2:5:1", "1:5:2,,3", "1:5:x", "1:2:3:4"} {
		if s, err := ParseSnapshot(text); err == nil {
			t.Errorf("ParseSnapshot(%q) = %+v, want an error", text, s)
		}
	}
}

func TestVisible(t *testing.T) {
	s, err := ParseSnapshot("100:110:103,100,107")
	if err != nil {
		t.Fatal(err)
	}
	for xid, want := range map[uint32]bool{99: true, 100: false, 101: true, 103: false, 107: false, 109: true, 110: false, 111: false} {
		if got := s.Visible(xid); got != want {
			t.Errorf("Visible(%d) = %v, want %v", xid, got, want)
		}
	}
}

// The stream sends 32 bits of an xid, the snapshot has 64: both are one
// transaction if it began within half of the circle.
func TestVisibleWidensAcrossEpochs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		xmax := rapid.Uint64Range(1<<31, 1<<40).Draw(t, "xmax")
		x := uint64(int64(xmax) + rapid.Int64Range(-(1<<31)+1, (1<<31)-1).Draw(t, "distance"))
		s := Snapshot{Xmin: xmax, Xmax: xmax}
		if got, want := s.Visible(uint32(x)), x < xmax; got != want {
			t.Fatalf("xmax %d, xid %d: visible %v, want %v", xmax, x, got, want)
		}
	})
}

func TestOrderOfDatesIsTimesOrder(t *testing.T) {
	sorted := []string{
		"-infinity", "4713-01-01 BC", "0044-03-15 BC", "0001-01-01 BC", "0001-12-31 BC", "0001-01-01", "0476-09-04",
		"1999-12-31", "2000-01-01", "9999-12-31", "10000-01-01", "294276-12-31", "infinity",
	}
	order, err := OrderOf("date")
	if err != nil {
		t.Fatal(err)
	}
	if !slices.IsSortedFunc(sorted, order) {
		t.Error("dates are not in order")
	}
	stamps := []string{"2024-01-01 12:00:00+00", "2024-01-01 12:00:00.5+00", "2024-01-01 12:00:00.55+00", "2024-01-01 12:00:01+00"}
	if !slices.IsSortedFunc(stamps, order) {
		t.Error("timestamps are not in order")
	}
}

func TestOrderOfRefusesWhatDependsOnTheServer(t *testing.T) {
	for _, name := range []string{"numeric", "double precision", "character(3)", "jsonb", "public.mood"} {
		if _, err := OrderOf(name); err == nil {
			t.Errorf("OrderOf(%q) has an order", name)
		}
	}
}

func text(s string) *string { return &s }

func TestTableFindsTheChunkOfAKey(t *testing.T) {
	order, _ := OrderOf("integer")
	early, late := Snapshot{Xmin: 10, Xmax: 10}, Snapshot{Xmin: 20, Xmax: 20}
	table, err := NewTable("id", order, []Range{
		{Low: text("100"), High: nil, Snapshot: late},
		{Low: nil, High: text("9"), Snapshot: early},
		{Low: text("9"), High: text("100"), Snapshot: late},
	})
	if err != nil {
		t.Fatal(err)
	}
	const between = 15 // visible to late, not to early
	for key, want := range map[string]bool{"-5": false, "8": false, "9": true, "10": true, "99": true, "100": true, "5000": true} {
		if got := table.Visible(between, key); got != want {
			t.Errorf("key %s: visible %v, want %v", key, got, want)
		}
	}
	unseen, all := table.Unseen(between)
	if len(unseen) != 1 || all || unseen[0].High == nil || *unseen[0].High != "9" {
		t.Errorf("Unseen = %v, %v", unseen, all)
	}
	if _, all := table.Unseen(25); !all {
		t.Error("a later truncation must empty every range")
	}
}

func TestNewTableRefusesChunksThatDoNotCoverTheKeys(t *testing.T) {
	order, _ := OrderOf("integer")
	for name, ranges := range map[string][]Range{
		"none":              {},
		"gap":               {{High: text("5")}, {Low: text("6")}},
		"overlap":           {{High: text("5")}, {Low: text("4")}},
		"no beginning":      {{Low: text("1")}},
		"no end":            {{High: text("1")}},
		"twice unbounded":   {{}, {}},
		"nothing after end": {{High: text("5")}, {Low: text("5")}, {Low: text("7")}},
	} {
		if _, err := NewTable("id", order, ranges); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if _, err := NewTable("", nil, []Range{{Snapshot: Snapshot{Xmax: 1}}, {Snapshot: Snapshot{Xmax: 2}}}); err == nil {
		t.Error("chunks without keys under two snapshots: no error")
	}
}

func FuzzParseSnapshot(f *testing.F) {
	f.Add("10:20:11,12")
	f.Add("1:1:")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := ParseSnapshot(text)
		if err == nil && (s.Xmin > s.Xmax || strings.Count(text, ":") != 2) {
			t.Errorf("%q became %+v", text, s)
		}
		s.Visible(7)
	})
}
