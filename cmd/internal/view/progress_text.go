package view

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/dustin/go-humanize"

	"sluice/executor/progress"
	"sluice/planner/catalog"
)

// loadText is "load 37 %, 3 of 40 tables, 8.1 GiB, 54,000 rows/s, 61 MiB/s,
// ~6m left", or empty before the load, and once it is done and the changes flow.
func loadText(s progress.Status) string {
	l := s.Load
	if l.Tables == 0 || l.Done == 1 && s.Stream != nil {
		return ""
	}
	parts := []string{
		"load " + percent(l.Done),
		fmt.Sprintf("%s of %s", comma(int64(l.TablesDone)), counted(l.Tables, "table")),
		comma(l.Rows) + " rows", humanize.IBytes(uint64(max(l.Bytes, 0))),
	}
	if l.Done < 1 {
		parts = append(parts, comma(round(l.RowsPerS))+" rows/s", humanize.IBytes(uint64(max(l.BytesPerS, 0)))+"/s")
		if l.ETA > 0 {
			parts = append(parts, left(l.ETA))
		}
	}
	return strings.Join(parts, "  ")
}

// left is an estimate, so it is not exact about less than a second.
func left(eta progress.Seconds) string {
	return "~" + spell(max(eta.Duration(), time.Second)) + " left"
}

// streamText is "lag 2s (4.0 KiB), 1,200 changes/s, 34,567 applied, WAL kept
// 12 MiB", or empty before the changes.
func streamText(s *progress.Stream) string {
	if s == nil {
		return ""
	}
	lag := "lag not known yet"
	if s.LagKnown {
		lag = "lag " + spell(s.Lag.Duration())
	}
	if s.LagBytes > 0 {
		lag += fmt.Sprintf(" (%s)", humanize.IBytes(uint64(s.LagBytes)))
	}
	a := s.Applied
	parts := []string{
		lag,
		comma(round(s.ChangesPerS)) + " changes/s",
		comma(a.Inserts+a.Updates+a.Deletes) + " applied",
		"WAL kept " + humanize.IBytes(uint64(max(s.RetainedBytes, 0))),
	}
	if p := s.InProgress; p != nil {
		parts = append(parts, comma(p.Changes)+" of transactions in progress")
	}
	if s.Spool != nil {
		parts = append(parts, spoolText(s.Spool.Bytes, s.Spool.MaxBytes, s.Spool.Full))
	}
	return strings.Join(parts, "  ")
}

// spoolText is "spool 1.2 GiB of 500 GiB", and that it is full.
func spoolText(bytes, most int64, full string) string {
	text := fmt.Sprintf("spool %s of %s", humanize.IBytes(uint64(max(bytes, 0))), humanize.IBytes(uint64(max(most, 0))))
	if full != "" {
		text += " (full, the source keeps its WAL)"
	}
	return text
}

// retryingText says what is tried again, and until when.
func retryingText(r *progress.Retrying) string {
	if r == nil {
		return ""
	}
	return fmt.Sprintf("retrying since %s, gives up at %s: %s",
		r.Since.Format(time.TimeOnly), r.Until.Format(time.DateTime+" MST"), oneLine(r.Reason))
}

// tableText is "public.orders  45 %  130 of 290 chunks  1,200 rows  8.1 MiB/s  ~3m left".
func tableText(t progress.Table) string {
	parts := []string{tableName(t), percent(t.Done)}
	if t.Chunks > 1 {
		parts = append(parts, fmt.Sprintf("%s of %s chunks", comma(int64(t.ChunksDone)), comma(int64(t.Chunks))))
	}
	if t.Rows > 0 { // known when a chunk ends
		parts = append(parts, comma(t.Rows)+" rows")
	}
	parts = append(parts, humanize.IBytes(uint64(max(t.BytesPerS, 0)))+"/s")
	if t.ETA > 0 {
		parts = append(parts, left(t.ETA))
	}
	return strings.Join(parts, "  ")
}

// buildText is "create index public.orders_at  of public.orders  reading the table
// 45 %  1,234 of 2,742 blocks  for 3m 05s".
func buildText(b progress.Build, now time.Time) string {
	parts := []string{oneLine(b.Step)}
	if b.Table != "" {
		parts = append(parts, "of "+oneLine(catalog.Name{Schema: b.Schema, Local: b.Table}.String()))
	}
	if b.Phase != "" {
		parts = append(parts, oneLine(b.Phase))
	}
	if b.Total > 0 {
		parts = append(parts, percent(float64(b.Done)/float64(b.Total)), fmt.Sprintf("%s of %s %s", comma(b.Done), comma(b.Total), b.Unit))
	}
	return strings.Join(append(parts, "for "+spell(now.Sub(b.Since))), "  ")
}

func tableName(t progress.Table) string {
	return oneLine(catalog.Name{Schema: t.Schema, Local: t.Table}.String())
}

// percent rounds down: 100 % is the end.
func percent(share float64) string { return fmt.Sprintf("%d %%", int(math.Floor(share*100+1e-9))) }

func comma(n int64) string { return humanize.Comma(n) }

func round(f float64) int64 { return int64(math.Round(f)) }

// spell is a duration for people: 300ms, 42s, 3m 05s, 1h 05m, 3d 4h.
func spell(d time.Duration) string {
	switch {
	case d <= 0:
		return "0s"
	case d < time.Second:
		return fmt.Sprintf("%dms", max(d.Milliseconds(), 1))
	case d < time.Minute:
		return fmt.Sprintf("%ds", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%dm %02ds", int(d.Minutes()), int(d.Seconds())%60)
	case d < 48*time.Hour:
		return fmt.Sprintf("%dh %02dm", int(d.Hours()), int(d.Minutes())%60)
	}
	return fmt.Sprintf("%dd %dh", int(d.Hours())/24, int(d.Hours())%24)
}

// oneLine is text of a server on one line, printable.
func oneLine(text string) string { return printable(strings.Join(strings.Fields(text), " ")) }

// noticeLine is a notice on one line, printable. Its blanks stay: it may be a line of
// a table.
func noticeLine(text string) string { return printable(strings.ReplaceAll(text, "\n", " ")) }

// asideText is "in quarantine: public.orders, public.users and 3 more; paused: public.t".
func asideText(tables []progress.Quarantined) string {
	const most = 2
	var texts []string
	for _, kind := range []struct {
		word   string
		paused bool
	}{{"in quarantine", false}, {"paused", true}} {
		var names []string
		for _, t := range tables {
			if t.Paused == kind.paused {
				names = append(names, oneLine(t.Schema+"."+t.Table))
			}
		}
		if len(names) == 0 {
			continue
		}
		text := kind.word + ": " + strings.Join(names[:min(len(names), most)], ", ")
		if more := len(names) - most; more > 0 {
			text += fmt.Sprintf(" and %d more", more)
		}
		texts = append(texts, text)
	}
	return strings.Join(texts, "; ")
}
