package executor_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pglogrepl"

	"sluice/examples/sandbox"
	"sluice/executor"
	"sluice/executor/replay"
	"sluice/planner"
	"sluice/state"
)

// altered are tables of which two are to change, with a key and without one.
const altered = `
	create table public.other (id int primary key, v text);
	create table public.t (id int primary key, k int not null unique, v text, w int);
	create table public.plain (id int, k int, v text, w int);
	alter table public.plain replica identity full;
	insert into public.other select i, 'v' from generate_series(1, 20) i;
	insert into public.t select i, i, 'v', i from generate_series(1, 20) i;
	insert into public.plain select i % 10, 0, 'v', 0 from generate_series(1, 30) i;`

// pauses waits until these tables are paused, and no others.
func (l *live) pauses(tables ...string) (paused map[string]state.Quarantined) {
	l.t.Helper()
	l.comes(func(st state.State) bool {
		paused = map[string]state.Quarantined{}
		for _, q := range st.Quarantined {
			if q.Paused {
				paused[q.Table] = q
			}
		}
		return len(paused) == len(tables) && !slices.ContainsFunc(tables, func(table string) bool { return paused[table].LSN == 0 })
	})
	return paused
}

// slotAt is where the slot stands.
func (l *live) slotAt() uint64 {
	l.t.Helper()
	at, err := pglogrepl.ParseLSN(sandbox.Query(l.t, l.source, "select confirmed_flush_lsn from pg_replication_slots where slot_name = '"+l.spec.Slot+"'")[0])
	if err != nil {
		l.t.Fatal(err)
	}
	return uint64(at)
}

// keeps checks that nothing from a position on was acknowledged.
func (l *live) keeps(lsn uint64) {
	l.t.Helper()
	if l.spec.Spool != "" {
		if from := l.recorded().Spool.From; from > lsn {
			l.t.Errorf("the spool begins at %s, and a table is paused at %s", pglogrepl.LSN(from), pglogrepl.LSN(lsn))
		}
	} else if at := l.slotAt(); at > lsn {
		l.t.Errorf("the slot stands at %s, and a table is paused at %s", pglogrepl.LSN(at), pglogrepl.LSN(lsn))
	}
}

// lets waits until the slot has passed a position.
func (l *live) lets(lsn uint64) {
	l.t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for l.slotAt() <= lsn {
		select {
		case <-tick.C:
		case <-l.ctx.Done():
			l.t.Fatalf("the slot stays behind %s", pglogrepl.LSN(lsn))
		}
	}
}

// Promise 17: DDL on the source pauses its table at its place, before a value is lost,
// and the others go on. Once the target has it too, the table goes on from there:
// nothing is lost, and nothing comes twice, also where no key tells equal rows.
func TestATableThatChangesIsPausedAlone(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, ddl, insert, says, target string
		keyed                           bool // the other table cannot change like that
	}{
		{"a column more", "add x int", "%d, 1, 'new', 5, 6", `column "x" is new`, "", false},
		{"a column less", "drop w", "%d, 1, 'new'", `column "w" is gone`, "drop w", false},
		{"another name", "rename v to z", "%d, 1, 'new', 5", `column "z" is new`, "rename v to z", false},
		{"another type", "alter w type bigint", "%d, 1, 'new', 5000000000", "type bigint instead of integer", "alter w type bigint", false},
		{"another identity", "replica identity using index t_k_key", "%d, 1, 'new', 5", "is not in its replica identity", "replica identity using index t_k_key", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			l := newLive(t, altered)
			l.do("update public.t set v = 'before' where id = 1; update public.plain set v = 'before' where id = 1; update public.other set v = 'before' where id = 1")
			before := map[string]string{}
			alters := func(table, change string) (paused string) {
				before[table] = tableText(t, l.source, "public."+table)
				l.do("alter table public." + table + " " + c.ddl)
				l.do(strings.ReplaceAll(change, "values", fmt.Sprintf("values ("+c.insert+") --", 101)))
				return table
			}
			l.do("insert into public.other values (100, 'at once')")
			alters("t", "update public.t set k = -k where id <= 5; delete from public.t where id = 6; insert into public.t values")
			l.pauses("t")
			tables := []string{"t"}
			if !c.keyed {
				alters("plain", "update public.plain set k = 7 where ctid = (select min(ctid) from public.plain where id = 2); delete from public.plain where ctid = (select min(ctid) from public.plain where id = 3); insert into public.plain values")
				tables = append(tables, "plain")
			}
			paused := l.pauses(tables...)
			for n := range 5 {
				l.do(fmt.Sprintf("update public.t set k = 1000 + %[1]d where id = 10; update public.plain set k = k + 1 where id = 4; insert into public.other values (%[1]d + 200, 'meanwhile')", n))
			}
			l.settle()
			for _, table := range tables {
				if diff := cmp.Diff(before[table], tableText(t, l.target, "public."+table)); diff != "" {
					t.Errorf("%s, which is paused (-before +now):\n%s", table, diff)
				}
				if q := paused[table]; !strings.Contains(q.Reason, c.says) || q.LSN == 0 || q.Since.IsZero() {
					t.Errorf("paused: %+v", q)
				}
			}
			if diff := cmp.Diff(tableText(t, l.source, "public.other"), tableText(t, l.target, "public.other")); diff != "" {
				t.Errorf("the other table (-source +target):\n%s", diff)
			}
			l.keeps(paused["t"].LSN)

			l.rest()
			l.do("insert into public.other values (300, 'while nobody runs'); update public.t set k = -9 where id = 9; update public.plain set k = -9 where id = 9")
			for _, table := range tables {
				if c.target != "" {
					sandbox.Exec(t, l.target, "alter table public."+table+" "+c.target)
				}
			}
			l.follow(nil)
			l.do("update public.t set k = -8 where id = 8; update public.plain set k = -8 where id = 8")
			l.same()
			if st := l.recorded(); len(st.Quarantined) > 0 {
				t.Errorf("still paused: %+v", st.Quarantined)
			}
			l.lets(paused["t"].LSN)
			l.nothingLeft(t)
		})
	}
}

// While a table is paused it goes on with nothing that the target cannot take: neither
// by a run that finds it as it was, nor by a cutover, and a comparison passes it over.
// Truncations of it and of others are carried out for each when its time comes. A second
// change that the target has too by then is no obstacle, and a third pauses the table again,
// at its own place.
func TestAPausedTableWaitsForTheTarget(t *testing.T) {
	t.Parallel()
	l := newLive(t, altered)
	before := tableText(t, l.source, "public.t")
	l.do("alter table public.t add x int default 5")
	l.do("insert into public.t values (101, 101, 'new', 5, 6)")
	l.do("begin; truncate public.other, public.t; insert into public.t values (102, 102, 'new', 5, 6); insert into public.other values (1, 'new'); commit")
	at := l.pauses("t")["t"]
	for range 2 {
		l.settle()
		if diff := cmp.Diff(before, tableText(t, l.target, "public.t")); diff != "" {
			t.Errorf("it is paused (-before +now):\n%s", diff)
		}
		if diff := cmp.Diff(tableText(t, l.source, "public.other"), tableText(t, l.target, "public.other")); diff != "" {
			t.Errorf("the other table (-source +target):\n%s", diff)
		}
		if q := l.pauses("t")["t"]; q.LSN != at.LSN || q.Passed != 3 {
			t.Errorf("paused at %s: %+v", pglogrepl.LSN(at.LSN), q)
		}
		l.keeps(at.LSN)
		l.rest()
		l.follow(nil) // its plan has no conflict, and the table waits
	}
	if differ := l.compared(l.ctx, t); len(differ) != 1 || len(differ["t"]) > 0 {
		t.Errorf("verify: %v", differ)
	}
	source, target, st, err := l.catalogs(l.ctx)
	if err != nil {
		t.Fatal(err)
	}
	if plan := planner.Cutover(l.spec, source, target, st); !slices.ContainsFunc(plan.Findings, func(f planner.Finding) bool { return f.Code == "C158" && f.Object.Name == "t" }) {
		t.Errorf("findings of the cutover: %+v", plan.Findings)
	}
	st.Quarantined = nil // as it was when the plan was made
	payload, err := planner.Cutover(l.spec, source, target, st).JSON()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.ask(l.ctx, t, executor.RequestCutover, payload); err == nil || !strings.Contains(err.Error(), "public.t is paused") {
		t.Errorf("the cutover ended with %v", err)
	}

	// There is a second change before the target has the first, and a third behind both.
	l.rest()
	l.do("alter table public.t add y int")
	l.do("insert into public.t values (103, 103, 'newer', 5, 6, 7)")
	sandbox.Exec(t, l.target, "alter table public.t add x int default 5, add y int")
	l.follow(nil)
	l.same()
	l.do("alter table public.t drop w; insert into public.t values (104, 104, 'newest', 6, 7)")
	again := l.pauses("t")["t"]
	if again.LSN <= at.LSN {
		t.Errorf("paused at %s, then at %s", pglogrepl.LSN(at.LSN), pglogrepl.LSN(again.LSN))
	}
	l.rest()
	sandbox.Exec(t, l.target, "alter table public.t drop w")
	l.follow(nil)
	l.same()
	l.lets(again.LSN)
	l.verified(l.ctx, t)
	if err := l.cutOver(l.ctx, t); err != nil {
		t.Fatalf("cutting over: %v", err)
	}
	<-l.ended
}

// With a spool it is that which keeps what a paused table needs, from before too where
// it is declared while one is paused.
func TestASpoolKeepsWhatAPausedTableNeeds(t *testing.T) {
	t.Parallel()
	for _, first := range []bool{true, false} {
		t.Run(fmt.Sprintf("declared from the beginning: %v", first), func(t *testing.T) {
			t.Parallel()
			l := &live{move: newMove(t, 0, 0)}
			if first {
				l.spool(t, 1<<30)
			}
			l.begin(t, altered, nil)
			l.do("alter table public.t drop w; insert into public.t values (101, 101, 'new')")
			at := l.pauses("t")["t"]
			for n := range 50 {
				l.do(fmt.Sprintf("update public.t set k = k + 1000 where id = %d; insert into public.other values (%d, 'meanwhile')", n%20+1, n+200))
			}
			l.settle()
			if !first {
				l.rest()
				l.spool(t, 1<<30)
				l.follow(nil)
				l.lets(at.LSN)
			}
			l.keeps(at.LSN)
			l.rest()
			sandbox.Exec(t, l.target, "alter table public.t drop w")
			l.follow(nil)
			l.same()
			if st := l.recorded(); len(st.Quarantined) > 0 {
				t.Errorf("still paused: %+v", st.Quarantined)
			}
		})
	}
}

// Wherever the process is killed, when a table is paused or goes on: nothing is lost, and
// nothing comes twice.
func TestAPauseOutlivesItsProcess(t *testing.T) {
	t.Parallel()
	write := func(l *live, n int) {
		l.do(fmt.Sprintf("insert into public.other values (%d, 'v'); update public.plain set k = k + 1 where id = 1; insert into public.plain (id, k, v) values (1, 1, 'new')", n))
	}
	for _, point := range []string{"pause: before its record", "pause: after its record"} {
		t.Run(point, func(t *testing.T) {
			t.Parallel()
			l := newLive(t, altered)
			l.rest()
			child := l.move.start(t, point+"#0", executor.UntilEnd)
			if err := l.until(l.ctx, func(st state.State) bool { return st.Lease.Live && st.Phase == state.Following }); err != nil {
				t.Fatal(err)
			}
			l.settle()
			write(l, 100)
			l.do("alter table public.plain add x int")
			write(l, 101)
			died(t, child)
			write(l, 102)
			l.follow(nil)
			l.same()
			l.nothingLeft(t)
		})
	}
	for _, point := range []string{
		"replay: before a commit", "replay: after a commit, before it is acknowledged", // of what it has missed
		"resume: before its record", "resume: after its record",
	} {
		t.Run(point, func(t *testing.T) {
			t.Parallel()
			l := newLive(t, altered)
			l.do("alter table public.plain drop w")
			for n := range 3 {
				write(l, 100+n)
			}
			l.pauses("plain")
			l.settle()
			l.rest()
			sandbox.Exec(t, l.target, "alter table public.plain drop w")
			died(t, l.move.start(t, point+"#0", executor.UntilEnd))
			write(l, 200)
			l.follow(nil)
			l.same()
			if st := l.recorded(); len(st.Quarantined) > 0 {
				t.Errorf("still paused: %+v", st.Quarantined)
			}
		})
	}
}

// A paused table may be taken out, or go with all else.
func TestAPausedTableMayLeave(t *testing.T) {
	t.Parallel()
	l := newLive(t, altered)
	l.do("alter table public.t drop w; insert into public.t values (101, 101, 'new')")
	at := l.pauses("t")["t"]
	l.rest()
	l.spec.Exclude = []planner.Pattern{pattern("public.t")}
	l.follow(nil)
	if q := l.recorded().Quarantined; len(q) > 0 {
		t.Errorf("paused: %+v", q)
	}
	l.settle()
	l.lets(at.LSN)
	l.do("alter table public.plain drop w; insert into public.plain values (1, 1, 'new')")
	l.pauses("plain")
	l.rest()
	l.cleanUp(t, false)
	l.nothingIsLeftBehind(t)
}

// Where the others cannot go on without it, or nobody could tell its changes later, a
// table stops the run as ever, which says why.
func TestATableThatChangesStopsWhereOthersDependOnIt(t *testing.T) {
	t.Parallel()
	stops := func(t *testing.T, l *live, says ...string) {
		t.Helper()
		refusal[*replay.DriftError](t, l.failure(), says...)
		if q := l.recorded().Quarantined; len(q) > 0 {
			t.Errorf("paused: %+v", q)
		}
	}
	t.Run("its rows are among others", func(t *testing.T) {
		t.Parallel()
		l := meetLedger(t, ledger(ledgerColumns, byHash, "primary key (id)"), ledger(otherColumns, plain, "primary key (id)"), planner.ExistingTruncate)
		l.follow(nil)
		l.do("alter table public.ledger add x int; update public.ledger set v = 'after'")
		stops(t, l, `"x" is new`, "its rows share a table of the target")
	})
	t.Run("the load is not through", func(t *testing.T) {
		t.Parallel()
		l := &live{move: newMove(t, 0, 0)}
		ctx, cancel := context.WithTimeout(t.Context(), limit)
		t.Cleanup(cancel)
		l.t, l.ctx = t, ctx
		sandbox.Exec(t, l.source, marksTable+altered)
		if _, err := l.run(ctx, func(r *executor.Run) { r.Until = executor.UntilFull }); err != nil {
			t.Fatal(err)
		}
		l.do("alter table public.t add x int")
		l.do("insert into public.t values (101, 101, 'new', 1, 1)")
		l.do("alter table public.t drop x")
		l.start(nil)
		stops(t, l, `"x" is new`, "have not caught up with the load")
	})
	t.Run("it has not joined", func(t *testing.T) {
		t.Parallel()
		l := newLive(t, altered)
		l.rest()
		l.do("create table public.late (id int primary key)")
		var once sync.Once
		l.start(func(r *executor.Run) {
			r.Point = func(name string) {
				if name == "publish: before a statement" { // it is loaded, and has still to join
					once.Do(func() { l.beside("alter table public.late add x int; insert into public.late values (1, 1)") })
				}
			}
		})
		stops(t, l, `"x" is new`, "has not joined yet")
	})
	t.Run("it has another name", func(t *testing.T) {
		t.Parallel()
		l := newLive(t, altered)
		l.do("alter table public.t rename to u; insert into public.u values (101, 101, 'new', 1)")
		if err := l.failure(); !strings.Contains(err.Error(), `"public"."u", which is not in the plan`) {
			t.Errorf("the run ended with %v", err)
		}
	})
}
