package sandbox

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// emptyCache makes the user's cache an empty directory, which the account that runs servers can reach.
func emptyCache(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	a, err := serverAccount()
	if err != nil {
		t.Fatal(err)
	}
	if a != nil {
		if err := a.open(dir); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("XDG_CACHE_HOME", dir)
	if runtime.GOOS == "darwin" {
		t.Setenv("HOME", dir) // elsewhere leave it: npm keeps its configuration in the home directory
	}
	return dir
}

func TestFetchedServerRuns(t *testing.T) {
	if _, err := exec.LookPath("npm"); err != nil {
		wantHint(t)
		return
	}
	emptyCache(t)
	said := 0
	in, err := Fetch(t.Context(), 16, func(string) { said++ })
	if err != nil {
		t.Fatal(err)
	}
	cache, err := cacheDir()
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(in.Bin, cache) || in.Major != 16 || said != 1 {
		t.Errorf("got %v, said %d lines", in, said)
	}
	t.Setenv("SLUICE_PG_BIN", in.Bin) // first of all places
	s := start(t, Options{Major: 16})
	if s.install.Bin != in.Bin {
		t.Errorf("the server is of %s, not of %s", s.install.Bin, in.Bin)
	}
	// plpgsql and the walsender's library are loaded at run time, through the restored links.
	Exec(t, s.URL("postgres"), `do $$ begin perform 1; end $$; load 'libpqwalreceiver'; load 'pgoutput'`)
	if again, err := Fetch(t.Context(), 16, func(string) { said++ }); err != nil || again != in || said != 1 {
		t.Errorf("fetching it again: %v, %v, said %d lines", again, err, said)
	}
	if left, _ := filepath.Glob(filepath.Join(cache, ".fetch-*")); len(left) > 0 {
		t.Errorf("%v is left", left)
	}
}

func TestWithoutNpmTheErrorSaysWhatToDo(t *testing.T) { wantHint(t) }

func wantHint(t *testing.T) {
	t.Helper()
	emptyCache(t)
	t.Setenv("PATH", t.TempDir())
	_, err := Fetch(t.Context(), 17, nil)
	if !errors.Is(err, exec.ErrNotFound) || !strings.Contains(err.Error(), "package manager") ||
		!strings.Contains(err.Error(), "SLUICE_PG_BIN") {
		t.Errorf("the error is %v", err)
	}
}

func TestUnknownMajorIsRefused(t *testing.T) {
	if _, err := Fetch(t.Context(), 9, nil); err == nil {
		t.Error("9 was fetched")
	}
	_, err := Start(t.Context(), Options{Major: 9})
	if !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "PostgreSQL 9 is not installed") {
		t.Errorf("the error is %v", err)
	}
}

func TestInstalledIsOneForEachMajor(t *testing.T) {
	in := Installed()
	if len(in) == 0 {
		t.Fatal("Shared should have fetched one")
	}
	link := filepath.Join(t.TempDir(), "bin")
	if err := os.Symlink(in[0].Bin, link); err != nil {
		t.Fatal(err)
	}
	t.Setenv("SLUICE_PG_BIN", link)
	again := Installed()
	if len(again) != len(in) || again[0] != in[0] {
		t.Errorf("got %v, want %v: a link is the same installation", again, in)
	}
}

func TestRootWithoutHomeUsesACacheForEverybody(t *testing.T) {
	a, err := serverAccount()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("HOME", "")
	t.Setenv("XDG_CACHE_HOME", "")
	dir, err := cacheDir()
	if err != nil {
		t.Fatal(err)
	}
	if a != nil && !a.reaches(dir) {
		t.Errorf("%s is closed to %s", dir, a.name)
	}
}

func TestUnpackStaysInside(t *testing.T) {
	t.Parallel()
	cases := map[string]map[string]string{
		"a name leads out":        {"package/native/../../evil": "x"},
		"a link leads out":        {"package/native/pg-symlinks.json": `[{"source":"../../etc/passwd","target":"native/lib/x"}]`},
		"a link lies outside":     {"package/native/pg-symlinks.json": `[{"source":"native/lib/x","target":"../evil"}]`},
		"a file is twice in it":   {"package/native/bin/../x": "1", "package/native/x": "2"},
		"the list is not of JSON": {"package/native/pg-symlinks.json": `{`},
	}
	for name, files := range cases {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			archive := filepath.Join(dir, "a.tgz")
			writeArchive(t, archive, files)
			if err := unpack(archive, filepath.Join(dir, "out", "..", "native")); err == nil {
				t.Error("it was unpacked")
			}
			if entries, _ := os.ReadDir(dir); len(entries) != 2 {
				t.Errorf("beside the archive and the directory there is %v", entries)
			}
		})
	}
}

func writeArchive(t *testing.T, path string, files map[string]string) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	z := gzip.NewWriter(f)
	w := tar.NewWriter(z)
	for name, text := range files {
		if err := w.WriteHeader(&tar.Header{Name: name, Typeflag: tar.TypeReg, Mode: 0o600, Size: int64(len(text))}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(w.Close(), z.Close(), f.Close()); err != nil {
		t.Fatal(err)
	}
}
