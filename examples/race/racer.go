//go:build unix

package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// class is what is comparable.
type class string

const (
	rowsAlone  class = "the rows alone, into tables that are there and have no indexes"
	everything class = "everything: tables, rows, indexes, keys"
)

// racer is a way to move a database, or to follow its changes.
type racer struct {
	name    string // for -racers
	title   string
	class   class
	reads   bool                               // the changes, and applies nothing: it has no target
	missing func(*course) error                // why it cannot take part; nil: nothing hinders it
	prepare func(*lane, context.Context) error // of who follows changes: what is there before these are written
	run     func(*lane, context.Context) error
	after   func(*lane, context.Context) error // removes what it leaves on both servers; nil: nothing
}

// The racers that ratios are to: of the load, and of changes.
const (
	measure = "sluice"
	peer    = "native"
)

var racerNames = []string{measure, "psql", "pg_dump", "pgcopydb", peer, "decoding"}

func (c *course) racers() []racer {
	psql := fmt.Sprintf("psql | psql, %d streams", c.streams)
	return []racer{
		{name: measure, title: "sluice, rows and ANALYZE", class: rowsAlone, missing: nothing, run: sluice(`"full"`)},
		{name: "psql", title: psql, class: rowsAlone, missing: pipes("psql"), run: (*lane).copyRows},
		{name: "psql", title: psql + ", and ANALYZE", class: rowsAlone, missing: pipes("psql", "vacuumdb"), run: (*lane).copyRowsAndAnalyze},

		{name: measure, title: "sluice, all and ANALYZE", class: everything, missing: nothing, run: sluice(`"schema", "full"`)},
		{name: "psql", title: psql + ", then indexes", class: everything, missing: pipes("psql"), run: (*lane).copyAll},
		{name: "pg_dump", title: "pg_dump | psql", class: everything, missing: needs("pg_dump", "psql"), run: (*lane).dump},
		{name: "pgcopydb", title: "pgcopydb, lean", class: everything, missing: needs("pgcopydb", "pg_dump"), run: pgcopydb(lean()...)},
		{name: "pgcopydb", title: "pgcopydb, as it comes", class: everything, missing: needs("pgcopydb", "pg_dump"), run: pgcopydb()},
		{name: peer, title: fmt.Sprintf("logical replication, %d streams", c.streams), class: everything, missing: nothing,
			run: (*lane).subscribe, after: (*lane).unsubscribe},
	}
}

func nothing(*course) error { return nil }

// manyTables are too many to start processes, or to delete files, for each.
const manyTables = 1000

func pipes(programs ...string) func(*course) error {
	return func(c *course) error {
		if len(c.tables) >= manyTables {
			return fmt.Errorf("two processes for each of %d tables measure only how processes start", len(c.tables))
		}
		return needs(programs...)(c)
	}
}

// needs says which programs have to be there. A pg_dump before the servers' release refuses them.
func needs(programs ...string) func(*course) error {
	return func(c *course) error {
		for _, p := range programs {
			if _, err := exec.LookPath(p); err != nil {
				return fmt.Errorf("%s is not installed", p)
			}
		}
		if major := dumpMajor(); slices.Contains(programs, "pg_dump") && major < c.source.Major() {
			return fmt.Errorf("pg_dump is of PostgreSQL %d, and the servers are of %d", major, c.source.Major())
		}
		return nil
	}
}

// dumpMajor is the major version of pg_dump; 0: there is none.
func dumpMajor() (major int) {
	said, err := exec.Command("pg_dump", "--version").Output()
	if err == nil {
		fmt.Sscanf(string(said), "pg_dump (PostgreSQL) %d", &major)
	}
	return major
}

// lane is what a racer has in one round.
type lane struct {
	*course
	side
	name    string // of its database on the target, and, of who follows changes, its slot
	into    string // URL of that database, which is empty, or has empty tables
	scratch string // a directory
	usage   usage

	// Of who follows changes:
	marker  int    // what the marker says when all of them are there
	end     string // the LSN before the marker and after them
	started time.Time
	seen    run
}

func (c *course) lane(r racer, from side, name string) (*lane, error) {
	scratch, err := os.MkdirTemp(c.dir, r.name)
	return &lane{course: c, side: from, name: name, into: c.target.URL(name), scratch: scratch}, err
}

//go:embed race.sluice.hcl
var configuration []byte

// sluice plans and applies with its defaults, as a user would.
func sluice(stages string) func(*lane, context.Context) error {
	return func(l *lane, ctx context.Context) error { return l.apply(ctx, stages) }
}

func (l *lane) apply(ctx context.Context, stages string, flags ...string) error {
	if err := os.WriteFile(filepath.Join(l.scratch, "race.sluice.hcl"), configuration, 0o600); err != nil {
		return err
	}
	args := []string{"-chdir", l.scratch, "apply", "-auto-approve",
		"-var", "source=" + l.url, "-var", "target=" + l.into, "-var", "slot=" + l.name, "-var", "stages=[" + stages + "]"}
	return l.start(exec.CommandContext(ctx, l.binary, append(args, flags...)...))
}

func (l *lane) dump(ctx context.Context) error {
	return l.pipe(ctx, []string{"pg_dump", "--dbname", l.url}, psql(l.into))
}

// lean are the flags with which pgcopydb does least and is fastest, as far as its release knows them.
func lean() []string {
	help, _ := exec.Command("pgcopydb", "clone", "--help").CombinedOutput() // some releases exit with 1
	flags := []string{"--skip-vacuum", "--skip-analyze", "--use-copy-binary", "--split-tables-larger-than=128MB"}
	return slices.DeleteFunc(flags, func(f string) bool {
		word, _, _ := strings.Cut(f, "=")
		return !strings.Contains(string(help), word+" ")
	})
}

func pgcopydb(flags ...string) func(*lane, context.Context) error {
	return func(l *lane, ctx context.Context) error {
		args := []string{"clone", "--source", l.url, "--target", l.into, "--dir", filepath.Join(l.scratch, "pgcopydb")}
		return l.start(exec.CommandContext(ctx, "pgcopydb", append(args, flags...)...))
	}
}

// subscribe makes the tables with all they have, as its users do, and waits until each table is in state r:
// https://www.postgresql.org/docs/current/catalog-pg-subscription-rel.html
// The target's own processes copy, so there is no client to speak of.
func (l *lane) subscribe(ctx context.Context) error {
	if err := execute(ctx, l.into, append(create(l.tables), finish(l.tables)...)...); err != nil {
		return err
	}
	if err := execute(ctx, l.url, "create publication race for all tables"); err != nil {
		return err
	}
	if err := execute(ctx, l.into, fmt.Sprintf("create subscription %s connection '%s' publication race", l.name, l.url)); err != nil {
		return err
	}
	return wait(ctx, l.into, "select not exists (select from pg_subscription_rel where srsubstate <> 'r')")
}

func (l *lane) unsubscribe(ctx context.Context) error {
	return errors.Join(
		execute(ctx, l.into, "drop subscription if exists "+l.name),
		execute(ctx, l.url, "drop publication if exists race"))
}
