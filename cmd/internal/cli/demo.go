package cli

import (
	"context"
	"io"
	"sync"

	"github.com/spf13/cobra"

	"sluice/cmd/internal/demo"
)

func (a *app) demoCommand() *cobra.Command {
	keep := false
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Moves a sample shop between two throw-away servers, with writers on it",
		Long: `Starts two throw-away PostgreSQL servers, fills one with a sample shop, keeps
writers busy on it, and does in plain sight what a user would do: plan, apply,
status, verify, cutover; then it proves that both sides are equal.

Where no PostgreSQL is installed, it gets one into your cache and says so.`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			out := &oneWriter{w: a.out}
			return demo.Run(a.stop.now(cmd.Context()), demo.Options{Out: out, Sluice: a.sub, Keep: keep, Color: a.colorOn(a.out)})
		},
	}
	cmd.Flags().BoolVar(&keep, "keep", false, "leave the servers running, and say where they are")
	return cmd
}

// sub runs one command as if it had been typed, with everything it says on one
// stream.
func (a *app) sub(ctx context.Context, out io.Writer, args ...string) int {
	sub := &app{in: a.in, out: out, err: out, environ: a.environ, stop: &interrupt{}, noColor: a.noColor}
	defer sub.stop.end()
	return sub.finish(sub.run(ctx, args))
}

// oneWriter lets commands that run side by side write to one stream.
type oneWriter struct {
	mu sync.Mutex
	w  io.Writer
}

func (o *oneWriter) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.w.Write(p)
}
