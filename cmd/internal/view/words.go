package view

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/dustin/go-humanize"

	"sluice/planner"
)

// sizeText is a number of bytes for people: 8.1 GiB.
func sizeText(bytes int64) string {
	if bytes <= 0 {
		return ""
	}
	return humanize.IBytes(uint64(bytes))
}

// reloadRate is what a table of usual rows takes in by one COPY with its indexes
// in place, in bytes a second: the order of magnitude for a person who says yes.
const reloadRate = 40 << 20

// timeText is how long it takes about to load so many bytes again.
func timeText(bytes int64) string {
	switch seconds := bytes / reloadRate; {
	case bytes <= 0:
		return ""
	case seconds < 60:
		return "seconds"
	case seconds < 100*60:
		return fmt.Sprintf("~%d min", seconds/60)
	default:
		return fmt.Sprintf("~%d h", (seconds+1800)/3600)
	}
}

// rowsText is an estimate of rows for people: ~1.2M rows.
func rowsText(n int64) string {
	switch {
	case n <= 0:
		return ""
	case n < 10_000:
		return "~" + comma(n) + " rows"
	}
	for _, unit := range []struct {
		size int64
		name string
	}{{1e12, "T"}, {1e9, "G"}, {1e6, "M"}, {1e3, "k"}} {
		if n >= unit.size {
			return "~" + humanize.FtoaWithDigits(float64(n)/float64(unit.size), 1) + unit.name + " rows"
		}
	}
	return ""
}

// counted is a number with its noun: 1 table, 2 indexes, 3 policies.
func counted(n int, noun string) string {
	return comma(int64(n)) + " " + plural(n, noun)
}

func plural(n int, noun string) string {
	switch {
	case n == 1:
		return noun
	case strings.HasSuffix(noun, "x"), strings.HasSuffix(noun, "s"):
		return noun + "es"
	case strings.HasSuffix(noun, "y") && !strings.HasSuffix(noun, "ey"):
		return strings.TrimSuffix(noun, "y") + "ies"
	}
	return noun + "s"
}

// line is a place within the one file that a reader has in mind: ":12".
func line(p *planner.Place) string {
	if p == nil {
		return ""
	}
	return fmt.Sprintf(":%d", p.Line)
}

// location is a place in full: shop.sluice.hcl:12.
func location(p *planner.Place) string {
	if p == nil {
		return ""
	}
	return printable(filepath.ToSlash(p.File)) + line(p)
}

// list joins what is not empty.
func list(separator string, parts ...string) string {
	var some []string
	for _, p := range parts {
		if p != "" {
			some = append(some, p)
		}
	}
	return strings.Join(some, separator)
}
