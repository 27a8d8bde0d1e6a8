package executor_test

import (
	"fmt"
	"strings"
	"testing"

	"sluice/examples/sandbox"
	"sluice/executor/replay"
	"sluice/planner"
	"sluice/planner/catalog"
)

// begun begins a transaction on the source that is in progress on the target.
func (l *anticipating) begun(sql string) (do func(string)) {
	l.t.Helper()
	do = l.opened()
	do("begin; " + sql)
	l.inProgress(1, 500)
	return do
}

// fellBack checks that transactions were applied when they were committed, and why.
func (l *anticipating) fellBack(why string) {
	l.t.Helper()
	if said := l.whole(); !strings.Contains(said, why) {
		l.t.Errorf("transactions are applied whole because of %q, want %q", said, why)
	}
}

// What the target refuses may be taken back on the source: then it is nobody's
// business. Where it is committed the run stops, and names the row and the place.
func TestChangesInProgressThatTheTargetRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		end  string
		mine bool // the row is among those that are sent early
	}{
		"rolled back":                   {"rollback", true},
		"a subtransaction, rolled back": {"rollback to a; update public.t set v = 'kept' where id = 3; commit", true},
		"committed":                     {"commit", true},
	} {
		t.Run(name, func(t *testing.T) {
			l := newEarly(t, 0, threeTables)
			sandbox.Exec(t, l.target, "alter table public.t add constraint only_here check (v <> 'refused')")
			do := l.begun(much(1000))
			do("savepoint a; update public.t set v = 'refused' where id = 7; " + much(3000))
			l.inProgress(0, 0)
			l.settle()
			l.fellBack("only_here")
			do(c.end)
			if c.end != "commit" {
				l.same()
				return
			}
			d := refusal[*replay.Divergence](t, l.failure(), "only_here", "public.t", "id=7", "23514")
			if d.LSN == 0 {
				t.Error("it does not say where")
			}
			if rows := sandbox.Query(t, l.target, "select count(*) from public.t"); rows[0] != "100" {
				t.Errorf("%s rows are on the target: a part of the transaction", rows[0])
			}
			sandbox.Exec(t, l.target, "alter table public.t drop constraint only_here")
			l.follow(l.logged)
			l.same()
		})
	}
}

// A connection of ours that waits for another one of ours would wait for ever. What is
// in progress gives way.
func TestChangesInProgressNeverWaitForEachOther(t *testing.T) {
	const waits = "waits for it on the target"
	t.Run("an index of the target", func(t *testing.T) {
		l := newEarly(t, 0, threeTables+"create table public.n (id int primary key, n int);")
		sandbox.Exec(t, l.target, "create unique index only_here on public.n (n)")
		do := l.begun("insert into public.n values (1, 1); " + much(1000))
		l.do("insert into public.n values (2, 1)")
		l.settle()
		l.fellBack(waits)
		do("rollback")
		l.same()
	})
	t.Run("between two in progress", func(t *testing.T) {
		l := newEarly(t, 0, threeTables+"create table public.n (id int primary key, n int);")
		sandbox.Exec(t, l.target, "create unique index only_here on public.n (n)")
		do := l.begun("insert into public.n values (1, 1); " + much(1000))
		other := l.opened()
		other("begin; insert into public.n values (2, 1); " + much(5000))
		l.inProgress(0, 0)
		l.settle()
		l.fellBack(waits)
		do("rollback")
		other("commit")
		l.same()
	})
	t.Run("equal rows without a key", func(t *testing.T) {
		l := newEarly(t, 0, threeTables)
		do := l.begun("delete from public.plain where ctid = (select min(ctid) from public.plain); " + much(1000))
		l.do("delete from public.plain where ctid = (select max(ctid) from public.plain)")
		l.settle()
		l.fellBack(waits)
		do("commit")
		l.same()
	})
	t.Run("behind somebody else", func(t *testing.T) {
		l := newEarly(t, 0, threeTables)
		do := l.begun("update public.t set v = 'early' where id = 1; " + much(1000))
		other := connect(t, l.target)
		locked := make(chan error, 1)
		go func() {
			_, err := other.PgConn().Exec(l.ctx, "begin; lock table public.t in access exclusive mode; commit").ReadAll()
			locked <- err
		}()
		l.wait("select from pg_locks where not granted and mode = 'AccessExclusiveLock' and relation = 'public.t'::regclass")
		l.do("update public.t set v = 'others' where id = 2")
		l.settle()
		if err := <-locked; err != nil {
			t.Error(err)
		}
		l.fellBack(waits)
		do("commit")
		l.same()
	})
}

// What cannot be done before the commit is done behind it.
func TestChangesInProgressThatHaveToWaitForTheCommit(t *testing.T) {
	t.Run("more subtransactions than the target should hold", func(t *testing.T) {
		l := newEarly(t, 0, threeTables)
		do := l.begun(much(1000))
		do("do $$ begin for i in 10001..13000 loop begin insert into public.t values (i, i, 'sub'); exception when others then null; end; end loop; end $$")
		do(much(20000))
		l.inProgress(0, 0)
		l.fellBack("subtransactions")
		do("commit")
		l.same()
	})
	t.Run("values that the source computes", func(t *testing.T) {
		needsTheSlot(t)
		l := &anticipating{live: &live{move: newMove(t, 0, 0)}}
		sandbox.Exec(t, l.source, fmt.Sprintf("alter database %q set logical_decoding_work_mem = '64kB'", databaseName(l.source)))
		l.spec.Tables = []planner.TableRule{{Table: catalog.Name{Schema: "public", Local: "t"}, Where: sqlText("id < 100000")}}
		l.begin(t, threeTables, l.logged)
		do := l.opened()
		do("begin; " + much(1000))
		l.settle()
		l.fellBack("public.t has values or a filter of its own")
		do("commit")
		l.same()
	})
	t.Run("no connection is free", func(t *testing.T) {
		l := newEarly(t, 0, threeTables)
		l.rest()
		l.targetRole = limited(t, l.target, 1000)
		for _, sql := range []string{"grant all on schema sluice to %s", "grant all on all tables in schema sluice to %s", "grant all on all sequences in schema sluice to %s", "grant all on all tables in schema public to %s"} {
			sandbox.Exec(t, l.target, fmt.Sprintf(sql, l.targetRole))
		}
		l.follow(l.logged)
		inUse := sandbox.Query(t, l.target, "select count(*) from pg_stat_activity where usename = '"+l.targetRole+"'")[0]
		sandbox.Exec(t, l.target, fmt.Sprintf("alter role %s connection limit %s", l.targetRole, inUse))
		do := l.opened()
		do("begin; " + much(1000))
		l.settle()
		l.fellBack("too many connections")
		do("commit")
		l.same()
	})
}

// A table that the transaction itself has changed is paused if it is committed, or stops
// the run, as soon as it is; nothing that was done to it is on the target.
func TestChangesInProgressThatChangeATable(t *testing.T) {
	for ddl, says := range map[string]string{
		"alter table public.toasted add x int":                                           `"x" is new`,
		"alter table public.toasted drop column n; alter table public.toasted add n int": `dropped, and may have been added again`,
		"alter table public.toasted alter n type bigint":                                 "bigint",
	} {
		for _, end := range []string{"rollback", "commit"} {
			t.Run(ddl+", "+end, func(t *testing.T) {
				l := newEarly(t, 0, strings.Replace(threeTables, "n int, v text", "v text, n int", 1)[:strings.Index(threeTables, "insert")])
				do := l.begun(much(1000))
				do(ddl + "; insert into public.toasted (id, n) values (99, 1); " + much(3000))
				l.settle()
				do(end)
				if end == "commit" {
					if strings.Contains(ddl, "drop") {
						refusal[*replay.DriftError](t, l.failure(), says, "public.toasted")
					} else if q := l.pauses("toasted")["toasted"]; !strings.Contains(q.Reason, says) {
						t.Errorf("paused: %+v", q)
					}
					if rows := sandbox.Query(t, l.target, "select count(*) from public.toasted"); rows[0] != "0" {
						t.Errorf("%s rows are on the target", rows[0])
					}
					return
				}
				l.do("insert into public.toasted (id, n) values (100, 2)")
				l.same()
			})
		}
	}
}
