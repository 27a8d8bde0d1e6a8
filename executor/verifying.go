package executor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pglogrepl"
	"github.com/jackc/pgx/v5"

	"sluice/executor/session"
	"sluice/executor/slot"
	"sluice/executor/verify"
	"sluice/planner"
	"sluice/planner/catalog"
	"sluice/state"
)

// verification compares both sides beside the changes.
//
//	wait        for the transactions that run now, while the changes go on
//	hold        the changes stand still at some position
//	export      a temporary slot gives a snapshot of the source at LSN, later
//	advance     apply exactly what was committed before LSN
//	repair      where asked: rows that differed before are copied again (repair.go)
//	import      the target's snapshot shows the same state now
//	go on       the changes flow again, the comparison reads its snapshots
//
// Tables that were truncated or rewritten meanwhile, or that differ and are ahead
// of their position (replay.Applier.Ahead), are compared again, under new snapshots,
// for as long as other errors than those of a connection are retried. So are those
// that were not through when a server went away; those that were stay so.
type verification struct {
	run     *run
	done    chan struct{}             // closed when nothing is being compared; nil: nothing ever was
	request Request                   // that is being served
	round   int                       // of the request, from 0
	left    []verify.Table            // to be compared in the next round
	waited  bool                      // for running transactions, before the next round
	pause   time.Duration             // before the next round
	since   time.Time                 // the request is served, or goes on after an outage
	began   time.Time                 // waiting for the next round
	tries   attempts                  // at a round
	repair  bool                      // what differs is copied again
	broken  map[catalog.Name][]string // keys of the rows that differed, to be copied again before the next round

	mutex    sync.Mutex // of what the workers of a round share
	results  map[catalog.Name]verify.Result
	suspects map[catalog.Name][]string // keys of rows that were different in each round of a table that is ahead
}

// busy is closed while nothing is being compared.
func (v *verification) busy() <-chan struct{} {
	if v.done == nil {
		v.done = make(chan struct{})
		close(v.done)
	}
	return v.done
}

// wait waits for the comparison that is under way.
func (v *verification) wait() { <-v.busy() }

// start serves a request to compare tables: the first round.
func (v *verification) start(ctx context.Context, request Request, tables []verify.Table) error {
	v.request, v.round, v.left = request, 0, tables
	v.repair, v.broken = repairs(request), map[catalog.Name][]string{}
	v.results, v.suspects = map[catalog.Name]verify.Result{}, map[catalog.Name][]string{}
	v.waited, v.pause, v.tries = false, 0, attempts{run: v.run}
	v.since, v.began = time.Now(), time.Now()
	if err := v.setAside(ctx); err != nil {
		return err
	}
	if !v.unfinished() { // no table at all, or all are in quarantine
		request.Answer(v.answer())
		return nil
	}
	return v.next(ctx)
}

// setAside takes out of the round what is in quarantine or paused: it differs, and that
// is known.
func (v *verification) setAside(ctx context.Context) error {
	quarantined, err := v.run.inQuarantine(ctx)
	if err != nil {
		return err
	}
	v.mutex.Lock()
	defer v.mutex.Unlock()
	v.left = slices.DeleteFunc(slices.Clone(v.left), func(t verify.Table) bool {
		q, is := quarantined[t.Target.Name]
		if is {
			r := verify.Result{Table: t.Target.Name, Paused: q.Paused, Quarantine: fmt.Sprintf("from %s on, %d changes passed over: %s", pglogrepl.LSN(q.LSN), q.Passed, q.Reason)}
			v.results[r.Table] = r
			v.request.Say(Line(r))
		}
		return is
	})
	return nil
}

// unfinished says that another round is needed. It may be asked while nothing
// is being compared.
func (v *verification) unfinished() bool { return len(v.left) > 0 }

// held bounds how long the changes stand still for a snapshot of the source: it
// waits for the transactions that began since the last wait.
const held = 2 * time.Second

// next goes on with the request: it waits, or takes the two snapshots and leaves
// a round of the comparison running.
func (v *verification) next(ctx context.Context) error {
	x := v.run
	if !v.waited {
		v.quiet(ctx)
		return nil
	}
	v.waited = false
	exported, err := slot.Temporary(ctx, x.Source, slot.Options{Patience: held})
	if errors.Is(err, slot.ErrPatience) && time.Since(v.began) < x.retryOther() {
		v.quiet(ctx)
		return nil
	}
	if err != nil {
		return v.later(ctx, err)
	}
	if err := x.follow.to(ctx, exported.LSN, x.Stop); err != nil {
		exported.Close(ctx)
		return err
	}
	if err := v.setAside(ctx); err != nil { // a change may have been the first that does not fit
		exported.Close(ctx)
		return err
	}
	if err := v.mend(ctx, exported); err != nil {
		exported.Close(ctx)
		return v.later(ctx, err)
	}
	target, snapshot, err := hold(ctx, x.Target)
	if err != nil {
		exported.Close(ctx)
		return v.later(ctx, err)
	}
	ahead := v.ahead(exported.LSN)
	v.done = make(chan struct{})
	go func() {
		defer close(v.done)
		defer exported.Close(ctx)
		defer session.Close(ctx, target)
		if err := slot.Barrier(ctx, x.Source, slot.Options{Patience: x.retryOther(), Waiting: x.Progress.Waiting}); err != nil {
			v.failed(ctx, false, err)
			return
		}
		v.tries.over(ctx)
		v.compare(ctx, exported.LSN, exported.Snapshot, snapshot, ahead)
	}()
	return nil
}

// outlast returns nil where an error passes: what is left is compared in another
// round, after a pause.
func (v *verification) outlast(ctx context.Context, progressed bool, err error) error {
	if v.pause, err = v.tries.failed(ctx, progressed, err); err != nil {
		v.left = nil
		v.tries.over(ctx)
		return err
	}
	v.waited, v.since, v.began = false, time.Now(), time.Now()
	return nil
}

// failed is outlast where nobody else answers the request.
func (v *verification) failed(ctx context.Context, progressed bool, err error) {
	if err := v.outlast(ctx, progressed, err); err != nil {
		v.request.Answer(nil, err)
	}
}

// later waits for another round after an error that passes.
func (v *verification) later(ctx context.Context, err error) error {
	if err := v.outlast(ctx, false, err); err != nil {
		return err
	}
	v.quiet(ctx)
	return nil
}

// quiet waits beside the changes until the transactions that run now have ended:
// the snapshot of the source has to wait for them too, but with the changes held.
func (v *verification) quiet(ctx context.Context) {
	x := v.run
	v.done = make(chan struct{})
	ctx, end := x.untilStop(ctx)
	go func() {
		defer close(v.done)
		defer end()
		select {
		case <-time.After(v.pause):
		case <-ctx.Done():
		}
		patience := max(x.retryOther()-time.Since(v.began), held)
		err := slot.Barrier(ctx, x.Source, slot.Options{Patience: patience, Waiting: x.Progress.Waiting})
		if errors.Is(context.Cause(ctx), ErrStopped) {
			v.left = nil // not answered: the next run serves the request again
			return
		}
		if err != nil {
			v.failed(ctx, false, err)
			return
		}
		v.waited = true
	}()
}

// ahead are the tables of the round that may have values from behind the position
// where the changes stand: a row was read again for one of them.
func (v *verification) ahead(position pglogrepl.LSN) map[catalog.Name]bool {
	tables := map[catalog.Name]bool{}
	for _, t := range v.left {
		applier := v.run.follow.applier
		tables[t.Target.Name] = applier != nil && applier.Ahead(t.Target.Name) > position
	}
	return tables
}

// compare runs one round, keeps a certificate of each table that holds still, and
// answers the request with the last one.
func (v *verification) compare(ctx context.Context, lsn pglogrepl.LSN, source, target string, ahead map[catalog.Name]bool) {
	x := v.run
	_, err := verify.Compare(ctx, verify.Options{
		Source: x.Source, Target: x.Target, SourceSnapshot: source, TargetSnapshot: target,
		Done: func(r verify.Result) { v.settle(r, ahead[r.Table]) }, Differences: v.differences(),
	}, v.left)
	last := err == nil && time.Since(v.since) > x.retryOther()
	var again []verify.Table
	progressed := false
	for _, t := range v.left {
		r, compared := v.results[t.Target.Name]
		switch {
		case !compared, r.Moved && !last:
			again = append(again, t)
		case r.Moved:
			v.request.Say(fmt.Sprintf("unknown    %-36s  in each of %d comparisons", r.Table, v.round+1))
		case v.mendable(ctx, t, r):
			v.broken[r.Table] = r.Keys()
			again = append(again, t)
		default:
			v.results[r.Table] = shown(r)
			c := certificate(r, lsn)
			x.Progress.Compared(c.Schema, c.Table, c.Detail)
			if refused := x.Store.Write(ctx, x.Store.Certificate(c)); refused != nil {
				err = errors.Join(err, refused)
				again = append(again, t)
			} else {
				progressed = true
			}
		}
	}
	v.left, v.round, v.began = again, v.round+1, time.Now()
	v.pause = min(time.Duration(v.round)*50*time.Millisecond, held) // a table may be truncated in step with the rounds
	switch {
	case !v.unfinished():
		v.request.Answer(v.answer())
	case err != nil:
		v.failed(ctx, progressed, err)
	}
}

// settle keeps the result of a table, and says it.
//
// Where a table is ahead, what differs may be rows that were read again. In the
// next round these are equal, and others may not be; so the table is equal once
// no row was different in every round. A row that really differs stays so, under
// its key: one that gets another key between two rounds is found the next time.
func (v *verification) settle(r verify.Result, ahead bool) {
	v.mutex.Lock()
	defer v.mutex.Unlock()
	if !r.Equal && !r.Moved && ahead {
		r.Moved = true
		if !r.More { // else there are others
			keys, known := v.suspects[r.Table]
			if !known {
				keys = r.Keys()
			}
			keys = slices.DeleteFunc(keys, func(key string) bool { return !slices.Contains(r.Keys(), key) })
			v.suspects[r.Table] = keys
			if len(keys) == 0 {
				r.Equal, r.Moved, r.Different = true, false, nil
			}
		}
	}
	if v.round == 0 || !r.Moved { // said once
		v.request.Say(Line(r))
	}
	v.results[r.Table] = r
}

// answer is the list of results as JSON, in the plan's order.
func (v *verification) answer() ([]byte, error) {
	list := []verify.Result{}
	for _, t := range Tables(v.run.Plan) {
		if r, compared := v.results[t.Target.Name]; compared {
			list = append(list, r)
		}
	}
	return json.Marshal(list)
}

// hold opens a transaction on the server and exports its snapshot.
func hold(ctx context.Context, server session.Server) (conn *pgx.Conn, snapshot string, err error) {
	if conn, err = server.Connect(ctx, "snapshot"); err != nil {
		return nil, "", err
	}
	if err = session.Exec(ctx, conn.PgConn(), "begin isolation level repeatable read read only"); err == nil {
		var row []string
		if row, err = session.Row(ctx, conn.PgConn(), "select pg_catalog.pg_export_snapshot()"); err == nil {
			return conn, row[0], nil
		}
	}
	session.Close(ctx, conn)
	return nil, "", fmt.Errorf("exporting a snapshot of %s: %w", server.Ref, err)
}

func certificate(r verify.Result, lsn pglogrepl.LSN) state.Certificate {
	detail := ""
	if !r.Equal {
		detail = fmt.Sprintf("%d rows on the source, %d on the target, %d or more differ", r.Rows, r.TargetRows, len(r.Different))
	}
	return state.Certificate{
		Schema: r.Table.Schema, Table: r.Table.Local, Rows: r.Rows, Hash: r.Hash,
		LSN: uint64(lsn), At: time.Now().UTC(), Equal: r.Equal, Detail: detail, File: r.File,
	}
}

// Tables are the tables of a plan as verify compares them: those whose rows
// were loaded, but for unlogged ones while changes are followed, since theirs
// are not sent. Those whose rows go to one table are compared together.
func Tables(plan *planner.Plan) (tables []verify.Table) {
	for i := range plan.Steps {
		step := &plan.Steps[i]
		if !step.Table() || step.Copy.Unlogged && plan.Stages.Incremental {
			continue
		}
		if step.Copy.Partly() && slices.ContainsFunc(tables, func(t verify.Table) bool { return t.Target.Name == step.Into() }) {
			continue
		}
		source, target := sides(step, plan.OldSource())
		e := step.Copy.Existing
		tables = append(tables, verify.Table{Source: source, Target: target,
			Own: e.Foreign(), Kept: e.Foreign() && e.Unique && e.Full == planner.RowKeep})
	}
	return tables
}

// sides are a table on both servers: what the source gives, as the load and the
// changes ask for it, must be what the target has. A value that comes with the
// last change of a row is nothing to compare. Before PostgreSQL 12 a float's text
// is not what it is later, so its bits are compared.
func sides(step *planner.Step, old bool) (source, target verify.Side) {
	source.Name, target.Name = step.Copy.From, step.Into()
	if step.Copy.Where != nil {
		source.Where = step.Copy.Where.SQL
	}
	if r := step.Copy.Routed; r != nil {
		source.Name, source.Below, target.Below = r.From, true, true
		source.Where = without(r.Except, source.Where)
	}
	values := map[string]string{} // on the source, by column
	for _, c := range step.Copy.Columns {
		if c.Value.Stamped() {
			continue
		}
		value, name := c.Out(), catalog.Quote(c.Name)
		if c.Value != nil {
			value = c.Value.Kept()
		}
		values[c.Name] = value
		if send := map[string]string{"double precision": "float8send", "real": "float4send"}[c.Type]; old && send != "" {
			value, name = "pg_catalog."+send+"("+value+")", "pg_catalog."+send+"("+name+")"
		}
		source.Values, target.Values = append(source.Values, value), append(target.Values, name)
	}
	for _, column := range step.Copy.Identity {
		source.Key, target.Key = append(source.Key, values[column]), append(target.Key, catalog.Quote(column))
	}
	return source, target
}

// without adds to a condition that rows are in none of the tables, which may be gone.
func without(tables []catalog.Name, where string) string {
	if len(tables) == 0 {
		return where
	}
	var oids []string
	for _, t := range tables {
		oids = append(oids, "pg_catalog.to_regclass("+catalog.Literal(t.SQL())+")::oid")
	}
	except := "not coalesce(tableoid = any(array[" + strings.Join(oids, ", ") + "]), false)"
	if where == "" {
		return except
	}
	return except + " and (" + where + "\n)"
}

// Line is a result in one line, for people.
func Line(r verify.Result) string {
	if r.Moved {
		return fmt.Sprintf("again      %-36s  was truncated, rewritten or read again meanwhile", r.Table)
	}
	if r.Paused {
		return fmt.Sprintf("paused     %-36s  %s", r.Table, r.Quarantine)
	}
	if r.Quarantine != "" {
		return fmt.Sprintf("quarantine %-36s  %s", r.Table, r.Quarantine)
	}
	if r.Equal {
		return fmt.Sprintf("equal      %-36s %10d rows", r.Table, r.Rows) + besides(r)
	}
	keys := make([]string, 0, len(r.Different))
	r = shown(r)
	for _, d := range r.Different {
		keys = append(keys, d.Key+" "+d.What)
	}
	more := ""
	if r.More {
		more = ", …"
	}
	return fmt.Sprintf("DIFFERENT  %-36s %10d rows on the source, %d on the target: %s%s",
		r.Table, r.Rows, r.TargetRows, strings.Join(keys, ", "), more) + besides(r)
}

// besides says what is no difference: of a table that the target had before.
func besides(r verify.Result) (text string) {
	if r.Own > 0 {
		text = fmt.Sprintf("; %d more on the target alone", r.Own)
	}
	switch {
	case r.Kept == 1:
		text += "; 1 of the same key stayed as it was there, and differs"
	case r.Kept > 1:
		text += fmt.Sprintf("; %d of the same key stayed as they were there, and differ", r.Kept)
	}
	return text
}

// uncertified are the tables that were not found equal, or never compared, or
// whose rows were truncated or rewritten on the source since: a rewriting ALTER
// TABLE sends none of them.
func (x *run) uncertified(ctx context.Context) (tables []verify.Table, err error) {
	st, err := x.Store.State(ctx)
	if err != nil {
		return nil, err
	}
	certified := map[catalog.Name]string{} // the file
	for _, c := range st.Certificates {
		if c.Equal {
			certified[catalog.Name{Schema: c.Schema, Local: c.Table}] = c.File
		}
	}
	err = x.onSourceConn(ctx, func(conn *pgx.Conn) error {
		for _, t := range Tables(x.Plan) {
			var file string
			if file, err = t.Source.File(ctx, conn); err != nil {
				return err
			}
			if was, ok := certified[t.Target.Name]; !ok || was != file {
				tables = append(tables, t)
			}
		}
		return nil
	})
	return tables, err
}
