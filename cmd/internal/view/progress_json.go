package view

import (
	"encoding/json"
	"io"
	"time"

	"sluice/executor/progress"
)

// eventPainter writes one JSON object a line: "notice" for each, "phase",
// "waiting", "retrying" and "resumed" when it is so, and "progress" with the
// whole status now and then and at the end.
type eventPainter struct {
	w     io.Writer
	name  string
	every time.Duration

	last changes
	told time.Time
}

type event struct {
	Type      string           `json:"type"`
	Migration string           `json:"migration"`
	At        time.Time        `json:"at"`
	Text      string           `json:"text,omitempty"`
	Status    *progress.Status `json:"status,omitempty"`
}

func (p *eventPainter) paint(s progress.Status, notices []string, end bool) error {
	var events []event
	for _, notice := range notices {
		events = append(events, event{Type: "notice", Text: notice})
	}
	for _, c := range p.last.since(s) {
		events = append(events, event{Type: c.kind, Text: c.text})
	}
	if end || s.At.Sub(p.told) >= p.every {
		p.told = s.At
		events = append(events, event{Type: "progress", Status: &s})
	}
	out := json.NewEncoder(p.w)
	out.SetEscapeHTML(false)
	for _, e := range events {
		e.Migration, e.At = p.name, s.At
		if err := out.Encode(e); err != nil {
			return err
		}
	}
	return nil
}
