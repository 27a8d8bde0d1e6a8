package planner

import (
	"slices"
	"strconv"
	"strings"

	"sluice/state"
)

// alertChanges are the alerts that differ: one that is new or gone in a line, one
// that is another in a line for each argument.
func alertChanges(from, to []state.Alert) (changes []Setting) {
	for _, old := range from {
		next := slices.IndexFunc(to, func(a state.Alert) bool { return a.Name == old.Name })
		if next < 0 {
			changes = append(changes, Setting{"alert." + old.Name, old.On, unlimited})
			continue
		}
		after := arguments(to[next])
		for i, before := range arguments(old) {
			if before.text != after[i].text {
				changes = append(changes, Setting{"alert." + old.Name + "." + before.name, before.text, after[i].text})
			}
		}
	}
	for _, a := range to {
		if !slices.ContainsFunc(from, func(old state.Alert) bool { return a.Name == old.Name }) {
			changes = append(changes, Setting{"alert." + a.Name, unlimited, a.On})
		}
	}
	return changes
}

type argument struct{ name, text string }

// arguments are those of an alert, in the order of the configuration.
func arguments(a state.Alert) []argument {
	over := duration(a.Over)
	if a.OverBytes > 0 {
		over = bytesLimit(a.OverBytes)
	}
	return []argument{
		{"on", a.On}, {"over", over}, {"for", duration(a.For)}, {"repeat", duration(a.Repeat)},
		{"webhook", secretRef(a.Webhook)}, {"alertmanager", secretRef(a.Alertmanager)}, {"slack", secretRef(a.Slack)},
		{"exec", command(a.Exec)}, {"email", email(a.Email)},
	}
}

func secretRef(name string) string {
	if name == "" {
		return unlimited
	}
	return "secret." + name
}

// command is as the file has it: where a word ends can be all that differs.
func command(words []string) string {
	if len(words) == 0 {
		return unlimited
	}
	quoted := make([]string, len(words))
	for i, word := range words {
		quoted[i] = strconv.Quote(word)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

// email has all that its block has, so that no edit looks like none.
func email(e *state.Email) string {
	if e == nil {
		return unlimited
	}
	text := e.From + " to " + strings.Join(e.To, ", ") + " by " + e.Host
	if e.User != "" {
		text += " as " + e.User + " with " + secretRef(e.Password)
	}
	return text
}
