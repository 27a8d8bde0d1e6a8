package executor_test

import (
	"fmt"
	"strings"

	"sluice/examples/sandbox"
)

// majorsPair is a move from one major version to another.
type majorsPair struct{ source, target int }

func (p majorsPair) String() string { return fmt.Sprintf("%d to %d", p.source, p.target) }

// widestMajors are the oldest and the newest major, with -long all: what those between
// know and do not is for the tests of planner/introspect and planner/ddl, on each.
func widestMajors() []int {
	majors := sandbox.Majors()
	if *long || len(majors) < 3 {
		return majors
	}
	return []int{majors[0], majors[len(majors)-1]}
}

// pairsOfMajors are the moves worth a whole run: the oldest to the newest, and
// the newest to itself.
func pairsOfMajors() []majorsPair {
	majors := sandbox.Majors()
	oldest, newest := majors[0], majors[len(majors)-1]
	if oldest == newest {
		return []majorsPair{{newest, newest}}
	}
	return []majorsPair{{oldest, newest}, {newest, newest}}
}

// sscan reads a row of sandbox.Query.
func sscan(row string, into ...any) (int, error) {
	return fmt.Sscan(strings.ReplaceAll(row, "|", " "), into...)
}
