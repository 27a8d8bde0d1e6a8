package executor_test

import (
	"encoding/json"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"sluice/examples/sandbox"
	"sluice/executor"
	"sluice/executor/replay"
	"sluice/executor/verify"
	"sluice/planner"
	"sluice/planner/catalog"
	"sluice/state"
)

// aside are tables of which bad is to stay behind.
const aside = `
	create table public.good (id int primary key, v text);
	create table public.bad (id int primary key, v text, good int references public.good);
	create table public.child (id int primary key, bad int references public.bad);
	insert into public.good select i, 'v' from generate_series(1, 100) i;
	insert into public.bad select i, 'v', i from generate_series(1, 100) i;
	insert into public.child select i, i from generate_series(1, 10) i`

// quarantines declares it for one table.
func (m *move) quarantines(table string) {
	m.spec.Tables = append(m.spec.Tables, planner.TableRule{Table: catalog.Name{Schema: "public", Local: table}, OnDivergence: planner.DivergenceQuarantines})
}

// tableText is a table as text.
func tableText(t *testing.T, url, table string) string {
	t.Helper()
	return strings.Join(sandbox.Query(t, url, "select t::text from "+table+" t order by t::text"), "\n")
}

// Promise 2, the other mode: the table stays as the source had it before the
// transaction that does not fit, nothing of that is applied to it, and all else is. It
// is shown, blocks the cutover, and ends when the table is loaded again while the
// changes flow.
func TestATableInQuarantineStaysBehindAlone(t *testing.T) {
	t.Parallel()
	l := &live{move: newMove(t, 0, 0)}
	l.quarantines("bad")
	l.begin(t, aside, nil)
	l.rest()
	sandbox.Exec(t, l.target, "alter table public.bad add constraint small check (id < 1000)")
	var before string
	for i, script := range []string{ // in one batch
		"update public.good set v = 'w'; update public.bad set v = 'w' where id <= 20; insert into public.bad values (101, 'x', 1)",
		"update public.bad set v = 'last' where id = 1; delete from public.child where id = 1; delete from public.bad where id = 100",
		`begin; update public.bad set v = 'lost' where id = 2; insert into public.good values (101, 'new');
			insert into public.bad select i, 'lost', 101 from generate_series(990, 1010) i; update public.good set v = 'behind' where id = 3; commit`,
		"insert into public.bad values (2000, 'lost', 1); insert into public.child values (2000, 2000); delete from public.bad where id between 50 and 60",
		"begin; truncate public.child; update public.good set v = 'at last' where id = 4; commit",
	} {
		if i == 2 {
			before = tableText(t, l.source, "public.bad")
		}
		l.do(script)
	}
	l.follow(nil)
	check := func(passed int64) {
		t.Helper()
		want := []state.Quarantined{{Schema: "public", Table: "bad", FromSchema: "public", FromTable: "bad", Operation: "insert", Key: "id=1000", Passed: passed}}
		got := l.recorded().Quarantined
		if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(state.Quarantined{}, "LSN", "Reason", "Since")); diff != "" {
			t.Errorf("in quarantine (-want +got):\n%s", diff)
		}
		if len(got) == 1 && (got[0].LSN == 0 || got[0].Since.IsZero() || !strings.Contains(got[0].Reason, "23514")) {
			t.Errorf("in quarantine: %+v", got[0])
		}
		if diff := cmp.Diff(before, tableText(t, l.target, "public.bad")); diff != "" {
			t.Errorf("the table (-before +now):\n%s", diff)
		}
		for _, table := range []string{"public.good", "public.child"} {
			if diff := cmp.Diff(tableText(t, l.source, table), tableText(t, l.target, table)); diff != "" {
				t.Errorf("%s (-source +target):\n%s", table, diff)
			}
		}
	}
	check(1 + 21 + 1 + 11)
	if s := l.progress.Load().Snapshot(); len(s.Quarantined) != 1 || s.Quarantined[0].Table != "bad" {
		t.Errorf("shown: %+v", s.Quarantined)
	}
	for range 2 { // also by another process
		l.do("update public.bad set v = v where id = 3; update public.good set v = 'again' where id = 3")
		l.settle()
		l.rest()
		l.follow(nil)
	}
	check(1 + 21 + 1 + 11 + 2)
	l.refusesToSwitch()
	if differ := l.compared(l.ctx, t); len(differ) != 1 || len(differ["bad"]) > 0 {
		t.Errorf("verify: %v", differ)
	}

	// The way out.
	sandbox.Exec(t, l.target, "alter table public.bad drop constraint small")
	stop := l.repeat(func(n int) string {
		return fmt.Sprintf("insert into public.bad values (%d, 'meanwhile', 1); update public.bad set v = 'now' where id = 5; update public.good set v = '%d' where id = 5", 5000+n, n)
	})
	l.rest()
	l.spec.Replace = []catalog.Name{{Schema: "public", Local: "bad"}}
	l.follow(nil)
	l.spec.Replace = nil
	stop()
	l.same()
	l.nothingLeft(t)
	if st := l.recorded(); len(st.Quarantined) > 0 || len(l.progress.Load().Snapshot().Quarantined) > 0 {
		t.Errorf("still in quarantine: %+v", st.Quarantined)
	}
	l.verified(l.ctx, t)
	if err := l.cutOver(l.ctx, t); err != nil {
		t.Errorf("cutting over: %v", err)
	}
	<-l.ended
}

// refusesToSwitch checks that neither the plan of a cutover nor the process that
// follows lets it through.
func (l *live) refusesToSwitch() {
	l.t.Helper()
	source, target, st, err := l.catalogs(l.ctx)
	if err != nil {
		l.t.Fatal(err)
	}
	plan := planner.Cutover(l.spec, source, target, st)
	if !slices.ContainsFunc(plan.Findings, func(f planner.Finding) bool { return f.Code == "C157" && f.Object.Name == "bad" }) {
		l.t.Errorf("findings of the cutover: %+v", plan.Findings)
	}
	st.Quarantined = nil // as it was when the plan was made
	payload, err := planner.Cutover(l.spec, source, target, st).JSON()
	if err != nil {
		l.t.Fatal(err)
	}
	if _, err := l.ask(l.ctx, l.t, executor.RequestCutover, payload); err == nil || !strings.Contains(err.Error(), "public.bad is in quarantine") {
		l.t.Errorf("the cutover ended with %v", err)
	}
}

// Wherever the process is killed, the record is there before the position passes the
// change, nothing of the table's is applied, and each change is counted once.
func TestAQuarantineOutlivesItsProcess(t *testing.T) {
	t.Parallel()
	for _, point := range []string{
		"quarantine: before its record#0", "quarantine: after its record#0",
		"replay: before a commit#0", "replay: before a commit#1", // that of what came before, and the one that passes the change
		"replay: after a commit, before it is acknowledged#0", "replay: after a commit, before it is acknowledged#1",
	} {
		t.Run(point, func(t *testing.T) {
			t.Parallel()
			l := &live{move: newMove(t, 0, 0)}
			l.spec.OnDivergence = planner.DivergenceQuarantines
			l.begin(t, aside, nil)
			l.rest()
			sandbox.Exec(t, l.target, "alter table public.bad add constraint small check (id < 1000)")
			for n := range 20 {
				l.do(fmt.Sprintf("insert into public.good values (%d, 'v'); insert into public.bad values (%[1]d, 'v', 1)", 990+n))
			}
			child := l.move.start(t, point, executor.UntilEnd, childDiverges+"="+string(planner.DivergenceQuarantines))
			died(t, child)
			l.follow(nil)
			got := l.recorded().Quarantined
			if len(got) != 1 || got[0].Key != "id=1000" || got[0].Passed != 10 {
				t.Errorf("in quarantine: %+v", got)
			}
			if diff := cmp.Diff(tableText(t, l.source, "public.good"), tableText(t, l.target, "public.good")); diff != "" {
				t.Errorf("the other table (-source +target):\n%s", diff)
			}
			if n := sandbox.Query(t, l.target, "select count(*) || ' ' || max(id) from public.bad"); n[0] != "110 999" {
				t.Errorf("the table: %s", n)
			}
		})
	}
}

// died waits for a process that kills itself.
func died(t *testing.T, child *exec.Cmd) {
	t.Helper()
	if err := child.Wait(); err == nil || child.ProcessState.Exited() {
		t.Fatalf("the process ended by itself: %v", err)
	}
}

// Two tables of one transaction, and the later one first by the way that changes go;
// those of a truncation that is refused: each stays behind by itself.
func TestTablesGoIntoQuarantineByThemselves(t *testing.T) {
	t.Parallel()
	l := &live{move: newMove(t, 0, 0)}
	l.spec.OnDivergence = planner.DivergenceQuarantines
	l.begin(t, `
		create table public.keyed (id int primary key, v text);
		create table public.plain (v text);
		alter table public.plain replica identity full;
		create table public.third (id int primary key);
		create table public.fourth (id int primary key);
		insert into public.keyed values (1, 'a'), (2, 'b');
		insert into public.plain values ('a'), ('b');
		insert into public.third values (1); insert into public.fourth values (1)`, nil)
	sandbox.Exec(t, l.target, "create schema theirs; create table theirs.t (id int references public.third); insert into theirs.t values (1)")
	l.do("begin; insert into public.marks values (-1); truncate public.third, public.fourth; commit")
	l.settle()
	l.rest()
	sandbox.Exec(t, l.target, "delete from public.keyed where id = 1; update public.plain set v = 'by hand' where v = 'a'")
	l.do("begin; insert into public.third values (2); update public.keyed set v = 'c' where id = 1; delete from public.plain where v = 'a'; insert into public.fourth values (2); insert into public.marks values (-2); commit")
	l.follow(nil)
	var got []string
	for _, q := range l.recorded().Quarantined {
		got = append(got, fmt.Sprintf("%s %s %s", q.Table, q.Operation, q.Key))
	}
	want := []string{"fourth truncate ", "keyed update id=1", "plain delete no key", "third truncate "}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("in quarantine (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"(1)", "(1)"}, []string{tableText(t, l.target, "public.third"), tableText(t, l.target, "public.fourth")}); diff != "" {
		t.Errorf("of the truncation something is applied: %s", diff)
	}
	if diff := cmp.Diff(tableText(t, l.source, "public.marks"), tableText(t, l.target, "public.marks")); diff != "" {
		t.Errorf("the others (-source +target):\n%s", diff)
	}
}

// Quarantine is for rows, and where it is declared: a table that is not as it was, or a
// right that is gone, stops the run, as what is not declared does.
func TestWhatIsNoMatterOfRowsStopsAllTheSame(t *testing.T) {
	t.Parallel()
	l := &live{move: newMove(t, 0, 0)}
	l.quarantines("bad")
	l.begin(t, aside, nil)
	for _, c := range []struct{ name, spoil, change, says, repair string }{
		{"another column", "alter table public.bad rename v to w", "update public.bad set v = 'x' where id = 1", "42703", "alter table public.bad rename w to v"},
		{"not declared", "delete from public.good where id = 50", "update public.good set v = 'x' where id = 50", "touched 0 rows", "insert into public.good values (50, 'v')"},
	} {
		sandbox.Exec(t, l.target, "set session_replication_role = replica;"+c.spoil)
		l.do(c.change)
		refusal[*replay.Divergence](t, l.failure(), c.says)
		if q := l.recorded().Quarantined; len(q) > 0 {
			t.Errorf("%s: in quarantine: %+v", c.name, q)
		}
		sandbox.Exec(t, l.target, c.repair)
		l.follow(nil)
	}
	l.same()
}

// A table that leaves the stream has no quarantine any more, and is loaded anew when it
// comes again.
func TestATableInQuarantineMayLeave(t *testing.T) {
	t.Parallel()
	l := &live{move: newMove(t, 0, 0)}
	l.spec.OnDivergence = planner.DivergenceQuarantines
	l.begin(t, "create table public.bad (id int primary key); create table public.good (id int primary key); insert into public.bad values (1)", nil)
	sandbox.Exec(t, l.target, "insert into public.bad values (2)")
	l.do("insert into public.bad values (2)")
	l.comes(func(st state.State) bool { return len(st.Quarantined) == 1 })
	l.rest()
	l.spec.Exclude = []planner.Pattern{pattern("public.bad")}
	l.follow(nil)
	if q := l.recorded().Quarantined; len(q) > 0 {
		t.Errorf("in quarantine: %+v", q)
	}
	if answer, err := l.ask(l.ctx, t, executor.RequestVerify, nil); err != nil || !onlyEqual(t, answer) {
		t.Errorf("verify: %s, %v", answer, err)
	}
	l.rest()
	l.do("insert into public.bad values (3)")
	l.spec.Exclude = nil
	l.follow(nil)
	l.same()
	l.nothingLeft(t)
}

func onlyEqual(t *testing.T, answer string) bool {
	t.Helper()
	var results []verify.Result
	if err := json.Unmarshal([]byte(answer), &results); err != nil {
		t.Fatal(err)
	}
	return !slices.ContainsFunc(results, func(r verify.Result) bool { return !r.Equal })
}

// A table that diverges while it joins goes on joining, in quarantine: the others'
// stream takes it at the same place, and passes it over.
func TestATableMayGoIntoQuarantineWhileItJoins(t *testing.T) {
	t.Parallel()
	l := &live{move: newMove(t, 0, 0)}
	l.spec.OnDivergence = planner.DivergenceQuarantines
	l.begin(t, "create table public.good (id int primary key);", nil)
	l.rest()
	l.do("create table public.late (id int primary key); insert into public.late select i from generate_series(1, 10) i")
	var once sync.Once
	l.follow(func(r *executor.Run) {
		r.Point = func(name string) {
			if name == "publish: before a statement" { // it is loaded, and has still to join
				once.Do(func() {
					sandbox.Exec(t, l.target, "insert into public.late values (11)")
					l.beside("insert into public.late values (11); insert into public.late values (12)")
				})
			}
		}
	})
	q := l.recorded().Quarantined
	if len(q) != 1 || q[0].Table != "late" || q[0].Key != "id=11" {
		t.Fatalf("in quarantine: %+v", q)
	}
	l.do("insert into public.late values (13); insert into public.good values (1)")
	l.settle()
	if got := tableText(t, l.target, "public.late"); strings.Count(got, "\n") != 10 || strings.Contains(got, "12") {
		t.Errorf("the table: %s", got)
	}
	if q := l.recorded().Quarantined; q[0].Passed != 1 {
		t.Errorf("since it has joined %d changes were passed over, want 1", q[0].Passed)
	}
	l.nothingLeft(t)
	l.rest()
	sandbox.Exec(t, l.target, "delete from public.late where id = 11")
	l.spec.Replace = []catalog.Name{{Schema: "public", Local: "late"}}
	l.follow(nil)
	l.spec.Replace = nil
	l.same()
	l.nothingLeft(t)
}

// What a transaction in progress does to a table in quarantine is counted once that is
// committed, without what it has taken back.
//
// Not parallel: it holds transactions open, for which other tests' slots wait.
func TestAQuarantineCountsTransactionsInProgress(t *testing.T) {
	needsTheSlot(t)
	l := &anticipating{live: &live{move: newMove(t, 15, 15)}}
	l.quarantines("bad")
	sandbox.Exec(t, l.source, fmt.Sprintf("alter database %q set logical_decoding_work_mem = '64kB'", databaseName(l.source)))
	l.begin(t, aside, l.logged)
	sandbox.Exec(t, l.target, "alter table public.bad add constraint small check (id < 1000)")
	l.do("insert into public.bad values (1000, 'lost', 1)")
	l.settle()
	large := func(bad, good int) string {
		return fmt.Sprintf(`insert into public.bad select i, 'lost', 1 from generate_series(%[1]d, %[1]d + 9) i;
			insert into public.good select i, repeat('x', 200) from generate_series(%[2]d, %[2]d + 999) i;`, bad, good)
	}
	do := l.opened()
	do("begin;" + large(2000, 1000))
	l.inProgress(1, 500)
	do("savepoint a;" + large(3000, 2000))
	l.inProgress(1, 1500)
	do("rollback to a; insert into public.bad values (4000, 'lost', 1); commit")
	l.settle()
	do("begin;" + large(5000, 5000))
	l.inProgress(1, 500)
	do("rollback")
	l.settle()
	if q := l.recorded().Quarantined; len(q) != 1 || q[0].Passed != 12 {
		t.Errorf("in quarantine, with 12 changes passed over: %+v", q)
	}
	if tableText(t, l.target, "public.good") != tableText(t, l.source, "public.good") {
		t.Error("the others are not equal")
	}
	if why := l.whole(); why != "" {
		t.Errorf("not all was applied early: %s", why)
	}
}
