//go:build unix

package main

import (
	"context"
	"fmt"
	"os/exec"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"
)

// This file is what PostgreSQL's own client can do when it is told well.

// part is one COPY of a whole table, or of a range of its pages.
type part struct {
	rows  string // what the source is to copy: a table or a query
	table string
	pages int64
}

// splitFrom is how many pages a table has that is worth more than one stream.
const splitFrom = 4096

// cut plans psql's pipe: large tables as ranges of ctid, one a stream, and the largest part first.
func (c *course) cut(ctx context.Context) error {
	rangeScans := c.source.Major() >= 14 // before, each range reads the whole table
	return with(ctx, c.bare.url, func(conn *pgx.Conn) error {
		for _, t := range c.tables {
			table := "public." + t.name
			var bytes, pages int64
			err := conn.QueryRow(ctx, "select pg_relation_size($1), pg_relation_size($1) / current_setting('block_size')::int", table).Scan(&bytes, &pages)
			if err != nil {
				return err
			}
			c.bytes += bytes
			if pages < splitFrom || !rangeScans {
				c.parts = append(c.parts, part{table, table, pages})
				continue
			}
			each := pages / int64(c.streams)
			for i := range int64(c.streams) {
				query := fmt.Sprintf("(select * from %s where ctid >= '(%d,0)'", table, i*each)
				if i < int64(c.streams)-1 {
					query += fmt.Sprintf(" and ctid < '(%d,0)'", (i+1)*each)
				}
				c.parts = append(c.parts, part{query + ")", table, each})
			}
		}
		slices.SortStableFunc(c.parts, func(a, b part) int { return int(b.pages - a.pages) })
		return nil
	})
}

// copyRows is the plainest way to carry rows: what the one psql reads the other one writes, in PostgreSQL's own format.
func (l *lane) copyRows(ctx context.Context) error {
	return l.each(ctx, len(l.parts), func(ctx context.Context, i int) error {
		p := l.parts[i]
		return l.pipe(ctx,
			psql(l.url, "copy "+p.rows+" to stdout (format binary)"),
			psql(l.into, "copy "+p.table+" from stdin (format binary)"))
	})
}

func (l *lane) copyRowsAndAnalyze(ctx context.Context) error {
	if err := l.copyRows(ctx); err != nil {
		return err
	}
	return l.start(exec.CommandContext(ctx, "vacuumdb", "--quiet", "--analyze-only", "--jobs", fmt.Sprint(l.streams), "--dbname", l.into))
}

// copyAll makes tables, and, once all rows are in, the indexes of several tables at once, then their foreign keys.
func (l *lane) copyAll(ctx context.Context) error {
	if err := l.script(ctx, create(l.tables)); err != nil {
		return err
	}
	if err := l.copyRows(ctx); err != nil {
		return err
	}
	for _, lists := range finishing(l.tables) {
		if err := l.each(ctx, len(lists), func(ctx context.Context, i int) error { return l.script(ctx, lists[i]) }); err != nil {
			return err
		}
	}
	return nil
}

// each does n things, as many at once as there are streams.
func (l *lane) each(ctx context.Context, n int, do func(context.Context, int) error) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(l.streams)
	for i := range n {
		group.Go(func() error { return do(ctx, i) })
	}
	return group.Wait()
}

// psql is a command line; without statements it reads them.
func psql(url string, statements ...string) []string {
	command := []string{"psql", "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--dbname", url}
	for _, s := range statements {
		command = append(command, "--command", s)
	}
	return command
}

// script runs statements on the target.
func (l *lane) script(ctx context.Context, statements []string) error {
	command := psql(l.into)
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Stdin = strings.NewReader(strings.Join(statements, ";\n") + ";\n")
	return l.start(cmd)
}
