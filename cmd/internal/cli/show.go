package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"sluice/cmd/internal/view"
	"sluice/planner"
)

func (a *app) showCommand() *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:   "show [PLAN]",
		Short: "Shows a saved plan, or what would be done now",
		Args:  oneFile,
		RunE: func(cmd *cobra.Command, args []string) error {
			if format != "text" && format != "json" {
				return fmt.Errorf("-format is %q, and takes text or json", format)
			}
			if len(args) == 0 {
				return (&planning{app: a, json: format == "json"}).run(cmd.Context())
			}
			plans, err := a.openSaved(args[0])
			if err != nil {
				return err
			}
			return a.show(plans, format == "json")
		},
	}
	a.addressFlags(cmd)
	cmd.Flags().StringVar(&format, "format", "text", "text or json")
	return cmd
}

// show prints plans, one after another.
func (a *app) show(plans []*planner.Plan, asJSON bool) error {
	for i, p := range plans {
		if asJSON {
			text, err := p.JSON()
			if err != nil {
				return err
			}
			if _, err := a.out.Write(text); err != nil {
				return err
			}
			continue
		}
		if i > 0 {
			fmt.Fprintln(a.out)
		}
		if err := view.Plan(a.out, p, view.Options{Color: a.colorOn(a.out), Width: width(a.out)}); err != nil {
			return err
		}
	}
	return nil
}

// open reads the plans of a file that save has written.
func open(file string) ([]*planner.Plan, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var plans []*planner.Plan
	documents := json.NewDecoder(bytes.NewReader(text))
	for {
		var one json.RawMessage
		err := documents.Decode(&one)
		if errors.Is(err, io.EOF) && len(plans) > 0 {
			return plans, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%s is no saved plan: %w", file, err)
		}
		p, err := planner.Parse(one)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		plans = append(plans, p)
	}
}
