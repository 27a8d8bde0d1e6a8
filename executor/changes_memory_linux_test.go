package executor_test

import (
	"context"
	"fmt"
	"os/exec"
	"runtime/debug"
	"slices"
	"sync"
	"testing"

	"sluice/examples/sandbox"
	"sluice/state"
)

// memoryBeside is what the changes may take in memory besides four times the largest value.
const memoryBeside = 256 << 20

// Promise 11, of the changes: a value of any size arrives, alone, beside others, and
// where it is left alone; it takes a bounded share of memory.
func TestChangesOfALargeValue(t *testing.T) {
	t.Parallel()
	size := 64_000_000
	if *long {
		size = 400_000_000
	}
	l := newFollowed(t, "create table public.t (id int primary key, n int, v text); alter table public.t alter v set storage external; insert into public.t values (1, 0, 'small')")
	child, _ := l.child(t)
	l.do(fmt.Sprintf("insert into public.t values (2, 0, repeat('sluice! ', %d)); update public.t set n = n + 1; insert into public.t select i, 0, 'small' from generate_series(3, 40) i", size/8))
	l.do(fmt.Sprintf("update public.t set v = repeat('!eciuls ', %d) where id = 1; update public.t set id = -id where id = 2", size/8))
	l.do("update public.t set n = n + 1; delete from public.t where id = -2")
	l.settle()
	const sum = "select id, n, length(v), md5(v) from public.t order by id"
	got, want := sandbox.Query(t, l.target, sum), sandbox.Query(t, l.source, sum)
	for i := range want {
		if i >= len(got) || got[i] != want[i] {
			t.Errorf("row %d on the target is not %s", i, want[i])
		}
	}
	most := peak(t, child)
	t.Logf("%d MB for values of %d MB", most>>20, size>>20)
	if most > int64(memoryBeside+4*size) && !raced() {
		t.Errorf("%d bytes of memory for values of %d bytes", most, size)
	}
}

// Promise 10, of memory: what a backlog takes does not grow with it. Several connections
// may be in use only for the larger one.
func TestABacklogTakesNoMemory(t *testing.T) {
	t.Parallel()
	changes, width := 100_000, 2000
	if *long {
		changes, width = 5_000_000, 200
	}
	small, large := peakOfBacklog(t, changes/6, width), peakOfBacklog(t, changes, width)
	t.Logf("%d MB for %d changes, %d MB for %d", small>>20, changes/6, large>>20, changes)
	more := int64(64 << 20)
	if raced() {
		more *= 4
	}
	if large > small+more {
		t.Errorf("%d changes take %d bytes more than %d do", changes, large-small, changes/6)
	}
}

func peakOfBacklog(t *testing.T, changes, width int) int64 {
	t.Helper()
	return peakAfter(t, "create table public.t (id int primary key, n int, v text)",
		fmt.Sprintf(`do $$ begin for i in 1..%[1]d loop
			insert into public.t select i * 1000 + j, 0, repeat(md5(j::text), %[2]d / 32) from generate_series(1, 500) j;
			update public.t set n = n + 1 where id between i * 1000 and i * 1000 + 500; commit;
			end loop; end $$`, changes/1000, width),
		changes/1000*500)
}

// Promise 11, of the changes: neither does what one transaction takes.
func TestALargeTransactionTakesNoMemory(t *testing.T) {
	t.Parallel()
	rows := 300_000
	if *long {
		rows = 20_000_000
	}
	small, large := peakOfTransaction(t, rows/6), peakOfTransaction(t, rows)
	t.Logf("%d MB for %d rows, %d MB for %d", small>>20, rows/6, large>>20, rows)
	if large > small+(64<<20) || large > memoryBeside && !raced() {
		t.Errorf("%d bytes of memory for %d rows, %d for %d", small, rows/6, large, rows)
	}
}

func peakOfTransaction(t *testing.T, rows int) int64 {
	t.Helper()
	return peakAfter(t, fmt.Sprintf("create table public.t (id int primary key, n int); insert into public.t select i, 0 from generate_series(1, %d) i", rows),
		"update public.t set n = n + 1", rows)
}

// peakAfter is the most memory that a process had which applied changes that were there
// when it began; so many rows have a 1 then.
func peakAfter(t *testing.T, script, changes string, rows int) int64 {
	t.Helper()
	l := newFollowed(t, "")
	l.beside(script) // as long as it takes
	_, kill := l.child(t)
	kill()
	l.beside(changes)
	process, _ := l.child(t)
	l.settle()
	if got := sandbox.Query(t, l.target, "select count(*) from public.t where n = 1")[0]; got != fmt.Sprint(rows) {
		t.Errorf("%s rows on the target, want %d", got, rows)
	}
	return peak(t, process)
}

// newFollowed is a move whose source has what the script makes, for processes to follow.
func newFollowed(t *testing.T, script string) *live {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	t.Cleanup(cancel)
	l := &live{move: newMove(t, 0, 0), t: t, ctx: ctx}
	sandbox.Exec(t, l.source, marksTable+script)
	return l
}

// child starts a process, and returns when it follows.
func (l *live) child(t *testing.T) (process *exec.Cmd, kill func()) {
	t.Helper()
	process = l.move.start(t, "", "")
	var waiting sync.WaitGroup
	waiting.Go(func() { _ = process.Wait() })
	kill = func() {
		_ = process.Process.Kill()
		waiting.Wait()
	}
	t.Cleanup(kill)
	if err := l.until(l.ctx, inPhase(state.Following)); err != nil {
		t.Fatal(err)
	}
	return process, kill
}

// raced says that the race detector is in this program: it has a copy of its own of
// what a program has in memory.
func raced() bool {
	info, _ := debug.ReadBuildInfo()
	return slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"})
}
