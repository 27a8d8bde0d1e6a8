package executor_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"sluice/examples/sandbox"
	"sluice/executor"
	"sluice/planner"
	"sluice/planner/catalog"
	"sluice/state"
	"sluice/state/postgres"
)

// returns has a source with what could come back in another way than it went: triggers
// and foreign keys that would do it twice, keys, identities, partitions, no key at all.
const returns = `
	create table public.customers (id bigint generated always as identity primary key, name text not null, touched int not null default 0);
	create table public.orders (id serial primary key, customer bigint references public.customers on delete cascade, total numeric);
	create table public.notes (at timestamptz, note text);
	alter table public.notes replica identity full;
	create table public.parts (id int, day int, v text, primary key (id, day)) partition by range (day);
	create table public.parts_1 partition of public.parts for values from (0) to (10);
	create table public.parts_2 partition of public.parts for values from (10) to (20);
	create table public.audit (id serial primary key, what text);
	create function public.note() returns trigger language plpgsql as $$ begin
		insert into public.audit (what) values (tg_op || ' ' || coalesce(new.id, old.id)); return coalesce(new, old); end $$;
	create trigger note after insert or update or delete on public.orders for each row execute procedure public.note();
	create materialized view public.totals as select customer, sum(total) from public.orders group by customer;
	create sequence public.tickets increment 5;
	insert into public.customers (name) select 'customer ' || n from generate_series(1, 20) n;
	insert into public.orders (customer, total) select 1 + n % 20, n from generate_series(1, 100) n;
	insert into public.notes select now(), 'note' from generate_series(1, 3);
	insert into public.parts select n, n % 20, 'part ' || n from generate_series(1, 100) n;
	select nextval('public.tickets') from generate_series(1, 7);`

// newSide is what the application does on the new side.
func newSide(n int) string {
	return fmt.Sprintf(`
		insert into public.customers (name) values ('new %[1]d');
		insert into public.orders (customer, total) select max(id), %[1]d from public.customers;
		update public.customers set touched = touched + 1 where id = 1 + %[1]d %% 20;
		update public.orders set total = total + 1 where id = 1 + %[1]d %% 100;
		delete from public.customers where id = 3 + %[1]d %% 10;
		insert into public.notes values (now(), 'new'); delete from public.notes where ctid in (select ctid from public.notes limit 1);
		update public.parts set day = (day + 10) %% 20 where id = 1 + %[1]d %% 100;
		select nextval('public.tickets')`, n)
}

// writes runs scripts on the source, one after another, until one is refused; refused waits
// for that, and returns how many were not.
func (l *live) writes(script func(n int) string) (refused func() int) {
	ended := make(chan int)
	go func() {
		n := 0
		defer func() { ended <- n }()
		conn, err := pgx.Connect(l.ctx, l.source)
		if err != nil {
			l.t.Error(err)
			return
		}
		defer conn.Close(context.WithoutCancel(l.ctx))
		for err == nil {
			l.breathe(l.ctx, conn)
			_, err = conn.PgConn().Exec(l.ctx, script(10+n)).ReadAll()
			n++
		}
	}()
	return func() int { return <-ended }
}

// sameTables is same but for materialised views, which nothing refreshes meanwhile.
func (l *live) sameTables() {
	l.t.Helper()
	l.settle()
	l.equalTables()
}

func (l *live) equalTables() {
	l.t.Helper()
	source, target := sandbox.Sums(l.t, l.source), sandbox.Sums(l.t, l.target)
	for _, view := range sandbox.Query(l.t, l.source, "select relname from pg_class where relkind = 'm'") {
		delete(source, "public."+view)
		delete(target, "public."+view)
	}
	if diff := cmp.Diff(source, target); diff != "" {
		l.t.Errorf("the databases differ (-source +target):\n%s", diff)
	}
}

// turned is the way back of a live move that was cut over.
func (l *live) turned() *live {
	return &live{move: l.back(), t: l.t, ctx: l.ctx, marks: l.marks}
}

// goesOver cuts over with a way back, and returns that, not started yet.
func goesOver(t *testing.T, l *live) *live {
	t.Helper()
	if err := l.cutOver(l.ctx, t); err != nil {
		t.Fatal(err)
	}
	<-l.ended
	if l.err != nil || l.outcome != executor.CutOver {
		t.Fatalf("the run ended with %q, %v", l.outcome, l.err)
	}
	return l.turned()
}

// Promise 27: what the application writes on the new side comes back while it does, each
// change once, and none is lost at the rollback: also what came before apply ran again.
func TestRollback(t *testing.T) {
	t.Parallel()
	for _, versions := range [][2]int{{0, 0}, {12, 0}, {10, 0}} {
		t.Run(fmt.Sprintf("%d to %d", versions[0], versions[1]), func(t *testing.T) {
			t.Parallel()
			l := &live{move: newMove(t, versions[0], versions[1])}
			l.spec.Reverse = true
			script := returns
			if versions[0] == 10 { // no primary key of a partitioned table
				script = strings.Replace(script, ", primary key (id, day)) partition by", ") partition by", 1) +
					"; alter table public.parts_1 add primary key (id, day); alter table public.parts_2 add primary key (id, day)"
			}
			l.begin(t, script, nil)
			fenced := l.writes(newSide)
			b := goesOver(t, l)
			fenced()
			b.do(newSide(1)) // nobody reads it yet
			b.follow(nil)
			b.do(newSide(2))
			b.sameTables()
			b.rest()
			b.do(newSide(3))
			b.follow(nil)
			refused := b.writes(newSide)
			b.do("begin; truncate public.audit; insert into public.audit (what) values ('one'), ('two'); commit")
			if _, err := b.ask(b.ctx, t, executor.RequestVerify, []byte("{}")); err != nil {
				t.Error(err)
			}
			if err := b.cutOver(b.ctx, t); err != nil {
				t.Fatal(err)
			}
			<-b.ended
			if b.err != nil || b.outcome != executor.CutOver {
				t.Fatalf("the way back ended with %q, %v", b.outcome, b.err)
			}
			if n := refused(); n < 10 {
				t.Errorf("%d scripts were written meanwhile", n)
			}
			b.equalTables()
			if got := sandbox.Query(t, l.source, "select nextval('public.tickets')")[0]; got <= sandbox.Query(t, l.target, "select last_value from public.tickets")[0] {
				t.Errorf("tickets go on at %s", got)
			}
			audited := sandbox.Query(t, l.source, "select count(*) from public.audit")[0]
			l.do("insert into public.customers (name) values ('the source takes writes'); insert into public.orders (total) values (1)")
			if now := sandbox.Query(t, l.source, "select count(*) from public.audit")[0]; now == audited {
				t.Error("the source's triggers do not fire any more")
			}
			if total := sandbox.Query(t, l.source, "select count(*) from public.totals t full join (select customer, sum(total) from public.orders where customer is not null group by customer) o using (customer) where t.sum is distinct from o.sum"); total[0] != "0" {
				t.Error("the materialised view is not refreshed")
			}
			if _, err := connect(t, l.target+"&default_transaction_read_only=off").Exec(t.Context(), "insert into public.customers (name) values ('late')"); err == nil || !strings.Contains(err.Error(), "has moved") {
				t.Errorf("a write on the new side: %v", err)
			}
			b.cleanUp(t, false)
			l.cleanUp(t, false)
			l.nothingIsLeftBehind(t)
			if left := sandbox.Query(t, l.target, "select relname from pg_class where relreplident = 'f' and relname <> 'notes'"); len(left) > 0 {
				t.Errorf("replica identity full stays on %v", left)
			}
		})
	}
}

// Names, columns and identities come back as they went.
func TestRollbackOfMappedNames(t *testing.T) {
	t.Parallel()
	l := &live{move: newMove(t, 0, 0)}
	l.spec.Reverse = true
	l.spec.Tables = []planner.TableRule{
		{Table: catalog.Name{Schema: "public", Local: "Was"}, To: catalog.Name{Schema: "app", Local: "is"}, Columns: []planner.ColumnRule{{Column: "Old", To: "new"}}, Exclude: []string{"left"}},
		{Table: catalog.Name{Schema: "public", Local: "keyless"}, ReplicaIdentity: "full"},
	}
	sandbox.Exec(t, l.target, "create schema app")
	l.begin(t, `create table public."Was" (id serial primary key, "Old" text, "left" int default 7); insert into public."Was" ("Old") values ('a'), ('b');
		create table public.keyless (v text); insert into public.keyless values ('one'), ('one'), ('two')`, nil)
	b := goesOver(t, l)
	b.follow(nil)
	b.do("insert into app.is (new) values ('c'); update app.is set new = 'A' where id = 1; delete from app.is where id = 2; delete from public.keyless where ctid = '(0,1)'; update public.keyless set v = 'TWO' where v = 'two'")
	b.settle()
	if got := fmt.Sprint(sandbox.Query(t, l.source, `select concat(id, "Old", "left") from public."Was" order by id`), sandbox.Query(t, l.source, "select v from public.keyless order by v collate \"C\"")); got != "[1A7 3c7] [TWO one]" {
		t.Errorf("the source has %s", got)
	}
	if err := b.cutOver(b.ctx, t); err != nil {
		t.Fatal(err)
	}
	<-b.ended
	l.do(`insert into public."Was" ("Old") values ('d')`)
	if got := fmt.Sprint(sandbox.Query(t, l.source, `select id from public."Was" where "Old" = 'd'`)); got != "[4]" {
		t.Errorf("the sequence gave %s", got)
	}
	b.cleanUp(t, false)
	l.cleanUp(t, false)
	l.nothingIsLeftBehind(t)
}

// What cannot come back is a conflict before anything is copied.
func TestNoWayBack(t *testing.T) {
	t.Parallel()
	rule := func(change func(*planner.TableRule)) func(*planner.Spec) {
		return func(s *planner.Spec) {
			r := planner.TableRule{Table: catalog.Name{Schema: "public", Local: "t"}}
			change(&r)
			s.Tables = []planner.TableRule{r}
		}
	}
	for name, c := range map[string]struct {
		there  string
		change func(*planner.Spec)
		says   string
	}{
		"filter": {change: rule(func(r *planner.TableRule) { r.Where.SQL = "id > 1" }), says: "where keeps rows"},
		"value": {change: rule(func(r *planner.TableRule) {
			r.Columns = []planner.ColumnRule{{Column: "v", Value: planner.Text{SQL: "lower(v)"}}}
		}), says: "column v has a value"},
		"unlogged": {change: func(*planner.Spec) {}, says: "public.u: it is unlogged"},
		"left out": {there: "create table public.t (id int primary key, v text)", change: func(s *planner.Spec) {
			rule(func(r *planner.TableRule) { r.Exclude = []string{"n"} })(s)
			s.Conflicts.OnExisting = planner.ExistingTruncate
		}, says: "column n is left out"},
		"appending": {there: "create table public.t (id int primary key, v text, n int not null)", change: func(s *planner.Spec) { s.Conflicts.OnExisting = planner.ExistingAppend }, says: "rows of the target's own"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMove(t, 0, 0)
			sandbox.Exec(t, m.source, "create table public.t (id int primary key, v text, n int not null); create unlogged table public.u (id int primary key)")
			if c.there != "" {
				sandbox.Exec(t, m.target, c.there)
			}
			c.change(&m.spec)
			m.spec.Reverse = true
			source, target, st, err := m.catalogs(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			var said []string
			for _, f := range planner.Build(m.spec, source, target, st).Findings {
				if f.Code == "C161" {
					said = append(said, f.Summary)
				}
			}
			if !strings.Contains(strings.Join(said, "\n"), c.says) {
				t.Errorf("the plan says %q", said)
			}
		})
	}
}

// A cutover that is undone, or killed and taken back, leaves no slot on the target, and the
// next one succeeds with a way back.
func TestArmingIsUndone(t *testing.T) {
	t.Parallel()
	l := &live{move: newMove(t, 0, 0)}
	l.spec.Reverse = true
	l.begin(t, switched, nil)
	in := connect(t, l.target+"&application_name=sluice_test")
	if _, err := in.PgConn().Exec(t.Context(), "begin; select from public.view").ReadAll(); err != nil {
		t.Fatal(err)
	}
	l.rest()
	l.start(func(r *executor.Run) { r.Cutover.MaxWritePause = 2e9 })
	if err := l.cutOver(l.ctx, t); err == nil || !strings.Contains(err.Error(), "max_write_pause") {
		t.Fatalf("the cutover said %v", err)
	}
	if left := sandbox.Query(t, l.target, "select slot_name from pg_replication_slots where database = current_database() union all select pubname from pg_publication"); len(left) > 0 {
		t.Errorf("left on the target: %v", left)
	}
	if err := in.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	l.do("insert into public.t values (300, 'on')")
	l.same()
	l.rest()
	child := l.move.start(t, "cutover: after arm#0", executor.UntilEnd, childReverse+"=there")
	l.comes(func(st state.State) bool { return st.Lease.Live && st.Phase == state.Following })
	payload, err := l.cutoverPlan(l.ctx)
	if err != nil {
		t.Fatal(err)
	}
	conn := connect(t, l.target)
	id, err := postgres.Ask(l.ctx, conn, address, executor.RequestCutover, payload)
	if err != nil {
		t.Fatal(err)
	}
	died(t, child)
	if err := postgres.Withdraw(l.ctx, conn, id); err != nil {
		t.Fatal(err)
	}
	l.awaitRelease(t)
	plan, err := l.plan(l.ctx)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(plan.Steps, func(s planner.Step) bool { return s.Action == planner.Disarm && !s.Done }) {
		t.Error("the plan does not say that the slot on the target goes")
	}
	l.follow(nil)
	l.same()
	l.nothingToDo(t)
	if left := sandbox.Query(t, l.target, "select slot_name from pg_replication_slots where database = current_database()"); len(left) > 0 {
		t.Errorf("left on the target: %v", left)
	}
	b := goesOver(t, l)
	b.follow(nil)
	b.do("insert into public.t values (400, 'on the new side')")
	b.sameTables()
	b.rest()
	b.cleanUp(t, false)
	l.cleanUp(t, true)
	l.nothingIsLeftBehind(t)
}

// The way back is killed where something is recorded, and so is the rollback: the next run
// goes on, and nothing is lost or comes twice.
func TestARollbackIsKilled(t *testing.T) {
	t.Parallel()
	for point, rollback := range map[string]bool{
		"reverse: after its first record#0": false,
		"":                                  false, // while changes are applied
		"cutover: after fence#1":            true,
		"cutover: after set sequences#0":    true,
		"cutover: before its commit#0":      true,
		"cutover: after its commit#0":       true,
	} {
		t.Run("at "+point, func(t *testing.T) {
			t.Parallel()
			l := &live{move: newMove(t, 0, 0)}
			l.spec.Reverse = true
			l.begin(t, returns, nil)
			b := goesOver(t, l)
			b.do(newSide(1))
			b.do(newSide(2))
			child := b.move.start(t, point, executor.UntilEnd, childReverse+"=back", childSource+"="+l.source, childTarget+"="+l.target)
			if rollback {
				b.comes(func(st state.State) bool { return st.Lease.Live && st.Phase == state.Following })
				payload, err := b.cutoverPlan(b.ctx)
				if err != nil {
					t.Fatal(err)
				}
				conn := connect(t, b.target+"&default_transaction_read_only=off")
				if _, err := postgres.Ask(b.ctx, conn, b.address(), executor.RequestCutover, payload); err != nil {
					t.Fatal(err)
				}
			}
			if point == "" {
				stop := b.repeat(func(n int) string { return newSide(10 + n) })
				b.killed(child, 50)
				stop()
			} else {
				died(t, child)
			}
			if rollback {
				b.start(nil)
				<-b.ended
			} else {
				b.follow(nil)
				b.sameTables()
				if err := b.cutOver(b.ctx, t); err != nil {
					t.Fatal(err)
				}
				<-b.ended
			}
			if b.err != nil || b.outcome != executor.CutOver {
				t.Fatalf("the way back ended with %q, %v", b.outcome, b.err)
			}
			b.equalTables()
			l.do("insert into public.customers (name) values ('the source takes writes')")
			b.awaitRelease(t)
			b.cleanUp(t, false)
			l.cleanUp(t, false)
			l.nothingIsLeftBehind(t)
		})
	}
}

// Promise 27 at its size: with -long a million writes come back.
func TestManyWritesComeBack(t *testing.T) {
	t.Parallel()
	rows, times := 5_000, 4
	if *long {
		rows, times = 100_000, 10
	}
	l := &live{move: newMove(t, 0, 0)}
	l.spec.Reverse = true
	l.begin(t, "create table public.t (id bigserial primary key, v text, n int default 0)", nil)
	b := goesOver(t, l)
	b.follow(nil)
	for n := range times {
		b.do(fmt.Sprintf("insert into public.t (v) select 'row ' || n from generate_series(1, %d) n; update public.t set n = n + 1 where id %% 3 = %d; delete from public.t where id %% 97 = %d", rows, n%3, n))
	}
	if err := b.cutOver(b.ctx, t); err != nil {
		t.Fatal(err)
	}
	<-b.ended
	b.equal(t)
	if want := fmt.Sprint(rows*times + 1); sandbox.Query(t, l.source, "select nextval('public.t_id_seq')")[0] != want {
		t.Errorf("the sequence does not go on at %s", want)
	}
}
