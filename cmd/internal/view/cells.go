package view

import (
	"fmt"
	"strconv"
	"strings"

	"sluice/planner"
	"sluice/planner/catalog"
)

// cells are the columns of a step's line.
func (v *planView) cells(s *planner.Step) []string {
	e := v.plan.Estimates[s.ID]
	notes := make([]string, len(s.Note))
	for i, n := range s.Note {
		notes[i] = printable(n)
	}
	if s.Copy != nil && s.Copy.Mode == planner.ChunkSnapshots {
		notes = append(notes, "chunks by "+printable(s.Copy.Key))
	}
	if s.Action == planner.CreateSpool {
		notes = append(notes, "at most "+sizeText(v.plan.Spool.MaxBytes))
	}
	if s.Action == planner.Reload || s.Action == planner.Remake {
		notes = append(notes, timeText(e.Bytes))
	}
	return []string{
		symbol(s),
		strconv.Itoa(s.Number),
		kindWord(s),
		printable(s.Object.Label()),
		sizeText(e.Bytes),
		rowsText(e.Rows),
		list(", ", notes...),
		after(s),
		list(" ", needed(s), line(s.Reason.Place)),
	}
}

// after names the steps that come before; of many the last ones, which are the
// nearest.
func after(s *planner.Step) string {
	const most = 4
	if len(s.After) == 0 {
		return ""
	}
	var numbers []string
	for _, n := range s.After[max(0, len(s.After)-most):] {
		numbers = append(numbers, strconv.Itoa(n))
	}
	text := "after " + strings.Join(numbers, ", ")
	if more := len(s.After) - most; more > 0 {
		text += fmt.Sprintf(" + %d", more)
	}
	return text
}

// needed is why a step is in the plan though no pattern takes its object.
func needed(s *planner.Step) string {
	if strings.HasPrefix(s.Reason.Text, "needed by ") {
		return printable(s.Reason.Text)
	}
	return ""
}

// kindWord is the kind of the object, or what is done where that says more.
func kindWord(s *planner.Step) string {
	switch s.Action {
	case planner.SetSequences:
		return "sequences"
	case planner.CopyConfiguration:
		return "rows of"
	case planner.Join, planner.Leave, planner.Reload, planner.Remake, planner.Truncate, planner.Adopt, planner.Analyze, planner.Refresh, planner.Converge, planner.Follow, planner.Gate,
		planner.Arm, planner.Disarm, planner.Fence, planner.Lift, planner.Terminate, planner.Drain, planner.Open, planner.Forget:
		return string(s.Action)
	}
	if s.Object.Kind == catalog.KindForeignKey {
		return "fk"
	}
	return printable(string(s.Object.Kind))
}

// symbol says at a glance what a step does.
func symbol(s *planner.Step) string {
	if s.Done {
		return "="
	}
	switch s.Action {
	case planner.Create, planner.CreateSlot, planner.CreateSpool, planner.Arm:
		return "+"
	case planner.Drop, planner.DropSlot, planner.DropSpool, planner.Disarm, planner.Forget, planner.Terminate, planner.Truncate:
		return "-"
	case planner.Reload, planner.Remake:
		return "-/+"
	case planner.Copy, planner.Adopt, planner.CopyLargeObjects, planner.CopyConfiguration, planner.Refresh:
		return ">"
	case planner.Follow, planner.Converge, planner.Join, planner.Drain:
		return "~>"
	}
	return "~"
}

func tint(s *planner.Step) ink {
	switch symbol(s) {
	case "+":
		return inkGreen
	case "-", "-/+":
		return inkRed
	case "~":
		return inkYellow
	case "=":
		return inkDim
	}
	return inkCyan
}
