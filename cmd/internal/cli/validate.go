package cli

import (
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"sluice/config"
)

func (a *app) validateCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "validate",
		Short: "Checks the configuration, offline",
		Long:  "Checks the configuration: it reads files and nothing else, and needs no connection and no secret.",
		Args:  noArgs,
		RunE: func(*cobra.Command, []string) error {
			if asJSON {
				return a.validateJSON()
			}
			c, err := a.load()
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(a.out, "%s The configuration is valid: %s.\n",
				paint(a.colorOn(a.out), green, "Success!"), plural(len(c.Migrations), "migration"))
			return err
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return cmd
}

// validation is the JSON of sluice validate.
type validation struct {
	FormatVersion int              `json:"format_version"`
	Valid         bool             `json:"valid"`
	Errors        int              `json:"error_count"`
	Warnings      int              `json:"warning_count"`
	Diagnostics   []diagnosticJSON `json:"diagnostics"`
}

type diagnosticJSON struct {
	Severity string     `json:"severity"`
	Code     string     `json:"code,omitempty"`
	Summary  string     `json:"summary"`
	Detail   string     `json:"detail,omitempty"`
	Place    *placeJSON `json:"place,omitempty"`
}

type placeJSON struct {
	File      string `json:"file"`
	Line      int    `json:"line"`
	Column    int    `json:"column"`
	EndLine   int    `json:"end_line"`
	EndColumn int    `json:"end_column"`
}

func (a *app) validateJSON() error {
	_, diags := a.parse()
	v := validation{FormatVersion: 1, Valid: !diags.HasErrors(), Diagnostics: []diagnosticJSON{}}
	for _, d := range diags.All() {
		if d.Severity == "error" {
			v.Errors++
		} else {
			v.Warnings++
		}
		v.Diagnostics = append(v.Diagnostics, diagnosticOf(d))
	}
	out := json.NewEncoder(a.out)
	out.SetEscapeHTML(false)
	out.SetIndent("", "  ")
	if err := out.Encode(v); err != nil {
		return err
	}
	if !v.Valid {
		return quiet(exitError)
	}
	return nil
}

func diagnosticOf(d config.Diagnostic) diagnosticJSON {
	out := diagnosticJSON{Severity: d.Severity, Code: d.Code, Summary: d.Summary, Detail: d.Detail}
	if d.At.Line > 0 {
		at := placeJSON(d.At)
		out.Place = &at
	}
	return out
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
