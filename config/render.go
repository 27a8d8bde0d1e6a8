package config

import (
	"fmt"
	"io"
	"strings"
	"unicode"

	"github.com/apparentlymart/go-textseg/v15/textseg"
	"github.com/mitchellh/go-wordwrap"
)

const (
	codeColumn = 78 // where the code ends when the width is not known
	lineShown  = 160
)

// render writes one problem:
//
//	Error: Table not found in the source                      [C106]
//
//	  on shop.sluice.hcl line 112, in migration "shop" (for "crm" and "shop"):
//	 112:   table "public.ordres" {
//	              ^^^^^^^^^^^^^^^
//
//	source.aurora has no table public.ordres in database crm or shop.
func (s *sources) render(w io.Writer, d Diagnostic, width int, color bool) error {
	paint := painter(d.Severity, color)
	var b strings.Builder
	b.WriteString(header(d, width, paint))
	if d.At.Line > 0 {
		s.snippet(&b, d, paint)
	}
	if d.Detail != "" {
		detail := printable(d.Detail)
		if width > 0 {
			detail = wordwrap.WrapString(detail, uint(width))
		}
		b.WriteString(detail + "\n\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func header(d Diagnostic, width int, paint func(string) string) string {
	word := strings.ToUpper(d.Severity[:min(1, len(d.Severity))]) + d.Severity[min(1, len(d.Severity)):]
	summary := printable(d.Summary)
	line := paint(word+":") + " " + summary
	if d.Code != "" {
		if width <= 0 {
			width = codeColumn
		}
		used := clusters(word+": "+summary) + len(d.Code) + len("[]")
		line += strings.Repeat(" ", max(2, width-used)) + "[" + d.Code + "]"
	}
	return line + "\n\n"
}

// snippet writes where the problem is, the line, and a caret below it.
func (s *sources) snippet(b *strings.Builder, d Diagnostic, paint func(string) string) {
	fmt.Fprintf(b, "  on %s line %d%s%s:\n", d.At.File, d.At.Line, s.context(d.At), instances(d.Keys))
	line, ok := s.line(d.At)
	if !ok {
		b.WriteString("  (source not shown)\n\n")
		return
	}
	before, marked, after := line.before, line.marked, line.after
	if n := clusters(before); n+clusters(marked) > lineShown {
		before = "…" + lastClusters(before, lineShown/4)
	}
	marked, cut := firstClusters(marked, lineShown)
	if cut {
		after = "…"
	}
	after, cut = firstClusters(after, lineShown/2)
	if cut {
		after += "…"
	}
	fmt.Fprintf(b, "%4d: %s\n", d.At.Line, strings.TrimRight(before+marked+after, " \t\r"))
	fmt.Fprintf(b, "      %s%s\n\n", blank(before), paint(strings.Repeat("^", max(1, clusters(marked)))))
}

// instances is ` (for "crm" and "shop")`, shortened where there are many.
func instances(keys []string) string {
	const shown = 4
	if len(keys) == 0 {
		return ""
	}
	var words []string
	for i, key := range keys {
		if i == shown && len(keys) > shown+1 {
			words = append(words, fmt.Sprintf("%d more", len(keys)-shown))
			break
		}
		words = append(words, fmt.Sprintf("%q", key))
	}
	last := len(words) - 1
	if last == 0 {
		return " (for " + words[0] + ")"
	}
	return " (for " + strings.Join(words[:last], ", ") + " and " + words[last] + ")"
}

func painter(severity string, color bool) func(string) string {
	if !color {
		return func(text string) string { return text }
	}
	code := map[string]string{"error": "31", "warning": "33"}[severity]
	if code == "" {
		code = "36"
	}
	return func(text string) string { return "\x1b[" + code + "m" + text + "\x1b[0m" }
}

// blank is white space as wide as text: tabs stay tabs, so that the caret is
// in the right column whatever their width.
func blank(text string) string {
	stretches := strings.Split(text, "\t")
	for i, stretch := range stretches {
		stretches[i] = strings.Repeat(" ", clusters(stretch))
	}
	return strings.Join(stretches, "\t")
}

// printable takes out what could command a terminal.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r != '\n' && r != '\t' && unicode.IsControl(r) {
			return unicode.ReplacementChar
		}
		return r
	}, text)
}

// clusters counts characters as they appear.
func clusters(text string) int {
	n, _ := textseg.TokenCount([]byte(text), textseg.ScanGraphemeClusters)
	return n
}

// clusterOffset is where the n-th character (from 0) begins in the line, in
// bytes; the end of the line where there are fewer.
func clusterOffset(line []byte, n int) int {
	at := 0
	for ; n > 0 && at < len(line); n-- {
		advance, _, err := textseg.ScanGraphemeClusters(line[at:], true)
		if err != nil || advance <= 0 {
			return len(line)
		}
		at += advance
	}
	return at
}

func firstClusters(text string, n int) (string, bool) {
	at := clusterOffset([]byte(text), n)
	return text[:at], at < len(text)
}

func lastClusters(text string, n int) string {
	return text[clusterOffset([]byte(text), max(0, clusters(text)-n)):]
}
