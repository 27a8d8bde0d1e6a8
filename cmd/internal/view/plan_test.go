package view

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"sluice/planner"
	"sluice/planner/catalog"
)

var update = flag.Bool("update", false, "write the golden files anew")

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

// planOf reads one of the planner's own golden plans.
func planOf(t *testing.T, name string) *planner.Plan {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "..", "planner", "testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	p, err := planner.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	p.ID = "sha256:0123456789abcdef" // the planner's test knows the real one
	return p
}

func conflict() planner.Finding {
	return planner.Finding{
		Code:    "C101",
		Object:  catalog.ID{Kind: catalog.KindTable, Schema: "public", Name: "orders"},
		Summary: "table public.orders already exists on target.new and is not empty",
		Fix:     []string{`on target.new: drop table "public"."orders"`, `or exclude = ["public.orders"]`},
		Place:   &planner.Place{File: "shop.sluice.hcl", Line: 2, Column: 14, EndLine: 2, EndColumn: 24},
	}
}

func TestPlan(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		plan    string
		change  func(*planner.Plan)
		options Options
	}{
		"ready": {"shop.json", func(p *planner.Plan) {
			p.Source.Bytes, p.Target.Bytes = 42<<30, 8<<20
			p.IndexBuilds = planner.IndexBuilds{Jobs: 14, AtOnce: 4, Memory: 512 << 20, Workers: 2}
			p.Connections = map[planner.Side]planner.Connections{planner.Source: {Most: 13, Free: 87}, planner.Target: {Most: 11, Free: 1095}}
		}, Options{}},
		"blocked": {"shop.json", func(p *planner.Plan) {
			p.Findings = append([]planner.Finding{conflict()}, p.Findings...)
			p.Variables = []planner.Variable{{Name: "env", Value: `"prod"`, Origin: "prod.vars.hcl:1"}}
		}, Options{}},
		"colour":  {"shop.json", func(p *planner.Plan) { p.Findings = append([]planner.Finding{conflict()}, p.Findings...) }, Options{Color: true}},
		"running": {"shop.json", func(p *planner.Plan) { done(p, 12, "full load") }, Options{}},
		"follows": {"shop.json", func(p *planner.Plan) { done(p, len(p.Steps)-1, "following") }, Options{}},
		"settings": {"shop.json", func(p *planner.Plan) {
			done(p, len(p.Steps)-1, "following")
			p.Settings = []planner.Setting{{Name: "full.workers", From: "4", To: "16"}, {Name: "retry.connection", From: "12h", To: "30m"}}
		}, Options{}},
		"spool": {"shop.json", func(p *planner.Plan) {
			p.Spool = &planner.Spool{Directory: "/var/lib/sluice", MaxBytes: 500 << 30}
			slot := slices.IndexFunc(p.Steps, func(s planner.Step) bool { return s.Action == planner.CreateSlot })
			p.Steps[slot].Side, p.Steps[slot].Action, p.Steps[slot].Object.Kind, p.Steps[slot].Note = planner.Here, planner.CreateSpool, "spool", []string{p.Spool.Directory}
		}, Options{}},
		"over":    {"shop.json", func(p *planner.Plan) { done(p, len(p.Steps), "cut over") }, Options{}},
		"empty":   {"shop.json", func(p *planner.Plan) { p.Steps, p.Findings = nil, nil }, Options{}},
		"narrow":  {"shop.json", func(p *planner.Plan) { p.IndexBuilds = planner.IndexBuilds{Jobs: 1, AtOnce: 1, Memory: 64 << 20} }, Options{Width: 60}},
		"folded":  {"shop.json", manyTables, Options{}},
		"all":     {"shop.json", manyTables, Options{All: true}},
		"cutover": {"cutover.json", func(*planner.Plan) {}, Options{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := planOf(t, c.plan)
			c.change(p)
			var b bytes.Buffer
			if err := Plan(&b, p, c.options); err != nil {
				t.Fatal(err)
			}
			golden(t, "plan_"+name+".txt", b.Bytes())
			for line := range strings.Lines(b.String()) {
				if w := c.options.Width; w > 0 && strings.HasPrefix(line, "  ") && utf8.RuneCountInString(strings.TrimRight(line, "\n")) > w {
					t.Errorf("wider than %d: %s", w, line)
				}
			}
		})
	}
}

func done(p *planner.Plan, n int, phase string) {
	p.Phase = phase
	for i := range n {
		p.Steps[i].Done = true
	}
}

// manyTables is a plan of 40 tables, of which one is in a finding and one was
// pulled in; and as many that stay behind.
func manyTables(p *planner.Plan) {
	p.Steps, p.NotMigrated, p.Estimates = nil, nil, map[string]planner.Estimate{}
	for n := range 40 {
		id := catalog.ID{Kind: catalog.KindTable, Schema: "public", Name: fmt.Sprintf("t%02d", n)}
		step := planner.Step{Number: n + 1, ID: "create " + id.String(), Stage: planner.StageSchema, Wave: 1, Side: planner.Target,
			Action: planner.Create, Object: id, Reason: planner.Reason{Text: `include "public.*"`, Place: &planner.Place{File: "a.hcl", Line: 3}}}
		if n == 30 {
			step.Reason.Text = "needed by view public.v"
		}
		p.Steps = append(p.Steps, step)
		id.Name = fmt.Sprintf("tmp%02d", n)
		p.NotMigrated = append(p.NotMigrated, planner.Omission{Object: id, Reason: `excluded by "public.tmp*"`, Place: &planner.Place{File: "a.hcl", Line: 4}})
	}
	p.Findings = []planner.Finding{{Code: "W203", Object: p.Steps[20].Object, Summary: "table public.t20 is unlogged"}}
}

func TestHostileNamesCannotCommandTheTerminal(t *testing.T) {
	t.Parallel()
	evil := "x\x1b[2J\n\u202e\x00"
	p := planOf(t, "shop.json")
	p.Migration, p.Source.Ref, p.Source.Version, p.Phase = evil, evil, evil, evil
	p.Variables = []planner.Variable{{Name: evil, Value: evil, Origin: evil}}
	f := conflict()
	f.Summary, f.Detail, f.Fix, f.Place.File = evil, evil, []string{evil}, evil
	p.Findings = []planner.Finding{f}
	p.Steps[0].Object.Name, p.Steps[0].Note, p.Steps[0].Reason.Text = evil, []string{evil}, "needed by "+evil
	p.NotMigrated = []planner.Omission{{Object: catalog.ID{Kind: catalog.Kind(evil), Name: evil}, Reason: evil}}
	var b bytes.Buffer
	if err := Plan(&b, p, Options{}); err != nil {
		t.Fatal(err)
	}
	if err := Findings(&b, p.Findings, Options{Sources: map[string][]byte{evil: []byte("\n" + evil)}}); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(b.String()) {
		for _, r := range strings.TrimSuffix(line, "\n") {
			if r < ' ' || r == 0x7f || r == '\u202e' {
				t.Fatalf("%q", line)
			}
		}
	}
}

func TestFindings(t *testing.T) {
	t.Parallel()
	file := "migration \"shop\" {\n\tinclude = [\"public.*\"]\n}\n"
	findings := []planner.Finding{
		conflict(),
		{Code: "W221", Summary: "exclude \"tmp\" matches nothing", Place: &planner.Place{File: "gone.hcl", Line: 7, Column: 3}},
		{Code: "C122", Summary: "these objects need each other: view a, view b", Detail: "no place"},
	}
	var b bytes.Buffer
	if err := Findings(&b, findings, Options{Sources: map[string][]byte{"shop.sluice.hcl": []byte(file)}}); err != nil {
		t.Fatal(err)
	}
	golden(t, "findings.txt", b.Bytes())
}

func TestJSONIsThePlansOwn(t *testing.T) {
	t.Parallel()
	p := planOf(t, "shop.json")
	want, err := p.JSON()
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := JSON(&b, p); err != nil || !bytes.Equal(b.Bytes(), want) {
		t.Errorf("%v\n%s", err, b.String())
	}
}

func TestNumbersForPeople(t *testing.T) {
	t.Parallel()
	for got, want := range map[string]string{
		rowsText(0): "", rowsText(9_999): "~9,999 rows", rowsText(12_345): "~12.3k rows", rowsText(1_234_567): "~1.2M rows",
		timeText(0): "", timeText(1 << 20): "seconds", timeText(10 << 30): "~4 min", timeText(1 << 40): "~7 h",
		rowsText(180_000_000): "~180M rows", sizeText(0): "", sizeText(8 << 30): "8.0 GiB",
		counted(1, "policy"): "1 policy", counted(2, "policy"): "2 policies", counted(3, "foreign key"): "3 foreign keys",
		counted(1200, "index"): "1,200 indexes",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
