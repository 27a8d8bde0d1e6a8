package connect

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"syscall"

	"github.com/jackc/pgx/v5/pgconn"

	"sluice/config"
	"sluice/planner"
	"sluice/planner/catalog"
)

// unreachable is the code of every finding here.
const unreachable = "C116"

// cause is why a connection does not come about, and what to do.
type cause struct {
	what string
	fix  []string
}

// Finding explains why no connection to a server comes about: the cause, the
// words of the server or the system, and what to do. No password is in it.
func Finding(s config.Server, err error) planner.Finding {
	c := explain(s, err)
	return planner.Finding{
		Code:    unreachable,
		Object:  catalog.ID{Kind: "server", Name: s.Ref()},
		Summary: s.Ref() + ": " + c.what,
		Detail:  words(err),
		Fix:     c.fix,
	}
}

func explain(s config.Server, err error) cause {
	var (
		pg       *pgconn.PgError
		secret   *secretError
		settings *settingsError
		shared   *sharedPasswordError
	)
	switch {
	case errors.As(err, &secret):
		return cause{"its secret cannot be read", []string{"see to it that secret." + secret.name + " can be read where sluice runs"}}
	case errors.As(err, &shared):
		return cause{"PGPASSWORD cannot be meant for two servers", []string{
			`give each server its own:  secret "…" { env = "…" }  and  password = secret.…`,
			"or use .pgpass or pg_service.conf",
		}}
	case errors.As(err, &settings):
		return cause{settings.what, []string{"correct the " + s.Role + " block"}}
	case errors.As(err, &pg):
		return refused(s, pg)
	}
	return network(s, err)
}

// refused explains what the server says to a login:
// https://www.postgresql.org/docs/current/errcodes-appendix.html
func refused(s config.Server, pg *pgconn.PgError) cause {
	switch pg.Code {
	case "28P01":
		return cause{"the server refuses the password", []string{"check user and password of this block, its secret, or its line in .pgpass"}}
	case "28000":
		return cause{"the server refuses this login", []string{"check the user, and the lines of pg_hba.conf for this user, database and address"}}
	case "3D000":
		return cause{"there is no such database", missingDatabase(s)}
	case "42501":
		return cause{"the role may not connect to this database", []string{"as its owner:  GRANT CONNECT ON DATABASE … TO …"}}
	case "53300":
		return cause{"the server has no free connection", []string{"raise max_connections, close other sessions, or lower workers in the full block"}}
	case "57P03":
		return cause{"the server does not take connections yet", []string{"wait until it has started or recovered"}}
	}
	return cause{"the server refuses the connection", []string{"see what it says, and its log"}}
}

func missingDatabase(s config.Server) []string {
	if s.Role == "target" {
		return []string{"create it:  CREATE DATABASE …;  or correct its name", "sluice needs nothing in it"}
	}
	return []string{"correct its name: it is exact, also in upper and lower case"}
}

// network explains why the server was not reached.
func network(s config.Server, err error) cause {
	var (
		dns       *net.DNSError
		authority x509.UnknownAuthorityError
		hostname  x509.HostnameError
		invalid   x509.CertificateInvalidError
		alert     tls.AlertError
	)
	switch {
	case errors.As(err, &dns):
		return cause{"the host is not known", []string{"correct the name, or check the name server; is a VPN missing?"}}
	case errors.As(err, &authority):
		return cause{"the server's certificate is signed by nobody we trust", []string{
			"name the authority's certificate:  tls { ca = \"….pem\" }  (Amazon RDS: its global bundle)",
		}}
	case errors.As(err, &hostname):
		return cause{"the server's certificate is for another host", []string{"use the name that is in the certificate, or  tls { mode = \"verify-ca\" }"}}
	case errors.As(err, &invalid), errors.As(err, &alert):
		return cause{"TLS does not come about", []string{"check the certificates on both sides and their dates"}}
	case refusedTLS(err):
		return cause{"the server does not offer TLS", []string{"turn ssl on in the server, or, on a network that you trust,  tls { mode = \"disable\" }"}}
	case errors.Is(err, syscall.ECONNREFUSED):
		return cause{"nothing listens at this host and port", []string{"check host and port, that the server runs, and its listen_addresses"}}
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return cause{"there is no way to this host", []string{"check the network; is a VPN missing?"}}
	case timedOut(err):
		return cause{"the server does not answer", []string{"check host and port, and firewalls or security groups on the way"}}
	}
	return cause{"no connection comes about", []string{fmt.Sprintf("check the %s block", s.Role)}}
}

// refusedTLS looks at the text, since pgconn has no type for it (startTLS).
func refusedTLS(err error) bool {
	return strings.Contains(err.Error(), "server refused TLS connection")
}

func timedOut(err error) bool {
	var n net.Error
	return errors.Is(err, context.DeadlineExceeded) || errors.As(err, &n) && n.Timeout()
}

// words is what the innermost party says, on one line: the server where it
// answered, else the network. What is wrong in the block is in the cause.
func words(err error) string {
	var (
		pg       *pgconn.PgError
		settings *settingsError
		failed   *pgconn.ConnectError
	)
	switch {
	case errors.As(err, &pg):
		return pg.Error()
	case errors.As(err, &settings) && settings.err == nil:
		return ""
	case errors.As(err, &settings):
		err = settings.err
	case errors.As(err, &failed):
		err = errors.Unwrap(failed)
	}
	var lines []string // pgconn has one for each attempt: with and without TLS they say the same
	for line := range strings.Lines(err.Error()) {
		if line = strings.TrimSpace(line); !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "; ")
}
