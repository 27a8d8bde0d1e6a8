package view

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"sluice/planner"
	"sluice/planner/catalog"
)

// namesShown is how many of the objects that stay behind for one reason are
// named.
const namesShown = 5

// omissions writes what stays behind, by reason and kind.
func (v *planView) omissions() {
	if len(v.plan.NotMigrated) == 0 {
		return
	}
	v.heading(fmt.Sprintf("Not migrated (%d)", len(v.plan.NotMigrated)), "")
	var lines [][]string
	for _, group := range omissionGroups(v.plan.NotMigrated) {
		first := group[0]
		names := make([]string, 0, namesShown)
		for _, o := range group[:min(len(group), namesShown)] {
			names = append(names, printable(o.Object.Label()))
		}
		text := strings.Join(names, ", ")
		if more := len(group) - namesShown; more > 0 {
			text += fmt.Sprintf(" + %d more", more)
		}
		kind := printable(string(first.Object.Kind))
		if len(group) > 1 {
			kind = counted(len(group), kind)
		}
		lines = append(lines, []string{kind, printable(first.Reason), first.Code, line(first.Place), text})
	}
	for _, text := range columns(lines, nil) {
		v.println("      ", cut(text, v.Width-6))
	}
}

// omissionGroups puts together what has one kind, reason and place.
func omissionGroups(all []planner.Omission) (groups [][]planner.Omission) {
	type key struct {
		kind         catalog.Kind
		reason, line string
	}
	of := func(o planner.Omission) key { return key{o.Object.Kind, o.Reason + o.Code, location(o.Place)} }
	sorted := slices.Clone(all)
	slices.SortStableFunc(sorted, func(a, b planner.Omission) int {
		x, y := of(a), of(b)
		return cmp.Or(strings.Compare(x.reason, y.reason), strings.Compare(x.line, y.line), strings.Compare(string(x.kind), string(y.kind)))
	})
	for _, o := range sorted {
		last := len(groups) - 1
		if last >= 0 && of(groups[last][0]) == of(o) {
			groups[last] = append(groups[last], o)
			continue
		}
		groups = append(groups, []planner.Omission{o})
	}
	return groups
}

// totals closes the plan: what it comes to, and the verdict once more.
func (v *planView) totals() {
	verbs := map[string]int{}
	emptied := 0 // tables
	source := 0
	steps := v.pick(func(s *planner.Step) bool { return !s.Done })
	for _, s := range steps {
		if s.Side == planner.Source {
			source++
		} else {
			verbs[symbol(s)]++
			if s.Action == planner.Truncate { // the rows go, the tables stay
				verbs["-"]--
				emptied += 1 + len(s.Covers)
			}
		}
	}
	some := func(n int, text string) string {
		if n == 0 {
			return ""
		}
		return fmt.Sprintf("%d %s", n, text)
	}
	objects := list(", ",
		some(verbs["+"], "to create"),
		some(verbs["-"], "to drop"),
		some(emptied, "to empty"),
		some(len(v.plan.Right), "already right"),
		some(len(v.plan.NotMigrated), "left out"))
	parts := list("; ", objects, v.toChange(), v.toCopy(steps), v.toWrite(source))
	v.println()
	if parts != "" {
		v.println("Plan: ", parts, ".")
	}
	if text := v.connections(); text != "" {
		v.println("Connections: ", text, ".")
	}
	v.println(v.verdict())
}

// connections are how many the run has at once at most, of those that are free.
func (v *planView) connections() string {
	var parts []string
	for _, side := range []planner.Side{planner.Source, planner.Target} {
		if c, known := v.plan.Connections[side]; known {
			parts = append(parts, fmt.Sprintf("up to %d of %s free on the %s", c.Most, comma(int64(c.Free)), side))
		}
	}
	return strings.Join(parts, ", ")
}

func (v *planView) toCopy(steps []*planner.Step) string {
	tables, bytes, _ := v.rowsOf(steps)
	if tables == 0 {
		return ""
	}
	text := counted(tables, "table")
	if bytes > 0 {
		text += " (" + sizeText(bytes) + ")"
	}
	if v.plan.Stages.Incremental {
		return text + " to copy and follow"
	}
	return text + " to copy"
}

func (v *planView) toChange() string {
	if len(v.plan.Settings) == 0 {
		return ""
	}
	return counted(len(v.plan.Settings), "setting") + " to change in place"
}

func (v *planView) toWrite(n int) string {
	if n == 0 {
		return ""
	}
	return counted(n, "change") + " on the source"
}
