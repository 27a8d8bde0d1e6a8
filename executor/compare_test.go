package executor_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sluice/examples/sandbox"
	"sluice/planner"
)

// What somebody changes on the target behind the migration's back is found, whatever the
// records say; what is not the migration's is not.
func TestTheSchemasAreCompared(t *testing.T) {
	t.Parallel()
	l := newLive(t, `
		create type public.mood as enum ('fine', 'bad');
		create table public.t (id int primary key, v text default 'v', n int not null, m public.mood);
		create index by_v on public.t (v);
		create table public.other (id int primary key, t int references public.t);
		create view public.all_t as select id, v from public.t;
		create sequence public.numbers;
		create function public.f() returns int language sql as 'select 1';
		comment on table public.t is 'a table';`)
	differences := func() (found []string) {
		t.Helper()
		source, target, st, err := l.catalogs(l.ctx)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range planner.Compare(l.spec, source, target, st) {
			found = append(found, strings.TrimSuffix(d.Object.String()+" "+d.What+", "+d.Since+": "+d.Detail, ": "))
		}
		return found
	}
	if found := differences(); len(found) > 0 {
		t.Errorf("nothing was changed: %q", found)
	}
	sandbox.Exec(t, l.target, `
		create table public.theirs (id int primary key); create view public.theirs_too as select 1 as n;
		drop index public.by_v; create index by_n on public.t (n);
		alter table public.t alter v drop default, alter n drop not null, add more text not null default '';
		alter type public.mood add value 'worse';
		alter table public.other drop constraint other_t_fkey;
		drop view public.all_t;
		alter sequence public.numbers increment 2;
		create or replace function public.f() returns int language sql as 'select 2';
		comment on table public.other is 'ours'`)
	l.do("create index by_m on public.t (m); drop function public.f(); alter table public.other add x int")
	got := differences()
	for i := range got { // values are long
		for _, value := range []string{": [{", ": {"} {
			got[i], _, _ = strings.Cut(got[i], value)
		}
	}
	want := []string{
		"foreign key public.other.other_t_fkey only on the source, gone from the target",
		"function public.f() only on the target, gone from the source",
		"index public.by_m only on the source, new on the source",
		"index public.by_n only on the target, new on the target",
		"index public.by_v only on the source, gone from the target",
		"sequence public.numbers different, changed on the target: options",
		"table public.other different, changed on the source: x is missing",
		`table public.t different, changed on the target: v: default: "", on the source "'v'::text"; n: notnull: false, on the source true; more is not on the source`,
		`type public.mood different, changed on the target: labels: ["fine","bad","worse"], on the source ["fine","bad"]`,
		"view public.all_t only on the source, gone from the target",
	}
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("differences (-want +got):\n%s", diff)
	}
}
