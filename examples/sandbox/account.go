package sandbox

import (
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
)

// account is the unprivileged user that postgres runs as when we are root, whom it refuses
// (src/backend/main/main.c, check_root). nil: postgres runs as we do.
type account struct {
	name     string
	uid, gid int
}

// overflowID is the kernel's nobody, where no account has a name (a container without /etc/passwd).
const overflowID = 65534

// serverAccount is postgres, else nobody, else the kernel's nobody; nil unless we are root.
func serverAccount() (*account, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue // the next one; an account is not required
		}
		a := &account{name: name}
		if a.uid, err = strconv.Atoi(u.Uid); err != nil {
			return nil, fmt.Errorf("reading the id of user %s: %w", name, err)
		}
		if a.gid, err = strconv.Atoi(u.Gid); err != nil {
			return nil, fmt.Errorf("reading the group of user %s: %w", name, err)
		}
		return a, nil
	}
	return &account{name: strconv.Itoa(overflowID), uid: overflowID, gid: overflowID}, nil
}

// makeDir makes a server's directory below parent and gives it to the account.
func makeDir(parent string, major int, a *account) (string, error) {
	if parent == "" {
		parent = os.TempDir()
	}
	parent, err := filepath.Abs(parent)
	if err != nil {
		return "", fmt.Errorf("resolving directory %s: %w", parent, err)
	}
	if err := os.MkdirAll(parent, 0o755); err != nil {
		return "", fmt.Errorf("making directory %s: %w", parent, err)
	}
	if a != nil {
		if err := a.open(parent); err != nil {
			return "", err
		}
	}
	dir, err := os.MkdirTemp(parent, fmt.Sprintf("sluice-pg%d-", major))
	if err != nil {
		return "", fmt.Errorf("making the server's directory: %w", err)
	}
	if a != nil {
		if err := os.Chown(dir, a.uid, a.gid); err != nil {
			return "", fmt.Errorf("giving %s to %s: %w", dir, a.name, err)
		}
	}
	return dir, nil
}

// open makes dir reachable for the account. Below os.TempDir, where a test's directory is 0700, it grants the right
// to traverse; elsewhere a closed directory is an error, because its owner may mean it.
func (a *account) open(dir string) error {
	temp := filepath.Clean(os.TempDir()) + string(filepath.Separator)
	for ; ; dir = filepath.Dir(dir) {
		info, err := os.Stat(dir)
		if err != nil {
			return fmt.Errorf("looking at directory %s: %w", dir, err)
		}
		if !a.traverses(info) {
			if !strings.HasPrefix(dir, temp) {
				return fmt.Errorf("directory %s is closed (%s) to %s, whom PostgreSQL runs as under root",
					dir, info.Mode().Perm(), a.name)
			}
			if err := os.Chmod(dir, info.Mode().Perm()|0o011); err != nil {
				return fmt.Errorf("opening directory %s to %s: %w", dir, a.name, err)
			}
		}
		if dir == filepath.Dir(dir) {
			return nil
		}
	}
}

// reaches says whether the account may traverse dir, as far as it exists, and all its parents.
func (a *account) reaches(dir string) bool {
	for ; ; dir = filepath.Dir(dir) {
		if info, err := os.Stat(dir); err == nil && !a.traverses(info) {
			return false
		}
		if dir == filepath.Dir(dir) {
			return true
		}
	}
}
