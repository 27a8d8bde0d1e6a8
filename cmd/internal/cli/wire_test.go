package cli

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sluice/config"
	"sluice/planner/mapping"
)

// TestKindsAreTheSameWords: config and mapping know nothing of each other, and
// a word that only one of them has would select nothing without saying so.
func TestKindsAreTheSameWords(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	const file = `
		source "old" { host = "old" }
		target "new" { host = "new" }
		migration "shop" {
		  source = source.old
		  target = target.new
		  objects { kinds = ["none of them"] }
		}`
	if err := os.WriteFile(filepath.Join(dir, "shop.sluice.hcl"), []byte(file), 0o600); err != nil {
		t.Fatal(err)
	}
	_, diags := config.Load(config.Input{Dir: dir})
	if len(diags.All()) != 1 {
		t.Fatalf("want the one problem: %+v", diags.All())
	}
	_, allowed, _ := strings.Cut(diags.All()[0].Detail, "is not one of ")
	words := map[string]bool{}
	for _, match := range regexp.MustCompile(`"([a-z_]+)"`).FindAllStringSubmatch(allowed, -1) {
		words[match[1]] = true
	}
	got, want := slices.Sorted(maps.Keys(words)), mapping.Words()
	if !slices.Equal(got, want) {
		t.Errorf("config has %q\nmapping has %q", got, want)
	}
}
