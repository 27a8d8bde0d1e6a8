package cli

import (
	"context"
	"errors"
	"fmt"

	"sluice/executor"
	"sluice/executor/replay"
)

// report says how a run ended, and what comes next.
func (a *app) report(j job, outcome executor.Outcome, err error) int {
	address := j.plan.Migration
	if err != nil {
		return a.reportFailure(address, err)
	}
	switch outcome {
	case executor.Stopped:
		fmt.Fprintf(a.err, "%s: stopped. What was done is recorded, and sluice apply goes on from there.\n", address)
		return a.stop.code()
	case executor.CutOver:
		if j.plan.Back != nil {
			fmt.Fprintf(a.err, "%s: rolled back. The source is the one to write to.\n", address)
			return exitDone
		}
		fmt.Fprintf(a.err, "%s: cut over. The target is the one to write to.\n", address)
	case executor.Reached:
		fmt.Fprintf(a.err, "%s: that far. sluice apply goes on from there.\n", address)
	case executor.Finished:
		fmt.Fprintf(a.err, "%s: done.\n", address)
	}
	return exitDone
}

func (a *app) reportFailure(address string, err error) int {
	if code := a.stop.code(); code != 0 && errors.Is(err, context.Canceled) {
		fmt.Fprintf(a.err, "%s: interrupted. What was recorded stays, and sluice apply goes on from there.\n", address)
		return code
	}
	fmt.Fprintf(a.err, "%s %s: %v\n", paint(a.colorOn(a.err), red, "Error:"), address, err)
	for _, line := range whatToDo(err) {
		fmt.Fprintln(a.err, "  "+line)
	}
	return exitCode(err)
}

// whatToDo about a change that does not fit the target.
func whatToDo(err error) []string {
	d := new(replay.Divergence)
	if !errors.As(err, &d) {
		return nil
	}
	lines := []string{fmt.Sprintf("Everything that was committed before %s is applied, and nothing of it or behind it.", d.LSN)}
	if d.Key != "" {
		lines = append(lines, "Both rows: sluice apply -show-values")
	}
	return append(lines,
		"Put right on the target what is in its way, and sluice apply goes on; or have the table loaded again: sluice apply -replace, with its name on the source.")
}
