package executor_test

import (
	"strings"
	"testing"

	"sluice/examples/sandbox"
	"sluice/executor/progress"
	"sluice/executor/replay"
	"sluice/state"
)

// Promise 17: DDL on the source stops the changes at its place, before a value
// is lost, and the state says so.
func TestChangesStopAtDrift(t *testing.T) {
	needsTheSlot(t)
	t.Parallel()
	l := newLive(t, `
		create table public.added (id int primary key, v text);
		create table public.dropped (id int primary key, v text);
		create table public.renamed (id int primary key, v text);
		create table public.swapped (id int primary key, a text, b text);
		create table public.rekeyed (id int primary key, k int not null unique, v text);
		create table public.unfull (id int, v text);
		alter table public.unfull replica identity full;
		insert into public.rekeyed values (1, 1);
		insert into public.unfull values (1);`)
	for _, c := range []struct{ ddl, change, undo, says string }{
		{"alter table public.added add x int", "insert into public.added values (2, 'v', 3)", "alter table public.added drop x", `"x" is new`},
		{"alter table public.dropped drop v", "insert into public.dropped values (2)", "alter table public.dropped add v text", `"v" is gone`},
		{"alter table public.renamed rename v to w", "insert into public.renamed values (2, 'v')", "alter table public.renamed rename w to v", `"w" is new`},
		{"alter table public.rekeyed replica identity using index rekeyed_k_key", "update public.rekeyed set v = 'x'", "alter table public.rekeyed replica identity default", "replica identity"},
		{"alter table public.unfull add primary key (id), replica identity default", "update public.unfull set v = 'x'", "alter table public.unfull drop constraint unfull_pkey, alter id drop not null, replica identity full", "replica identity"},
	} {
		before := l.recorded().Position.Inserts
		l.do(c.ddl)
		l.do(c.change)
		drift := refusal[*replay.DriftError](t, l.failure(), c.says)
		if !strings.Contains(c.ddl, drift.Table.String()) {
			t.Errorf("%s: the error is about %s", c.ddl, drift.Table)
		}
		if st := l.recorded(); st.Phase != state.Paused || !strings.Contains(st.Error, drift.Table.String()) || st.Position.Inserts != before {
			t.Errorf("%s: the state is %q (%s), with %d inserts more", c.ddl, st.Phase, st.Error, st.Position.Inserts-before)
		}
		if f := l.progress.Load().Snapshot().Failure; f == nil || f.Kind != progress.FailureDrift || f.Reason != l.recorded().Error {
			t.Errorf("%s: the status says that it ended with %+v", c.ddl, f)
		}
		// What is in the WAL stays as it is: this migration cannot go on. A fresh
		// one for the next case would only cost time, so the change is stepped over.
		l.do(c.undo)
		l.skip()
	}
}

// skip moves slot and position past what the source has committed, as nobody
// should: the target gets the rows by hand.
func (l *live) skip() {
	l.t.Helper()
	lsn := sandbox.Query(l.t, l.source, "select end_lsn from pg_replication_slot_advance((select slot_name from pg_replication_slots where database = current_database()), pg_current_wal_lsn())")[0]
	sandbox.Exec(l.t, l.target, "update sluice.progress set lsn = '"+lsn+"'")
	l.follow(nil)
}

// Two ALTERs around one INSERT leave the table as it was: only the announcement
// in between tells.
func TestChangesStopAtDriftThatIsOverAlready(t *testing.T) {
	t.Parallel()
	l := newLive(t, "create table public.t (id int primary key, v text)")
	l.rest()
	l.do("alter table public.t add x int")
	l.do("insert into public.t values (1, 'v', 42)")
	l.do("alter table public.t drop x")
	l.start(nil)
	refusal[*replay.DriftError](t, l.failure(), `"x" is new`)
}

// DDL that changes rows by rewriting the table sends none of them: only the
// definition tells.
func TestChangesStopAtDriftThatRewritesRows(t *testing.T) {
	t.Parallel()
	for ddl, change := range map[string]string{
		"alter table public.t alter v type bigint using v + 1":                  "insert into public.t values (2, 2)",
		"alter table public.t drop v; alter table public.t add v int default 5": "insert into public.t values (2, 2)",
	} {
		t.Run(ddl, func(t *testing.T) {
			t.Parallel()
			l := newLive(t, "create table public.t (id int primary key, v int); insert into public.t values (1, 1)")
			l.do(ddl)
			l.do(change)
			if !l.reaches("select from public.t where id = 2") {
				refusal[*replay.DriftError](t, l.failure(), "public.t")
				return
			}
			t.Errorf("the change behind it is applied; row 1 is %v on the source and %v on the target",
				sandbox.Query(t, l.source, "select v from public.t where id = 1"), sandbox.Query(t, l.target, "select v from public.t where id = 1"))
		})
	}
}
