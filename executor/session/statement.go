package session

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/jackc/pgx/v5/pgconn"

	"sluice/state"
)

// ErrFenced says that the state belongs to another process by now: whatever
// was open has to be rolled back, and the run has to end.
var ErrFenced = errors.New("another process has taken over this migration")

// Exec runs statements whose results nobody needs, in one round trip.
func Exec(ctx context.Context, c *pgconn.PgConn, sql string) error {
	_, err := c.Exec(ctx, sql).ReadAll()
	return err
}

// Row runs one statement with parameters of type text and returns the text of
// its only row; NULL is the empty string.
func Row(ctx context.Context, c *pgconn.PgConn, sql string, args ...string) ([]string, error) {
	params := make([][]byte, len(args))
	for i, a := range args {
		params[i] = []byte(a)
	}
	result := c.ExecParams(ctx, sql, params, nil, nil, nil).Read()
	if result.Err != nil {
		return nil, result.Err
	}
	if len(result.Rows) != 1 {
		return nil, fmt.Errorf("%d rows instead of one", len(result.Rows))
	}
	row := make([]string, len(result.Rows[0]))
	for i, v := range result.Rows[0] {
		row[i] = string(v)
	}
	return row, nil
}

// Record writes records of the state within the transaction that is open, in one
// round trip.
func Record(ctx context.Context, c *pgconn.PgConn, records ...state.Record) error {
	var batch pgconn.Batch
	for _, r := range records {
		params, err := Params(r)
		if err != nil {
			return err
		}
		batch.ExecParams(r.SQL, params, nil, nil, nil)
	}
	results, err := c.ExecBatch(ctx, &batch).ReadAll()
	if err != nil {
		return fmt.Errorf("recording: %w", err)
	}
	for _, result := range results {
		if result.CommandTag.RowsAffected() != 1 {
			return ErrFenced
		}
	}
	return nil
}

// SnapshotEnded is not nil where "there is no such snapshot" (22023, and 42704 from
// 17 on) is the answer to an import: the session that exported it was ended, as a
// connection that breaks is.
func SnapshotEnded(err error) error {
	if said := new(pgconn.PgError); errors.As(err, &said) && (said.Code == "42704" || said.Code == "22023") {
		return fmt.Errorf("%s: %w", said.Message, io.ErrUnexpectedEOF)
	}
	return nil
}

// Params are a record's arguments in text form, as the wire takes them.
func Params(r state.Record) ([][]byte, error) {
	params := make([][]byte, len(r.Args))
	for i, a := range r.Args {
		switch a := a.(type) {
		case nil:
		case string:
			params[i] = []byte(a)
		default:
			return nil, fmt.Errorf("argument %d of a record is a %T", i+1, a)
		}
	}
	return params, nil
}
