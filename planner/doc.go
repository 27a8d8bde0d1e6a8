// Package planner turns what is declared and what two servers hold into a Plan.
//
// Build is pure: no driver, no HCL, no clock, no randomness, no map order. It
// relies on planner/introspect for the catalogs and on state for what was done
// before, and decides everything: which objects go, in which order, with which
// statements, and what is wrong. The executor decides nothing; it runs a plan's
// own statements.
//
//	select    which objects the patterns take, and what those need
//	check     findings: what blocks (C…), what must be read (W…), notes (N…)
//	steps     one or more for each object, statements from planner/ddl
//	order     waves by dependency, numbers by wave
//	mark      what the state says is done stays in its place, as done
package planner
