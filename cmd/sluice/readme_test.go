package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sluice/config"
	"sluice/planner"
)

func readme(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// The reference lists every code that a plan can carry, in the planner's words.
func TestReadmeListsEveryFinding(t *testing.T) {
	text := readme(t)
	for _, m := range planner.Meanings() {
		if row := fmt.Sprintf("| %s | %s | %s | %s |", m.Code, m.Title, m.Why, m.Fix); !strings.Contains(text, row) {
			t.Errorf("README.md lacks the row\n%s", row)
		}
	}
}

// Every code has a test that makes a plan, or a command, report it.
func TestEveryFindingHasATest(t *testing.T) {
	var tests strings.Builder
	for _, pattern := range []string{"../../planner/*_test.go", "../internal/*/*_test.go", "../internal/cli/testdata/script/*/*.txtar"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("no tests at %s: %v", pattern, err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			tests.Write(text)
		}
	}
	for _, m := range planner.Meanings() {
		if !strings.Contains(tests.String(), m.Code) {
			t.Errorf("no test speaks of %s, %s", m.Code, m.Title)
		}
	}
}

// The file of the tour is one that sluice takes.
func TestReadmeConfigurationIsValid(t *testing.T) {
	_, rest, found := strings.Cut(readme(t), "```hcl\n")
	if !found {
		t.Fatal("README.md shows no configuration")
	}
	file, _, _ := strings.Cut(rest, "```")
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "shop.sluice.hcl"), []byte(file), 0o600); err != nil {
		t.Fatal(err)
	}
	c, problems := config.Load(config.Input{Dir: dir})
	if problems.HasErrors() || len(c.Migrations) != 1 {
		t.Errorf("the configuration of README.md: %v", problems.All())
	}
}

// The mistake that the tour shows is printed as it is shown.
func TestReadmeShowsTheDiagnosticAsItIs(t *testing.T) {
	text := readme(t)
	_, rest, _ := strings.Cut(text, "```hcl\n")
	file, _, _ := strings.Cut(rest, "```")
	broken := strings.Replace(file, "database =", "databse =", 1)
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "shop.sluice.hcl"), []byte(broken), 0o600); err != nil {
		t.Fatal(err)
	}
	_, problems := config.Load(config.Input{Dir: dir})
	var shown strings.Builder
	if err := problems.Write(&shown, 0, false); err != nil {
		t.Fatal(err)
	}
	if want := strings.TrimSpace(shown.String()); !strings.Contains(text, want) {
		t.Errorf("README.md does not show\n%s", want)
	}
}
