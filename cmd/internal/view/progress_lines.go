package view

import (
	"fmt"
	"io"
	"strings"
	"time"

	"sluice/executor/progress"
)

// linePainter writes a line for each change of state, and now and then some that
// say how far it is: for logs.
type linePainter struct {
	w     io.Writer
	name  string
	every time.Duration

	last changes   // of the last frame to this one
	told time.Time // when the last line about progress was written; first, of the first frame
}

func (p *linePainter) paint(s progress.Status, notices []string, end bool) error {
	var b strings.Builder
	line := func(text string) {
		fmt.Fprintf(&b, "%s  %s  %s\n", s.At.Format(time.RFC3339), p.name, text)
	}
	for _, notice := range notices {
		line(noticeLine(notice))
	}
	for _, c := range p.last.since(s) {
		line(c.line())
	}
	if p.told.IsZero() {
		p.told = s.At
	}
	if text := summary(s); text != "" && (end || s.At.Sub(p.told) >= p.every) {
		p.told = s.At
		line(text)
		for _, b := range s.Builds {
			line(buildText(b, s.At))
		}
	}
	_, err := io.WriteString(p.w, b.String())
	return err
}

// line is a change for a log.
func (c change) line() string {
	switch c.kind {
	case "waiting":
		return "waiting: " + c.text
	case "resumed":
		return "resumed"
	}
	return c.text // says by itself what it is
}

// summary says how far it is, on one line; empty where there is nothing to say.
func summary(s progress.Status) string {
	var parts []string
	if s.Steps.Total > 0 {
		parts = append(parts, fmt.Sprintf("%d of %d steps", s.Steps.Done, s.Steps.Total))
	}
	if text := loadText(s); text != "" {
		parts = append(parts, text)
	}
	if text := streamText(s.Stream); text != "" {
		parts = append(parts, text)
	}
	if text := asideText(s.Quarantined); text != "" {
		parts = append(parts, text)
	}
	return strings.Join(parts, "  ")
}
