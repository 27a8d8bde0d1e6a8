package cli

import (
	"errors"
	"fmt"
	"strings"

	"github.com/agext/levenshtein"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// doubleDashes makes --name of -name, which pflag would take for a row of
// one-letter flags. sluice has none of those but -h.
func doubleDashes(args []string) []string {
	out := make([]string, len(args))
	for i, arg := range args {
		if arg == "--" {
			copy(out[i:], args[i:])
			break
		}
		out[i] = arg
		if len(arg) > 2 && arg[0] == '-' && arg[1] != '-' {
			out[i] = "-" + arg
		}
	}
	return out
}

// flagError adds a suggestion to an unknown flag.
func flagError(cmd *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	if !errors.As(err, &unknown) {
		return fmt.Errorf("%s: %w", cmd.CommandPath(), err)
	}
	given := unknown.GetSpecifiedName()
	text := fmt.Sprintf("%s has no flag -%s.", cmd.CommandPath(), given)
	if nearest := nearestFlag(cmd, given); nearest != "" {
		text += fmt.Sprintf(" Did you mean -%s?", nearest)
	}
	return fmt.Errorf("%s %s -help lists them", text, cmd.CommandPath())
}

func nearestFlag(cmd *cobra.Command, given string) string {
	nearest, best := "", max(2, len(given)/3)+1
	cmd.Flags().VisitAll(func(f *pflag.Flag) { // in order of name
		if d := levenshtein.Distance(strings.ToLower(given), f.Name, nil); d < best && !f.Hidden {
			nearest, best = f.Name, d
		}
	})
	return nearest
}
