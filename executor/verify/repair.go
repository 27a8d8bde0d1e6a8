package verify

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"golang.org/x/sync/errgroup"

	"sluice/executor/session"
	"sluice/planner/catalog"
)

// Repair makes the target's rows of some keys as the source's:
//
//	places   ctids of the rows of these keys, on both sides
//	target   the rows are deleted; where they have no key, those that are too many
//	copy     the source's come in; where they have no key, those that are missing
//
// Both connections are within a transaction: that of the source under the snapshot
// whose state the target has but for the differences. Statements give what copies the
// rows of a condition out of the source, and into the target. The numbers are rows.
func Repair(ctx context.Context, source, target *pgx.Conn, t Table, keys []string, statements func(where string) (out, in string)) (copied, deleted int64, err error) {
	digits := floatDigits(source, target)
	from, err := t.Source.places(ctx, source, digits, keys)
	if err != nil {
		return 0, 0, fmt.Errorf("source: %w", err)
	}
	to, err := t.Target.places(ctx, target, digits, keys)
	if err != nil {
		return 0, 0, fmt.Errorf("target: %w", err)
	}
	var missing, wrong []string
	for _, key := range keys {
		same := 0
		if len(t.Source.Key) == 0 { // rows of one digest are equal
			same = min(len(from[key]), len(to[key]))
		}
		missing, wrong = append(missing, from[key][same:]...), append(wrong, to[key][same:]...)
	}
	if len(wrong) > 0 {
		tag, err := target.Exec(ctx, "delete from only "+t.Target.Name.SQL()+" where "+at(wrong))
		if deleted = tag.RowsAffected(); err == nil && deleted != int64(len(wrong)) {
			err = fmt.Errorf("%d of %d rows were deleted: somebody else writes to the table", deleted, len(wrong))
		}
		if err != nil {
			return 0, 0, fmt.Errorf("target: %w", err)
		}
	}
	if len(missing) > 0 {
		out, in := statements(at(missing))
		if copied, err = pipe(ctx, source.PgConn(), target.PgConn(), out, in); err != nil {
			return 0, 0, err
		}
		if copied != int64(len(missing)) {
			return 0, 0, fmt.Errorf("%d of %d rows were copied", copied, len(missing))
		}
	}
	return copied, deleted, nil
}

// places are where the rows of keys are, by key.
func (s Side) places(ctx context.Context, conn *pgx.Conn, digits string, keys []string) (map[string][]string, error) {
	if err := session.Exec(ctx, conn.PgConn(), "set local extra_float_digits = "+digits); err != nil {
		return nil, err
	}
	rows, err := conn.Query(ctx, "select k, place::text from "+s.hashed()+" where k = any($1::text[])", keys)
	if err != nil {
		return nil, err
	}
	found := map[string][]string{}
	var key, place string
	if _, err = pgx.ForEachRow(rows, []any{&key, &place}, func() error {
		found[key] = append(found[key], place)
		return nil
	}); err != nil {
		return nil, err
	}
	return found, session.Exec(ctx, conn.PgConn(), "set local extra_float_digits = 3")
}

// at is the condition for the rows at these places.
func at(places []string) string {
	return "ctid = any(" + catalog.Literal(`{"`+strings.Join(places, `","`)+`"}`) + "::pg_catalog.tid[])"
}

// pipe copies from one server to the other, and returns how many rows have arrived.
func pipe(ctx context.Context, source, target *pgconn.PgConn, out, in string) (rows int64, err error) {
	r, w := io.Pipe()
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		_, err := source.CopyTo(ctx, w, out)
		if err != nil {
			err = fmt.Errorf("source: %w", err)
		}
		_ = w.CloseWithError(err) // the reader gets it
		return err
	})
	group.Go(func() error {
		tag, err := target.CopyFrom(ctx, r, in)
		rows = tag.RowsAffected()
		if err != nil {
			err = fmt.Errorf("target: %w", err)
		}
		_ = r.CloseWithError(err)
		return err
	})
	return rows, group.Wait()
}

// Unrepairable says why the rows of a table cannot be copied one by one; empty: they can.
func (t Table) Unrepairable() string {
	switch {
	case t.Own:
		return "the target has rows of its own in it"
	case t.Source.Below:
		return "its rows come from several tables of the source, or go to several of the target"
	}
	return ""
}
