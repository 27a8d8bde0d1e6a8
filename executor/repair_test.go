package executor_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sluice/examples/sandbox"
	"sluice/executor"
)

// spoilt are tables that a hand has been in, on the target: rows that are changed, gone
// and too many, with keys and without.
const (
	spoilt = `
		create table public.spoilt (
			id bigint generated always as identity, name text collate "C", v float8, big text, twice bigint generated always as (id * 2) stored,
			primary key (name, id));
		insert into public.spoilt (name, v, big) select 'it''s "' || i % 7 || E'",\\{}', 1.1 * i / 3, (select string_agg(md5(j::text || i), '') from generate_series(1, 200) j)
			from generate_series(1, 500) i;
		create table public.several (v int, w text);
		alter table public.several replica identity full;
		insert into public.several select i / 3, nullif(i / 3, 4)::text from generate_series(0, 29) i;
		create table public.audit (id int primary key, n int);
		insert into public.audit values (1, 0);
		create function public.audited() returns trigger language plpgsql as $$ begin update public.audit set n = n + 1; return null; end $$;
		create trigger audited after insert or update or delete on public.spoilt for each row execute function public.audited();`
	spoil = `
		set session_replication_role = replica;
		create table public.before_test as select id, xmin::text as x from public.spoilt;
		update public.spoilt set v = v + 1 where id in (1, 2);
		update public.spoilt set big = 'none' where id = 3;
		delete from public.spoilt where id in (4, 5);
		insert into public.spoilt (id, name, v) overriding system value values (9999, 'one more', 0);
		delete from public.several where ctid = (select min(ctid) from public.several where v = 1);
		insert into public.several values (2, '2'), (4, null), (77, 'one more')`
)

// What differs is copied again while changes flow, and no row besides; triggers and
// keys are not impressed.
func TestVerifyRepairs(t *testing.T) {
	t.Parallel()
	for _, major := range []int{12, 0} {
		t.Run(fmt.Sprint("PostgreSQL ", major), func(t *testing.T) {
			t.Parallel()
			l := &live{move: newMove(t, major, 0)}
			l.begin(t, counted+spoilt, nil)
			stop := l.writing()
			sandbox.Exec(t, l.target, spoil)
			if differ := l.differ(l.ctx, t, []byte(executor.RepairRows)); len(differ) > 0 {
				t.Errorf("after the repair they differ: %v", differ)
			}
			l.verified(l.ctx, t)
			stop()
			changed := sandbox.Query(t, l.target, `select id from public.spoilt full join public.before_test b using (id) where x is distinct from spoilt.xmin::text order by id`)
			if diff := cmp.Diff([]string{"1", "2", "3", "4", "5"}, changed); diff != "" {
				t.Errorf("rows that were written (-want +got):\n%s", diff)
			}
			sandbox.Exec(t, l.target, "drop table public.before_test")
			l.same()
		})
	}
}

// More than are repaired at once come in several rounds.
func TestVerifyRepairsMany(t *testing.T) {
	t.Parallel()
	l := newLive(t, counted+"insert into public.keyed select -i, i from generate_series(1, 25000) i")
	stop := l.writing()
	sandbox.Exec(t, l.target, "delete from public.keyed where id < -100")
	if differ := l.differ(l.ctx, t, []byte(executor.RepairRows)); len(differ) > 0 {
		t.Errorf("after the repair %d tables differ", len(differ))
	}
	stop()
	l.same()
}

// A repair that is killed before its commit has done nothing, and none of its request
// is answered; asked once more, it is done.
func TestARepairIsKilled(t *testing.T) {
	t.Parallel()
	l := newLive(t, counted+"insert into public.keyed select -i, i from generate_series(1, 10) i")
	l.rest()
	sandbox.Exec(t, l.target, "delete from public.keyed where id = -1")
	child := l.move.start(t, "repair: before it commits", "")
	asked, cancel := context.WithCancel(l.ctx)
	go func() {
		defer cancel()
		_ = child.Wait()
	}()
	if answer, err := l.ask(asked, t, executor.RequestVerify, []byte(executor.RepairRows)); err == nil {
		t.Errorf("the answer is %s", answer)
	}
	if rows := sandbox.Query(t, l.target, "select count(*) from public.keyed where id = -1")[0]; rows != "0" {
		t.Errorf("%s rows were copied", rows)
	}
	l.start(nil)
	if differ := l.differ(l.ctx, t, []byte(executor.RepairRows)); len(differ) > 0 {
		t.Errorf("after the repair they differ: %v", differ)
	}
	l.same()
}
