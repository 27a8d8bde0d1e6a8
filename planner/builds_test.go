package planner

import (
	"testing"

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
