package planner

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sluice/planner/catalog"
	"sluice/state"
)

func TestHowIndexesAreBuilt(t *testing.T) {
	t.Parallel()
	source := shop()
	source.Find(on(catalog.KindConstraint, "events", "events_pkey")).Spec.(*catalog.Constraint).Partitioned = true
	clustered := index("users", "users_clustered")
	clustered.Spec.(*catalog.Index).Clustered = true
	source = with(source.Server, append(source.Objects, clustered)...)
	fresh := Build(everything(), source, emptyTarget(), state.State{})
	for id, want := range map[string]Building{
		"create index public.orders_at":                        BuildsBeside,
		"create index public.users_clustered":                  BuildsBesideThenAlone,
		"create constraint public.orders.orders_pkey":          BuildsBesideThenAlone,
		"create constraint public.events_1.events_1_pkey":      BuildsBesideThenAlone,
		"create constraint public.events.events_pkey":          BuildsAlone,
		"create foreign key public.orders.orders_user_id_fkey": "",
		"create table public.orders":                           "",
	} {
		if s := stepOf(fresh, id); s == nil || s.Building != want {
			t.Errorf("%s: %+v, want %q", id, s, want)
		}
	}
	inUse := meeting(ExistingAppend, nil).build()
	if s := stepOf(inUse, "create constraint public.users.users_email_key"); s == nil || s.Building != BuildsAlone {
		t.Errorf("on a table that others use: %+v", s)
	}
}

// sizedShop is the shop with two large keys and a large index.
func sizedShop() *catalog.Catalog {
	c := shop()
	for _, name := range []string{"orders", "users"} {
		c.Find(on(catalog.KindConstraint, name, name+"_pkey")).Spec.(*catalog.Constraint).Bytes = 600 << 20
	}
	c.Find(in(catalog.KindIndex, "orders_at")).Spec.(*catalog.Index).Bytes = 300 << 20
	return c
}

func TestWhatThereIsForLargeIndexes(t *testing.T) {
	t.Parallel()
	target := emptyTarget()
	target.Server.Settings["maintenance_work_mem"], target.Server.Settings["max_parallel_maintenance_workers"] = "65536", "2"
	plain := Build(everything(), sizedShop(), target, state.State{})
	first := slices.IndexFunc(plain.Steps, func(s Step) bool { return plain.LargeBuild(&s) })
	for name, c := range map[string]struct {
		settings state.Settings
		done     state.State
		want     IndexBuilds
	}{
		"the target's own":        {state.Settings{}, state.State{}, IndexBuilds{Jobs: 3, AtOnce: 3, Memory: 64 << 20, Workers: 2}},
		"an equal part":           {state.Settings{Workers: 2, IndexMemory: 1 << 30}, state.State{}, IndexBuilds{Jobs: 3, AtOnce: 2, Memory: 512 << 20, Workers: 2}},
		"less than the target's":  {state.Settings{Workers: 8, IndexMemory: 96 << 20}, state.State{}, IndexBuilds{Jobs: 3, AtOnce: 3, Memory: 32 << 20, Workers: 2}},
		"the least that is taken": {state.Settings{IndexMemory: 1}, state.State{}, IndexBuilds{Jobs: 3, AtOnce: 3, Memory: 1 << 20, Workers: 2}},
		"of what is left":         {state.Settings{IndexMemory: 1 << 30}, doneBy(plain, first+1), IndexBuilds{Jobs: 2, AtOnce: 2, Memory: 512 << 20, Workers: 2}},
		"nothing is left":         {state.Settings{}, doneBy(plain, len(plain.Steps)), IndexBuilds{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			spec := everything()
			spec.Settings = c.settings
			p := Build(spec, sizedShop(), created(sizedShop(), target, plain, len(c.done.Steps)), c.done)
			if diff := cmp.Diff(c.want, p.IndexBuilds); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if p.ID != plain.ID {
				t.Error("it changes the plan's ID")
			}
		})
	}
}
