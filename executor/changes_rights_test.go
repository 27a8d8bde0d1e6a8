package executor_test

import (
	"fmt"
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sluice/examples/sandbox"
	"sluice/executor"
	"sluice/executor/session"
	"sluice/planner"
	"sluice/state"
)

// firing has foreign keys with every action, deferred, in a circle, to itself, not
// valid, from and to partitioned tables; triggers and rules that leave rows, which
// would come twice if they fired on the target, or change the row; and keys that may
// be violated within a statement or a transaction.
const firing = `
	create table public.authors (id int primary key, books int not null default 0);
	create table public.books (id int primary key, author int not null references public.authors on delete cascade on update cascade, v int not null default 0);
	create table public.reviews (id int primary key, book int references public.books on delete set null, author int default 1 references public.authors on delete set default on update cascade);
	create table public.tree (id int primary key, parent int references public.tree on delete cascade);
	create table public.hens (id int primary key, egg int);
	create table public.eggs (id int primary key, hen int references public.hens deferrable initially deferred);
	alter table public.hens add foreign key (egg) references public.eggs deferrable initially immediate;
	create table public.orphans (id int primary key, author int);
	insert into public.orphans values (1, -1), (2, 1);
	alter table public.orphans add constraint orphans_author_fkey foreign key (author) references public.authors on delete cascade on update cascade not valid;
	create table public.parts (id int not null, day int not null, author int references public.authors on delete set null on update cascade, primary key (id, day)) partition by range (day);
	create table public.parts_low partition of public.parts for values from (0) to (100);
	create table public.parts_high partition of public.parts for values from (100) to (200);
	create table public.lines (id int primary key, part int not null, day int not null, foreign key (part, day) references public.parts);
	create table public.ranks (id int primary key, pos int not null unique deferrable initially immediate, place int not null unique deferrable initially deferred);
	create table public.slots (id int primary key, pos int not null unique deferrable);
	create table public.audit (n bigint generated always as identity primary key, what text);
	create table public.notes (id int primary key);
	create table public.notes_log (id int not null, at int not null default 0);
	alter table public.notes_log replica identity full;
	create function public.note() returns trigger language plpgsql as $$ begin
		insert into public.audit (what) values (concat_ws(' ', tg_table_name, tg_op, old, new)); return null; end $$;
	create function public.raise_v() returns trigger language plpgsql as $$ begin new.v := new.v + 1; return new; end $$;
	create function public.count_books() returns trigger language plpgsql as $$ begin
		update public.authors set books = books + 1 where id = new.author; return null; end $$;
	create trigger note after insert or update or delete on public.books for each row execute function public.note();
	create trigger raise_v before insert or update on public.books for each row execute function public.raise_v();
	create trigger stays_off before insert on public.books for each row execute function public.note();
	alter table public.books disable trigger stays_off;
	create constraint trigger late after insert on public.books deferrable initially deferred for each row execute function public.count_books();
	create trigger note after insert or update or delete on public.parts for each row execute function public.note();
	create trigger emptied after truncate on public.slots for each statement execute function public.note();
	create rule log_notes as on insert to public.notes do also insert into public.notes_log values (new.id);
	create view public.titles as select id, v from public.books;
	create rule on_view as on delete to public.titles do instead delete from public.books where id = old.id;
	insert into public.authors select i, 0 from generate_series(1, 100) i;
	insert into public.books select i, i from generate_series(1, 100) i;
	insert into public.tree select i, nullif(i / 2, 0) from generate_series(1, 100) i;
	insert into public.parts select i, i * 3, i from generate_series(1, 60) i;
	insert into public.ranks select i, i, i from generate_series(1, 10) i;
	insert into public.slots select i, i from generate_series(1, 10) i;`

// onFiring are what the writers do.
var onFiring = []string{
	"insert into public.authors values (100000 + $n)",
	"insert into public.books values (100000 + $n, 100000 + $n)",
	"insert into public.reviews values (100000 + $n, 100000 + $n, 100000 + $n)",
	"insert into public.orphans values (100000 + $n, 100000 + $n)",
	"update public.authors set id = id + 10000000 where id = 100000 + $n - 7",
	"delete from public.authors where id = 100000 + $n - 20",
	"delete from public.titles where id = 100000 + $n - 31",
	"insert into public.tree values (100000 + $n, 1 + abs($n) % 100); insert into public.tree values (20000000 + $n, 100000 + $n)",
	"delete from public.tree where id = 100000 + $n - 13",
	"insert into public.eggs values (100000 + $n, 100000 + $n); insert into public.hens values (100000 + $n, 100000 + $n)",
	"set constraints all deferred; delete from public.eggs where id = 100000 + $n - 9; delete from public.hens where id = 100000 + $n - 9; set constraints all immediate",
	"insert into public.parts values (100000 + $n, abs($n) % 200, 100000 + $n)",
	"update public.parts set day = 199 - day where id = 100000 + $n - 5",
	"insert into public.lines values (100000 + $n, 1 + abs($n) % 60, 3 * (1 + abs($n) % 60))",
	"insert into public.notes values (100000 + $n)",
	"lock table public.ranks in share row exclusive mode; update public.ranks set pos = pos + 1, place = place - 1",
}

// confined makes a move whose role on the target is neither superuser nor for
// replication, and may not set session_replication_role.
func confined(t *testing.T, sourceMajor, targetMajor int) *live {
	t.Helper()
	l := &live{move: newMove(t, sourceMajor, targetMajor), t: t}
	l.targetRole = "limited_" + databaseName(l.target)
	sandbox.Exec(t, l.target, strings.NewReplacer("$role", l.targetRole, "$db", databaseOf(l.target)).Replace(
		"create role $role login; grant create, temporary on database $db to $role; grant all on schema public to $role"))
	t.Cleanup(func() {
		sandbox.Exec(t, l.target, fmt.Sprintf("reassign owned by %[1]s to current_user; drop owned by %[1]s; drop role %[1]s", l.targetRole))
	})
	return l
}

// firingOnTarget are the foreign keys, triggers and rules that the target has.
func (m *move) firingOnTarget(t testing.TB) []string {
	t.Helper()
	return firingOn(t, m.target)
}

// firingOn are those of a database, with their state, without what belongs to views
// and to sluice.
func firingOn(t testing.TB, url string) []string {
	t.Helper()
	return sandbox.Query(t, url, `
		select 'key ' || k.conrelid::regclass || ' ' || case when k.conparentid = 0 then k.conname end || ' ' || pg_get_constraintdef(k.oid) || ' ' || k.convalidated from pg_constraint k where k.contype = 'f' and k.conparentid = 0
		union all select 'key of a partition ' || k.conrelid::regclass || ' ' || k.confrelid::regclass || ' ' || k.convalidated from pg_constraint k where k.contype = 'f' and k.conparentid <> 0
		union all select 'trigger ' || g.tgname || ' ' || g.tgrelid::regclass || ' ' || g.tgenabled::text from pg_trigger g where not g.tgisinternal and g.tgname <> 'sluice_fence'
		union all select 'rule ' || r.rulename || ' ' || r.ev_enabled::text from pg_rewrite r join pg_class c on c.oid = r.ev_class where r.rulename <> '_RETURN' and c.relkind = 'r' and r.oid >= 16384
		order by 1`)
}

// sameFiring checks that nothing has arrived twice and that all that fires is as on the source.
func (l *live) sameFiring() {
	l.t.Helper()
	l.equal(l.t)
	if diff := cmp.Diff(firingOn(l.t, l.source), firingOn(l.t, l.target)); diff != "" {
		l.t.Errorf("keys, triggers and rules differ (-source +target):\n%s", diff)
	}
	l.nothingLeft(l.t)
}

// The whole way with a role that may not set session_replication_role, under live
// writes until the fence: cascades and what triggers write arrive once, and after the
// cutover both sides are the same, to pg_dump as well.
func TestChangesOfARoleWithoutTheReplicaRole(t *testing.T) {
	t.Parallel()
	for _, majors := range rightsMajors() {
		t.Run(majors.String(), func(t *testing.T) {
			t.Parallel()
			l := confined(t, majors.source, majors.target)
			l.begin(t, firing, nil)
			if there := l.firingOnTarget(t); len(there) != 1 || !strings.HasPrefix(there[0], "trigger stays_off") {
				t.Errorf("before the cutover the target has %q, want the disabled trigger alone", there)
			}
			l.fenced = true
			stop := l.crowd(3, onFiring...)
			defer stop()
			for range 3 {
				l.settle()
				l.do("begin; lock table public.ranks in share row exclusive mode; set constraints all deferred; update public.ranks set pos = 1; update public.ranks set pos = 11 - id, place = 11 - place; " +
					"update public.authors set id = id + 5000 where id between 10 and 20; delete from public.authors where id between 21 and 25 or id between 5000 and 5015; commit")
			}
			l.do("begin; update public.slots set pos = pos + 1; truncate public.slots; insert into public.slots values (3, 3), (4, 4); update public.slots set pos = pos + 1; commit")
			l.rest() // and again, as another run
			l.follow(nil)
			if err := l.cutOver(l.ctx, t); err != nil {
				t.Fatal(err)
			}
			<-l.ended
			stop()
			if l.err != nil || l.outcome != executor.CutOver {
				t.Fatalf("the run ended with %q, %v", l.outcome, l.err)
			}
			l.sameFiring()
			if majors.source == majors.target && majors.source == pgDumpMajor(t) {
				l.sameDump(t)
			}
			l.cleansUp(t)
		})
	}
}

// cleansUp runs a cleanup, after which the target is as it was left, and nothing of
// sluice is on either side.
func (l *live) cleansUp(t *testing.T) {
	t.Helper()
	before := firingOn(t, l.target)
	source, target, st, err := l.catalogs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	plan := planner.Cleanup(l.spec, source, target, st, false)
	for _, f := range plan.Findings {
		if f.Blocks() || f.Code == "W231" {
			t.Errorf("the cleanup says %s: %s", f.Code, f.Summary)
		}
	}
	if outcome, err := l.runPlan(l.ctx, plan, nil); err != nil || outcome != executor.Finished {
		t.Fatalf("the cleanup ended with %q, %v", outcome, err)
	}
	if diff := cmp.Diff(before, firingOn(t, l.target)); diff != "" {
		t.Errorf("the cleanup has changed the target (-before +after):\n%s", diff)
	}
	for _, url := range []string{l.source, l.target} {
		if left := sandbox.Query(t, url, "select nspname from pg_namespace where nspname = 'sluice'"); len(left) > 0 {
			t.Error("the schema of sluice is left")
		}
	}
	if left := sandbox.Query(t, l.source, "select slot_name from pg_replication_slots where database = current_database() union all select pubname from pg_publication"); len(left) > 0 {
		t.Errorf("left on the source: %q", left)
	}
}

// With the right everything is there before the changes, as ever.
func TestChangesOfARoleWithTheReplicaRole(t *testing.T) {
	t.Parallel()
	l := confined(t, 0, 0)
	sandbox.Exec(t, l.target, "grant set on parameter session_replication_role to "+l.targetRole)
	t.Cleanup(func() {
		sandbox.Exec(t, l.target, "revoke set on parameter session_replication_role from "+l.targetRole)
	})
	l.begin(t, firing, nil)
	if diff := cmp.Diff(firingOn(t, l.source), firingOn(t, l.target)); diff != "" {
		t.Errorf("keys, triggers and rules differ before the cutover (-source +target):\n%s", diff)
	}
	stop := l.crowd(2, onFiring...)
	l.settle()
	l.settle()
	stop()
	l.same()
	if err := l.cutOver(l.ctx, t); err != nil {
		t.Fatal(err)
	}
	<-l.ended
	l.sameFiring()
}

// A right that comes and goes: with it the next run makes everything at once; without
// it the plan names what is in the way, and a run that was planned with it says so.
func TestTheReplicaRoleComesAndGoes(t *testing.T) {
	t.Parallel()
	l := confined(t, 0, 0)
	l.begin(t, firing, nil)
	source, target, st, err := l.catalogs(l.ctx)
	if err != nil {
		t.Fatal(err)
	}
	grant, revoke := "grant set on parameter session_replication_role to "+l.targetRole, "revoke set on parameter session_replication_role from "+l.targetRole
	sandbox.Exec(t, l.target, grant)
	t.Cleanup(func() { sandbox.Exec(t, l.target, revoke) })
	target.Server.MayReplicaRole = true
	payload, err := planner.Cutover(l.spec, source, target, st).JSON()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.ask(l.ctx, t, executor.RequestCutover, payload); err == nil || !strings.Contains(err.Error(), "run it again") {
		t.Errorf("a cutover that would leave the keys out says %v", err)
	}
	l.rest()
	l.follow(nil)
	l.do("delete from public.authors where id between 2 and 9")
	l.same()
	if diff := cmp.Diff(firingOn(t, l.source), firingOn(t, l.target)); diff != "" {
		t.Errorf("with the right keys, triggers and rules differ (-source +target):\n%s", diff)
	}
	plan, err := l.plan(l.ctx)
	if err != nil {
		t.Fatal(err)
	}
	l.rest()
	sandbox.Exec(t, l.target, revoke)
	if _, err := l.plan(l.ctx); err == nil || !strings.Contains(err.Error(), "C109") || !strings.Contains(err.Error(), "books_author_fkey") {
		t.Errorf("the plan without the right says %v", err)
	}
	if _, err := l.runPlan(l.ctx, plan, nil); err == nil || !strings.Contains(err.Error(), "may not set session_replication_role any more") {
		t.Errorf("the run without the right says %v", err)
	}
	sandbox.Exec(t, l.target, grant)
	l.follow(nil)
	l.same()
}

// Somebody makes a trigger on the target: it would fire. The run stops and names it,
// before it writes anything.
func TestChangesStopAtATriggerThatWouldFire(t *testing.T) {
	t.Parallel()
	l := confined(t, 0, 0)
	l.begin(t, firing, nil)
	for name, c := range map[string]struct{ make, drop string }{
		"trigger twice on public.authors":            {"create trigger twice after insert on public.authors for each row execute function public.note()", "drop trigger twice on public.authors"},
		"trigger twice on public.parts_low":          {"create trigger twice after insert on public.parts_low for each row execute function public.note()", "drop trigger twice on public.parts_low"},
		"foreign key twice on public.books":          {"alter table public.books add constraint twice foreign key (author) references public.authors on delete cascade", "alter table public.books drop constraint twice"},
		"foreign key elsewhere on public.not_theirs": {"create table public.not_theirs (a int constraint elsewhere references public.authors on delete cascade)", "drop table public.not_theirs"},
		"rule twice on public.authors":               {"create rule twice as on insert to public.authors do also notify a", "drop rule twice on public.authors"},
	} {
		l.rest()
		plan, err := l.plan(l.ctx)
		if err != nil {
			t.Fatal(err)
		}
		sandbox.Exec(t, l.target, "set role "+l.targetRole+";"+c.make)
		l.do("insert into public.authors select max(id) + 1 from public.authors")
		_, err = l.runPlan(l.ctx, plan, nil)
		refusal[*session.FiringError](t, err, name, "session_replication_role")
		if _, err := l.plan(l.ctx); err == nil || !strings.Contains(err.Error(), "C109") {
			t.Errorf("%s: the plan says %v", name, err)
		}
		sandbox.Exec(t, l.target, c.drop)
		l.follow(nil)
		l.same()
	}
}

// The process dies where the target is being opened, and the next one goes on: before
// the commit the cutover is served from its start, behind it what is left is done.
func TestACutoverThatIsKilledWhereTheTargetOpens(t *testing.T) {
	t.Parallel()
	for _, point := range []string{"cutover: after drain#0", "cutover: after set sequences#0", "cutover: before its commit#0", "cutover: after its commit#0", "step: before its commit#0", "step: before its commit#2"} {
		t.Run(point, func(t *testing.T) {
			t.Parallel()
			l := confined(t, pgDumpMajor(t), pgDumpMajor(t))
			l.spec.LargeTable = smallTable // as the child's
			l.begin(t, firing, nil)
			l.do("update public.authors set id = id + 5000 where id between 10 and 20; delete from public.authors where id between 21 and 25")
			l.same()
			l.rest()
			child := l.move.start(t, point, "")
			asked := make(chan error, 1)
			go func() { asked <- l.cutOver(l.ctx, t) }()
			if !killed(child) {
				t.Fatal("the point was not reached")
			}
			opened := l.state(t).Phase == state.CutOver
			if there := l.firingOnTarget(t); opened == (len(there) == 1) {
				t.Errorf("the target is open: %v, and it has %q", opened, there)
			}
			if want := !strings.HasPrefix(point, "cutover: after drain") && !strings.HasPrefix(point, "cutover: after set") && !strings.HasPrefix(point, "cutover: before"); opened != want {
				t.Errorf("the target is open: %v, want %v", opened, want)
			}
			if outcome, err := l.run(l.ctx, nil); err != nil || outcome != executor.CutOver {
				t.Fatalf("the next run ended with %q, %v", outcome, err)
			}
			if err := <-asked; err != nil {
				t.Errorf("who asked for the cutover heard %v", err)
			}
			l.sameFiring()
			l.sameDump(t)
		})
	}
}

// killed waits for a child, and says that it killed itself.
func killed(child *exec.Cmd) bool {
	_ = child.Wait()
	return !child.ProcessState.Exited()
}

// A cutover that cannot be finished undoes itself: nothing of it is on the target,
// the changes go on, each once, and the next one succeeds.
func TestACutoverThatFailsLeavesNothingThatFires(t *testing.T) {
	t.Parallel()
	l := confined(t, 0, 0)
	l.begin(t, firing, nil)
	l.fenced = true
	stop := l.crowd(2, "insert into public.authors values (100000 + $n)", "insert into public.books values (100000 + $n, 100000 + $n)", "delete from public.authors where id = 100000 + $n - 20")
	defer stop()
	l.settle()
	before := l.firingOnTarget(t)
	// It cannot make this rule: its function is another's by then.
	sandbox.Exec(t, l.target, "alter function public.note() owner to current_user; revoke all on function public.note() from public, "+l.targetRole)
	err := l.cutOver(l.ctx, t)
	if err == nil || !strings.Contains(err.Error(), "permission denied") || !strings.Contains(err.Error(), "create trigger") {
		t.Fatalf("the cutover said %v, want that it may not make a trigger", err)
	}
	if diff := cmp.Diff(before, l.firingOnTarget(t)); diff != "" {
		t.Errorf("the cutover that failed has left on the target:\n%s", diff)
	}
	if st := l.state(t); st.Done("create foreign key public.books.books_author_fkey") {
		t.Error("and a record of it")
	}
	stop()
	l.do("delete from public.authors where id between 30 and 40; update public.authors set id = id + 5000 where id between 41 and 50; insert into public.books values (5001, 1)")
	l.same()
	sandbox.Exec(t, l.target, "grant execute on function public.note() to public")
	if err := l.cutOver(l.ctx, t); err != nil {
		t.Fatal(err)
	}
	<-l.ended
	if l.err != nil {
		t.Fatal(l.err)
	}
	l.sameFiring()
}

// A key whose rows do not fit (somebody has got around it on the source) is not a
// reason to close the target again: the run says so, the phase stays, and the next run
// tries once more.
func TestAKeyThatDoesNotHoldAfterTheCutover(t *testing.T) {
	t.Parallel()
	l := confined(t, 0, 0)
	l.begin(t, firing, nil)
	l.do("set session_replication_role = replica; insert into public.books values (9001, 9001)")
	l.settle()
	if err := l.cutOver(l.ctx, t); err != nil {
		t.Fatal(err)
	}
	<-l.ended
	refusal[*executor.AfterCutoverError](t, l.err, "books_author_fkey", "the target is open")
	if st := l.state(t); st.Phase != state.CutOver || !strings.Contains(st.Error, "books_author_fkey") {
		t.Errorf("the state is %q: %q", st.Phase, st.Error)
	}
	if valid := sandbox.Query(t, l.target, "select count(*) filter (where not convalidated) from pg_constraint where contype = 'f' and conparentid = 0"); valid[0] != "2" {
		t.Errorf("%s keys are not valid, want the one that was none and the one that does not hold", valid[0])
	}
	sandbox.Exec(t, l.target, "insert into public.authors values (9001)")
	if outcome, err := l.run(l.ctx, nil); err != nil || outcome != executor.CutOver {
		t.Fatalf("the next run ended with %q, %v", outcome, err)
	}
	if diff := cmp.Diff(firingOn(t, l.source), firingOn(t, l.target)); diff != "" {
		t.Errorf("keys, triggers and rules differ (-source +target):\n%s", diff)
	}
	if st := l.state(t); st.Phase != state.CutOver || st.Error != "" {
		t.Errorf("the state is %q: %q", st.Phase, st.Error)
	}
	l.nothingLeft(t)
}

// Tables and partitions that join later have their keys and triggers wait too.
func TestWhatJoinsHasItsKeysWait(t *testing.T) {
	t.Parallel()
	l := confined(t, pgDumpMajor(t), pgDumpMajor(t))
	l.begin(t, firing, nil)
	l.do(`create table public.prizes (id int primary key, author int references public.authors on delete cascade, v int not null default 0);
		create trigger note after insert or update or delete on public.prizes for each row execute function public.note();
		insert into public.prizes select i, i from generate_series(1, 50) i;
		create table public.parts_more partition of public.parts for values from (200) to (300);
		insert into public.parts values (500, 250, 5)`)
	stop := l.crowd(2, "insert into public.authors values (100000 + $n)", "insert into public.prizes values (100000 + $n, 100000 + $n)", "delete from public.authors where id = 100000 + $n - 20")
	defer stop()
	l.rest()
	l.follow(nil)
	l.do("delete from public.authors where id in (2, 3, 5)")
	if there := l.firingOnTarget(t); len(there) != 1 {
		t.Errorf("before the cutover the target has %q", there)
	}
	stop()
	l.same()
	l.spec.Replace = nil
	if err := l.cutOver(l.ctx, t); err != nil {
		t.Fatal(err)
	}
	<-l.ended
	l.sameFiring()
	l.sameDump(t)
}

// rightsMajors are the moves of major versions to themselves.
func rightsMajors() (pairs []majorsPair) {
	for _, major := range widestMajors() {
		pairs = append(pairs, majorsPair{major, major})
	}
	return pairs
}
