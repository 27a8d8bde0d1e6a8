package load

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/pgconn"

	"sluice/executor/session"
	"sluice/planner"
	"sluice/state"
)

// A chunk that fails is loaded again, and nothing else, as long as its snapshot is
// there: of a table that is read under one, the session that exported it; else each
// attempt takes a new one. The rows of an attempt that failed are rolled back. One
// whose answer was lost may have committed: its record says so.

// cutError says that a table has to be read anew, under another snapshot.
type cutError struct {
	why string
	err error
}

func (e *cutError) Error() string { return fmt.Sprintf("%s: %v", e.why, e.err) }
func (e *cutError) Unwrap() error { return e.err }

// part loads one part, again and again while what stops it passes.
func (t *table) part(ctx context.Context, p part) error {
	var cut *cutError
	again := false
	err := t.Retry(ctx, func(ctx context.Context) (bool, error) {
		if again {
			if done, err := t.settled(ctx, p.Chunk); done || err != nil {
				return false, err
			}
		}
		again = true
		err := t.with(ctx, func(c *pair) error { return t.copy(ctx, c, p) }, t)
		if errors.As(err, &cut) {
			return false, nil // this part alone cannot be loaded again
		}
		return false, err
	})
	if cut != nil {
		t.cuts.Store(t.name, cut.why)
		return cut
	}
	if err == nil {
		t.got.Store(true)
	}
	return err
}

// settled says whether an attempt that failed has committed all the same.
func (t *table) settled(ctx context.Context, c state.Chunk) (bool, error) {
	found, err := t.Settled(ctx, c)
	if err != nil || found == nil {
		return false, err
	}
	t.found(*found)
	return true, nil
}

// found tells of a chunk that is on the target although its attempt has failed.
func (t *table) found(c state.Chunk) {
	t.Progress.Copied(t.name.Schema, t.name.Local, c.Rows, c.Bytes)
	t.Progress.ChunkDone(t.name.Schema, t.name.Local)
}

// Found tells of a table whose step is recorded although its attempt has failed: it
// was to commit with the only chunk.
func (l *Loader) Found(step *planner.Step, chunks []state.Chunk) {
	t := l.table(step)
	for _, c := range chunks {
		t.found(c)
	}
	l.Progress.TableDone(t.name.Schema, t.name.Local)
}

// cutOff says why a table that had begun begins anew.
func (t *table) cutOff() string {
	if why, known := t.cuts.LoadAndDelete(t.name); known {
		return why.(string)
	}
	return "the snapshot it was read under ended with the run that was cut off"
}

// yielding makes of the refusal of a lock what it means: somebody waits for the
// table, and gets it once our snapshot is given up.
func yielding(err error) error {
	if said := new(pgconn.PgError); errors.As(err, &said) && said.Code == "55P03" {
		return &cutError{waitedFor, err}
	}
	return err
}

// importing tells that the session which exported the snapshot was ended, which may
// pass.
func importing(err error) error {
	if ended := session.SnapshotEnded(err); ended != nil {
		return &cutError{"the session that held the snapshot it was read under has ended", ended}
	}
	return err
}
