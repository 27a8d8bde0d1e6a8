// Package cli is the command line: what the commands are called, what they
// print where, and which exit code they end with. What a command does is done
// by the packages below; wire.go turns a configuration into their options.
//
// Results go to stdout, diagnostics and questions to stderr. An error is
// printed once, here, without usage. Nothing asks but to approve a plan.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"

	"github.com/spf13/cobra"

	"sluice/cmd/internal/connect"
)

// app is one call of sluice.
type app struct {
	in      io.Reader
	out     io.Writer // results
	err     io.Writer // diagnostics, questions
	environ connect.Environ
	log     *slog.Logger
	stop    *interrupt

	// Common flags.
	dir      string
	vars     []string
	varFiles []string
	noColor  bool

	// Flags of the commands that handle migrations: addresses.
	target  []string
	exclude []string
	replace []string // of tables
}

// Main runs sluice and returns its exit code. It takes libpq's variables out of
// the environment of the process.
func Main(args []string) int {
	a := &app{in: os.Stdin, out: os.Stdout, err: os.Stderr, environ: connect.Take(), stop: &interrupt{}}
	defer a.stop.end()
	return a.finish(a.run(context.Background(), args))
}

// finish says what went wrong, once, and returns the exit code.
func (a *app) finish(err error) int {
	if code := a.stop.code(); code != 0 && errors.Is(err, context.Canceled) {
		fmt.Fprintln(a.err, "Interrupted.")
		return code
	}
	if said := (*quietError)(nil); err != nil && !errors.As(err, &said) {
		fmt.Fprintf(a.err, "%s %v\n", paint(a.colorOn(a.err), red, "Error:"), err)
	}
	return exitCode(err)
}

func (a *app) run(ctx context.Context, args []string) error {
	var err error
	if a.log, err = logger(a.err); err != nil {
		return err
	}
	root := a.root()
	root.SetArgs(doubleDashes(args))
	return root.ExecuteContext(ctx)
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "sluice",
		Short: "Moves a live PostgreSQL database to another PostgreSQL",
		Long: `sluice moves a live PostgreSQL database to another PostgreSQL.

  sluice plan      shows every object, its order, its conflicts and its cost; writes nothing
  sluice apply     does what the plan says, and follows the changes until cutover
  sluice verify    compares both sides
  sluice cutover   switches over
  sluice rollback  switches back, with all that was written since
  sluice cleanup   removes what sluice has left on both servers

The configuration is every *.sluice.hcl in this directory, or in that of -chdir.`,
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.SetIn(a.in)
	root.SetOut(a.out)
	root.SetErr(a.err)
	root.SetFlagErrorFunc(flagError)
	root.SuggestionsMinimumDistance = 2
	root.CompletionOptions.HiddenDefaultCmd = true
	flags := root.PersistentFlags()
	flags.StringVar(&a.dir, "chdir", ".", "directory of the configuration")
	flags.StringArrayVar(&a.vars, "var", nil, "value of a variable, as name=value")
	flags.StringArrayVar(&a.varFiles, "var-file", nil, "file with values of variables")
	flags.BoolVar(&a.noColor, "no-color", false, "no colours")
	root.AddCommand(
		a.fmtCommand(), a.validateCommand(), a.planCommand(), a.showCommand(), a.applyCommand(), a.statusCommand(),
		a.verifyCommand(), a.driftCommand(), a.cutoverCommand(), a.rollbackCommand(), a.cleanupCommand(), a.alertCommand(), a.demoCommand(), a.versionCommand(),
	)
	return root
}

// noArgs refuses arguments; cobra's own would call them an unknown command.
func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return fmt.Errorf("%s takes no arguments, but was given %q", cmd.CommandPath(), args)
	}
	return nil
}

// oneFile takes the name of a file, or nothing.
func oneFile(cmd *cobra.Command, args []string) error {
	if len(args) > 1 {
		return fmt.Errorf("%s takes one file, but was given %q", cmd.CommandPath(), args)
	}
	return nil
}
