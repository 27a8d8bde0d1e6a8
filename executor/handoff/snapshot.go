package handoff

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Snapshot is a pg_snapshot: which top-level transactions a reader sees.
type Snapshot struct {
	Xmin, Xmax uint64   // 64-bit: with the epoch
	Xip        []uint64 // in progress, sorted, Xmin <= x < Xmax
}

// ParseSnapshot reads the text form of pg_snapshot (txid_snapshot before 13):
// xmin:xmax:xip,xip.
func ParseSnapshot(text string) (Snapshot, error) {
	bad := func() (Snapshot, error) { return Snapshot{}, fmt.Errorf("%q is not a snapshot", text) }
	parts := strings.Split(text, ":")
	if len(parts) != 3 {
		return bad()
	}
	var s Snapshot
	var err error
	if s.Xmin, err = strconv.ParseUint(parts[0], 10, 64); err != nil {
		return bad()
	}
	if s.Xmax, err = strconv.ParseUint(parts[1], 10, 64); err != nil || s.Xmax < s.Xmin {
		return bad()
	}
	for field := range strings.SplitSeq(parts[2], ",") {
		if field == "" && parts[2] == "" {
			break
		}
		x, err := strconv.ParseUint(field, 10, 64)
		if err != nil || x < s.Xmin || x >= s.Xmax {
			return bad()
		}
		s.Xip = append(s.Xip, x)
	}
	slices.Sort(s.Xip)
	return s, nil
}

// Visible says whether the snapshot sees what a top-level transaction did.
// pgoutput sends xids without their epoch: the one meant is the one nearest to
// the snapshot, as long as the snapshot reaches it.
func (s Snapshot) Visible(xid uint32) bool {
	x := s.widen(xid)
	if x < s.Xmin {
		return true
	}
	if x >= s.Xmax {
		return false
	}
	_, running := slices.BinarySearch(s.Xip, x)
	return !running
}

// Reaches says that ids from the snapshot up to x can be told apart by their
// lower 32 bits.
func (s Snapshot) Reaches(x uint64) bool { return x < s.Xmin+1<<31 }

// Equal says that both see the same transactions.
func (s Snapshot) Equal(other Snapshot) bool {
	return s.Xmin == other.Xmin && s.Xmax == other.Xmax && slices.Equal(s.Xip, other.Xip)
}

func (s Snapshot) widen(xid uint32) uint64 {
	distance := int32(xid - uint32(s.Xmax)) // the nearest on the circle, either way
	wide := int64(s.Xmax) + int64(distance)
	if wide < 0 { // before the first epoch: nothing was
		return uint64(xid)
	}
	return uint64(wide)
}
