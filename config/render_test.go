package config

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDiagnoseLooksLikeLoad(t *testing.T) {
	c, diags := Load(Input{Dir: "testdata/good/everything_carried_out"})
	if diags.HasErrors() {
		t.Fatal(written(t, diags))
	}
	var got bytes.Buffer
	err := c.Diagnose(&got, "Error", "C106", "Table not found in the source",
		"source.aurora has no table public.events.\nDid you mean \"public.event\"?", c.Migrations[0].Tables[0].Range, false)
	if err != nil {
		t.Fatal(err)
	}
	want := `Error: Table not found in the source                                    [C106]

  on shop.sluice.hcl line 79, in migration "shop":
  79:   table "public.events" {
              ^^^^^^^^^^^^^^^

source.aurora has no table public.events.
Did you mean "public.event"?

`
	if diff := cmp.Diff(want, got.String()); diff != "" {
		t.Error(diff)
	}
}

func TestDiagnoseTakesAnyPlace(t *testing.T) {
	c, _ := Load(Input{Dir: "testdata/good/everything_carried_out"})
	for _, at := range []Range{
		{}, {File: "shop.sluice.hcl"}, {File: "shop.sluice.hcl", Line: 10000, Column: 3}, {File: "other", Line: 1, Column: 1},
		{File: "shop.sluice.hcl", Line: 1, Column: 500, EndLine: 1, EndColumn: 2}, {File: "shop.sluice.hcl", Line: -1, Column: -1},
		{File: "shop.sluice.hcl", Line: 2, EndLine: 1},
	} {
		var got bytes.Buffer
		if err := c.Diagnose(&got, "", "", "summary", "", at, true); err != nil || !strings.Contains(got.String(), "summary") {
			t.Errorf("%+v: %v\n%s", at, err, got.String())
		}
	}
	if err := (&Config{}).Diagnose(&bytes.Buffer{}, "note", "N1", "s", "d", Range{File: "a", Line: 1}, false); err != nil {
		t.Error("a Config that was not loaded:", err)
	}
}

func TestCaretIsBelowWideText(t *testing.T) {
	_, diags := loadText("locals {\n\ta = \"\U0001F469\u200D\U0001F4BB\" + nope\n}")
	lines := strings.Split(written(t, diags), "\n")
	for i, line := range lines {
		if strings.Contains(line, "^") {
			column := clusters(line[:strings.Index(line, "^")])
			if want := clusters(lines[i-1][:strings.Index(lines[i-1], "nope")]); column != want {
				t.Errorf("the caret is in column %d, the name in %d", column, want)
			}
			return
		}
	}
	t.Error("no caret")
}

func TestColourIsOnlyOnRequestAndFilesCannotBringTheirOwn(t *testing.T) {
	_, diags := loadText("nope \"\x1b[31m\" {\n}\n")
	if got := written(t, diags); strings.Contains(got, "\x1b") {
		t.Errorf("an escape sequence of the file is passed on: %q", got)
	}
	var got bytes.Buffer
	if err := diags.Write(&got, 0, true); err != nil || !strings.HasPrefix(got.String(), "\x1b[31mError:\x1b[0m ") {
		t.Errorf("%v %q", err, got.String())
	}
}

func TestManyInstancesAreCounted(t *testing.T) {
	keys := []string{"a", "b", "c", "d", "e", "f"}
	for n, want := range map[int]string{
		0: "", 1: ` (for "a")`, 2: ` (for "a" and "b")`, 5: ` (for "a", "b", "c", "d" and "e")`, 6: ` (for "a", "b", "c", "d" and 2 more)`,
	} {
		if got := instances(keys[:n]); got != want {
			t.Errorf("%d: %s, want %s", n, got, want)
		}
	}
}

func TestFormat(t *testing.T) {
	got := string(Format([]byte("a=1\nlonger  =  [ 1,2 ] # kept\nbroken {\n")))
	if want := "a      = 1\nlonger = [1, 2] # kept\nbroken {\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
