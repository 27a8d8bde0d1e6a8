package cli

import (
	"errors"

	"sluice/executor"
)

// The exit codes.
const (
	exitDone      = 0
	exitError     = 1  // needs a person
	exitChanges   = 2  // changes, or differences
	exitConflicts = 3  // the plan has conflicts; files need formatting
	exitBudget    = 75 // EX_TEMPFAIL: starting again goes on
)

// quietError ends with a code; what there is to say was said.
type quietError struct{ code int }

func (e *quietError) Error() string { return "" }

// quiet ends with a code and prints nothing more.
func quiet(code int) error { return &quietError{code} }

// exitCode is the code that an error stands for.
func exitCode(err error) int {
	var said *quietError
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &said):
		return said.code
	case errors.Is(err, executor.ErrBudget):
		return exitBudget
	}
	return exitError
}

// worst is the code of several: what needs a person first, then what needs
// waiting.
func worst(codes ...int) int {
	order := []int{exitError, exitConflicts, exitBudget, exitChanges}
	for _, code := range order {
		for _, c := range codes {
			if c == code {
				return code
			}
		}
	}
	for _, c := range codes {
		if c != exitDone {
			return c
		}
	}
	return exitDone
}
