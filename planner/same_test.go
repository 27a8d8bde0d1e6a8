package planner

import (
	"testing"

	"sluice/planner/catalog"
	"sluice/state"
)

// From 16 on a server keeps another word for an ICU locale than it was given.
func TestACollationUnderALanguageTagIsTheSame(t *testing.T) {
	t.Parallel()
	collation := func(spec catalog.Collation) catalog.Object {
		return catalog.Object{ID: catalog.ID{Kind: catalog.KindCollation, Schema: "public", Name: "german"}, Spec: &spec}
	}
	for name, c := range map[string]struct {
		from, to catalog.Collation
		same     bool
	}{
		"another spelling":  {catalog.Collation{Provider: "icu", Locale: "de_DE"}, catalog.Collation{Provider: "icu", Locale: "de-DE"}, true},
		"another place":     {catalog.Collation{Provider: "icu", Locale: "de_DE"}, catalog.Collation{Provider: "icu", Locale: "de-AT"}, false},
		"keywords":          {catalog.Collation{Provider: "icu", Locale: "de@collation=phonebook"}, catalog.Collation{Provider: "icu", Locale: "de-u-co-phonebk"}, false},
		"another rule":      {catalog.Collation{Provider: "icu", Locale: "de_DE"}, catalog.Collation{Provider: "icu", Locale: "de-DE", Rules: "&a < g"}, false},
		"of the C library":  {catalog.Collation{Provider: "libc", Collate: "de_DE"}, catalog.Collation{Provider: "libc", Collate: "de-DE"}, false},
		"another provider":  {catalog.Collation{Provider: "icu", Locale: "de_DE"}, catalog.Collation{Provider: "libc", Locale: "de-DE"}, false},
		"not deterministic": {catalog.Collation{Provider: "icu", Locale: "de_DE", Deterministic: true}, catalog.Collation{Provider: "icu", Locale: "de-DE"}, false},
	} {
		w := &world{everything(), shop(), emptyTarget(), state.State{}}
		w.addTo(&w.source, collation(c.from))
		w.addTo(&w.target, collation(c.to))
		conflicts := 0
		for _, f := range w.build().Findings {
			if f.Code == "C102" {
				conflicts++
			}
		}
		if same := conflicts == 0; same != c.same {
			t.Errorf("%s: the same is %t, want %t", name, same, c.same)
		}
	}
}
