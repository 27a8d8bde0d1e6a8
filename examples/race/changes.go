//go:build unix

package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"sluice/examples/sandbox"
)

// changes are what racers follow. All of a round follow the same ones, from one source:
//
//	copy the database of the tables
//	for each racer: prepare, so that its target has the same rows and its slot is there, and it does not run
//	write the changes on the source
//	for each racer
//	    checkpoint; write the marker, one row more
//	    run the racer, and measure meanwhile
//	    compare its target with the source
//
// So each reads the same WAL, which is still in memory for the first of them, too. Each pays for its own start, which is
// said apart: sluice is a process that reads the catalogs and plans anew, native a worker of a server that runs. Each is
// as durable as it is by default: sluice waits for its commits, native does not (synchronous_commit of a subscription).
type changes struct {
	class     class
	write     func(ctx context.Context, url string, scale int) error // nil: nothing is written before the racers run
	meanwhile func(*lane, context.Context) error                     // returns when the target has everything
}

const (
	backlog class = "a backlog, from the racer's start until its last change is visible on the target"
	live    class = "from just before the commit on the source until it is visible on the target"
)

func backlogOf(write func(context.Context, string, int) error) *changes {
	return &changes{class: backlog, write: write, meanwhile: (*lane).drained}
}

// loadBoth makes the database that both sides begin with.
func (c *course) loadBoth(ctx context.Context, w workload, scale int) error {
	c.cargo = cargo{workload: w, scale: scale, tables: w.tables(scale)}
	for _, s := range []*sandbox.Server{c.source, c.target} {
		if err := s.Create(ctx, w.name); err != nil {
			return err
		}
		url := s.URL(w.name)
		if err := execute(ctx, url, slices.Concat(create(c.tables), fill(c.tables), finish(c.tables))...); err != nil {
			return err
		}
		if err := execute(ctx, url, "vacuum analyze"); err != nil {
			return err
		}
	}
	return nil
}

// copyOf makes a database that equals that of loadBoth.
func (c *course) copyOf(ctx context.Context, s *sandbox.Server, name string) error {
	return execute(ctx, s.URL("postgres"), fmt.Sprintf("create database %s template %s", name, c.workload.name))
}

// raceChanges runs every racer in every round.
func (c *course) raceChanges(ctx context.Context, tell func(string)) ([]*result, error) {
	results := c.entries(c.followers())
	for n := range c.rounds {
		if err := c.round(ctx, n+1, results, tell); err != nil {
			return nil, err
		}
	}
	return results, nil
}

// round lets every racer follow the same changes.
func (c *course) round(ctx context.Context, n int, results []*result, tell func(string)) (err error) {
	name := fmt.Sprintf("%s_%d", c.workload.name, n)
	source := side{url: c.source.URL(name)}
	if err := c.copyOf(ctx, c.source, name); err != nil {
		return err
	}
	lanes := map[*result]*lane{}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute) // to drop what is there takes a moment
		defer cancel()
		for r, l := range lanes {
			err = errors.Join(err, l.clear(ctx, r.racer))
		}
		err = errors.Join(err, c.source.Drop(ctx, name))
	}()
	if err := execute(ctx, source.url, "create publication race for all tables"); err != nil {
		return err
	}
	for _, r := range running(results) {
		c.laps++
		l, err := c.lane(r.racer, source, fmt.Sprintf("target_%d", c.laps))
		if err != nil {
			return err
		}
		lanes[r] = l
		if err := r.prepare(l, ctx); err != nil {
			tell(fmt.Sprintf("round %d: %s", n, r.note(run{}, fmt.Errorf("preparing: %w", err))))
		}
	}
	if write := c.workload.changes.write; write != nil {
		if err := write(ctx, source.url, c.scale); err != nil {
			return fmt.Errorf("writing the changes: %w", err)
		}
	}
	for _, r := range running(results) {
		lap, err := lanes[r].catchUp(ctx, r.racer)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		tell(fmt.Sprintf("round %d: %s", n, r.note(lap, err)))
	}
	return nil
}

// catchUp lets a racer follow and looks at what it has made.
func (l *lane) catchUp(ctx context.Context, r racer) (run, error) {
	for _, s := range []*sandbox.Server{l.source, l.target} {
		if err := execute(ctx, s.URL("postgres"), "checkpoint"); err != nil {
			return run{}, err
		}
	}
	if err := l.mark(ctx); err != nil {
		return run{}, err
	}
	l.usage, l.started = usage{}, time.Now()
	if err := r.run(l, ctx); err != nil {
		return run{}, err
	}
	if !r.reads {
		var err error
		if l.want, err = contentOf(ctx, l.url); err != nil {
			return run{}, err
		}
		if err := l.compare(ctx); err != nil {
			return run{}, err
		}
	}
	return l.used(l.seen)
}

// mark writes the marker. Its commit makes all WAL before it durable, which a walsender waits for.
func (l *lane) mark(ctx context.Context) error {
	return with(ctx, l.url, func(conn *pgx.Conn) error {
		if err := conn.QueryRow(ctx, "select pg_current_wal_insert_lsn()::text").Scan(&l.end); err != nil {
			return err
		}
		return conn.QueryRow(ctx, "update public.marker set n = n + 1 returning n").Scan(&l.marker)
	})
}

// drained waits for the marker. It looks at the target only, and seldom, so that it costs every racer the same next to
// nothing. That a racer shows the marker too early is seen when the databases are compared.
func (l *lane) drained(ctx context.Context) error {
	err := wait(ctx, l.url, "select exists (select from pg_replication_slots where slot_name = $1 and active)", l.name)
	if err != nil {
		return err
	}
	l.seen.start = time.Since(l.started)
	if err := wait(ctx, l.into, "select n >= $1 from public.marker", l.marker); err != nil {
		return err
	}
	l.arrived()
	return nil
}

// arrived is called when all is there.
func (l *lane) arrived() {
	l.seen.took = time.Since(l.started)
	l.seen.rate = float64(l.scale) / (l.seen.took - l.seen.start).Seconds()
}

// clear removes a racer's target.
func (l *lane) clear(ctx context.Context, r racer) error {
	if r.reads {
		return nil
	}
	var err error
	if r.after != nil {
		err = r.after(l, ctx)
	}
	return errors.Join(err, l.target.Drop(ctx, l.name))
}
