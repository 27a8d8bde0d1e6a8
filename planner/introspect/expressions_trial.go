package introspect

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5/pgconn"

	"sluice/planner/catalog"
)

// trial is a statement that the server may refuse.
type trial struct {
	sql  string
	args []string      // of type text, or whatever sql casts them to
	run  bool          // it is executed; else it is only parsed and described
	take func(outcome) // called with what came of it
}

// outcome is what came of a trial: refused, or else what it says.
type outcome struct {
	refused *pgconn.PgError
	fields  []pgconn.FieldDescription // of what is described
	rows    [][]string                // of what is run; NULL is the empty string
}

// trialSavepoint is where the transaction goes back to after each trial.
const trialSavepoint = "sluice_trial"

// try makes trials, all in one round trip. Their outcomes are taken in order.
func try(ctx context.Context, conn *pgconn.PgConn, trials []trial) error {
	if len(trials) == 0 {
		return nil
	}
	p := conn.StartPipeline(ctx)
	for _, t := range trials {
		t.send(p)
		p.SendPipelineSync() // what follows is not skipped where this is refused
		p.SendQueryParams("rollback to savepoint "+trialSavepoint, nil, nil, nil, nil)
		p.SendPipelineSync()
	}
	err := p.Flush()
	for _, t := range trials {
		if err != nil {
			break
		}
		var o outcome
		if o, err = receive(p); err == nil {
			t.take(o)
			err = rolledBack(p)
		}
	}
	return errors.Join(err, p.Close())
}

func (t trial) send(p *pgconn.Pipeline) {
	if !t.run {
		p.SendPrepare("", t.sql, nil) // the unnamed statement, which the next one replaces
		return
	}
	args := make([][]byte, len(t.args))
	for i, a := range t.args {
		args[i] = []byte(a)
	}
	p.SendQueryParams(t.sql, args, nil, nil, nil)
}

// receive reads up to the next synchronisation.
func receive(p *pgconn.Pipeline) (o outcome, err error) {
	for {
		result, err := p.GetResults()
		if err == nil {
			switch r := result.(type) {
			case *pgconn.PipelineSync:
				return o, nil
			case *pgconn.StatementDescription:
				o.fields = r.Fields
			case *pgconn.ResultReader:
				o.rows, err = readRows(r)
			case nil:
				return o, errors.New("the server answers less than it was asked")
			}
		}
		// A statement is refused once: where it is the session, that goes on.
		if err != nil && (o.refused != nil || !errors.As(err, &o.refused)) {
			return o, err
		}
	}
}

func readRows(r *pgconn.ResultReader) ([][]string, error) {
	result := r.Read()
	rows := make([][]string, len(result.Rows))
	for i, row := range result.Rows {
		for _, value := range row {
			rows[i] = append(rows[i], string(value))
		}
	}
	return rows, result.Err
}

func rolledBack(p *pgconn.Pipeline) error {
	o, err := receive(p)
	if err == nil && o.refused != nil {
		return o.refused
	}
	return err
}

// described is the type of the only column, and its modifier.
func described(o outcome) (oid, modifier string) {
	if len(o.fields) != 1 {
		return "0", "-1"
	}
	return strconv.FormatUint(uint64(o.fields[0].DataTypeOID), 10), strconv.Itoa(int(o.fields[0].TypeModifier))
}

// exactly is a type as its OID says, which has been asked for, beside what the
// server describes: of a domain that is what it is over, with the modifier there.
func exactly(o outcome, oid, modifier string) (string, string) {
	if len(o.rows) != 1 || o.rows[0][0] == "" || o.rows[0][0] == oid {
		return oid, modifier
	}
	return o.rows[0][0], "-1"
}

// rowSQL is the row that expressions are over; rest belongs to its subquery.
func rowSQL(columns []rowColumn, rest string) string {
	list := make([]string, len(columns))
	for i, c := range columns {
		list[i] = "null::" + c.sql + " as " + catalog.Quote(c.name)
	}
	return "(select " + strings.Join(list, ", ") + rest + ") as " + catalog.RowAlias
}

// statement is SQL around a piece that somebody else wrote, in one or more places.
type statement struct {
	piece string
	text  strings.Builder
	at    []int // characters before the piece, for each place
}

func (s *statement) String() string { return s.text.String() }

func (s *statement) sql(text string) *statement {
	s.text.WriteString(text)
	return s
}

// expression puts the piece in parentheses; the line break ends a comment in it.
func (s *statement) expression() *statement {
	return s.sql("(").place().sql("\n)")
}

// castToPiece is where the grammar takes a type and nothing else.
func (s *statement) castToPiece() *statement {
	return s.sql("cast(null as ").place().sql("\n)")
}

func (s *statement) place() *statement {
	s.at = append(s.at, utf8.RuneCountInString(s.text.String()))
	return s.sql(s.piece)
}

// refusal is the server's error, with its position in the piece; nil: there is
// none.
func (s *statement) refusal(e *pgconn.PgError) *catalog.Refusal {
	if e == nil {
		return nil
	}
	r := &catalog.Refusal{Message: e.Message, Hint: hint(e)}
	length := utf8.RuneCountInString(s.piece)
	for _, at := range s.at {
		// Its end is where our own parenthesis is in the way, after the line break.
		if p := int(e.Position) - at; 1 <= p && p <= length+2 {
			r.Position = min(p, length+1)
		}
	}
	if r.Position > length && e.Code == syntaxError {
		r.Message = "syntax error at end of input" // and not at our parenthesis
	}
	return r
}

const syntaxError = "42601"

// hints are what to do about errors that have their cause in how expressions are
// evaluated, by SQLSTATE.
// https://www.postgresql.org/docs/current/errcodes-appendix.html
var hints = map[string]string{
	"42883": "What is not PostgreSQL's own goes by its schema: public.f(x), x operator(public.=) y.",             // undefined_function
	"42704": "What is not PostgreSQL's own goes by its schema: x::public.t, x collate public.c.",                 // undefined_object
	"42703": "Only the columns of the row itself can be read, by their names alone.",                             // undefined_column
	"42P01": "Only the columns of the row itself can be read, by their names alone.",                             // undefined_table
	"42803": "Only the one row can be read.",                                                                     // grouping_error
	"42P20": "Only the one row can be read.",                                                                     // windowing_error
	"0A000": "One row gives one value.",                                                                          // feature_not_supported
	"42501": "The source evaluates it as the role that sluice connects as; grant USAGE or EXECUTE to that role.", // insufficient_privilege
}

// hint is the server's, in which columns must not go by the row, and ours.
func hint(e *pgconn.PgError) string {
	server := strings.ReplaceAll(e.Hint, catalog.RowAlias+".", "")
	return strings.TrimSpace(server + " " + hints[e.Code])
}
