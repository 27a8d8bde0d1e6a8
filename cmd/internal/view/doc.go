// Package view writes plans, findings, progress and status for people, as text,
// and for machines, as JSON.
//
// It relies on plain values alone (planner.Plan, progress.Status, state.State)
// and decides nothing. A plan is written the same for the same value and
// Options: no clock, no terminal, no environment. Whatever came from a database
// or a file is made printable first, so that a hostile name cannot command the
// terminal.
package view
