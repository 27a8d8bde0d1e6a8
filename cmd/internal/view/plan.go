package view

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"

	"sluice/planner"
	"sluice/state"
)

// Plan writes a plan for the person who is to say yes to it. The verdict stands
// near the top and in the last line.
func Plan(w io.Writer, p *planner.Plan, o Options) error {
	buffer := bufio.NewWriter(w)
	v := &planView{Options: o, w: buffer, plan: p}
	v.header()
	v.findings("Conflicts", "!", inkRed, planner.Finding.Blocks)
	v.findings("Warnings", "?", inkYellow, planner.Finding.Warns)
	v.settings()
	v.onSource()
	v.stages()
	v.omissions()
	v.totals()
	return buffer.Flush()
}

// JSON writes a plan in its canonical form.
func JSON(w io.Writer, p *planner.Plan) error {
	text, err := p.JSON()
	if err != nil {
		return err
	}
	_, err = w.Write(text)
	return err
}

type planView struct {
	Options
	w    *bufio.Writer // keeps its first error until Flush
	plan *planner.Plan
}

func (v *planView) println(parts ...string) {
	fmt.Fprintln(v.w, strings.Join(parts, ""))
}

func (v *planView) heading(text, rest string) {
	v.println()
	v.println(v.paint(inkBold, text), rest)
}

func (v *planView) header() {
	p := v.plan
	title := "sluice " + v.command() + "  " + printable(p.Migration)
	if p.Back != nil {
		title += ", the way back"
	}
	for _, variable := range p.Variables {
		title += fmt.Sprintf("   %s = %s (%s)", printable(variable.Name), printable(variable.Value), printable(variable.Origin))
	}
	v.println(v.paint(inkBold, title))
	ends := [][]string{v.endpoint("from", p.Source), v.endpoint("to", p.Target)}
	for _, text := range columns(ends, nil) {
		v.println("  ", text)
	}
	phase := p.Phase
	if phase == "" {
		phase = "none yet"
	}
	v.println(fmt.Sprintf("  id    %s   state: %s", shortID(p.ID), printable(phase)))
	v.println()
	v.println(v.verdict())
}

// command is what the plan was made by, as its first step tells.
func (v *planView) command() string {
	if len(v.plan.Steps) > 0 {
		switch v.plan.Steps[0].Stage {
		case planner.StageCutover:
			if v.plan.Back != nil {
				return "rollback"
			}
			return "cutover"
		case planner.StageCleanup:
			return "cleanup"
		}
	}
	return "plan"
}

func (v *planView) endpoint(word string, e planner.Endpoint) []string {
	return []string{
		fmt.Sprintf("%-4s", word),
		printable(e.Ref + " / " + e.Database),
		"PostgreSQL " + printable(e.Version),
		sizeText(e.Bytes),
	}
}

// shortID is enough of an ID to tell two plans apart.
func shortID(id string) string {
	const enough = len("sha256:") + 12
	if len(id) > enough {
		return printable(id[:enough]) + "…"
	}
	return printable(id)
}

// verdict is the one line that a reader in a hurry needs.
func (v *planView) verdict() string {
	conflicts, warnings := v.plan.Conflicts(), v.warnings()
	tail := ""
	if warnings > 0 {
		tail = " " + counted(warnings, "warning") + "."
	}
	switch pending := v.plan.Pending(); {
	case conflicts > 0:
		return v.paint(inkRed, "BLOCKED") + "  " + counted(conflicts, "conflict") + "." + tail
	case len(v.plan.Settings) > 0 && (pending == 0 || v.runsOn()):
		return v.paint(inkGreen, "READY") + "  " + counted(len(v.plan.Settings), "setting") + " to change in place, while the migration goes on." + tail
	case pending == 0:
		return v.paint(inkGreen, "No changes.") + " Nothing to do: " + v.phrase() + tail
	case v.runsOn():
		return v.paint(inkGreen, "No changes.") + " Everything is done, and the changes are followed: the migration is " + v.plan.Phase + "." + tail
	case pending < len(v.plan.Steps):
		return v.paint(inkGreen, "READY") + "  " + fmt.Sprintf("%d of %s to do.", pending, counted(len(v.plan.Steps), "step")) + tail
	default:
		return v.paint(inkGreen, "READY") + "  " + counted(pending, "step") + " to do." + tail
	}
}

func (v *planView) phrase() string {
	if len(v.plan.Steps) == 0 {
		return "the target has all that is selected."
	}
	if v.plan.Phase == "" {
		return "every step of this plan is done."
	}
	return "every step of this plan is done; the migration is " + printable(v.plan.Phase) + "."
}

// settings are the numbers that change in place.
func (v *planView) settings() {
	if len(v.plan.Settings) == 0 {
		return
	}
	v.heading("Changed in the process that runs", "")
	var lines [][]string
	for _, s := range v.plan.Settings {
		lines = append(lines, []string{"~", s.Name, s.From + " → " + s.To, "in place"})
	}
	for _, text := range columns(lines, nil) {
		v.println("  ", v.paint(inkYellow, text[:1]), text[1:])
	}
}

// runsOn says that nothing is left but to follow the changes, which is going on.
func (v *planView) runsOn() bool {
	following := []state.Phase{state.Following, state.Ready}
	if !slices.Contains(following, state.Phase(v.plan.Phase)) {
		return false
	}
	return !slices.ContainsFunc(v.plan.Steps, func(s planner.Step) bool {
		return !s.Done && s.Action != planner.Follow
	})
}

func (v *planView) warnings() (n int) {
	for _, f := range v.plan.Findings {
		if f.Warns() {
			n++
		}
	}
	return n
}
