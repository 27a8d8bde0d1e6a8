// Package connect makes connections of the server blocks of a configuration.
//
// A source's password must never reach the target, nor the other way round.
// libpq's environment variables (PG*) know no sides, so they are taken out of
// the environment when the process starts (Take), and count as follows:
//
//   - PGSERVICEFILE, PGSYSCONFDIR and PGPASSFILE name files that tell servers
//     apart, and hold for both sides.
//   - PGPASSWORD is the password of a server that has none of its own (no
//     secret, none in the url, the service or .pgpass), as long as it is the
//     only one. Where several have none, connecting is refused.
//   - All others fill in nothing: a server is where its block says it is.
//   - A secret with env = "PGPASSWORD" reads it, as any other variable.
//
// Secrets are read when a connection opens, and are in no error. Where no
// sslmode is given it is verify-full, or prefer on this very machine.
package connect

import (
	"context"
	"net"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"sluice/config"
	"sluice/executor/session"
)

// Options are what a server's block does not say.
type Options struct {
	Dir     string          // of the configuration: file names in it are relative to it
	Environ Environ         // what Take returned
	Others  []config.Server // every server of the configuration, s itself may be among them
}

const (
	// connectTimeout bounds one attempt where the configuration has no
	// connect_timeout: long enough for a server across the world that is busy,
	// short enough that a firewall which drops packets is noticed.
	connectTimeout = 10 * time.Second
	// A connection is given up after about a minute without an answer: the
	// network may have forgotten it, and a read would wait for ever.
	keepAliveIdle     = 30 * time.Second
	keepAliveInterval = 10 * time.Second
	keepAliveCount    = 3
)

// Server returns the way to a server. What is wrong with it, a missing secret
// included, is the error of the first connection; Finding explains it.
func Server(s config.Server, o Options) session.Server {
	return session.Server{Ref: s.Ref(), Config: func(ctx context.Context) (*pgx.ConnConfig, error) {
		return configure(ctx, s, o)
	}}
}

func configure(ctx context.Context, s config.Server, o Options) (*pgx.ConnConfig, error) {
	c, err := parse(s, o)
	if err != nil {
		return nil, err
	}
	if err := setPassword(ctx, c, s, o); err != nil {
		return nil, err
	}
	if err := setCertificate(ctx, c, s.TLS, o); err != nil {
		return nil, err
	}
	if c.ConnectTimeout == 0 {
		c.ConnectTimeout = connectTimeout
	}
	dialer := &net.Dialer{Timeout: c.ConnectTimeout, KeepAliveConfig: net.KeepAliveConfig{
		Enable: true, Idle: keepAliveIdle, Interval: keepAliveInterval, Count: keepAliveCount,
	}}
	c.DialFunc = dialer.DialContext
	return c, nil
}

// parse reads all but the secrets. A password that it finds is the server's
// own: of its url, its service or .pgpass.
func parse(s config.Server, o Options) (*pgx.ConnConfig, error) {
	given, err := collect(s, o)
	if err != nil {
		return nil, err
	}
	c, err := given.parse(s)
	if err != nil || given.sslmode {
		return c, err
	}
	if !local(c) {
		given.set("sslmode", "verify-full")
	}
	return given.parse(s)
}

// local says that every host is this machine: pgx's default, prefer, is safe.
func local(c *pgx.ConnConfig) bool {
	hosts := []string{c.Host}
	for _, f := range c.Fallbacks {
		hosts = append(hosts, f.Host)
	}
	for _, host := range hosts {
		ip := net.ParseIP(host)
		if host != "localhost" && !strings.HasPrefix(host, "/") && (ip == nil || !ip.IsLoopback()) {
			return false
		}
	}
	return true
}
