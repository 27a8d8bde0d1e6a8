//go:build unix

package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"sluice/examples/sandbox"
)

// course is where the race takes place.
type course struct {
	options
	dir            string // of the binary, and of the racers' files
	binary         string // sluice
	source, target *sandbox.Server
	laps           int
	cargo
}

// cargo is what is moved.
type cargo struct {
	workload    workload
	scale       int
	tables      []table
	parts       []part // what psql copies
	bytes       int64  // of the tables without their indexes
	bare, whole side
}

// side is a database of the source, and what a racer must have made of it. Who only copies rows gets one whose tables
// have nothing on them, since sluice makes the indexes that it sees.
type side struct {
	url  string
	want content
}

// settings of both servers are those of a machine of some gigabytes, durable. What comes by itself at any time
// (checkpoints, vacuum) would hit one racer and spare the next.
func (o options) settings() map[string]string {
	return map[string]string{
		"fsync":                             strconv.FormatBool(o.durable),
		"shared_buffers":                    "1GB",
		"maintenance_work_mem":              "256MB",
		"max_wal_size":                      "8GB",
		"checkpoint_timeout":                "1h",
		"autovacuum":                        "off",
		"max_locks_per_transaction":         "1024", // pg_dump locks every table
		"max_sync_workers_per_subscription": strconv.Itoa(o.streams),
		"max_logical_replication_workers":   strconv.Itoa(2 + o.streams),
		"max_worker_processes":              strconv.Itoa(16 + o.streams),
		"wal_retrieve_retry_interval":       "100ms", // a worker of native may wait that long for its start; by default 5 s
	}
}

// build starts the servers and builds sluice.
func build(ctx context.Context, o options) (_ *course, err error) {
	c := &course{options: o}
	defer func() {
		if err != nil {
			err = errors.Join(err, c.close())
		}
	}()
	c.major = cmp.Or(c.major, dumpMajor())
	if err := preferOwn(c.major); err != nil {
		return nil, err
	}
	if c.dir, err = os.MkdirTemp("", "race"); err != nil {
		return nil, err
	}
	c.binary = filepath.Join(c.dir, "sluice")
	if said, err := exec.CommandContext(ctx, "go", "build", "-o", c.binary, "sluice/cmd/sluice").CombinedOutput(); err != nil {
		return nil, fmt.Errorf("building sluice: %w\n%s", err, said)
	}
	server := sandbox.Options{Major: c.major, Settings: c.settings()}
	if c.source, err = sandbox.Start(ctx, server); err != nil {
		return nil, err
	}
	c.target, err = sandbox.Start(ctx, server)
	return c, err
}

// preferOwn puts the servers' own programs first: those that Debian has in PATH are scripts that look for them, which
// takes longer than a small table.
func preferOwn(major int) error {
	for _, in := range sandbox.Installed() {
		if in.Major == major {
			return os.Setenv("PATH", in.Bin+string(os.PathListSeparator)+os.Getenv("PATH"))
		}
	}
	return nil
}

func (c *course) close() error {
	var errs []error
	for _, s := range []*sandbox.Server{c.source, c.target} {
		if s != nil {
			errs = append(errs, s.Stop())
		}
	}
	return errors.Join(append(errs, os.RemoveAll(c.dir))...)
}

// load makes the databases of the source.
func (c *course) load(ctx context.Context, w workload, scale int) (err error) {
	tables, bare, whole := w.tables(scale), w.name+"_bare", w.name
	c.cargo = cargo{workload: w, scale: scale, tables: tables, bare: side{url: c.source.URL(bare)}, whole: side{url: c.source.URL(whole)}}
	if err := c.source.Create(ctx, bare); err != nil {
		return err
	}
	if err := execute(ctx, c.bare.url, slices.Concat(create(tables), fill(tables))...); err != nil {
		return err
	}
	if err := execute(ctx, c.bare.url, "vacuum analyze"); err != nil {
		return err
	}
	if err := execute(ctx, c.source.URL("postgres"), "create database "+whole+" template "+bare); err != nil {
		return err
	}
	if err := execute(ctx, c.whole.url, finish(tables)...); err != nil {
		return err
	}
	for _, s := range []*side{&c.bare, &c.whole} {
		if s.want, err = contentOf(ctx, s.url); err != nil {
			return err
		}
	}
	return c.cut(ctx)
}

// race runs every racer in every round.
func (c *course) race(ctx context.Context, tell func(string)) ([]*result, error) {
	results := c.entries(c.racers())
	for round := range c.rounds {
		going := running(results)
		for i := range going {
			r := going[(i+round)%len(going)] // nobody always comes after the same one
			lap, err := c.lap(ctx, r.racer)
			if ctx.Err() != nil {
				return nil, context.Cause(ctx)
			}
			tell(fmt.Sprintf("round %d: %s", round+1, r.note(lap, err)))
		}
	}
	return results, nil
}

// entries are the racers that were asked for.
func (c *course) entries(racers []racer) (results []*result) {
	for _, r := range racers {
		if len(c.only) == 0 || slices.Contains(c.only, r.name) || r.name == measure {
			results = append(results, &result{racer: r, missed: r.missing(c)})
		}
	}
	return results
}

// lap lets one racer go once, into a fresh database. One of many tables stays
// until the servers go: a file system may avoid the inodes of files that were just
// deleted, and takes its time to pass over those of some ten thousand (ext4:
// recently_deleted in ialloc.c).
func (c *course) lap(ctx context.Context, r racer) (run, error) {
	c.laps++
	database := fmt.Sprintf("target_%d", c.laps)
	if err := c.target.Create(ctx, database); err != nil {
		return run{}, err
	}
	lap, err := c.measure(ctx, r, database)
	if len(c.tables) < manyTables {
		// The server itself waits some seconds for sessions that are about to end.
		err = errors.Join(err, execute(context.WithoutCancel(ctx), c.target.URL("postgres"), "drop database "+database))
	}
	return lap, err
}

// measure lets a racer go and looks at what it has made.
func (c *course) measure(ctx context.Context, r racer, database string) (run, error) {
	from := c.whole
	if r.class == rowsAlone {
		from = c.bare
	}
	l, err := c.lane(r, from, database)
	if err != nil {
		return run{}, err
	}
	if r.class == rowsAlone {
		if err := execute(ctx, l.into, create(c.tables)...); err != nil {
			return run{}, err
		}
	}
	if err := execute(ctx, l.url, warm(c.tables)...); err != nil {
		return run{}, err
	}
	if err := execute(ctx, c.target.URL("postgres"), "checkpoint"); err != nil {
		return run{}, err
	}
	start := time.Now()
	err = r.run(l, ctx)
	took := time.Since(start)
	if r.after != nil {
		err = errors.Join(err, r.after(l, context.WithoutCancel(ctx)))
	}
	if err != nil {
		return run{}, err
	}
	if err := l.compare(ctx); err != nil {
		return run{}, err
	}
	return l.used(run{took: took})
}

// compare is an error where the target has not what it should.
func (l *lane) compare(ctx context.Context) error {
	have, err := contentOf(ctx, l.into)
	if err != nil {
		return err
	}
	return l.want.differs(have)
}

// used adds what the processes of a racer have used.
func (l *lane) used(r run) (run, error) {
	floor, err := floor()
	r.cpu, r.peak, r.hidden = l.usage.cpu, max(l.usage.peak, floor), l.usage.peak <= floor
	return r, err
}
