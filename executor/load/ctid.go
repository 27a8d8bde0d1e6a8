package load

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5/pgconn"

	_ "embed"

	"sluice/executor/session"
	"sluice/planner/catalog"
	"sluice/state"
)

//go:embed columns.sql
var columnsSQL string

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
func (t *table) hold(ctx context.Context) (h *holder, err error) {
	err = t.pairs.with(ctx, func(c *pair) error {
		if err := t.lock(ctx, c); err != nil {
			return err
		}
		row, err := t.row(ctx, c, sizeSQL, t.spec.From.SQL())
		if err != nil {
			return err
		}
		blocks, blockSize, version := atoi(row[0]), atoi(row[1]), atoi(row[2])
		perChunk := max(t.ChunkBytes/blockSize, 1)
		if err := session.Exec(ctx, c.source, "rollback"); err != nil {
			return err
		}
		if blocks <= perChunk || version < tidRangeScans || t.foreign() {
			t.Progress.TableStarted(t.name.Schema, t.name.Local, 1, 0)
			return t.copy(ctx, c, part{Chunk: t.chunk(1), last: true})
		}
		h, err = t.export(ctx, blocks, perChunk)
		return err
	})
	return h, err
}

// sizeSQL asks for the length of the file, not for an estimate.
const sizeSQL = `
select pg_catalog.pg_relation_size($1::text::pg_catalog.regclass)
       / pg_catalog.pg_size_bytes(pg_catalog.current_setting('block_size')),
       pg_catalog.current_setting('block_size'),
       pg_catalog.current_setting('server_version_num')`

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
	if err := t.lock(ctx, c); err != nil {
		return err
	}
	row, err := t.row(ctx, c,
		"select pg_catalog.txid_current_snapshot(), pg_catalog.pg_export_snapshot(), pg_catalog.pg_current_wal_insert_lsn()")
	if err != nil {
		return err
	}
	if err := t.check(ctx, c); err != nil {
		return err
	}
	for low := int64(0); low < blocks; low += perChunk {
		p := part{Chunk: t.chunk(len(h.parts) + 1), snapshot: row[1], wal: row[2], where: fmt.Sprintf(rowID+" >= '(%d,0)'::pg_catalog.tid", low)}
		// The last range is open: whatever was added since is not in the snapshot.
		if high := low + perChunk; high < blocks {
			p.where += fmt.Sprintf(" and "+rowID+" < '(%d,0)'::pg_catalog.tid", high)
		}
		p.Snapshot = row[0]
		h.parts = append(h.parts, p)
	}
	return nil
}

func (t *table) chunk(number int) state.Chunk {
	return state.Chunk{Schema: t.name.Schema, Table: t.name.Local, Number: number}
}
