package executor_test

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"sluice/examples/sandbox"
)

// Rows whose unique values change hands, in every way that the source allows.
func TestChangesOfKeysThatChangeHands(t *testing.T) {
	t.Parallel()
	l := newLive(t, `
		create table public.t (id int primary key, u int unique, d int unique deferrable initially immediate, e int,
			constraint no_two exclude using btree (e with =) deferrable initially deferred);
		insert into public.t select i, i, i, i from generate_series(1, 9) i;
		create table public.r (span int4range, exclude using gist (span with &&));
		alter table public.r replica identity full;
		insert into public.r values ('[1,5)'), ('[5,9)');`)
	for _, script := range []string{
		// Through a third value.
		"update public.t set u = -1 where id = 1; update public.t set u = 1 where id = 2; update public.t set u = 2 where id = 1",
		"update public.t set id = -1 where id = 1; update public.t set id = 1 where id = 2; update public.t set id = 2 where id = -1",
		// Within one statement: the constraints look at its end, or at the commit.
		"update public.t set d = case d when 3 then 4 else 3 end where d in (3, 4)",
		"update public.t set d = d % 9 + 1 where d between 1 and 9",
		"update public.t set e = 10 - e; insert into public.t values (10, 10, 10, 5); update public.t set e = 50 where id = 10",
		"begin; set constraints all deferred; insert into public.t values (11, 11, 3, 11); update public.t set d = 33 where id = 11; commit",
		// A key that goes and comes again, in one transaction and in many.
		"delete from public.t where id = 5; insert into public.t values (5, 500, 500, 500)",
		"delete from public.t where id = 6", "insert into public.t values (6, 600, 600, 600)",
		"delete from public.t where id = 6", "insert into public.t values (6, 601, 601, 601)",
		"insert into public.t values (20, 20, 20, 20); delete from public.t where id = 20; insert into public.t values (20, 21, 21, 21)",
		"update public.t set id = 700 where id = 7; insert into public.t values (7, 70, 70, 70)",
		// A row each, and one that is left as it was.
		"update public.t set u = u where id = 8",
		"insert into public.t values (8, 0, 0, 0) on conflict (id) do update set u = 800",
		"insert into public.t values (21, 22, 22, 22), (8, 0, 0, 0) on conflict (id) do nothing",
		"with gone as (delete from public.t where id = 9 returning *) insert into public.t select 90, u, d, e from gone",
		"update public.r set span = '[5,9)' where lower(span) = 1 and false; delete from public.r where lower(span) = 1; update public.r set span = '[1,5)'",
	} {
		l.do(script)
	}
	l.same()
	if rows := sandbox.Query(t, l.target, "select indexrelid::regclass::text from pg_index where indisunique and indrelid = 'public.t'::regclass"); len(rows) < 3 {
		t.Errorf("the unique indexes on the target are %v: the test shows nothing", rows)
	}
}

// What a transaction takes back is never sent, what partitions exchange arrives
// once, and everything that writes rows does.
func TestChangesOfEveryWayToWrite(t *testing.T) {
	t.Parallel()
	l := newLive(t, `
		create table public.t (id int primary key, v text);
		create table public.plain (v text);
		alter table public.plain replica identity full;
		create table public.parts (id int, region text, v text) partition by list (region);
		create table public.parts_eu partition of public.parts (primary key (id, region)) for values in ('eu');
		create table public.parts_us (v text, region text not null, gone int, id int not null, primary key (region, id));
		alter table public.parts_us drop column gone;
		alter table public.parts attach partition public.parts_us for values in ('us');
		create table public.parts_rest partition of public.parts (primary key (id)) default;
		create table public.boss (id int primary key);
		create table public.worker (id int primary key, boss int references public.boss on delete cascade on update cascade);
		create table public.log (n int generated always as identity primary key, what text);
		create function public.note() returns trigger language plpgsql as $$
			begin insert into public.log (what) values (tg_op); return null; end $$;
		create trigger note after insert or update or delete on public.boss for each row execute function public.note();
		create rule no_delete as on delete to public.log do instead nothing;
		insert into public.t select i, 'v' from generate_series(1, 5) i;
		insert into public.parts values (1, 'eu'), (2, 'us'), (3, 'asia');
		insert into public.boss select i from generate_series(1, 4) i;
		insert into public.worker select i, i from generate_series(1, 4) i;`)
	for _, script := range []string{
		`begin; insert into public.t values (10, 'kept'); savepoint a; insert into public.t values (11, 'lost');
		 savepoint b; update public.t set v = 'lost' where id = 1; rollback to a; update public.t set v = 'kept' where id = 2; savepoint c;
		 delete from public.t where id = 3; release c; savepoint d; truncate public.plain; rollback to d; commit`,
		"begin; insert into public.t values (12, 'lost'); rollback",
		"do $$ begin for i in 20..60 loop begin insert into public.t values (i, 'sub'); if i % 3 = 0 then raise 'no'; end if; exception when others then null; end; end loop; end $$",
		"update public.parts set region = 'us' where id = 1; update public.parts set region = 'eu', v = 'w' where id = 2; update public.parts set region = 'africa' where id = 3; update public.parts set region = 'eu', id = 30 where id = 3",
		"insert into public.parts_us (id, region, v) values (1, 'us', 'again') on conflict (id, region) do update set v = excluded.v",
		"merge into public.t using (values (1, 'merged'), (70, 'new'), (5, null)) as s (id, v) on t.id = s.id when matched and s.v is null then delete when matched then update set v = s.v when not matched then insert values (s.id, s.v)",
		"delete from public.boss where id = 1; update public.boss set id = 20 where id = 2; insert into public.boss values (30)",
		"delete from public.log",
		"create table public.aside as select 'x'::text as v; insert into public.plain select v from public.aside; drop table public.aside",
		"select pg_logical_emit_message(true, 'app', 'within'); insert into public.plain values ('after a message'); select pg_logical_emit_message(false, 'app', 'beside')",
		"select pg_logical_emit_message(true, 'app', repeat('x', 100000))",
		"set session_replication_role = replica; insert into public.plain values ('without triggers')",
	} {
		l.do(script)
	}
	conn := connect(t, l.source)
	if _, err := conn.CopyFrom(t.Context(), pgx.Identifier{"public", "plain"}, []string{"v"}, pgx.CopyFromSlice(3000, func(i int) ([]any, error) {
		return []any{fmt.Sprint("copied ", i%1000)}, nil
	})); err != nil {
		t.Fatal(err)
	}
	l.do("vacuum full public.plain")
	l.do("cluster public.t using t_pkey")
	l.do("reindex table public.t")
	l.do("update public.plain set v = 'one of three' where ctid = (select ctid from public.plain where v = 'copied 7' limit 1)")
	l.same()
}

// A transaction of many rows goes to the target in pieces of bounded size, and
// none of it is there before all of it is.
func TestChangesOfALargeTransaction(t *testing.T) {
	l := newLive(t, "create table public.t (id int primary key, v text); create table public.plain (v int); alter table public.plain replica identity full")
	const rows = 50_000
	l.do(fmt.Sprintf("insert into public.plain values (1), (1), (1); insert into public.t select i, repeat('x', 500) from generate_series(1, %d) i; delete from public.plain where ctid = (select min(ctid) from public.plain)", rows))
	var before, most runtime.MemStats
	runtime.ReadMemStats(&before)
	conn := connect(t, l.target)
	for count := 0; count == 0; {
		if err := conn.QueryRow(l.ctx, "select count(*) from public.t").Scan(&count); err != nil {
			t.Fatal(err)
		}
		if count != 0 && count != rows {
			t.Fatalf("%d rows of %d are visible: a part of a transaction", count, rows)
		}
		var now runtime.MemStats
		runtime.ReadMemStats(&now)
		if now.HeapInuse > most.HeapInuse {
			most = now
		}
	}
	// The transaction is 26 MB on the wire. In flight are at most three batches of
	// the stream and what the applier queues; the rest of the bound is garbage.
	if grown := int64(most.HeapInuse) - int64(before.HeapInuse); grown > 64<<20 {
		t.Errorf("the heap grew by %d MB", grown>>20)
	}
	l.same()
	l.do("update public.t set v = left(v, 20)")
	l.same()
	l.do("delete from public.t where id % 3 > 0")
	l.same()
}

// Transactions that overlap arrive in the order of their commits, whenever they
// began; prepared ones when they are committed, or never.
//
// Not parallel: it holds transactions open, for which other tests' slots wait.
func TestChangesOfTransactionsThatOverlap(t *testing.T) {
	l := newLive(t, "create table public.t (id int primary key, v text); create table public.plain (v text); alter table public.plain replica identity full; insert into public.plain values ('a'), ('a')")
	long, err := pgx.Connect(t.Context(), l.source)
	if err != nil {
		t.Fatal(err)
	}
	defer long.Close(context.WithoutCancel(t.Context()))
	step := func(sql string) {
		t.Helper()
		if _, err := long.PgConn().Exec(t.Context(), sql).ReadAll(); err != nil {
			t.Fatal(err)
		}
	}
	l.do("begin; insert into public.t values (100, 'prepared'); delete from public.plain where ctid = (select min(ctid) from public.plain); prepare transaction 'kept'")
	l.do("begin; insert into public.t values (101, 'lost'); prepare transaction 'lost'")
	step("begin; insert into public.t values (1, 'long'); insert into public.plain values ('a'); savepoint a")
	for i := range 20 {
		l.do(fmt.Sprintf("insert into public.t values (%d, 'short'); insert into public.plain values ('a')", 10+i))
		step(fmt.Sprintf("insert into public.t values (%d, 'long'); savepoint s%d", 50+i, i))
	}
	step("update public.t set v = 'long' where id = 15; rollback to a; update public.t set v = 'long' where id = 16")
	l.settle() // the short ones are there while the long one is open
	if rows := sandbox.Query(t, l.target, "select v, count(*) from public.t group by v"); strings.Join(rows, " ") != "short|20" {
		t.Errorf("on the target, while a long transaction is open: %v", rows)
	}
	l.rest() // and the changes may stop and begin again meanwhile
	step("commit")
	l.do("commit prepared 'kept'")
	l.do("rollback prepared 'lost'")
	l.do("update public.t set v = 'later' where id in (1, 100)")
	l.follow(nil)
	l.same()
	if rows := sandbox.Query(t, l.target, "select count(*) from public.t where id in (1, 16, 100) or id = 101"); rows[0] != "3" {
		t.Errorf("%s rows of the overlapping transactions, want 3", rows[0])
	}
}

// What another node has sent to the source is the source's by now: it is applied like
// all else, messages of applications pass by.
func TestChangesThatCarryAnOriginAreApplied(t *testing.T) {
	t.Parallel()
	l := newLive(t, "create table public.t (id int primary key, v text); insert into public.t select i, 'v' from generate_series(1, 40) i")
	origin := "elsewhere_" + databaseName(l.source)
	l.do("select pg_replication_origin_create('" + origin + "')")
	conn := connect(t, l.source)
	of := func(script string) {
		t.Helper()
		if _, err := conn.PgConn().Exec(t.Context(), script).ReadAll(); err != nil {
			t.Fatal(err)
		}
	}
	of("select pg_replication_origin_session_setup('" + origin + "')")
	of(`begin; select pg_replication_origin_xact_setup('16/B374D848', '2001-02-03'); insert into public.t values (100, 'of another node');
		select pg_logical_emit_message(true, 'app', 'within'); update public.t set v = 'theirs' where id <= 20; commit`)
	l.do("begin; update public.t set v = v || ' and ours'; select pg_logical_emit_message(false, 'app', 'beside'); commit")
	of("begin; select pg_replication_origin_xact_setup('16/B374D900', '2101-02-03'); delete from public.t where id > 35; truncate public.t; insert into public.t values (1, 'again'); commit")
	of("select pg_replication_origin_session_reset()")
	t.Cleanup(func() { sandbox.Exec(t, l.source, "select pg_replication_origin_drop('"+origin+"')") })
	l.same()
}
