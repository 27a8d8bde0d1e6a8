package executor_test

import (
	"strings"
	"testing"

	"sluice/examples/sandbox"
	"sluice/executor/progress"
	"sluice/executor/replay"
	"sluice/planner/catalog"
	"sluice/state"
)

// Two ALTERs around one INSERT leave the table as it was: only the announcement
// in between tells. No plan is of that definition, so that nothing but a new load is
// left for the table.
func TestATableIsPausedByDriftThatIsOverAlready(t *testing.T) {
	t.Parallel()
	l := newLive(t, "create table public.t (id int primary key, v text)")
	l.rest()
	l.do("alter table public.t add x int")
	l.do("insert into public.t values (1, 'v', 42)")
	l.do("alter table public.t drop x")
	l.follow(nil)
	at := l.pauses("t")["t"]
	if !strings.Contains(at.Reason, `"x" is new`) {
		t.Errorf("paused: %+v", at)
	}
	l.rest()
	l.follow(nil)
	if again := l.pauses("t")["t"]; again.LSN != at.LSN || again.Since != at.Since {
		t.Errorf("paused at first: %+v\nthen: %+v", at, again)
	}
	l.rest()
	l.spec.Replace = []catalog.Name{{Schema: "public", Local: "t"}}
	l.follow(nil)
	l.spec.Replace = nil
	l.same()
	l.lets(at.LSN)
	l.nothingLeft(t)
}

// DDL that changes rows by rewriting the table sends none of them: only the
// definition tells.
func TestATableIsPausedByDriftThatRewritesRows(t *testing.T) {
	t.Parallel()
	l := newLive(t, "create table public.t (id int primary key, v int); insert into public.t values (1, 1)")
	l.do("alter table public.t alter v type bigint using v + 1")
	l.do("insert into public.t values (2, 2)")
	l.pauses("t")
	if n := sandbox.Query(t, l.target, "select count(*) from public.t"); n[0] != "1" {
		t.Errorf("%s rows are on the target", n[0])
	}
}

// A column that was dropped and added again is another one, and nothing in the changes
// tells those of the one from those of the other.
func TestChangesStopWhereAColumnIsAnotherOne(t *testing.T) {
	t.Parallel()
	l := newLive(t, "create table public.t (id int primary key, v int); insert into public.t values (1, 1)")
	l.do("alter table public.t drop v; alter table public.t add v int default 5")
	l.do("insert into public.t values (2, 2)")
	drift := refusal[*replay.DriftError](t, l.failure(), "public.t", "dropped, and may have been added again", "the others stop with it")
	if drift.Table.String() != "public.t" {
		t.Errorf("the error is about %s", drift.Table)
	}
	if st := l.recorded(); st.Phase != state.Paused || !strings.Contains(st.Error, "public.t") || len(st.Quarantined) > 0 {
		t.Errorf("the state is %q (%s), %+v", st.Phase, st.Error, st.Quarantined)
	}
	if f := l.progress.Load().Snapshot().Failure; f == nil || f.Kind != progress.FailureDrift || f.Reason != l.recorded().Error {
		t.Errorf("the status says that it ended with %+v", f)
	}
	if n := sandbox.Query(t, l.target, "select count(*) from public.t"); n[0] != "1" {
		t.Errorf("%s rows are on the target", n[0])
	}
}
