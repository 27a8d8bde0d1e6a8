//go:build unix

// Command race moves the same database with sluice and with each of its peers that is installed (psql, pg_dump,
// pgcopydb, the server's own logical replication), and prints how long each took and what its client used. What is raced
// is the load, or, with other workloads, the changes: see the type changes.
//
//	start two throw-away servers, fill the source
//	for each round
//	    for each racer
//	        make a fresh database on the target; read all of the source, so that it is warm; checkpoint
//	        run the racer, counting wall time, processor time and memory of its processes
//	        compare rows, indexes and constraints with the source's
//	print the medians
//
// Servers and clients share one machine: seconds compare only within one run, so what counts are the ratios. Rounds
// are interleaved because a machine has better and worse minutes. A racer that fails, or leaves something out, is out.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"slices"
	"strings"
	"syscall"
)

// options are what the command line says.
type options struct {
	rounds  int
	streams int      // connections that copy at once, of what has no default of its own
	major   int      // of both servers; 0: that of pg_dump, or the newest
	only    []string // names of racers; empty: all
	durable bool     // the servers wait for the disk: always but in tests
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := command(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "race:", err)
		os.Exit(1)
	}
}

func command(ctx context.Context, args []string, out io.Writer) error {
	o := options{durable: true}
	flags := flag.NewFlagSet("race", flag.ExitOnError)
	name := flags.String("workload", "pgbench", "what is moved, or which changes are followed: "+strings.Join(names(), ", "))
	published := flags.Bool("published", false, "the size of the published figures, which takes long")
	only := flags.String("racers", "", "some of "+strings.Join(racerNames, ", ")+", separated by commas; sluice always runs, and pgcopydb follows changes only where it is named")
	scale := flags.Int("scale", 0, "the size; 0: one that takes a few minutes")
	flags.IntVar(&o.rounds, "rounds", 3, "how often each racer runs")
	flags.IntVar(&o.streams, "streams", runtime.NumCPU(), "connections that copy at once, of psql and native; sluice and pgcopydb keep their defaults")
	flags.IntVar(&o.major, "major", 0, "the major version of both servers; 0: that of pg_dump")
	flags.Parse(args)

	w, err := find(*name)
	if err != nil {
		return err
	}
	if *scale == 0 {
		*scale = w.scale
	}
	if *published {
		*scale = w.published
	}
	for _, r := range strings.FieldsFunc(*only, func(r rune) bool { return r == ',' }) {
		if !slices.Contains(racerNames, r) {
			return fmt.Errorf("there is no racer %q, but %s", r, strings.Join(racerNames, ", "))
		}
		o.only = append(o.only, r)
	}
	if *scale < 1 || o.rounds < 1 || o.streams < 1 {
		return errors.New("scale, rounds and streams are at least 1")
	}
	c, err := build(ctx, o)
	if err != nil {
		return err
	}
	return errors.Join(c.run(ctx, w, *scale, out), c.close())
}

// run races over one workload, and prints how it went.
func (c *course) run(ctx context.Context, w workload, scale int, out io.Writer) error {
	load, race := c.load, c.race
	if w.changes != nil {
		load, race = c.loadBoth, c.raceChanges
	}
	if err := load(ctx, w, scale); err != nil {
		return fmt.Errorf("making %s: %w", w.name, err)
	}
	results, err := race(ctx, func(line string) { fmt.Fprintln(os.Stderr, line) })
	if err != nil {
		return err
	}
	c.print(out, results)
	return failures(results)
}
