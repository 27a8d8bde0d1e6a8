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
	"sluice/executor/alert"
	"sluice/planner/mapping"
)

// TestWordsAreTheSame: config knows nothing of mapping and alert, and a word that
// only one of them has would select nothing, or tell nothing, without saying so.
func TestWordsAreTheSame(t *testing.T) {
	t.Parallel()
	for what, test := range map[string]struct {
		wrong string // a block with a word that nobody has
		want  []string
	}{
		"kinds":  {`objects { kinds = ["none of them"] }`, mapping.Words()},
		"alerts": {"alert \"a\" {\non = \"none of them\"\nexec = [\"true\"]\n}", alert.Words()},
	} {
		if got := allowed(t, test.wrong); !slices.Equal(got, test.want) {
			t.Errorf("%s: config has %q\nthe other has %q", what, got, test.want)
		}
	}
}

// allowed are the words that config offers in place of a wrong one.
func allowed(t *testing.T, wrong string) []string {
	t.Helper()
	dir := t.TempDir()
	file := `
		source "old" { host = "old" }
		target "new" { host = "new" }
		migration "shop" {
		  source = source.old
		  target = target.new
		  ` + wrong + `
		}`
	if err := os.WriteFile(filepath.Join(dir, "shop.sluice.hcl"), []byte(file), 0o600); err != nil {
		t.Fatal(err)
	}
	_, diags := config.Load(config.Input{Dir: dir})
	if len(diags.All()) != 1 {
		t.Fatalf("want the one problem: %+v", diags.All())
	}
	_, list, _ := strings.Cut(diags.All()[0].Detail, "is not one of ")
	words := map[string]bool{}
	for _, match := range regexp.MustCompile(`"([a-z_]+)"`).FindAllStringSubmatch(list, -1) {
		words[match[1]] = true
	}
	return slices.Sorted(maps.Keys(words))
}
