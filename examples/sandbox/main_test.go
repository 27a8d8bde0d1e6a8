package sandbox

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// childDir makes this test binary start a server below that directory, print its port and wait to be killed.
const childDir = "SLUICE_SANDBOX_CHILD"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		s, err := Start(context.Background(), Options{Dir: dir})
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		fmt.Println(s.Port())
		select {}
	}
	os.Exit(Main(m))
}

// start starts a server that the test stops.
func start(t *testing.T, o Options) *Server {
	t.Helper()
	s, err := Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestStopLeavesNoProcessAndNoDirectory(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	pid := s.Pid()
	if err := syscall.Kill(pid, 0); err != nil {
		t.Fatalf("process %d: %v", pid, err)
	}
	for range 2 { // the second is nothing to do
		if err := s.Stop(); err != nil {
			t.Fatal(err)
		}
	}
	if err := syscall.Kill(pid, 0); !errors.Is(err, syscall.ESRCH) {
		t.Errorf("process %d is still there (%v)", pid, err)
	}
	if _, err := os.Stat(s.Dir()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%s is still there (%v)", s.Dir(), err)
	}
	if s.Pid() != 0 {
		t.Error("a stopped server has a process id")
	}
	if err := s.Restart(t.Context(), Fast); err == nil {
		t.Error("a stopped server can be restarted")
	}
}

func TestKeepLeavesTheDirectory(t *testing.T) {
	t.Parallel()
	s := start(t, Options{Dir: t.TempDir(), Keep: true})
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(s.data()); err != nil {
		t.Error(err)
	}
}

func TestDataAndPortSurvive(t *testing.T) {
	t.Parallel()
	cases := map[string]func(*Server) error{
		"a fast restart":      func(s *Server) error { return s.Restart(t.Context(), Fast) },
		"an immediate one":    func(s *Server) error { return s.Restart(t.Context(), Immediate) },
		"a kill, and restart": func(s *Server) error { return errors.Join(s.Kill(), s.Restart(t.Context(), Fast)) },
	}
	for name, again := range cases {
		t.Run(name, func(t *testing.T) {
			s := start(t, Options{})
			url := s.URL("postgres")
			Exec(t, url, "create table t as select generate_series(1, 1000) as n")
			pid, sums := s.Pid(), Sums(t, url)
			if err := again(s); err != nil {
				t.Fatal(err)
			}
			if got := Sums(t, url); got["public.t"] != sums["public.t"] || sums["public.t"] == "" {
				t.Errorf("before %v, after %v", sums, got)
			}
			if s.Pid() == pid || s.Pid() == 0 {
				t.Errorf("process %d before, %d after", pid, s.Pid())
			}
		})
	}
}

func TestServersRunSideBySide(t *testing.T) {
	t.Parallel()
	majors := Majors()
	a := start(t, Options{Major: majors[0]})
	b := start(t, Options{Major: majors[len(majors)-1]})
	for _, s := range []*Server{a, b} {
		got := Query(t, s.URL("postgres"), `select current_setting('server_version_num')::int / 10000,
			current_setting('wal_level'), current_setting('server_encoding'), current_setting('TimeZone'),
			current_setting('data_directory')`)
		if want := fmt.Sprintf("%d|logical|UTF8|UTC|%s", s.Major(), s.data()); got[0] != want {
			t.Errorf("got %s, want %s", got[0], want)
		}
	}
	if a.Port() == b.Port() || a.Dir() == b.Dir() {
		t.Error("they share a port or a directory")
	}
}

func TestOptionsWin(t *testing.T) {
	t.Parallel()
	s := start(t, Options{
		Settings: map[string]string{"wal_level": "replica", "cluster_name": `it's a\b`},
		Initdb:   []string{"--encoding=SQL_ASCII"},
	})
	got := Query(t, s.URL("postgres"), `select current_setting('wal_level'), current_setting('server_encoding'),
		current_setting('cluster_name')`)
	if want := `replica|SQL_ASCII|it's a\b`; got[0] != want {
		t.Errorf("got %s, want %s", got[0], want)
	}
}

func TestFailedStartSaysWhyAndLeavesNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	_, err := Start(t.Context(), Options{Dir: dir, Settings: map[string]string{"wal_level": "nonsense"}})
	if err == nil || !strings.Contains(err.Error(), `invalid value for parameter "wal_level"`) {
		t.Errorf("the error is %v, without the server's reason", err)
	}
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("%v is left", left)
	}
}

func TestCancelledStartLeavesNothing(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	dir := t.TempDir()
	if _, err := Start(ctx, Options{Dir: dir}); !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v", err)
	}
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("%v is left", left)
	}
}

func TestTakenPortIsNotMistakenForOurServer(t *testing.T) {
	t.Parallel()
	a, b := start(t, Options{}), start(t, Options{})
	if err := b.Kill(); err != nil {
		t.Fatal(err)
	}
	b.port = a.port // as when freePort gave it to both
	if err := b.launch(t.Context()); !errors.Is(err, errPortTaken) {
		t.Errorf("the error is %v", err)
	}
}

func TestServerDiesWithItsParent(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat("/proc/self/status"); err != nil {
		return // parent-death signals are Linux's
	}
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), childDir+"="+t.TempDir())
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	port := strings.TrimSpace(line)
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	child.Wait() // says that it was killed

	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for {
		conn, err := net.Dial("tcp", "127.0.0.1:"+port)
		if errors.Is(err, syscall.ECONNREFUSED) {
			return
		}
		if err == nil {
			conn.Close()
		}
		if !pause(ctx, readyPoll) {
			t.Fatalf("the server on port %s outlives its parent (%v)", port, err)
		}
	}
}

func TestCreateTakesAnyName(t *testing.T) {
	t.Parallel()
	s := Shared(t, 0, "source")
	for _, name := range []string{`we"ird`, "a/b", "per%cent?#", "Ünïcode", "sp ace"} {
		if err := s.Create(t.Context(), name); err != nil {
			t.Fatal(err)
		}
		conn, err := pgx.Connect(t.Context(), s.URL(name))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		conn.Close(t.Context())
		if got := Query(t, s.URL(name), "select current_database()"); got[0] != name {
			t.Errorf("%s leads to %s", s.URL(name), got[0])
		}
	}
}
