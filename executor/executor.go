package executor

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"

	"sluice/executor/load"
	"sluice/executor/progress"
	"sluice/executor/replay"
	"sluice/executor/session"
	"sluice/planner"
	"sluice/planner/catalog"
	"sluice/state"
	"sluice/state/postgres"
)

// Run is one run of a plan by one process.
type Run struct {
	Plan           *planner.Plan
	Source, Target session.Server
	Store          *postgres.Store // acquired: this process holds the migration
	Progress       *progress.Tracker
	Log            *slog.Logger // nil: silent
	Settings       state.Settings
	ChunkBytes     int64 // 0 is load.DefaultChunkBytes
	Until          Until
	Stop           <-chan struct{} // closed: finish the unit in hand, record, leave
	Cutover        CutoverLimits
	// Request is served as soon as the run follows, before any that the state
	// has. Its lines and its answer go to Reply.
	Request *Request
	// Adjust is asked for its consent to other settings before any is taken, and
	// returns how to take what of them is not the run's own: the alerts. nil:
	// nobody is asked.
	Adjust func(state.Settings) (take func(), err error)
	// ShowRows is called with the rows of a change that does not fit, on both sides, as
	// text of several lines. They are values: they go to the person who asked, and into
	// no record, log or alert. nil: nobody asked.
	ShowRows func(text string)
	// Point is called at points of no return, for tests that crash there.
	Point func(name string)
}

// Until says where a run ends by itself.
type Until string

// The ends.
const (
	UntilEnd      Until = ""          // of all steps, or at the cutover
	UntilSchema   Until = "schema"    // the objects are there, no row yet
	UntilFull     Until = "full"      // the rows are there, and the indexes
	UntilCaughtUp Until = "caught-up" // every table equals one state of the source, keys and triggers are there
)

// Outcome is how a run ended without an error.
type Outcome string

// The outcomes.
const (
	Finished Outcome = "finished" // every step is done
	Reached  Outcome = "reached"  // what Until names
	Stopped  Outcome = "stopped"  // by Stop; the next run goes on
	CutOver  Outcome = "cut over"
)

// Request asks the process that holds a migration for something.
type Request struct {
	Kind    string // RequestVerify, RequestCutover, RequestSettings
	Payload []byte // as JSON: the plan of a cutover, state.Settings
	Say     func(line string)
	Answer  func(result []byte, err error)
	// Answered is the same as records, for the transaction that does what was asked
	// for: who asked hears of it whatever happens then. nil: Say and Answer will do.
	Answered func(result []byte, lines []string) []state.Record
}

// The kinds of request.
const (
	RequestVerify   = "verify"
	RequestCutover  = "cutover"
	RequestSettings = "settings" // served at once, whatever the run is at
)

// CutoverLimits bound a cutover.
type CutoverLimits struct {
	MaxLag        time.Duration // that the gate lets through; 0 is a second
	MaxWritePause time.Duration // from the fence to the opened target; 0 is 30 s
}

// ErrStopped is what a unit of work returns that was asked to stop.
var ErrStopped = errors.New("stopped")

// run is a Run on its way.
type run struct {
	*Run
	loader  *load.Loader
	crowd   session.Crowd
	targets *session.Pool[*pgx.Conn] // for steps that run on the target
	asks    *session.Pool[*pgx.Conn] // what followers ask the source about tables
	state   state.State              // as it was at the start
	follow  *follower
	beside  *beside
	// spooling fills the spool; nil: there is none.
	spooling atomic.Pointer[spooling]
	fail     context.CancelCauseFunc // ends the run
	builds   *builds
	rows     map[catalog.ID]*planner.Step // for the rows of each table
	apart    map[catalog.ID]string        // the publication of tables that join, until they have
	copied   map[catalog.Name]bool        // the tables with chunks when the run began
	// settings are in force, from Run.Settings on; changed is sent to when they are others.
	settings atomic.Pointer[state.Settings]
	changed  chan struct{}
	phases   *phases
	brakes   brakes
	// requests are those of the state and of Run.Request, in one form.
	requests chan Request
}

// Run runs what is left of the plan. It returns when the plan is finished, or
// the cutover is done, or it was stopped; or with the error that ended it,
// everything done until then being recorded.
func (r *Run) Run(ctx context.Context) (Outcome, error) {
	if r.Log == nil {
		r.Log = slog.New(slog.DiscardHandler)
	}
	if r.Point == nil {
		r.Point = func(string) {}
	}
	if r.Adjust == nil {
		r.Adjust = func(state.Settings) (func(), error) { return func() {}, nil }
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	x := &run{Run: r, requests: make(chan Request), changed: make(chan struct{}, 1),
		phases: newPhases(r.Store, r.Progress, r.Log), fail: cancel}
	x.crowd.Waiting = x.crowded
	r.Source.Spare, r.Target.Spare = x.crowd.Spare, x.crowd.Spare
	x.settings.Store(&r.Settings)
	x.brakes = newBrakes(r.Settings)
	go func() { cancel(x.watchLock(ctx)) }()
	outcome, err := x.run(ctx)
	if err != nil && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	if errors.Is(err, ErrStopped) { // while the lock was away: what was in hand is not done
		return Stopped, nil
	}
	if err != nil && !errors.Is(err, context.Canceled) {
		x.failed(ctx, err)
	}
	return outcome, err
}

func (x *run) run(ctx context.Context) (Outcome, error) {
	var err error
	if x.state, err = x.Store.State(ctx); err != nil {
		return "", err
	}
	x.phases.begin(x.state.Phase)
	if x.state.Steps == nil {
		x.state.Steps = map[string]state.Step{}
	}
	x.rows, x.apart, x.copied = map[catalog.ID]*planner.Step{}, map[catalog.ID]string{}, map[catalog.Name]bool{}
	for _, c := range x.state.Chunks {
		x.copied[catalog.Name{Schema: c.Schema, Local: c.Table}] = true
	}
	for i := range x.Plan.Steps {
		step := &x.Plan.Steps[i]
		if step.Table() {
			x.rows[step.Object] = step
		}
		if step.Action == planner.Join {
			for _, table := range step.Follows {
				x.apart[table] = step.Object.Name
			}
		}
	}
	for id, redone := range x.Plan.Redone() {
		if redone {
			delete(x.state.Steps, id)
		}
	}
	x.loader = load.New(load.Options{
		Source: x.Source, Target: x.Target, Ledger: x.Store, Progress: x.Progress,
		Workers: x.workers(), ChunkBytes: x.ChunkBytes, Flow: x.brakes.load, Queries: x.brakes.queries, Stop: x.Stop, Publication: x.publicationOf,
		// Once the tables have converged, one that is loaded again has its triggers.
		Retry: x.retryChunk, Settled: x.settledChunk,
		Existing: !x.Plan.Stages.Schema, Replica: x.replicaForLoad(), Crowd: &x.crowd, Point: x.Point,
	})
	defer x.loader.Close(ctx)
	watching, stopWatching := context.WithCancel(ctx)
	defer stopWatching()
	go x.loader.Watch(watching)
	x.builds = &builds{run: x}
	go x.builds.watch(watching)
	x.targets = x.Target.Pool("schema", x.workers())
	x.targets.Join(&x.crowd)
	defer x.targets.Resize(ctx, 0)
	x.asks = x.Source.Pool("columns", 0)
	x.asks.Join(&x.crowd)
	defer x.asks.Resize(ctx, 0)
	x.follow, x.beside = &follower{run: x}, &beside{run: x}
	defer x.endSpooling()
	defer x.follow.close(ctx)
	stop := x.collectRequests(ctx)
	defer stop()
	if x.state.Phase == state.CutOver && !x.cleansUp() {
		x.Progress.Plan(len(x.Plan.Steps), len(x.Plan.Steps)-x.Plan.Pending())
		return CutOver, x.whenOpen(ctx, x.Plan)
	}
	if err := x.beginBack(ctx); err != nil {
		return "", err
	}
	if err := x.noteFollowed(ctx); err != nil {
		return "", err
	}
	if err := x.resumeSpool(ctx); err != nil {
		return "", err
	}
	x.announce()
	return x.steps(ctx)
}

// announce tells people what there is to do.
func (x *run) announce() {
	done := 0
	for i := range x.Plan.Steps {
		s := &x.Plan.Steps[i]
		if x.done(s) {
			done++
		}
		if s.Action == planner.Copy && !x.done(s) {
			e := x.Plan.Estimates[s.ID]
			x.Progress.Table(s.Object.Schema, s.Object.Name, e.Bytes, e.Rows)
		}
	}
	x.Progress.Plan(len(x.Plan.Steps), done)
	if x.state.Error != "" {
		kind := progress.FailureOther
		if x.state.Phase == state.Paused {
			kind = progress.FailureDrift
		}
		x.Progress.FailedBefore(kind, x.state.Error)
	}
	for _, q := range x.state.Quarantined {
		is := "in quarantine: its changes from %s on are passed over, %d until now"
		if q.Paused {
			is = "paused: its changes from %s on wait, %d until now"
		}
		x.Progress.Notice(fmt.Sprintf("%s.%s is "+is, q.Schema, q.Table, progress.LSN(q.LSN), q.Passed))
	}
	for _, c := range x.state.Certificates {
		if !c.Equal {
			x.Progress.Compared(c.Schema, c.Table, c.Detail)
		}
	}
}

// crowded tells who waits for a connection.
func (x *run) crowded(waiting int, why error) {
	if waiting == 0 {
		x.Progress.Waiting("")
	} else {
		x.Progress.Waiting(fmt.Sprintf("connections: %d more would be used, and the others go on: %v", waiting, why))
	}
}

// cleansUp says that the plan is that of a cleanup.
func (x *run) cleansUp() bool {
	return len(x.Plan.Steps) > 0 && x.Plan.Steps[0].Stage == planner.StageCleanup
}

func (x *run) done(s *planner.Step) bool { return x.state.Done(s.ID) }

// failedLimit bounds the last words to the state.
const failedLimit = 5 * time.Second

// failed records why the run ended, for status. The run's own error is what is
// reported; an error in recording it is only logged.
func (x *run) failed(ctx context.Context, cause error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), failedLimit)
	defer cancel()
	phase, kind := state.Failed, progress.FailureOther
	drift, diverged := new(replay.DriftError), new(replay.Divergence)
	switch {
	case errors.Is(cause, ErrBudget):
		phase = state.Retrying
	case errors.As(cause, &drift):
		phase, kind = state.Paused, progress.FailureDrift
	case errors.Is(cause, load.ErrDrift):
		kind = progress.FailureDrift
	case errors.As(cause, &diverged):
		kind = progress.FailureDivergence
	}
	if x.phases.is(state.CutOver) { // nothing takes that back
		phase = state.CutOver
	}
	x.Progress.Phase(string(phase))
	x.Progress.Failed(kind, cause.Error())
	if err := x.Store.SetPhase(ctx, phase, cause.Error()); err != nil {
		x.Log.Warn("recording the failure", "error", err)
	}
}

// stopping says that Stop is closed.
func (x *run) stopping() bool {
	select {
	case <-x.Stop:
		return true
	default:
		return false
	}
}
