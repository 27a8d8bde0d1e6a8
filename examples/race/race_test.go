//go:build unix

package main

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
)

// Sizes at which a workload takes seconds.
var short = map[string]int{"pgbench": 1, "mixed": 2, "nokey": 1, "small": 5, "indexed": 1}

// Whoever is installed moves every workload, and all agree with the source.
func TestRacersAgree(t *testing.T) {
	c, err := build(t.Context(), options{rounds: 1, streams: 2})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.close(); err != nil {
			t.Error(err)
		}
	})
	for _, w := range workloads {
		t.Run(w.name, func(t *testing.T) {
			var out strings.Builder
			if err := c.run(t.Context(), w, short[w.name], &out); err != nil {
				t.Error(err)
			}
			t.Log(out.String())
			for _, class := range strings.Split(out.String(), "\n\n")[1:3] {
				if !strings.Contains(class, " 1.00 ") { // sluice's ratio to itself
					t.Errorf("sluice is not in\n%s", class)
				}
			}
		})
	}
	t.Run("or are out", func(t *testing.T) { leavingOut(t, c) })
}

// leavingOut checks that a racer cannot win by leaving something out.
func leavingOut(t *testing.T, c *course) {
	if err := c.load(t.Context(), workload{name: "complete", tables: pgbench}, 1); err != nil {
		t.Fatal(err)
	}
	tables, rows, indexes := create(c.tables), fill(c.tables), finish(c.tables)
	for _, made := range []struct {
		without string
		class   class
		sql     []string
		want    string // in the error; empty: none
	}{
		{"nothing", everything, slices.Concat(tables, rows, indexes), ""},
		{"a row", rowsAlone, slices.Concat(rows, []string{"delete from public.pgbench_tellers where tid = 7"}), "public.pgbench_tellers has 10:"},
		{"a value", rowsAlone, slices.Concat(rows, []string{"update public.pgbench_tellers set tbalance = 1 where tid = 7"}), "public.pgbench_tellers has 10:"},
		{"an index", everything, slices.Concat(tables, rows, indexes[1:]), "there are 3 valid indexes"},
		{"an empty table", everything, slices.Concat(tables[:3], rows[:3], indexes), "public.pgbench_history has 0:0 on the source and nothing on the target"},
	} {
		t.Run("without "+made.without, func(t *testing.T) {
			r := racer{class: made.class, run: func(l *lane, ctx context.Context) error { return execute(ctx, l.into, made.sql...) }}
			_, err := c.lap(t.Context(), r)
			if made.want == "" && err != nil || made.want != "" && (err == nil || !strings.Contains(err.Error(), made.want)) {
				t.Errorf("the error is %v, want %q", err, made.want)
			}
		})
	}
}

func TestMediansAndRatios(t *testing.T) {
	runs := func(took ...time.Duration) (runs []run) {
		for _, d := range took {
			runs = append(runs, run{took: d * time.Second, cpu: d * 100 * time.Millisecond, peak: int64(d) << 20})
		}
		return runs
	}
	var out strings.Builder
	printClass(&out, everything, 1<<30, []*result{
		{racer: racer{name: measure, title: "sluice"}, runs: runs(9, 4, 3)},
		{racer: racer{name: "other", title: "other"}, runs: runs(6, 1, 7)},
		{racer: racer{name: "absent", title: "absent"}, missed: errors.New("absent is not installed")},
	})
	for _, want := range []string{
		"sluice 4.00 s 3.00–9.00 1.00 0.40 s 0.4 s/GiB 9.0 MiB",
		"other 6.00 s 1.00–7.00 1.50 0.60 s 0.6 s/GiB 7.0 MiB",
		"absent left out: absent is not installed",
	} {
		if got := strings.Join(strings.Fields(out.String()), " "); !strings.Contains(got, want) {
			t.Errorf("%q is not in\n%s", want, out.String())
		}
	}
}
