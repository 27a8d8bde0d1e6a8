package executor

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pglogrepl"
	"github.com/jackc/pgx/v5/pgconn"

	"sluice/executor/load"
	"sluice/executor/progress"
	"sluice/executor/replay"
	"sluice/executor/session"
	"sluice/executor/slot"
	"sluice/planner"
	"sluice/planner/catalog"
	"sluice/state"
	"sluice/state/postgres"
)

// A table joins the migration's stream, called the main one here, at a position H:
//
//	publish    the main publication has the table
//	barrier    every transaction that wrote before that has ended
//	catch up   the joining slot's changes are applied, while the main stream goes on
//	hold       the main stream stands still
//	H          a marker; both streams are applied up to it
//	record     the table is followed; the main stream is opened anew, at H
//
// A transaction that commits before H reaches the table through its own slot, one
// that commits behind H through the main one: that one was not begun when the
// publication took the table, or the barrier would have waited for it, so every
// change of it is sent. The table's changes that the main stream has sent before
// were passed over.
//
// That the main stream is opened anew counts. A walsender remembers which tables
// it publishes, and before 13.21, 14.18, 15.13, 16.9 and 17.5 what it learned in a
// transaction that was under way when the publication changed stayed wrong:
// https://www.postgresql.org/docs/release/15.13/ (invalidation of a publication).
// A new one learns it from transactions behind H only. Where there is a spool, it
// reads on past H, and so is begun anew before, behind the barrier.
//
// A crash before the record leaves both positions where they are, each true for
// itself: the next run goes on to another H. After the record only the slot is
// left, to be dropped.
func (x *run) join(ctx context.Context, step *planner.Step) error {
	st, err := x.Store.State(ctx)
	if err != nil || x.joined(st, step) {
		return err // an answer was lost, and the commit was not
	}
	if err := x.passBarrier(ctx); err != nil {
		return err
	}
	own := &follower{run: x, joining: step}
	defer own.close(ctx)
	if err := x.catchUp(ctx, own); err != nil { // most of it, beside the main stream
		return err
	}
	if err := x.renewStream(ctx); err != nil {
		return err
	}
	x.Point("join: before the streams are held")
	return x.beside.held(ctx, func() error {
		marker, err := x.marker(ctx)
		if err != nil {
			return err
		}
		if err := own.to(ctx, marker, x.Stop); err != nil {
			return err
		}
		x.Point("join: between the streams")
		if err := x.follow.to(ctx, marker, x.Stop); err != nil {
			return err
		}
		var records []state.Record
		for _, table := range step.Follows {
			records = append(records, x.Store.Followed(x.rows[table].Followed()))
		}
		x.Point("join: before its record")
		if err := x.record(ctx, records...); err != nil {
			return err
		}
		x.Point("join: after its record")
		x.follow.close(ctx)
		return nil
	})
}

// joined says that the state has all tables of the step as followed.
func (x *run) joined(st state.State, step *planner.Step) bool {
	return !slices.ContainsFunc(step.Follows, func(id catalog.ID) bool {
		return !slices.Contains(st.Followed, x.rows[id].Followed())
	})
}

// passBarrier waits for the transactions that run now.
func (x *run) passBarrier(ctx context.Context) error {
	ctx, end := x.untilStop(ctx)
	defer end()
	err := slot.Barrier(ctx, x.Source, slot.Options{Patience: x.retryOther(), Waiting: x.Progress.Waiting})
	if errors.Is(context.Cause(ctx), ErrStopped) {
		return ErrStopped
	}
	return err
}

// renewStream begins the main stream anew where that goes into a spool, once all that
// was under way at the barrier has come through the old one.
func (x *run) renewStream(ctx context.Context) error {
	s := x.spooling.Load()
	if s == nil {
		return nil
	}
	return x.beside.held(ctx, func() error {
		marker, err := x.marker(ctx)
		if err != nil {
			return err
		}
		if err := x.follow.to(ctx, marker, x.Stop); err != nil {
			return err
		}
		s.renew()
		return nil
	})
}

// catchUp applies what is committed by now.
func (x *run) catchUp(ctx context.Context, f *follower) error {
	marker, err := x.marker(ctx)
	if err != nil {
		return err
	}
	return f.to(ctx, marker, x.Stop)
}

// apart keeps the position of a joining slot with the record of the step that has
// made it, and its figures from those of the main stream.
func (f *follower) apart(o *replay.Options) {
	id := f.run.slotStep(f.slot()).ID
	o.Ledger = apart{f.run.Store, id}
	o.Progress = progress.New(time.Now)
	o.Position = func(ctx context.Context) (state.Position, error) {
		st, err := f.run.Store.State(ctx)
		if err != nil {
			return state.Position{}, err
		}
		at, err := pglogrepl.ParseLSN(st.Steps[id].Fingerprint)
		if err != nil {
			return state.Position{}, fmt.Errorf("the state has no position of slot %s: %w", f.slot(), err)
		}
		return state.Position{LSN: uint64(at)}, nil
	}
}

// slotStep is the step that makes a slot.
func (x *run) slotStep(name string) *planner.Step {
	i := slices.IndexFunc(x.Plan.Steps, func(s planner.Step) bool {
		return s.Action == planner.CreateSlot && s.Object.Name == name
	})
	return &x.Plan.Steps[i] // a slot that is followed is in the plan
}

// apart is the ledger of a joining slot.
type apart struct {
	*postgres.Store
	step string
}

func (a apart) Position(p state.Position) state.Record {
	return a.StepDone(a.step, pglogrepl.LSN(p.LSN).String())
}

// onTheirWay are the tables that join, with what the load has read of each.
func (x *run) onTheirWay(ctx context.Context, step *planner.Step, st state.State) (tables []*replay.Table, err error) {
	chunks, consulted := byTable(st.Chunks), map[catalog.Name]bool{}
	for _, id := range step.Follows {
		rows := x.rows[id]
		t := &replay.Table{Name: rows.Into(), Copy: rows.Copy}
		if t.Loaded, err = handedOff(rows, chunks[id.Qualified()]); err != nil {
			return nil, fmt.Errorf("following %s: %w", t.Name, err)
		}
		consulted[id.Qualified()] = t.Loaded != nil
		tables = append(tables, t)
	}
	return tables, x.comparable(ctx, consulted, st.Chunks)
}

// ignored are the tables of the source that the main publication may have, and
// that have not joined yet, or left.
func (x *run) ignored(st state.State) (names []catalog.Name) {
	followed := map[catalog.Name]bool{}
	for _, f := range st.Followed {
		if !f.Left {
			followed[catalog.Name{Schema: f.FromSchema, Local: f.FromTable}] = true
		}
	}
	add := func(name catalog.Name) {
		if !followed[name] {
			names = append(names, name)
		}
	}
	for _, f := range st.Followed { // a table has one for each name that it had on the target
		add(catalog.Name{Schema: f.FromSchema, Local: f.FromTable})
	}
	for i := range x.Plan.Steps {
		if s := &x.Plan.Steps[i]; s.Table() {
			add(s.Copy.From)
		}
	}
	return names
}

// leave takes tables out of the main stream. Of those that come again the rows go
// then, or the tables themselves: a step of its own for the target, which may have
// to wait for whoever reads them, while the others are followed.
//
// A crash in between leaves a table that is not followed. Whatever is declared by
// then, its rows are not taken for current any more.
func (x *run) leave(ctx context.Context, step *planner.Step) error {
	if err := x.takeOut(ctx, step); err != nil {
		return err
	}
	if step.Action == planner.Leave {
		return nil
	}
	if again, err := x.remadeAlready(ctx, step); again || err != nil {
		return err
	}
	x.Point("leave: before the rows go")
	return x.beside.held(ctx, func() error {
		return with(ctx, x.Target, "schema", func(c *pgconn.PgConn) error {
			if err := session.Exec(ctx, c, "begin"); err != nil {
				return err
			}
			if err := x.empty(ctx, c, step); err != nil {
				return err
			}
			x.Point("leave: before its commit")
			return session.Exec(ctx, c, "commit")
		})
	})
}

// noteFollowed records how the rows of the tables travel that the plan leaves in the
// stream: from now on the changes have no column that is left out since, and the next
// plan must not take it for a new one.
func (x *run) noteFollowed(ctx context.Context) error {
	leaves := map[catalog.ID]bool{}
	for i := range x.Plan.Steps {
		if step := &x.Plan.Steps[i]; takesOut(step) {
			for _, table := range tablesOf(step) {
				leaves[table] = true
			}
		}
	}
	var records []state.Record
	for _, f := range x.state.Followed {
		id := catalog.ID{Kind: catalog.KindTable, Schema: f.Schema, Name: f.Table}
		if rows := x.rows[id]; !f.Left && !leaves[id] && rows != nil && rows.Followed() != f {
			records = append(records, x.Store.Followed(rows.Followed()))
		}
	}
	if len(records) == 0 {
		return nil
	}
	return x.record(ctx, records...)
}

// takesOut says that a step takes tables out of the stream.
func takesOut(step *planner.Step) bool {
	return step.Action == planner.Leave || step.Action == planner.Reload || step.Action == planner.Remake
}

// remadeAlready says that what a step drops is gone: an answer was lost, and the
// commit was not.
func (x *run) remadeAlready(ctx context.Context, step *planner.Step) (bool, error) {
	if step.Action != planner.Remake {
		return false, nil
	}
	st, err := x.Store.State(ctx)
	return !slices.ContainsFunc(step.Forgets, func(id string) bool { return st.Steps[id] != state.Step{} }), err
}

// takeOut takes the tables of a step out of the main stream, where that stands.
func (x *run) takeOut(ctx context.Context, step *planner.Step) error {
	err := x.beside.held(ctx, func() error {
		x.follow.close(ctx) // it goes on without them
		st, err := x.Store.State(ctx)
		if err != nil {
			return err
		}
		var records []state.Record
		for _, f := range st.Followed {
			if slices.ContainsFunc(tablesOf(step), func(id catalog.ID) bool { return f.Schema == id.Schema && f.Table == id.Name }) {
				f.Left = true
				records = append(records, x.Store.Followed(f))
			}
		}
		x.Point("leave: before its record")
		return x.record(ctx, records...)
	})
	if err != nil {
		return err
	}
	x.beside.left(ctx, step)
	return nil
}

// tablesOf are the tables that a step takes out of the stream.
func tablesOf(step *planner.Step) []catalog.ID {
	return append([]catalog.ID{step.Object}, step.Covers...)
}

// empty deletes the rows of a table, or drops it with what goes along, and what is
// recorded of that. Keys that refer to an emptied one have no say: their rows are
// the source's, and so will be the table's.
func (x *run) empty(ctx context.Context, c *pgconn.PgConn, step *planner.Step) error {
	var written []catalog.Name
	for _, table := range tablesOf(step) {
		written = append(written, table.Qualified())
	}
	if step.Action == planner.Remake {
		written = nil // what is on them goes with them
	}
	err := session.Replica(ctx, c, x.Plan.Origin, written)
	if err == nil {
		err = session.Exec(ctx, c, "set local lock_timeout = '10s'")
	}
	if err != nil {
		return err
	}
	if step.Action == planner.Remake {
		err = statements(ctx, c, step.SQL)
	} else {
		err = load.Empty(ctx, c, step.Object.Qualified())
	}
	if err != nil {
		return err
	}
	for _, table := range tablesOf(step) {
		if err := session.Record(ctx, c, x.Store.TableRestart(table.Schema, table.Name)); err != nil {
			return err
		}
	}
	for _, id := range step.Forgets {
		if err := session.Record(ctx, c, x.Store.TakeBack(id)); err != nil {
			return err
		}
	}
	return nil
}

// SQLSTATEs of what is there already, or is not.
const (
	duplicateObject = "42710"
	undefinedObject = "42704"
	// lockNotAvailable is what a lock_timeout says.
	lockNotAvailable = "55P03"
)

// republish changes a publication, a statement for each table. One that is in it
// already, or is not in it, is passed over: the SQLSTATE passed says so.
func (x *run) republish(ctx context.Context, step *planner.Step, passed string) error {
	return with(ctx, x.Source, "schema", func(c *pgconn.PgConn) error {
		for _, sql := range step.SQL {
			x.Point("publish: before a statement")
			err := session.Exec(ctx, c, sql)
			said := new(pgconn.PgError)
			if errors.As(err, &said) && said.Code == passed {
				continue
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// remove takes away what an earlier step has made, then the record of that: in
// this order, since what is gone already can be taken away once more.
func (x *run) remove(ctx context.Context, step *planner.Step) error {
	var err error
	if step.Action == planner.DropSlot {
		err = slot.Drop(ctx, x.server(step.Side), step.Object.Name)
	} else {
		err = x.execute(ctx, step)
	}
	x.Point("remove: before the records go")
	for _, id := range step.Forgets {
		if err == nil {
			err = x.Store.Write(ctx, x.Store.TakeBack(id))
		}
	}
	return err
}

// record writes records in one transaction.
func (x *run) record(ctx context.Context, records ...state.Record) error {
	return with(ctx, x.Target, "state", func(c *pgconn.PgConn) error {
		if err := session.Exec(ctx, c, "begin"); err != nil {
			return err
		}
		for _, r := range records {
			if err := session.Record(ctx, c, r); err != nil {
				return err
			}
		}
		return session.Exec(ctx, c, "commit")
	})
}

// beside follows the changes while steps run that do not concern them. One step
// at a time may hold them.
type beside struct {
	run    *run
	failed context.CancelCauseFunc // ends the steps where the changes cannot be followed

	mu    sync.Mutex    // guards what follows; held while the changes are
	begun bool          // to be followed, once no table has to leave before
	leave []string      // the steps that have still to take tables out of the stream
	on    bool          // to be followed, whenever no step holds them
	rest  chan struct{} // closed to end what is under way
	ended chan struct{} // closed by it; nil: nothing is under way
}

// start follows from here on: as soon as those tables have left that the plan has
// otherwise than the target, or not any more.
func (b *beside) start(ctx context.Context) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.begun = true
	b.begin(ctx)
}

// left says that a step has taken its tables out of the stream.
func (b *beside) left(ctx context.Context, step *planner.Step) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.leave = slices.DeleteFunc(b.leave, func(id string) bool { return id == step.ID })
	b.begin(ctx)
}

func (b *beside) begin(ctx context.Context) {
	if b.begun && !b.on && len(b.leave) == 0 {
		b.on = true
		b.resume(ctx)
	}
}

// stop ends it, and returns when it has.
func (b *beside) stop() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.pause()
	b.on, b.begun = false, false
}

// held runs f while the changes stand still, everything applied being committed.
func (b *beside) held(ctx context.Context, f func() error) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.pause()
	if b.on {
		defer b.resume(ctx)
	}
	return f()
}

func (b *beside) resume(ctx context.Context) {
	rest, ended := make(chan struct{}), make(chan struct{})
	b.rest, b.ended = rest, ended
	wake := make(chan struct{})
	go func() {
		defer close(wake)
		select {
		case <-rest:
		case <-b.run.Stop:
		case <-ended:
		}
	}()
	go func() {
		defer close(ended)
		if err := b.run.follow.to(ctx, 0, wake); err != nil && !errors.Is(err, ErrStopped) {
			b.failed(err)
		}
	}()
}

func (b *beside) pause() {
	if b.ended == nil {
		return
	}
	close(b.rest)
	<-b.ended
	b.ended = nil
}
