package planner

import (
	"slices"
	"testing"

	"sluice/planner/catalog"
	"sluice/state"
)

func TestParseIndexColumns(t *testing.T) {
	t.Parallel()
	for definition, want := range map[string][]string{
		`CREATE UNIQUE INDEX i ON public.t USING btree (a)`:                                      {"a"},
		`CREATE UNIQUE INDEX i ON public.t USING btree (a, "b c" DESC, d text_ops) INCLUDE (e)`:  {"a", "b c", "d"},
		`CREATE UNIQUE INDEX " USING x (" ON public.t USING btree ("a,b", "c""d", ")") WITH (f)`: {"a,b", `c"d`, ")"},
		`CREATE UNIQUE INDEX i ON public.t USING btree (lower(a))`:                               {"lower(a"}, // no column of that name: refused later
		`CREATE UNIQUE INDEX i`: nil,
		`x USING btree ("a`:     nil,
		``:                      nil,
	} {
		if got := parseIndexColumns(definition); !slices.Equal(got, want) {
			t.Errorf("%s: %q", definition, got)
		}
	}
}

func FuzzParseIndexColumns(f *testing.F) {
	f.Add(`CREATE UNIQUE INDEX i ON public.t USING btree (a, "b c" DESC) INCLUDE (e)`)
	f.Fuzz(func(_ *testing.T, definition string) { parseIndexColumns(definition) })
}

func TestIdentityColumns(t *testing.T) {
	t.Parallel()
	uniqueIndex := index("users", "users_email")
	uniqueIndex.Spec.(*catalog.Index).Unique = true
	uniqueIndex.Spec.(*catalog.Index).Definition = "CREATE UNIQUE INDEX users_email ON public.users USING btree (email)"
	for name, c := range map[string]struct {
		identity catalog.ReplicaIdentity
		want     []string
	}{
		"default is the primary key":          {catalog.ReplicaIdentity{Kind: catalog.IdentityDefault}, []string{"id"}},
		"full finds rows by the key as well":  {catalog.ReplicaIdentity{Kind: catalog.IdentityFull}, []string{"id"}},
		"an index's columns":                  {catalog.ReplicaIdentity{Kind: catalog.IdentityIndex, Index: "users_email"}, []string{"email"}},
		"the index of a constraint":           {catalog.ReplicaIdentity{Kind: catalog.IdentityIndex, Index: "users_email_key"}, []string{"email"}},
		"an index that has gone names nobody": {catalog.ReplicaIdentity{Kind: catalog.IdentityIndex, Index: "gone"}, nil},
		"nothing names nobody":                {catalog.ReplicaIdentity{Kind: catalog.IdentityNothing}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			source := with(sourceServer(), append(shop().Objects, uniqueIndex)...)
			tableSpec(source, "users").Identity = c.identity
			p := Build(everything(), source, emptyTarget(), state.State{})
			if got := stepOf(p, "copy table public.users").Copy.Identity; !slices.Equal(got, c.want) {
				t.Errorf("%q", got)
			}
		})
	}
}
