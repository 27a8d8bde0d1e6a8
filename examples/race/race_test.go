//go:build unix

package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"sluice/examples/sandbox"
)

// Sizes at which a workload takes seconds.
var short = map[string]int{"pgbench": 1, "mixed": 2, "nokey": 1, "small": 5, "indexed": 1,
	"transactions": 200, "updates": 500, "inserts": 2500, "deletes": 1500, "giant": 1000, "latency": 100}

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
				t.Fatal(err)
			}
			t.Log(out.String())
			sections := strings.Split(out.String(), "\n\n")
			for _, class := range sections[1 : len(sections)-1] {
				if !strings.Contains(class, " 1.00 ") { // the ratio of who is compared with to itself
					t.Errorf("nobody is compared with in\n%s", class)
				}
			}
		})
	}
	t.Run("or are out", func(t *testing.T) { leavingOut(t, c) })
	t.Run("or are out for a change", func(t *testing.T) { leavingChangesOut(t, c) })
	t.Run("changes are as many as said", func(t *testing.T) { writing(t, c) })
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

// leavingChangesOut checks that a racer cannot win by showing the marker and no more.
func leavingChangesOut(t *testing.T, c *course) {
	w := workload{name: "cheated", tables: growing, changes: backlogOf(writeInserts)}
	if err := c.loadBoth(t.Context(), w, 10); err != nil {
		t.Fatal(err)
	}
	doing := func(statements ...string) *result {
		return &result{racer: racer{
			prepare: func(l *lane, ctx context.Context) error { return l.copyOf(ctx, l.target, l.name) },
			run: func(l *lane, ctx context.Context) error {
				return execute(ctx, l.into, append(statements, fmt.Sprintf("update public.marker set n = %d", l.marker))...)
			},
		}}
	}
	cheat, honest := doing(), doing("insert into public.growing "+keyedRows(1, 10))
	if err := c.round(t.Context(), 1, []*result{cheat, honest}, func(string) {}); err != nil {
		t.Fatal(err)
	}
	if want := "public.growing has 10:"; cheat.err == nil || !strings.Contains(cheat.err.Error(), want) {
		t.Errorf("the error is %v, want %q", cheat.err, want)
	}
	if honest.err != nil {
		t.Error(honest.err)
	}
}

// writing checks that the changes are as many as the rates are told from, and of a row each.
func writing(t *testing.T, c *course) {
	const n = 1234
	changed := "select 0"
	for i := range many {
		changed += fmt.Sprintf(" + (select count(*) from public.updates_%d where parent = 1 + id * 7919 %% 99991)", i)
	}
	for _, made := range []struct {
		name  string
		of    func(int) []table
		write func(context.Context, string, int) error
		count string
	}{
		{"transactions", accounts, transact, "select count(*) from public.pgbench_history where delta is not null"},
		{"updates", scattered, writeUpdates, changed},
		{"inserts", growing, writeInserts, "select count(*) from public.growing"},
		{"deletes", shrinking, writeDeletes, "select count(*) from public.shrinking"}, // half of the rows stay
		{"giant", growing, writeGiant, "select count(*) from public.growing"},
	} {
		t.Run(made.name, func(t *testing.T) {
			url, tables := c.source.Database(t), made.of(n)
			if err := execute(t.Context(), url, slices.Concat(create(tables), fill(tables), finish(tables))...); err != nil {
				t.Fatal(err)
			}
			if err := made.write(t.Context(), url, n); err != nil {
				t.Fatal(err)
			}
			if got := sandbox.Query(t, url, made.count)[0]; got != fmt.Sprint(n) {
				t.Errorf("%s changes, want %d", got, n)
			}
		})
	}
}

func TestMediansAndRatios(t *testing.T) {
	runs := func(took ...time.Duration) (runs []run) {
		for _, d := range took {
			runs = append(runs, run{took: d * time.Second, cpu: d * 100 * time.Millisecond, peak: int64(d) << 20,
				start: d * time.Second / 2, rate: float64(d) * 1000, p99: 2 * d * time.Second})
		}
		return runs
	}
	results := []*result{
		{racer: racer{name: measure, title: "sluice"}, runs: runs(9, 4, 3)},
		{racer: racer{name: peer, title: "other"}, runs: runs(6, 1, 7)},
		{racer: racer{name: "reader", title: "reader"}, runs: []run{{took: 2 * time.Second, rate: 2000, cpu: 200 * time.Millisecond, peak: 2 << 20}}},
		{racer: racer{name: "absent", title: "absent"}, missed: errors.New("absent is not installed")},
	}
	for class, lines := range map[class][]string{
		everything: {
			"sluice 4.00 s 3.00–9.00 1.00 0.40 s 0.4 s/GiB 9.0 MiB",
			"other 6.00 s 1.00–7.00 1.50 0.60 s 0.6 s/GiB 7.0 MiB",
			"absent left out: absent is not installed",
		},
		backlog: {
			"sluice 4.00 s 3.00–9.00 1.50 2.00 s 4,000 0.40 s 9.0 MiB",
			"other 6.00 s 1.00–7.00 1.00 3.00 s 6,000 0.60 s 7.0 MiB",
			"reader 2.00 s 2.00–2.00 3.00 2,000 0.20 s 2.0 MiB",
		},
		live: {
			"sluice 4000.00 ms 3000.00–9000.00 1.50 8000.00 ms 4,000 0.40 s 9.0 MiB",
		},
	} {
		var out strings.Builder
		printClass(&out, class, 1<<30, results)
		for _, want := range lines {
			if got := strings.Join(strings.Fields(out.String()), " "); !strings.Contains(got, want) {
				t.Errorf("%q is not in\n%s", want, out.String())
			}
		}
	}
}
