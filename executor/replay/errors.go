package replay

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pglogrepl"
	"github.com/jackc/pgx/v5/pgconn"

	"sluice/executor/stream"
	"sluice/planner/catalog"
)

// Divergence says that a change did not find the row it changes, or found more
// than one, or was refused: source and target are no longer equal in it.
type Divergence struct {
	Table  catalog.Name
	Others []catalog.Name // that a truncation empties together with Table
	Op     string         // insert, update, delete, truncate
	Key    string         // column=value, of the identity; of a truncation empty
	LSN    pglogrepl.LSN  // of the transaction: what was committed before it can be applied
	Rows   int64
	Err    error // what the target said, where it refused

	relation *relation // nil: of a truncation
	data     []byte    // the message
}

func (d *Divergence) Error() string {
	where := fmt.Sprintf("%s on %s (%s) at %s", d.Op, d.Table, d.Key, d.LSN)
	if d.Op == opTruncate {
		where = fmt.Sprintf("%s of %s at %s", d.Op, listed(d.Tables()), d.LSN)
	}
	if missing := new(MissingRowError); errors.As(d.Err, &missing) {
		return d.Reason()
	}
	if d.Err != nil {
		return fmt.Sprintf("the target refused the %s: %s", where, d.Reason())
	}
	return fmt.Sprintf("divergence: %s %s", where, d.Reason())
}

// Reason is what is wrong, without the table, key and LSN.
func (d *Divergence) Reason() string {
	if d.Err != nil {
		return d.Err.Error()
	}
	return fmt.Sprintf("touched %d rows instead of one; the target was changed by somebody else", d.Rows)
}

func (d *Divergence) Unwrap() error { return d.Err }

// opTruncate is the Op of a truncation.
const opTruncate = "truncate"

// Tables are those that are no longer equal, on the target.
func (d *Divergence) Tables() []catalog.Name { return append([]catalog.Name{d.Table}, d.Others...) }

// OfRows says that it is rows that do not fit: one is missing, or a constraint, a type
// or a trigger refuses one. Else the target is not as it was: a table or column is
// gone, or a right.
func (d *Divergence) OfRows() bool {
	var said *pgconn.PgError
	return !errors.As(d.Err, &said) || said.Code[:2] != "42"
}

func listed(tables []catalog.Name) string {
	list := make([]string, len(tables))
	for i, t := range tables {
		list[i] = t.String()
	}
	return strings.Join(list, ", ")
}

// StoppedAt is the transaction of the source whose change is an error: all that was
// committed before can be applied. 0: it is no error of a change.
func StoppedAt(err error) pglogrepl.LSN {
	diverged, truncated, drift := new(Divergence), new(TruncatedError), new(DriftError)
	switch {
	case errors.As(err, &drift):
		return drift.LSN
	case errors.As(err, &diverged):
		return diverged.LSN
	case errors.As(err, &truncated):
		return truncated.LSN
	}
	return 0
}

// Outdated says that an error may come of what this session knows of the target and
// is not so any more, as the types of a prepared statement's parameters: another
// session will tell.
// https://www.postgresql.org/docs/current/errcodes-appendix.html
func Outdated(err error) bool {
	var said *pgconn.PgError
	return errors.As(err, &said) && (said.Code == "XX000" || said.Code[:2] == "42" && said.Code != "42501")
}

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
	d := &Divergence{LSN: q.lsn, Rows: rows, Err: err, Table: q.relation.Name, relation: q.relation, data: q.data}
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
		d := diverged(q, rows, nil)
		d.Err = &MissingRowError{q.relation.Name, d.Key, q.column, q.lsn}
		return d
	}
	return diverged(q, rows, nil)
}

// refused tells a row that the target does not take from a connection that
// broke and from a conflict with somebody else's lock, which are worth a retry.
func refused(q queued, err error) error {
	var said *pgconn.PgError
	if !errors.As(err, &said) {
		return fmt.Errorf("applying changes: %w", err)
	}
	switch class := said.Code[:2]; {
	case !slices.Contains([]string{"22", "23", "42", "P0", "0A"}, class):
	case len(q.empties) > 0: // 0A: another table refers to one of them
		return &Divergence{Op: opTruncate, Table: q.empties[0], Others: q.empties[1:], LSN: q.lsn, Err: err}
	case q.relation != nil && class != "0A": // data, integrity, syntax or access rule, raised by a trigger
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
