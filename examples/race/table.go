//go:build unix

package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"time"

	"github.com/dustin/go-humanize"
)

// result is what a racer did in all rounds.
type result struct {
	racer
	missed error // why it did not take part
	err    error // why it is out
	runs   []run
}

// run is one round of one racer.
type run struct {
	took, cpu time.Duration
	peak      int64 // bytes
	hidden    bool  // the peak is at most this: less cannot be seen
}

func took(r run) time.Duration { return r.took }
func cpu(r run) time.Duration  { return r.cpu }

// sorted are the values of all rounds, the smallest first.
func sorted(runs []run, value func(run) time.Duration) []time.Duration {
	values := make([]time.Duration, len(runs))
	for i, r := range runs {
		values[i] = value(r)
	}
	slices.Sort(values)
	return values
}

// median is the upper one of two in the middle.
func median(runs []run, value func(run) time.Duration) time.Duration {
	return sorted(runs, value)[len(runs)/2]
}

func highest(runs []run) run {
	return slices.MaxFunc(runs, func(a, b run) int { return cmp.Compare(a.peak, b.peak) })
}

// print says what was raced, and of each racer the medians and how many times sluice's time it took: above 1 sluice is
// faster.
func (c *course) print(w io.Writer, results []*result) {
	fmt.Fprintf(w, "%s %d: %s; %d tables, %s\n", c.workload.name, c.scale, c.workload.about, len(c.tables), humanize.IBytes(uint64(c.bytes)))
	fmt.Fprintf(w, "PostgreSQL %d, %d processors for both servers and the client, medians of %d rounds\n", c.source.Major(), runtime.NumCPU(), c.rounds)
	for _, class := range []class{rowsAlone, everything} {
		printClass(w, class, c.bytes, slices.DeleteFunc(slices.Clone(results), func(r *result) bool { return r.class != class }))
	}
	fmt.Fprint(w, `
Ratio: how many times sluice's time. Client CPU: user and system time of its processes; by size: of the tables, without
indexes. Peak memory: of the largest of its processes. Sluice plans, and collects statistics (ANALYZE), in both.
`)
}

func printClass(w io.Writer, class class, size int64, results []*result) {
	fmt.Fprintf(w, "\n%s\n%-40s %9s %15s %7s %11s %13s %13s\n", class, "", "median", "from–to", "ratio", "client CPU", "by size", "peak memory")
	for _, r := range results {
		switch {
		case r.missed != nil:
			fmt.Fprintf(w, "  %-38s left out: %v\n", r.title, r.missed)
			continue
		case r.err != nil:
			fmt.Fprintf(w, "  %-38s out: see below\n", r.title)
			continue
		}
		times, used := sorted(r.runs, took), median(r.runs, cpu)
		fmt.Fprintf(w, "  %-38s %9s %15s %7s %11s %13s %13s\n", r.title,
			seconds(median(r.runs, took)), fmt.Sprintf("%.2f–%.2f", times[0].Seconds(), times[len(times)-1].Seconds()), ratio(results, r),
			seconds(used), fmt.Sprintf("%.1f s/GiB", used.Seconds()/(float64(size)/(1<<30))), memory(highest(r.runs)))
	}
}

// ratio is to sluice's own in the same class.
func ratio(results []*result, r *result) string {
	i := slices.IndexFunc(results, func(r *result) bool { return r.name == measure })
	if own := results[i]; len(own.runs) > 0 {
		return fmt.Sprintf("%.2f", median(r.runs, took).Seconds()/median(own.runs, took).Seconds())
	}
	return ""
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.2f s", d.Seconds()) }

func memory(r run) string {
	text := humanize.IBytes(uint64(r.peak))
	if r.hidden {
		return "below " + text
	}
	return text
}

// failures are why racers are out.
func failures(results []*result) error {
	var all []error
	for _, r := range results {
		if r.err != nil {
			all = append(all, fmt.Errorf("%s (%s): %w", r.title, r.class, r.err))
		}
	}
	return errors.Join(all...)
}
