package connect

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/jackc/pgservicefile"
)

// findService looks a service up in the user's file, then in the system's:
// https://www.postgresql.org/docs/current/libpq-pgservice.html
func findService(name string, e Environ) (file string, values map[string]string, err error) {
	var looked, have []string
	for _, file := range serviceFiles(e) {
		services, err := pgservicefile.ReadServicefile(file)
		if errors.Is(err, fs.ErrNotExist) {
			looked = append(looked, file+" (missing)")
			continue
		}
		if err != nil {
			return "", nil, &settingsError{what: "the service file " + file + " cannot be read", err: err}
		}
		if service, err := services.GetService(name); err == nil {
			return file, service.Settings, nil
		}
		looked = append(looked, file)
		for _, s := range services.Services {
			have = append(have, s.Name)
		}
	}
	what := fmt.Sprintf("there is no service %q in %s", name, strings.Join(looked, " and "))
	if len(have) > 0 {
		what += ", which has " + strings.Join(have, ", ")
	}
	return "", nil, &settingsError{what: what}
}

func serviceFiles(e Environ) []string {
	var files []string
	if file := e["PGSERVICEFILE"]; file != "" {
		files = append(files, file)
	} else if home, err := os.UserHomeDir(); err == nil {
		files = append(files, filepath.Join(home, ".pg_service.conf"))
	}
	if dir := e["PGSYSCONFDIR"]; dir != "" {
		files = append(files, filepath.Join(dir, "pg_service.conf"))
	}
	return files
}
