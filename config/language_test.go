package config

import (
	"fmt"
	"strings"
	"testing"
)

// TestLanguageIsComplete keeps the table fit for the reference documentation.
func TestLanguageIsComplete(t *testing.T) {
	walk(language, "", func(path string, b *blockSpec) {
		if path != "" && b.doc == "" {
			t.Errorf("%s has no documentation", path)
		}
		seen := map[string]bool{}
		for _, a := range b.args {
			checkArgument(t, path+"."+a.name, a)
			seen[a.name] = true
		}
		for _, nested := range b.blocks {
			if seen[nested.name] {
				t.Errorf("%s.%s is there twice", path, nested.name)
			}
			seen[nested.name] = true
		}
	})
}

func walk(b *blockSpec, path string, visit func(string, *blockSpec)) {
	visit(path, b)
	for _, nested := range b.blocks {
		walk(nested, strings.TrimPrefix(path+"."+nested.name, "."), visit)
	}
}

func checkArgument(t *testing.T, path string, a argSpec) {
	t.Helper()
	if a.doc == "" || !strings.HasSuffix(a.doc, ".") {
		t.Errorf("%s: documentation is not a sentence: %q", path, a.doc)
	}
	if a.kind.name == "" || (a.kind.read == nil) == (a.kind.static == nil) {
		t.Errorf("%s: its kind is neither read nor static", path)
	}
	if a.def != nil {
		if err := a.check(a.def); err != nil {
			t.Errorf("%s: the default is not allowed: %v", path, err)
		}
	}
	for _, value := range a.today {
		if len(a.oneOf) > 0 && !contains(a.oneOf, value) {
			t.Errorf("%s: %q is carried out and not allowed", path, value)
		}
	}
	if len(a.today) > 0 && !contains(a.today, fmt.Sprint(a.def)) {
		t.Errorf("%s: the default is not carried out", path)
	}
}
