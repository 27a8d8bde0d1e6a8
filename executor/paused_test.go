package executor_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pglogrepl"

	"sluice/examples/sandbox"
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
