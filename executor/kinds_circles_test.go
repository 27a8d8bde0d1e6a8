package executor_test

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sluice/examples/sandbox"
	"sluice/executor"
)

// Promise 18: what needs each other in a circle arrives whole.
func TestCirclesArrive(t *testing.T) {
	t.Parallel()
	majors := sandbox.Majors()
	newest := majors[len(majors)-1]
	for _, major := range majors {
		t.Run(strconv.Itoa(major), func(t *testing.T) {
			t.Parallel()
			m := newMove(t, major, major)
			m.spec.Owners, m.spec.Grants = true, true
			m.circles(t, major)
			plan := m.everythingGoes(t)
			m.dumpsAlike(t, "--exclude-schema=row_type") // where pg_dump breaks a circle of views depends on their OIDs
			m.sameCatalogs(t, plan)
		})
	}
	if oldest := majors[0]; oldest != newest {
		t.Run(fmt.Sprintf("%d to %d", oldest, newest), func(t *testing.T) {
			t.Parallel()
			m := newMove(t, oldest, newest)
			m.circles(t, oldest)
			m.everythingGoes(t)
		})
	}
}

// circles fills the source with objects that need each other, and follows no
// changes.
func (m *move) circles(t testing.TB, major int) {
	t.Helper()
	m.spec.Stages.Incremental = false
	m.script(t, "circles.sql")
	if major >= 14 {
		m.script(t, "circles_14.sql")
	}
}

// script runs a file of testdata on the source.
func (m *move) script(t testing.TB, file string) {
	t.Helper()
	sql, err := os.ReadFile("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	sandbox.Exec(t, m.source, string(sql))
}

// dumpsAlike checks that pg_dump says the same of both sides.
func (m *move) dumpsAlike(t testing.TB, options ...string) {
	t.Helper()
	options = append(options, "--exclude-schema=sluice")
	if diff := cmp.Diff(sandbox.Dump(t, m.source, options...), sandbox.Dump(t, m.target, options...)); diff != "" {
		t.Errorf("pg_dump differs (-source +target):\n%s", diff)
	}
}

// A process that is killed every few steps, also between the first form of an
// object and the whole of it: the next one completes what is there.
func TestCirclesSurviveKills(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	m := newMove(t, 0, 0)
	m.script(t, "circles.sql")
	m.script(t, "circles_14.sql")
	half := 0
	for m.dies(ctx, t, m.start(t, "step: before its commit#1", executor.UntilSchema)) {
		m.awaitRelease(t)
		half += m.halfDone(t)
	}
	if half == 0 {
		t.Error("nothing was ever half done: the test shows nothing")
	}
	m.spec.Stages.Incremental = false
	m.everythingGoes(t)
}

// halfDone counts the objects that are there in outline only.
func (m *move) halfDone(t *testing.T) (n int) {
	t.Helper()
	_, _, st, err := m.catalogs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for id := range st.Steps {
		if whole, ok := strings.CutSuffix(id, " in outline"); ok && st.Done(id) && !st.Done(whole) {
			n++
		}
	}
	return n
}
