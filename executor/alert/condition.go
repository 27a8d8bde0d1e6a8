package alert

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/dustin/go-humanize"

	"sluice/executor/progress"
	"sluice/state"
)

// condition is what an alert can be about.
type condition struct {
	title    string
	severity string // critical: it needs a person; warning: it may; info
	// holds says that it is so, with the figures for people. An alert's limit is
	// exceeded only above it.
	holds func(s progress.Status, a state.Alert) (detail string, holds bool)
}

// conditions by their words, which are those of the configuration's "on".
var conditions = map[string]condition{
	"failure":        {"the migration has ended with an error", "critical", failed()},
	"ddl":            {"a table has changed on the source", "critical", drifted},
	"divergence":     {"a change does not fit the target", "critical", diverged},
	"retrying":       {"what failed is tried again", "warning", retrying},
	"lag":            {"the changes lag behind", "warning", lagging},
	"wal":            {"the slot keeps WAL on the source", "warning", keepingWAL},
	"spool":          {"the spool fills up", "warning", fillingSpool},
	"full_load_time": {"the full load takes long", "warning", loadingLong},
	"no_progress":    {"nothing moves", "warning", standing},
	"verify":         {"source and target are not equal", "critical", different},
	"ready":          {"ready to cut over", "info", ready},
}

// Words are what an alert can be about, in order.
func Words() []string { return slices.Sorted(maps.Keys(conditions)) }

// failed is a failure of one of the kinds, or any: of this run, or of the one
// before, until this one has got further.
func failed(kinds ...progress.FailureKind) func(progress.Status, state.Alert) (string, bool) {
	of := func(f progress.Failure) (string, bool) {
		return f.Reason, len(kinds) == 0 || slices.Contains(kinds, f.Kind)
	}
	return func(s progress.Status, _ state.Alert) (string, bool) {
		switch {
		case s.Failure != nil:
			return of(*s.Failure)
		case s.Before != nil && !s.Before.Over:
			return of(s.Before.Failure)
		}
		return "", false
	}
}

// diverged is a failure of that kind, or a table that is in quarantine since.
func diverged(s progress.Status, a state.Alert) (string, bool) {
	if detail, holds := failed(progress.FailureDivergence)(s, a); holds {
		return detail, true
	}
	return aside(s, false, "%s.%s is in quarantine from %s on: %s")
}

// drifted is a failure of that kind, or a table that is paused since.
func drifted(s progress.Status, a state.Alert) (string, bool) {
	if detail, holds := failed(progress.FailureDrift)(s, a); holds {
		return detail, true
	}
	return aside(s, true, "%s.%s is paused, and what it needs is kept from %s on: %s")
}

// aside are the tables that are paused, or those in quarantine, a line each.
func aside(s progress.Status, paused bool, text string) (string, bool) {
	tables := slices.DeleteFunc(slices.Clone(s.Quarantined), func(q progress.Quarantined) bool { return q.Paused != paused })
	var lines []string
	for i, q := range tables {
		if i == shown {
			lines = append(lines, fmt.Sprintf("and %d more tables", len(tables)-shown))
			break
		}
		lines = append(lines, fmt.Sprintf(text, q.Schema, q.Table, q.LSN, q.Reason))
	}
	return strings.Join(lines, "\n"), len(lines) > 0
}

// ofFailure says that a condition is about how a run has ended.
func ofFailure(word string) bool {
	return slices.Contains([]string{"failure", "ddl", "divergence"}, word)
}

func retrying(s progress.Status, a state.Alert) (string, bool) {
	r := s.Retrying
	if r == nil || s.At.Sub(r.Since) <= a.Over {
		return "", false
	}
	return fmt.Sprintf("since %s, until %s: %s", moment(r.Since), moment(r.Until), r.Reason), true
}

// lagging does not count while the changes catch up with the load: that they are
// behind then is no news.
func lagging(s progress.Status, a state.Alert) (string, bool) {
	if !following(s) || s.Stream == nil || s.Stream.Lag.Duration() <= a.Over {
		return "", false
	}
	return fmt.Sprintf("%s behind, %s of WAL", rounded(s.Stream.Lag.Duration()), size(s.Stream.LagBytes)), true
}

func keepingWAL(s progress.Status, a state.Alert) (string, bool) {
	if s.Stream == nil || s.Stream.RetainedBytes <= a.OverBytes {
		return "", false
	}
	return size(s.Stream.RetainedBytes) + " are kept", true
}

func fillingSpool(s progress.Status, _ state.Alert) (string, bool) {
	if s.Stream == nil || s.Stream.Spool == nil || !s.Stream.Spool.Filling {
		return "", false
	}
	kept := s.Stream.Spool
	detail := fmt.Sprintf("%s of %s are used", size(kept.Bytes), size(kept.MaxBytes))
	if kept.Full != "" {
		detail += "; it is full, and the source keeps its WAL: " + kept.Full
	}
	return detail, true
}

func loadingLong(s progress.Status, a state.Alert) (string, bool) {
	l := s.Load
	if l.TablesDone == l.Tables || l.Elapsed.Duration() <= a.Over {
		return "", false
	}
	return fmt.Sprintf("%d of %d tables are done after %s", l.TablesDone, l.Tables, rounded(l.Elapsed.Duration())), true
}

// standing: a target that has all that the source has needs not move.
func standing(s progress.Status, a state.Alert) (string, bool) {
	idle := s.Stream != nil && s.Stream.Drained
	if idle || s.Moved.IsZero() || s.At.Sub(s.Moved) <= a.Over {
		return "", false
	}
	detail := "nothing since " + moment(s.Moved)
	if s.Waiting != "" {
		detail += "; waiting: " + s.Waiting
	}
	return detail, true
}

// shown bounds the tables in a message.
const shown = 5

func different(s progress.Status, _ state.Alert) (string, bool) {
	var lines []string
	for i, d := range s.Different {
		if i == shown {
			lines = append(lines, fmt.Sprintf("and %d more tables", len(s.Different)-shown))
			break
		}
		lines = append(lines, fmt.Sprintf("%s.%s: %s", d.Schema, d.Table, d.Detail))
	}
	return strings.Join(lines, "\n"), len(lines) > 0
}

// ready is when a cutover's gate would open; its limit is cutover.max_lag.
func ready(s progress.Status, a state.Alert) (string, bool) {
	is := following(s) && s.Failure == nil && len(s.Different) == 0 && len(s.Quarantined) == 0 &&
		s.Stream != nil && s.Stream.LagKnown && s.Stream.Lag.Duration() <= a.Over
	return "the changes are followed, and no difference is known", is
}

func following(s progress.Status) bool {
	return slices.Contains([]state.Phase{state.Following, state.Ready, state.CuttingOver}, state.Phase(s.Phase))
}

// over says that there is nothing left to tell of: the migration is at its end.
func over(s progress.Status) bool {
	return slices.Contains([]state.Phase{state.CutOver, state.Completed}, state.Phase(s.Phase))
}

func moment(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }

func rounded(d time.Duration) string { return d.Round(time.Second).String() }

func size(n int64) string { return humanize.IBytes(uint64(max(n, 0))) }
