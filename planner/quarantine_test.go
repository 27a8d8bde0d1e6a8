package planner

import (
	"slices"
	"testing"
	"time"

	"sluice/planner/catalog"
	"sluice/state"
)

func quarantined() []state.Quarantined {
	return []state.Quarantined{{
		Schema: "public", Table: "users", FromSchema: "public", FromTable: "users", LSN: 0x16B374D848,
		Operation: "insert", Key: "id=5", Reason: "no room", Since: time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC),
	}}
}

// A table in quarantine is told with the way out, blocks the cutover, and is no reason
// to approve the plan anew; where it is loaded again there is nothing to say.
func TestATableInQuarantine(t *testing.T) {
	t.Parallel()
	w := carriedOut()
	before := w.build().ID
	w.done.Quarantined = quarantined()
	says := []string{"table public.users", "since 2026-02-03 04:05:06 UTC", "from 16/B374D848 on", "insert (id=5): no room", "sluice apply -replace public.users"}
	p := w.build()
	expect(t, p, "W252", says)
	if p.ID != before {
		t.Error("the plan is another one")
	}
	c := w.cutover()
	expect(t, c, "C157", says)
	if c.Conflicts() == 0 {
		t.Error("the cutover goes on")
	}
	w.spec.Replace = []catalog.Name{named("public", "users")}
	if slices.ContainsFunc(w.build().Findings, func(f Finding) bool { return f.Code == "W252" }) {
		t.Error("it is loaded again, and that is not seen")
	}
}

// A table that is paused is told with what differs and what is to do, blocks the cutover,
// and as long as it cannot go on its difference is no conflict.
func TestAPausedTable(t *testing.T) {
	t.Parallel()
	w := carriedOut()
	w.done.Quarantined = quarantined()
	q := &w.done.Quarantined[0]
	q.Paused, q.Operation, q.Key, q.Reason = true, "", "", `column "x" is new`
	waits := func(p *Plan) bool {
		i := slices.IndexFunc(p.Steps, func(s Step) bool { return s.Table() && s.Object.Name == "users" })
		return p.Steps[i].Copy.Waits
	}
	says := []string{"table public.users", "is paused since 2026-02-03 04:05:06 UTC", "from 16/B374D848 on", `column "x" is new`, "goes on from there", "sluice verify", "sluice apply -replace public.users"}
	p := w.build()
	expect(t, p, "W254", says)
	if waits(p) {
		t.Error("nothing differs, and it waits")
	}
	c := w.cutover()
	expect(t, c, "C158", says)
	if c.Conflicts() == 0 {
		t.Error("the cutover goes on")
	}
	users := w.source.Find(tableID(named("public", "users")))
	table := *users.Table()
	table.Columns = append(slices.Clone(table.Columns), catalog.Column{Name: "x", Type: "integer", Default: "5", Number: 99})
	users.Spec = &table
	p = w.build()
	expect(t, p, "W254", append(says, "nobody can tell what they have in x", "make the same change on "+w.spec.Target.Ref))
	if !waits(p) || p.Conflicts() > 0 {
		t.Errorf("a difference that is known waits: %v; findings %+v", waits(p), p.Findings)
	}
	q.Paused = false
	if p = w.build(); p.Conflicts() == 0 {
		t.Error("the same in quarantine is no conflict")
	}
	q.Paused = true
	w.spec.Replace = []catalog.Name{named("public", "users")}
	if p = w.build(); p.Conflicts() > 0 || slices.ContainsFunc(p.Findings, func(f Finding) bool { return f.Code == "W254" }) {
		t.Errorf("it is made again, and that is not seen: %+v", p.Findings)
	}
}

// A table's own block says what happens, else that of the table it is a partition of,
// else what goes for all.
func TestQuarantineIsDeclaredByTable(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		all   OnDivergence
		rules []TableRule
		want  []string
	}{
		"nothing":      {"", nil, nil},
		"all":          {DivergenceQuarantines, nil, []string{"events_1", "orders", "users"}},
		"all but":      {DivergenceQuarantines, []TableRule{{Table: named("public", "orders"), OnDivergence: DivergenceStops}}, []string{"events_1", "users"}},
		"one":          {DivergenceStops, []TableRule{{Table: named("public", "users"), OnDivergence: DivergenceQuarantines}}, []string{"users"}},
		"a partition":  {"", []TableRule{{Table: named("public", "events"), OnDivergence: DivergenceQuarantines}}, []string{"events_1"}},
		"nothing said": {DivergenceQuarantines, []TableRule{{Table: named("public", "users")}}, []string{"events_1", "orders", "users"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := &world{everything(), shop(), emptyTarget(), state.State{}}
			w.spec.OnDivergence, w.spec.Tables = c.all, append(w.spec.Tables, c.rules...)
			var got []string
			for _, s := range w.build().Steps {
				if s.Table() && s.Copy.Quarantine {
					got = append(got, s.Object.Name)
				}
			}
			slices.Sort(got)
			if !slices.Equal(got, c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}
