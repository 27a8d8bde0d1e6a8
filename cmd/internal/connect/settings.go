package connect

import (
	"errors"
	"io/fs"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"sluice/config"
)

// settings is a connection string in the making. Later values win over earlier
// ones, and over those of a service.
type settings struct {
	text    string
	url     bool // text is a URL, else keywords and values
	sslmode bool // the configuration says which
}

// collect gathers what the block and its service say.
func collect(s config.Server, o Options) (*settings, error) {
	g := &settings{text: s.URL, url: s.URL != ""}
	g.sslmode = g.url && urlHas(s.URL, "sslmode", "ssl")
	if s.Service != "" {
		file, values, err := findService(s.Service, o.Environ)
		if err != nil {
			return nil, err
		}
		g.set("service", s.Service)
		g.set("servicefile", file)
		g.sslmode = values["sslmode"] != ""
	}
	g.set("host", s.Host)
	if s.Port != 0 {
		g.set("port", strconv.Itoa(s.Port))
	}
	g.set("user", s.User)
	g.set("dbname", s.Database)
	g.set("passfile", o.Environ["PGPASSFILE"])
	g.setTLS(s.TLS, o.Dir)
	return g, nil
}

func (g *settings) setTLS(t config.TLS, dir string) {
	g.set("sslmode", t.Mode)
	g.sslmode = g.sslmode || t.Mode != ""
	if t.CA != "" {
		g.set("sslrootcert", within(dir, t.CA))
	}
	if t.Cert != "" {
		// setCertificate puts it in: pgx must not look at that of ~/.postgresql.
		g.add("sslcert", "")
		g.add("sslkey", "")
	}
}

// set adds a value, unless it is empty.
func (g *settings) set(key, value string) {
	if value != "" {
		g.add(key, value)
	}
}

func (g *settings) add(key, value string) {
	switch {
	case !g.url:
		g.text += key + "='" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(value) + "' "
	case strings.Contains(afterUser(g.text), "?"):
		g.text += "&" + key + "=" + url.PathEscape(value)
	default:
		g.text += "?" + key + "=" + url.PathEscape(value)
	}
}

// parse lets pgx read the settings. Its error never has the text of a url,
// which may hold a password in a place where nobody expects one.
func (g *settings) parse(s config.Server) (*pgx.ConnConfig, error) {
	c, err := pgx.ParseConfig(g.text)
	if err == nil {
		return c, nil
	}
	var path *fs.PathError
	switch {
	case errors.As(err, &path):
		return nil, &settingsError{what: "a file that it names cannot be read", err: path}
	case s.URL != "":
		return nil, &settingsError{what: "its url cannot be used (the text is not shown, since it may hold a password)"}
	}
	return nil, &settingsError{what: "its settings cannot be used", err: errors.Unwrap(err)}
}

// settingsError says that a block cannot be carried out as it stands.
type settingsError struct {
	what string
	err  error // may be nil
}

func (e *settingsError) Error() string {
	if e.err == nil {
		return e.what
	}
	return e.what + ": " + e.err.Error()
}

func (e *settingsError) Unwrap() error { return e.err }

// afterUser is a URL behind its user and password: there "?" begins the query.
func afterUser(text string) string {
	_, rest, _ := strings.Cut(text, "://")
	if i := strings.IndexAny(rest, "@/"); i >= 0 && rest[i] == '@' {
		return rest[i+1:]
	}
	return rest
}

// urlHas says that the query of a URL has one of the keys.
func urlHas(text string, keys ...string) bool {
	_, query, _ := strings.Cut(afterUser(text), "?")
	for pair := range strings.SplitSeq(query, "&") {
		name, _, _ := strings.Cut(pair, "=")
		name, _ = url.PathUnescape(name) // pgx refuses what cannot be unescaped
		for _, key := range keys {
			if name == key {
				return true
			}
		}
	}
	return false
}

// within is a file name as seen from a directory.
func within(dir, name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(dir, name)
}
