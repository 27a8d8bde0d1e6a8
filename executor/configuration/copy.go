package configuration

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/jackc/pgx/v5/pgconn"

	"sluice/executor/session"
	"sluice/planner/catalog"
	"sluice/state"
)

// Copy copies the rows of tables, in the order of the catalog: what refers to
// another table comes after it. The record joins the target's transaction;
// without SQL there is none.
func Copy(ctx context.Context, source, target session.Server, tables []catalog.ConfigurationTable, record state.Record) error {
	from, err := source.Connect(ctx, "extensions")
	if err != nil {
		return err
	}
	defer session.Close(ctx, from)
	to, err := target.Connect(ctx, "extensions")
	if err != nil {
		return err
	}
	defer session.Close(ctx, to) // which rolls back what is not committed
	p := pair{from.PgConn(), to.PgConn()}
	if err := session.Exec(ctx, p.source, "begin isolation level repeatable read read only"); err != nil {
		return err
	}
	if err := session.Exec(ctx, p.target, "begin"); err != nil {
		return err
	}
	for i := len(tables) - 1; i >= 0; i-- {
		if err := p.clear(ctx, tables[i]); err != nil {
			return fmt.Errorf("clearing %s: %w", tables[i].Name, err)
		}
	}
	for _, sequences := range []bool{false, true} { // setval does not roll back, so it comes last
		for _, table := range tables {
			if table.Sequence != sequences {
				continue
			}
			if err := p.fill(ctx, table); err != nil {
				return fmt.Errorf("copying %s: %w", table.Name, err)
			}
		}
	}
	if record.SQL != "" {
		if err := session.Record(ctx, p.target, record); err != nil {
			return err
		}
	}
	return session.Exec(ctx, p.target, "commit")
}

// pair is a connection to each side.
type pair struct{ source, target *pgconn.PgConn }

// clear deletes the rows that the condition selects. It stands behind FROM, as
// pg_dump puts it: it could be more than a WHERE, which DELETE would not take.
func (p pair) clear(ctx context.Context, table catalog.ConfigurationTable) error {
	if table.Sequence {
		return nil
	}
	name := table.Name.SQL()
	return session.Exec(ctx, p.target, "delete from only "+name+" where ctid in (select ctid from only "+name+" "+table.Condition+")")
}

func (p pair) fill(ctx context.Context, table catalog.ConfigurationTable) error {
	name := table.Name.SQL()
	if table.Sequence {
		value, err := session.Row(ctx, p.source, "select last_value, is_called from "+name)
		if err != nil {
			return err
		}
		_, err = session.Row(ctx, p.target, "select pg_catalog.setval($1::text::pg_catalog.regclass, $2::bigint, $3::boolean)",
			name, value[0], value[1])
		return err
	}
	if len(table.Columns) == 0 {
		return nil // COPY has no form for rows without columns
	}
	columns := catalog.QuoteAll(table.Columns)
	return p.pipe(ctx, "copy (select "+columns+" from only "+name+" "+table.Condition+") to stdout", "copy "+name+" ("+columns+") from stdin")
}

// pipe lets one side's COPY read what the other's writes. Whichever ends with an
// error ends the other, whose own error then only says so.
func (p pair) pipe(ctx context.Context, read, write string) error {
	r, w := io.Pipe()
	var reading error
	var group sync.WaitGroup
	group.Go(func() {
		_, reading = p.source.CopyTo(ctx, w, read)
		w.CloseWithError(reading) // nil is the end of the data
	})
	_, writing := p.target.CopyFrom(ctx, r, write)
	r.CloseWithError(writing)
	group.Wait()
	if reading != nil && !errors.Is(reading, writing) {
		return reading
	}
	return writing
}
