package load

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"sluice/executor/session"
	"sluice/planner/catalog"
)

// RowError says for which row the source could not compute the filter or a value.
type RowError struct {
	Key string // column=value, of its key on the source, or of ctid
	Err error  // what the source said
}

func (e *RowError) Error() string {
	return fmt.Sprintf("computing the values of its row %s: %v; change the row on the source, or where and value in the table's block, and run sluice apply again", e.Key, e.Err)
}

func (e *RowError) Unwrap() error { return e.Err }

// RefusedError says which row the target refuses.
type RefusedError struct {
	Row string          // column=value, of its key on the source, or of ctid; or as the target says it
	Err *pgconn.PgError // what the target said
}

func (e *RefusedError) Error() string {
	return fmt.Sprintf("the target refuses its row %s: %v; change the row on the source, or what refuses it on the target, and run sluice apply again", e.Row, e.Err)
}

func (e *RefusedError) Unwrap() error { return e.Err }

// searching limits the search for a row: it is for the message alone, and reads the
// chunk twice, where the server cannot read a range of ctids even once for each step.
const searching = 30 * time.Second

// failing names the row for which the source refuses a chunk's values, or which the
// target refuses. The statement is run again over halves of the chunk, until one
// block is left, and one row of it. Where it is not refused any more, by now, the
// error stays as it is.
func (t *table) failing(ctx context.Context, p *part, err error) error {
	said := new(pgconn.PgError)
	if !errors.As(err, &said) || !ofData(said.Code) || errors.As(err, new(*RowExistsError)) {
		return err
	}
	if said.Code == "23505" || said.Code == "23P01" { // two rows that exclude each other: the server names their key
		return &RefusedError{Row: said.Detail, Err: said}
	}
	// What the search fails of is not what the run has failed of.
	if t.spec.Transforms() {
		if s, searchErr := t.search(ctx, p, (*search).compute); searchErr == nil && s.found != nil {
			return &RowError{Key: s.key, Err: s.found}
		}
	}
	if s, searchErr := t.search(ctx, p, (*search).write); searchErr == nil && s.found != nil {
		return &RefusedError{Row: s.key, Err: s.found}
	}
	return err
}

// ofData says that an SQLSTATE may be about the values of a row.
func ofData(code string) bool {
	switch code[:2] {
	case "21", "22", "23", "38", "39", "42", "54", "P0": // cardinality, data, integrity, a routine, name or right, limit, raised
		return true
	}
	return false
}

// search looks for a row under one snapshot.
type search struct {
	*table
	part     *part
	conn     *pgconn.PgConn // has the snapshot
	snapshot string         // as it is exported
	// try does with some of the part's rows what failed with all.
	try   func(*search, context.Context, *part) error
	found *pgconn.PgError // what was said of the row
	key   string
}

func (t *table) search(ctx context.Context, p *part, try func(*search, context.Context, *part) error) (*search, error) {
	ctx, cancel := context.WithTimeout(ctx, searching)
	defer cancel()
	conn, err := t.Source.Connect(ctx, "copy")
	if err != nil {
		return nil, err
	}
	defer session.Close(ctx, conn)
	s := &search{table: t, part: p, conn: conn.PgConn(), try: try}
	if err := session.Exec(ctx, s.conn, beginSnapshot); err != nil {
		return nil, err
	}
	found, err := t.look(ctx, &pair{source: s.conn}, true, t)
	if err != nil {
		return nil, err
	}
	s.snapshot = found.exported
	if refused, err := s.refuses(ctx, "false"); refused || err != nil {
		return &search{}, err // whatever the rows are
	}
	block, err := s.first(ctx, 0, found.blocks(), func(low, high int64) string { return tids(low, 0, high, 0) })
	if err != nil || s.found == nil {
		return s, err
	}
	item, err := s.first(ctx, 1, maxItems, func(low, high int64) string { return tids(block, low, block, high) })
	if err != nil {
		return nil, err
	}
	return s, s.describe(ctx, block, item)
}

// maxItems is beyond the rows of the largest block there can be, of 32 kB.
const maxItems = 2048

// tids is the condition for ctids from the one to before the other.
func tids(lowBlock, low, highBlock, high int64) string {
	return fmt.Sprintf(rowID+" >= '(%d,%d)'::pg_catalog.tid and "+rowID+" < '(%d,%d)'::pg_catalog.tid", lowBlock, low, highBlock, high)
}

// first is the lowest number of which the source refuses something; found is nil
// where it refuses nothing.
func (s *search) first(ctx context.Context, low, high int64, where func(low, high int64) string) (int64, error) {
	refused, err := s.refuses(ctx, where(low, high))
	for err == nil && refused && high-low > 1 {
		middle := low + (high-low)/2
		var before bool
		if before, err = s.refuses(ctx, where(low, middle)); before {
			high = middle
		} else {
			low = middle
		}
	}
	return low, err
}

// refuses tries some of the part's rows. What is refused of them is found: the last
// time it is of one row.
func (s *search) refuses(ctx context.Context, where string) (bool, error) {
	p := *s.part
	p.frozen = false // these are some of its rows
	if p.where != "" {
		where += " and " + p.where
	}
	p.where = where
	err := s.try(s, ctx, &p)
	said := new(pgconn.PgError)
	if err != nil && (!errors.As(err, &said) || !ofData(said.Code)) {
		return false, err
	}
	if err != nil {
		s.found = said
	}
	return err != nil, nil
}

// compute has the source compute the values of rows.
func (s *search) compute(ctx context.Context, p *part) error {
	if err := session.Exec(ctx, s.conn, "savepoint sluice_search"); err != nil {
		return err
	}
	_, err := s.conn.CopyTo(ctx, io.Discard, s.out(p))
	if said := new(pgconn.PgError); err != nil && !errors.As(err, &said) {
		return err
	}
	return errors.Join(err, session.Exec(ctx, s.conn, "rollback to savepoint sluice_search"))
}

// write has the target take rows, which are rolled back.
func (s *search) write(ctx context.Context, p *part) error {
	return s.pairs.With(ctx, func(c *pair) error {
		if err := session.Exec(ctx, c.source, beginSnapshot+"; set transaction snapshot "+catalog.Literal(s.snapshot)); err != nil {
			return err
		}
		if err := session.Exec(ctx, c.target, "begin"); err != nil {
			return err
		}
		if err := s.carry(ctx, c, p, func(int) {}); err != nil {
			return err
		}
		return errors.Join(session.Exec(ctx, c.source, "rollback"), session.Exec(ctx, c.target, "rollback"))
	})
}

// describe names the row by its key on the source; without one by its place.
func (s *search) describe(ctx context.Context, block, item int64) error {
	columns := []string{"ctid"}
	if len(s.spec.Identity) > 0 {
		columns = nil
	}
	for _, name := range s.spec.Identity {
		columns = append(columns, s.spec.OnSource(name))
	}
	values := make([]string, len(columns))
	for i, column := range columns {
		values[i] = fmt.Sprintf("pg_catalog.left(pg_catalog.concat(%s), %d)", catalog.Quote(column), maxShown)
	}
	row, err := session.Row(ctx, s.conn, "select "+strings.Join(values, ", ")+" from only "+s.spec.From.SQL()+" where ctid = $1::pg_catalog.tid", fmt.Sprintf("(%d,%d)", block, item))
	if err != nil {
		return err
	}
	for i := range row {
		row[i] = columns[i] + "=" + row[i]
	}
	s.key = strings.Join(row, ", ")
	return nil
}

// maxShown bounds a column of a key in a message.
const maxShown = 100
