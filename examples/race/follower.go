//go:build unix

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"
)

// followers are the racers for changes.
func (c *course) followers() []racer {
	class := c.workload.changes.class
	native := func(title string, since int, options string) racer {
		return racer{name: peer, title: title, class: class, missing: release(since),
			prepare: subscription(options), run: (*lane).enabled, after: (*lane).unsubscribe}
	}
	racers := []racer{
		{name: measure, title: "sluice", class: class, missing: nothing, prepare: (*lane).loaded, run: (*lane).resumed},
		native("logical replication", 10, ""),
		native("logical replication, binary", 14, ", binary = true"),
	}
	if c.workload.name == "giant" {
		racers = append(racers, native("logical replication, parallel", 16, ", streaming = parallel"))
	}
	if class == backlog { // they end by themselves at a position that is known before
		racers = append(racers,
			racer{name: "pgcopydb", title: "pgcopydb follow", class: class, missing: asked("pgcopydb", "pg_dump"),
				prepare: (*lane).cloned, run: (*lane).followed},
			racer{name: "decoding", title: "decoding alone (pg_recvlogical)", class: class, reads: true,
				missing: needs("pg_recvlogical"), prepare: (*lane).slot, run: (*lane).decoded})
	}
	return racers
}

func release(since int) func(*course) error {
	return func(c *course) error {
		if c.source.Major() < since {
			return fmt.Errorf("it came with PostgreSQL %d", since)
		}
		return nil
	}
}

// asked is for who is too slow for these sizes.
func asked(name string, others ...string) func(*course) error {
	return func(c *course) error {
		if !slices.Contains(c.only, name) {
			return errors.New("it applies some hundred changes a second: name it in -racers, with a small -scale")
		}
		return needs(append(others, name)...)(c)
	}
}

const stages = `"schema", "full", "incremental"`

// loaded lets sluice load and catch up.
func (l *lane) loaded(ctx context.Context) error {
	if err := l.target.Create(ctx, l.name); err != nil {
		return err
	}
	if err := l.apply(ctx, stages, "-until", "caught-up"); err != nil {
		return err
	}
	return execute(ctx, l.into, "vacuum analyze") // as in the other targets
}

// resumed is the same command as a user would give it, which goes on where it was.
func (l *lane) resumed(ctx context.Context) error {
	return l.during(ctx, func(ctx context.Context) error {
		err := l.apply(ctx, stages)
		const terminated = 128 + int(syscall.SIGTERM) // sluice's exit code when it was asked to end
		if exit := (*exec.ExitError)(nil); errors.As(err, &exit) && exit.ExitCode() == terminated {
			return nil
		}
		return err
	})
}

// during runs a process until all of the changes are there, and then asks it to end.
func (l *lane) during(ctx context.Context, process func(context.Context) error) error {
	group, ctx := errgroup.WithContext(ctx)
	running, stop := context.WithCancel(ctx)
	group.Go(func() error {
		err := process(running)
		if err == nil && running.Err() == nil {
			err = errors.New("it ended before all was there")
		}
		return err
	})
	group.Go(func() error {
		defer stop()
		return l.workload.changes.meanwhile(l, ctx)
	})
	return group.Wait()
}

// subscription makes one that does not run yet. Its server's wal_retrieve_retry_interval bounds how long it then waits.
// https://www.postgresql.org/docs/current/sql-createsubscription.html
func subscription(options string) func(*lane, context.Context) error {
	return func(l *lane, ctx context.Context) error {
		if err := l.copyOf(ctx, l.target, l.name); err != nil {
			return err
		}
		return execute(ctx, l.into, fmt.Sprintf(
			"create subscription %s connection '%s' publication race with (enabled = false, copy_data = false%s)", l.name, l.url, options))
	}
}

func (l *lane) enabled(ctx context.Context) error {
	if err := execute(ctx, l.into, "alter subscription "+l.name+" enable"); err != nil {
		return err
	}
	err := l.workload.changes.meanwhile(l, ctx)
	return errors.Join(err, execute(context.WithoutCancel(ctx), l.into, "alter subscription "+l.name+" disable"))
}

// cloned is pgcopydb's way to begin at a position that is known: a clone that follows until now.
func (l *lane) cloned(ctx context.Context) error {
	if err := l.target.Create(ctx, l.name); err != nil {
		return err
	}
	return l.copydb(ctx, "clone", "--follow")
}

// followed goes on until what is now the end of the WAL, the marker with it.
func (l *lane) followed(ctx context.Context) error {
	err := l.copydb(ctx, "follow", "--resume", "--not-consistent")
	l.arrived()
	return err
}

func (l *lane) copydb(ctx context.Context, command ...string) error {
	var now string
	err := with(ctx, l.url, func(conn *pgx.Conn) error {
		return conn.QueryRow(ctx, "select pg_current_wal_flush_lsn()::text").Scan(&now)
	})
	if err != nil {
		return err
	}
	return l.start(exec.CommandContext(ctx, "pgcopydb", append(command, "--endpos", now, "--source", l.url, "--target", l.into,
		"--dir", filepath.Join(l.scratch, "pgcopydb"), "--slot-name", l.name, "--origin", l.name)...))
}

// slot makes one for who has no other way to.
func (l *lane) slot(ctx context.Context) error {
	return execute(ctx, l.url, fmt.Sprintf("select pg_create_logical_replication_slot('%s', 'pgoutput')", l.name))
}

// decoded shows what a slot takes before anything is applied. It is woken for every message, and whoever is not may be
// faster.
func (l *lane) decoded(ctx context.Context) error {
	err := l.start(exec.CommandContext(ctx, "pg_recvlogical", "--dbname", l.url, "--slot", l.name, "--start", "--endpos", l.end,
		"--option", "proto_version=1", "--option", "publication_names=race", "--file", os.DevNull))
	l.arrived()
	return err
}
