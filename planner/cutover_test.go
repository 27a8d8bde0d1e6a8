package planner

import (
	"slices"
	"strings"
	"testing"

	"sluice/planner/catalog"
	"sluice/state"
)

// following is a world in which everything is done but the cutover.
func following(t *testing.T, change func(*world)) *world {
	t.Helper()
	w := &world{everything(), shop(), emptyTarget(), state.State{}}
	change(w)
	p := w.build()
	w.done, w.target = doneBy(p, len(p.Steps)-1), created(w.source, w.target, p, len(p.Steps)-1)
	w.done.Phase = state.Following
	return w
}

func (w *world) cutover() *Plan { return Cutover(w.spec, w.source, w.target, w.done) }

func TestCutover(t *testing.T) {
	t.Parallel()
	w := following(t, func(w *world) {
		w.source.Find(on(catalog.KindTrigger, "orders", "touch")).Spec.(*catalog.Trigger).Enabled = "always"
		w.addTo(&w.source, materialized("sales_by_year", in(catalog.KindMaterializedView, "sales")))
	})
	p := w.cutover()
	golden(t, "order_cutover.txt", []byte(outline(p)))
	text, err := p.JSON()
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "cutover.json", text)
	if p.Conflicts() > 0 || p.Pending() != len(p.Steps) {
		t.Errorf("%d pending of %d: %+v", p.Pending(), len(p.Steps), p.Findings)
	}
}

func TestAfterTheCutoverNothingIsPending(t *testing.T) {
	t.Parallel()
	w := following(t, func(*world) {})
	w.done.Phase = state.CutOver
	w.target = with(w.target.Server, slices.DeleteFunc(slices.Clone(w.target.Objects), func(o catalog.Object) bool {
		return o.ID.Kind == catalog.KindView // the application goes on: it drops what it no longer needs
	})...)
	w.addTo(&w.source, table("late"))
	for _, p := range []*Plan{w.cutover(), w.build()} { // of which one follows the changes, and must not again
		if p.Pending() > 0 || p.Conflicts() > 0 {
			t.Errorf("%d pending: %+v", p.Pending(), p.Findings)
		}
	}
}

func fenceOfTables(p *Plan) Step {
	return p.Steps[slices.IndexFunc(p.Steps, func(s Step) bool { return s.ID == "fence "+s.Object.String()+" tables" })]
}

func TestTheFenceIsForEveryTableThatMoved(t *testing.T) {
	t.Parallel()
	p := following(t, func(w *world) { tableSpec(w.source, "users").Unlogged = true }).cutover()
	fence := fenceOfTables(p)
	sql := strings.Join(fence.SQL, "\n")
	for _, name := range []string{"orders", "users", "events", "events_1"} {
		if !strings.Contains(sql, `on "public"."`+name+`" for each statement`) {
			t.Errorf("no fence on %s:\n%s", name, sql)
		}
	}
	if strings.Contains(sql, "tmp_import") {
		t.Error("a fence on a table that stays")
	}
}

func TestCutoverFindings(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*world)
		want   []string
	}{
		"C125 still loading": {func(w *world) { w.done.Phase = state.FullLoad }, []string{"database shop_prod", "full load", "sluice apply"}},
		"C125 never begun":   {func(w *world) { w.done = state.State{} }, []string{"database shop_prod", "not begun", "sluice plan"}},
		"C125 nothing is followed": {func(w *world) {
			w.done.Phase, w.spec.Stages.Incremental = state.Completed, false
		}, []string{"database shop_prod", "nothing to cut over"}},
		"C109 the database": {func(w *world) { w.source.Server.DatabaseOwner = false },
			[]string{"database shop", `alter database "shop" owner to "migrator"`}},
		"C109 a schema for the fence": {func(w *world) { w.source.Server.CreateOn = false },
			[]string{"database shop", `grant create on database "shop"`}},
		"C109 the tables": {func(w *world) { tableSpec(w.source, "events").Access.Owner = false },
			[]string{"database shop", `grant "shop" to "migrator"`}},
		"C112": {func(w *world) { w.done.Target.Database = "other" }, []string{"database shop_prod", "of other"}},
		"W224": {func(*world) {}, []string{"database shop", "will be ended", `grant pg_signal_backend to "migrator"`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := following(t, func(*world) {})
			c.change(w)
			expect(t, w.cutover(), name[:4], c.want)
		})
	}
}

func TestNamesThatWantToBeSQL(t *testing.T) {
	t.Parallel()
	w := following(t, func(w *world) {
		w.spec.Migration = `migration.shop["'; drop table x; --"]`
		w.target.Server.Database = `a'b\c`
	})
	p := w.cutover()
	fence := fenceOfTables(p)
	// The message is a literal in the function's body, and the body a literal
	// in the statement.
	if !strings.Contains(fence.SQL[1], `''''; drop table x; --`) {
		t.Errorf("%s", fence.SQL[1])
	}
}
