package executor_test

import (
	"slices"
	"strings"
	"testing"

	"sluice/examples/sandbox"
	"sluice/planner"
)

// What the source gets while its changes are followed is a difference that the
// next plan shows and the next run makes: the changes stop at a new column, and
// go on behind it.
func TestTheNextPlanIsTheDifference(t *testing.T) {
	t.Parallel()
	l := newLive(t, `
		create table public.customers (id int primary key);
		create table public.orders (id int primary key, customer int, v text);
		insert into public.customers values (1), (2);
		insert into public.orders select i, 1, 'old' from generate_series(1, 100) i;`)
	sandbox.Exec(t, l.target, "create table public.theirs (id int); create index theirs_i on public.theirs (id)")
	l.do(`
		alter table public.orders add column paid numeric(10,2);
		comment on column public.orders.paid is 'since today';
		create index orders_v on public.orders (v);
		alter table public.orders add constraint positive check (id > 0), add foreign key (customer) references public.customers;
		create type public.mood as enum ('fine');
		create view public.unpaid as select id from public.orders where paid is null;
		create function public.f() returns int language sql as 'select 1'`)
	l.do("update public.orders set paid = id where id <= 10; insert into public.orders values (101, 2, 'new', 7)")
	l.pauses("orders")
	l.rest()

	plan, err := l.plan(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var todo []string
	for _, s := range plan.Steps {
		if !s.Done && s.Action != planner.Follow {
			todo = append(todo, s.ID)
		}
	}
	slices.Sort(todo)
	want := []string{
		"alter foreign key public.orders.orders_customer_fkey validated",
		"alter table public.orders add column paid",
		"create constraint public.orders.positive",
		"create foreign key public.orders.orders_customer_fkey",
		"create function public.f()",
		"create index public.orders_v",
		"create type public.mood",
		"create view public.unpaid",
	}
	if !slices.Equal(todo, want) {
		t.Errorf("to do:\n%s\nwant\n%s", strings.Join(todo, "\n"), strings.Join(want, "\n"))
	}

	l.follow(nil)
	l.do("update public.orders set paid = 0 where id = 50; delete from public.orders where id = 51")
	l.settle()
	sandbox.Exec(t, l.target, "drop table public.theirs") // still there: nobody's business but its owner's
	l.equal(t)
	l.nothingLeft(t)
}

// A column with a default may have had any value in the rows that are copied.
func TestAColumnWithADefaultIsNotGuessed(t *testing.T) {
	t.Parallel()
	l := newLive(t, "create table public.t (id int primary key); insert into public.t values (1);")
	l.do("alter table public.t add column v int default 7")
	l.rest()
	if _, err := l.plan(t.Context()); err == nil || !strings.Contains(err.Error(), "C124 table public.t") {
		t.Errorf("the plan says %v", err)
	}
}

// A new column comes after its type and before the view and the function that
// use it; the function of a default is both, and comes first.
func TestAColumnComesAfterItsTypeAndBeforeItsUsers(t *testing.T) {
	t.Parallel()
	l := newLive(t, `
		create table public.users (id int primary key, name text);
		insert into public.users select i, 'u' || i from generate_series(1, 50) as i;`)
	l.do(`
		create type public.mood as enum ('good', 'bad');
		create function public.of_row(public.users) returns public.mood language sql immutable as $$ select 'good'::public.mood $$;
		alter table public.users add mood public.mood;
		alter table public.users alter mood set default public.of_row(null::public.users);
		create function public.moods() returns setof public.mood language sql begin atomic select mood from public.users; end;
		create view public.happy as select id from public.users where mood = 'good'`)
	l.do("update public.users set mood = 'good' where id = 3; insert into public.users values (51, 'new')")
	l.pauses("users")
	l.rest()
	l.do("alter table public.users alter mood drop default")
	l.follow(nil)
	l.settle()
	if got := sandbox.Query(t, l.target, "select id from public.happy order by id"); !slices.Equal(got, []string{"3", "51"}) {
		t.Errorf("%q are good", got)
	}
	l.equal(t)
	l.nothingLeft(t)
}
