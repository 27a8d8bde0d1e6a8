package load

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5/pgconn"

	"sluice/executor/session"
	"sluice/planner/catalog"
	"sluice/state"
)

// tidRangeScans is the first version that reads a range of ctids without
// reading the whole table.
const tidRangeScans = 140000

// rowID is a row's ctid: beside a join it goes by its table's name alone.
const rowID = catalog.RowAlias + ".ctid"

// holder keeps the snapshot of a table that is cut into ranges of ctid.
type holder struct {
	conn  *pgconn.PgConn
	parts []part
}

func (h *holder) close(ctx context.Context) { session.Close(ctx, h.conn) }

// hold locks the table and takes its snapshot. A table of one chunk is loaded
// at once, and nil returned; for a larger one the snapshot is exported.
func (t *table) hold(ctx context.Context) (*holder, error) {
	var blocks, perChunk int64
	err := t.with(ctx, func(c *pair) error {
		return t.aside.unless(ctx, c.source, func(ctx context.Context) (err error) {
			blocks, perChunk, err = t.begin(ctx, c)
			return err
		})
	}, t)
	if err != nil || perChunk == 0 {
		return nil, err
	}
	return t.export(ctx, blocks, perChunk)
}

// begin loads a table of one chunk; of a larger one it says how many blocks it has,
// and how many go in a chunk.
func (t *table) begin(ctx context.Context, c *pair) (blocks, perChunk int64, err error) {
	p := part{Chunk: t.chunk(1), last: true, whole: true}
	found, err := t.open(ctx, c, &p)
	if err != nil {
		return 0, 0, err
	}
	blocks, perChunk = found.blocks(), t.perChunk(&found)
	if blocks <= perChunk || found.Version < tidRangeScans || t.whole() {
		t.Progress.TableStarted(t.name.Schema, t.name.Local, 1, 0)
		return 0, 0, t.opened(ctx, c, p)
	}
	return blocks, perChunk, session.Exec(ctx, c.source, "rollback")
}

// smallestChunk is worth the connections that read one beside others.
const smallestChunk = 32 << 20

// perChunk is how many blocks of the table, the only one seen, go in a chunk. All
// are of about one size, and, where they are not too small for it, there is one for
// each worker that has nothing else to do.
func (t *table) perChunk(found *seen) int64 {
	bytes := found.Tables[0].Bytes
	chunks := max(divide(bytes, t.ChunkBytes), min(bytes/min(smallestChunk, t.ChunkBytes), 1+t.queue.idle()), 1)
	return max(divide(found.blocks(), chunks), 1)
}

// divide rounds up.
func divide(a, b int64) int64 { return (a + b - 1) / b }

// export opens the connection that holds lock and snapshot while others read.
func (t *table) export(ctx context.Context, blocks, perChunk int64) (*holder, error) {
	conn, err := t.Source.Connect(ctx, "snapshot")
	if err != nil {
		return nil, err
	}
	h := &holder{conn: conn.PgConn()}
	if err := t.share(ctx, h, blocks, perChunk); err != nil {
		h.close(ctx)
		return nil, err
	}
	return h, nil
}

func (t *table) share(ctx context.Context, h *holder, blocks, perChunk int64) error {
	c := &pair{source: h.conn}
	if err := t.exec(ctx, c, beginSnapshot+"; "+lockSQL(t)); err != nil {
		return err
	}
	found, err := t.look(ctx, c, true, t)
	if err != nil {
		return err
	}
	for low := int64(0); low < blocks; low += perChunk {
		p := part{Chunk: t.chunk(len(h.parts) + 1), snapshot: found.exported, wal: found.wal, where: fmt.Sprintf(rowID+" >= '(%d,0)'::pg_catalog.tid", low)}
		// The last range is open: whatever was added since is not in the snapshot.
		if high := low + perChunk; high < blocks {
			p.where += fmt.Sprintf(" and "+rowID+" < '(%d,0)'::pg_catalog.tid", high)
		}
		p.Snapshot = found.snapshot
		h.parts = append(h.parts, p)
	}
	return nil
}

func (t *table) chunk(number int) state.Chunk {
	return state.Chunk{Schema: t.name.Schema, Table: t.name.Local, Number: number}
}
