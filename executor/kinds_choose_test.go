package executor_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"sluice/examples/sandbox"
	"sluice/executor"
	"sluice/planner"
	"sluice/planner/catalog"
)

// Tables alone, of a database that holds every kind: what they need is found
// without being asked for, and nothing arrives that could stay behind.
func TestTablesAloneOfEveryKind(t *testing.T) {
	t.Parallel()
	m := newMove(t, 0, 0)
	m.spec.Stages.Incremental = false
	m.spec.Kinds = planner.Kinds{Words: []string{"table", "foreign_table"}}
	majors := sandbox.Majors()
	fillEveryKind(t, m, majors[len(majors)-1])
	if outcome, err := m.run(t.Context(), nil); err != nil || outcome != executor.Finished {
		t.Fatalf("%s: %v", outcome, err)
	}
	m.nothingLeft(t)
	source, target, _, err := m.catalogs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(ofKind(source, catalog.KindTable), ofKind(target, catalog.KindTable)); diff != "" {
		t.Errorf("tables (-source +target):\n%s", diff)
	}
	for _, kind := range []catalog.Kind{
		catalog.KindView, catalog.KindMaterializedView, catalog.KindTrigger, catalog.KindRule, catalog.KindPolicy,
		catalog.KindEventTrigger, catalog.KindPublication, catalog.KindAggregate, catalog.KindConversion, catalog.KindTransform,
	} {
		if len(ofKind(source, kind)) == 0 {
			t.Errorf("the source has no %s, so this shows nothing about it", kind)
		}
		if left := ofKind(target, kind); len(left) > 0 {
			t.Errorf("%s: %q came along", kind, left)
		}
	}
}

// ofKind are the objects of one kind that are not sluice's own.
func ofKind(c *catalog.Catalog, kind catalog.Kind) (labels []string) {
	for i := range c.Objects {
		if id := c.Objects[i].ID; id.Kind == kind && id.Schema != "sluice" {
			labels = append(labels, id.Label())
		}
	}
	return labels
}
