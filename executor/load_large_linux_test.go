package executor_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"sluice/examples/sandbox"
	"sluice/state"
)

// Promise 11, of the load: a value of any size takes no more memory than others, in
// binary and as text.
func TestALargeValueTakesNoMemory(t *testing.T) {
	t.Parallel()
	size := 64_000_000
	if *long {
		size = 400_000_000
	}
	small, large := peakOf(t, 8), peakOf(t, size)
	t.Logf("%d MB for %d bytes, %d MB for %d", small>>20, 8, large>>20, size)
	if grown := large - small; grown > int64(size)/2 {
		t.Errorf("a value of %d bytes takes %d bytes more than one of 8", size, grown)
	}
}

// peakOf is the most memory that a process had which loads values of a size.
func peakOf(t *testing.T, size int) int64 {
	t.Helper()
	m := newMove(t, 0, 0)
	// Kept as they are, for the server's sake; an enum has no binary form.
	sandbox.Exec(t, m.source, fmt.Sprintf(`
		create type public.mood as enum ('good');
		create table public.in_binary (id int primary key, v bytea); alter table public.in_binary alter v set storage external;
		create table public.in_text (id int primary key, v bytea, m public.mood); alter table public.in_text alter v set storage external;
		insert into public.in_binary select 1, convert_to(repeat('sluice! ', %[1]d / 8), 'UTF8');
		insert into public.in_text select 1, v, 'good' from public.in_binary`, size))
	child := m.start(t, "", "")
	ctx, ended := context.WithCancel(t.Context())
	var waiting sync.WaitGroup
	waiting.Go(func() {
		defer ended()
		_ = child.Wait()
	})
	defer waiting.Wait()
	defer child.Process.Kill()
	if err := m.until(ctx, inPhase(state.Following)); err != nil {
		t.Fatal(err)
	}
	for _, table := range []string{"in_binary", "in_text"} {
		const sum = "select length(v), md5(v) from public."
		if got, want := sandbox.Query(t, m.target, sum+table), sandbox.Query(t, m.source, sum+table); len(got) != 1 || got[0] != want[0] {
			t.Errorf("%s has %v on the target, want %v", table, got, want)
		}
	}
	return peak(t, child)
}

// peak is the most memory that a process has had.
func peak(t *testing.T, process *exec.Cmd) int64 {
	t.Helper()
	// Not getrusage: what it says of a process begins with what its parent had.
	// (man 5 proc_pid_status; man 2 getrusage, ru_maxrss)
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", process.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	var kilobytes int64
	_, after, _ := strings.Cut(string(status), "\nVmHWM:")
	if _, err := fmt.Sscan(after, &kilobytes); err != nil {
		t.Fatalf("%v in %s", err, status)
	}
	return kilobytes << 10
}
