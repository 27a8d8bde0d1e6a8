package view

import (
	"context"
	"io"
	"time"

	"sluice/executor/progress"
)

// ProgressOptions say how Progress paints.
type ProgressOptions struct {
	Name     string     // of the migration
	Terminal bool       // one block that is redrawn; else lines
	Width    func() int // of the terminal, asked for each frame; nil: 80
	Height   func() int // nil: 24
	Color    bool
	JSON     bool          // one event a line
	Every    time.Duration // off a terminal, between lines that say how far it is; 0: 30 s
}

const (
	// frameEvery is how soon a change is seen.
	frameEvery   = time.Second
	defaultEvery = 30 * time.Second
)

// painter draws one frame: the status, and the notices that are new since the
// last one. The last frame is left standing.
type painter interface {
	paint(s progress.Status, notices []string, last bool) error
}

// Progress paints a run until ctx is over, and then a last frame: cancel ctx
// when the run has ended, and wait for Progress to return. It ends early with
// the error of w.
func Progress(ctx context.Context, w io.Writer, t *progress.Tracker, o ProgressOptions) error {
	p := newPainter(w, o)
	tick := time.NewTicker(frameEvery)
	defer tick.Stop()
	seen := 0
	for last := false; ; {
		var notices []string
		notices, seen = t.Notices(seen)
		if err := p.paint(t.Snapshot(), notices, last); err != nil || last {
			return err
		}
		select {
		case <-ctx.Done():
			last = true
		case <-tick.C:
		}
	}
}

func newPainter(w io.Writer, o ProgressOptions) painter {
	every := o.Every
	if every <= 0 {
		every = defaultEvery
	}
	switch {
	case o.JSON:
		return &eventPainter{w: w, name: o.Name, every: every, last: changes{every: every}}
	case o.Terminal:
		return &blockPainter{w: w, options: o}
	}
	return &linePainter{w: w, name: o.Name, every: every, last: changes{every: every}}
}
