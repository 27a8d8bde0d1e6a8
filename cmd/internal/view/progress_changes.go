package view

import (
	"time"

	"sluice/executor/progress"
)

// changes knows the last frame, and says what is otherwise in this one.
type changes struct {
	every time.Duration

	phase, waiting, retrying string
	told                     time.Time // when the last line about waiting was written
}

// change is one difference between two frames: its kind is "phase", "waiting",
// "retrying" or "resumed".
type change struct{ kind, text string }

func (c *changes) since(s progress.Status) []change {
	var out []change
	if s.Phase != c.phase && s.Phase != "" {
		out = append(out, change{"phase", s.Phase})
	}
	// What it waits for says for how long, and is another text each second.
	waiting := oneLine(s.Waiting)
	if waiting != "" && (c.waiting == "" || waiting != c.waiting && s.At.Sub(c.told) >= c.every) {
		c.told = s.At
		out = append(out, change{"waiting", waiting})
	}
	retrying := retryingText(s.Retrying)
	switch {
	case retrying != c.retrying && retrying != "":
		out = append(out, change{"retrying", retrying})
	case retrying != c.retrying:
		out = append(out, change{"resumed", ""})
	}
	c.phase, c.waiting, c.retrying = s.Phase, waiting, retrying
	return out
}
