package load

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"sluice/executor/session"
	"sluice/planner"
	"sluice/state"
)

// errTooLarge says that a table has outgrown what is copied together.
var errTooLarge = errors.New("a table is larger than planned")

// Tables loads small tables, of which nothing was copied yet, in one transaction on
// each side, with all their records. On an error nothing of it is done, and each is
// to be loaded by itself: with others its lock is not waited for, since those who
// wait for the others would wait, too.
func (l *Loader) Tables(ctx context.Context, steps []*planner.Step, atMost int64) error {
	tables := make([]*table, len(steps))
	for i, step := range steps {
		tables[i] = l.table(step)
	}
	if err := tables[0].enter(ctx, rankNew); err != nil {
		return err
	}
	defer l.queue.leave()
	return l.with(ctx, func(c *pair) error {
		return l.aside.unless(ctx, c.source, func(ctx context.Context) error { return l.together(ctx, c, tables, atMost) })
	}, tables...)
}

func (l *Loader) together(ctx context.Context, c *pair, tables []*table, atMost int64) (err error) {
	if err := l.exec(ctx, c, beginSnapshot+"; "+lockSQL(tables...)+" nowait"); err != nil {
		return err
	}
	found, err := l.look(ctx, c, false, tables...)
	if err != nil {
		return err
	}
	for i, t := range tables {
		if found.Tables[i].Bytes > atMost {
			return fmt.Errorf("loading %s: %w", t.name, errTooLarge)
		}
	}
	if err := session.Exec(ctx, c.target, "begin"); err != nil {
		return err
	}
	l.Point("load: before a chunk is copied")
	parts := make([]part, len(tables))
	defer func() {
		for i, t := range tables {
			if err != nil {
				t.rolledBack(&parts[i])
			}
		}
	}()
	var chunks []state.Chunk
	var done []state.Done
	for i, t := range tables {
		p := &parts[i]
		*p = part{Chunk: t.chunk(1), last: true, wal: found.wal}
		p.Snapshot = found.snapshot
		t.Progress.TableStarted(t.name.Schema, t.name.Local, 1, 0)
		if err := t.carry(ctx, c, p, p.count(t)); err != nil {
			return fmt.Errorf("loading %s: %w", t.name, err)
		}
		chunks, done = append(chunks, p.Chunk), append(done, t.done())
	}
	if slices.ContainsFunc(tables, func(t *table) bool { return t.publication != "" }) {
		if err := l.flush.past(ctx, found.wal); err != nil {
			return err
		}
	}
	if err := session.Record(ctx, c.target, l.Ledger.ChunksDone(chunks...), l.Ledger.StepsDone(done...)); err != nil {
		return err
	}
	l.Point("load: before a chunk commits")
	if err := session.Exec(ctx, c.source, "commit"); err != nil {
		return err
	}
	if err := session.Exec(ctx, c.target, "commit"); err != nil {
		return err
	}
	l.Point("load: after a chunk has committed")
	for i, t := range tables {
		t.committed(&parts[i])
		l.Progress.TableDone(t.name.Schema, t.name.Local)
	}
	return nil
}
