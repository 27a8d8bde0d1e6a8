package executor_test

import (
	"fmt"
	"strings"

	"sluice/examples/sandbox"
)

// majorsPair is a move from one major version to another.
type majorsPair struct{ source, target int }

func (p majorsPair) String() string { return fmt.Sprintf("%d to %d", p.source, p.target) }

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
