package planner

import (
	"slices"
	"strings"
	"testing"

	"sluice/planner/catalog"
	"sluice/state"
)

// carriedOut is a world whose plan is carried out, up to the step that follows.
func carriedOut() *world {
	w := &world{everything(), shop(), emptyTarget(), state.State{}}
	p := w.build()
	w.done, w.target = doneBy(p, len(p.Steps)-1), created(w.source, w.target, p, len(p.Steps)-1)
	w.done.Phase = state.Following
	w.source.Server.Publications = map[string]*catalog.Publication{"sluice_shop": {Tables: []catalog.PublishedTable{
		{Name: named("public", "events_1")}, {Name: named("public", "orders")}, {Name: named("public", "users")},
	}}}
	w.source.Server.Slots = []catalog.Slot{{Name: "sluice_shop"}}
	return w
}

// pending is outline for what is to do.
func pending(p *Plan) string {
	var b strings.Builder
	for line := range strings.Lines(outline(p)) {
		_, rest, _ := strings.Cut(line, ": ")
		id, _, _ := strings.Cut(strings.TrimSuffix(rest, "\n"), " <- ")
		if s := stepOf(p, id); !s.Done && s.Action != Follow {
			b.WriteString(line)
		}
	}
	return b.String()
}

func TestEditsWhileItFollows(t *testing.T) {
	t.Parallel()
	for name, edit := range map[string]func(*world){
		"new": func(w *world) {
			w.addTo(&w.source, table("late", "v"), primaryKey("late", "id"), unique("late", "v"), foreignKey("late", "id", "users"))
		},
		"filter":  func(w *world) { w.spec.Tables = []TableRule{filtered("orders", "id > 5")}; w.answer(nil) },
		"left":    func(w *world) { w.spec.Exclude = append(w.spec.Exclude, pattern("public.orders", 16)) },
		"again":   func(w *world) { w.spec.Replace = []catalog.Name{named("public", "orders")} },
		"nothing": func(*world) {},
		"renamed": func(w *world) {
			w.spec.Tables = []TableRule{tableTo("orders", "purchases")}
		},
		"columns": func(w *world) {
			w.spec.Tables = []TableRule{tableTo("users", "users", ColumnRule{Column: "email", To: "mail"})}
		},
		"swapped": func(w *world) {
			w.spec.Tables = []TableRule{tableTo("orders", "users"), tableTo("users", "orders")}
		},
		"new_partition": func(w *world) {
			key := primaryKey("events_2", "id")
			keySpec := key.Spec.(*catalog.Constraint)
			keySpec.Of, keySpec.Inherited = named("public", "events_pkey"), true
			w.addTo(&w.source, table("events_2", "kind"), key, index("events_2", "events_2_kind"))
			spec := tableSpec(w.source, "events_2")
			spec.Of, spec.Bound = named("public", "events"), "FOR VALUES FROM (10) TO (20)"
		},
		"partitions": func(w *world) { // of a table that gets another name
			w.spec.Tables = []TableRule{tableTo("events", "log")}
		},
		"came_back": func(w *world) { // what is on the target is from before
			i := slices.IndexFunc(w.done.Followed, func(f state.Followed) bool { return f.Table == "orders" })
			w.done.Followed[i].Left = true
		},
		"cut_off": func(w *world) { // between a crash and the next run, which is to load two tables more
			w.done.Steps["create slot sluice_shop_sync_00000000"] = state.Step{State: state.StepIntent}
			w.done.Steps["create publication sluice_shop_sync_00000000"] = state.Step{State: state.StepDone}
			w.addTo(&w.source, table("late"), primaryKey("late", "id"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := carriedOut()
			edit(w)
			p := w.build()
			if n := p.Conflicts(); n > 0 {
				t.Errorf("%d conflicts: %+v", n, p.Findings)
			}
			golden(t, "edit_"+name+".txt", []byte(pending(p)))
		})
	}
}

// A table that joins goes on under the slot that it has, whatever else is planned
// for it; with another table beside it there is another slot.
func TestAJoinGoesOnWithItsSlot(t *testing.T) {
	t.Parallel()
	w := carriedOut()
	w.addTo(&w.source, table("late"), primaryKey("late", "id"))
	first := w.build()
	for _, s := range first.Steps {
		if s.Number <= stepOf(first, "copy table public.late").Number {
			w.done.Steps[s.ID] = state.Step{State: state.StepDone, Fingerprint: s.Fingerprint}
		}
	}
	w.addTo(&w.target, *w.source.Find(in(catalog.KindTable, "late")))
	if second := w.build(); second.ID != first.ID || stepOf(second, "reload table public.late") != nil {
		t.Errorf("another plan:\n%s", pending(second))
	}
	w.addTo(&w.source, table("later"), primaryKey("later", "id"))
	third := w.build()
	if stepOf(third, "reload table public.late") == nil || !strings.Contains(pending(third), "drop slot "+joinOf(first).Object.Name) {
		t.Errorf("the rows of another slot stay:\n%s", pending(third))
	}
	if joinOf(third).Object == joinOf(first).Object {
		t.Error("other tables have the same slot")
	}
}

// A cleanup removes what an edit has left half way, also one that was taken back.
func TestCleanupRemovesWhatAnEditHasLeft(t *testing.T) {
	t.Parallel()
	w := carriedOut()
	w.done.Steps["create slot sluice_shop_sync_00000000"] = state.Step{State: state.StepIntent}
	w.done.Steps["create publication sluice_shop_sync_00000001"] = state.Step{State: state.StepDone}
	p := Cleanup(w.spec, w.source, w.target, w.done, false)
	for _, id := range []string{"drop slot sluice_shop_sync_00000000", "drop publication sluice_shop_sync_00000001", "drop slot sluice_shop", "drop publication sluice_shop"} {
		if s := stepOf(p, id); s == nil || s.Stage != StageCleanup || s.Done {
			t.Errorf("%s: %+v", id, s)
		}
	}
}

func joinOf(p *Plan) *Step {
	return &p.Steps[slices.IndexFunc(p.Steps, func(s Step) bool { return s.Action == Join })]
}

// A name of 63 bytes leaves room for what tells a joining slot apart.
func TestAJoiningSlotHasANameThatPostgreSQLTakes(t *testing.T) {
	t.Parallel()
	w := carriedOut()
	w.spec.Slot = strings.Repeat("s", 63)
	p := w.build()
	w.done = doneBy(p, len(p.Steps)-1)
	w.done.Slot = w.spec.Slot
	w.addTo(&w.source, table("late"), primaryKey("late", "id"))
	if name := joinOf(w.build()).Object.Name; len(name) > 63 || !strings.HasPrefix(name, "sssss") {
		t.Errorf("%s has %d bytes", name, len(name))
	}
}

func TestFindingsOfEdits(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		edit func(*world)
		want []string
	}{
		"C110": {func(w *world) {
			w.addTo(&w.source, table("late"), primaryKey("late", "id"))
			w.source.Server.SlotsUsed = 10
		}, []string{"database shop", "no free replication slot"}},
		"C150": {func(w *world) {
			delete(w.done.Steps, "create table public.users")
			w.spec.Tables = []TableRule{{Table: named("public", "users"), OnExisting: ExistingAppend, Place: Place{File: "shop.sluice.hcl", Line: 30}}}
			w.spec.Replace = []catalog.Name{named("public", "users")}
		}, []string{"table public.users", `on_existing = "append"`, "shop.sluice.hcl:30"}},
		"C151": {func(w *world) { w.spec.Replace = []catalog.Name{named("public", "ordes")} },
			[]string{"table public.ordes", "-replace=public.ordes", `did you mean "public.orders"?`}},
		"C152": {func(w *world) { w.spec.Slot = "sluice_shop_2" },
			[]string{"slot sluice_shop_2", "has its changes from slot sluice_shop,", `slot = "sluice_shop"`}},
		"C154": {func(w *world) {
			w.addTo(&w.source, table("events_2", "kind"))
			spec := tableSpec(w.source, "events_2")
			spec.Of, spec.Bound = named("public", "events"), "FOR VALUES FROM (10) TO (20)"
			tableSpec(w.source, "events_1").Bound = "DEFAULT"
		}, []string{"table public.events_2", "new partition of table public.events, which has its indexes and a default partition", `exclude = ["public.events_2"]`}},
		"C155": {func(w *world) {
			w.addTo(&w.target, view("theirs", in(catalog.KindView, "all_orders")))
			w.spec.Tables = []TableRule{tableTo("orders", "purchases")}
		}, []string{"view public.theirs", "table public.orders on target.new is to be made again (it becomes public.purchases)", "sluice did not make it",
			`or on target.new: drop view "public"."theirs", and make it again`, "take the edit back"}},
		"C155 a table of its row type": {func(w *world) {
			w.target.Find(in(catalog.KindTable, "users")).Depends = []catalog.ID{in(catalog.KindTable, "orders")}
			w.spec.Tables = []TableRule{tableTo("orders", "purchases")}
		}, []string{"table public.users", "it is a table by itself, that needs what goes", "or start over"}},
		"C155 a partition that is left out": {func(w *world) {
			w.spec.Tables = []TableRule{tableTo("orders", "purchases")}
			spec := tableSpec(w.target, "events_1")
			spec.Of, spec.Inherits = catalog.Name{}, []catalog.Name{named("public", "orders")}
			w.spec.Exclude = append(w.spec.Exclude, pattern("public.events*", 16))
		}, []string{"table public.events_1", "its rows would not come again"}},
		"C155 a key of a table that stays": {func(w *world) {
			key := w.target.Find(on(catalog.KindConstraint, "users", "users_email_key"))
			key.Depends = []catalog.ID{in(catalog.KindTable, "orders")}
			w.spec.Tables = []TableRule{tableTo("orders", "purchases")}
		}, []string{"constraint public.users.users_email_key", "it is on a table that stays"}},
		"W250": {func(w *world) { w.spec.Exclude = append(w.spec.Exclude, pattern("public.users", 16)) },
			[]string{"table public.users", "rows on target.new stay"}},
		"W251": {func(w *world) { w.spec.Replace = []catalog.Name{named("public", "users")} },
			[]string{"table public.users", "loaded again: -replace"}},
		"W251 made again": {func(w *world) { w.spec.Tables = []TableRule{tableTo("orders", "purchases")} },
			[]string{"table public.orders", "is dropped, and made and loaded again: it becomes public.purchases"}},
		"W251 another column, and -replace": {func(w *world) {
			w.source = with(w.source.Server, w.source.Objects...)
			users := *tableSpec(w.source, "users")
			users.Columns = slices.Clone(users.Columns)
			users.Columns[1].Type = "bigint"
			w.source.Find(in(catalog.KindTable, "users")).Spec = &users
			w.spec.Replace = []catalog.Name{named("public", "users")}
		}, []string{"table public.users", "is dropped, and made and loaded again: -replace"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := carriedOut()
			c.edit(w)
			code, _, _ := strings.Cut(name, " ")
			expect(t, w.build(), code, c.want)
		})
	}
	w := carriedOut()
	w.addTo(&w.source, table("late"), primaryKey("late", "id"))
	expect(t, Cutover(w.spec, w.source, w.target, w.done), "C153", []string{"table public.late", "not followed yet", "sluice apply"})
}

// What a table of the source is like is no edit: its columns have checks of their
// own, and what is done about them is not to load it again.
func TestOnlyWhatIsDeclaredLoadsATableAgain(t *testing.T) {
	t.Parallel()
	columns := []CopyColumn{{Name: "id", From: "id", Type: "bigint", Number: 1}, {Name: "at", From: "ts", Type: "date", Number: 2}}
	was := (&CopySpec{From: named("public", "t"), Columns: columns}).travels()
	same := slices.Clone(columns)
	same[1].Type, same[1].Number = "timestamptz", 4
	same = append(same, CopyColumn{Name: "new", From: "new", Added: true})
	is := &CopySpec{From: named("public", "t"), Columns: same, Left: []LeftColumn{{From: "x"}, {From: "y"}}, Binary: true, Mode: ChunkSnapshots}
	if !is.travelsAs(was) {
		t.Error("a change of the source's table is taken for an edit")
	}
	then := is.travels()
	is.Left = []LeftColumn{{From: "y"}}
	if !is.travelsAs(then) {
		t.Error("a column that is gone, and was left out, is missed")
	}
	is.Columns = append(is.Columns, CopyColumn{Name: "x", From: "x"})
	if is.travelsAs(then) {
		t.Error("a column that was left out is taken for there")
	}
	other := slices.Clone(columns)
	other[1].From = "created"
	for what, spec := range map[string]*CopySpec{
		"another table":       {From: named("public", "u"), Columns: columns},
		"from another column": {From: named("public", "t"), Columns: other},
		"another filter":      {From: named("public", "t"), Columns: columns, Where: &Expression{SQL: "id > 5", Base: "boolean"}},
		"under its own name":  {From: named("public", "t"), Columns: columns[:1]},
	} {
		if spec.travelsAs(was) {
			t.Errorf("%s: the digest is the same", what)
		}
	}
}
