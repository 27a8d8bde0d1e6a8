package executor_test

import (
	"strings"
	"testing"

	"sluice/examples/sandbox"
)

// Promise 23: rows that move between partitions, and tables that become partitions and
// are none any more, while they are written to. Where a table belongs is the target's
// business: its rows go on arriving.
func TestChangesOfPartitionsThatComeAndGo(t *testing.T) {
	t.Parallel()
	l := newLive(t, `
		create table public.parts (id int, region text not null, v int, primary key (id, region)) partition by list (region);
		create table public.eu partition of public.parts for values in ('eu');
		create table public.us (v int, gone int, region text not null, id int not null);
		alter table public.us drop column gone;
		create table public.asia (id int, region text not null default 'asia', v int, primary key (id, region));
		alter table public.parts attach partition public.us for values in ('us');
		insert into public.parts select i, case when i % 2 = 0 then 'eu' else 'us' end, 0 from generate_series(1, 60) i;
		insert into public.asia select i, 'asia', 0 from generate_series(1, 20) i;`)
	work := func(tables ...string) {
		t.Helper()
		for _, table := range tables {
			l.do(strings.ReplaceAll(`update public.$t set v = v + 1; delete from public.$t where id = (select max(id) from public.$t);
				insert into public.$t (id, region, v) select min(id) - 1, region, 9 from public.$t group by region`, "$t", table))
		}
		l.same()
	}
	l.do("update public.parts set region = case region when 'eu' then 'us' else 'eu' end, v = v + 1")
	work("parts", "asia")
	l.do("alter table public.parts attach partition public.asia for values in ('asia')")
	l.do("update public.parts set region = 'asia', id = id + 1000 where id % 5 = 0 and region <> 'asia'; update public.parts set region = 'eu', id = id + 2000 where region = 'asia' and id between 5 and 9")
	work("parts", "asia", "us")
	l.do("alter table public.parts detach partition public.us")
	work("parts", "us", "eu")
	l.do("alter table public.parts attach partition public.us for values in ('us')")
	l.do("update public.parts set region = 'us' where region = 'eu' and id > 2000")
	l.do("truncate public.parts; insert into public.parts values (1, 'us', 1), (1, 'eu', 1), (1, 'asia', 1)")
	work("parts")
	if n := sandbox.Query(t, l.target, "select count(*) from pg_inherits where inhparent = 'public.parts'::regclass")[0]; n != "2" {
		t.Errorf("%s partitions on the target, where none came or went: the test shows something else", n)
	}
}
