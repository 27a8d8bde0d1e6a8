package config

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files anew")

// inputs are what cases are given beside their directory.
var inputs = map[string]Input{
	"variables_come_from_files": {
		VarFiles: []string{"testdata/good/variables_come_from_files/given.vars.hcl"},
		Vars:     []string{"f_var={ n = 4 }", "g_secret=from the command line"},
		Environ: []string{
			"SLUICE_VAR_b_environment=environment", "SLUICE_VAR_c_vars_file=environment", "SLUICE_VAR_f_var=environment",
			"SLUICE_VAR_of_another_configuration=x", "PATH=/bin",
		},
	},
	"values_for_variables": {
		VarFiles: []string{"testdata/bad/values_for_variables/given.vars.hcl", "testdata/bad/values_for_variables/missing.vars.hcl"},
		Vars:     []string{"evn=prod", "count", "names=[", "port=many"},
		Environ:  []string{"SLUICE_VAR_size=\xff"},
	},
	"sensitive_values_are_never_shown": {
		VarFiles: []string{"testdata/bad/sensitive_values_are_never_shown/given.vars.hcl"},
		Vars:     []string{"port=secret-port", "list=[secret-list"},
		Environ:  []string{"SLUICE_VAR_word=secret-word"},
	},
}

// TestGood compares the whole Config of each directory in testdata/good.
func TestGood(t *testing.T) {
	for _, dir := range directories(t, "testdata/good") {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			t.Parallel()
			c, diags := loadCase(dir)
			if diags.HasErrors() {
				t.Fatalf("a correct configuration has problems:\n%s", written(t, diags))
			}
			got, err := json.MarshalIndent(c, "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			golden(t, filepath.Join(dir, "config.golden"), string(got)+"\n")
		})
	}
}

// TestBad compares all diagnostics of each directory in testdata/bad.
func TestBad(t *testing.T) {
	for _, dir := range directories(t, "testdata/bad") {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			t.Parallel()
			_, diags := loadCase(dir)
			if !diags.HasErrors() {
				t.Error("no problem was found")
			}
			golden(t, filepath.Join(dir, "diagnostics.golden"), written(t, diags))
		})
	}
}

func loadCase(dir string) (*Config, Diagnostics) {
	in := inputs[filepath.Base(dir)]
	in.Dir = dir
	return Load(in)
}

func written(t *testing.T, diags Diagnostics) string {
	t.Helper()
	var b bytes.Buffer
	if err := diags.Write(&b, 78, false); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}

func directories(t *testing.T, parent string) []string {
	t.Helper()
	found, err := filepath.Glob(parent + "/*")
	if err != nil || len(found) == 0 {
		t.Fatalf("no cases in %s: %v", parent, err)
	}
	return found
}
