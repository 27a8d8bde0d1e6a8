package replay

import (
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pglogrepl"
	"github.com/jackc/pgx/v5/pgconn"

	"sluice/executor/stream"
	"sluice/planner/catalog"
)

// Divergence says that a change did not find the row it changes, or found more
// than one, or was refused: source and target are no longer equal in it.
type Divergence struct {
	Table catalog.Name
	Op    string // insert, update, delete
	Key   string // column=value, of the identity
	LSN   pglogrepl.LSN
	Rows  int64
	Err   error // what the target said, where it refused
}

func (d *Divergence) Error() string {
	where := fmt.Sprintf("%s on %s (%s) at %s", d.Op, d.Table, d.Key, d.LSN)
	if d.Err != nil {
		return fmt.Sprintf("the target refused the %s: %v", where, d.Err)
	}
	return fmt.Sprintf("divergence: %s touched %d rows instead of one; the target was changed by somebody else", where, d.Rows)
}

func (d *Divergence) Unwrap() error { return d.Err }

// MissingValueError says that a row has to be inserted whose value the server
// did not send, since it was not changed, and that is not on the source any more;
// and that the changes are applied up to a point before it was taken away there.
type MissingValueError struct {
	Table  catalog.Name
	Key    string
	Column string
	LSN    pglogrepl.LSN
}

func (e *MissingValueError) Error() string {
	return fmt.Sprintf("a row of %s (%s) changed its key at %s, its unchanged value of column %q was not sent, and it was gone when it was read again; what took it away comes later in the changes: try again",
		e.Table, e.Key, e.LSN, e.Column)
}

// diverged describes the change of an item, whose tuples are decoded again:
// errors are rare, and nothing is kept for them meanwhile.
func diverged(q queued, rows int64, err error) *Divergence {
	d := &Divergence{LSN: q.lsn, Rows: rows, Err: err, Table: q.relation.Name}
	var m stream.Message
	if m.Decode(q.data) != nil {
		return d // it was decoded once: cannot be
	}
	tuple := m.New
	switch m.Kind {
	case stream.Insert:
		d.Op = "insert"
	case stream.Update:
		d.Op = "update"
	case stream.Delete:
		d.Op = "delete"
	}
	if m.HasOld {
		tuple = m.Old
	}
	d.Key = q.relation.describe(tuple)
	return d
}

func miscounted(q queued, rows int64) error {
	switch {
	case q.expect == none:
		return &TruncatedError{q.relation.Name, q.lsn, deleting(q.relation, q.holds)}
	case q.column != "" && rows == 0:
		return &MissingRowError{q.relation.Name, diverged(q, rows, nil).Key, q.column, q.lsn}
	}
	return diverged(q, rows, nil)
}

// refused tells a row that the target does not take from a connection that
// broke and from a conflict with somebody else's lock, which are worth a retry.
func refused(q queued, err error) error {
	var said *pgconn.PgError
	if q.relation == nil || !errors.As(err, &said) {
		return fmt.Errorf("applying changes: %w", err)
	}
	switch said.Code[:2] {
	case "22", "23", "42", "P0": // data, integrity, syntax or access rule, raised by a trigger
		return diverged(q, 0, err)
	}
	return fmt.Errorf("applying changes: %w", err)
}

// maxShown bounds a key in a message.
const maxShown = 200

// describe names a row by its key on the source, from the values that it sent.
func (r *relation) describe(t stream.Tuple) string {
	if r.full() {
		return "no key"
	}
	parts := make([]string, 0, len(r.identity))
	for _, i := range r.sourceIdentity() {
		if i < len(t) {
			parts = append(parts, fmt.Sprintf("%s=%s", r.announced.Columns[i].Name, t[i].Text))
		}
	}
	key := strings.Join(parts, ", ")
	if len(key) > maxShown {
		key = strings.ToValidUTF8(key[:maxShown], "") + "…"
	}
	return key
}
