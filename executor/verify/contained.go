package verify

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// A table that the target had before may hold rows that the source never had.
// Then the source's rows are looked for among the target's:
//
//	each server: keys and hashes of the rows, in the order of the keys
//	merge: what the source has must be there, and what the target alone has is counted
//
// The servers sort; memory is the rows of one key.

// contained looks for the source's rows on the target.
func (c *comparer) contained(ctx context.Context, t Table, r *Result) error {
	source, err := t.Source.sorted(ctx, c.source) // not by both: its context ends with it
	if err != nil {
		return fmt.Errorf("source: %w", err)
	}
	defer source.rows.Close()
	target, err := t.Target.sorted(ctx, c.target)
	if err != nil {
		return fmt.Errorf("target: %w", err)
	}
	defer target.rows.Close()
	r.Equal = true
	for source.read() && target.read() && (source.more || target.more) {
		switch {
		case !target.more || source.more && source.key < target.key:
			t.differ(r, Difference{source.key, "only on the source"})
			source.taken = true
		case !source.more || target.key < source.key:
			r.Own += int64(len(target.hashes))
			target.taken = true
		default:
			missing := without(source.hashes, target.hashes)
			switch {
			case missing == 0:
				r.Own += int64(len(target.hashes) - len(source.hashes))
			case t.Kept:
				r.Kept += int64(missing)
			default:
				t.differ(r, Difference{source.key, "different"})
			}
			source.taken, target.taken = true, true
		}
	}
	return errors.Join(source.err, target.err)
}

func (t Table) differ(r *Result, d Difference) {
	r.Equal = false
	if len(r.Different) == DefaultDifferences {
		r.More = true
		return
	}
	r.Different = append(r.Different, d)
}

// without counts the elements of a that b has not, each as often as it is there.
// Both are sorted.
func without(a, b []string) (n int) {
	for _, s := range a {
		for len(b) > 0 && b[0] < s {
			b = b[1:]
		}
		if len(b) > 0 && b[0] == s {
			b = b[1:]
			continue
		}
		n++
	}
	return n
}

// group is the hashes of the rows of one key, as they come.
type group struct {
	rows   pgx.Rows
	taken  bool // the next one is to be read
	more   bool // there is one
	key    string
	hashes []string
	ahead  *[2]string // key and hash of a row that was read and belongs to the next group
	err    error
}

// sorted begins to read a table's keys and hashes. The order is of UTF-8 bytes:
// no collation, and no encoding of a database, makes it another one.
func (s Side) sorted(ctx context.Context, conn *pgx.Conn) (*group, error) {
	rows, err := conn.Query(ctx, "select k, h from "+s.hashed()+" order by convert_to(k, "+encoding+"), h")
	return &group{rows: rows, taken: true}, err
}

// read reads the next group, where the last one was taken; false: it failed.
func (g *group) read() bool {
	if !g.taken {
		return true
	}
	g.taken, g.more, g.hashes = false, false, g.hashes[:0]
	for {
		row := g.next()
		if row == nil {
			return g.err == nil
		}
		if g.more && row[0] != g.key {
			g.ahead = row
			return true
		}
		g.more, g.key, g.hashes = true, row[0], append(g.hashes, row[1])
	}
}

func (g *group) next() *[2]string {
	if row := g.ahead; row != nil {
		g.ahead = nil
		return row
	}
	if !g.rows.Next() {
		g.err = g.rows.Err()
		return nil
	}
	var row [2]string
	if g.err = g.rows.Scan(&row[0], &row[1]); g.err != nil {
		return nil
	}
	return &row
}
