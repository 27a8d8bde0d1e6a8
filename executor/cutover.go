package executor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pglogrepl"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"sluice/executor/session"
	"sluice/executor/verify"
	"sluice/planner"
	"sluice/state"
)

// The cutover, one step after the other. From the fence on the application
// cannot write, until the target is open or the fence is undone.
//
//	gate, arm ─▶ fence ─▶ terminate ─▶ drain ─▶ sequences, views ─▶ keys, triggers, open
//	                └──── error, or max_write_pause is over ─▶ undo ─▶ follow
//
// Every step before the opening (opening.go) can run again: a process that is killed
// in between leaves the request unanswered, and the next apply lifts the fence, so that
// nobody waits for a cutover that was taken back, and serves the request from the start.

// Defaults of CutoverLimits.
const (
	defaultMaxLag        = time.Second
	defaultMaxWritePause = 30 * time.Second
)

// undoLimit bounds the undoing of the fence. That takes no locks it would wait for, but
// the source may be away.
const undoLimit = 30 * time.Second

// cutover runs the plan that the request brings, and returns it where the migration
// is cut over; else it was refused or undone, and the changes go on.
func (x *run) cutover(ctx context.Context, request Request, v *verification) (opened *planner.Plan, err error) {
	plan, err := planner.Parse(request.Payload)
	if err != nil {
		return nil, err
	}
	if plan.Address() != x.Plan.Address() {
		return nil, fmt.Errorf("the cutover is planned for %s, and this is %s", plan.Address(), x.Plan.Address())
	}
	if plan.Origin != x.Plan.Origin {
		return nil, errors.New("what the target's role may set has changed since sluice apply began: stop that, run it again, and cut over then")
	}
	if _, behind := opening(plan); behind == 0 {
		return nil, errors.New("the plan is not one of a cutover: it opens nothing")
	}
	c := &switchover{run: x, plan: plan, request: request}
	if err := c.gate(ctx, v); err != nil {
		x.Progress.Phase(string(state.Following))
		return nil, errors.Join(fmt.Errorf("the gate is closed: %w", err), c.disarm(ctx))
	}
	x.phases.enter(ctx, state.CuttingOver)
	x.brakes.changes.Set(0, 0) // the application waits for what is left
	defer func() { x.brakes.set(*x.settings.Load()) }()
	c.began = time.Now()
	if err := c.pause(ctx); err != nil {
		if errors.Is(err, errInDoubt) {
			return nil, err
		}
		undone := c.undo(ctx)
		if undone == nil {
			x.phases.enter(ctx, state.Following)
			request.Say("undone: the source takes writes again")
		}
		return nil, errors.Join(fmt.Errorf("cutting over: %w", err), undone)
	}
	return plan, nil
}

// switchover is one cutover on its way.
type switchover struct {
	run     *run
	plan    *planner.Plan
	request Request
	began   time.Time // of the pause
}

// gate checks that a cutover can succeed, while the application writes on.
func (c *switchover) gate(ctx context.Context, v *verification) error {
	if err := c.allFollowed(ctx); err != nil {
		return err
	}
	if err := c.certify(ctx, v); err != nil {
		return err
	}
	// Before the drains: behind each of them what is in progress begins anew.
	if err := c.idle(ctx); err != nil {
		return err
	}
	if err := c.arm(ctx); err != nil {
		return err
	}
	limit := orDefault(c.run.Cutover.MaxLag, defaultMaxLag)
	for range 2 { // the first may have a backlog to work off
		lag, err := c.drain(ctx)
		if err != nil {
			return err
		}
		if lag <= limit {
			c.request.Say(fmt.Sprintf("gate: lag %s", lag.Round(time.Millisecond)))
			return errors.Join(c.allFollowed(ctx), c.idle(ctx))
		}
	}
	return fmt.Errorf("the changes lag by more than max_lag (%s)", limit)
}

// allFollowed refuses while a table is in quarantine or paused: it is not as on the
// source.
func (c *switchover) allFollowed(ctx context.Context) error {
	quarantined, err := c.run.inQuarantine(ctx)
	if err != nil {
		return err
	}
	for name, q := range quarantined {
		if q.Paused {
			return fmt.Errorf("%s is paused, its changes from %s on wait (%s); sluice plan says what is to do", name, pglogrepl.LSN(q.LSN), q.Reason)
		}
		return fmt.Errorf("%s is in quarantine, its changes from %s on are passed over (%s); have it loaded again: stop, then sluice apply -replace %s.%s, or exclude it",
			name, pglogrepl.LSN(q.LSN), q.Reason, q.FromSchema, q.FromTable)
	}
	return nil
}

// certify has the tables compared that were not found equal yet. One that is
// truncated all the time is only as sure as its last comparison.
func (c *switchover) certify(ctx context.Context, v *verification) error {
	missing, err := c.run.uncertified(ctx)
	if err != nil || len(missing) == 0 {
		return err
	}
	c.request.Say("gate: comparing both sides first")
	answer := make(chan comparison, 1)
	request := Request{Kind: RequestVerify, Say: c.request.Say, Answer: func(results []byte, err error) {
		answer <- comparison{results, err}
	}}
	if err := v.start(ctx, request, missing); err != nil {
		return err
	}
	for {
		if err := c.followMeanwhile(ctx, v); err != nil {
			return err
		}
		if !v.unfinished() {
			break
		}
		if err := v.next(ctx); err != nil {
			return err
		}
	}
	return (<-answer).check()
}

// comparison is the answer to a request to verify.
type comparison struct {
	results []byte
	err     error
}

// check returns an error where a table is not equal.
func (c comparison) check() error {
	if c.err != nil {
		return c.err
	}
	var results []verify.Result
	if err := json.Unmarshal(c.results, &results); err != nil {
		return err
	}
	different := slices.DeleteFunc(results, func(r verify.Result) bool { return r.Equal })
	if len(different) > 0 {
		return fmt.Errorf("%d tables are not equal, the first is %s; sluice verify shows the rows", len(different), different[0].Table)
	}
	return nil
}

// followMeanwhile applies changes until the comparison is through.
func (c *switchover) followMeanwhile(ctx context.Context, v *verification) error {
	wake := make(chan struct{})
	go func() {
		defer close(wake)
		select {
		case <-v.busy():
		case <-c.run.Stop:
		}
	}()
	err := c.run.follow.to(ctx, 0, wake)
	if errors.Is(err, ErrStopped) && !c.run.stopping() {
		return nil
	}
	return err
}

// drain applies everything that is committed on the source now, and says how
// long that took.
func (c *switchover) drain(ctx context.Context) (time.Duration, error) {
	began := time.Now()
	marker, err := c.run.marker(ctx)
	if err != nil {
		return 0, err
	}
	err = c.run.follow.to(ctx, marker, c.run.Stop)
	return time.Since(began), err
}

// idle refuses while a transaction is open that the fence would have to wait
// for beyond the declared pause.
func (c *switchover) idle(ctx context.Context) error {
	limit := orDefault(c.run.Cutover.MaxWritePause, defaultMaxWritePause)
	return c.run.onSourceConn(ctx, func(conn *pgx.Conn) error {
		const sql = `
			select coalesce(pg_catalog.string_agg(pg_catalog.format('pid %s (%s) for %s s', pid, usename,
			         pg_catalog.date_part('epoch', pg_catalog.clock_timestamp() - xact_start)::bigint), ', ' order by xact_start), '')
			from pg_catalog.pg_stat_activity
			where datname = pg_catalog.current_database() and backend_xid is not null
			  and pg_catalog.clock_timestamp() - xact_start > pg_catalog.make_interval(secs => $1::float8)`
		var open string
		if err := conn.QueryRow(ctx, sql, limit.Seconds()).Scan(&open); err != nil {
			return fmt.Errorf("looking for long transactions: %w", err)
		}
		if open != "" {
			return fmt.Errorf("transactions are open for longer than max_write_pause (%s): %s", limit, open)
		}
		return nil
	})
}

// pause runs the steps from the fence to the opened target.
func (c *switchover) pause(ctx context.Context) error {
	limit := orDefault(c.run.Cutover.MaxWritePause, defaultMaxWritePause)
	ctx, cancel := context.WithTimeoutCause(ctx, limit, fmt.Errorf("max_write_pause (%s) is over", limit))
	defer cancel()
	first, behind := opening(c.plan)
	for i := range c.plan.Steps[:first] {
		step := &c.plan.Steps[i]
		if step.Action == planner.Gate || step.Action == planner.Arm {
			continue
		}
		c.run.Progress.StepStarted(step.ID)
		if err := c.step(ctx, step); err != nil {
			if ctx.Err() != nil {
				err = context.Cause(ctx)
			}
			return fmt.Errorf("step %d, %s: %w", step.Number, step.ID, err)
		}
		c.run.Progress.StepDone(step.ID)
		c.run.Point("cutover: after " + string(step.Action))
		c.request.Say(lineOf(step))
	}
	if err := c.open(ctx, first, behind); err != nil {
		if ctx.Err() != nil && !errors.Is(err, errInDoubt) {
			err = context.Cause(ctx)
		}
		return err
	}
	return nil
}

// lineOf says that a step is done.
func lineOf(step *planner.Step) string { return fmt.Sprintf("done  %d  %s", step.Number, step.ID) }

func (c *switchover) step(ctx context.Context, step *planner.Step) error {
	switch step.Action {
	case planner.Fence:
		return c.fence(ctx, step)
	case planner.Terminate:
		return with(ctx, c.run.Source, "fence", func(conn *pgconn.PgConn) error { return statements(ctx, conn, step.SQL) })
	case planner.Drain:
		return c.drainBehindFence(ctx)
	}
	return c.run.attempt(ctx, step, state.Step{}, nil)
}

// fence runs in one transaction. Its locks wait for the writers that are there,
// so when it has committed, each of them has ended and no other can begin. It
// is tried again after a deadlock with one of them. The state knows of it first: what
// is left of it by a process that is killed, the next plan lifts.
func (c *switchover) fence(ctx context.Context, step *planner.Step) error {
	if err := c.run.Store.Write(ctx, c.run.Store.StepIntent(step.ID, step.Fingerprint)); err != nil {
		return err
	}
	return c.run.retrying(ctx, func(ctx context.Context) (bool, error) {
		return false, with(ctx, c.run.Source, "fence", func(conn *pgconn.PgConn) error {
			return transaction(ctx, conn, step.SQL)
		})
	})
}

// drainBehindFence applies what was committed before the fence, then proves
// that nothing came after.
func (c *switchover) drainBehindFence(ctx context.Context) error {
	if _, err := c.drain(ctx); err != nil {
		return err
	}
	if err := c.allFollowed(ctx); err != nil { // the last changes may have been the first that do not fit
		return err
	}
	before := changes(c.run.follow.applier.Position())
	if _, err := c.drain(ctx); err != nil {
		return err
	}
	if after := changes(c.run.follow.applier.Position()); after != before {
		return fmt.Errorf("%d changes were committed behind the fence", after-before)
	}
	return nil
}

func changes(p state.Position) int64 { return p.Inserts + p.Updates + p.Deletes + p.Truncates }

// errFenced says that a cutover was not undone.
var errFenced = errors.New("the source still takes no writes: sluice apply, once it can be reached, lets it take them again")

// undo lets the application write again, also when ctx is over: what came last goes
// first, and what fails keeps nothing else from it.
func (c *switchover) undo(ctx context.Context) error {
	var failed []error
	for i := range c.plan.Steps {
		step := &c.plan.Steps[len(c.plan.Steps)-1-i]
		if step.Action == planner.Fence {
			failed = append(failed, insist(ctx, func(ctx context.Context) error { return c.run.lift(ctx, c.run.Source, step.Undo, nil) }))
			if err := c.run.Store.Write(context.WithoutCancel(ctx), c.run.Store.TakeBack(step.ID)); err != nil {
				c.run.Log.Warn("recording that a fence is gone; the next run lifts it once more", "error", err)
			}
		}
	}
	if err := errors.Join(failed...); err != nil {
		return errors.Join(errFenced, err)
	}
	return c.disarm(ctx)
}

// lift undoes a fence, and takes back records of it.
func (x *run) lift(ctx context.Context, server session.Server, sql, records []string) error {
	err := with(ctx, server, "fence", func(conn *pgconn.PgConn) error { return undo(ctx, conn, sql) })
	x.Point("lift: before the records go")
	for _, id := range records {
		if err == nil {
			err = x.Store.Write(ctx, x.Store.TakeBack(id))
		}
	}
	return err
}

// insist does what must not be left undone, again and again up to undoLimit, also when
// ctx is over.
func insist(ctx context.Context, work func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), undoLimit)
	defer cancel()
	for {
		err := work(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-time.After(firstPause):
		case <-ctx.Done():
			return err
		}
	}
}
