package replay

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"sluice/executor/session"
	"sluice/executor/stream"
	"sluice/planner/catalog"
	"sluice/state"
)

// writer does what jobs say, over one connection. It goes back to a savepoint where
// changes cannot be applied together, and applies them one by one.
type writer struct {
	conn       *pgconn.PgConn
	close      func(context.Context)
	ledger     Ledger
	origin     bool // as in Options
	point      func(string)
	statements int // prepared so far, for names
	prepared   map[*relation]map[string]*statement
	pipeline   *pgconn.Pipeline // nil: none is open
	open       bool             // so is a transaction of the target
	saved      bool             // it has a savepoint that is no longer needed
	waiting    []queued
	sent       int // bytes of parameters that wait
	run        []*change
	running    map[*Table]int // changes of each in run, under whatever announcement
	params     [][]byte
}

func newWriter(conn *pgx.Conn, o Options) *writer {
	return &writer{
		conn: conn.PgConn(), origin: o.Origin, close: func(ctx context.Context) { session.Close(ctx, conn) }, ledger: o.Ledger, point: o.Point,
		prepared: map[*relation]map[string]*statement{}, running: map[*Table]int{},
	}
}

// queued is a statement whose result has not been read.
type queued struct {
	origin
	relation *relation
	expect   expectation
	rows     int64  // how many it has to touch, as one for many rows; 0: as expect says
	column   string // as in single
	holds    string // as in single
	empties  []catalog.Name
	prepare  string // the shape of the statement that it prepares
}

// Limits of what is sent before the answers are read.
const (
	maxQueued = 500
	maxSent   = 4 << 20
)

// do writes a job, and commits where that says so.
func (w *writer) do(ctx context.Context, j *job) error {
	// Pipelines outlive their calls, so the end of ctx closes the connection.
	stop := context.AfterFunc(ctx, func() { _ = w.conn.Conn().SetDeadline(time.Unix(1, 0)) })
	defer stop()
	err := w.write(ctx, j)
	if err != nil && ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

func (w *writer) write(ctx context.Context, j *job) error {
	w.begin()
	for i := range j.changes {
		c := &j.changes[i]
		if !c.alone && c.single == nil {
			w.run = append(w.run, c)
			w.running[c.relation.Table]++
			continue
		}
		if len(w.run) > 0 && (c.relation == nil || w.running[c.relation.Table] > 0 || c.relation.acts) {
			if err := w.applyRun(ctx, j.tentative); err != nil {
				return err
			}
		}
		if err := w.queueChange(c); err != nil {
			return err
		}
	}
	if err := w.applyRun(ctx, j.tentative); err != nil {
		return err
	}
	switch {
	case j.commit != nil:
		return w.finish(*j.commit)
	case j.rests:
		return w.rest()
	}
	return w.flush()
}

// begin opens a pipeline and the target's transaction where none is open.
func (w *writer) begin() {
	if w.pipeline == nil {
		w.pipeline = w.conn.StartPipeline(context.Background())
	}
	switch {
	case !w.open:
		w.command("begin")
		if w.origin { // as for a replica, deferrable keys may be violated between two changes
			w.command("set constraints all deferred")
		}
		w.open = true
	case w.saved:
		w.command("release savepoint sluice")
		w.saved = false
	}
}

// command adds a statement that touches no rows.
func (w *writer) command(sql string) {
	w.pipeline.SendQueryParams(sql, nil, nil, nil, nil)
	w.waiting = append(w.waiting, queued{})
}

// queueChange adds the statement of one change, which must touch one row, or what it
// says.
func (w *writer) queueChange(c *change) error {
	r := c.relation
	q := queued{relation: r, origin: c.origin}
	switch s := c.single; {
	case s != nil && s.shape == "":
		w.begin()
		q.expect, q.holds, q.empties = s.expect, s.holds, s.empties
		w.pipeline.SendQueryParams(s.sql(), s.params, nil, nil, nil)
		w.waiting = append(w.waiting, q)
	case s != nil:
		q.expect, q.column = s.expect, s.column
		w.queue(q, s.shape, s.sql, s.params)
	case c.kind == stream.Insert:
		w.queue(q, "i", func() string { return r.insertion(r.Name) }, values(w.params[:0], c.row))
	case c.kind == stream.Delete:
		w.queue(q, "d", r.deletion, r.identify(w.params[:0], c.old))
	case c.kind == stream.Update:
		w.queue(q, "u"+c.mask, func() string { return r.modification(c.mask) }, r.identify(masked(w.params[:0], c.row, c.mask), c.old))
	}
	if len(w.waiting) >= maxQueued || w.sent >= maxSent {
		return w.flush()
	}
	return nil
}

// queue adds a statement, which is prepared at its first use.
func (w *writer) queue(q queued, shape string, sql func() string, params [][]byte) {
	w.begin()
	prepared := w.prepared[q.relation]
	if prepared == nil {
		prepared = map[string]*statement{}
		w.prepared[q.relation] = prepared
	}
	st := prepared[shape]
	if st == nil {
		w.statements++
		st = &statement{name: "sluice_" + strconv.Itoa(w.statements), sql: sql()}
		prepared[shape] = st
		w.pipeline.SendPrepare(st.name, st.sql, nil)
		w.waiting = append(w.waiting, queued{relation: q.relation, prepare: shape, origin: q.origin})
	}
	w.pipeline.SendQueryPrepared(st.name, params, nil, nil)
	w.waiting = append(w.waiting, q)
	for _, p := range params {
		w.sent += len(p)
	}
	w.params = params[:0]
}

// flush sends what waits and checks every answer.
func (w *writer) flush() error {
	if len(w.waiting) == 0 {
		return nil
	}
	w.pipeline.SendFlushRequest()
	if err := w.pipeline.Flush(); err != nil {
		return err
	}
	return w.answers(len(w.waiting))
}

// answers checks the first n.
func (w *writer) answers(n int) error {
	for _, q := range w.waiting[:n] {
		if err := w.answer(q); err != nil {
			return err
		}
	}
	w.waiting, w.sent = append(w.waiting[:0], w.waiting[n:]...), 0
	return nil
}

// answer reads the result of one statement.
func (w *writer) answer(q queued) error {
	results, err := w.pipeline.GetResults()
	if err != nil {
		return refused(q, err)
	}
	if q.prepare != "" {
		return nil
	}
	reader, ok := results.(*pgconn.ResultReader)
	if !ok {
		return fmt.Errorf("unexpected answer %T of the target", results)
	}
	tag, err := reader.Close()
	if err != nil {
		return refused(q, err)
	}
	if q.relation != nil && !q.expect.met(tag.RowsAffected()) {
		return miscounted(q, tag.RowsAffected())
	}
	return nil
}

// finish writes the position, checks that it was ours to write, and commits:
// in this order, since a commit cannot be taken back.
func (w *writer) finish(p state.Position) error {
	record := w.ledger.Position(p)
	params, err := session.Params(record)
	if err != nil {
		return err
	}
	w.begin()
	w.pipeline.SendQueryParams(record.SQL, params, nil, nil, nil)
	recorded := len(w.waiting)
	w.waiting = append(w.waiting, queued{})
	w.pipeline.SendFlushRequest()
	if err := w.pipeline.Flush(); err != nil {
		return err
	}
	if err := w.answers(recorded); err != nil {
		return err
	}
	if err := w.fenced(); err != nil {
		return err
	}
	w.waiting = w.waiting[:0]
	w.point("replay: before a commit")
	w.pipeline.SendQueryParams("commit", nil, nil, nil, nil)
	w.waiting = append(w.waiting, queued{})
	if err := w.pipeline.Sync(); err != nil {
		return err
	}
	if err := w.answers(1); err != nil {
		return err
	}
	if err := w.idle(); err != nil {
		return err
	}
	w.open = false
	w.point("replay: after a commit, before it is acknowledged")
	return nil
}

// save writes the position by itself.
func (w *writer) save(ctx context.Context, p state.Position) error {
	return session.Record(ctx, w.conn, w.ledger.Position(p))
}

func (w *writer) end(ctx context.Context) { w.close(ctx) }

func (w *writer) back(ctx context.Context) error {
	if !w.open {
		return nil
	}
	if err := w.rest(); err != nil {
		return err
	}
	if err := session.Exec(ctx, w.conn, "rollback"); err != nil {
		return fmt.Errorf("applying changes: %w", err)
	}
	w.open, w.saved = false, false
	return nil
}

// rest checks every answer, and leaves the transaction open.
func (w *writer) rest() error {
	if w.pipeline == nil {
		return nil
	}
	if err := w.pipeline.Sync(); err != nil {
		return err
	}
	if err := w.answers(len(w.waiting)); err != nil {
		return err
	}
	return w.idle()
}

// idle ends the pipeline, of which every statement is answered.
func (w *writer) idle() error {
	if w.pipeline == nil {
		return nil
	}
	err := w.pipeline.Close()
	w.pipeline = nil
	if err != nil {
		return fmt.Errorf("applying changes: %w", err)
	}
	return nil
}

// fenced reads the answer to the position's record.
func (w *writer) fenced() error {
	results, err := w.pipeline.GetResults()
	if err != nil {
		return fmt.Errorf("recording the position: %w", err)
	}
	reader, ok := results.(*pgconn.ResultReader)
	if !ok {
		return fmt.Errorf("unexpected answer %T of the target", results)
	}
	tag, err := reader.Close()
	if err != nil {
		return fmt.Errorf("recording the position: %w", err)
	}
	if tag.RowsAffected() != 1 {
		return session.ErrFenced
	}
	return nil
}

// applyRun applies the changes that may go together: by the set, where that pays,
// else one by one, unless others are ahead.
func (w *writer) applyRun(ctx context.Context, tentative bool) error {
	if len(w.run) == 0 {
		return nil
	}
	defer func() {
		clear(w.run)
		w.run = w.run[:0]
	}()
	sets, ok := []set(nil), false
	if len(w.run) >= leastSet {
		sets, ok = setsOf(w.run)
	}
	clear(w.running)
	fits := false
	if ok {
		w.begin()
		w.command("savepoint sluice")
		var err error
		if fits, err = w.try(ctx, sets); err != nil {
			return err
		}
	}
	switch {
	case fits:
		w.saved = true
		w.point("replay: by the set")
		return nil
	case tentative:
		return errRefused
	case ok:
		w.point("replay: back to the savepoint")
		w.begin()
		w.command("rollback to savepoint sluice")
		w.saved = true
	}
	for _, c := range w.run {
		if err := w.queueChange(c); err != nil {
			return err
		}
	}
	return nil
}

// try applies sets. It says false where one of their statements was refused, or has
// touched another number of rows than it should; the transaction can go back to the
// savepoint then.
func (w *writer) try(ctx context.Context, sets []set) (fits bool, err error) {
	var copies []*set
	before := len(w.waiting)
	for i := range sets {
		s := &sets[i]
		if s.copied() {
			copies = append(copies, s)
			continue
		}
		w.queue(queued{relation: s.relation, rows: s.count()}, s.shape, s.sql, s.params())
	}
	fits, err = w.tryFlush(before)
	for _, s := range copies {
		if fits && err == nil {
			fits, err = w.tryCopy(ctx, s)
		}
	}
	return fits, err
}

// tryFlush is flush for statements of which those from first on are behind the
// savepoint.
func (w *writer) tryFlush(first int) (fits bool, err error) {
	if err := w.pipeline.Sync(); err != nil {
		return false, err
	}
	for _, q := range w.waiting[:first] {
		if err := w.answer(q); err != nil {
			return false, err
		}
	}
	fits = true
	refused := len(w.waiting) // the first that was
	for i := first; ; i++ {
		results, err := w.pipeline.GetResults()
		if _, synced := results.(*pgconn.PipelineSync); synced {
			break
		}
		var tag pgconn.CommandTag
		if reader, ok := results.(*pgconn.ResultReader); ok {
			tag, err = reader.Close()
		}
		switch {
		case said(err): // the server passes over all that comes before the Sync
			fits, refused = false, i
		case err != nil || results == nil:
			return false, fmt.Errorf("applying changes: %w", cmp.Or(err, io.ErrUnexpectedEOF))
		case w.waiting[i].rows > 0 && tag.RowsAffected() != w.waiting[i].rows:
			fits = false
		}
	}
	w.forget(w.waiting[refused:])
	w.waiting, w.sent = w.waiting[:0], 0
	return fits, nil
}

// tryCopy inserts rows by COPY.
func (w *writer) tryCopy(ctx context.Context, s *set) (fits bool, err error) {
	if err := w.idle(); err != nil {
		return false, err
	}
	tag, err := w.conn.CopyFrom(ctx, bytes.NewReader(s.text()), s.relation.copying())
	switch {
	case said(err):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("applying changes: %w", err)
	}
	return tag.RowsAffected() == s.count(), nil
}

// said says that an error is the server's word on a statement, and not the last one
// of a session that it ends.
func said(err error) bool {
	refusal := new(pgconn.PgError)
	return errors.As(err, &refusal) && refusal.SeverityUnlocalized == "ERROR"
}

// forget is for statements that the server has not prepared. One that it has must not
// be prepared again: it stays in the session's memory.
func (w *writer) forget(refused []queued) {
	for _, q := range refused {
		if q.prepare != "" {
			delete(w.prepared[q.relation], q.prepare)
		}
	}
}
