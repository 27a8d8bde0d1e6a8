// Package sandbox starts throw-away PostgreSQL servers for the examples, the demo and the tests.
//
// A server is one initdb in a directory of its own and one postgres process on a free port of 127.0.0.1, with trust
// authentication and everything logical replication needs. It relies on PostgreSQL's own binaries: those of
// SLUICE_PG_BIN, of PATH, of the system's packages, or those that Fetch has put into the user's cache.
//
//	Start:   find the binaries, make the directory, initdb, write postgresql.conf,
//	         launch postgres, connect until it answers as *this* server
//	Restart: shut down (fast or immediate), launch again on the same port and data
//	Stop:    fast shutdown, then remove the directory
//
// On Linux a server dies with the process that started it (parent-death signal), unless Options.Keep; elsewhere a
// process that is killed leaves its servers running. In both cases it leaves their directories.
//
// A caller must not assume durability: fsync is off. A crash of the server process (Kill, Restart Immediate) still
// loses nothing that was committed, because the kernel keeps what was written; a crash of the machine does.
package sandbox

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

// Options describe one server. The zero value is right: the newest installed major, wal_level logical.
type Options struct {
	Major    int               // 0: the newest installed
	Settings map[string]string // postgresql.conf settings on top of the sandbox's own; they win, except for the port
	Dir      string            // the server's directory is made below this one; "": below os.TempDir
	Initdb   []string          // extra initdb arguments, as "--encoding=SQL_ASCII"; they win too
	Epoch    int               // how often the ids of transactions have gone round, as on a server of some age
	Keep     bool              // the server and its directory outlive this process; even Stop leaves the directory
}

// Server is a running (or, after Kill, stopped) server. Its methods may be called by several goroutines.
type Server struct {
	install Installation
	account *account // whom postgres runs as; nil: as ourselves
	dir     string   // made by Start; holds data and server.log
	port    int      // fixed once Start has returned
	keep    bool

	mu      sync.Mutex // held while the server is started or shut down
	proc    *process   // guarded by mu; nil when no postgres of ours runs
	removed bool       // guarded by mu; Stop has been here
}

// Mode is how a server is shut down, in the words of pg_ctl:
// https://www.postgresql.org/docs/current/server-shutdown.html
type Mode int

const (
	Fast      Mode = iota // sessions are disconnected, a checkpoint is written
	Immediate             // as in a crash: the next start recovers from the WAL
)

// portTries is how often Start picks another port when somebody else took the one that the kernel had called free.
const portTries = 10

// Start initialises and starts a server, and returns when it answers. ctx bounds only that: the server goes on
// after ctx has ended. A Start that fails leaves nothing behind.
func Start(ctx context.Context, o Options) (_ *Server, err error) {
	s := &Server{keep: o.Keep}
	if s.install, err = find(o.Major); err != nil {
		return nil, err
	}
	if s.account, err = serverAccount(); err != nil {
		return nil, err
	}
	if s.dir, err = makeDir(o.Dir, s.install.Major, s.account); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(s.dir))
		}
	}()
	if err := s.initialise(ctx, o); err != nil {
		return nil, fmt.Errorf("initialising PostgreSQL %d in %s: %w", s.install.Major, s.dir, err)
	}
	for range portTries {
		if s.port, err = freePort(); err != nil {
			return nil, err
		}
		if err = s.launch(ctx); !errors.Is(err, errPortTaken) {
			break
		}
	}
	if err != nil {
		return nil, fmt.Errorf("starting PostgreSQL %d in %s: %w", s.install.Major, s.dir, err)
	}
	return s, nil
}

// URL is the connection string of a database of this server, for the superuser postgres.
func (s *Server) URL(database string) string {
	u := url.URL{
		Scheme:   "postgres",
		User:     url.User("postgres"),
		Host:     "127.0.0.1:" + strconv.Itoa(s.port),
		Path:     "/" + database,
		RawPath:  "/" + url.PathEscape(database), // a slash in a name is part of the name
		RawQuery: "sslmode=disable",
	}
	return u.String()
}

// Major is the server's major version, as 16.
func (s *Server) Major() int { return s.install.Major }

// Port is the TCP port on 127.0.0.1. It stays the same over Restart.
func (s *Server) Port() int { return s.port }

// Dir is the server's own directory: data and server.log are in it.
func (s *Server) Dir() string { return s.dir }

func (s *Server) data() string    { return filepath.Join(s.dir, "data") }
func (s *Server) logFile() string { return filepath.Join(s.dir, "server.log") }

// Pid is the process id of the postmaster, 0 when the server does not run.
func (s *Server) Pid() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.proc == nil || s.proc.ended() {
		return 0
	}
	return s.proc.pid()
}

// Stop shuts the server down (fast), waits for its end and removes its directory, which with Options.Keep it
// leaves. Stopping twice is fine.
func (s *Server) Stop() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.removed {
		return nil
	}
	if err := s.shutDown(Fast); err != nil {
		return fmt.Errorf("stopping the server in %s: %w", s.dir, err)
	}
	s.removed = true
	if s.keep {
		return nil
	}
	if err := os.RemoveAll(s.dir); err != nil {
		return fmt.Errorf("removing the server's directory: %w", err)
	}
	return nil
}

// Kill shuts the server down as in a crash (SIGQUIT to the postmaster) and keeps its data: Restart goes on with it.
func (s *Server) Kill() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.shutDown(Immediate); err != nil {
		return fmt.Errorf("killing the server in %s: %w", s.dir, err)
	}
	return nil
}

// Restart shuts the server down, if it runs, and starts it again on the same port and data. ctx bounds the start.
func (s *Server) Restart(ctx context.Context, mode Mode) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.removed {
		return fmt.Errorf("restarting the server in %s: it was stopped for good", s.dir)
	}
	if err := s.shutDown(mode); err != nil {
		return fmt.Errorf("restarting the server in %s: %w", s.dir, err)
	}
	// While we were down anybody's outgoing connection may have been given our port by the kernel: such a thief
	// is short-lived, so wait for it.
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	for {
		err := s.launch(ctx)
		if err == nil {
			return nil
		}
		if !errors.Is(err, errPortTaken) || !pause(ctx, 100*time.Millisecond) {
			return fmt.Errorf("restarting the server in %s: %w", s.dir, err)
		}
	}
}

// Create makes an empty database. The name is taken literally.
func (s *Server) Create(ctx context.Context, database string) error {
	// template0, because a session in template1 would make it fail with 55006.
	err := s.administer(ctx, "create database "+pgx.Identifier{database}.Sanitize()+" template template0")
	if err != nil {
		return fmt.Errorf("creating database %q: %w", database, err)
	}
	return nil
}

// administer runs one statement in the database postgres.
func (s *Server) administer(ctx context.Context, sql string, args ...any) error {
	conn, err := pgx.Connect(ctx, s.URL("postgres"))
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	_, err = conn.Exec(ctx, sql, args...)
	return err
}
