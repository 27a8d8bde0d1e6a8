package executor_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sluice/examples/sandbox"
	"sluice/executor/replay"
)

// A trigger or a rule of the target that fires for a replica, too, sees each change in
// the source's order: all that came before it, in other tables too, and nothing that
// came after. Those for the origin alone see none.
func TestChangesAsWhatActsOnTheTargetSeesThem(t *testing.T) {
	t.Parallel()
	l := newLive(t, `
		create table public.watched (id int primary key, v int);
		create table public.ruled (id int primary key, v int);
		create table public.beside (id int primary key, v int);
		insert into public.watched values (1, 0);
		insert into public.beside select i, 0 from generate_series(1, 20) i;`)
	l.rest()
	sandbox.Exec(t, l.target, `
		create schema apart;
		create table apart.seen (n int generated always as identity, what text);
		create function apart.note() returns trigger language plpgsql as $$ begin
			insert into apart.seen (what) select concat_ws(' ', tg_name, tg_op, old.id, old.v, new.id, new.v, 'beside', sum(v)) from public.beside;
			return null; end $$;
		create trigger always after insert or update or delete on public.watched for each row execute function apart.note();
		create trigger origin after insert or update or delete on public.watched for each row execute function apart.note();
		create trigger replica after insert or update or delete on public.watched for each row execute function apart.note();
		alter table public.watched enable always trigger always, enable replica trigger replica;
		create rule always as on insert to public.ruled do also insert into apart.seen (what) values (concat_ws(' ', 'rule', new.id, 'beside', (select sum(v) from public.beside)));
		alter table public.ruled enable always rule always`)
	var script strings.Builder
	var want []string
	for n := 1; n <= 10; n++ {
		fmt.Fprintf(&script, `update public.beside set v = %[1]d;
			insert into public.watched values (2, %[1]d); update public.watched set v = %[1]d where id = 1; delete from public.watched where id = 2;
			insert into public.ruled values (1, %[1]d); delete from public.ruled where id = 1;`, n)
		for _, op := range []string{fmt.Sprintf("INSERT 2 %d", n), fmt.Sprintf("UPDATE 1 %d 1 %d", n-1, n), fmt.Sprintf("DELETE 2 %d", n)} {
			for _, trigger := range []string{"always", "replica"} {
				want = append(want, fmt.Sprintf("%s %s beside %d", trigger, op, 20*n))
			}
		}
		want = append(want, fmt.Sprintf("rule 1 beside %d", 20*n))
	}
	l.do(script.String())
	l.follow(nil)
	if diff := cmp.Diff(want, sandbox.Query(t, l.target, "select what from apart.seen order by n")); diff != "" {
		t.Errorf("what was seen (-want +got):\n%s", diff)
	}
	sandbox.Exec(t, l.target, "drop schema apart cascade")
	l.same()
}

// A trigger of the target that swallows a row, or makes it another one's, and a rule
// that does something else instead: a row less is a divergence.
func TestChangesThatTheTargetSwallowsAreADivergence(t *testing.T) {
	t.Parallel()
	l := newLive(t, "create table public.t (id int primary key, v int); insert into public.t select i, 0 from generate_series(1, 40) i")
	for name, swallow := range map[string]string{
		"trigger": `create function public.none() returns trigger language plpgsql as 'begin return null; end';
			create trigger none before insert or update or delete on public.t for each row execute function public.none();
			alter table public.t enable replica trigger none`,
		"rule on insert": "create rule none as on insert to public.t do instead nothing; alter table public.t enable always rule none",
		"rule on update": "create rule none as on update to public.t do instead nothing; alter table public.t enable always rule none",
		"rule on delete": "create rule none as on delete to public.t do instead nothing; alter table public.t enable always rule none",
	} {
		sandbox.Exec(t, l.target, swallow)
		l.do("update public.t set v = v + 1; delete from public.t where id > 20; insert into public.t select i, 0 from generate_series(21, 40) i")
		if d := refusal[*replay.Divergence](t, l.failure(), "public.t"); d.Rows != 0 || d.Err != nil {
			t.Errorf("%s: the divergence is %+v", name, d)
		}
		sandbox.Exec(t, l.target, "drop trigger if exists none on public.t; drop rule if exists none on public.t; drop function if exists public.none")
		l.follow(nil)
		l.same()
	}
}

// Row security on the target stops the changes of a role that it holds for, and never
// hides a row from them.
func TestChangesStopAtRowSecurity(t *testing.T) {
	t.Parallel()
	l := &live{move: newMove(t, 0, 0)}
	l.targetRole = "mover_" + databaseName(l.target)
	sandbox.Exec(t, l.target, strings.NewReplacer("$role", l.targetRole, "$db", databaseOf(l.target)).Replace(
		"create role $role login; grant create on database $db to $role; grant all on schema public to $role; grant set on parameter session_replication_role to $role"))
	t.Cleanup(func() {
		sandbox.Exec(t, l.target, fmt.Sprintf("reassign owned by %[1]s to current_user; drop owned by %[1]s; drop role %[1]s", l.targetRole))
	})
	l.begin(t, "create table public.t (id int primary key, v int); insert into public.t select i, 0 from generate_series(1, 40) i", nil)
	const rows = "select id, v from public.t order by id"
	for _, change := range []string{
		"insert into public.t values (100, 0)",
		"update public.t set v = v + 1",
		"delete from public.t where id > 30",
		"update public.t set id = -id where id = 1",
	} {
		before := sandbox.Query(t, l.target, rows)
		sandbox.Exec(t, l.target, "create policy even on public.t using (id % 2 = 0); alter table public.t enable row level security, force row level security")
		l.do(change)
		d := refusal[*replay.Divergence](t, l.failure(), "public.t", "42501")
		if diff := cmp.Diff(before, sandbox.Query(t, l.target, rows)); diff != "" || d.LSN == 0 {
			t.Errorf("%s: the divergence is %+v, and of its transaction these rows stay:\n%s", change, d, diff)
		}
		sandbox.Exec(t, l.target, "drop policy even on public.t; alter table public.t disable row level security, no force row level security")
		l.follow(nil)
		l.same()
	}
}
