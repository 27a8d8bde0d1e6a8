package config

import (
	"cmp"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// Server is how a source or a target is reached: by URL, by Service (an entry
// of pg_service.conf) or by Host. What is empty is left to libpq's own
// defaults: pg_service.conf, .pgpass and the PG* variables.
type Server struct {
	Role     string // source or target
	Name     string // the label
	URL      string // may hold a password: never print it
	Service  string
	Host     string
	Port     int    // 0: not given
	User     string // empty: not given
	Database string // where not empty, it takes the place of the one in URL or Service
	Password *Secret
	TLS      TLS
	Range    Range // the header of the block
}

// Ref is the server as the configuration refers to it: source.old.
func (s Server) Ref() string { return s.Role + "." + s.Name }

// Servers are those of every migration, each once, also of the migrations that
// Narrow has left out: what keeps a password from being shown, or from being
// sent to another server, has to know them all.
func (c *Config) Servers() []Server { return c.servers }

func serversOf(migrations []Migration) (all []Server) {
	for _, m := range migrations {
		for _, s := range []Server{m.Source, m.Target} {
			known := slices.ContainsFunc(all, func(o Server) bool { return o.Ref() == s.Ref() })
			if !known {
				all = append(all, s)
			}
		}
	}
	return all
}

// Secrets are all that are declared, by name.
func (c *Config) Secrets() map[string]*Secret { return c.secrets }

// String is Ref, so that printing a Server does not print its URL.
func (s Server) String() string { return s.Ref() }

// TLS has the settings of the encrypted connection. File names are as
// written in the configuration.
type TLS struct {
	Mode          string // disable, require, verify-ca, verify-full; empty: verify-full unless the host is local
	CA, Cert, Key string
	KeyPassword   *Secret
}

// Secret says where a secret is kept; its value never enters a Config.
// Exactly one of Env, File, Command and RDSIAM is set.
type Secret struct {
	Name    string
	Env     string   // name of an environment variable
	File    string   // its content, without the newline at the end
	Command []string // its standard output, without the newline at the end
	RDSIAM  bool     // an AWS IAM token, made for each connection
	Range   Range    // the header of the block
}

// server makes a Server of a decoded block and checks what its arguments say
// together.
func (l *loader) server(b *block) Server {
	tls := b.child("tls")
	s := Server{
		Role: b.spec.name, Name: b.label(0), Range: rangeOf(b.rng),
		URL: get[string](b, "url"), Service: get[string](b, "service"),
		Host: get[string](b, "host"), Port: get[int](b, "port"),
		User: get[string](b, "user"), Database: get[string](b, "database"),
		Password: l.secret(b, "password"),
		TLS: TLS{
			Mode: get[string](tls, "mode"), CA: get[string](tls, "ca"),
			Cert: get[string](tls, "cert"), Key: get[string](tls, "key"),
			KeyPassword: l.secret(tls, "key_password"),
		},
	}
	l.checkWayIn(b)
	l.checkURL(b, s)
	l.checkCertificate(tls)
	return s
}

// secret returns what a reference to a secret stands for, or nil.
func (l *loader) secret(b *block, name string) *Secret {
	return l.secrets[get[reference](b, name).name]
}

// checkWayIn demands exactly one way to the server.
func (l *loader) checkWayIn(b *block) {
	if !b.has("url") && !b.has("service") && !b.has("host") {
		l.report.error(b.rng, "No server is named",
			"A "+b.spec.name+` block needs one of url, service or host, such as service = "old_shop".`)
	}
	for _, name := range []string{"service", "host", "port"} {
		if b.has("url") && b.has(name) {
			l.report.error(b.args[name].nameRange, "Two ways to one server",
				"The url already says which server this is. Remove either url or "+name+".")
		}
	}
}

// checkURL compares the url with the arguments beside it. Its text is in no
// message: it may hold a password.
func (l *loader) checkURL(b *block, s Server) {
	if s.URL == "" {
		return
	}
	u, ok := splitURL(s.URL)
	if !ok {
		l.report.error(b.args["url"].rng, "Not a PostgreSQL URL",
			"A url is of the form postgres://USER@HOST:PORT/DATABASE. Its text is not shown here, because it may hold a password.")
		return
	}
	_, password := u.User.Password()
	for name, twice := range map[string]bool{
		"user":     u.User.Username() != "" || u.Query().Has("user"),
		"password": password || u.Query().Has("password"),
		"database": strings.Trim(u.Path, "/") != "" || u.Query().Has("dbname"),
	} {
		if twice && b.has(name) {
			l.report.error(b.args[name].nameRange, "Given twice",
				"The url already has a "+name+". Remove it there, or remove this argument.")
		}
	}
}

func (l *loader) checkCertificate(tls *block) {
	for _, pair := range [][2]string{{"cert", "key"}, {"key", "cert"}, {"key_password", "key"}} {
		if tls.has(pair[0]) && !tls.has(pair[1]) {
			l.report.error(tls.args[pair[0]].nameRange, "A certificate without its other half",
				pair[0]+" is of use only together with "+pair[1]+".")
		}
	}
}

// splitURL parses a connection URL. Several hosts are allowed, as libpq has
// them; net/url is not asked about those, only about the first.
func splitURL(text string) (*url.URL, bool) {
	scheme, rest, ok := strings.Cut(text, "://")
	if !ok || scheme != "postgres" && scheme != "postgresql" {
		return nil, false
	}
	end := strings.IndexAny(rest, "/?")
	if end < 0 {
		end = len(rest)
	}
	host, _, _ := strings.Cut(rest[:end], ",")
	u, err := url.Parse(scheme + "://" + host + rest[end:])
	return u, err == nil
}

// place is the database a server leads to, as far as its text says: two
// servers with the same place are one database.
func (s Server) place() string {
	if u, ok := splitURL(s.URL); ok {
		host := cmp.Or(u.Query().Get("host"), u.Hostname())
		port := cmp.Or(u.Query().Get("port"), u.Port(), "5432")
		database := cmp.Or(s.Database, strings.Trim(u.Path, "/"), u.Query().Get("dbname"))
		return strings.ToLower(net.JoinHostPort(host, port)) + " " + database
	}
	if s.Service != "" {
		return "service " + s.Service + " " + s.Host + " " + s.Database
	}
	return strings.ToLower(net.JoinHostPort(s.Host, strconv.Itoa(cmp.Or(s.Port, 5432)))) + " " + s.Database
}

// secretBlock makes a Secret of a decoded block.
func (l *loader) secretBlock(b *block) *Secret {
	given := 0
	for _, name := range []string{"env", "file", "command", "rds_iam"} {
		if b.has(name) {
			given++
		}
	}
	if given != 1 {
		l.report.error(b.rng, "A secret has one place",
			"A secret block takes exactly one of env, file, command or rds_iam.")
	}
	return &Secret{
		Name: b.label(0), Range: rangeOf(b.rng),
		Env: get[string](b, "env"), File: get[string](b, "file"),
		Command: get[[]string](b, "command"), RDSIAM: get[bool](b, "rds_iam"),
	}
}

// reference is a static reference to a top-level block: source.old.
type reference struct{ name string }
