//go:build unix

package main

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"sluice/examples/sandbox"
)

// content is what is in a database.
type content struct {
	rows    map[string]string // count and checksum of each table
	objects string
}

// differs is an error where the target has not the same.
func (c content) differs(other content) error {
	for _, table := range slices.Sorted(maps.Keys(c.rows)) {
		if c.rows[table] != other.rows[table] {
			return fmt.Errorf("%s has %s on the source and %s on the target (rows:checksum)", table, c.rows[table], cmp.Or(other.rows[table], "nothing"))
		}
	}
	if c.objects != other.objects {
		return fmt.Errorf("there are %s on the source and %s on the target", c.objects, other.objects)
	}
	return nil
}

func contentOf(ctx context.Context, url string) (c content, err error) {
	if c.rows, err = sandbox.Checksums(ctx, url); err != nil {
		return c, err
	}
	err = with(ctx, url, func(conn *pgx.Conn) error { return conn.QueryRow(ctx, objectsSQL).Scan(&c.objects) })
	return c, err
}

const objectsSQL = `
select format('%s valid indexes and %s valid foreign keys',
  (select count(*) from pg_index i join pg_class c on c.oid = i.indrelid where c.relnamespace = 'public'::regnamespace and i.indisvalid),
  (select count(*) from pg_constraint where connamespace = 'public'::regnamespace and contype = 'f' and convalidated))`

// together is how many statements go in one message: enough that thousands of them take no time, few enough for the
// locks of one transaction.
const together = 500

// execute runs statements, of which those that may not be in a transaction come alone.
func execute(ctx context.Context, url string, statements ...string) error {
	return with(ctx, url, func(conn *pgx.Conn) error {
		for some := range slices.Chunk(statements, together) {
			if _, err := conn.PgConn().Exec(ctx, strings.Join(some, ";\n")).ReadAll(); err != nil {
				return err
			}
		}
		return nil
	})
}

// pollEvery is how exact a time is that is waited for.
const pollEvery = 20 * time.Millisecond

// wait asks until the answer is yes, over one connection: making one each time would cost as much as some racers.
func wait(ctx context.Context, url, question string, args ...any) error {
	return with(ctx, url, func(conn *pgx.Conn) error {
		tick := time.NewTicker(pollEvery)
		defer tick.Stop()
		for {
			var yes bool
			if err := conn.QueryRow(ctx, question, args...).Scan(&yes); err != nil || yes {
				return err
			}
			select {
			case <-ctx.Done():
				return context.Cause(ctx)
			case <-tick.C:
			}
		}
	})
}

func with(ctx context.Context, url string, f func(*pgx.Conn) error) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	return f(conn)
}
