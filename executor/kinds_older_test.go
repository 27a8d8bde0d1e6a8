package executor_test

import (
	"slices"
	"strings"
	"testing"

	"sluice/examples/sandbox"
	"sluice/planner"
)

// A target that is older than the source takes what both know, and the plan says
// that it is older.
func TestAnOlderServerTakesWhatBothKnow(t *testing.T) {
	t.Parallel()
	majors := sandbox.Majors()
	m := newMove(t, majors[len(majors)-1], majors[0])
	m.spec.Stages.Incremental = false
	fillEveryKind(t, m, 0, "basic", "typed", "relations", "views") // without extensions: the older server has older ones
	plan := m.everythingGoes(t)
	if !slices.ContainsFunc(plan.Findings, func(f planner.Finding) bool { return f.Code == "W227" }) {
		t.Error("the plan does not say that the target is older")
	}
}

// What it cannot have blocks before anything is written.
func TestAnOlderServerIsNotAskedForWhatItHasNot(t *testing.T) {
	t.Parallel()
	majors := sandbox.Majors()
	newest, oldest := majors[len(majors)-1], majors[0]
	if newest < 15 || oldest >= 15 {
		t.Skipf("needs a server from 15 on and one before; there are %d to %d", oldest, newest)
	}
	m := newMove(t, newest, oldest)
	m.spec.Stages.Incremental = false
	sandbox.Exec(t, m.source, `
		create table t (a int, b int4multirange);
		create unique index distinct_nulls on t (a) nulls not distinct;
		create function body() returns int begin atomic select 1; end;
		create view invoked with (security_invoker) as select 1 as a;
		create publication part for table t (a) where (a > 0)`)
	_, err := m.plan(t.Context())
	if err == nil || !strings.HasPrefix(err.Error(), "C128") {
		t.Fatalf("the plan says %v", err)
	}
	source, target, st, err := m.catalogs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var blocked []string
	for _, f := range planner.Build(m.spec, source, target, st).Findings {
		if f.Code == "C128" {
			blocked = append(blocked, f.Object.String())
		}
	}
	want := []string{"function public.body()", "index public.distinct_nulls", "publication part", "table public.t", "view public.invoked"}
	if slices.Sort(blocked); !slices.Equal(blocked, want) {
		t.Errorf("blocked are %q, want %q", blocked, want)
	}
}
