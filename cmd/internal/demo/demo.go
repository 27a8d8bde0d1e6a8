// Package demo shows the main job on two throw-away servers: a shop moves from
// one to the other while its customers go on ordering.
//
// It does what a user would do, with the same commands, and nothing besides;
// only the two servers, the shop and its writers are the demo's own. At the end
// it compares both databases by itself, without sluice, and counts what the
// writers were told was committed.
package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"sluice/examples/sandbox"
	"sluice/examples/shop"
	"sluice/executor/session"
	"sluice/state"
	"sluice/state/postgres"
)

// Options of Run.
type Options struct {
	Out io.Writer
	// Sluice runs one command and returns its exit code.
	Sluice func(ctx context.Context, out io.Writer, args ...string) int
	Keep   bool // leave the servers running
	Color  bool
}

const (
	database = "shop"
	address  = "migration.shop"
	writers  = 4
	rate     = 120 // transactions a second: a busy shop, on two processors that it shares with both servers
)

// show is the demo on its way.
type show struct {
	Options
	began          time.Time
	source, target *sandbox.Server
	dir            string // of the configuration
	stats          *shop.Stats
}

// Run shows it all. Whatever it has started it ends, unless Keep is set.
func Run(ctx context.Context, o Options) (err error) {
	s := &show{Options: o, began: time.Now()}
	defer func() { err = errors.Join(err, s.end()) }()
	for _, act := range []func(context.Context) error{s.servers, s.configuration, s.plan, s.move, s.proof} {
		if err := act(ctx); err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			return err
		}
	}
	s.summary()
	return nil
}

// title begins an act.
func (s *show) title(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if s.Color {
		text = "\x1b[1m" + text + "\x1b[0m"
	}
	fmt.Fprintf(s.Out, "\n%s\n\n", text)
}

func (s *show) say(format string, args ...any) { fmt.Fprintf(s.Out, "  "+format+"\n", args...) }

// servers starts both sides and fills the source.
func (s *show) servers(ctx context.Context) error {
	s.title("1. Two PostgreSQL servers, and a shop on the first")
	if err := sandbox.Ensure(ctx, func(line string) { s.say("%s", line) }); err != nil {
		return err
	}
	var err error
	for _, side := range []struct {
		name string
		to   **sandbox.Server
	}{{"source", &s.source}, {"target", &s.target}} {
		if *side.to, err = sandbox.Start(ctx, sandbox.Options{Keep: s.Keep}); err != nil {
			return fmt.Errorf("starting the %s: %w", side.name, err)
		}
		if err := (*side.to).Create(ctx, database); err != nil {
			return err
		}
		s.say("%s  PostgreSQL %d  %s", side.name, (*side.to).Major(), (*side.to).URL(database))
	}
	conn, err := pgx.Connect(ctx, s.source.URL(database))
	if err != nil {
		return err
	}
	defer session.Close(ctx, conn)
	if err := shop.Load(ctx, conn, 1); err != nil {
		return err
	}
	rows, tables, err := count(ctx, s.source.URL(database))
	s.say("shop    %s rows in %d tables; %d writers will do about %d transactions a second", humanize.Comma(rows), tables, writers, rate)
	return err
}

// configuration writes the file that a user would write.
func (s *show) configuration(context.Context) (err error) {
	if s.dir, err = os.MkdirTemp("", "sluice-demo-"); err != nil {
		return err
	}
	file := filepath.Join(s.dir, "shop.sluice.hcl")
	text := shop.Config(s.source.URL(database), s.target.URL(database))
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		return err
	}
	s.title("2. The configuration: %s", file)
	_, err = io.WriteString(s.Out, indent(text))
	return err
}

func indent(text string) string {
	return "  " + strings.TrimSuffix(strings.ReplaceAll(text, "\n", "\n  "), "  ")
}

func (s *show) plan(ctx context.Context) error {
	s.title("3. What would be done: it is read by a person, and writes nothing")
	return s.sluice(ctx, s.Out, "plan", "-out", s.planFile())
}

func (s *show) planFile() string { return filepath.Join(s.dir, "shop.plan") }

// sluice shows a command and runs it.
func (s *show) sluice(ctx context.Context, out io.Writer, args ...string) error {
	s.command(args...)
	if code := s.Sluice(ctx, out, append(args, "-chdir", s.dir)...); code != 0 {
		return fmt.Errorf("sluice %s ended with exit code %d", strings.Join(args, " "), code)
	}
	return nil
}

func (s *show) command(args ...string) {
	line := "$ sluice " + strings.Join(args, " ")
	if s.Color {
		line = "\x1b[32m" + line + "\x1b[0m"
	}
	fmt.Fprintf(s.Out, "%s\n", line)
}

// move applies, verifies and cuts over while the writers write.
func (s *show) move(ctx context.Context) error {
	s.title("4. The move, while the shop is open")
	group, ctx := errgroup.WithContext(ctx)
	writing, closing := context.WithCancel(ctx)
	group.Go(func() (err error) {
		s.stats, err = shop.Write(writing, func(ctx context.Context) (*pgx.Conn, error) { return pgx.Connect(ctx, s.source.URL(database)) },
			shop.WriteOptions{Writers: writers, Rate: rate, Seed: 1})
		return err
	})
	group.Go(func() error { // goes on until the cutover
		return s.sluice(ctx, &prefixed{out: s.Out, prefix: "  apply | "}, "apply", s.planFile())
	})
	group.Go(func() error {
		defer closing()
		if err := s.following(ctx); err != nil {
			return err
		}
		s.title("5. Both sides are equal, while rows change; apply goes on")
		for _, args := range [][]string{{"status"}, {"verify"}} {
			if err := s.sluice(ctx, s.Out, args...); err != nil {
				return err
			}
			fmt.Fprintln(s.Out)
		}
		s.title("6. The switch")
		return s.sluice(ctx, s.Out, "cutover", "-auto-approve")
	})
	return group.Wait()
}

// followEvery is how often the state is asked whether it is following yet.
const followEvery = 100 * time.Millisecond

// following waits until the load is done and changes are followed.
func (s *show) following(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, s.target.URL(database))
	if err != nil {
		return err
	}
	defer session.Close(ctx, conn)
	tick := time.NewTicker(followEvery)
	defer tick.Stop()
	for {
		st, err := postgres.Load(ctx, conn, address)
		if err != nil || st.Phase == state.Following {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

// end stops the servers and removes the files, or says how to.
func (s *show) end() error {
	if s.Keep && s.target != nil {
		s.kept()
		return nil
	}
	var errs []error
	for _, server := range []*sandbox.Server{s.source, s.target} {
		if server != nil {
			errs = append(errs, server.Stop())
		}
	}
	if s.dir != "" {
		errs = append(errs, os.RemoveAll(s.dir))
	}
	return errors.Join(errs...)
}
