package planner

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"sluice/examples/sandbox"
	"sluice/planner/catalog"
	"sluice/state"
)

// The executor heeds what a step comes after and nothing else: here the latest
// step that may run is always the next. A key of a partitioned table that is
// made before a partition is attached gives the partition one of its own.
func TestAnyOrderThatTheStepsAllowWillDo(t *testing.T) {
	t.Parallel()
	majors := sandbox.Majors()
	for _, major := range slices.Compact([]int{majors[0], majors[len(majors)-1]}) {
		for name, stages := range map[string]Stages{"schema": {Schema: true}, "schema and full": {Schema: true, Full: true}} {
			t.Run(fmt.Sprintf("%s on %d", name, major), func(t *testing.T) {
				t.Parallel()
				source := connect(t, sandbox.Shared(t, major, "source").Database(t))
				target := connect(t, sandbox.Shared(t, major, "target").Database(t))
				fillRich(t, source, major)
				w := &world{spec: everything(), source: read(t, source), target: read(t, target)}
				w.spec.Include, w.spec.Exclude, w.spec.Stages = []Pattern{pattern("*.*", 14)}, nil, stages
				p := w.build()
				if p.Conflicts() > 0 {
					t.Fatalf("%+v", p.Findings)
				}
				for _, s := range latestFirst(p) {
					if s.Action != SetSequences { // not every sequence can have the value that run gives it
						run(t, target, s)
					}
				}
				fresh := *w
				fresh.target, fresh.done, fresh.spec.Stages = read(t, target), state.State{}, Stages{Schema: true}
				for _, s := range fresh.build().Steps {
					if s.Object.Kind == catalog.KindMaterializedView && !stages.Full {
						continue // not filled
					}
					t.Errorf("still to do: %s: %s", s.ID, difference(fresh.source.Find(s.Object), fresh.target.Find(s.Object)))
				}
			})
		}
	}
}

// fillRich runs the judge's schemas of package ddl, and their additions for newer
// majors.
func fillRich(t *testing.T, conn *pgx.Conn, major int) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("ddl", "testdata", "rich", "*.sql"))
	if err != nil || len(files) == 0 {
		t.Fatal("no samples", err)
	}
	slices.Sort(files) // basic.sql, basic_14.sql, …
	for _, file := range files {
		_, from, _ := strings.Cut(strings.TrimSuffix(filepath.Base(file), ".sql"), "_")
		if since, err := strconv.Atoi(from); err == nil && major < since {
			continue
		}
		sql, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := conn.Exec(t.Context(), string(sql), pgx.QueryExecModeSimpleProtocol); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
	}
}

// latestFirst orders steps by what they come after, and otherwise against their
// numbers.
func latestFirst(p *Plan) (steps []*Step) {
	done := map[int]bool{}
	for len(steps) < len(p.Steps) {
		for i := len(p.Steps) - 1; ; i-- {
			s := &p.Steps[i]
			if !done[s.Number] && !slices.ContainsFunc(s.After, func(n int) bool { return !done[n] }) {
				done[s.Number] = true
				steps = append(steps, s)
				break
			}
		}
	}
	return steps
}
