package executor

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"sluice/executor/progress"
	"sluice/executor/session"
	"sluice/planner"
	"sluice/planner/catalog"
	"sluice/state"
)

// builds are the indexes and keys that are being made on the target: which session
// makes which, and how far the server says it is.
type builds struct {
	run *run

	mu      sync.Mutex // guards what follows
	running []*build   // in order of their start
}

type build struct {
	pid int64 // of the server's process
	progress.Build
}

// begun notes that a session runs steps; over, that it has. Several are small ones
// in one transaction, and through before anybody could read of them.
func (b *builds) begun(pid uint32, steps []*planner.Step) (over func()) {
	step := steps[0]
	if len(steps) > 1 || !makesIndex(step) && !checksKey(step) {
		return func() {}
	}
	begun := &build{int64(pid), progress.Build{Step: step.ID, Since: time.Now().UTC()}}
	if step.Object.Table != "" { // an index does not say whose it is
		begun.Schema, begun.Table = step.Object.Schema, step.Object.Table
	}
	if checksKey(step) { // of which the server tells nothing
		begun.Phase = "checking rows"
	}
	b.change(func() { b.running = append(b.running, begun) })
	return func() {
		b.change(func() {
			b.running = slices.DeleteFunc(b.running, func(other *build) bool { return other == begun })
		})
	}
}

func makesIndex(step *planner.Step) bool {
	return step.Action == planner.Create && (step.Object.Kind == catalog.KindIndex || step.Object.Kind == catalog.KindConstraint)
}

func checksKey(step *planner.Step) bool {
	return step.Action == planner.Alter && step.Object.Kind == catalog.KindForeignKey
}

// change changes what is running, and tells of it.
func (b *builds) change(how func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	how()
	var all []progress.Build
	for _, r := range b.running {
		all = append(all, r.Build)
	}
	b.run.Progress.Building(all)
}

// buildsEvery is how often the target is asked how far it is, and the state told.
const buildsEvery = time.Second

// watch asks and tells until ctx ends, while anything is being built. What goes wrong
// meanwhile is the steps' to find out: they use the same server.
func (b *builds) watch(ctx context.Context) {
	tick := time.NewTicker(buildsEvery)
	defer tick.Stop()
	told := false
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		if len(b.pids()) > 0 {
			told = true
			b.attend(ctx, tick.C)
		}
		if told {
			told = b.record(ctx)
		}
	}
}

// attend asks, on one connection, at each tick while anything is being built.
func (b *builds) attend(ctx context.Context, tick <-chan time.Time) {
	conn, err := b.run.Target.Connect(ctx, "builds")
	if err != nil {
		return
	}
	defer session.Close(ctx, conn)
	for {
		pids := b.pids()
		if len(pids) == 0 || b.look(ctx, conn, pids) != nil {
			return
		}
		b.record(ctx)
		select {
		case <-tick:
		case <-ctx.Done():
			return
		}
	}
}

func (b *builds) pids() (pids []int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, r := range b.running {
		pids = append(pids, r.pid)
	}
	return pids
}

// look takes in what the server says of the sessions.
func (b *builds) look(ctx context.Context, conn *pgx.Conn, pids []int64) error {
	rows, err := conn.Query(ctx, buildsSQL, pids)
	if err != nil {
		return err
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByPos[building])
	if err != nil {
		return err
	}
	b.change(func() {
		for _, f := range found {
			// One that is through by now may have left its session to another step.
			if i := slices.IndexFunc(b.running, func(r *build) bool { return r.pid == f.PID }); i >= 0 {
				f.update(&b.running[i].Build)
			}
		}
	})
	return nil
}

// building is what the server says of one session.
type building struct {
	PID           int64
	Schema, Table string
	Phase         string
	BlocksDone    int64
	BlocksTotal   int64
	RowsDone      int64
	RowsTotal     int64
}

// buildsSQL: blocks are counted while the table is read, tuples while the index is
// written. https://www.postgresql.org/docs/current/progress-reporting.html
const buildsSQL = `
select p.pid::pg_catalog.int8, n.nspname::pg_catalog.text, c.relname::pg_catalog.text, p.phase,
       p.blocks_done, p.blocks_total, p.tuples_done, p.tuples_total
from pg_catalog.pg_stat_progress_create_index p
join pg_catalog.pg_class c on c.oid = p.relid
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where p.pid::pg_catalog.int8 = any ($1::pg_catalog.int8[])`

func (f *building) update(to *progress.Build) {
	to.Schema, to.Table, to.Phase = f.Schema, f.Table, plain(f.Phase)
	to.Unit, to.Done, to.Total = "", 0, 0
	switch {
	case f.BlocksTotal > 0:
		to.Unit, to.Done, to.Total = "blocks", f.BlocksDone, f.BlocksTotal
	case f.RowsDone > 0: // their total is known before, while they are sorted
		to.Unit, to.Done, to.Total = "rows", f.RowsDone, f.RowsTotal
	}
}

// plain is a phase in plain words. Access methods have their own, after a colon.
func plain(phase string) string {
	_, own, found := strings.Cut(phase, ": ")
	switch {
	case !found:
		return phase
	case own == "scanning table":
		return "reading the table"
	case strings.HasPrefix(own, "sorting"):
		return "sorting"
	case own == "loading tuples in tree":
		return "writing the index"
	}
	return own
}

// record tells the state, for status anywhere; false: that nothing is built any more.
func (b *builds) record(ctx context.Context) (more bool) {
	b.mu.Lock()
	all := []state.Build{}
	for _, r := range b.running {
		all = append(all, state.Build(r.Build))
	}
	b.mu.Unlock()
	err := b.run.Store.Write(ctx, b.run.Store.Building(all))
	if err != nil {
		b.run.Log.Debug("recording what is being built", "error", err)
	}
	return err != nil || len(all) > 0
}
