package executor_test

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"sluice/examples/sandbox"
	"sluice/executor"
	"sluice/planner"
)

// The rule of the hand-off, where it is hard: each range of keys is read under a
// snapshot of its own, and between two of them the source changes rows in every
// range: those that are loaded and those that are not.
func TestChangesBetweenChunks(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		key    string // type of the key
		script string // run between any two chunks; $n is their number
	}{
		"rows come, change and go": {"bigint", `
			insert into public.t (id, v) select 100000 + $n * 10 + i, 'new' from generate_series(1, 5) i;
			insert into public.t (id, v) values (-$n - 1, 'new low');
			update public.t set v = v || $n where id % 97 = $n;
			delete from public.t where id % 89 = $n;
			insert into public.t (id, v) select id, 'again' from generate_series($n, 4000, 89) id where id > 0 on conflict (id) do update set v = 'there'`},
		"keys move forth and back": {"integer", `
			update public.t set id = id + 50000 where id % 101 = $n and id < 5000;
			update public.t set id = id - 50000 where id >= 50000 and id % 3 = 0;
			update public.t set id = -id where id % 103 = $n;
			update public.t set id = 100000 - id, v = 'mirrored' where id % 107 = $n and id between 1 and 49999;
			update public.t set id = 4001 - id where id = 4000 - $n and not exists (select from public.t where id = $n + 1)`},
		"keys move on before the long value that was not sent is read again": {"integer", `
			begin; update public.t set id = -id where id % 41 = $n and id > 0; commit;
			begin; update public.t set v = v || $n where id < 0; update public.t set id = id - 50000 where id between -4000 and -1 and id % 2 = 0; commit;
			begin; update public.t set id = id - 200000 where id < 0 and id % 3 = 0; update public.t set v = 'on' where id < -200000; commit;
			begin; update public.t set id = id + 300000 where id < -200000 and id % 4 = 0; commit; delete from public.t where id < 0 and id % 5 = 0`},
		"emptied at each": {"integer", `
			begin; truncate public.t;
			insert into public.t (id, v) select i, 'after ' || $n from generate_series(1, 4000, 7) i;
			update public.t set id = id + 1 where id % 5 = 0; commit`},
		"emptied once between changes": {"integer", `
			begin; insert into public.t (id, v) values (-1 - $n, 'before'), (9000000 + $n, 'before'); commit;
			begin; delete from public.t where $n = 2 and id = 17; commit;
			do $$ begin if $n = 3 then execute 'truncate public.t'; end if; end $$;
			begin; insert into public.t (id, v) select $n * 1000 + i + 7000000, 'after' from generate_series(1, 50) i;
			insert into public.t (id, v) values ($n * 100 + 1, 'after') on conflict (id) do update set v = 'updated'; commit`},
		"uuid":  {"uuid", `update public.t set id = md5(id::text || $n)::uuid where ctid = any (array(select ctid from public.t order by id limit 40 offset $n * 50)); delete from public.t where ctid = (select ctid from public.t order by id limit 1 offset 900)`},
		"text":  {`text collate "C"`, `update public.t set id = 'é' || id where ctid = any (array(select ctid from public.t order by id limit 40 offset $n * 50)); update public.t set id = substr(id, 2) where id like 'é%' and length(id) % 2 = 0`},
		"bytea": {"bytea", `update public.t set id = set_byte(id, 0, 255 - get_byte(id, 0)) where ctid = any (array(select ctid from public.t where length(id) > 1 order by id limit 40 offset $n * 50)); update public.t set id = '' where id = (select min(id) from public.t)`},
		"stamp": {"timestamptz", `update public.t set id = timestamptz '2000-01-01' - (id - timestamptz '2000-01-01') + interval '0.25 s' where ctid = any (array(select ctid from public.t where isfinite(id) order by id limit 40 offset $n * 50)); insert into public.t values (case $n % 2 when 0 then timestamptz '-infinity' else 'infinity' end, 'end') on conflict (id) do update set v = 'more'`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			value := map[string]string{
				"uuid": "md5(i::text)::uuid", `text collate "C"`: "md5(i::text)", "bytea": "decode(md5(i::text), 'hex')",
				"timestamptz": "timestamptz '2000-01-01' + i * interval '17 days 1.5 s' * case i % 2 when 0 then 1 else -20 end",
			}[c.key]
			if value == "" {
				value = "i"
			}
			l := &live{move: newMove(t, 0, 0)}
			l.chunkBytes, l.spec.LargeTable = 64<<10, 1
			filler := 150
			if strings.Contains(name, "long value") {
				filler, l.chunkBytes = 3000, 16<<10
			}
			var chunks atomic.Int64
			var truncations sync.WaitGroup
			var one sync.Mutex
			l.begin(t, fmt.Sprintf(`
				create table public.t (id %s primary key, v text, filler text default repeat('f', %d)); alter table public.t alter filler set storage external;
				insert into public.t select %s, 'v' from generate_series(1, 4000) i;`, c.key, filler, value), func(r *executor.Run) {
				for _, s := range r.Plan.Steps {
					if s.Action == planner.Copy && s.Object.Name == "t" && s.Copy.Mode != planner.ChunkSnapshots {
						t.Errorf("the table is read in mode %q: the test shows nothing", s.Copy.Mode)
					}
				}
				r.Settings.Workers = 2
				r.Point = func(name string) {
					if name != "load: after a chunk has committed" || chunks.Load() >= 40 {
						return
					}
					script := strings.ReplaceAll(c.script, "$n", fmt.Sprint(chunks.Add(1)))
					if strings.Contains(script, "truncate") {
						// It waits for the lock of this chunk, and the chunks behind it
						// wait for its own: so it comes between two of them.
						truncations.Go(func() { l.beside(script) })
						return
					}
					one.Lock() // else two would wait for each other's rows
					defer one.Unlock()
					l.beside(script)
				}
			})
			truncations.Wait()
			if chunks.Load() < 3 {
				t.Errorf("%d chunks: the test shows nothing", chunks.Load())
			}
			l.same()
			if rows := sandbox.Query(t, l.target, "select count(*) from public.t"); rows[0] == "0" {
				t.Error("no row is left: the test shows nothing")
			}
		})
	}
}
