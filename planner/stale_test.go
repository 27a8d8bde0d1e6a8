package planner

import (
	"slices"
	"strings"
	"testing"

	"sluice/planner/catalog"
	"sluice/state"
)

func TestStale(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*world)
		object string // empty: nothing moved
		says   string
	}{
		"nothing": {func(*world) {}, "", ""},
		"rows were added": {func(w *world) {
			tableSpec(w.source, "orders").Size = catalog.Size{Rows: 1, Pages: 1, Bytes: 8192}
		}, "", ""},
		"a table that no pattern takes": {func(w *world) { w.addTo(&w.source, table("tmp_more")) }, "", ""},
		"a new table that the plan does not touch": {func(w *world) {
			w.addTo(&w.source, table("new"), primaryKey("new", "id"))
		}, "", ""},
		"a column was added": {func(w *world) {
			s := tableSpec(w.source, "orders")
			s.Columns = append(s.Columns, catalog.Column{Name: "more", Type: "text"})
		}, "table public.orders", "changed on the source"},
		"a table has gone": {func(w *world) { *w = without(*w, "events_1") }, "table public.events_1", "no longer to do"},
		"a table turned up on the target": {func(w *world) { w.addTo(&w.target, table("users")) },
			"table public.users", "C101"},
		"a right was taken away": {func(w *world) { w.source.Server.Replication = false },
			"", ""}, // a finding of the database, no step's
		"the target was upgraded": {func(w *world) { w.target.Server.Version, w.target.Server.VersionText = 170000, "17.0" },
			"database shop_prod", "is PostgreSQL 17.0, and was 16.4"},
		"the role may not do any more what the plan is made for": {func(w *world) { w.target.Server.MayReplicaRole = false },
			"database shop_prod", "session_replication_role any more"},
		"another server":         {func(w *world) { w.source.Server.SystemIdentifier = "1" }, "database shop", "of system 1"},
		"what was right is gone": {func(w *world) { w.target = with(targetServer()) }, "schema public", "no longer on the target"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := &world{everything(), shop(), emptyTarget(), state.State{}}
			saved := w.build()
			c.change(w)
			moved := Stale(saved, w.build())
			if c.object == "" {
				if len(moved) > 0 {
					t.Errorf("%+v", moved)
				}
				return
			}
			i := slices.IndexFunc(moved, func(m Moved) bool { return m.Object.String() == c.object && strings.Contains(m.What, c.says) })
			if i < 0 {
				t.Fatalf("%+v", moved)
			}
			for _, n := range moved[i].Steps {
				if saved.Steps[n-1].Object != moved[i].Object {
					t.Errorf("step %d is not of %s", n, moved[i].Object)
				}
			}
		})
	}
}

// without returns the world without a table and what is on it.
func without(w world, name string) world {
	w.source = with(w.source.Server, slices.DeleteFunc(slices.Clone(w.source.Objects), func(o catalog.Object) bool {
		return o.ID.Table == name || o.ID.Name == name
	})...)
	return w
}
