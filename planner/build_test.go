package planner

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sluice/planner/catalog"
	"sluice/state"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares with a file under testdata.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}

func TestTheShopsPlan(t *testing.T) {
	t.Parallel()
	text, err := Build(everything(), shop(), emptyTarget(), state.State{}).JSON()
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "shop.json", text)
}

// outline is a line for each step: stage, ID, and what comes before.
func outline(p *Plan) string {
	var b strings.Builder
	for _, s := range p.Steps {
		b.WriteString(string(s.Stage) + ": " + s.ID)
		for i, n := range s.After {
			b.WriteString([]string{" <- ", ", "}[min(i, 1)] + p.Steps[n-1].ID)
		}
		b.WriteString("\n")
	}
	return b.String()
}

func TestOrderOfTheSteps(t *testing.T) {
	t.Parallel()
	for name, spec := range map[string]func(*Spec){
		"all":              func(*Spec) {},
		"large":            func(s *Spec) { s.LargeTable = 1 },
		"schema_full":      func(s *Spec) { s.Stages.Incremental = false },
		"schema":           func(s *Spec) { s.Stages = Stages{Schema: true} },
		"full":             func(s *Spec) { s.Stages = Stages{Full: true} },
		"named":            func(s *Spec) { s.Include = []Pattern{pattern("public.orders", 14), pattern("public.users", 15)} },
		"full_identity":    func(s *Spec) { s.Tables = []TableRule{{Table: named("public", "users"), ReplicaIdentity: "full"}} },
		"incremental_only": func(s *Spec) { s.Stages = Stages{Incremental: true} },
		"spool":            func(s *Spec) { s.Spool = "/var/lib/sluice" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := everything()
			spec(&s)
			golden(t, "order_"+name+".txt", []byte(outline(Build(s, shop(), emptyTarget(), state.State{}))))
		})
	}
}

// A line more above is another place for all that is declared, and the same plan.
func TestThePlanIsTheSameWhereLinesMove(t *testing.T) {
	t.Parallel()
	build := func(line int) *Plan {
		spec := everything()
		spec.Include = []Pattern{pattern("public.*", line)}
		spec.Place.Line = line
		return Build(spec, shop(), emptyTarget(), state.State{})
	}
	a, b := build(10), build(20)
	if a.Steps[0].Reason.Place.Line == b.Steps[0].Reason.Place.Line {
		t.Fatal("the places are the same: the test shows nothing")
	}
	if a.ID != b.ID {
		t.Errorf("the plans %s and %s differ", a.ID, b.ID)
	}
}

// The steps and their numbers are the same at every point of a run, and the
// plan's ID with them.
func TestThePlanStaysTheSameWhileItRuns(t *testing.T) {
	t.Parallel()
	spec := everything()
	spec.Tables = []TableRule{{Table: named("public", "users"), ReplicaIdentity: "full"}}
	first := Build(spec, shop(), emptyTarget(), state.State{})
	for n := range len(first.Steps) + 1 {
		source, done := shop(), doneBy(first, n)
		if done.Done("alter table public.users replica identity on the source") {
			tableSpec(source, "users").Identity.Kind = catalog.IdentityFull
		}
		if done.Done("create publication sluice_shop") {
			source = with(source.Server, append(source.Objects, unsupported("publication", "", "sluice_shop", "a publication", ""))...)
		}
		if done.Done("create slot sluice_shop") {
			source.Server.Slots = []catalog.Slot{{Name: "sluice_shop"}}
			source.Server.SlotsUsed = 10
		}
		got := Build(spec, source, created(source, emptyTarget(), first, n), done)
		if got.ID != first.ID {
			t.Fatalf("after %d steps (-first +now):\n%s", n, cmp.Diff(outline(first), outline(got))+cmp.Diff(first.Findings, got.Findings))
		}
		if pending := len(first.Steps) - n; got.Pending() != pending {
			t.Errorf("after %d steps %d are pending", n, got.Pending())
		}
	}
}

func TestCopies(t *testing.T) {
	t.Parallel()
	source := shop()
	tableSpec(source, "users").Columns[1].Stable = false
	tableSpec(source, "users").Unlogged = true
	spec := everything()
	spec.LargeTable = 1 << 30
	p := Build(spec, source, emptyTarget(), state.State{})
	want := &CopySpec{
		From:    catalog.Name{Schema: "public", Local: "orders"},
		Columns: []CopyColumn{{Name: "id", From: "id", Type: "bigint", Number: 1}, {Name: "note", From: "note", Type: "text", Number: 2}, {Name: "status", From: "status", Type: "public.order_status", Number: 3}, {Name: "user_id", From: "user_id", Type: "bigint", Number: 4}},
		Binary:  false, // an enum's binary form has no OID in it, but nobody says that it is stable
		Mode:    ChunkSnapshots, Key: "id", KeyType: "bigint", Identity: []string{"id"},
	}
	if diff := cmp.Diff(want, stepOf(p, "copy table public.orders").Copy); diff != "" {
		t.Errorf("orders (-want +got):\n%s", diff)
	}
	users := stepOf(p, "copy table public.users").Copy
	if users.Binary || users.Mode != TableSnapshot || !users.Unlogged {
		t.Errorf("users: %+v", users)
	}
	if events := stepOf(p, "copy table public.events_1").Copy; !events.Binary || events.Unlogged {
		t.Errorf("events_1: %+v", events)
	}
	if stepOf(p, "copy table public.events") != nil {
		t.Error("a partitioned table holds no rows to copy")
	}
}

func TestWhenRangesOfKeysWillNotDo(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*Spec, *catalog.Catalog){
		"nothing follows the changes": func(s *Spec, _ *catalog.Catalog) { s.Stages.Incremental = false },
		"unlogged":                    func(_ *Spec, c *catalog.Catalog) { tableSpec(c, "orders").Unlogged = true },
		"the identity is full":        func(_ *Spec, c *catalog.Catalog) { tableSpec(c, "orders").Identity.Kind = catalog.IdentityFull },
		"the key is not comparable":   func(_ *Spec, c *catalog.Catalog) { tableSpec(c, "orders").Columns[0].Ordered = false },
		"it inherits": func(_ *Spec, c *catalog.Catalog) {
			tableSpec(c, "orders").Inherits = []catalog.Name{named("public", "users")}
		},
		"another inherits from it": func(_ *Spec, c *catalog.Catalog) {
			tableSpec(c, "users").Inherits = []catalog.Name{named("public", "orders")}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			spec, source := everything(), shop()
			spec.LargeTable = 1
			change(&spec, source)
			p := Build(spec, source, emptyTarget(), state.State{})
			if mode := stepOf(p, "copy table public.orders").Copy.Mode; mode != TableSnapshot {
				t.Errorf("mode %q", mode)
			}
		})
	}
}

// The largest table comes first, unless something else is declared, of its
// partitions too.
func TestPrioritiesOrderTheCopies(t *testing.T) {
	t.Parallel()
	sized := func(name string, megabytes int64, of string) catalog.Object {
		o := table(name, "id")
		spec := o.Spec.(*catalog.Table)
		spec.Size.Bytes = megabytes << 20
		if of != "" {
			spec.Of, spec.Bound = named("public", of), "DEFAULT"
		}
		return o
	}
	parent := sized("logs", 0, "")
	parent.Spec.(*catalog.Table).PartitionKey = "LIST (id)"
	source := with(sourceServer(), schema("public"),
		sized("large", 900, ""), sized("middle", 90, ""), sized("small", 9, ""), parent, sized("logs_default", 9000, "logs"))
	spec := everything()
	spec.Stages = Stages{Schema: true, Full: true}
	spec.Tables = []TableRule{{Table: named("public", "small"), Priority: PriorityFirst}, {Table: named("public", "logs"), Priority: PriorityLast}}
	var order []string
	for _, s := range Build(spec, source, emptyTarget(), state.State{}).Steps {
		if s.Action == Copy {
			order = append(order, strings.Join(append([]string{s.Object.Name}, s.Note...), " "))
		}
	}
	if want := []string{"small first", "large", "middle", "logs_default last"}; !slices.Equal(order, want) {
		t.Errorf("order %q, want %q", order, want)
	}
}

func TestALoadThatBeganKeepsItsMode(t *testing.T) {
	t.Parallel()
	done := state.State{Chunks: []state.Chunk{{Schema: "public", Table: "orders", ByKey: true}}}
	p := Build(everything(), shop(), emptyTarget(), done) // 8 GiB, below the bound
	if mode := stepOf(p, "copy table public.orders").Copy.Mode; mode != ChunkSnapshots {
		t.Errorf("mode %q", mode)
	}
}

func TestWhatIsThereAlreadyIsRight(t *testing.T) {
	t.Parallel()
	spec := everything()
	spec.Stages = Stages{Schema: true}
	p := Build(spec, shop(), with(targetServer(), shop().Objects...), state.State{})
	if len(p.Steps) > 0 || p.Conflicts() > 0 {
		t.Errorf("steps and conflicts where everything is right:\n%s%+v", outline(p), p.Findings)
	}
	if !slices.Contains(p.Right, in(catalog.KindTable, "orders")) {
		t.Errorf("right: %v", p.Right)
	}
}

func TestInheritedConstraintsComeWithTheParents(t *testing.T) {
	t.Parallel()
	check := func(table string, inherited bool) catalog.Object {
		return catalog.Object{ID: on(catalog.KindConstraint, table, "positive"),
			Spec: &catalog.Constraint{Type: catalog.Check, Definition: "CHECK (id > 0)", Valid: true, Inherited: inherited}}
	}
	source := with(sourceServer(), append(shop().Objects, check("events", false), check("events_1", true))...)
	p := Build(everything(), source, emptyTarget(), state.State{})
	covers := stepOf(p, "create constraint public.events.positive").Covers
	if !slices.Equal(covers, []catalog.ID{on(catalog.KindConstraint, "events_1", "positive")}) {
		t.Errorf("covers %v", covers)
	}
	if stepOf(p, "create constraint public.events_1.positive") != nil {
		t.Error("an inherited constraint has a step of its own")
	}
}

func TestOursIsNoPartOfTheSource(t *testing.T) {
	t.Parallel()
	ours := append(shop().Objects, schema("sluice"),
		catalog.Object{ID: on(catalog.KindTrigger, "orders", "sluice_fence"), Spec: &catalog.Trigger{Enabled: "always"}},
		catalog.Object{ID: catalog.ID{Kind: catalog.KindFunction, Schema: "sluice", Name: "fence"}, Spec: &catalog.Function{}})
	spec := everything()
	spec.Include = []Pattern{pattern("*.*", 14)}
	fenced := Build(spec, with(sourceServer(), ours...), emptyTarget(), state.State{})
	if plain := Build(spec, shop(), emptyTarget(), state.State{}); plain.ID != fenced.ID {
		t.Errorf("the fence changes the plan:\n%s", cmp.Diff(outline(plain), outline(fenced)))
	}
}
