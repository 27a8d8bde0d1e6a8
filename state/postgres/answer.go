package postgres

import (
	"context"
	_ "embed"

	"sluice/state"
)

var (
	//go:embed sql/open.sql
	openSQL string
	//go:embed sql/say.sql
	saySQL string
	//go:embed sql/answer.sql
	answerSQL string
)

// Request is what another process asks the holder of a migration to do.
type Request struct {
	ID      int64
	Kind    string
	Payload []byte
}

// Requests delivers what is asked and not answered, oldest first, each once to
// a holder. A heartbeat finds them. The channel is closed at the end of the
// lock. A request may have been begun by an earlier holder that died.
func (s *Store) Requests() <-chan Request { return s.requests }

// Say adds a line of progress for whoever asked.
func (s *Store) Say(ctx context.Context, id int64, line string) error {
	return s.Write(ctx, s.Said(id, line))
}

// Said records what Say does, in a transaction with what it tells of.
func (s *Store) Said(id int64, line string) state.Record {
	return s.record(saySQL, number(id), readable(line))
}

// Answer ends a request, with a failure where it is not empty.
func (s *Store) Answer(ctx context.Context, id int64, result string, failure string) error {
	return s.Write(ctx, s.Answered(id, result, failure))
}

// Answered records what Answer does, in the transaction that does what was asked for.
func (s *Store) Answered(id int64, result string, failure string) state.Record {
	return s.record(answerSQL, number(id), readable(result), readable(failure))
}
