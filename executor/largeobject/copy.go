package largeobject

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"sluice/executor/session"
	"sluice/planner/catalog"
	"sluice/state"
)

// Options of Copy.
type Options struct {
	Source, Target session.Server
	// Made names the table of the target that remembers what is ours. Copy makes
	// it where it is missing and drops it in the end; it belongs to one migration.
	Made catalog.Name
	// Guard joins every transaction of the target, so that nothing is written
	// after another process has taken over; Done joins the last one. Without SQL:
	// none.
	Guard, Done state.Record

	Owners bool // give the objects their owners
	Grants bool // and their privileges
	// Role is what a role of the source is called on the target; nil: the same.
	Role func(role string) string
	// ByOwner lets the owner grant also what another role has granted: for who
	// cannot SET ROLE to that one.
	ByOwner bool
	// Copied is told after each commit how much is there; may be nil.
	Copied func(objects, bytes int64)
}

// What a transaction holds: 500 objects stay well below
// max_locks_per_transaction × max_connections, since each is locked; the bytes
// bound what is written again after a crash.
const (
	batchObjects = 500
	batchBytes   = 64 << 20
)

// ErrTaken says that a large object of the target, which is not ours, has the
// OID of one of the source's.
var ErrTaken = errors.New("the target has a large object of its own with the OID of one of the source's")

// object is a large object of the source.
type object struct {
	OID     uint32
	Size    int64
	Owner   string
	Comment string
	grants  *catalog.Grants
}

// Copy copies all large objects, from the beginning.
func Copy(ctx context.Context, o Options) error {
	if o.Role == nil {
		o.Role = func(role string) string { return role }
	}
	from, err := o.Source.Connect(ctx, "large objects")
	if err != nil {
		return err
	}
	defer session.Close(ctx, from)
	to, err := o.Target.Connect(ctx, "large objects")
	if err != nil {
		return err
	}
	defer session.Close(ctx, to)

	tx, err := from.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		return fmt.Errorf("beginning the snapshot of the large objects: %w", err)
	}
	t := &target{Options: o, conn: to}
	if err := t.reset(ctx); err != nil {
		return fmt.Errorf("removing the large objects of an earlier attempt: %w", err)
	}
	for page := (page{}); !page.last; {
		if page, err = next(ctx, tx, page, o.Grants); err != nil {
			return fmt.Errorf("reading large objects: %w", err)
		}
		for _, batch := range batches(page.objects) {
			if err := t.take(ctx, tx, batch); err != nil {
				return fmt.Errorf("copying the large objects %d to %d: %w", batch[0].OID, batch[len(batch)-1].OID, err)
			}
		}
	}
	if err := t.finish(ctx); err != nil {
		return fmt.Errorf("recording that the large objects are copied: %w", err)
	}
	return nil
}

// batches cuts a page into what one transaction takes. An object that is larger
// than that has one for itself.
func batches(objects []object) [][]object {
	var batches [][]object
	var bytes int64
	for _, o := range objects {
		if last := len(batches) - 1; last >= 0 && bytes+o.Size <= batchBytes {
			batches[last] = append(batches[last], o)
			bytes += o.Size
			continue
		}
		batches, bytes = append(batches, []object{o}), o.Size
	}
	return batches
}
