package largeobject

import (
	"context"
	_ "embed"
	"fmt"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"sluice/executor/session"
	"sluice/planner/catalog"
	"sluice/planner/ddl"
	"sluice/state"
)

// flushBytes is how much data goes to the target in one statement.
const flushBytes = 4 << 20

var (
	//go:embed sql/create.sql
	createSQL string
	//go:embed sql/put.sql
	putSQL string
	//go:embed sql/unlink.sql
	unlinkSQL string
)

// target is the writing side of one Copy.
type target struct {
	Options
	conn           *pgx.Conn
	objects, bytes int64 // copied so far
}

// reset makes the table of what is ours, or removes what it says.
func (t *target) reset(ctx context.Context) error {
	err := t.transaction(ctx, t.Guard, func() error {
		return session.Exec(ctx, t.conn.PgConn(), "create table if not exists "+t.Made.SQL()+" (oid oid primary key)")
	})
	for left := true; left && err == nil; {
		err = t.transaction(ctx, t.Guard, func() error {
			left, err = t.unlink(ctx)
			return err
		})
	}
	return err
}

// unlink removes as many objects as a transaction takes, and says whether there
// were any.
func (t *target) unlink(ctx context.Context) (bool, error) {
	tag, err := t.conn.Exec(ctx, t.named(unlinkSQL), batchObjects)
	return tag.RowsAffected() > 0, err
}

// take copies a batch in one transaction.
func (t *target) take(ctx context.Context, source pgx.Tx, batch []object) error {
	var bytes int64
	err := t.transaction(ctx, t.Guard, func() error {
		if err := t.create(ctx, batch); err != nil {
			return err
		}
		var flush flush
		err := pieces(ctx, source, batch, func(p piece) error {
			bytes += int64(len(p.data))
			return flush.add(ctx, t.conn, p)
		})
		if err != nil {
			return err
		}
		if err := flush.run(ctx, t.conn); err != nil {
			return err
		}
		return session.Exec(ctx, t.conn.PgConn(), t.complete(batch))
	})
	if err != nil {
		return err
	}
	t.objects, t.bytes = t.objects+int64(len(batch)), t.bytes+bytes
	if t.Copied != nil {
		t.Copied(t.objects, t.bytes)
	}
	return nil
}

// create makes empty objects, and remembers them.
func (t *target) create(ctx context.Context, batch []object) error {
	rows, err := t.conn.Query(ctx, "select m.oid from pg_catalog.pg_largeobject_metadata as m where m.oid = any ($1::bigint[]::oid[])", oids(batch))
	if err != nil {
		return err
	}
	taken, err := pgx.CollectRows(rows, pgx.RowTo[uint32])
	if err != nil {
		return err
	}
	if len(taken) > 0 {
		return fmt.Errorf("%w: %d", ErrTaken, taken)
	}
	_, err = t.conn.Exec(ctx, t.named(createSQL), oids(batch))
	return err
}

// complete says what there is beside the data. The owner comes before the
// grants, which are its own, and after the comment, which only it can make.
func (t *target) complete(batch []object) string {
	var statements []string
	for _, o := range batch {
		oid := strconv.FormatUint(uint64(o.OID), 10)
		if o.Comment != "" {
			statements = append(statements, "comment on large object "+oid+" is "+catalog.Literal(o.Comment))
		}
		object := &catalog.Object{
			ID:    catalog.ID{Kind: catalog.KindLargeObject, Name: oid},
			Owner: o.Owner, Grants: o.grants, Spec: &catalog.LargeObjects{},
		}
		owner := ""
		if t.Owners {
			owner = t.Role(o.Owner)
			statements = append(statements, ddl.Owner(object, owner))
		}
		if t.ByOwner && o.grants != nil {
			for i := range o.grants.List {
				o.grants.List[i].FromOthers = ""
			}
		}
		statements = append(statements, ddl.Grants(object, owner, t.Role)...)
	}
	return strings.Join(statements, ";\n")
}

// finish ends what was remembered in the transaction that records that all is
// done: from then on the objects are the target's own.
func (t *target) finish(ctx context.Context) error {
	return t.transaction(ctx, t.Done, func() error {
		return session.Exec(ctx, t.conn.PgConn(), "drop table "+t.Made.SQL())
	})
}

// transaction runs f and the record in one. After an error the caller closes
// the connection, which rolls back.
func (t *target) transaction(ctx context.Context, record state.Record, f func() error) error {
	if err := session.Exec(ctx, t.conn.PgConn(), "begin"); err != nil {
		return err
	}
	if err := f(); err != nil {
		return err
	}
	if record.SQL != "" {
		if err := session.Record(ctx, t.conn.PgConn(), record); err != nil {
			return err
		}
	}
	return session.Exec(ctx, t.conn.PgConn(), "commit")
}

// named puts the table's name into a statement.
func (t *target) named(sql string) string {
	return strings.ReplaceAll(sql, "sluice.made", t.Made.SQL())
}

// flush gathers pieces for one statement.
type flush struct {
	oids, offsets []int64
	data          [][]byte
	bytes         int
}

func (f *flush) add(ctx context.Context, conn *pgx.Conn, p piece) error {
	f.oids = append(f.oids, int64(p.oid))
	f.offsets = append(f.offsets, p.offset)
	f.data = append(f.data, p.data)
	f.bytes += len(p.data)
	if f.bytes < flushBytes {
		return nil
	}
	return f.run(ctx, conn)
}

func (f *flush) run(ctx context.Context, conn *pgx.Conn) error {
	if len(f.oids) == 0 {
		return nil
	}
	_, err := conn.Exec(ctx, putSQL, f.oids, f.offsets, f.data)
	*f = flush{}
	return err
}
