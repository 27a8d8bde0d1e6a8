package planner

import (
	"slices"
	"strings"
	"testing"

	"sluice/planner/catalog"
	"sluice/state"
)

// partition is one of ledger.
func partition(name, bound string) catalog.Object {
	o := table(name, "day", "note")
	spec := o.Spec.(*catalog.Table)
	spec.Of, spec.Bound, spec.Within = named("public", "ledger"), bound, "(day >= "+strings.TrimPrefix(bound, "FOR VALUES FROM ")+")"
	return o
}

// routed is a source with two months, and a target with a quarter.
func routed(mode OnExisting, change func(*world)) *world {
	w := &world{everything(), shop(), emptyTarget(), state.State{}}
	w.spec.Conflicts.OnExisting = mode
	for _, c := range []**catalog.Catalog{&w.source, &w.target} {
		top := table("ledger", "day", "note")
		top.Spec.(*catalog.Table).PartitionKey, top.Spec.(*catalog.Table).Size = "RANGE (day)", catalog.Size{}
		w.addTo(c, top, primaryKey("ledger", "id", "day"))
	}
	for _, name := range []string{"ledger_1", "ledger_2"} {
		key := primaryKey(name, "id", "day")
		key.Spec.(*catalog.Constraint).Of = named("public", "ledger_pkey")
		w.addTo(&w.source, partition(name, "FOR VALUES FROM ('"+name+"')"), key, index(name, name+"_at"))
	}
	w.addTo(&w.target, partition("ledger_q", "FOR VALUES FROM ('ledger')"))
	if change != nil {
		change(w)
	}
	return w
}

func TestRowsOfOtherPartitionsGoToTheTableAbove(t *testing.T) {
	t.Parallel()
	for _, mode := range []OnExisting{ExistingTruncate, ExistingAppend, ExistingAdopt} {
		t.Run(string(mode), func(t *testing.T) {
			t.Parallel()
			p := routed(mode, nil).build()
			verb := map[OnExisting]string{ExistingAdopt: "adopt"}[mode]
			if verb == "" {
				verb = "copy"
			}
			for _, name := range []string{"ledger_1", "ledger_2"} {
				s := stepOf(p, verb+" table public."+name)
				if s == nil || s.Into() != named("public", "ledger") || s.Copy.Routed.From != named("public", "ledger") || !strings.Contains(s.Copy.Routed.Rows, name) {
					t.Fatalf("%s: %+v", name, s)
				}
				if !slices.Contains(s.Note, "to public.ledger") {
					t.Errorf("the notes of %s are %q", s.ID, s.Note)
				}
				if e := s.Copy.Existing; mode != ExistingTruncate && !slices.Equal(e.Key, []string{"id", "day"}) {
					t.Errorf("%s finds rows by %v", s.ID, e.Key)
				}
			}
			if s := stepOf(p, "truncate table public.ledger"); (s != nil) != (mode == ExistingTruncate) {
				t.Errorf("truncate: %+v", s)
			} else if s != nil && !slices.Contains(s.SQL, `truncate "public"."ledger"`) {
				t.Errorf("truncate: %q", s.SQL)
			}
			for _, s := range p.Steps {
				if strings.Contains(s.ID, "ledger") && s.Action == Create {
					t.Errorf("there is a step %s", s.ID)
				}
			}
			expect(t, p, "W242", []string{"table public.ledger", "rows of 2 partitions go to public.ledger", "partitioned by RANGE (day) there"})
			for _, f := range p.Findings {
				if f.Blocks() || f.Code == "W243" {
					t.Errorf("%s %s: %s", f.Code, f.Object, f.Summary)
				}
			}
		})
	}
}

func TestFindingsOfOtherPartitions(t *testing.T) {
	t.Parallel()
	targetKey := func(w *world) *catalog.Constraint {
		return w.target.Find(on(catalog.KindConstraint, "ledger", "ledger_pkey")).Spec.(*catalog.Constraint)
	}
	for name, c := range map[string]struct {
		mode   OnExisting
		change func(*world)
		want   []string
	}{
		"W242 plain on the target": {ExistingAppend, func(w *world) {
			w.target = with(w.target.Server, slices.DeleteFunc(w.target.Objects, func(o catalog.Object) bool { return o.ID.Name == "ledger_q" })...)
			tableSpec(w.target, "ledger").PartitionKey = ""
		}, []string{"W242", "table public.ledger", "not partitioned there"}},
		"W242 plain on the source": {ExistingAppend, func(w *world) { tableSpec(w.target, "ledger").PartitionKey = "HASH (id)" },
			[]string{"W242", "table public.ledger", "HASH (id)"}},
		"W240 rows of all partitions go": {ExistingTruncate, nil, []string{"W240", "table public.ledger", "more than 1000 rows"}},
		"W243 nothing finds the rows": {ExistingAppend, func(w *world) { targetKey(w).Columns = []string{"note", "day"} },
			[]string{"W243", "table public.ledger", "(id, day)", `create index on "public"."ledger" ("id", "day")`}},
		"C140 a key without the column of the partitions": {ExistingAppend, func(w *world) { targetKey(w).Columns = []string{"id"} },
			[]string{"C140", "table public.ledger", "the key (id)", "add (day) to it"}},
		"C142 a trigger of a partition there": {ExistingAppend, func(w *world) {
			w.addTo(&w.target, trigger("ledger_q", "audit", "touch"))
			w.target.Find(on(catalog.KindTrigger, "ledger_q", "audit")).Spec.(*catalog.Trigger).Enabled = "always"
		}, []string{"C142", "trigger public.ledger_q.audit", `alter table "public"."ledger_q"`}},
		"C102 a partition of its own mind": {ExistingAppend, func(w *world) {
			w.spec.Tables = []TableRule{{Table: named("public", "ledger_1"), OnExisting: ExistingTruncate}}
		},
			[]string{"C102", "table public.ledger_1", `on_existing = "truncate" of its own`}},
		"C102 an unlogged partition": {ExistingAppend, func(w *world) { tableSpec(w.source, "ledger_2").Unlogged = true },
			[]string{"C102", "table public.ledger_2", "unlogged", "set logged"}},
		"C102 other columns": {ExistingAppend, func(w *world) { tableSpec(w.target, "ledger").Columns = tableSpec(w.target, "ledger").Columns[:2] },
			[]string{"C102", "table public.ledger", "note is missing"}},
		"C102 one side has a partition less": {ExistingAppend, func(w *world) {
			w.addTo(&w.target, partition("ledger_1", "FOR VALUES FROM ('ledger_1')"))
			w.target = with(w.target.Server, slices.DeleteFunc(w.target.Objects, func(o catalog.Object) bool { return o.ID.Name == "ledger_q" })...)
		}, []string{"C102", "table public.ledger_2", "without its partition"}},
		"C143 appended rows would be truncated": {ExistingTruncate, func(w *world) {
			w.done = state.State{Chunks: []state.Chunk{{Schema: "public", Table: "ledger_1", Number: 1}}}
		}, []string{"C143", "table public.ledger", `"append"`, `"truncate"`}},
		"W253 a partition leaves": {ExistingTruncate, func(w *world) {
			p := w.build()
			w.done = doneBy(p, len(p.Steps))
			spec := tableSpec(w.source, "ledger_1")
			spec.Of, spec.Bound, spec.Within = catalog.Name{}, "", ""
			w.source.Server.Publications = publishing(w.source, w.spec.Slot)
		}, []string{"W253", "table public.ledger_1", "stay in \"public\".\"ledger\"", "attach it again"}},
		"W251 the publication has it no more": {ExistingTruncate, func(w *world) {
			p := w.build()
			w.done = doneBy(p, len(p.Steps))
			w.target = created(w.source, w.target, p, len(p.Steps))
			w.source.Server.Publications = publishing(w.source, w.spec.Slot)
			tables := w.source.Server.Publications[w.spec.Slot]
			tables.Tables = slices.DeleteFunc(tables.Tables, func(t catalog.PublishedTable) bool { return t.Name.Local == "users" })
		}, []string{"W251", "table public.users", "dropped and made again"}},
		"C150 a part of it cannot be loaded again": {ExistingTruncate, func(w *world) {
			w.spec.Replace = []catalog.Name{named("public", "ledger_1")}
			w.done = doneBy(w.build(), 0)
			w.done.Steps["truncate table public.ledger"] = state.Step{State: state.StepDone}
			w.done.Steps["copy table public.ledger_1"] = state.Step{State: state.StepDone}
		}, []string{"C150", "table public.ledger_1", "among others in public.ledger"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			expect(t, routed(c.mode, c.change).build(), c.want[0], c.want[1:])
		})
	}
}

// Where the target has all partitions of the source, and more, each takes its own.
func TestPartitionsThatAreThereTakeTheirOwn(t *testing.T) {
	t.Parallel()
	p := routed(ExistingAppend, func(w *world) {
		w.addTo(&w.target, partition("ledger_1", "FOR VALUES FROM ('ledger_1')"), partition("ledger_2", "FOR VALUES FROM ('ledger_2')"))
	}).build()
	if s := stepOf(p, "copy table public.ledger_1"); s == nil || s.Copy.Routed != nil {
		t.Errorf("%+v", s)
	}
	for _, f := range p.Findings {
		if f.Blocks() || f.Code == "W242" {
			t.Errorf("%s %s: %s", f.Code, f.Object, f.Summary)
		}
	}
}

// publishing is the publication of all tables of a catalog.
func publishing(c *catalog.Catalog, name string) map[string]*catalog.Publication {
	all := &catalog.Publication{}
	for _, o := range c.Objects {
		if o.ID.Kind == catalog.KindTable {
			all.Tables = append(all.Tables, catalog.PublishedTable{Name: o.ID.Qualified()})
		}
	}
	return map[string]*catalog.Publication{name: all}
}
