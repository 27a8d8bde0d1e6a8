package alert

import (
	"fmt"
	"hash/fnv"
	"maps"
	"regexp"
	"slices"
	"time"

	"sluice/state"
)

// Subject is what messages are about.
type Subject struct {
	Migration string            // its address
	Tags      map[string]string // labels of every message
}

// kind says what a message is for.
type kind int

// The kinds of message.
const (
	firing   kind = iota
	refresh       // it still fires; only Alertmanager needs to hear that
	resolved      // it does no more
	trial         // sluice alert test
)

// message is one thing to tell.
type message struct {
	Subject
	alert    state.Alert
	kind     kind
	detail   string // figures, or the error; for a resolved one, what it was
	startsAt time.Time
	at       time.Time
}

// status is the word that Alertmanager has for it.
func (m message) status() string {
	if m.kind == resolved {
		return "resolved"
	}
	return "firing"
}

// summary is the message in a line.
func (m message) summary() string {
	title := conditions[m.alert.On].title
	switch m.kind {
	case resolved:
		return fmt.Sprintf("%s: resolved: %s", m.Migration, title)
	case trial:
		return fmt.Sprintf("%s: a test of the alert %q", m.Migration, m.alert.Name)
	case firing, refresh:
	}
	return fmt.Sprintf("%s: %s", m.Migration, title)
}

// notInLabel is what the name of a label cannot have, but a tag may.
var notInLabel = regexp.MustCompile(`[^a-zA-Z0-9_]|^[0-9]`)

// labels tell alerts apart. A tag never takes the place of one of our own.
func (m message) labels() map[string]string {
	labels := map[string]string{}
	for _, tag := range slices.Sorted(maps.Keys(m.Tags)) {
		labels[notInLabel.ReplaceAllString(tag, "_")] = m.Tags[tag]
	}
	labels["alertname"], labels["migration"] = m.alert.Name, m.Migration
	labels["on"], labels["severity"] = m.alert.On, conditions[m.alert.On].severity
	if m.kind == trial {
		labels["test"] = "true"
	}
	return labels
}

func (m message) annotations() map[string]string {
	return map[string]string{"summary": m.summary(), "description": m.detail}
}

// fingerprint is a name for the labels.
func fingerprint(labels map[string]string) string {
	h := fnv.New64a()
	for _, name := range slices.Sorted(maps.Keys(labels)) {
		fmt.Fprintf(h, "%s\xff%s\xff", name, labels[name])
	}
	return fmt.Sprintf("%016x", h.Sum64())
}
