package config

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
)

// Diagnostic is one problem with its place.
type Diagnostic struct {
	Severity string // error or warning
	Code     string // C900, or empty
	Summary  string
	Detail   string
	At       Range
	Keys     []string // the instances of for_each it was found in, sorted; nil outside
}

// Diagnostics are the problems of one Load, sorted by file and position,
// each once.
type Diagnostics struct {
	list    []Diagnostic
	sources *sources
}

// HasErrors reports whether the configuration cannot be used.
func (d Diagnostics) HasErrors() bool {
	return slices.ContainsFunc(d.list, func(one Diagnostic) bool { return one.Severity == "error" })
}

// All returns the problems as plain values, for other forms than Write's.
func (d Diagnostics) All() []Diagnostic { return slices.Clone(d.list) }

// Write shows every problem with its source line and a caret. Details are
// wrapped at width; 0 leaves them as they are.
func (d Diagnostics) Write(w io.Writer, width int, color bool) error {
	for _, one := range d.list {
		if err := d.sources.render(w, one, width, color); err != nil {
			return err
		}
	}
	return nil
}

// Diagnose shows a problem that was found elsewhere, such as in a catalog, in
// the form of Diagnostics.Write. Severity is error, warning or note; a zero
// Range shows no source line.
func (c *Config) Diagnose(w io.Writer, severity, code, summary, detail string, at Range, color bool) error {
	one := Diagnostic{Severity: strings.ToLower(severity), Code: code, Summary: summary, Detail: detail, At: at}
	return c.sources.render(w, one, 0, color)
}

// diagnostics brings what was collected into its final form. The same problem
// in several instances of a migration becomes one that names them.
func (r *report) diagnostics(src *sources) Diagnostics {
	var list []Diagnostic
	index := map[string]int{}
	for _, d := range r.diags {
		one := diagnosticOf(d)
		one.Summary, one.Detail = r.redact(one.Summary), r.redact(one.Detail)
		id := strings.Join([]string{one.At.String(), one.Summary, one.Detail, one.Code, columns(one.At)}, "\x00")
		at, known := index[id]
		if !known {
			index[id] = len(list)
			list = append(list, one)
			continue
		}
		for _, key := range one.Keys {
			if !slices.Contains(list[at].Keys, key) {
				list[at].Keys = append(list[at].Keys, key)
			}
		}
	}
	for i := range list {
		slices.Sort(list[i].Keys)
	}
	slices.SortStableFunc(list, compareDiagnostics)
	return Diagnostics{list: list, sources: src}
}

func diagnosticOf(d *hcl.Diagnostic) Diagnostic {
	one := Diagnostic{Severity: "error", Summary: d.Summary, Detail: d.Detail}
	if d.Severity == hcl.DiagWarning {
		one.Severity = "warning"
	}
	if d.Subject != nil {
		one.At = rangeOf(*d.Subject)
	}
	e, _ := d.Extra.(extra)
	one.Code = e.code
	if e.keyed {
		one.Keys = []string{e.key}
	}
	return one
}

func compareDiagnostics(a, b Diagnostic) int {
	switch {
	case a.At.less(b.At):
		return -1
	case b.At.less(a.At):
		return 1
	}
	if c := strings.Compare(a.Summary, b.Summary); c != 0 {
		return c
	}
	return strings.Compare(a.Detail, b.Detail)
}

// columns tells apart places that begin on the same line.
func columns(at Range) string {
	return fmt.Sprint(at.Column, at.EndLine, at.EndColumn)
}
