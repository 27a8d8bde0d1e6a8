// Command fetch gets PostgreSQL servers for the tests into the user's cache, as CI does before it runs them:
//
//	go run ./examples/sandbox/fetch 12 16 18
//
// and prints what is installed then. Without a major it fetches one only where nothing is installed.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"strconv"

	"sluice/examples/sandbox"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, majors []string) error {
	say := func(line string) { fmt.Fprintln(os.Stderr, line) }
	for _, arg := range majors {
		major, err := strconv.Atoi(arg)
		if err != nil {
			return fmt.Errorf("reading the major version %q: %w", arg, err)
		}
		if _, err := sandbox.Fetch(ctx, major, say); err != nil {
			return err
		}
	}
	if err := sandbox.Ensure(ctx, say); err != nil {
		return err
	}
	for _, in := range sandbox.Installed() {
		fmt.Printf("PostgreSQL %d\t%s\n", in.Major, in.Bin)
	}
	return nil
}
