//go:build unix

package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"
)

// usage is what the processes of a racer have used, with those that they have waited for. Its methods may be called by
// several goroutines.
type usage struct {
	mu   sync.Mutex
	cpu  time.Duration
	peak int64 // bytes of the largest of its processes
}

func (u *usage) add(s *os.ProcessState) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.cpu += s.UserTime() + s.SystemTime()
	u.peak = max(u.peak, peak(s))
}

// peak is in kilobytes but on macOS: getrusage(2).
func peak(s *os.ProcessState) int64 {
	bytes := int64(s.SysUsage().(*syscall.Rusage).Maxrss)
	if runtime.GOOS != "darwin" {
		bytes <<= 10
	}
	return bytes
}

// floor is the peak of a process that needs no memory. Linux charges a new program with the memory of who started it
// (exec_mmap in fs/exec.c), so that nothing below that of this process is seen.
func floor() (int64, error) {
	cmd := exec.Command("true")
	if err := cmd.Run(); err != nil {
		return 0, err
	}
	return peak(cmd.ProcessState), nil
}

// leaving is how long a process has that is asked to end.
const leaving = 10 * time.Second

// start runs a process to its end and counts it.
func (l *lane) start(cmd *exec.Cmd) error {
	var said bytes.Buffer
	cmd.Stderr = &said
	if cmd.Stdout == nil {
		cmd.Stdout = &said
	}
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) } // which pgcopydb passes on to its own
	cmd.WaitDelay = leaving
	err := cmd.Run()
	if cmd.ProcessState != nil {
		l.usage.add(cmd.ProcessState)
	}
	if err != nil {
		return fmt.Errorf("running %s: %w\n%s", filepath.Base(cmd.Path), err, last(said.String()))
	}
	return nil
}

// pipe runs two processes, the first one's output the other one's input.
func (l *lane) pipe(ctx context.Context, from, into []string) error {
	r, w, err := os.Pipe()
	if err != nil {
		return err
	}
	// Our ends are closed when the process with the other one has ended, so that its neighbour sees that.
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		defer w.Close()
		cmd := exec.CommandContext(ctx, from[0], from[1:]...)
		cmd.Stdout = w
		return l.start(cmd)
	})
	group.Go(func() error {
		defer r.Close()
		cmd := exec.CommandContext(ctx, into[0], into[1:]...)
		cmd.Stdin = r
		return l.start(cmd)
	})
	return group.Wait()
}

// last is the end of what a process has said, where the reason is.
func last(said string) string {
	const enough = 2000
	return strings.TrimSpace(said[max(0, len(said)-enough):])
}
