package introspect

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// optional are queries that a server may refuse, or break off because of a
// broken file of its own. What they would say is then less, or nothing.
var optional = []query{
	{"extensions that can be created", availableSQL, each((*reader).addAvailable)},
	{"the library directory", librariesSQL, each((*reader).addLibrary)},
}

// readOptional runs each in a savepoint of its own, and adds to found what it
// says. A query that is known to be refused is not asked: it would be an error in
// the server's log each time.
func (r *reader) readOptional(ctx context.Context, tx pgx.Tx, found answers) error {
	for _, q := range optional {
		if q.sql == librariesSQL && !r.mayListLibraries {
			continue
		}
		err := pgx.BeginFunc(ctx, tx, func(savepoint pgx.Tx) error {
			rows, err := savepoint.Query(ctx, forMajor(q.sql, r.major))
			if err != nil {
				return err
			}
			says, err := q.take(rows)
			if err == nil {
				found[q.what] = says
			}
			return err
		})
		var refused *pgconn.PgError
		if err != nil && !errors.As(err, &refused) {
			return fmt.Errorf("reading %s: %w", q.what, err)
		}
	}
	return nil
}

type libraryRow struct{ Library string }

func (r *reader) addLibrary(row libraryRow) {
	r.server.Libraries = append(r.server.Libraries, row.Library)
}
