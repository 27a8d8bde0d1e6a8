package executor_test

import (
	"fmt"
	"testing"

	"sluice/examples/sandbox"
	"sluice/planner"
)

// measured is partitioned twice, with everything that a partition gets from above.
const measured = `
	create table public.devices (id int primary key);
	insert into public.devices select generate_series(1, 20);
	create table public.measured (id int, region text, at date, device int references public.devices, v int default 0 check (v >= 0), pad text,
		primary key (id, region, at)) partition by range (at);
	create unique index measured_device on public.measured (device, id, region, at);
	create index measured_lower on public.measured (lower(pad)) where v > 0;
	create table public.measured_1 partition of public.measured for values from ('2026-01-01') to ('2026-02-01');
	create table public.measured_2 partition of public.measured for values from ('2026-02-01') to ('2026-03-01') partition by list (region);
	create table public.measured_2_a partition of public.measured_2 for values in ('a');
	insert into public.measured select i, 'a', date '2026-01-01' + i % 50, 1 + i % 20, i % 3, repeat('p', 50) from generate_series(1, 2000) i;`

// newPartitions turn up later, one of them with partitions of its own.
const newPartitions = `
	create table public.measured_3 partition of public.measured for values from ('2026-03-01') to ('2026-04-01');
	alter index public.measured_3_device_id_region_at_idx rename to another_name;
	comment on index public.another_name is 'not as the server calls it';
	create index measured_3_own on public.measured_3 (v);
	create table public.measured_2_b partition of public.measured_2 for values in ('b');
	create table public.measured_4 partition of public.measured for values from ('2026-04-01') to ('2026-05-01') partition by list (region);
	create table public.measured_4_a partition of public.measured_4 for values in ('a');
	insert into public.measured select i, 'a', date '2026-03-01' + i % 60, 1 + i % 20, i % 3, repeat('p', 50) from generate_series(1, 2000) i;`

// onMeasured moves rows between old partitions and new ones, too.
var onMeasured = []string{
	"insert into public.measured values (10000 + $n, 'a', date '2026-01-01' + abs($n) % 119, 1 + abs($n) % 20, 1, 'x')",
	"update public.measured set v = v + 1 where id = abs($n) % 2000",
	"update public.measured set at = date '2026-01-01' + abs($n) % 119 where id = 10000 + $n - 7",
	"delete from public.measured where id = 10000 + $n - 20",
}

// Partitions that turn up below a table in use join with its keys and indexes, as the
// source calls them.
func TestNewPartitionsJoin(t *testing.T) {
	t.Parallel()
	for _, pair := range pairsOfMajors() {
		t.Run(fmt.Sprint(pair), func(t *testing.T) {
			t.Parallel()
			l := &live{move: newMove(t, pair.source, pair.target)}
			l.begin(t, measured, nil)
			l.do(newPartitions)
			stop := l.crowd(3, onMeasured...)
			l.rest()
			l.spec.LargeTable, l.chunkBytes = 1, 32<<10
			l.follow(nil)
			stop()
			l.same()
			l.asNew()
			l.nothingLeft(t)
			l.nothingApart()

			// One of them alone gets another name.
			stop = l.crowd(3, onMeasured...)
			l.rest()
			l.spec.Tables = []planner.TableRule{tableTo("measured_3", "public.march")}
			l.follow(nil)
			stop()
			l.asNew()
			l.nothingLeft(t)

			// The whole does.
			stop = l.crowd(3, onMeasured...)
			l.rest()
			l.spec.Tables = []planner.TableRule{tableTo("measured", "public.measurements")}
			l.follow(nil)
			stop()
			l.asNew()
			l.nothingLeft(t)
			if n := sandbox.Query(t, l.target, "select count(*) from pg_index where not indisvalid"); n[0] != "0" {
				t.Errorf("%s indexes are not valid", n[0])
			}
		})
	}
}
