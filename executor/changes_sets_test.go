package executor_test

import (
	"fmt"
	"sync"
	"testing"

	"sluice/examples/sandbox"
	"sluice/executor"
	"sluice/executor/replay"
)

// setTypes is a table of every kind of type by which values go in arrays, with a
// unique column besides the key, on which rows change places.
const setTypes = `
	create type public.mood as enum ('so so', 'it''s "good"', 'back\slash', 'a,b', '{}');
	create domain public.small as numeric(6, 2) check (value < 9000);
	create domain public.tags as text[];
	create type public.pair as (a int, b text);
	create table public.every (
		a int, b text collate "C", u int unique,
		fixed char(10), short varchar(12), bits bit(4), varying bit varying(5), one "char", name name,
		amount numeric(6, 2), little public.small, list int[], words text[], tags public.tags, moods public.mood[],
		mood public.mood, pair public.pair, pairs public.pair[], area box, boxes box[], doc jsonb, raw bytea, span int4range, spans int4multirange,
		at timestamptz(3), took interval(0), approx float8, flag boolean, xmlish xml, cls regclass, big text,
		primary key (a, b));
	alter table public.every alter column big set storage external;
	create function public.word() returns text volatile language sql as $$
		select (array['', ' ', 'NULL', 'null', '"', '\', '\\', '{', '}', '{}', ',', 'a"b', 'it''s', E'two\nlines', E'tab\t', 'ünï', '名前', '\N', '\.', '$1', 'x'])[1 + floor(random() * 21)::int] $$;
	create function public.fill(k int) returns public.every volatile language sql as $$
		select k, public.word() || k, null::int, nullif(public.word(), ''), public.word(), (floor(random() * 16)::int)::bit(4), case when random() < 0.5 then B'101' end,
			left(md5(random()::text), 1)::"char", public.word()::name, round((random() * 1000)::numeric, 3), random() * 100,
			case when random() < 0.8 then array[k, null, -k] end, array[public.word(), null, public.word()], array[public.word()], array['a,b', 'so so']::public.mood[],
			(enum_range(null::public.mood))[1 + floor(random() * 5)::int], row(k, public.word())::public.pair, array[row(k, public.word())::public.pair],
			box(point(k, 1), point(0, k)), array[box(point(k, 1), point(0, k)), box(point(1, 1), point(0, 0))], jsonb_build_object('w', public.word()),
			convert_to(public.word(), 'utf8') || '\x00'::bytea, int4range(k, k + 5), int4multirange(int4range(1, 2), int4range(k + 5, k + 9)),
			clock_timestamp(), k * interval '1 day 3 seconds', random() * 1e-7, k % 2 = 0, xmlparse(content '<a>' || k || '</a>'), 'pg_catalog.pg_class'::regclass,
			(select string_agg(md5(random()::text), '') from generate_series(1, 100)) $$;
	insert into public.every select f.* from generate_series(1, 300) i, public.fill(i) f;
	update public.every set u = a;`

// churn changes random rows, n times: most of the ways in which one change may follow
// another.
const setChurn = `
	create procedure public.churn(n int) language plpgsql as $$
	declare k int; other int; r public.every;
	begin
		for i in 1..n loop
			k := 1 + floor(random() * 400)::int;
			case floor(random() * 9)::int
			when 0, 1 then
				r := public.fill(k);
				if not exists (select from public.every where a = k) then insert into public.every select r.*; end if;
			when 2 then update public.every set short = public.word(), amount = amount + 1 where a = k;
			when 3 then update public.every set doc = null, list = null, flag = not flag where a = k;
			when 4 then update public.every set big = big || 'x' where a = k;
			when 5 then delete from public.every where a = k;
			when 6 then
				delete from public.every where a = k;
				insert into public.every select f.* from public.fill(k) f;
			when 7 then update public.every set b = public.word() where a = k;
			else
				other := 1 + floor(random() * 400)::int;
				update public.every set u = null where a = k;
				update public.every set u = k where a = other and not exists (select from public.every where u = k);
			end case;
		end loop;
	end $$;`

// A run of changes does by the set what it does one by one, whatever follows what,
// and where it cannot be by the set it is done one by one.
func TestChangesBySet(t *testing.T) {
	t.Parallel()
	l := &live{move: newMove(t, 14, 0)}
	var mu sync.Mutex
	points := map[string]int{}
	l.begin(t, setTypes+setChurn, func(r *executor.Run) {
		r.Point = func(name string) {
			mu.Lock()
			defer mu.Unlock()
			points[name]++
		}
	})
	for seed := range 10 {
		l.do(fmt.Sprintf("select setseed(0.%d); call public.churn(1000)", seed))
	}
	l.do("insert into public.every select f.* from generate_series(500, 1500) k, public.fill(k) f") // by COPY
	l.do("update public.every set u = null; update public.every set u = 1000 + a")
	l.settle()
	// Two rows change places, which no statement for both of them can do.
	l.do(`begin;
		update public.every set short = 'x';
		create temp table two as select min(a) low, max(a) high from public.every;
		update public.every set u = null from two where a = low;
		update public.every set u = 1000 + low from two where a = high;
		update public.every set u = 1000 + high from two where a = low;
		commit`)
	l.settle()
	l.same()
	mu.Lock()
	defer mu.Unlock()
	if points["replay: by the set"] == 0 || points["replay: back to the savepoint"] == 0 {
		t.Errorf("points that were passed: %v", points)
	}
}

// Of many changes that go together the one that the target refuses, or whose row is
// not as it should be, is named, and nothing of its transaction stays.
func TestChangesBySetNameTheRow(t *testing.T) {
	t.Parallel()
	l := newLive(t, `
		create table public.t (a int primary key, b text, c int);
		insert into public.t select i, 'row ' || i, i from generate_series(1, 1000) i;`)
	for _, c := range []struct{ name, spoil, change, key, says, repair string }{
		{
			"copied", "alter table public.t add constraint small check (a <> 1234)",
			"insert into public.t select i, 'new', i from generate_series(1001, 1400) i", "a=1234", "23514",
			"alter table public.t drop constraint small",
		},
		{
			"inserted among others", "insert into public.t values (1450, 'by hand', 0)",
			"update public.t set c = c + 1; insert into public.t select i, 'new', i from generate_series(1401, 1460) i", "a=1450", "23505",
			"delete from public.t where a = 1450",
		},
		{
			"updated", "delete from public.t where a = 777",
			"update public.t set c = -c where a <= 900", "a=777", "touched 0 rows",
			"insert into public.t values (777, 'row 777', 778)",
		},
		{
			"deleted", "delete from public.t where a = 333",
			"delete from public.t where a between 300 and 400", "a=333", "touched 0 rows",
			"insert into public.t values (333, 'row 333', -334)",
		},
	} {
		sandbox.Exec(t, l.target, c.spoil)
		before := sandbox.Query(t, l.target, "select md5(string_agg(t::text, ',' order by a)) from public.t t")
		l.do("begin; " + c.change + "; commit")
		l.do("update public.t set b = 'later' where a = 1")
		refusal[*replay.Divergence](t, l.failure(), "public.t", c.key, c.says)
		if after := sandbox.Query(t, l.target, "select md5(string_agg(t::text, ',' order by a)) from public.t t"); after[0] != before[0] {
			t.Errorf("%s: something of the transaction that was refused stays, or of one behind it", c.name)
		}
		sandbox.Exec(t, l.target, c.repair)
		l.follow(nil)
		l.same()
	}
}

// Without a key the rows that come go together, and one that changes goes after those
// before it and before those behind it.
func TestChangesBySetOfRowsWithoutKey(t *testing.T) {
	t.Parallel()
	l := newLive(t, "create table public.plain (a int, b text); alter table public.plain replica identity full")
	for range 3 {
		l.do(`begin;
			insert into public.plain select i % 10, 'row' from generate_series(1, 300) i;
			update public.plain set b = 'one of them' where ctid = (select max(ctid) from public.plain where a = 3 and b = 'row');
			insert into public.plain select i % 10, 'row' from generate_series(1, 200) i;
			delete from public.plain where ctid = (select max(ctid) from public.plain where a = 4);
			delete from public.plain where b = 'one of them';
			insert into public.plain select i % 10, null from generate_series(1, 150) i;
			commit`)
	}
	l.same()
}

// Rows are found by their key's index, however many change at once: the table is not
// read for them.
func TestChangesBySetReadNoTable(t *testing.T) {
	t.Parallel()
	l := &live{move: newMove(t, 15, 0)} // before, figures go through a process of their own, which may be late
	reads := func() string {
		l.rest()
		l.wait("select where not exists (select from pg_stat_activity where application_name like 'sluice%')") // their figures are there when they have ended
		return sandbox.Query(t, l.target, "select seq_scan from pg_stat_user_tables where relid = 'public.t'::regclass")[0]
	}
	l.begin(t, `
		create table public.t (a int primary key, b int);
		insert into public.t select i, i from generate_series(1, 100000) i;`, nil)
	before := reads()
	l.do("update public.t set b = -b where a <= 2000; delete from public.t where a > 98000;")
	l.follow(nil)
	l.settle()
	if after := reads(); after != before {
		t.Errorf("the table was read %s times, %s before the changes", after, before)
	}
}
