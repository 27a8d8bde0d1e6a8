package transform

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pglogrepl"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"sluice/executor/handoff"
	"sluice/executor/session"
	"sluice/executor/stream"
	"sluice/planner/catalog"
)

// Source is a connection to the source. After an error it is of no more use.
type Source struct {
	conn     *pgx.Conn
	prepared map[string]string // statement's name by its text
}

// Open connects to the source.
func Open(ctx context.Context, server session.Server) (*Source, error) {
	conn, err := server.Connect(ctx, "values")
	if err != nil {
		return nil, err
	}
	if err := session.Exec(ctx, conn.PgConn(), "set default_transaction_read_only = on"); err != nil {
		session.Close(ctx, conn)
		return nil, err
	}
	return &Source{conn: conn, prepared: map[string]string{}}, nil
}

// Close ends the connection.
func (s *Source) Close(ctx context.Context) { session.Close(ctx, s.conn) }

// Result is what a row is on the target.
type Result struct {
	Kept   bool         // it passes the filter
	Values stream.Tuple // of Shape.Values, in the server's text form; of no use where it is not kept
}

// RowError says for which row the source could not compute a value.
type RowError struct {
	Row int // its index
	Err error
}

func (e *RowError) Error() string { return e.Err.Error() }
func (e *RowError) Unwrap() error { return e.Err }

// Evaluate computes rows of one shape, in their order.
func (s *Source) Evaluate(ctx context.Context, shape *Shape, rows []Row) ([]Result, error) {
	queries := make([]query, len(rows))
	for i, row := range rows {
		st := shape.statement(row)
		queries[i] = query{st.sql, st.arguments(row)}
	}
	answers, err := s.pipeline(ctx, queries)
	if err != nil {
		return nil, err
	}
	results := make([]Result, len(rows))
	for i, a := range answers {
		if len(a) == 0 {
			return nil, fmt.Errorf("the source gave no answer for a row")
		}
		results[i] = Result{Kept: bytes.Equal(a[0].Text, []byte("t")), Values: a[1:]}
	}
	return results, nil
}

// Reading asks for columns of one row, by its key, as a transaction has left it or
// as it is later.
type Reading struct {
	Xid   uint32
	Table catalog.Name
	Key   []string
	Is    stream.Tuple // the key's values
	Want  []string
}

// Read is a row as it is now.
type Read struct {
	Xid  string       // of the transaction, or its part, that wrote it last
	Want stream.Tuple // nil: there is no such row any more
}

func (r Reading) query() query {
	conditions, params := make([]string, len(r.Key)), make([][]byte, len(r.Key))
	for i, column := range r.Key {
		conditions[i] = fmt.Sprintf("%s = $%d", catalog.Quote(column), i+1)
		params[i] = argument(r.Is[i])
	}
	return query{"select xmin, " + catalog.QuoteAll(r.Want) + " from only " + r.Table.SQL() + " where " + strings.Join(conditions, " and "), params}
}

// Read reads rows as they are now, in the order of the readings. What was committed
// before until may be in them.
func (s *Source) Read(ctx context.Context, readings []Reading) (rows []Read, until pglogrepl.LSN, err error) {
	if err := s.see(ctx, readings); err != nil {
		return nil, 0, err
	}
	queries := make([]query, len(readings))
	for i, r := range readings {
		queries[i] = r.query()
	}
	answers, err := s.pipeline(ctx, queries)
	if err != nil {
		return nil, 0, err
	}
	rows = make([]Read, len(answers))
	for i, a := range answers {
		if a != nil {
			rows[i] = Read{Xid: string(a[0].Text), Want: a[1:]}
		}
	}
	row, err := session.Row(ctx, s.conn.PgConn(), "select pg_catalog.pg_current_wal_insert_lsn()")
	if err != nil {
		return nil, 0, err
	}
	until, err = pglogrepl.ParseLSN(row[0])
	return rows, until, err
}

// untilVisible is how often the source is asked whether it shows a transaction.
const untilVisible = 5 * time.Millisecond

// see waits until the transactions of the changes are visible. A commit is streamed
// once it is on the disk; as long as it waits for a synchronous standby nobody sees
// it, and the row would be read as it was before.
// https://www.postgresql.org/docs/current/warm-standby.html#SYNCHRONOUS-REPLICATION
func (s *Source) see(ctx context.Context, readings []Reading) error {
	for {
		row, err := session.Row(ctx, s.conn.PgConn(), "select pg_catalog.txid_current_snapshot()")
		if err != nil {
			return err
		}
		snapshot, err := handoff.ParseSnapshot(row[0])
		if err != nil || !slices.ContainsFunc(readings, func(r Reading) bool { return !snapshot.Visible(r.Xid) }) {
			return err
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(untilVisible):
		}
	}
}

// query is a statement that gives one row, or none.
type query struct {
	sql    string
	params [][]byte
}

// Limits of what is sent before an answer is read: the server must never wait for
// us to read while we wait for it to read.
const (
	maxQueries = 500
	maxBytes   = 4 << 20
)

// pipeline runs queries in as few round trips as their size allows. A query that
// gives no row gives nil.
func (s *Source) pipeline(ctx context.Context, queries []query) ([]stream.Tuple, error) {
	answers := make([]stream.Tuple, 0, len(queries))
	for len(queries) > 0 {
		n, size := 0, 0
		for n < len(queries) && n < maxQueries && size < maxBytes {
			for _, p := range queries[n].params {
				size += len(p)
			}
			n++
		}
		part, err := s.exchange(ctx, queries[:n])
		if err != nil {
			if failed, ok := err.(*RowError); ok {
				failed.Row += len(answers)
			}
			return nil, err
		}
		answers, queries = append(answers, part...), queries[n:]
	}
	return answers, nil
}

func (s *Source) exchange(ctx context.Context, queries []query) ([]stream.Tuple, error) {
	names := make([]string, len(queries))
	for i, q := range queries {
		var err error
		if names[i], err = s.prepare(ctx, q.sql); err != nil {
			return nil, err
		}
	}
	p := s.conn.PgConn().StartPipeline(ctx)
	for i, q := range queries {
		p.SendQueryPrepared(names[i], q.params, nil, nil)
	}
	answers, err := receive(p, len(queries))
	if closing := p.Close(); err == nil {
		err = closing
	}
	return answers, err
}

func receive(p *pgconn.Pipeline, n int) ([]stream.Tuple, error) {
	if err := p.Sync(); err != nil {
		return nil, err
	}
	answers := make([]stream.Tuple, n)
	for i := range answers {
		results, err := p.GetResults()
		if err != nil {
			return nil, &RowError{i, err}
		}
		reader, ok := results.(*pgconn.ResultReader)
		if !ok {
			return nil, fmt.Errorf("unexpected answer %T of the source", results)
		}
		for reader.NextRow() {
			answers[i] = tuple(reader.Values())
		}
		if _, err := reader.Close(); err != nil {
			return nil, &RowError{i, err}
		}
	}
	return answers, nil
}

// tuple copies a row out of the connection's buffer.
func tuple(values [][]byte) stream.Tuple {
	t := make(stream.Tuple, len(values))
	for i, v := range values {
		t[i] = stream.Value{Kind: stream.Null}
		if v != nil {
			t[i] = stream.Value{Kind: stream.Text, Text: bytes.Clone(v)}
		}
	}
	return t
}

func (s *Source) prepare(ctx context.Context, sql string) (string, error) {
	if name, ok := s.prepared[sql]; ok {
		return name, nil
	}
	name := "sluice_" + strconv.Itoa(len(s.prepared)+1)
	if _, err := s.conn.PgConn().Prepare(ctx, name, sql, nil); err != nil {
		return "", err
	}
	s.prepared[sql] = name
	return name, nil
}
