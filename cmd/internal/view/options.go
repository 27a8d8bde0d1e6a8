package view

import (
	"fmt"
	"strings"
	"unicode"
)

// Options say how text is written. The zero value is plain and unbounded.
type Options struct {
	Color bool
	Width int  // columns of the terminal; 0: lines are never cut
	All   bool // every step on a line of its own
	// Sources holds the text of configuration files by name, for the line that
	// a finding points at. What is missing is not shown.
	Sources map[string][]byte
}

type ink string

// The colours, as the parameter of a terminal's SGR sequence.
const (
	inkPlain  ink = ""
	inkBold   ink = "1"
	inkDim    ink = "2"
	inkRed    ink = "31"
	inkGreen  ink = "32"
	inkYellow ink = "33"
	inkCyan   ink = "36"
)

// paint colours text that is printable already.
func (o Options) paint(c ink, s string) string {
	if !o.Color || c == inkPlain || s == "" {
		return s
	}
	return "\x1b[" + string(c) + "m" + s + "\x1b[0m"
}

// printable replaces what a terminal would obey: control and format characters,
// such as the one that turns the direction of writing around.
func printable(s string) string {
	var b strings.Builder
	for _, r := range s {
		if unicode.IsPrint(r) || r == ' ' {
			b.WriteRune(r)
		} else {
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}

// cut shortens a line of the given text to a width in characters; 0 is any.
func cut(s string, width int) string {
	text := []rune(s)
	if width <= 0 || len(text) <= width {
		return s
	}
	return string(text[:max(width-1, 0)]) + "…"
}
