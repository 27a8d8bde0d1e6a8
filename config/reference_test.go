package config

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// The reference is written from the table that decodes, so neither can know
// what the other does not. It is written here, since nothing but this test
// needs it: go test ./config -run Reference -update

const (
	referenceFile = "README.md"
	// beginReference comes after what is written by hand.
	beginReference = "<!-- What follows is written by: go test ./config -run Reference -update -->\n"
)

func TestReferenceIsWhatTheTableSays(t *testing.T) {
	text, err := os.ReadFile(referenceFile)
	if err != nil {
		t.Fatal(err)
	}
	byHand, generated, found := strings.Cut(string(text), beginReference)
	if !found {
		t.Fatalf("%s has no line %q", referenceFile, beginReference)
	}
	if !*update && generated != writtenReference() {
		t.Error("README.md is not what the table says. Write it anew: go test ./config -run Reference -update")
	}
	golden(t, referenceFile, byHand+beginReference+writtenReference())
}

func TestReferencesExampleIsRight(t *testing.T) {
	text, err := os.ReadFile(referenceFile)
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "```hcl\n")
	example, _, _ := strings.Cut(rest, "```")
	c, diags := newLoader(Input{}).load(input{files: []namedText{{name: "shop.sluice.hcl", text: []byte(example)}}})
	if len(diags.All()) > 0 || len(c.Migrations) != 1 {
		t.Errorf("%d migrations\n%s", len(c.Migrations), written(t, diags))
	}
}

// TestReferenceNamesEverything does not trust the writer: a block or argument
// that it passes over is missed here.
func TestReferenceNamesEverything(t *testing.T) {
	text := writtenReference()
	walk(language, "", func(path string, b *blockSpec) {
		if path == "" {
			return
		}
		_, section, found := strings.Cut(text, "\n### "+heading(strings.Split(path, ".")...)+"\n")
		if !found {
			t.Errorf("%s has no section", path)
			return
		}
		section, _, _ = strings.Cut(section, "\n### ")
		for _, a := range b.args {
			if !strings.Contains(section, "| `"+a.name+"` |") || !strings.Contains(section, prose(a.doc)) {
				t.Errorf("%s.%s is not documented in its section", path, a.name)
			}
			for _, word := range a.oneOf {
				if !strings.Contains(section, "`\""+word+"\"`") {
					t.Errorf("%s.%s: the section has not the word %q", path, a.name, word)
				}
			}
		}
	})
}

func writtenReference() string {
	var w strings.Builder
	w.WriteString("\n## Blocks and arguments\n")
	for _, b := range language.blocks {
		writeBlock(&w, b)
	}
	names := slices.Sorted(maps.Keys(functions()))
	fmt.Fprintf(&w, "\n## Functions\n\nNamed and behaving as in Terraform: `%s`.\n", strings.Join(names, "`, `"))
	return w.String()
}

// heading is the path of a block: migration › full › throttle.
func heading(path ...string) string { return "`" + strings.Join(path, "` › `") + "`" }

func writeBlock(w *strings.Builder, b *blockSpec, above ...string) {
	path := append(slices.Clone(above), b.name)
	fmt.Fprintf(w, "\n### %s\n\n%s %s\n", heading(path...), prose(b.doc), occurrence(b))
	if b.notYet {
		fmt.Fprintf(w, "\n**Not carried out yet:** the block is checked and then refused (%s).\n", NotCarriedOut)
	}
	if len(b.args) > 0 {
		w.WriteString("\n| argument | type | default | what it says |\n|---|---|---|---|\n")
	}
	for _, a := range b.args {
		fmt.Fprintf(w, "| `%s` | %s | %s | %s |\n", a.name, a.kind.name, whenNotGiven(a), strings.Join(a.explained(), " "))
	}
	for _, nested := range b.blocks {
		writeBlock(w, nested, path...)
	}
}

// occurrence says how the block is written, and how often it may be.
func occurrence(b *blockSpec) string {
	var notes []string
	for _, l := range b.labels {
		switch {
		case len(l.oneOf) > 0:
			notes = append(notes, fmt.Sprintf("Its label, the %s, is one of %s.", l.name, words(l.oneOf)))
		case l.parts > 0:
			notes = append(notes, fmt.Sprintf("Its label is a %s of %d parts, `%s \"schema.name\"`.", l.name, l.parts, b.name))
		case l.free:
			notes = append(notes, fmt.Sprintf("Its label is any %s, `%s \"…\"`.", l.name, b.name))
		default:
			notes = append(notes, fmt.Sprintf("Its label is a %s, `%s \"…\"`: letters, digits, `_` and `-`.", l.name, b.name))
		}
	}
	if b.open {
		notes = append(notes, "It takes arguments of any name.")
	}
	times := "It is given at most once."
	if b.many {
		times = "It may be repeated."
	}
	return strings.Join(append(notes, times), " ")
}

func whenNotGiven(a argSpec) string {
	switch {
	case a.required:
		return "**required**"
	case a.def == nil:
		return ""
	}
	return "`" + literal(a.def) + "`"
}

// literal is a value as a file writes it.
func literal(val any) string {
	switch val := val.(type) {
	case time.Duration:
		return fmt.Sprintf("%q", shortDuration(val))
	case []string:
		return fmt.Sprintf(`["%s"]`, strings.Join(val, `", "`))
	case []Pattern:
		texts := make([]string, len(val))
		for i, p := range val {
			texts[i] = p.Text
		}
		return literal(texts)
	}
	return quoted(val)
}

// explained is all that is to say about an argument, in sentences.
func (a argSpec) explained() []string {
	notes := []string{prose(a.doc)}
	switch {
	case len(a.oneOf) > 0 && a.kind.want == texts.want:
		notes = append(notes, "Elements: "+words(a.oneOf)+".")
	case len(a.oneOf) > 0:
		notes = append(notes, "Values: "+words(a.oneOf)+".")
	}
	if zero := fmt.Sprint(a.min) == "0s"; a.min != nil && !zero {
		bounds := fmt.Sprintf("At least `%s`", literal(a.min))
		if a.max != nil {
			bounds += fmt.Sprintf(", at most `%s`", literal(a.max))
		}
		notes = append(notes, bounds+".")
	}
	switch {
	case a.notYet:
		notes = append(notes, fmt.Sprintf("**Not carried out yet** (%s).", NotCarriedOut))
	case len(a.today) > 0 && a.kind.name == boolean.name:
		notes = append(notes, fmt.Sprintf("**Today only** `%s` (%s).", strings.Join(a.today, "`, `"), NotCarriedOut))
	case len(a.today) > 0:
		notes = append(notes, fmt.Sprintf("**Today only** %s (%s).", words(a.today), NotCarriedOut))
	}
	return notes
}

// words are strings, or names, as code.
func words(list []string) string {
	return "`\"" + strings.Join(list, "\"`, `\"") + "\"`"
}

// prose is a plain text in Markdown, also within a table.
func prose(text string) string { return strings.NewReplacer("|", `\|`, "*", `\*`).Replace(text) }
