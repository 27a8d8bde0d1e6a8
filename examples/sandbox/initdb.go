package sandbox

import (
	"context"
	"fmt"
	"maps"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// settings are the sandbox's own, the same for every major so that two servers differ by nothing but their version.
// https://www.postgresql.org/docs/current/runtime-config.html
var settings = map[string]string{
	"listen_addresses":          "127.0.0.1",
	"unix_socket_directories":   "", // a path in a temporary directory may exceed the 107 bytes of a socket's
	"wal_level":                 "logical",
	"max_wal_senders":           "20",
	"max_replication_slots":     "20",
	"max_prepared_transactions": "20",
	"max_connections":           "120",
	"shared_buffers":            "64MB",
	"fsync":                     "off", // throw-away data; a crash of the server process alone still loses nothing
	"synchronous_commit":        "on",
	"autovacuum":                "on",
	"timezone":                  "UTC",
	"log_timezone":              "UTC",
	"log_line_prefix":           "%m [%p] %d ",
	"lc_messages":               "C", // launch reads "Address already in use" from the log
}

// initialise runs initdb and writes the settings behind those that initdb wrote: the last one wins.
//
// The locale is C with UTF8 and not C.UTF-8, which not every libc knows; it sorts the same on each of them.
func (s *Server) initialise(ctx context.Context, o Options) error {
	args := []string{
		"--pgdata=" + s.data(), "--username=postgres", "--auth=trust",
		"--locale=C", "--encoding=UTF8", "--no-sync",
	}
	if err := s.tool(ctx, "initdb", append(args, o.Initdb...)...); err != nil {
		return err
	}
	if o.Epoch > 0 {
		if err := s.tool(ctx, "pg_resetwal", "-e", strconv.Itoa(o.Epoch), "-D", s.data()); err != nil {
			return err
		}
	}

	all := maps.Clone(settings)
	maps.Copy(all, o.Settings)
	var conf strings.Builder
	conf.WriteString("\n# written by sluice's sandbox\n")
	for _, name := range slices.Sorted(maps.Keys(all)) {
		fmt.Fprintf(&conf, "%s = '%s'\n", name, confEscaper.Replace(all[name]))
	}
	if err := appendTo(filepath.Join(s.data(), "postgresql.conf"), conf.String()); err != nil {
		return fmt.Errorf("writing the configuration: %w", err)
	}
	return nil
}

// tool runs one of PostgreSQL's own programs on the server's directory.
func (s *Server) tool(ctx context.Context, name string, args ...string) error {
	cmd := exec.CommandContext(ctx, filepath.Join(s.install.Bin, name), args...)
	cmd.Dir, cmd.Env, cmd.SysProcAttr = s.dir, environment(), sysProcAttr(s.account, false)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("running %s: %w\n%s", name, err, out)
	}
	return nil
}

// confEscaper quotes as guc-file.l reads it: doubled quotes, backslash escapes.
var confEscaper = strings.NewReplacer(`'`, `''`, `\`, `\\`, "\n", `\n`)

// environment is ours without the PG* variables, which would reach initdb and postgres (PGDATA, PGPORT), and with
// the plain locale.
func environment() []string {
	env := slices.DeleteFunc(os.Environ(), func(v string) bool {
		return strings.HasPrefix(v, "PG") || strings.HasPrefix(v, "LC_") || strings.HasPrefix(v, "LANG")
	})
	return append(env, "LC_ALL=C")
}

// freePort asks the kernel for a port that nobody listens on right now.
func freePort() (int, error) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("looking for a free port: %w", err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	if err := l.Close(); err != nil {
		return 0, fmt.Errorf("freeing port %d: %w", port, err)
	}
	return port, nil
}
