package sandbox

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
)

// Installation is one PostgreSQL whose servers can be started.
type Installation struct {
	Major int    // as 16
	Bin   string // the directory of postgres and initdb, without symbolic links
}

// oldest is the first major that sluice reads from.
const oldest = 10

// Installed lists the installations from PostgreSQL 10 on that are found, one for each major, sorted by major. Where a
// major is found twice the first counts, in the order SLUICE_PG_BIN (a list of directories), PATH, the systems' usual
// places, the user's cache.
func Installed() []Installation {
	var found []Installation
	seen := map[string]bool{}
	for _, dir := range places() {
		postgres, err := filepath.EvalSymlinks(filepath.Join(dir, "postgres"))
		if err != nil || seen[postgres] {
			continue
		}
		seen[postgres] = true
		in, err := inspect(filepath.Dir(postgres))
		if err != nil || in.Major < oldest {
			continue // not a PostgreSQL that could be started: not installed
		}
		if !slices.ContainsFunc(found, func(f Installation) bool { return f.Major == in.Major }) {
			found = append(found, in)
		}
	}
	slices.SortFunc(found, func(a, b Installation) int { return cmp.Compare(a.Major, b.Major) })
	return found
}

// places lists the directories that may hold postgres, in the order of Installed.
func places() []string {
	if runtime.GOOS == "windows" {
		return nil
	}
	dirs := filepath.SplitList(os.Getenv("SLUICE_PG_BIN"))
	dirs = append(dirs, filepath.SplitList(os.Getenv("PATH"))...)
	patterns := []string{
		"/usr/lib/postgresql/*/bin",            // Debian, Ubuntu
		"/usr/pgsql-*/bin",                     // Red Hat, from the PostgreSQL project
		"/usr/lib/postgresql*/bin",             // SUSE
		"/usr/libexec/postgresql*",             // Alpine
		"/usr/local/pgsql/bin",                 // from source
		"/opt/homebrew/opt/postgresql*/bin",    // Homebrew
		"/usr/local/opt/postgresql*/bin",       // Homebrew on Intel
		"/opt/local/lib/postgresql*/bin",       // MacPorts
		"/Library/PostgreSQL/*/bin",            // EDB
		"/Applications/Postgres.app/*/*/*/bin", // Postgres.app: Contents/Versions/MAJOR
	}
	if cache, err := cacheDir(); err == nil {
		patterns = append(patterns, filepath.Join(cache, "*", "bin"))
	}
	for _, p := range patterns {
		matches, _ := filepath.Glob(p) // its only error is a bad pattern: a cache path with "[" finds nothing
		dirs = append(dirs, matches...)
	}
	return dirs
}

// versionLine is what postgres --version prints, as "postgres (PostgreSQL) 16.14" or "… 19devel".
var versionLine = regexp.MustCompile(`\(PostgreSQL\) (\d+)`)

// inspect asks the postgres of a directory for its version. initdb must be beside it: some packages have clients only.
func inspect(bin string) (Installation, error) {
	if _, err := os.Stat(filepath.Join(bin, "initdb")); err != nil {
		return Installation{}, fmt.Errorf("looking for initdb: %w", err)
	}
	cmd := exec.Command(filepath.Join(bin, "postgres"), "--version")
	cmd.Env = environment()
	out, err := cmd.Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			return Installation{}, fmt.Errorf("asking %s for its version: %w: %s", bin, err, exit.Stderr)
		}
		return Installation{}, fmt.Errorf("asking %s for its version: %w", bin, err)
	}
	m := versionLine.FindSubmatch(out)
	if m == nil {
		return Installation{}, fmt.Errorf("asking %s for its version: it says %q", bin, out)
	}
	major, err := strconv.Atoi(string(m[1]))
	if err != nil {
		return Installation{}, fmt.Errorf("reading the version of %s: %w", bin, err)
	}
	return Installation{Major: major, Bin: bin}, nil
}

// find is the installation of a major; 0: the newest.
func find(major int) (Installation, error) {
	installed := Installed()
	if major == 0 && len(installed) > 0 {
		return installed[len(installed)-1], nil
	}
	var have []string
	for _, in := range installed {
		if in.Major == major {
			return in, nil
		}
		have = append(have, strconv.Itoa(in.Major))
	}
	return Installation{}, &notInstalledError{major: major, have: have}
}

// notInstalledError: that major, or any at all (0), is missing. It is an fs.ErrNotExist.
type notInstalledError struct {
	major int
	have  []string
}

func (e *notInstalledError) Error() string {
	if e.major == 0 {
		return "no PostgreSQL is installed: " + installHint
	}
	has := "none"
	if len(e.have) > 0 {
		has = strings.Join(e.have, ", ")
	}
	return fmt.Sprintf("PostgreSQL %d is not installed (installed: %s): %s", e.major, has, installHint)
}

func (e *notInstalledError) Is(target error) bool { return target == fs.ErrNotExist }

const installHint = "install PostgreSQL 12 or later by the system's package manager, or set SLUICE_PG_BIN to the " +
	"directory of its binaries, or run go run ./examples/sandbox/fetch"

// rootCache is where root keeps fetched servers when its own cache is closed to the account that runs them.
const rootCache = "/var/cache/sluice/postgresql"

// cacheDir is where Fetch puts servers: the user's cache, or, for root, a place that everybody can traverse.
func cacheDir() (string, error) {
	base, err := os.UserCacheDir()
	if err != nil { // neither HOME nor XDG_CACHE_HOME, as under some CI runners
		var u *user.User
		if u, err = user.Current(); err == nil && u.HomeDir == "" {
			err = fmt.Errorf("user %s has no home directory", u.Username)
		}
		if err == nil {
			base = filepath.Join(u.HomeDir, ".cache")
		}
	}
	dir := filepath.Join(base, "sluice", "postgresql")
	a, aerr := serverAccount()
	if aerr != nil {
		return "", aerr
	}
	if a != nil && (err != nil || !a.reaches(dir)) {
		return rootCache, nil
	}
	if err != nil {
		return "", fmt.Errorf("looking for the user's cache: %w", err)
	}
	return dir, nil
}
