package executor_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sluice/examples/sandbox"
)

// A replica identity that becomes FULL and comes back says at any time which row is
// meant: the changes go on.
func TestChangesOfAnIdentityThatIsFullMidway(t *testing.T) {
	t.Parallel()
	l := newLive(t, `
		create table public.t (id int primary key, k int not null unique, v text, large text);
		alter table public.t alter large set storage external;
		create table public.by_index (id int, k int not null, v text);
		create unique index by_k on public.by_index (k);
		alter table public.by_index replica identity using index by_k;
		insert into public.t select i, i + 100, 'v', repeat('x', 5000) from generate_series(1, 40) i;
		insert into public.by_index select i % 3, i, 'v' from generate_series(1, 40) i`)
	l.rest() // so that all of it, and what the tables were meanwhile, arrives together
	for _, full := range []bool{false, true, false, true, false} {
		if full {
			l.do("alter table public.t replica identity full; alter table public.by_index replica identity full")
		} else {
			l.do("alter table public.t replica identity default; alter table public.by_index replica identity using index by_k")
		}
		l.do(`update public.t set v = v || id; update public.t set id = -id where id % 4 = 0; update public.t set k = -k where id % 3 = 0;
			delete from public.t where id = (select max(id) from public.t); insert into public.t select max(id) + 1000, max(k) + 1000, 'new' from public.t;
			update public.by_index set v = v || id; update public.by_index set k = -k where k % 4 = 0; delete from public.by_index where k = (select max(k) from public.by_index)`)
	}
	l.follow(nil)
	l.same()
}

// What comes behind an announcement is applied behind what came before it, also where
// it goes by itself.
func TestChangesAcrossAnAnnouncementKeepTheirOrder(t *testing.T) {
	t.Parallel()
	l := newLive(t, "create table public.t (id int primary key, v text); insert into public.t select i, 'v' from generate_series(1, 40) i")
	for _, identity := range []string{"full", "default"} {
		l.do(`begin; update public.t set v = 'before'; alter table public.t replica identity ` + identity + `;
			update public.t set v = repeat('behind', 20000) where id = 1; update public.t set id = -id where id = 2; commit`)
		l.same()
		l.do("update public.t set id = 2 where id = -2")
	}
	l.same()
}

// One that is of other columns than planned stops the table's changes: what the stream says
// of a row may be true of another one, too.
func TestChangesStopWhereAnIdentityIsOfOtherColumns(t *testing.T) {
	t.Parallel()
	for name, ddl := range map[string]string{
		"another index": "alter table public.t replica identity using index t_k",
		"a key that was dropped and made on another column": "alter table public.t drop constraint t_pkey; alter table public.t add constraint t_pkey primary key (k)",
		"another index, and back":                           "alter table public.t replica identity using index t_k; update public.t set v = 'x' where k = 4; alter table public.t replica identity default",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLive(t, `
				create table public.t (id int primary key, k int not null, v text);
				create unique index t_k on public.t (k);
				insert into public.t select i, 41 - i, 'v' from generate_series(1, 40) i`)
			before := sandbox.Query(t, l.target, "select id, k, v from public.t order by id")
			l.do(ddl)
			l.do("update public.t set v = 'x' where k = 1; delete from public.t where k = 2; update public.t set id = 0 where k = 3")
			if q := l.pauses("t")["t"]; !strings.Contains(q.Reason, "replica identity") {
				t.Errorf("paused: %+v", q)
			}
			if diff := cmp.Diff(before, sandbox.Query(t, l.target, "select id, k, v from public.t order by id")); diff != "" {
				t.Errorf("the target's rows have changed (-before +after):\n%s", diff)
			}
		})
	}
}
