package progress

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// What ended the run before is over as soon as this one gets somewhere, which a
// step that begins is not.
func TestAnEarlierFailureIsOverOnceTheRunGetsFurther(t *testing.T) {
	for name, further := range map[string]func(*Tracker){
		"a step is done":      func(tr *Tracker) { tr.StepDone("a") },
		"rows are copied":     func(tr *Tracker) { tr.Copied("public", "a", 1, 1) },
		"a chunk is done":     func(tr *Tracker) { tr.ChunkDone("public", "a") },
		"changes are applied": func(tr *Tracker) { tr.Applied(Counts{Inserts: 1}, 1, time.Time{}) },
		"all is applied":      func(tr *Tracker) { tr.Drained(1) },
	} {
		tr, c := tracker()
		tr.FailedBefore(FailureDrift, "it broke")
		tr.StepStarted("a")
		want := &Before{Failure: Failure{FailureDrift, "it broke"}}
		if diff := cmp.Diff(want, tr.Snapshot().Before); diff != "" {
			t.Errorf("%s: before (-want +got)\n%s", name, diff)
		}
		c.advance(time.Second)
		further(tr)
		if s := tr.Snapshot(); !s.Before.Over || s.Failure != nil || !s.Moved.Equal(c.now()) {
			t.Errorf("%s: it failed with %+v, before with %+v, and moved at %s", name, s.Failure, s.Before, s.Moved)
		}
	}
}

func TestTheFirstReasonOfAnEndCounts(t *testing.T) {
	tr, _ := tracker()
	tr.Failed(FailureDivergence, "it broke")
	tr.Failed(FailureOther, "and the connection too")
	if diff := cmp.Diff(&Failure{FailureDivergence, "it broke"}, tr.Snapshot().Failure); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestDifferencesStayUntilTheTableIsEqual(t *testing.T) {
	tr, _ := tracker()
	tr.Compared("public", "a", "2 rows")
	tr.Compared("public", "b", "1 row")
	tr.Compared("public", "c", "")
	tr.Compared("public", "a", "3 rows")
	before := tr.Snapshot()
	tr.Compared("public", "b", "")
	tr.TableRestarted("public", "a", "it was truncated")
	if diff := cmp.Diff([]Difference{{"public", "b", "1 row"}, {"public", "a", "3 rows"}}, before.Different); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if after := tr.Snapshot(); len(after.Different) != 0 {
		t.Errorf("different are still %+v", after.Different)
	}
}
