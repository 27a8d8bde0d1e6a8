package executor_test

import (
	"strings"
	"testing"
)

// exchanges are of unique values, in as many ways as there are for rows to exchange
// them. Each line is a statement.
var exchanges = []string{
	// Two rows.
	`update public.t set u = -1 where id = 1
	 update public.t set u = 1 where id = 2
	 update public.t set u = 2 where id = 1`,
	// Three, in a ring.
	`update public.t set u = -1 where id = 1
	 update public.t set u = 1 where id = 3
	 update public.t set u = 3 where id = 2
	 update public.t set u = 2 where id = 1`,
	// A chain, each the value of the one before.
	`update public.t set u = 1000 where id = 14
	 update public.t set u = 14 where id = 13
	 update public.t set u = 13 where id = 12
	 update public.t set u = 12 where id = 11
	 update public.t set u = 11 where id = 14`,
	// Through NULL.
	`update public.t set u = null where id in (1, 2)
	 update public.t set u = 2 where id = 1
	 update public.t set u = 1 where id = 2`,
	// The keys themselves, alone and with another value.
	`update public.t set id = -1 where id = 1
	 update public.t set id = 1 where id = 2
	 update public.t set id = 2 where id = -1`,
	`update public.t set id = -1, u = -1 where id = 1
	 update public.t set id = 1 where id = 2
	 update public.t set id = 2, u = 1 where id = -1`,
	// A row that goes leaves its value, and one that comes takes it.
	`delete from public.t where id = 5
	 update public.t set u = 5 where id = 6
	 insert into public.t values (5, 6, 5, 5)`,
	`update public.t set u = 7000 where id = 7
	 insert into public.t values (700, 7, 700, 700)
	 delete from public.t where id = 700
	 update public.t set u = 7 where id = 7`,
	// Upserts of one row.
	`insert into public.t values (8, 0, 8, 0) on conflict (id) do update set u = 800
	 insert into public.t values (8, 0, 8, 0) on conflict (id) do update set u = excluded.u, d = excluded.d
	 insert into public.t values (800, 0, 800, 800) on conflict (u) do nothing
	 insert into public.t values (801, 0, 8, 801) on conflict (u) do update set v = 'met', u = 8`,
	// Where a constraint waits for the end of the statement, or for the commit.
	`update public.t set d = case d when 3 then 4 else 3 end where d in (3, 4)
	 update public.t set d = d % 9 + 1 where d between 1 and 9`,
	`update public.t set e = 10 - e where e between 1 and 9
	 update public.t set e = e % 9 + 1 where e between 1 and 9`,
	// Where a value is unique under a condition.
	`update public.t set v = 'free' where id = 1
	 update public.t set p = 1, v = 'taken' where id = 2
	 update public.t set p = 2, v = 'taken' where id = 1`,
}

// Unique values that rows exchange are with the right rows in the end: in a transaction
// by itself, in one that has enough changes to go by the set, and in many that arrive
// together.
func TestChangesOfUniqueValuesThatRowsExchange(t *testing.T) {
	t.Parallel()
	const fill = "delete from public.t; insert into public.t select i, i, i, i, case when i < 10 then 'taken' end, i from generate_series(1, 40) i"
	l := &live{move: newMove(t, 0, 0)}
	var runs bySet
	l.begin(t, pad+`
		create table public.t (id int primary key, u int unique, d int unique deferrable initially immediate,
			e int, v text, p int, constraint no_two exclude using btree (e with =) deferrable initially deferred);
		create unique index on public.t (p) where v = 'taken'`, runs.watch)
	for _, exchange := range exchanges {
		statements := strings.Split(exchange, "\n")
		l.do(fill)
		l.settle()
		l.do("begin;" + strings.Join(statements, ";") + "; commit")
		l.same()
		l.do(fill)
		l.settle()
		l.do(padded(strings.Join(statements, ";")))
		l.same()
		l.do(fill)
		l.settle()
		l.rest()
		l.do("update public.pad set n = n + 1")
		for _, statement := range statements {
			l.do(statement)
		}
		l.follow(runs.watch)
		l.same()
		if t.Failed() {
			t.Fatalf("after the exchange\n%s", exchange)
		}
	}
	if runs.applied.Load() == 0 || runs.backed.Load() == 0 {
		t.Errorf("%d runs by the set, and %d that could not be: the test shows too little", runs.applied.Load(), runs.backed.Load())
	}
}
