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
	took   time.Duration // of the class live: the median of its transactions
	cpu    time.Duration
	peak   int64 // bytes
	hidden bool  // the peak is at most this: less cannot be seen

	// Of who follows changes:
	start time.Duration // until it reads the slot; 0: it is not looked at
	rate  float64       // changes a second from then on; of the class live, those that were written
	p99   time.Duration // of the class live
}

func took(r run) time.Duration  { return r.took }
func cpu(r run) time.Duration   { return r.cpu }
func start(r run) time.Duration { return r.start }
func p99(r run) time.Duration   { return r.p99 }
func rate(r run) float64        { return r.rate }

// running are the racers that are neither left out nor out.
func running(results []*result) []*result {
	return slices.DeleteFunc(slices.Clone(results), func(r *result) bool { return r.missed != nil || r.err != nil })
}

// note keeps what a racer did in a round, and says it.
func (r *result) note(lap run, err error) string {
	if r.err = err; err != nil {
		return r.title + " is out"
	}
	r.runs = append(r.runs, lap)
	return r.title + ": " + lap.took.Round(10*time.Microsecond).String()
}

// sorted are the values of all rounds, the smallest first.
func sorted[T cmp.Ordered](runs []run, value func(run) T) []T {
	values := make([]T, len(runs))
	for i, r := range runs {
		values[i] = value(r)
	}
	slices.Sort(values)
	return values
}

// median is the upper one of two in the middle.
func median[T cmp.Ordered](runs []run, value func(run) T) T {
	return sorted(runs, value)[len(runs)/2]
}

func highest(runs []run) run {
	return slices.MaxFunc(runs, func(a, b run) int { return cmp.Compare(a.peak, b.peak) })
}

// print says what was raced, and of each racer the medians.
func (c *course) print(w io.Writer, results []*result) {
	what := fmt.Sprintf("%d tables", len(c.tables))
	if c.workload.changes == nil {
		what += ", " + humanize.IBytes(uint64(c.bytes))
	}
	fmt.Fprintf(w, "%s %d: %s; %s\n", c.workload.name, c.scale, c.workload.about, what)
	fmt.Fprintf(w, "PostgreSQL %d, %d processors for both servers and the client, medians of %d rounds\n", c.source.Major(), runtime.NumCPU(), c.rounds)
	classes := []class{rowsAlone, everything}
	if c.workload.changes != nil {
		classes = []class{c.workload.changes.class}
	}
	for _, class := range classes {
		printClass(w, class, c.bytes, slices.DeleteFunc(slices.Clone(results), func(r *result) bool { return r.class != class }))
	}
	fmt.Fprintf(w, "\n%sClient CPU: user and system time of its processes. Peak memory: of the largest of them.\n", notes[classes[0]])
}

// notes say what the columns of a class are.
var notes = map[class]string{
	rowsAlone: `Ratio: how many times sluice's time. By size: of the tables, without indexes. Sluice plans, and collects statistics
(ANALYZE), in both.
`,
	backlog: `Ratio: how many times as fast as logical replication. Start: until the slot is read, a part of the time; sluice is a
new process that plans again, logical replication a worker of a server that runs. Rate: a second, from then on.
`,
	live: `Ratio: how many times as fast as logical replication. p50, p99: of every tenth transaction. The commit itself, until
it is durable, is in all of them. Rate: what the source took in a second.
`,
}

// column is one of the figures of a racer.
type column struct {
	head  string
	width int
	of    func(*result) string
}

func printClass(w io.Writer, class class, size int64, results []*result) {
	columns := columnsOf(class, size, results)
	fmt.Fprintf(w, "\n%s\n%-40s", class, "")
	for _, c := range columns {
		fmt.Fprintf(w, " %*s", c.width, c.head)
	}
	fmt.Fprintln(w)
	for _, r := range results {
		fmt.Fprintf(w, "  %-38s", r.title)
		switch {
		case r.missed != nil:
			fmt.Fprintf(w, " left out: %v", r.missed)
		case r.err != nil:
			fmt.Fprint(w, " out: see below")
		default:
			for _, c := range columns {
				fmt.Fprintf(w, " %*s", c.width, c.of(r))
			}
		}
		fmt.Fprintln(w)
	}
}

func columnsOf(class class, size int64, results []*result) []column {
	inSeconds := func(value func(run) time.Duration) func(*result) string {
		return func(r *result) string { return seconds(median(r.runs, value)) }
	}
	inMillis := func(value func(run) time.Duration) func(*result) string {
		return func(r *result) string { return millis(median(r.runs, value)) }
	}
	own := func(r *result) string { return ratio(r, first(results, measure)) }
	others := func(r *result) string { return ratio(first(results, peer), r) }
	bySize := func(r *result) string {
		return fmt.Sprintf("%.1f s/GiB", median(r.runs, cpu).Seconds()/(float64(size)/(1<<30)))
	}
	rates := func(r *result) string { return humanize.Comma(int64(median(r.runs, rate))) }
	started := func(r *result) string {
		if d := median(r.runs, start); d > 0 {
			return seconds(d)
		}
		return ""
	}
	peaks := func(r *result) string { return memory(highest(r.runs)) }
	switch class {
	case backlog:
		return []column{{"median", 9, inSeconds(took)}, {"from–to", 15, span(time.Second)}, {"ratio", 7, others}, {"start", 9, started},
			{"rate", 9, rates}, {"client CPU", 11, inSeconds(cpu)}, {"peak memory", 13, peaks}}
	case live:
		return []column{{"p50", 9, inMillis(took)}, {"from–to", 15, span(time.Millisecond)}, {"ratio", 7, others}, {"p99", 9, inMillis(p99)},
			{"rate", 9, rates}, {"client CPU", 11, inSeconds(cpu)}, {"peak memory", 13, peaks}}
	}
	return []column{{"median", 9, inSeconds(took)}, {"from–to", 15, span(time.Second)}, {"ratio", 7, own},
		{"client CPU", 11, inSeconds(cpu)}, {"by size", 13, bySize}, {"peak memory", 13, peaks}}
}

// first is the first racer of that name.
func first(results []*result, name string) *result {
	if i := slices.IndexFunc(results, func(r *result) bool { return r.name == name }); i >= 0 {
		return results[i]
	}
	return &result{}
}

// ratio is of the medians; empty where there are none.
func ratio(long, short *result) string {
	if len(long.runs) == 0 || len(short.runs) == 0 {
		return ""
	}
	return fmt.Sprintf("%.2f", float64(median(long.runs, took))/float64(median(short.runs, took)))
}

// span is from the shortest time to the longest.
func span(unit time.Duration) func(*result) string {
	return func(r *result) string {
		times := sorted(r.runs, took)
		return fmt.Sprintf("%.2f–%.2f", in(unit, times[0]), in(unit, times[len(times)-1]))
	}
}

func in(unit, d time.Duration) float64 { return float64(d) / float64(unit) }

func seconds(d time.Duration) string { return fmt.Sprintf("%.2f s", in(time.Second, d)) }
func millis(d time.Duration) string  { return fmt.Sprintf("%.2f ms", in(time.Millisecond, d)) }

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
