package view

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/dustin/go-humanize"

	"sluice/executor/progress"
	"sluice/planner"
	"sluice/planner/catalog"
	"sluice/state"
)

// StatusOf is one migration of sluice status.
type StatusOf struct {
	Address  string
	State    state.State       // zero where nothing was applied yet
	Back     *state.State      // of the way back; nil: there is none, or nobody knows
	Findings []planner.Finding // why the state could not be read
}

// Status writes how migrations stand, as their states record it. Now is for
// what is a while ago.
func Status(w io.Writer, migrations []StatusOf, now time.Time) error {
	var b strings.Builder
	for i, m := range migrations {
		if i > 0 {
			b.WriteString("\n")
		}
		statusText(&b, m, now)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func statusText(b *strings.Builder, m StatusOf, now time.Time) {
	fmt.Fprintf(b, "%s  %s\n", m.Address, stateWord(m))
	defer func() {
		if m.Back != nil {
			fmt.Fprintf(b, "\n%s, the way back  %s\n", m.Address, backWord(*m.Back))
			recordedText(b, *m.Back, nextBack(*m.Back), now)
		}
	}()
	for _, f := range m.Findings {
		fmt.Fprintf(b, "  ! %s  %s\n", f.Code, oneLine(f.Summary))
		for _, text := range append([]string{f.Detail}, f.Fix...) {
			if text != "" {
				fmt.Fprintf(b, "          %s\n", oneLine(text))
			}
		}
	}
	if !m.State.Exists() {
		if len(m.Findings) == 0 {
			b.WriteString("  nothing was applied yet: sluice plan shows what would be done\n")
		}
		return
	}
	recordedText(b, m.State, next(m), now)
}

// recordedText is what a state says.
func recordedText(b *strings.Builder, s state.State, next string, now time.Time) {
	field := func(name, text string) { fmt.Fprintf(b, "  %-9s %s\n", name, text) }
	if s.Error != "" {
		field("error", oneLine(s.Error))
	}
	field("process", leaseText(s.Lease, now))
	if s.Phase != state.CutOver {
		if text := lagText(s.Position, now); text != "" {
			field("lag", text)
		}
	}
	if spool := s.Spool; spool.Directory != "" {
		field("spool", statusSpool(spool))
	}
	if text := appliedText(s.Position); text != "" {
		field("applied", text)
	}
	field("steps", comma(int64(stepsDone(s)))+" done")
	for _, build := range building(s) {
		field("building", buildText(build, now))
	}
	for _, q := range s.Quarantined {
		if q.Paused {
			field("paused", pausedText(q, s.Spool.Directory != "", now))
		} else {
			field("quarantine", quarantineText(q, now))
		}
	}
	field("next", next)
	tablesText(b, s)
}

// stateWord is the state in one word of state.Phase.
func stateWord(m StatusOf) string {
	switch {
	case m.Back != nil && m.Back.Phase == state.CutOver:
		return "rolled back"
	case m.State.Exists() && m.State.Phase != "":
		return string(m.State.Phase)
	case len(m.Findings) > 0:
		return "unknown"
	}
	return string(state.Planned)
}

// backWord is the state of a way back.
func backWord(s state.State) string {
	switch s.Phase {
	case state.CutOver:
		return "gone"
	case "":
		return "not begun"
	}
	return string(s.Phase)
}

// nextBack says what comes next on the way back.
func nextBack(s state.State) string {
	switch {
	case s.Phase == state.CutOver:
		return "sluice cleanup removes what is left on both sides"
	case s.Lease.Live:
		return "sluice rollback switches back to the source; sluice cleanup gives the way back up"
	}
	return "sluice apply brings what is written on the target to the source; until then the target keeps its WAL"
}

// building is what the process that holds the migration builds.
func building(s state.State) (builds []progress.Build) {
	if !s.Lease.Live {
		return nil
	}
	for _, b := range s.Lease.Builds {
		builds = append(builds, progress.Build(b))
	}
	return builds
}

func leaseText(l state.Lease, now time.Time) string {
	if l.Holder == "" {
		return "none"
	}
	since := spell(now.Sub(l.Heartbeat)) + " ago"
	if l.Live {
		return fmt.Sprintf("%s at work, heard of %s", oneLine(l.Holder), since)
	}
	return fmt.Sprintf("none; %s was last heard of %s", oneLine(l.Holder), since)
}

// lag is how far the target is behind, as far as the state knows. A source that
// has written nothing beyond what is applied is idle: its lag is 0, however
// long ago its last transaction was.
func lag(p state.Position, now time.Time) (bytes int64, seconds time.Duration) {
	if p.SourceLSN <= p.LSN {
		return 0, 0
	}
	if !p.CommitTime.IsZero() {
		seconds = max(now.Sub(p.CommitTime), 0)
	}
	return int64(p.SourceLSN - p.LSN), seconds
}

func lagText(p state.Position, now time.Time) string {
	if p.LSN == 0 {
		return ""
	}
	bytes, seconds := lag(p, now)
	return fmt.Sprintf("%s (%s), applied up to %s", spell(seconds), humanize.IBytes(uint64(bytes)), progress.LSN(p.LSN))
}

// statusSpool is "1.2 GiB of 500 GiB in /var/lib/sluice, the changes from 0/1A2B to
// 0/3C4D", and why it is full.
func statusSpool(s state.Spool) string {
	text := fmt.Sprintf("%s of %s in %s, the changes from %s to %s",
		humanize.IBytes(uint64(s.Bytes)), humanize.IBytes(uint64(s.MaxBytes)), oneLine(s.Directory), progress.LSN(s.From), progress.LSN(s.To))
	if s.Full != "" {
		text += "; full, the source keeps its WAL: " + oneLine(s.Full)
	}
	return text
}

// quarantineText is "public.t since 5m ago, from 0/1A2B on: 12 changes passed over; insert
// (id=5): ERROR: …".
func quarantineText(q state.Quarantined, now time.Time) string {
	what := q.Operation
	if q.Key != "" {
		what += " (" + q.Key + ")"
	}
	return oneLine(fmt.Sprintf("%s since %s ago, from %s on: %s changes passed over; %s: %s",
		catalog.Name{Schema: q.Schema, Local: q.Table}, spell(now.Sub(q.Since)), progress.LSN(q.LSN), comma(q.Passed), what, q.Reason))
}

// pausedText is "public.t since 5m ago, from 0/1A2B on: 12 changes wait, and the source
// keeps its WAL from there on; column "x" is new".
func pausedText(q state.Quarantined, spooled bool, now time.Time) string {
	keeps := "the source keeps its WAL"
	if spooled {
		keeps = "the spool keeps all"
	}
	return oneLine(fmt.Sprintf("%s since %s ago, from %s on: %s changes wait, and %s from there on; %s",
		catalog.Name{Schema: q.Schema, Local: q.Table}, spell(now.Sub(q.Since)), progress.LSN(q.LSN), comma(q.Passed), keeps, q.Reason))
}

func appliedText(p state.Position) string {
	if p.Inserts+p.Updates+p.Deletes+p.Truncates == 0 {
		return ""
	}
	return fmt.Sprintf("%s inserts, %s updates, %s deletes, %s truncates",
		comma(p.Inserts), comma(p.Updates), comma(p.Deletes), comma(p.Truncates))
}

func stepsDone(s state.State) int {
	n := 0
	for _, step := range s.Steps {
		if step.State == state.StepDone {
			n++
		}
	}
	return n
}

// next says what comes next, and who begins it.
func next(m StatusOf) string {
	s := m.State
	unchecked := planner.Unchecked(s)
	switch {
	case m.Back != nil && m.Back.Phase == state.CutOver:
		return "point the application at the source again; to move it another time, sluice cleanup first"
	case m.Back != nil:
		return "point the application at the target; the way back is open until sluice cleanup"
	case s.Phase == state.CutOver && unchecked > 0 && s.Lease.Live:
		return fmt.Sprintf("point the application at the target; meanwhile the rows of %s are checked there", counted(unchecked, "foreign key"))
	case s.Phase == state.CutOver && unchecked > 0:
		return fmt.Sprintf("point the application at the target; sluice apply checks the rows of %s there", counted(unchecked, "foreign key"))
	case s.Phase == state.CutOver:
		return "point the application at the target; sluice cleanup removes the slot and this state"
	case s.Phase == state.Completed:
		return "sluice verify compares both sides; sluice cleanup removes this state"
	case len(s.Quarantined) > 0 && (!s.Lease.Live || s.Phase == state.Following || s.Phase == state.Ready):
		var again strings.Builder
		for _, q := range s.Quarantined {
			if !q.Paused {
				fmt.Fprintf(&again, " -replace %s", oneLine(catalog.Name{Schema: q.FromSchema, Local: q.FromTable}.String()))
			}
		}
		if again.Len() == 0 {
			return "sluice plan says how what is paused goes on; then sluice apply"
		}
		return "put right what is in the way; then sluice apply" + again.String() + " loads what is in quarantine again"
	case !s.Lease.Live:
		return "sluice apply goes on from here"
	case s.Phase == state.Following, s.Phase == state.Ready:
		return "sluice verify compares both sides; sluice cutover switches over"
	case s.Phase == state.Paused, s.Phase == state.Failed:
		return "see the error, then sluice apply"
	}
	return "the running process goes on by itself"
}
