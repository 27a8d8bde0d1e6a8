package planner

import (
	"slices"
	"strings"
	"testing"

	"sluice/planner/catalog"
	"sluice/state"
)

func rule(table, name string) catalog.Object {
	return catalog.Object{ID: on(catalog.KindRule, table, name), Spec: &catalog.Rule{Enabled: "origin",
		Definition: "CREATE RULE " + name + " AS ON DELETE TO public." + table + " DO ALSO NOTIFY gone"}}
}

// partitionedKey is a foreign key of the partitioned table.
func partitionedKey() catalog.Object {
	key := foreignKey("events", "id", "users")
	key.Spec.(*catalog.Constraint).Partitioned = true
	return key
}

// asOrigin is a world whose role may not set session_replication_role, with keys,
// triggers and rules of all sorts.
func asOrigin(w *world) {
	w.target.Server.MayReplicaRole = false
	w.addTo(&w.source, rule("users", "gone"), rule("orders_by_user", "view_rule"), partitionedKey(),
		trigger("users", "off", "touch"), trigger("users", "on_replica", "touch"), trigger("events", "above", "touch"),
		table("cache"), foreignKey("cache", "id", "users"), trigger("cache", "aside", "touch"), table("beside"), foreignKey("beside", "id", "cache"), trigger("beside", "aside", "touch"))
	tableSpec(w.source, "cache").Unlogged, tableSpec(w.source, "beside").Unlogged = true, true // not followed
	w.source.Find(on(catalog.KindTrigger, "users", "off")).Spec.(*catalog.Trigger).Enabled = "disabled"
	w.source.Find(on(catalog.KindTrigger, "users", "on_replica")).Spec.(*catalog.Trigger).Enabled = "replica"
	key := foreignKey("orders", "note", "users")
	key.Spec.(*catalog.Constraint).Valid = false
	key.Spec.(*catalog.Constraint).Definition += " NOT VALID"
	w.addTo(&w.source, key)
}

// What would fire for the changes is made with the opening of the target, and the
// rows of keys are checked behind it; what would not, is made where it always was.
func TestOrderWhereTheRoleMayNotSetTheReplicaRole(t *testing.T) {
	t.Parallel()
	w := &world{everything(), shop(), emptyTarget(), state.State{}}
	asOrigin(w)
	golden(t, "order_origin.txt", []byte(outline(w.build())))
	w = following(t, asOrigin)
	p := w.cutover()
	golden(t, "order_cutover_origin.txt", []byte(outline(p)))
	if p.Conflicts() > 0 {
		t.Errorf("%+v", p.Findings)
	}
	if note := stepOf(p, "create foreign key public.events.events_id_fkey").Note; !slices.Contains(note, "rows checked while writes rest") {
		t.Errorf("the key of the partitioned table says %q", note)
	}
	w.target.Server.Version = 180000
	if step := stepOf(w.cutover(), "alter foreign key public.events.events_id_fkey validated"); step == nil || step.Stage != StageCutover {
		t.Errorf("on 18 the key of the partitioned table is checked by %+v", step)
	}
}

// A trigger that is enabled on a partition alone fires there.
func TestATriggerOfAPartitionAloneWaits(t *testing.T) {
	t.Parallel()
	w := &world{everything(), shop(), emptyTarget(), state.State{}}
	w.addTo(&w.source, trigger("events", "above", "touch"))
	above := w.source.Find(on(catalog.KindTrigger, "events", "above")).Spec.(*catalog.Trigger)
	above.Enabled, above.Below = "disabled", []catalog.PartitionTrigger{{Table: named("public", "events_1"), Enabled: "always"}}
	if p := w.build(); stepOf(p, "create trigger public.events.above") != nil {
		t.Error("it is made before the changes, and fires for them")
	}
}

func TestFindingsWhereTheRoleMayNotSetTheReplicaRole(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*world)
		want   []string
	}{
		"W230": {func(w *world) { w.target.Server.MayReplicaRole = false },
			[]string{"database shop_prod", "1 foreign key and 1 trigger wait for the cutover", `grant set on parameter session_replication_role to "migrator"`}},
		"W230 before 15": {func(w *world) { w.target.Server.MayReplicaRole, w.target.Server.Version = false, 140000 },
			[]string{"database shop_prod", "as a superuser"}},
		"W230 of every sort": {asOrigin,
			[]string{"database shop_prod", "4 foreign keys, 2 triggers and 1 rule wait", "the rows of 1 foreign key of partitioned tables are checked while writes rest", "PostgreSQL 16 has no NOT VALID", "public.events.events_id_fkey"}},
		"W230 a single one": {func(w *world) {
			w.target.Server.MayReplicaRole = false
			w.spec.Exclude = append(w.spec.Exclude, pattern("public.orders.touch", 16))
		}, []string{"database shop_prod", "1 foreign key waits"}},
		"C109 the role has lost it": {func(w *world) {
			p := w.build()
			w.done, w.target = doneBy(p, len(p.Steps)-1), created(w.source, w.target, p, len(p.Steps)-1)
			w.target.Server.MayReplicaRole = false
		}, []string{"database shop_prod", "2 objects", "foreign key public.orders.orders_user_id_fkey, trigger public.orders.touch", "grant set on parameter"}},
		"C109 a rule of somebody else": {func(w *world) {
			w.spec.Conflicts.OnExisting = ExistingAppend
			w.target.Server.MayReplicaRole = false
			w.addTo(&w.target, table("users", "email"), rule("users", "gone"))
		}, []string{"database shop_prod", "1 object", `alter table "public"."users" disable rule "gone"`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := &world{everything(), shop(), emptyTarget(), state.State{}}
			c.change(w)
			expect(t, w.build(), name[:4], c.want)
		})
	}
}

// Without triggers and keys to wait for there is nothing to say, and nothing that the
// role would need the right for.
func TestARoleNeedsNoRightThatNothingIsForIt(t *testing.T) {
	t.Parallel()
	w := &world{everything(), shop(), emptyTarget(), state.State{}}
	w.target.Server.MayReplicaRole = false
	w.spec.Exclude = append(w.spec.Exclude, pattern("public.orders.*", 16))
	if p := w.build(); !p.Origin || slices.ContainsFunc(p.Findings, func(f Finding) bool { return f.Code == "W230" || f.Blocks() }) {
		t.Errorf("%+v", p.Findings)
	}
}

// What the cutover has made is there, and the rows of its keys are to be checked,
// whatever else has become of the source since.
func TestKeysAreCheckedAfterTheCutover(t *testing.T) {
	t.Parallel()
	w := following(t, asOrigin)
	cutover := w.cutover()
	w.target = created(w.source, w.target, cutover, len(cutover.Steps))
	for _, s := range cutover.Steps {
		if s.Action == Alter {
			w.done.Steps[s.ID] = state.Step{State: state.StepIntent, Fingerprint: s.Fingerprint}
		} else {
			w.done.Steps[s.ID] = state.Step{State: state.StepDone, Fingerprint: s.Fingerprint}
		}
	}
	w.done.Phase = state.CutOver
	pending := func() (ids []string) {
		p := w.build()
		for _, s := range p.Steps {
			if !s.Done {
				ids = append(ids, s.ID)
			}
		}
		if p.Conflicts() > 0 {
			t.Errorf("%+v", p.Findings)
		}
		return ids
	}
	want := []string{"alter foreign key public.cache.cache_id_fkey validated", "alter foreign key public.orders.orders_user_id_fkey validated"}
	if got := pending(); !slices.Equal(got, want) {
		t.Errorf("to do after the cutover: %q, want %q", got, want)
	}
	expect(t, w.cleanup(false), "W231", []string{"database shop_prod", "2 foreign keys", strings.TrimSuffix(strings.TrimPrefix(want[1], "alter "), " validated")})
	*w = without(*w, "cache")
	if got := pending(); !slices.Equal(got, want) {
		t.Errorf("with a table less on the source: %q", got)
	}
	for _, id := range want {
		w.done.Steps[id] = state.Step{State: state.StepDone}
	}
	if got := pending(); len(got) > 0 {
		t.Errorf("still to do: %q", got)
	}
}
