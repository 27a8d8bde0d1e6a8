package sandbox

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"
	"testing"
	"time"
)

// sharedLimit bounds the start of a shared server, with a download of its binaries where they are missing.
const sharedLimit = 5 * time.Minute

// shared holds the servers of this test binary, which all its tests use, each with databases of its own.
var shared = struct {
	sync.Mutex
	servers map[sharedKey]*sharedServer // guarded by the mutex
}{servers: map[sharedKey]*sharedServer{}}

type sharedKey struct {
	major int
	role  string
}

// sharedServer is started once; the others that ask for it wait for that.
type sharedServer struct {
	once   sync.Once
	server *Server
	err    error
}

// Main runs the tests and stops every shared server. It is used as
//
//	func TestMain(m *testing.M) { os.Exit(sandbox.Main(m)) }
func Main(m *testing.M) int {
	code := m.Run()
	shared.Lock()
	defer shared.Unlock()
	for key, s := range shared.servers {
		if s.server == nil {
			continue
		}
		if err := s.server.Stop(); err != nil {
			fmt.Fprintf(os.Stderr, "stopping the shared %s server %d: %v\n", key.role, key.major, err)
			code = max(code, 1)
		}
	}
	return code
}

// Shared returns the one server of this test binary for that major and role ("source", "target"), started at the
// first call and stopped by Main. It never skips: where that major (0: any) is not installed, it is fetched.
//
// A test that stops, kills or restarts a server, or needs settings, starts its own.
func Shared(t testing.TB, major int, role string) *Server {
	t.Helper()
	if major == 0 {
		majors := Majors()
		major = majors[len(majors)-1]
	}
	key := sharedKey{major, role}
	shared.Lock()
	s := shared.servers[key]
	if s == nil {
		s = &sharedServer{}
		shared.servers[key] = s
	}
	shared.Unlock()
	s.once.Do(func() { s.server, s.err = startOrFetch(major, t.Logf) })
	if s.err != nil {
		t.Fatalf("starting the shared %s server: %v", role, s.err)
	}
	return s.server
}

// startOrFetch starts a server that outlives the test which was the first to ask, so it has its own context.
func startOrFetch(major int, logf func(string, ...any)) (*Server, error) {
	ctx, cancel := context.WithTimeout(context.Background(), sharedLimit)
	defer cancel()
	s, err := Start(ctx, Options{Major: major})
	if !errors.Is(err, fs.ErrNotExist) {
		return s, err
	}
	if _, err := Fetch(ctx, major, func(line string) { logf("%s", line) }); err != nil {
		return nil, err
	}
	return Start(ctx, Options{Major: major})
}

// spoken is the first major that understands the SQL that most tests are written in: procedures, generated columns,
// keys on partitioned tables.
const spoken = 12

// Majors returns the majors a test of several versions should run on: the installed ones, sorted, but for those of
// OldMajors. Where none is, it is the one that Shared would fetch: a loop over Majors never tests nothing.
func Majors() []int {
	var majors []int
	for _, in := range Installed() {
		if in.Major >= spoken {
			majors = append(majors, in.Major)
		}
	}
	if len(majors) == 0 {
		return []int{defaultMajor}
	}
	return majors
}

// OldMajors returns the installed majors before those of Majors: sluice reads from them, and they know less SQL, so that
// they have tests of their own.
func OldMajors() []int {
	var majors []int
	for _, in := range Installed() {
		if in.Major < spoken {
			majors = append(majors, in.Major)
		}
	}
	return majors
}
