package view

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"golang.org/x/text/width"

	"sluice/executor/progress"
)

// blockPainter redraws one block of lines at the bottom of a terminal. Notices
// scroll away above it.
type blockPainter struct {
	w       io.Writer
	options ProgressOptions
	drawn   int // lines of the last block
}

// What the terminal is told: ECMA-48.
const (
	cursorUp    = "\x1b[%dA"
	eraseBelow  = "\x1b[J"
	bold        = "\x1b[1m"
	yellow      = "\x1b[33m"
	plain       = "\x1b[0m"
	minimumRows = 4
)

func (p *blockPainter) paint(s progress.Status, notices []string, _ bool) error {
	columns, rows := size(p.options.Width, 80), size(p.options.Height, 24)
	var b strings.Builder
	if p.drawn > 0 {
		fmt.Fprintf(&b, cursorUp, p.drawn)
	}
	b.WriteString("\r" + eraseBelow)
	for _, notice := range notices {
		b.WriteString(noticeLine(notice) + "\n")
	}
	// A block of the terminal's height would scroll its own first line away.
	lines := p.block(s, max(rows-1, minimumRows))
	for _, l := range lines {
		// A line that wraps is two, and the next frame would begin too low.
		text := clip(l.text, columns-1)
		if p.options.Color && l.style != "" {
			text = l.style + text + plain
		}
		b.WriteString(text + "\n")
	}
	p.drawn = len(lines)
	_, err := io.WriteString(p.w, b.String()) // one write: no flicker
	return err
}

type styled struct{ text, style string }

// block is the frame: what is said of the whole first, then as many tables and
// steps as there are rows.
func (p *blockPainter) block(s progress.Status, rows int) []styled {
	lines := p.head(s)
	active := activeLines(s)
	rest := restLine(s)
	room := rows - len(lines)
	if rest != "" {
		room--
	}
	if hidden := len(active) - room; hidden > 0 {
		active = append(active[:max(room-1, 0)], fmt.Sprintf("  + %d more at work", hidden+1))
	}
	for _, text := range active {
		lines = append(lines, styled{text: text})
	}
	if rest != "" {
		lines = append(lines, styled{text: rest})
	}
	return lines
}

func (p *blockPainter) head(s progress.Status) []styled {
	title := p.options.Name
	if s.Phase != "" {
		title += "  " + s.Phase
	}
	if s.Steps.Total > 0 {
		title += fmt.Sprintf("  %d of %d steps", s.Steps.Done, s.Steps.Total)
	}
	lines := []styled{{title, bold}}
	add := func(text, style string) {
		if text != "" {
			lines = append(lines, styled{"  " + text, style})
		}
	}
	add(loadText(s), "")
	add(streamText(s.Stream), "")
	if s.Waiting != "" {
		add("waiting: "+oneLine(s.Waiting), yellow)
	}
	add(retryingText(s.Retrying), yellow)
	add(asideText(s.Quarantined), yellow)
	return lines
}

// activeLines are the tables that are copied, what is built, and, where nothing is
// copied, the other steps at work.
func activeLines(s progress.Status) []string {
	var lines []string
	for _, t := range s.Tables {
		if t.State == progress.Copying {
			lines = append(lines, "  > "+tableText(t))
		}
	}
	copying := len(lines) > 0
	for _, b := range s.Builds {
		lines = append(lines, "  > "+buildText(b, s.At))
	}
	if copying {
		return lines
	}
	for _, id := range s.Steps.Active {
		if !slices.ContainsFunc(s.Builds, func(b progress.Build) bool { return b.Step == id }) {
			lines = append(lines, "  > "+oneLine(id))
		}
	}
	return lines
}

// restLine is "+ 412 waiting, 37 done" while tables are copied.
func restLine(s progress.Status) string {
	waiting, done := 0, 0
	for _, t := range s.Tables {
		switch t.State {
		case progress.Waiting:
			waiting++
		case progress.Done:
			done++
		case progress.Copying:
		}
	}
	if done == len(s.Tables) {
		return ""
	}
	return fmt.Sprintf("  + %d waiting, %d done", waiting, done)
}

func size(ask func() int, otherwise int) int {
	if ask != nil {
		if n := ask(); n > 0 {
			return n
		}
	}
	return otherwise
}

// clip cuts a line to the columns of a terminal, where East Asian characters
// take two.
func clip(text string, columns int) string {
	used := 0
	for i, r := range text {
		w := 1
		if k := width.LookupRune(r).Kind(); k == width.EastAsianWide || k == width.EastAsianFullwidth {
			w = 2
		}
		if used+w > columns {
			return text[:i]
		}
		used += w
	}
	return text
}
