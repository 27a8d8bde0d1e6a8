package executor_test

import (
	"strings"
	"testing"

	"sluice/examples/sandbox"
	"sluice/executor/replay"
)

// A truncation empties exactly what it emptied on the source, at its place in
// the transaction, with the foreign keys between the tables in force.
func TestChangesTruncate(t *testing.T) {
	t.Parallel()
	l := newLive(t, `
		create table public.one (id int generated always as identity primary key, v text);
		create table public.parent (id int primary key);
		create table public.child (id int primary key, parent int references public.parent);
		create table public.grandchild (child int primary key references public.child, "v""w" text);
		create table public.split (id int, region text) partition by list (region);
		create table public.split_eu partition of public.split for values in ('eu');
		create table public.split_us partition of public.split for values in ('us') partition by range (id);
		create table public.split_us_1 partition of public.split_us for values from (0) to (100);
		create table public.split_us_2 partition of public.split_us for values from (100) to (200);
		alter table public.split_eu replica identity full;
		alter table public.split_us_1 replica identity full;
		alter table public.split_us_2 replica identity full;
		create table public.base (id int primary key);
		create table public.heir (primary key (id)) inherits (public.base);
		insert into public.one (v) values ('a'), ('b');
		insert into public.parent values (1), (2);
		insert into public.child values (1, 1), (2, 2);
		insert into public.grandchild values (1);
		insert into public.split values (1, 'eu'), (1, 'us'), (150, 'us');
		insert into public.base values (1);
		insert into public.heir values (2);`)
	if keys := sandbox.Query(t, l.target, "select count(*) from pg_constraint where contype = 'f' and convalidated and connamespace = 'public'::regnamespace"); keys[0] != "2" {
		t.Fatalf("%s foreign keys on the target: the test shows nothing", keys[0])
	}
	for _, script := range []string{
		"truncate public.one",
		"insert into public.one (v) values ('c'); truncate public.one; insert into public.one (v) values ('d')",
		"insert into public.one (v) values ('e'); truncate public.one restart identity; insert into public.one (v) values ('f')",
		"truncate public.grandchild",
		"insert into public.grandchild values (2); truncate public.child, public.grandchild; insert into public.child values (1, 1); insert into public.grandchild values (1)",
		"truncate public.parent cascade; insert into public.parent values (3)",
		"truncate public.split_us_1",
		"insert into public.split values (2, 'us'); truncate public.split_us; insert into public.split values (3, 'us'), (160, 'us')",
		"truncate public.split; insert into public.split values (4, 'eu')",
		"truncate only public.base; insert into public.base values (5)",
		"truncate public.base; insert into public.heir values (6)",
		"savepoint s; truncate public.one; rollback to s; insert into public.one (v) values ('g')",
		"truncate public.one, public.split, public.heir; savepoint s; insert into public.one (v) values ('h'); rollback to s",
		"create temp table one (a int); truncate pg_temp.one",
	} {
		if script[:4] == "save" {
			script = "begin;" + script + "; commit"
		}
		if script[:9] == "truncate " && script[len(script)-1] == 's' {
			script = "begin;" + script + "; commit"
		}
		l.do(script)
		l.same()
	}
}

// A truncation of the source empties its own rows on the target, and none of a table
// that the target has besides: it stops where that is in its way.
func TestChangesTruncateBesideTablesOfTheTarget(t *testing.T) {
	t.Parallel()
	l := newLive(t, "create table public.t (id int primary key); insert into public.t values (1), (2)")
	sandbox.Exec(t, l.target, "create schema local; create table local.heir () inherits (public.t); insert into local.heir values (7)")
	l.do("truncate public.t; insert into public.t values (3)")
	l.settle()
	if rows := sandbox.Query(t, l.target, "select tableoid::regclass, id from public.t order by id"); strings.Join(rows, " ") != "t|3 local.heir|7" {
		t.Errorf("on the target: %v", rows)
	}
	sandbox.Exec(t, l.target, "create table local.child (t int references public.t); insert into local.child values (3)")
	l.do("truncate public.t; insert into public.t values (4)")
	d := refusal[*replay.Divergence](t, l.failure(), "truncate of public.t", "0A000")
	if d.LSN == 0 || !strings.Contains(d.Error(), d.LSN.String()) {
		t.Errorf("the error has no LSN: %v", d)
	}
	if rows := sandbox.Query(t, l.target, "select count(*) from local.child"); rows[0] != "1" {
		t.Errorf("%s rows of a table of the target's own, want 1", rows[0])
	}
	sandbox.Exec(t, l.target, "drop schema local cascade")
	l.follow(nil)
	l.same()
}
