package connect

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"net/url"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"sluice/config"
	"sluice/examples/sandbox"
	"sluice/executor/session"
)

func TestMain(m *testing.M) { os.Exit(sandbox.Main(m)) }

// secured turns TLS and passwords on: a role guarded needs one, a role barred
// is let in nowhere.
func secured(t *testing.T) (server *sandbox.Server, ca string) {
	t.Helper()
	server = sandbox.Shared(t, 0, "secured")
	admin := server.URL("postgres")
	cert, key := selfSigned(t)
	// The server writes its files itself: they must belong to its account.
	store := func(name, text string) {
		literal := "'" + strings.ReplaceAll(text, "'", "''") + "'"
		sandbox.Exec(t, admin, "copy (select unnest(string_to_array("+literal+", E'\\n'))) to program 'umask 077; cat > "+name+"'")
	}
	store("server.crt", cert)
	store("server.key", key)
	store("pg_hba.conf", "host all barred 127.0.0.1/32 reject\nhost all guarded 127.0.0.1/32 scram-sha-256\nhost all all 127.0.0.1/32 trust")
	sandbox.Exec(t, admin, `
		do $$ begin
			if to_regrole('guarded') is null then
				create role barred login;
				create role guarded login connection limit 1 password 'right-`+canary+`';
			end if;
		end $$`)
	sandbox.Exec(t, admin, "alter system set ssl = on")
	sandbox.Exec(t, admin, "select pg_reload_conf()")
	return server, write(t, t.TempDir(), "ca.pem", cert)
}

func selfSigned(t *testing.T) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "127.0.0.1"},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, DNSNames: []string{"elsewhere.example"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})),
		string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8}))
}

func TestWhyAConnectionDoesNotComeAbout(t *testing.T) {
	clean(t)
	server, ca := secured(t)
	plain := sandbox.Shared(t, 0, "plain")
	at := func(role string) config.Server {
		return config.Server{Role: role, Name: "x", Host: "127.0.0.1", Port: server.Port(), User: "postgres", Database: "postgres"}
	}
	with := func(s config.Server, change func(*config.Server)) config.Server {
		change(&s)
		return s
	}
	t.Setenv("SLUICE_TEST_WRONG", canary)
	wrong := &config.Secret{Name: "pw", Env: "SLUICE_TEST_WRONG"}

	tests := []struct {
		why    string
		server config.Server
		what   string
		fix    string
	}{
		{"a wrong password", with(at("source"), func(s *config.Server) { s.User, s.Password = "guarded", wrong }), "refuses the password", "secret"},
		{"a wrong password in a url", config.Server{Role: "source", Name: "x", URL: "postgres://guarded:" + canary + "@127.0.0.1:" +
			strconv.Itoa(server.Port()) + "/postgres"}, "refuses the password", ".pgpass"},
		{"a role that pg_hba.conf bars", with(at("source"), func(s *config.Server) { s.User = "barred" }), "refuses this login", "pg_hba.conf"},
		{"an unknown role", with(at("source"), func(s *config.Server) { s.User = "nobody_at_all" }), "refuses this login", "user"},
		{"a missing database on the target", with(at("target"), func(s *config.Server) { s.Database = "Shop" }), "no such database", "CREATE DATABASE"},
		{"a missing database on the source", with(at("source"), func(s *config.Server) { s.Database = "Shop" }), "no such database", "exact"},
		{"a wrong port", with(at("source"), func(s *config.Server) { s.Port = unusedPort(t) }), "nothing listens", "port"},
		{"an unknown host", with(at("source"), func(s *config.Server) { s.Host = "db.invalid" }), "host is not known", "name"},
		{"an unknown authority", with(at("source"), func(s *config.Server) { s.TLS.Mode = "verify-full" }), "signed by nobody", "ca"},
		{"a certificate for another host", with(at("source"), func(s *config.Server) {
			s.Host, s.TLS = "localhost", config.TLS{Mode: "verify-full", CA: ca}
		}), "for another host", "name"},
		{"a server without TLS", with(at("source"), func(s *config.Server) { s.Port, s.TLS.Mode = plain.Port(), "require" }), "does not offer TLS", "ssl"},
		{"a server that says nothing", with(at("source"), func(s *config.Server) {
			s.URL = "postgres://127.0.0.1:" + strconv.Itoa(silent(t)) + "/a?sslmode=disable&connect_timeout=1"
			s.Host = ""
			s.Port = 0
		}), "does not answer", "firewalls"},
	}
	for _, test := range tests {
		t.Run(test.why, func(t *testing.T) {
			_, err := Server(test.server, Options{}).Connect(t.Context(), "test")
			if err == nil {
				t.Fatal("it connects")
			}
			f := Finding(test.server, err)
			fix := strings.Join(f.Fix, "\n")
			if f.Code != "C116" || !strings.Contains(f.Summary, test.what) || !strings.Contains(fix, test.fix) {
				t.Errorf("%s\n%s\n%s", f.Summary, f.Detail, fix)
			}
			if text := err.Error() + f.Summary + f.Detail + fix; strings.Contains(text, canary) {
				t.Errorf("the password is shown: %s", text)
			}
		})
	}
}

func TestARoleThatHasNoConnectionLeft(t *testing.T) {
	clean(t)
	server, _ := secured(t)
	s := config.Server{Role: "source", Name: "x", URL: "postgres://guarded:" + url.PathEscape("right-"+canary) + "@127.0.0.1:" +
		strconv.Itoa(server.Port()) + "/postgres"}
	conn, err := Server(s, Options{}).Connect(t.Context(), "test")
	if err != nil {
		t.Fatal(err)
	}
	defer session.Close(t.Context(), conn)
	_, err = Server(s, Options{}).Connect(t.Context(), "test")
	if f := Finding(s, err); !strings.Contains(f.Summary, "no free connection") {
		t.Errorf("%s\n%s", f.Summary, f.Detail)
	}
}

func TestTheCertificateOfTheServerIsVerified(t *testing.T) {
	clean(t)
	server, ca := secured(t)
	s := config.Server{Role: "source", Name: "x", Host: "127.0.0.1", Port: server.Port(), User: "postgres", Database: "postgres",
		TLS: config.TLS{Mode: "verify-full", CA: ca}}
	conn, err := Server(s, Options{}).Connect(t.Context(), "copy")
	if err != nil {
		t.Fatal(err)
	}
	defer session.Close(t.Context(), conn)
	var encrypted bool
	var name string
	err = conn.QueryRow(t.Context(), `
		select s.ssl, a.application_name from pg_stat_ssl s join pg_stat_activity a using (pid) where pid = pg_backend_pid()`).Scan(&encrypted, &name)
	if err != nil {
		t.Fatal(err)
	}
	if !encrypted || name != "sluice copy" {
		t.Errorf("encrypted %v, application_name %q", encrypted, name)
	}
}

// unusedPort is one that nothing listens at, most likely.
func unusedPort(t *testing.T) int {
	t.Helper()
	port, listener := listen(t)
	listener.Close()
	return port
}

// silent is the port of a server that takes connections and says nothing.
func silent(t *testing.T) int {
	t.Helper()
	port, listener := listen(t)
	t.Cleanup(func() { listener.Close() })
	return port
}

func listen(t *testing.T) (int, net.Listener) {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return listener.Addr().(*net.TCPAddr).Port, listener
}
