package sandbox

import (
	"os"
	"path/filepath"
	"testing"
)

// extensionsSince is the first major that looks for extensions where a setting says.
// https://www.postgresql.org/docs/current/runtime-config-client.html#GUC-EXTENSION-CONTROL-PATH
const extensionsSince = 18

// WithExtensions starts a server of the newest major that beside its own has the extensions of these files (control
// and SQL, by name), and stops it at the end of the test. It skips the test where no server is new enough.
func WithExtensions(t testing.TB, files map[string]string) *Server {
	t.Helper()
	majors := Majors()
	if newest := majors[len(majors)-1]; newest < extensionsSince {
		t.Skipf("PostgreSQL %d has no extension_control_path", newest)
	}
	dir, err := os.MkdirTemp("", "sluice-extensions-") // not t.TempDir: postgres may run as somebody else
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "extension"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, "extension", name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	s, err := Start(t.Context(), Options{Settings: map[string]string{"extension_control_path": dir + ":$system"}})
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
