package executor_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"sluice/examples/sandbox"
	"sluice/executor"
	"sluice/planner"
	"sluice/planner/catalog"
)

// Promise 18: every object of a database that holds every kind is created, or
// left out with a reason; pg_dump says the same of both sides, owners and
// privileges included, and a second plan has nothing to do.
func TestEveryKindArrives(t *testing.T) {
	t.Parallel()
	for _, major := range widestMajors() {
		t.Run(strconv.Itoa(major), func(t *testing.T) {
			t.Parallel()
			m := newMove(t, major, major)
			m.spec.Stages.Incremental = false // so that event triggers come at once
			m.spec.Owners, m.spec.Grants = true, true
			fillEveryKind(t, m, major)
			plan := m.everythingGoes(t)
			if diff := cmp.Diff(sandbox.Dump(t, m.source), sandbox.Dump(t, m.target, "--exclude-schema=sluice")); diff != "" {
				t.Errorf("pg_dump differs (-source +target):\n%s", diff)
			}
			m.sameCatalogs(t, plan)
		})
	}
}

// TestEveryKindArrivesOnANewerServer: the newest server takes what every older
// one has, under the same names.
func TestEveryKindArrivesOnANewerServer(t *testing.T) {
	t.Parallel()
	majors := widestMajors()
	newest := majors[len(majors)-1]
	for _, major := range majors[:len(majors)-1] {
		t.Run(fmt.Sprintf("%d to %d", major, newest), func(t *testing.T) {
			t.Parallel()
			m := newMove(t, major, newest)
			m.spec.Stages.Incremental = false
			m.spec.Owners, m.spec.Grants = true, true
			fillEveryKind(t, m, major)
			m.everythingGoes(t)
		})
	}
}

// everythingGoes moves the whole database and returns the plan of it.
func (m *move) everythingGoes(t *testing.T) *planner.Plan {
	t.Helper()
	plan, err := m.plan(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	m.accountsForAll(t, plan)
	if outcome, err := m.run(t.Context(), nil); err != nil || outcome != executor.Finished {
		t.Fatalf("%s: %v", outcome, err)
	}
	m.equal(t)
	m.nothingLeft(t)
	return plan
}

// accountsForAll checks that every object of the source is in the plan, and that
// only subscriptions stay behind.
func (m *move) accountsForAll(t *testing.T, plan *planner.Plan) {
	t.Helper()
	source, _, _, err := m.catalogs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	in := map[catalog.ID]bool{}
	for _, s := range plan.Steps {
		in[s.Object] = true
		for _, id := range s.Covers {
			in[id] = true
		}
	}
	for _, id := range plan.Right {
		in[id] = true
	}
	for _, o := range plan.NotMigrated {
		in[o.Object] = true
		if o.Object.Kind != catalog.KindSubscription && o.Reason != "invalid on the source: building it was cut off" {
			t.Errorf("%s stays behind: %s", o.Object, o.Reason)
		}
	}
	for i := range source.Objects {
		if id := source.Objects[i].ID; !in[id] {
			t.Errorf("the plan says nothing of %s", id)
		}
	}
}

// sameCatalogs checks that introspection of both sides says the same.
func (m *move) sameCatalogs(t *testing.T, plan *planner.Plan) {
	t.Helper()
	source, target, _, err := m.catalogs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	left := map[catalog.ID]bool{}
	for _, o := range plan.NotMigrated {
		left[o.Object] = true
	}
	wanted := slices.DeleteFunc(source.Objects, func(o catalog.Object) bool { return left[o.ID] })
	there := slices.DeleteFunc(target.Objects, func(o catalog.Object) bool {
		return o.ID.Schema == "sluice" || o.ID == catalog.ID{Kind: catalog.KindSchema, Name: "sluice"}
	})
	for i := range wanted {
		o := target.Find(wanted[i].ID)
		if o == nil || o.Fingerprint() == wanted[i].Fingerprint() {
			continue
		}
		t.Errorf("%s differs (-source +target):\n%s", o.ID, cmp.Diff(wanted[i].Spec, o.Spec, ignoreTheServers...))
	}
	if diff := cmp.Diff(idsOf(wanted), idsOf(there)); diff != "" {
		t.Errorf("the objects differ (-source +target):\n%s", diff)
	}
}

var ignoreTheServers = []cmp.Option{cmpopts.IgnoreTypes(catalog.Size{}, catalog.Access{})}

func idsOf(objects []catalog.Object) (ids []string) {
	for i := range objects {
		ids = append(ids, objects[i].ID.String())
	}
	return ids
}

// fillEveryKind makes what planner/ddl is tested with, or only those topics of
// it, and the roles of the source's server on the target's.
func fillEveryKind(t *testing.T, m *move, major int, only ...string) {
	t.Helper()
	files, err := filepath.Glob("../planner/ddl/testdata/rich/*.sql")
	if err != nil || len(files) == 0 {
		t.Fatal("no samples", err)
	}
	slices.Sort(files) // basic.sql, basic_14.sql, …
	for _, file := range files {
		topic, from, _ := strings.Cut(strings.TrimSuffix(filepath.Base(file), ".sql"), "_")
		if since, err := strconv.Atoi(from); err == nil && major < since || len(only) > 0 && !slices.Contains(only, topic) {
			continue
		}
		sql, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		sandbox.Exec(t, m.source, string(sql))
	}
	sandbox.SameRoles(t, m.source, m.target)
}
