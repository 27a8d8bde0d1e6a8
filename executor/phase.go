package executor

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"sluice/executor/progress"
	"sluice/state"
)

// phases tells where a run is: its progress, for those who look at this process,
// and the state, for status anywhere. While something is tried again the state says
// retrying, with the reason; of several things the one that gives up first.
type phases struct {
	store    phaseStore
	progress *progress.Tracker
	log      *slog.Logger

	mu       sync.Mutex // guards what follows
	current  state.Phase
	troubles map[*trouble]bool

	writing chan struct{} // has room for the one that writes to the state
}

type phaseStore interface {
	SetPhase(ctx context.Context, p state.Phase, reason string) error
}

// trouble is something that failed and is tried again.
type trouble struct {
	since, until time.Time
	reason       string
}

func newPhases(store phaseStore, progress *progress.Tracker, log *slog.Logger) *phases {
	return &phases{store: store, progress: progress, log: log, troubles: map[*trouble]bool{}, writing: make(chan struct{}, 1)}
}

// begin says in which phase the state is.
func (p *phases) begin(phase state.Phase) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.current = phase
}

// enter records another phase. That it cannot is no reason to end the run: whatever
// cannot be recorded any more fails at its own record.
func (p *phases) enter(ctx context.Context, phase state.Phase) {
	p.mu.Lock()
	p.current = phase
	p.progress.Phase(string(phase))
	p.mu.Unlock()
	p.write(ctx)
}

// recorded runs what records a phase together with something else, and enters the
// phase where that went well. Nobody else writes one meanwhile.
func (p *phases) recorded(ctx context.Context, phase state.Phase, record func() error) error {
	select {
	case p.writing <- struct{}{}:
		defer func() { <-p.writing }()
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	err := record()
	if err == nil {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.current = phase
		p.progress.Phase(string(phase))
	}
	return err
}

// is says that the run is in a phase.
func (p *phases) is(phase state.Phase) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.current == phase
}

// troubleLimit bounds how long a retry waits for the state to say so: the target
// may be what is away.
const troubleLimit = time.Second

// retrying says that a trouble has begun, or goes on as another one than was.
func (p *phases) retrying(ctx context.Context, was, is *trouble) {
	p.mu.Lock()
	delete(p.troubles, was)
	p.troubles[is] = true
	p.show()
	p.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, troubleLimit)
	defer cancel()
	p.write(ctx)
}

// resumed says that a trouble is over; nil: there was none.
func (p *phases) resumed(ctx context.Context, t *trouble) {
	if t == nil {
		return
	}
	p.mu.Lock()
	delete(p.troubles, t)
	p.show()
	p.mu.Unlock()
	p.write(ctx)
}

// show tells the progress what is tried again. The caller has the lock.
func (p *phases) show() {
	if first := p.first(); first != nil {
		p.progress.Retrying(first.since, first.until, first.reason)
	} else {
		p.progress.Resumed()
	}
}

// first is the trouble that gives up first; nil: there is none. The caller has the lock.
func (p *phases) first() (first *trouble) {
	for t := range p.troubles {
		if first == nil || t.until.Before(first.until) {
			first = t
		}
	}
	return first
}

// write records what is so when its turn comes: whoever is overtaken has nothing
// to say any more.
func (p *phases) write(ctx context.Context) {
	select {
	case p.writing <- struct{}{}:
		defer func() { <-p.writing }()
	case <-ctx.Done():
		return
	}
	phase, reason := p.said()
	if err := p.store.SetPhase(ctx, phase, reason); err != nil && ctx.Err() == nil {
		p.log.Warn("recording the phase", "phase", phase, "error", err)
	}
}

func (p *phases) said() (state.Phase, string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	t := p.first()
	if t == nil || p.current == state.CuttingOver || p.current == state.CutOver { // whoever comes next has to know that
		return p.current, ""
	}
	return state.Retrying, fmt.Sprintf("since %s, until %s: %s",
		t.since.UTC().Format(time.RFC3339), t.until.UTC().Format(time.RFC3339), t.reason)
}
