package load

import (
	"context"
	"fmt"
	"slices"

	"sluice/executor/session"
	"sluice/planner/catalog"
	"sluice/state"
)

// part is a chunk before it is read.
type part struct {
	state.Chunk
	where    string // condition of the SELECT; empty: all rows
	snapshot string // exported, to be imported; empty: take one
	wal      string // where the source's WAL ended after the snapshot was taken
	stayed   int64  // rows of the target that were there already, and stay
	last     bool   // with it the table is complete
	whole    bool   // it is the table's only one
	frozen   bool   // its rows are written frozen
}

// count takes in that so many bytes are on their way.
func (p *part) count(t *table) func(bytes int) {
	return func(bytes int) {
		p.Bytes += int64(bytes)
		t.Progress.Copied(t.name.Schema, t.name.Local, 0, int64(bytes))
	}
}

// with runs f on a pair, and with what a chunk of the tables needs besides.
func (l *Loader) with(ctx context.Context, f func(*pair) error, tables ...*table) error {
	if slices.ContainsFunc(tables, func(t *table) bool { return t.publication != "" }) {
		if err := l.flush.ready(ctx); err != nil {
			return err
		}
	}
	return l.pairs.With(ctx, f)
}

// copy carries one part: on the target its rows and its record commit together.
func (t *table) copy(ctx context.Context, c *pair, p part) error {
	return t.aside.unless(ctx, c.source, func(ctx context.Context) error {
		if _, err := t.open(ctx, c, &p); err != nil {
			return err
		}
		return t.opened(ctx, c, p)
	})
}

// opened carries a part whose transaction is open on the source.
func (t *table) opened(ctx context.Context, c *pair, p part) (err error) {
	defer func() {
		if err != nil {
			t.rolledBack(&p)
		}
	}()
	if err := session.Exec(ctx, c.target, "begin"); err != nil {
		return err
	}
	if p.whole {
		if err := t.freeze(ctx, c, &p); err != nil {
			return err
		}
	}
	t.Point("load: before a chunk is copied")
	if err := t.carry(ctx, c, &p, p.count(t)); err != nil {
		return t.failing(ctx, &p, err)
	}
	if t.publication != "" {
		if err := t.flush.past(ctx, p.wal); err != nil {
			return err
		}
	}
	if err := session.Record(ctx, c.target, t.records(p)...); err != nil {
		return err
	}
	t.Point("load: before a chunk commits")
	// First, so that nothing can fail any more once the chunk is there.
	if err := session.Exec(ctx, c.source, "commit"); err != nil {
		return err
	}
	if err := session.Exec(ctx, c.target, "commit"); err != nil {
		return err
	}
	t.Point("load: after a chunk has committed")
	t.committed(&p)
	return nil
}

// records are what commits together with a part's rows.
func (t *table) records(p part) []state.Record {
	records := []state.Record{t.Ledger.ChunksDone(p.Chunk)}
	if p.last {
		records = append(records, t.Ledger.StepsDone(t.done()))
	}
	return records
}

func (t *table) done() state.Done {
	return state.Done{Step: t.step.ID, Fingerprint: t.step.Fingerprint}
}

// committed tells of a part that is on the target.
func (t *table) committed(p *part) {
	t.Progress.Copied(t.name.Schema, t.name.Local, p.Rows, 0)
	t.Progress.ChunkDone(t.name.Schema, t.name.Local)
	if p.stayed > 0 {
		t.Progress.Notice(fmt.Sprintf("%s: %d of %d rows were on the target already and stay as they are there", t.name, p.stayed, p.Rows))
	}
}

// rolledBack tells of a part that failed.
func (t *table) rolledBack(p *part) {
	t.Progress.RolledBack(t.name.Schema, t.name.Local, p.Bytes)
}

// freeze has the part's rows written as if VACUUM FREEZE had passed over them, which
// the server does in the transaction that has emptied the table. One that sluice has
// made is empty, unless somebody else has put rows there: those stay.
func (t *table) freeze(ctx context.Context, c *pair, p *part) error {
	if t.spec.Existing != nil || t.Existing || t.Replica != nil {
		return nil
	}
	if err := session.Exec(ctx, c.target, "lock table only "+t.name.SQL()+" in access exclusive mode"); err != nil {
		return err
	}
	row, err := session.Row(ctx, c.target, "select exists (select from only "+t.name.SQL()+")")
	if err != nil || row[0] == "t" {
		return err
	}
	p.frozen = true
	return session.Exec(ctx, c.target, "truncate only "+t.name.SQL())
}

// open begins the source's transaction: under the table's exported snapshot,
// or with a lock and a snapshot of its own.
//
// Beside a holder the lock is not waited for. It is refused only where somebody
// waits for ACCESS EXCLUSIVE (ALTER TABLE, TRUNCATE): he waits for the holder,
// the holder for us, and we would wait for him, with everybody else who wants
// the table queued behind; the server sees no deadlock in that. The error,
// 55P03, gives the table up, which lets him through, and it is begun again.
// Before the snapshot, since importing one proves that the holder lives, and so
// that nothing has come between its lock and ours.
func (t *table) open(ctx context.Context, c *pair, p *part) (seen, error) {
	if p.snapshot != "" {
		if err := t.exec(ctx, c, beginSnapshot+"; "+lockSQL(t)+" nowait"); err != nil {
			return seen{}, yielding(err)
		}
		return seen{}, importing(t.exec(ctx, c, "set transaction snapshot "+catalog.Literal(p.snapshot)))
	}
	if err := t.exec(ctx, c, beginSnapshot+"; "+lockSQL(t)); err != nil {
		return seen{}, err
	}
	found, err := t.look(ctx, c, false, t)
	if err != nil {
		return seen{}, err
	}
	p.Snapshot, p.wal = found.snapshot, found.wal
	return found, nil
}
