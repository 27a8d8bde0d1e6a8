package replay

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pglogrepl"
	"github.com/jackc/pgx/v5/pgconn"

	"sluice/executor/progress"
	"sluice/executor/session"
	"sluice/executor/stream"
)

// A batch is what the target commits together: whole transactions of the source
// and the position behind the last of them.

// queued is a statement whose result has not been read.
type queued struct {
	relation *relation // nil: any number of rows is right
	expect   expectation
	column   string // whose value the change lacks, should it find no row
	emptied  string // condition of the rows that a truncation wants gone
	prepare  bool
	lsn      pglogrepl.LSN
	data     []byte
}

// queue adds a statement to the batch; shape tells the relation's statements
// apart.
func (a *Applier) queue(r *relation, shape string, sql func() string, params [][]byte) {
	a.queueExpecting(r, one, "", shape, sql, params)
}

// queueExpecting is queue for a statement that may touch another number of rows
// than one, or that needs the value of a column should it find none.
func (a *Applier) queueExpecting(r *relation, expect expectation, column, shape string, sql func() string, params [][]byte) {
	a.begin()
	st := r.prepared[shape]
	if st == nil {
		a.statements++
		st = &statement{name: "sluice_" + strconv.Itoa(a.statements), sql: sql()}
		r.prepared[shape] = st
		a.pipeline.SendPrepare(st.name, st.sql, nil)
		a.waiting = append(a.waiting, queued{relation: r, prepare: true, lsn: a.finalLSN, data: a.item.Data})
	}
	a.pipeline.SendQueryPrepared(st.name, params, nil, nil)
	a.waiting = append(a.waiting, queued{relation: r, expect: expect, column: column, lsn: a.finalLSN, data: a.item.Data})
	a.sent += len(a.item.Data)
	a.changes++
	a.params = params[:0]
}

// queueOnce adds a statement that is not worth preparing, and that may touch
// any number of rows.
func (a *Applier) queueOnce(sql string, params [][]byte) {
	a.begin()
	a.pipeline.SendQueryParams(sql, params, nil, nil, nil)
	a.waiting = append(a.waiting, queued{})
	a.changes++
}

// begin opens the target's transaction where none is open.
func (a *Applier) begin() {
	if a.pipeline != nil {
		return
	}
	// The pipeline outlives one call; flush and commit watch their own ctx by
	// closing the connection.
	a.pipeline = a.conn.StartPipeline(context.Background())
	a.pipeline.SendQueryParams("begin", nil, nil, nil, nil)
	a.waiting = append(a.waiting, queued{})
	a.options.Progress.Arrived(a.commitTime)
}

// flush sends what waits and checks every answer.
func (a *Applier) flush(ctx context.Context) error {
	stop := a.watch(ctx)
	defer stop()
	a.pipeline.SendFlushRequest()
	if err := a.pipeline.Flush(); err != nil {
		return a.failed(ctx, err)
	}
	for _, q := range a.waiting {
		if err := a.answer(q); err != nil {
			return a.failed(ctx, err)
		}
	}
	a.waiting, a.sent = a.waiting[:0], 0
	return nil
}

// watch closes the connection when ctx ends, which wakes whoever waits for it.
func (a *Applier) watch(ctx context.Context) (stop func() bool) {
	return context.AfterFunc(ctx, func() { _ = a.conn.Conn().SetDeadline(time.Unix(1, 0)) })
}

func (a *Applier) failed(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// answer reads the result of one statement.
func (a *Applier) answer(q queued) error {
	results, err := a.pipeline.GetResults()
	if err != nil {
		return a.refused(q, err)
	}
	if q.prepare {
		return nil
	}
	reader, ok := results.(*pgconn.ResultReader)
	if !ok {
		return fmt.Errorf("unexpected answer %T of the target", results)
	}
	tag, err := reader.Close()
	if err != nil {
		return a.refused(q, err)
	}
	if q.relation != nil && !q.expect.met(tag.RowsAffected()) {
		return a.miscounted(q, tag.RowsAffected())
	}
	return nil
}

func (a *Applier) miscounted(q queued, rows int64) error {
	switch {
	case q.expect == none:
		return &TruncatedError{q.relation.Name, q.lsn, deleting(q.relation.Name, q.emptied)}
	case q.column != "" && rows == 0:
		return &MissingRowError{q.relation.Name, a.diverged(q, rows, nil).Key, q.column, q.lsn}
	}
	return a.diverged(q, rows, nil)
}

// refused tells a row that the target does not take from a connection that
// broke and from a conflict with somebody else's lock, which are worth a retry.
func (a *Applier) refused(q queued, err error) error {
	var said *pgconn.PgError
	if q.relation == nil || !errors.As(err, &said) {
		return fmt.Errorf("applying changes: %w", err)
	}
	switch said.Code[:2] {
	case "22", "23", "42", "P0": // data, integrity, syntax or access rule, raised by a trigger
		return a.diverged(q, 0, err)
	}
	return fmt.Errorf("applying changes: %w", err)
}

// commit makes the batch and its position durable, then acknowledges it. It
// does nothing within a transaction of the source, nor while a row is owed.
func (a *Applier) commit(ctx context.Context, s *stream.Stream) error {
	if a.isOpen() || a.pipeline == nil {
		return nil
	}
	a.position.Inserts += a.counts.Inserts
	a.position.Updates += a.counts.Updates
	a.position.Deletes += a.counts.Deletes
	a.position.Truncates += a.counts.Truncates
	if err := a.finish(ctx); err != nil {
		return err
	}
	a.noteSaved()
	a.pipeline, a.changes = nil, 0
	a.options.Point("replay: after a commit, before it is acknowledged")
	s.Acknowledge(pglogrepl.LSN(a.position.LSN))
	a.note()
	return nil
}

// finish writes the position, checks that it was ours to write, and commits:
// in this order, since a commit cannot be taken back.
func (a *Applier) finish(ctx context.Context) error {
	record := a.options.Ledger.Position(a.position)
	params, err := session.Params(record)
	if err != nil {
		return err
	}
	a.pipeline.SendQueryParams(record.SQL, params, nil, nil, nil)
	recorded := len(a.waiting)
	a.waiting = append(a.waiting, queued{})
	stop := a.watch(ctx)
	defer stop()
	a.pipeline.SendFlushRequest()
	if err := a.pipeline.Flush(); err != nil {
		return a.failed(ctx, err)
	}
	for _, q := range a.waiting[:recorded] {
		if err := a.answer(q); err != nil {
			return a.failed(ctx, err)
		}
	}
	if err := a.fenced(); err != nil {
		return a.failed(ctx, err)
	}
	a.waiting, a.sent = a.waiting[:0], 0
	a.options.Point("replay: before a commit")
	a.pipeline.SendQueryParams("commit", nil, nil, nil, nil)
	if err := a.pipeline.Sync(); err != nil {
		return a.failed(ctx, err)
	}
	if err := a.answer(queued{}); err != nil {
		return a.failed(ctx, err)
	}
	if err := a.pipeline.Close(); err != nil {
		return a.failed(ctx, fmt.Errorf("applying changes: %w", err))
	}
	return nil
}

// fenced reads the answer to the position's record.
func (a *Applier) fenced() error {
	results, err := a.pipeline.GetResults()
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

// note tells people about the batch.
func (a *Applier) note() {
	if a.counts == (progress.Counts{}) {
		return
	}
	a.options.Progress.Applied(a.counts, a.position.LSN, a.position.CommitTime)
	a.counts = progress.Counts{}
}
