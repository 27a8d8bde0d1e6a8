package cli

import (
	"os"

	"github.com/spf13/cobra"

	"sluice/config"
	"sluice/planner"
)

// addressFlags are the flags that say which migrations a command handles.
func (a *app) addressFlags(cmd *cobra.Command) {
	cmd.Flags().StringArrayVar(&a.target, "target", nil, "handle this migration alone: migration.shop or 'migration.shop[\"crm\"]'; may be repeated")
	cmd.Flags().StringArrayVar(&a.exclude, "exclude", nil, "leave this migration out; may be repeated")
}

// replaceFlag is the flag of the commands that load tables again.
func (a *app) replaceFlag(cmd *cobra.Command) {
	cmd.Flags().StringArrayVar(&a.replace, "replace", nil, "load this table again, while the others are followed: public.orders, or migration.shop.public.orders; may be repeated")
}

// load reads the configuration and prints what is wrong with it. It has the
// migrations that -target and -exclude leave; all of it is checked all the same.
func (a *app) load() (*config.Config, error) {
	c, diags := a.parse()
	if err := diags.Write(a.err, width(a.err), a.colorOn(a.err)); err != nil {
		return nil, err
	}
	if diags.HasErrors() {
		return nil, quiet(exitError)
	}
	narrow, err := c.Narrow(a.target, a.exclude)
	if err != nil {
		return nil, err
	}
	return narrow.Replaced(a.replace)
}

func (a *app) parse() (*config.Config, config.Diagnostics) {
	return config.Load(config.Input{Dir: a.dir, VarFiles: a.varFiles, Vars: a.vars, Environ: os.Environ()})
}

// diagnose prints findings with the lines of the configuration they are about.
func (a *app) diagnose(c *config.Config, findings []planner.Finding) error {
	for _, f := range findings {
		severity := "note"
		switch {
		case f.Blocks():
			severity = "error"
		case f.Warns():
			severity = "warning"
		}
		if err := c.Diagnose(a.err, severity, f.Code, f.Summary, details(f), rangeOf(f.Place), a.colorOn(a.err)); err != nil {
			return err
		}
	}
	return nil
}

// details is what a finding says below its first line.
func details(f planner.Finding) string {
	text := f.Detail
	for _, fix := range f.Fix {
		if text != "" {
			text += "\n"
		}
		text += "  " + fix
	}
	return text
}
