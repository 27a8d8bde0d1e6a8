package executor_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sluice/examples/sandbox"
	"sluice/executor"
	"sluice/executor/replay"
	"sluice/planner"
	"sluice/state"
)

// Who asks is shown both rows of a change that does not fit, as far as they are known;
// nobody else finds a value anywhere.
func TestChangesThatDivergeShowBothRowsOnRequest(t *testing.T) {
	t.Parallel()
	l := &live{move: newMove(t, 0, 0)}
	var text string
	asked := func(r *executor.Run) { r.ShowRows = func(rows string) { text = rows } }
	l.begin(t, `
		create table public.t (id int primary key, "a b" text, n numeric);
		alter table public.t alter "a b" set storage external;
		create table public.whole (id int primary key, v text);
		alter table public.whole replica identity full;
		create table public.plain (v text);
		alter table public.plain replica identity full;
		insert into public.t values (1, 'one', 1), (2, repeat('long ', 1000), 2);
		insert into public.whole values (1, 'whole');
		insert into public.plain values ('plain')`, asked)
	for _, c := range []struct{ name, corrupt, change, want, repair string }{
		{
			"insert of what is there", "insert into public.t values (3, repeat('secret', 100), null)",
			"insert into public.t values (3, E'secret of\\nthe source', 3.50)", `
column  source, after            target
id      3                        3
a b     "secret of\nthe source"  secretsecretsecretsecretsecretsecretsecretsecretsecretsecret… (600 bytes)
n       3.50                     NULL
`, "delete from public.t where id = 3",
		},
		{
			"update of what is gone", "delete from public.t where id = 2",
			"update public.t set n = null where id = 2", `
column  source, after
id      2
a b     (not sent)
n       NULL
target: it has no row of this key
`, "insert into public.t values (2, repeat('long ', 1000), 2)",
		},
		{
			"a key that is taken", "insert into public.t values (5, 'secret', 0)",
			"update public.t set id = 5, \"a b\" = 'NULL' where id = 1", `
column  source, before  source, after  target
id      1               5              1
a b     (not sent)      "NULL"         one
n       (not sent)      1              1
`, "delete from public.t where id = 5",
		},
		{
			"delete of what is another", "update public.whole set id = 2, v = 'secret'",
			"delete from public.whole", `
column  source, before
id      1
v       whole
target: it has no row of this key
`, "update public.whole set id = 1, v = 'whole'",
		},
		{
			"no key", "update public.plain set v = 'secret'",
			"update public.plain set v = ''", `
column  source, before  source, after
v       plain           ""
target: the table has no key to find the row by
`, "update public.plain set v = 'plain'",
		},
	} {
		text = ""
		sandbox.Exec(t, l.target, c.corrupt)
		l.do(c.change)
		err := l.failure()
		refusal[*replay.Divergence](t, err)
		if diff := cmp.Diff(strings.TrimLeft(c.want, "\n"), text); diff != "" {
			t.Errorf("%s: (-want +shown):\n%s", c.name, diff)
		}
		if said := err.Error() + l.recorded().Error; strings.Contains(said, "secret") {
			t.Errorf("%s: a value is said to all: %s", c.name, said)
		}
		sandbox.Exec(t, l.target, c.repair)
		l.follow(asked)
		l.same()
	}
}

// A person who puts a row right must find the target as the change should have found
// it: with all that was committed before, which may be the row itself.
func TestChangesStopRightBeforeTheOneThatDiverges(t *testing.T) {
	t.Parallel()
	l := newLive(t, "create table public.t (id int primary key, v text); insert into public.t values (1, 'row')")
	l.rest()
	sandbox.Exec(t, l.target, "alter table public.t add check (v <> 'refused')")
	for _, v := range []string{"first", "second", "refused", "third"} { // in one batch
		l.do("update public.t set v = '" + v + "'")
	}
	l.start(nil)
	d := refusal[*replay.Divergence](t, l.failure(), "23514")
	if rows := sandbox.Query(t, l.target, "select v from public.t"); rows[0] != "second" {
		t.Errorf("on the target: %v", rows)
	}
	if at := l.recorded().Position; at.LSN > uint64(d.LSN) || at.Updates != 2 {
		t.Errorf("the position is %+v, and the change that is refused is in %s", at, d.LSN)
	}
	sandbox.Exec(t, l.target, "alter table public.t drop constraint t_v_check")
	l.follow(nil)
	l.same()
}

// A session that is ended while many changes are applied together says so: somebody
// has to learn who did it.
func TestChangesSayWhyTheirSessionHasEnded(t *testing.T) {
	t.Parallel()
	l := newLive(t, "create table public.t (id int primary key, v text); insert into public.t select i, 'v' from generate_series(1, 1000) i")
	for _, change := range []string{"update public.t set v = 'w'", "insert into public.t select i, 'v' from generate_series(1001, 2000) i"} {
		locker := connect(t, l.target)
		lock := func(sql string) {
			t.Helper()
			if _, err := locker.PgConn().Exec(t.Context(), sql).ReadAll(); err != nil {
				t.Fatal(err)
			}
		}
		lock("begin; lock table public.t in share mode")
		l.do(change)
		const waits = "application_name = 'sluice changes' and wait_event_type = 'Lock'"
		l.wait("select from pg_stat_activity where datname = current_database() and " + waits)
		if n := terminate(t, l.target, waits); n != 1 {
			t.Errorf("%d sessions were ended", n)
		}
		l.comes(inPhase(state.Retrying))
		if said := l.recorded().Error; !strings.Contains(said, "57P01") {
			t.Errorf("it is tried again since: %s", said)
		}
		lock("rollback")
		l.same()
	}
}

// What the session knows of the target's types may not be so any more.
func TestChangesGoOnWhenATypeIsMadeAnew(t *testing.T) {
	t.Parallel()
	l := newLive(t, `
		create type public.mood as enum ('good', 'bad');
		create table public.t (id int primary key, m public.mood);
		insert into public.t select i, 'good' from generate_series(1, 100) i`)
	for _, changes := range []string{ // by the set, and alone
		"update public.t set m = case m when 'good' then 'bad'::public.mood else 'good' end",
		"update public.t set m = case m when 'good' then 'bad'::public.mood else 'good' end where id = 1",
	} {
		l.do(changes)
		l.settle()
		sandbox.Exec(t, l.target, `
			alter table public.t alter m type text;
			drop type public.mood;
			create type public.mood as enum ('good', 'bad');
			alter table public.t alter m type public.mood using m::public.mood`)
		l.do(changes)
		l.same()
	}
}

// The target's row is found in whichever of its partitions it is.
func TestChangesThatDivergeShowTheRowOfOtherPartitions(t *testing.T) {
	t.Parallel()
	l := fromMonthly(t, quarterly, dayKey, planner.ExistingTruncate)
	var text string
	l.follow(func(r *executor.Run) { r.ShowRows = func(rows string) { text = rows } })
	sandbox.Exec(t, l.target, "insert into public.ledger (id, day, region, v) values (7001, '2026-05-05', 'us', 'secret')")
	l.do("insert into public.ledger values (7001, '2026-05-05', 'us', 'here')")
	if err := l.failure(); strings.Contains(err.Error(), "secret") || strings.Contains(err.Error(), "here") {
		t.Errorf("the error says %v", err)
	}
	if diff := cmp.Diff(`column  source, after  target
id      7001           7001
day     2026-05-05     2026-05-05
region  us             us
v       here           secret
`, text); diff != "" {
		t.Errorf("shown (-want +got):\n%s\n%s", diff, text)
	}
	sandbox.Exec(t, l.target, "delete from public.ledger where id = 7001")
	l.follow(nil)
	l.ledgers()
}
