package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// contracts are leaves that anybody may import: plain values, or what every
// stage stands on. They import each other only downwards in this list.
var contracts = []string{
	"planner",
	"state",
	"planner/catalog",
	"planner/lexer",
}

// extra are the edges that neither go down the tree nor to a contract, each
// with its reason.
var extra = map[string][]string{
	"planner":          {"state"},            // what was done is an input of Build
	"executor":         {"state/postgres"},   // the one store there is
	"executor/session": {"state"},            // records join a transaction
	"executor/slot":    {"executor/session"}, // connections
	"executor/load":    {"executor/session", "executor/progress", "executor/handoff", "executor/throttle"},
	"executor/stream":  {"executor/session"},
	"executor/spool":   {"executor/stream"}, // whose items it keeps
	"executor/replay":  {"executor/session", "executor/progress", "executor/handoff", "executor/stream", "executor/transform", "executor/throttle"},
	"executor/verify":  {"executor/session"},
	// Rows of the stream are computed on the source, and read once visible there.
	"executor/transform": {"executor/session", "executor/stream", "executor/handoff"},
	// A large object's owner and grants are known only when it is copied.
	"executor/largeobject":   {"executor/session", "planner/ddl"},
	"executor/configuration": {"executor/session"},
	// Alerts read the status; the executor itself knows nothing of them.
	"executor/alert": {"executor/progress"},
}

// leaves import nothing of ours.
var leaves = []string{"config", "state", "planner/catalog", "planner/lexer", "executor/progress", "executor/handoff", "executor/throttle"}

// Plain values between the stages, imports down the tree, and only cmd knows
// everything: a newcomer can read any folder without those above it.
func TestImportsGoDownTheTree(t *testing.T) {
	for from, imports := range ownImports(t) {
		if strings.HasPrefix(from, "cmd/") || strings.HasPrefix(from, "examples/") {
			continue
		}
		for _, to := range imports {
			if slices.Contains(leaves, from) {
				t.Errorf("%s imports %s, and is a leaf", from, to)
				continue
			}
			down := strings.HasPrefix(to, from+"/")
			contract := slices.Contains(contracts, to)
			if !down && !contract && !slices.Contains(extra[from], to) && !within(from, to) {
				t.Errorf("%s imports %s, which is neither below it nor a contract", from, to)
			}
		}
	}
}

// within: the parts of planner stand on the catalog and on each other's results
// in the order of its pipeline.
func within(from, to string) bool {
	pipeline := []string{"planner/introspect", "planner/mapping", "planner/ddl"}
	return slices.Contains(pipeline, from) && to == "planner/catalog"
}

// ownImports are the imports of ours of each package, without those of tests.
func ownImports(t *testing.T) map[string][]string {
	t.Helper()
	root := filepath.Join("..", "..")
	found := map[string]map[string]bool{}
	err := filepath.WalkDir(root, func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") {
			return err
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		folder, err := filepath.Rel(root, filepath.Dir(file))
		if err != nil {
			return err
		}
		from := path.Clean(filepath.ToSlash(folder))
		if found[from] == nil {
			found[from] = map[string]bool{}
		}
		for _, i := range parsed.Imports {
			name, err := strconv.Unquote(i.Path.Value)
			if err != nil {
				return err
			}
			if own, ok := strings.CutPrefix(name, "sluice/"); ok {
				found[from][own] = true
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(found) < 10 {
		t.Fatalf("only %d packages found: the test looks in the wrong place", len(found))
	}
	imports := map[string][]string{}
	for from, set := range found {
		imports[from] = slices.Sorted(maps.Keys(set))
	}
	return imports
}
