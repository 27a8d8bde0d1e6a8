package config

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// FuzzLoad: no file makes Load panic, and the same file gives the same text.
func FuzzLoad(f *testing.F) {
	for _, form := range []string{"testdata/*/*/*.sluice.hcl", "testdata/*/*/*.sluice.json"} {
		paths, _ := filepath.Glob(form)
		for _, path := range paths {
			text, err := os.ReadFile(path)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(text, strings.HasSuffix(path, ".json"))
		}
	}
	f.Fuzz(func(t *testing.T, text []byte, isJSON bool) {
		name := "a.sluice.hcl"
		if isJSON {
			name = "a.sluice.json"
		}
		got := input{files: []namedText{{name, text}}}
		if first, second := everything(t, Input{}, got), everything(t, Input{}, got); first != second {
			t.Errorf("two loads differ:\n%s\n---\n%s", first, second)
		}
		Format(text)
	})
}

// FuzzVars: no value of a variable makes Load panic, and no sensitive value is
// shown.
func FuzzVars(f *testing.F) {
	f.Add([]byte("n = 5\ns = \"text\"\n"), "l=[1]", "o={ a = 1 }")
	f.Add([]byte("l = [[]]\no = { a = null }\n"), "n=x", "secret=hunter22")
	f.Add([]byte("secret = \"hunter22\""), "secret=${upper(\"x\")}", "=")
	f.Add([]byte("any = { a = [null, \"\"] }"), "m={ a = [true] }", "t=[1, \"x\"]")
	declarations := []byte(`
variable "n" { type = number }
variable "s" { type = string }
variable "l" { type = list(set(string)) }
variable "m" { type = map(list(bool)) }
variable "t" { type = tuple([number, string]) }
variable "o" { type = object({ a = optional(number, 3), b = optional(list(string)) }) }
variable "any" {}
variable "secret" {
  sensitive = true
  validation {
    condition     = length(var.secret) > 3 && tonumber(var.secret) > 5
    error_message = "not ${var.any}"
  }
}
source "a" { host = var.any }
target "b" { url = "postgres://${var.secret}@b/${var.s}" }
migration "c" {
  for_each = var.m
  source   = source.a
  target   = target.b
  tags     = { a = var.any, s = var.s, n = tostring(var.secret) }
  full { workers = var.n }
  dynamic "table" {
    for_each = var.l
    labels   = [table.value]
    content { on_existing = each.value }
  }
}
`)
	f.Fuzz(func(t *testing.T, file []byte, first, second string) {
		got := input{
			files:  []namedText{{"a.sluice.hcl", declarations}},
			values: []namedText{{"a.auto.vars.hcl", file}},
		}
		in := Input{Vars: []string{first, second}, Environ: []string{"SLUICE_VAR_secret=hunter22-from-outside"}}
		if text := everything(t, in, got); strings.Contains(text, "hunter22-from-outside") {
			t.Errorf("a sensitive value is shown:\n%s", text)
		}
	})
}

// everything is all that a user could see of one Load.
func everything(t *testing.T, in Input, got input) string {
	c, diags := newLoader(in).load(got)
	var b bytes.Buffer
	if err := diags.Write(&b, 40, true); err != nil {
		t.Fatal(err)
	}
	for _, m := range c.Migrations {
		b.WriteString(m.Address)
		if err := c.Diagnose(&b, "warning", "W1", m.Name, m.Incremental.Slot, m.Range, false); err != nil {
			t.Fatal(err)
		}
		if !diags.HasErrors() && (m.Source.Name == "" || m.Target.Name == "" || len(m.Include) == 0) {
			t.Errorf("accepted and incomplete: %+v", m)
		}
	}
	for _, v := range c.Variables {
		b.WriteString(v.Name + v.Value + v.Origin)
	}
	return b.String()
}
