package executor_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sluice/examples/sandbox"
	"sluice/executor"
	"sluice/planner"
	"sluice/planner/catalog"
)

// used is late with what a table of a real database has on it and around it.
const used = counted + late + `;
	create schema shop;
	create type shop.mood as enum ('fine', 'bad');
	create table shop.orders (id serial primary key, late int references public.late, mood shop.mood default 'fine'::shop.mood, note text default 'n', v int default 0 check (v >= 0));
	insert into shop.orders (late) select i from generate_series(1, 200) i;
	create unique index late_pad on public.late (v, id, pad);
	create view public.recent_late as select l.id, l.v, o.mood from public.late l left join shop.orders o on o.late = l.id;
	create view public.above as select * from public.recent_late where v > 0;
	create materialized view public.per_v as select v, count(*) as n from public.late group by v;
	create unique index per_v_v on public.per_v (v);
	create function public.touch() returns trigger language plpgsql as $$ begin perform count(*) from public.late; return new; end $$;
	create trigger touch before update on public.keyed for each row when (new.v = -1) execute function public.touch();
	create trigger touch before update on public.late for each row when (new.v = -1) execute function public.touch();
	create function public.lates() returns bigint language plpgsql as $$ begin return (select count(*) from public.late); end $$;
	create rule quiet as on delete to public.above do instead insert into public.plain values (old.id);
	alter table public.late enable row level security;
	create policy own on public.late using (id > 0);
	comment on column public.late.v is 'counts'`

// onUsed are what the writers do to it.
var onUsed = append(slices.Clone(onLate),
	"insert into shop.orders (late, v) values (1 + abs($n) % 50, 1)",
	"update shop.orders set v = v + 1 where id = abs($n) % 200")

// asNew checks that the target is what a migration would make of it that is
// declared as this one is now and was never declared otherwise. Nobody may write.
func (l *live) asNew() {
	l.t.Helper()
	fresh := l.asFresh()
	if diff := cmp.Diff(fresh.objects(l.t), l.objects(l.t)); diff != "" {
		l.t.Errorf("the objects differ from those of a new migration (-new +edited):\n%s", diff)
	}
}

// asFresh compares the rows alone, and returns the new migration.
func (l *live) asFresh() *move {
	l.t.Helper()
	l.settle()
	fresh := &move{source: l.source, target: sandbox.Shared(l.t, 0, "target").Database(l.t), spec: l.spec}
	fresh.spec.Stages.Incremental, fresh.spec.Replace = false, nil
	if outcome, err := fresh.run(l.ctx, nil); err != nil || outcome != executor.Finished {
		l.t.Fatal(outcome, err)
	}
	if _, refreshed := l.objects(l.t)["materialized view public.per_v"]; refreshed { // of the moment, on either side
		sandbox.Exec(l.t, l.target, "refresh materialized view public.per_v")
	}
	if diff := cmp.Diff(sandbox.Sums(l.t, fresh.target), sandbox.Sums(l.t, l.target)); diff != "" {
		l.t.Errorf("the rows differ from those of a new migration (-new +edited):\n%s", diff)
	}
	return fresh
}

// objects are what the target holds, with fingerprints.
func (m *move) objects(t testing.TB) map[string]string {
	t.Helper()
	_, target, _, err := m.catalogs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	objects := map[string]string{}
	for i := range target.Objects {
		if o := &target.Objects[i]; o.ID.Schema != "sluice" && o.ID.Name != "sluice" {
			objects[o.ID.String()] = o.Fingerprint()
		}
	}
	return objects
}

func tableTo(table, to string, columns ...planner.ColumnRule) planner.TableRule {
	schema, local, _ := strings.Cut(to, ".")
	return planner.TableRule{Table: catalog.Name{Schema: "public", Local: table}, To: catalog.Name{Schema: schema, Local: local}, Columns: columns}
}

// A followed table gets another name, other columns, or both, while everything is
// written to: each time the target is what it would be had it always been declared
// so.
func TestATableIsMadeAgain(t *testing.T) {
	t.Parallel()
	for _, pair := range pairsOfMajors() {
		t.Run(fmt.Sprint(pair), func(t *testing.T) {
			t.Parallel()
			tableIsMadeAgain(t, pair)
		})
	}
}

func tableIsMadeAgain(t *testing.T, pair majorsPair) {
	l := &live{move: newMove(t, pair.source, pair.target)}
	l.begin(t, used, nil)
	stop := l.crowd(3, onUsed...)
	orders := catalog.Name{Schema: "shop", Local: "orders"}
	for _, e := range []struct {
		what    string
		tables  []planner.TableRule
		renames []planner.Rename
	}{
		{what: "another name", tables: []planner.TableRule{tableTo("late", "public.recent")}},
		{what: "another schema and columns", tables: []planner.TableRule{tableTo("late", "shop.late", planner.ColumnRule{Column: "v", To: "value"})}},
		{what: "names that are swapped", tables: []planner.TableRule{tableTo("late", "public.keyed"), tableTo("keyed", "public.late")}},
		{what: "as they were"},
		{what: "columns left out and added", tables: []planner.TableRule{{Table: orders, Exclude: []string{"note"},
			Columns: []planner.ColumnRule{{Column: "origin", Add: true, Type: sqlText("text not null"), Value: sqlText("'old'")}}}}},
		{what: "another type", tables: []planner.TableRule{{Table: orders, Exclude: []string{"note"},
			Columns: []planner.ColumnRule{{Column: "v", Type: sqlText("bigint")}}}}},
		{what: "taken in again"},
		{what: "a table that the others refer to", renames: []planner.Rename{{Kind: "column", Match: pattern("*.*.id"), To: called("number")}}},
	} {
		l.rest()
		l.spec.Tables, l.spec.Renames = e.tables, e.renames
		var flows sync.Once
		l.follow(func(r *executor.Run) {
			r.Point = func(name string) {
				if name == "load: before a chunk commits" {
					flows.Do(func() { // the others' changes go on meanwhile
						l.beside("insert into public.plain values (4711)")
						l.wait("select from public.plain where v = 4711")
						l.beside("delete from public.plain where v = 4711")
						l.wait("select where not exists (select from public.plain where v = 4711)")
					})
				}
			}
		})
		flows.Do(func() { t.Errorf("%s: nothing was loaded", e.what) })
		stop()
		l.asNew()
		l.nothingLeft(t)
		l.nothingApart()
		if t.Failed() {
			t.Fatalf("after %s", e.what)
		}
		stop = l.crowd(3, onUsed...)
	}
	stop()
}

// A schema gets another name with all that is in it. What is neither a table nor
// needs one is made under that name, and stays under the old one.
func TestASchemaGetsAnotherName(t *testing.T) {
	t.Parallel()
	l := newLive(t, used+`; create function shop.twice(m shop.mood) returns int language sql as 'select count(*)::int from shop.orders';
		create sequence shop.free; create view shop.one as select 1 as one;`)
	stop := l.crowd(3, onUsed...)
	l.rest()
	l.spec.Renames = []planner.Rename{{Kind: "schema", Match: pattern("shop"), To: called("store")}}
	l.follow(nil)
	stop()
	fresh, objects := l.asFresh().objects(t), l.objects(t)
	var stay []string
	for id := range objects {
		if _, wanted := fresh[id]; !wanted {
			stay = append(stay, id)
			delete(objects, id)
		}
	}
	slices.Sort(stay)
	if want := []string{"function shop.twice(m shop.mood)", "schema shop", "sequence shop.free", "type shop.mood", "view shop.one"}; !slices.Equal(stay, want) {
		t.Errorf("under the old name stay %v, want %v", stay, want)
	}
	if diff := cmp.Diff(fresh, objects); diff != "" {
		t.Errorf("the objects differ from those of a new migration (-new +edited):\n%s", diff)
	}
	l.nothingLeft(t)
	l.nothingApart()
}

// A column that the source gets and that is left out costs nothing; taken in later, it
// is no new one, whose values came with the changes, and the table is loaded again.
func TestAColumnThatWasLeftOutIsLoaded(t *testing.T) {
	t.Parallel()
	l := newLive(t, "create table public.t (id int primary key, v text); insert into public.t values (1, 'a'), (2, 'b');")
	table := catalog.Name{Schema: "public", Local: "t"}
	l.do("alter table public.t add column extra text")
	l.do("insert into public.t values (3, 'c', 'three')")
	l.pauses("t")
	l.rest()
	l.spec.Tables = []planner.TableRule{{Table: table, Exclude: []string{"extra"}}}
	plan, err := l.plan(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if plan.Pending() > 1 {
		t.Errorf("a column that is left out has %d steps to do", plan.Pending())
	}
	l.follow(nil)
	l.do("update public.t set extra = 'one' where id = 1")
	l.settle()
	l.rest()

	l.spec.Tables = nil
	l.follow(nil)
	l.same()
	l.nothingLeft(t)
	l.nothingApart()
}

// -replace takes a table as the source has it now, whatever was changed there.
func TestATableThatChangedIsMadeAgain(t *testing.T) {
	t.Parallel()
	l := newLive(t, `create table public.t (id int primary key, v text, w int); create index t_v on public.t (v);
		insert into public.t values (1, '1', 1), (2, '2', 2);`)
	l.do("alter table public.t alter column v type int using v::int, add column x int not null default 7, drop column w")
	l.do("insert into public.t values (3, 3)")
	l.pauses("t")
	l.rest()
	if got := l.found("W254"); !slices.Equal(got, []string{"public.t"}) {
		t.Errorf("paused are %v", got)
	}
	l.spec.Replace = []catalog.Name{{Schema: "public", Local: "t"}}
	l.follow(nil)
	l.spec.Replace = nil
	l.do("insert into public.t values (4, 4); update public.t set x = 8 where id = 1")
	l.same()
	l.nothingLeft(t)
	l.nothingApart()
}

// A process that is killed anywhere while a table is made again costs no row: the
// next one carries the edit out, or, where it is taken back, that.
// At each point once; with -long going on as well as taking the edit back.
func TestKillsWhileATableIsMadeAgain(t *testing.T) {
	t.Parallel()
	l := newLive(t, used)
	l.rest()
	recent := []planner.TableRule{tableTo("late", "public.recent")}
	for i, point := range []string{
		"leave: before the rows go#0",
		"leave: before its commit#0",
		"step: before its commit#0",
		"slot: after its intent#0",
		"load: before a chunk commits#0",
		"load: after a chunk has committed#0",
		"join: before its record#0",
		"join: after its record#0",
		"remove: before the records go#0",
	} {
		ways := []bool{i%2 == 1, i%2 == 0}
		if !*long {
			ways = ways[:1]
		}
		for _, takenBack := range ways {
			stop := l.crowd(2, onUsed...)
			renamed := l.spec.Tables == nil // and else the old name comes back
			edit := childRenamed + "=" + map[bool]string{true: "recent", false: "late"}[renamed]
			cmd := l.move.start(t, point, executor.UntilEnd, edit)
			if err := cmd.Wait(); cmd.ProcessState.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
				t.Fatalf("%s: the child was not killed there: %v", point, err)
			}
			if renamed != takenBack {
				l.spec.Tables = recent
			} else {
				l.spec.Tables = nil
			}
			l.follow(nil)
			stop()
			l.asNew()
			l.nothingLeft(t)
			l.nothingApart()
			if t.Failed() {
				t.Fatalf("%d: after a kill at %q, renamed %v, taken back %v", i, point, renamed, takenBack)
			}
			l.rest()
		}
	}
}
