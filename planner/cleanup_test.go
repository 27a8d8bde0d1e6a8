package planner

import (
	"slices"
	"testing"

	"sluice/planner/catalog"
	"sluice/state"
)

func (w *world) cleanup(dropCreated bool) *Plan {
	return Cleanup(w.spec, w.source, w.target, w.done, dropCreated)
}

func TestCleanup(t *testing.T) {
	t.Parallel()
	w := following(t, func(w *world) {
		w.spec.Tables = []TableRule{{Table: named("public", "users"), ReplicaIdentity: "full"}}
		w.addTo(&w.source, foreignKey("users", "id", "orders")) // a circle, but for the foreign keys
	})
	w.done.Phase = state.CutOver
	golden(t, "order_cleanup.txt", []byte(outline(w.cleanup(false))))
	golden(t, "order_cleanup_created.txt", []byte(outline(w.cleanup(true))))
	if p := w.cleanup(true); p.Slot != "sluice_shop" || p.Conflicts() > 0 {
		t.Errorf("slot %q, findings %+v", p.Slot, p.Findings)
	}
}

// The slot goes first: nothing fills the spool any more.
func TestCleanupRemovesTheSpoolThatTheStateKnows(t *testing.T) {
	t.Parallel()
	w := following(t, func(w *world) { w.spec.Spool = "/var/lib/sluice" })
	w.done.Spool.Directory = "/srv/sluice"
	spool, slot := stepOf(w.cleanup(false), "drop spool sluice_shop"), stepOf(w.cleanup(false), "drop slot sluice_shop")
	if spool == nil || slot == nil || !slices.Contains(spool.After, slot.Number) || spool.Note[0] != "/srv/sluice" {
		t.Errorf("spool %+v after slot %+v", spool, slot)
	}
}

func TestCleanupTouchesOnlyWhatTheStateKnows(t *testing.T) {
	t.Parallel()
	w := &world{everything(), shop(), with(targetServer(), shop().Objects...), state.State{Lineage: "l"}}
	p := w.cleanup(true)
	if len(p.Steps) != 1 || p.Steps[0].Action != Forget {
		t.Errorf("steps:\n%s", outline(p))
	}
}

func TestCleanupDoesNotRelyOnTheConfiguration(t *testing.T) {
	t.Parallel()
	w := following(t, func(*world) {})
	w.spec.Slot, w.spec.Include = "another", nil
	p := w.cleanup(true)
	for _, id := range []string{"drop slot sluice_shop", "drop publication sluice_shop", "drop table public.orders"} {
		if stepOf(p, id) == nil {
			t.Errorf("no step %q", id)
		}
	}
}

func TestCleanupFindings(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*world)
		want   []string
	}{
		"C126": {func(w *world) { w.done.Lease = state.Lease{Holder: "host 17", Live: true} }, []string{"database shop_prod", "host 17"}},
		"W225": {func(*world) {}, []string{"database shop_prod", "will be dropped, with all rows"}},
		"W226 cut over": {func(w *world) { w.done.Phase = state.CutOver },
			[]string{"database shop", "writes again"}},
		"W226 a fence that was left": {func(w *world) {
			w.addTo(&w.source, catalog.Object{ID: on(catalog.KindTrigger, "orders", "sluice_fence"), Spec: &catalog.Trigger{}})
		}, []string{"database shop", "writes again"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := following(t, func(*world) {})
			c.change(w)
			expect(t, w.cleanup(true), name[:4], c.want)
		})
	}
}
