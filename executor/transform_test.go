package executor_test

import (
	"context"
	"fmt"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sluice/examples/sandbox"
	"sluice/executor"
	"sluice/planner"
	"sluice/planner/catalog"
)

// Tables whose rows do not arrive as they are:
//
//	customers   a filter outside the key, and a value of a part that is TOASTed
//	shards      a filter on the key, under a snapshot for each range of keys
//	visits      no key, REPLICA IDENTITY FULL, a filter on what may be TOASTed
//	events      partitions, which are filtered and computed as the table above
//	moved       a key that is computed, so that two databases fit into one table
const transformedTables = `
	create table public.customers (id int primary key, email varchar(60) not null, tier text, note text, big text, amount int not null, born date);
	alter table public.customers alter big set storage external;
	insert into public.customers select i, 'User' || i || '@Example.COM', case when i % 5 = 0 then 'internal' when i % 7 <> 0 then 'gold' end, 'n' || i,
	    case when i % 3 = 0 then repeat(md5(i::text), 100) end, i * 3, date '2000-01-01' + i from generate_series(1, 900) i;
	create table public.shards (id int primary key, v text, big text);
	alter table public.shards alter big set storage external;
	insert into public.shards select i, 'v' || i, case when i % 4 = 0 then repeat(md5(i::text), 100) end from generate_series(1, 900) i;
	create table public.visits (page text, bot boolean, agent text);
	alter table public.visits alter agent set storage external, replica identity full;
	insert into public.visits select 'p' || i % 50, i % 3 = 0, repeat(md5((i % 20)::text), case when i % 2 = 0 then 100 else 1 end) from generate_series(1, 600) i;
	create table public.events (id int, day date, kind text, primary key (id, day)) partition by range (day);
	create table public.events_1 partition of public.events for values from ('2026-01-01') to ('2026-02-01');
	create table public.events_2 partition of public.events for values from ('2026-02-01') to ('2026-03-01');
	insert into public.events select i, date '2026-01-01' + i % 59, case when i % 4 = 0 then 'noise' else 'Kind' || i % 3 end from generate_series(1, 600) i;
	create table public.moved (id int primary key, parent int references public.moved, v text);
	insert into public.moved select i, nullif(i / 2, 0), 'v' || i from generate_series(1, 500) i;`

func sqlText(sql string) planner.Text { return planner.Text{SQL: sql} }

func transformRules() []planner.TableRule {
	name := func(table string) catalog.Name { return catalog.Name{Schema: "public", Local: table} }
	value := func(column, sql string) planner.ColumnRule {
		return planner.ColumnRule{Column: column, Value: sqlText(sql)}
	}
	added := func(column, kind, sql string) planner.ColumnRule {
		return planner.ColumnRule{Column: column, Add: true, Type: sqlText(kind), Value: sqlText(sql)}
	}
	return []planner.TableRule{
		{Table: name("customers"), To: catalog.Name{Local: "client"}, Where: sqlText("tier <> 'internal' -- not ours\n"), Exclude: []string{"born"}, Columns: []planner.ColumnRule{
			{Column: "email", To: "mail", Value: sqlText("lower(email)")},
			value("note", "left(big, 8) || '/' || coalesce(note, '')"),
			{Column: "amount", Type: sqlText("numeric(12,2)")},
			added("imported_from", "text not null", "'old'"),
			added("op", "text", "sluice_op"),
			added("changed_at", "timestamptz not null", "sluice_commit_time"),
			added("lsn", "pg_lsn", "sluice_lsn"),
			added("born_year", "int", "extract(year from born)::int"),
		}},
		{Table: name("shards"), Where: sqlText("id % 2 = 0"), Columns: []planner.ColumnRule{value("v", "upper(v)")}},
		{Table: name("visits"), Where: sqlText("not bot and length(agent) > 100"), Columns: []planner.ColumnRule{value("page", "page || '!'"), added("lsn", "pg_lsn", "sluice_lsn")}},
		{Table: name("events"), Where: sqlText("kind <> 'noise'"), Columns: []planner.ColumnRule{value("kind", "lower(kind)"), added("month", "int not null", "extract(month from day)::int")}},
		{Table: name("moved"), Columns: []planner.ColumnRule{value("id", "id + 1000000"), value("parent", "parent + 1000000")}},
	}
}

// transformed are what the target must hold: SQL on the source, and on the target.
var transformed = map[string][2]string{
	"customers": {
		`select id, lower(email), tier, left(big, 8) || '/' || coalesce(note, ''), big, amount::numeric(12,2), 'old', extract(year from born)::int from public.customers where tier <> 'internal'`,
		`select id, mail, tier, note, big, amount, imported_from, born_year from public.client`,
	},
	"shards": {`select id, upper(v), big from public.shards where id % 2 = 0`, `select id, v, big from public.shards`},
	"visits": {`select page || '!', bot, agent from public.visits where not bot and length(agent) > 100`, `select page, bot, agent from public.visits`},
	"events": {`select id, day, lower(kind), extract(month from day)::int from public.events where kind <> 'noise'`, `select id, day, kind, month from public.events`},
	"moved":  {`select id + 1000000, parent + 1000000, v from public.moved`, `select id, parent, v from public.moved`},
}

// newTransformed makes a move of the tables, not begun yet.
func newTransformed(t *testing.T) *live {
	t.Helper()
	l := &live{move: newMove(t, 0, 0)}
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	t.Cleanup(cancel)
	l.t, l.ctx = t, ctx
	l.transforms()
	sandbox.Exec(t, l.source, marksTable+transformedTables)
	return l
}

// transforms declares them, over small chunks.
func (m *move) transforms() {
	m.spec.Tables = transformRules()
	m.spec.LargeTable, m.chunkBytes = 1, 16<<10
}

// arrived compares both sides as declared.
func (l *live) arrived() {
	l.t.Helper()
	for table, sql := range transformed {
		row := func(url, sql string) []string {
			return sandbox.Query(l.t, url, fmt.Sprintf("select md5(row(r)::text) || ' ' || left(row(r)::text, 80) from (%s) r order by 1", sql))
		}
		if diff := cmp.Diff(row(l.source, sql[0]), row(l.target, sql[1])); diff != "" {
			l.t.Errorf("%s (-source +target):\n%s", table, diff)
		}
	}
}

// churn writes whatever may happen to a row: into the filter and out of it, with
// and without the values that are TOASTed, under other keys, in long transactions.
func (l *live) churn() (stop func()) {
	return l.repeat(func(n int) string {
		return strings.NewReplacer("$n", fmt.Sprint(n), "$m", fmt.Sprint(n%60), "$k", fmt.Sprint(10000+n)).Replace(`
				begin;
				update public.customers set tier = case when tier = 'internal' then 'gold' else 'internal' end where id % 60 = $m and id < 800;
				savepoint s;
				update public.customers set note = 'changed $n', amount = amount + 1 where id % 61 = $m and id < 800;
				release s;
				update public.customers set big = repeat(md5('$n'), 90) where id % 67 = $m and id < 800;
				insert into public.customers values ($k, 'New$n@X', case when $n % 2 = 0 then 'internal' end, null, repeat('b', 3000), $n, '2026-01-01');
				update public.customers set id = id + 100000 where id = 800 + $m and tier is not null;
				delete from public.customers where id = 870 + $m % 30;
				update public.shards set v = v || '+' where id % 60 = $m;
				update public.shards set id = id + 100001 where id = 400 + $m;
				update public.shards set id = 200000 - id where id = 300 + $m;
				delete from public.shards where id = 500 + $m;
				insert into public.shards values ($k, 'new', repeat('s', 3000)) on conflict do nothing;
				update public.visits set bot = not bot where page = 'p' || $m;
				update public.visits set page = page || '-' where page = 'p' || ($m + 1);
				delete from public.visits where ctid in (select ctid from public.visits where page like 'p2%' limit 1);
				insert into public.visits values ('p$m', false, repeat('agent', 1000)), ('p$m', false, 'short');
				commit;
				update public.events set kind = case kind when 'noise' then 'Loud' else 'noise' end where id % 60 = $m;
				update public.events set day = date '2026-01-01' + (day - date '2026-01-01' + 31) % 59 where id = $m;
				delete from public.events where id = 300 + $m;
				insert into public.moved values ($k, $m % 50 + 1, 'new') on conflict do nothing;
				update public.moved set v = v || '+' where id % 60 = $m;
				update public.moved set id = id + 200000 where id = 450 + $m % 50;
				delete from public.moved where id = 300 + $m % 100;`)
	})
}

// Filters and values are the same in the load and in the changes, under live
// writes; a comparison finds both sides equal while they go on, and finds what
// is not.
func TestTransformsUnderLiveWrites(t *testing.T) {
	t.Parallel()
	l := newTransformed(t)
	stop := l.churn()
	l.follow(nil)
	l.verified(l.ctx, t)
	stop()
	l.settle()
	l.arrived()
	l.verified(l.ctx, t)
	sandbox.Exec(t, l.target, "set session_replication_role = replica; update public.client set mail = 'wrong ' || mail where id = (select min(id) from public.client)")
	if differ := l.compared(l.ctx, t); len(differ["client"]) != 1 || len(differ) != 1 {
		t.Errorf("a comparison finds %v, want one row of client", differ)
	}
	sandbox.Exec(t, l.target, "set session_replication_role = replica; update public.client set mail = substr(mail, 7) where mail like 'wrong %'")
	l.verified(l.ctx, t)
	l.rest()
	l.nothingLeft(t)
}

// Whatever a kill leaves, the next run goes on from: in the load, before a commit
// of the changes and behind it.
func TestTransformsSurviveKills(t *testing.T) {
	t.Parallel()
	l := newTransformed(t)
	stop := l.churn()
	for _, point := range []string{"load: before a chunk commits#3", "load: after a chunk has committed#9", "replay: before a commit#1", "replay: after a commit, before it is acknowledged#2", "replay: before a commit#4"} {
		child := l.move.start(t, point, executor.UntilEnd, childRules+"=all")
		if err := child.Wait(); child.ProcessState.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
			t.Fatalf("%s: the child was not killed there: %v", point, err)
		}
	}
	l.follow(nil)
	stop()
	l.settle()
	l.arrived()
	l.verified(l.ctx, t)
	l.rest()
}

// Through the cutover as well.
func TestTransformsThroughTheCutover(t *testing.T) {
	t.Parallel()
	l := newTransformed(t)
	stop := l.churn()
	l.start(nil)
	if err := l.until(l.ctx, inPhase("following")); err != nil {
		t.Fatal(err)
	}
	stop()
	l.verified(l.ctx, t)
	if err := l.cutOver(l.ctx, t); err != nil {
		t.Fatal(err)
	}
	<-l.ended
	if l.err != nil || l.outcome != executor.CutOver {
		t.Fatal(l.outcome, l.err)
	}
	l.arrived()
}

// Without changes: the load alone.
func TestTransformsOfTheLoadAlone(t *testing.T) {
	t.Parallel()
	l := newTransformed(t)
	l.spec.Stages.Incremental = false
	if _, err := l.run(l.ctx, nil); err != nil {
		t.Fatal(err)
	}
	l.arrived()
	l.nothingLeft(t)
}

// What comes with a change is that of the last one, and a row of the load carries
// when it was read.
func TestStampsSayWhatCameLast(t *testing.T) {
	t.Parallel()
	l := newTransformed(t)
	l.follow(nil)
	l.do(`
		update public.customers set note = 'again' where id = 1;
		insert into public.customers values (5000, 'X@Y', 'gold', null, null, 1, null);`)
	l.settle()
	for id, want := range map[int]string{1: "update", 2: "load", 5000: "insert"} {
		got := sandbox.Query(t, l.target, fmt.Sprintf("select op || ' ' || (lsn is not null)::text || ' ' || (changed_at between now() - interval '1 hour' and now() + interval '1 hour')::text from public.client where id = %d", id))
		if !cmp.Equal(got, []string{want + " true true"}) {
			t.Errorf("row %d: %v, want %s", id, got, want)
		}
	}
	after := sandbox.Query(t, l.target, "select (a.lsn > b.lsn)::text from public.client a, public.client b where a.id = 1 and b.id = 2")
	if !cmp.Equal(after, []string{"true"}) {
		t.Errorf("the update's LSN is not behind that of the load")
	}
	l.rest()
}
