package view

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sluice/executor/progress"
)

// watch paints a run that is told of events, one list for each second.
func watch(t *testing.T, o ProgressOptions, seconds ...func(*progress.Tracker)) string {
	t.Helper()
	var out bytes.Buffer
	synctest.Test(t, func(t *testing.T) {
		tracker := progress.New(time.Now)
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error)
		o.Name = "migration.shop"
		go func() { ended <- Progress(ctx, &out, tracker, o) }()
		synctest.Wait()
		for _, tell := range seconds {
			tell(tracker)
			time.Sleep(time.Second) // synctest's clock
			synctest.Wait()
		}
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return out.String()
}

func idle(seconds int) []func(*progress.Tracker) {
	list := make([]func(*progress.Tracker), seconds)
	for i := range list {
		list[i] = func(*progress.Tracker) {}
	}
	return list
}

func TestOffATerminalThereIsALineForEachChangeAndOneEach30Seconds(t *testing.T) {
	events := []func(*progress.Tracker){
		func(tr *progress.Tracker) { tr.Plan(33, 2); tr.Phase("schema"); tr.Notice("hello\x1b[2J") },
		func(tr *progress.Tracker) { tr.Phase("schema") },
		func(tr *progress.Tracker) {
			tr.Phase("full load")
			tr.Table("public", "a", 1000, 10)
			tr.TableStarted("public", "a", 1, 0)
			tr.Copied("public", "a", 5, 500)
		},
		func(tr *progress.Tracker) { tr.Waiting("slot: pid 4711 holds transaction 812") },
		func(tr *progress.Tracker) {
			tr.Waiting("")
			tr.Retrying(time.Now(), time.Now().Add(time.Hour), "refused")
		},
		func(tr *progress.Tracker) { tr.Resumed() },
	}
	out := watch(t, ProgressOptions{}, append(events, idle(30)...)...)
	want := []string{
		"2000-01-01T00:00:01Z  migration.shop  hello\\u001b[2J",
		"2000-01-01T00:00:01Z  migration.shop  schema",
		"2000-01-01T00:00:03Z  migration.shop  full load",
		"2000-01-01T00:00:04Z  migration.shop  waiting: slot: pid 4711 holds transaction 812",
		"2000-01-01T00:00:05Z  migration.shop  retrying since 00:00:04, gives up at 2000-01-01 01:00:04 UTC: refused",
		"2000-01-01T00:00:06Z  migration.shop  resumed",
		"2000-01-01T00:00:30Z  migration.shop  2 of 33 steps  load 50 %  0 of 1 table  5 rows  500 B  0 rows/s  0 B/s",
		"2000-01-01T00:00:36Z  migration.shop  2 of 33 steps  load 50 %  0 of 1 table  5 rows  500 B  0 rows/s  0 B/s",
		"",
	}
	if got := strings.Split(out, "\n"); strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", out, strings.Join(want, "\n"))
	}
}

func TestWaitingIsSaidWhenItBeginsAndEach30Seconds(t *testing.T) {
	var events []func(*progress.Tracker)
	for second := range 40 {
		events = append(events, func(tr *progress.Tracker) { tr.Waiting(fmt.Sprintf("pid 4711, for %d s", second)) })
	}
	out := watch(t, ProgressOptions{}, events...)
	want := "2000-01-01T00:00:01Z  migration.shop  waiting: pid 4711, for 0 s\n2000-01-01T00:00:31Z  migration.shop  waiting: pid 4711, for 30 s\n"
	if out != want {
		t.Errorf("got\n%s\nwant\n%s", out, want)
	}
}

// A table in quarantine is in each frame and summary; a notice keeps its blanks, since it may be a line of
// a table.
func TestTablesInQuarantineAreShownAllTheTime(t *testing.T) {
	for name, o := range map[string]ProgressOptions{"lines": {}, "terminal": {Terminal: true}} {
		out := watch(t, o, func(tr *progress.Tracker) {
			tr.Phase("following")
			tr.Plan(3, 2)
			tr.Notice("a  b\nc")
			tr.Quarantined([]progress.Quarantined{{Schema: "public", Table: "a"}, {Schema: "public", Table: "b\n"}, {Schema: "public", Table: "c"},
				{Schema: "public", Table: "d", Paused: true}})
		})
		for _, want := range []string{"a  b c\n", "in quarantine: public.a, public.b and 1 more; paused: public.d\n"} {
			if !strings.Contains(out, want) {
				t.Errorf("%s: no %q in %q", name, want, out)
			}
		}
	}
}

func TestJSONIsOneEventALine(t *testing.T) {
	out := watch(t, ProgressOptions{JSON: true},
		func(tr *progress.Tracker) { tr.Phase("following"); tr.Notice("<first>") },
		func(tr *progress.Tracker) { tr.Applied(progress.Counts{Inserts: 3}, 16, time.Now()) },
	)
	var types []string
	for _, line := range strings.Split(strings.TrimSpace(out), "\n") {
		var e struct {
			Type, Migration, Text string
			Status                *struct {
				Stream *struct{ Applied struct{ Inserts int } }
			}
		}
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		types = append(types, e.Type)
		if e.Migration != "migration.shop" || e.Type == "notice" && e.Text != "<first>" {
			t.Errorf("event: %s", line)
		}
	}
	if got := strings.Join(types, " "); got != "progress notice phase progress" {
		t.Errorf("events: %s", got)
	}
	if !strings.Contains(out, `"inserts":3`) {
		t.Errorf("the last event has not the last status: %s", out)
	}
}

func TestOnATerminalTheBlockIsRedrawnAndItsLastFrameStays(t *testing.T) {
	out := watch(t, ProgressOptions{Terminal: true},
		func(tr *progress.Tracker) { tr.Plan(2, 0); tr.Phase("schema"); tr.StepStarted("create table public.a") },
		func(tr *progress.Tracker) { tr.StepDone("create table public.a"); tr.Phase("indexes") },
	)
	frames := strings.Split(out, "\r"+eraseBelow)[1:]
	if len(frames) != 4 {
		t.Fatalf("%d frames: %q", len(frames), out)
	}
	if want := "migration.shop  schema  0 of 2 steps\n  > create table public.a\n\x1b[2A"; frames[1] != want {
		t.Errorf("second frame is %q, want %q", frames[1], want)
	}
	if want := "migration.shop  indexes  1 of 2 steps\n"; frames[3] != want {
		t.Errorf("last frame is %q, want %q", frames[3], want)
	}
}

func TestWhatIsBuiltIsShownWithHowFarItIs(t *testing.T) {
	build := func(tr *progress.Tracker) {
		tr.StepStarted("create index public.orders_at")
		tr.StepStarted("analyze table public.users")
		tr.Building([]progress.Build{
			{Step: "create index public.orders_at", Schema: "public", Table: "orders", Phase: "reading the table",
				Unit: "blocks", Done: 1234, Total: 2742, Since: time.Now().Add(-185 * time.Second)},
			{Step: "create index public.users_at", Since: time.Now()},
		})
	}
	const orders, users = "create index public.orders_at  of public.orders  reading the table  45 %  1,234 of 2,742 blocks  for 3m 0", "create index public.users_at  for "
	block := watch(t, ProgressOptions{Terminal: true, Width: func() int { return 120 }}, build)
	if want := "\n  > " + orders + "6s\n  > " + users + "1s\n  > analyze table public.users\n"; !strings.Contains(block, want) {
		t.Errorf("the block is %q, want %q in it", block, want)
	}
	lines := watch(t, ProgressOptions{}, append([]func(*progress.Tracker){func(tr *progress.Tracker) { tr.Plan(2, 0) }, build}, idle(1)...)...)
	if want := "  0 of 2 steps\n2000-01-01T00:00:03Z  migration.shop  " + orders + "7s\n2000-01-01T00:00:03Z  migration.shop  " + users + "2s\n"; !strings.HasSuffix(lines, want) {
		t.Errorf("the lines are\n%s\nwant at their end\n%s", lines, want)
	}
	events := watch(t, ProgressOptions{JSON: true}, build)
	if want := `{"step":"create index public.orders_at","schema":"public","table":"orders","phase":"reading the table","unit":"blocks","done":1234,"total":2742,"since":`; !strings.Contains(events, want) {
		t.Errorf("the events have no %s:\n%s", want, events)
	}
}

func TestTheBlockFitsTheTerminal(t *testing.T) {
	tr := progress.New(time.Now)
	tr.Phase("full load")
	tr.Retrying(time.Now(), time.Now(), "a reason\nover two lines that is much longer than the terminal is wide")
	for i := range 40 {
		name := fmt.Sprintf("テーブル_%02d", i)
		tr.Table("public", name, 1000, 1)
		if i < 20 {
			tr.TableStarted("public", name, 4, 1)
		}
		if i < 5 {
			tr.TableDone("public", name)
		}
	}
	p := &blockPainter{options: ProgressOptions{Name: "migration.shop"}}
	for _, rows := range []int{1, 5, 10, 30, 100} {
		var out bytes.Buffer
		p.w, p.drawn = &out, 0
		p.options.Width, p.options.Height = func() int { return 40 }, func() int { return rows }
		if err := p.paint(tr.Snapshot(), nil, false); err != nil {
			t.Fatal(err)
		}
		if p.drawn > max(rows-1, minimumRows+1) {
			t.Errorf("%d lines in a terminal of %d", p.drawn, rows)
		}
		for line := range strings.Lines(out.String()) {
			if n := len([]rune(strings.TrimPrefix(line, "\r"+eraseBelow))); n > 40 {
				t.Errorf("a line of %d: %q", n, line)
			}
		}
		if rows == 30 && !strings.Contains(out.String(), "+ 20 waiting, 5 done") {
			t.Errorf("the rest is not counted:\n%s", out.String())
		}
	}
}

func TestClipCountsWideCharactersTwice(t *testing.T) {
	for _, test := range []struct {
		text    string
		columns int
		want    string
	}{{"abc", 3, "abc"}, {"abc", 2, "ab"}, {"日本語", 5, "日本"}, {"日本語", 6, "日本語"}, {"", 0, ""}} {
		if got := clip(test.text, test.columns); got != test.want {
			t.Errorf("clip(%q, %d) = %q, want %q", test.text, test.columns, got, test.want)
		}
	}
}

func TestDurationsForPeople(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0s", 300 * time.Millisecond: "300ms", 42 * time.Second: "42s", 185 * time.Second: "3m 05s",
		65 * time.Minute: "1h 05m", 76 * time.Hour: "3d 4h", -time.Second: "0s", time.Microsecond: "1ms",
	} {
		if got := spell(d); got != want {
			t.Errorf("%d is %s, want %s", d, got, want)
		}
	}
}
