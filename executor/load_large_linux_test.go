package executor_test

import (
	"fmt"
	"syscall"
	"testing"

	"sluice/examples/sandbox"
	"sluice/executor"
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
	child := m.start(t, "", executor.UntilFull)
	if err := child.Wait(); err != nil {
		t.Fatal(err)
	}
	for _, table := range []string{"in_binary", "in_text"} {
		const sum = "select length(v), md5(v) from public."
		if got, want := sandbox.Query(t, m.target, sum+table), sandbox.Query(t, m.source, sum+table); len(got) != 1 || got[0] != want[0] {
			t.Errorf("%s has %v on the target, want %v", table, got, want)
		}
	}
	return child.ProcessState.SysUsage().(*syscall.Rusage).Maxrss << 10
}
