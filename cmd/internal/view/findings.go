package view

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"sluice/planner"
)

// findings writes those of one kind as a part of the plan.
func (v *planView) findings(title, mark string, c ink, wanted func(planner.Finding) bool) {
	if !slices.ContainsFunc(v.plan.Findings, wanted) {
		return
	}
	v.heading(title, "")
	for _, f := range v.plan.Findings {
		if !wanted(f) {
			continue
		}
		v.println(v.paint(c, mark+" "+f.Code), "  ", printable(f.Summary))
		if f.Detail != "" {
			v.println("        ", printable(f.Detail))
		}
		for i, fix := range f.Fix {
			word := "fix  "
			if i > 0 {
				word = "     "
			}
			v.println("        ", word, printable(fix))
		}
		if f.Place != nil {
			v.println(v.paint(inkDim, "        at   "+location(f.Place)))
		}
	}
}

// Findings writes findings as diagnostics: each with the line of the
// configuration that it is about, what is wrong, and what to do.
func Findings(w io.Writer, findings []planner.Finding, o Options) error {
	v := &planView{Options: o, w: bufio.NewWriter(w)}
	for i, f := range findings {
		if i > 0 {
			v.println()
		}
		v.diagnostic(f)
	}
	return v.w.Flush()
}

func (v *planView) diagnostic(f planner.Finding) {
	word, c := "Note", inkPlain
	switch {
	case f.Blocks():
		word, c = "Error", inkRed
	case f.Warns():
		word, c = "Warning", inkYellow
	}
	title := planner.MeaningOf(f.Code).Title
	if first, width := utf8.DecodeRuneInString(title); width > 0 {
		title = string(unicode.ToUpper(first)) + title[width:]
	}
	v.println(v.paint(c, word+":"), " ", v.paint(inkBold, title), "  [", f.Code, "]")
	v.println()
	if f.Place != nil {
		v.println(fmt.Sprintf("  on %s line %d:", printable(f.Place.File), f.Place.Line))
		v.snippet(f.Place)
		v.println()
	}
	v.println(printable(f.Summary))
	if f.Detail != "" {
		v.println(printable(f.Detail))
	}
	for _, fix := range f.Fix {
		v.println("  ", printable(fix))
	}
}

// snippet writes the line of a place, with a caret under each of its characters
// that is meant.
func (v *planView) snippet(p *planner.Place) {
	lines := strings.Split(string(v.Sources[p.File]), "\n")
	if p.Line < 1 || p.Line > len(lines) || len(v.Sources[p.File]) == 0 {
		return
	}
	text := []rune(strings.ReplaceAll(strings.TrimRight(lines[p.Line-1], "\r"), "\t", " "))
	number := fmt.Sprintf("%4d: ", p.Line)
	v.println(number, printable(string(text)))
	start, end := p.Column, p.EndColumn
	if p.EndLine > p.Line {
		end = len(text) + 1
	}
	if start < 1 || start > len(text) {
		return
	}
	width := max(1, min(end, len(text)+1)-start)
	v.println(strings.Repeat(" ", len(number)+start-1), v.paint(inkRed, strings.Repeat("^", width)))
}
