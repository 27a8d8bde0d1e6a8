package sandbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	startLimit = 60 * time.Second      // initial start or crash recovery of some hundred megabytes
	readyPoll  = 20 * time.Millisecond // between two attempts to connect
	fastLimit  = 20 * time.Second      // a fast shutdown waits for walsenders, whose clients may have stopped reading
	quitLimit  = 10 * time.Second      // the postmaster itself kills what has not left after 5 s
	logTail    = 8 << 10               // bytes of log worth showing
)

// errPortTaken: between freePort and postgres somebody else bound the port.
var errPortTaken = errors.New("the port was taken by another process")

// process is a postmaster of ours.
type process struct {
	cmd  *exec.Cmd
	done chan struct{} // closed by run when it has ended
	err  error         // how it ended; readable after done
}

// startProcess starts cmd and a goroutine that waits for its end.
func startProcess(cmd *exec.Cmd) (*process, error) {
	p := &process{cmd: cmd, done: make(chan struct{})}
	started := make(chan error, 1)
	go p.run(started)
	return p, <-started
}

// run keeps the thread that forks for as long as the process lives: Linux sends the parent-death signal at the end
// of that thread, not of our process (prctl(2), PR_SET_PDEATHSIG).
func (p *process) run(started chan<- error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := p.cmd.Start(); err != nil {
		started <- err
		return
	}
	started <- nil
	p.err = p.cmd.Wait()
	close(p.done)
}

func (p *process) pid() int { return p.cmd.Process.Pid }

func (p *process) ended() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

// signal asks the process to end and waits for that; false when it has not within the limit.
func (p *process) signal(sig os.Signal, limit time.Duration) (bool, error) {
	if err := p.cmd.Process.Signal(sig); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return false, fmt.Errorf("sending %s to process %d: %w", sig, p.pid(), err)
	}
	select {
	case <-p.done:
		return true, nil
	case <-time.After(limit):
		return false, nil
	}
}

// launch starts postgres on s.data and s.port and returns when it answers. The caller holds s.mu or is the only one
// who knows s. When launch fails, no postgres is left.
func (s *Server) launch(ctx context.Context) error {
	log, err := os.OpenFile(s.logFile(), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		return fmt.Errorf("opening the server's log: %w", err)
	}
	defer log.Close() // postgres has its own descriptor of it
	before, err := log.Seek(0, io.SeekEnd)
	if err != nil {
		return fmt.Errorf("looking at the server's log: %w", err)
	}

	cmd := exec.Command(filepath.Join(s.install.Bin, "postgres"), "-D", s.data(), "-p", strconv.Itoa(s.port))
	cmd.Dir, cmd.Env, cmd.SysProcAttr = s.dir, environment(), sysProcAttr(s.account, s.keep)
	cmd.Stdout, cmd.Stderr = log, log
	if s.proc, err = startProcess(cmd); err != nil {
		s.proc = nil
		return fmt.Errorf("starting postgres: %w", err)
	}
	if err = s.ready(ctx); err == nil {
		return nil
	}
	// The server says only in its log why it could not listen (StreamServerPort in pqcomm.c).
	if strings.Contains(s.logSince(before), "Address already in use") {
		err = errPortTaken
	} else {
		err = fmt.Errorf("%w\n%s", err, s.logSince(before))
	}
	return errors.Join(err, s.shutDown(Immediate))
}

// ready connects until the server answers. The answer must name our data directory: where the port was taken, it is
// often by another sandbox's server, which would answer as well.
func (s *Server) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	for {
		dir, err := s.dataDirectory(ctx)
		if err == nil && dir == s.data() {
			return nil
		}
		if err == nil {
			err = fmt.Errorf("port %d belongs to the server of %s", s.port, dir)
		}
		select {
		case <-s.proc.done:
			return fmt.Errorf("postgres ended early: %v (last seen: %w)", s.proc.err, err)
		case <-ctx.Done():
			return fmt.Errorf("waiting for the server to answer: %w (last seen: %w)", ctx.Err(), err)
		case <-time.After(readyPoll):
		}
	}
}

func (s *Server) dataDirectory(ctx context.Context) (dir string, err error) {
	conn, err := pgx.Connect(ctx, s.URL("postgres"))
	if err != nil {
		return "", err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	err = conn.QueryRow(ctx, "show data_directory").Scan(&dir)
	return dir, err
}

// shutDown ends the server, harder and harder, and waits for its end. The caller holds s.mu.
func (s *Server) shutDown(mode Mode) error {
	if s.proc == nil {
		return nil
	}
	type step struct {
		sig   os.Signal
		limit time.Duration
	}
	steps := []step{{syscall.SIGINT, fastLimit}, {syscall.SIGQUIT, quitLimit}, {os.Kill, quitLimit}}
	if mode == Immediate {
		steps = steps[1:]
	}
	for _, step := range steps {
		ended, err := s.proc.signal(step.sig, step.limit)
		if err != nil {
			return err
		}
		if ended {
			s.proc = nil
			return nil
		}
	}
	return fmt.Errorf("process %d does not end", s.proc.pid())
}

// Log is the tail of the server's log, for errors and failing tests. "" when there is none.
func (s *Server) Log() string { return s.logSince(0) }

// logSince is the log from an offset, but not more than its last logTail bytes, in whole lines.
func (s *Server) logSince(offset int64) string {
	b, err := os.ReadFile(s.logFile())
	if err != nil {
		return ""
	}
	b = b[min(offset, int64(len(b))):]
	if len(b) <= logTail {
		return string(b)
	}
	_, tail, _ := strings.Cut(string(b[len(b)-logTail:]), "\n")
	return tail
}

// pause waits for d; false when ctx ended first.
func pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}
