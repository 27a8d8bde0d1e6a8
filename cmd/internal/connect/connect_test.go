package connect

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"sluice/config"
)

// canary is a password that must be in no error and in no output.
const canary = "canary-7f3a"

// clean takes libpq's variables and the home directory of whoever runs the
// tests out of the way. Tests that use it cannot be parallel.
func clean(t *testing.T) {
	t.Helper()
	for _, name := range variables {
		if value, ok := os.LookupEnv(name); ok {
			t.Setenv(name, value) // restores it afterwards
			os.Unsetenv(name)
		}
	}
	t.Setenv("HOME", t.TempDir())
}

func write(t *testing.T, dir, name, text string) string {
	t.Helper()
	file := filepath.Join(dir, name)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func mustConfigure(t *testing.T, s config.Server, o Options) *pgx.ConnConfig {
	t.Helper()
	c, err := configure(t.Context(), s, o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestVariablesOfTheEnvironmentFillInNothing(t *testing.T) {
	clean(t)
	for name, value := range map[string]string{
		"PGHOST": "other.example", "PGPORT": "1", "PGUSER": "other", "PGDATABASE": "other", "PGPASSWORD": canary,
		"PGSSLMODE": "disable", "PGSERVICE": "other", "PGOPTIONS": "-c geqo=off", "PGAPPNAME": "other", "PGTZ": "Asia/Tokyo",
	} {
		t.Setenv(name, value)
	}
	environ := Take()
	if got := os.Getenv("PGPASSWORD"); got != "" {
		t.Fatalf("PGPASSWORD is still in the environment: %q", got)
	}
	source := config.Server{Role: "source", Name: "old", Host: "old.example", User: "migrator",
		Password: &config.Secret{Name: "pw", Env: "PGPASSWORD"}}
	target := config.Server{Role: "target", Name: "new", URL: "postgres://new.example/shop"}
	o := Options{Environ: environ, Others: []config.Server{source, target}}

	c := mustConfigure(t, source, o)
	if c.Host != "old.example" || c.Port != 5432 || c.User != "migrator" || c.TLSConfig == nil || len(c.RuntimeParams) != 0 {
		t.Errorf("source: %s:%d as %s, TLS %v, %v", c.Host, c.Port, c.User, c.TLSConfig != nil, c.RuntimeParams)
	}
	if c.Password != canary {
		t.Error("a secret cannot name PGPASSWORD")
	}
	c = mustConfigure(t, target, o)
	if c.Host != "new.example" || c.Database != "shop" || c.User == "other" || c.TLSConfig == nil || len(c.Fallbacks) != 0 {
		t.Errorf("target: %s/%s as %s", c.Host, c.Database, c.User)
	}
}

func TestPGPASSWORDIsForTheOneServerWithoutPassword(t *testing.T) {
	clean(t)
	with := config.Server{Role: "source", Name: "old", URL: "postgres://a:own@127.0.0.1/a"}
	without := config.Server{Role: "target", Name: "new", URL: "postgres://b@127.0.0.1/b"}
	o := Options{Environ: Environ{"PGPASSWORD": canary}, Others: []config.Server{with, without}}
	if c := mustConfigure(t, with, o); c.Password != "own" {
		t.Error("PGPASSWORD replaces a server's own password")
	}
	if c := mustConfigure(t, without, o); c.Password != canary {
		t.Error("PGPASSWORD is not used")
	}
}

func TestPGPASSWORDIsNeverSentToBothSides(t *testing.T) {
	clean(t)
	source := config.Server{Role: "source", Name: "old", Host: "127.0.0.1"}
	target := config.Server{Role: "target", Name: "new", Host: "127.0.0.1"}
	o := Options{Environ: Environ{"PGPASSWORD": canary}, Others: []config.Server{source, target}}
	for _, s := range []config.Server{source, target} {
		_, err := configure(t.Context(), s, o)
		if err == nil {
			t.Fatalf("%s takes PGPASSWORD", s.Ref())
		}
		f := Finding(s, err)
		if !strings.Contains(f.Summary, "PGPASSWORD cannot be meant for two servers") {
			t.Errorf("finding: %+v", f)
		}
	}
}

func TestPgpassCountsAsAPasswordOfItsOwn(t *testing.T) {
	clean(t)
	passfile := write(t, t.TempDir(), "pgpass", "127.0.0.1:5432:shop:migrator:from-file\n")
	source := config.Server{Role: "source", Name: "old", Host: "127.0.0.1", User: "migrator", Database: "shop"}
	target := config.Server{Role: "target", Name: "new", Host: "127.0.0.1", User: "other", Database: "shop"}
	o := Options{
		Environ: Environ{"PGPASSWORD": canary, "PGPASSFILE": passfile},
		Others:  []config.Server{source, target},
	}
	if c := mustConfigure(t, source, o); c.Password != "from-file" {
		t.Error("the line of .pgpass is not used")
	}
	if c := mustConfigure(t, target, o); c.Password != canary {
		t.Error("PGPASSWORD is not used for the other server")
	}
}

func TestServicesAreReadAsPsqlDoes(t *testing.T) {
	clean(t)
	dir := t.TempDir()
	write(t, dir, "pg_service.conf", "[system]\nhost=system.example\n[old_shop]\nhost=wrong.example\n")
	user := write(t, t.TempDir(), "services", "[old_shop]\nhost=10.0.0.7\nport=5433\nuser=app\ndbname=shop\npassword=own\nsslmode=require\n")
	o := Options{Environ: Environ{"PGSERVICEFILE": user, "PGSYSCONFDIR": dir}}

	c := mustConfigure(t, config.Server{Role: "source", Name: "old", Service: "old_shop"}, o)
	if c.Host != "10.0.0.7" || c.Port != 5433 || c.User != "app" || c.Database != "shop" || c.Password != "own" {
		t.Errorf("service: %s:%d/%s as %s", c.Host, c.Port, c.Database, c.User)
	}
	if c.TLSConfig == nil || !c.TLSConfig.InsecureSkipVerify {
		t.Error("the service's sslmode is not used")
	}
	c = mustConfigure(t, config.Server{Role: "source", Name: "old", Service: "old_shop", Database: "crm", User: "migrator"}, o)
	if c.Database != "crm" || c.User != "migrator" {
		t.Errorf("the block does not win over the service: %s as %s", c.Database, c.User)
	}
	c = mustConfigure(t, config.Server{Role: "source", Name: "old", Service: "system"}, o)
	if c.Host != "system.example" {
		t.Errorf("the system's file is not read: %s", c.Host)
	}
	s := config.Server{Role: "source", Name: "old", Service: "old_shpo"}
	_, err := configure(t.Context(), s, o)
	if err == nil {
		t.Fatal("an unknown service is accepted")
	}
	if f := Finding(s, err); !strings.Contains(f.Summary, `no service "old_shpo"`) || !strings.Contains(f.Summary, "old_shop") {
		t.Errorf("finding: %s", f.Summary)
	}
}

func TestTLSIsVerifiedUnlessTheServerIsLocal(t *testing.T) {
	clean(t)
	tests := []struct {
		why    string
		server config.Server
		mode   string // verify-full, require, prefer, disable
	}{
		{"a remote host", config.Server{Host: "db.example"}, "verify-full"},
		{"a remote address", config.Server{URL: "postgres://10.0.0.1/a"}, "verify-full"},
		{"loopback", config.Server{Host: "127.0.0.1"}, "prefer"},
		{"loopback, IPv6", config.Server{URL: "postgres://[::1]/a"}, "prefer"},
		{"localhost", config.Server{URL: "postgres://localhost/a"}, "prefer"},
		{"a socket", config.Server{Host: "/run/postgresql"}, "disable"},
		{"one of two hosts is remote", config.Server{URL: "postgres://localhost,db.example/a"}, "verify-full"},
		{"the url says", config.Server{URL: "postgres://db.example/a?sslmode=require"}, "require"},
		{"the url says with its first key", config.Server{URL: "postgres://u:p%3Fw@db.example/a?sslmode=disable&application_name=x"}, "disable"},
		{"the block says", config.Server{Host: "db.example", TLS: config.TLS{Mode: "require"}}, "require"},
		{"the block says it on loopback", config.Server{Host: "127.0.0.1", TLS: config.TLS{Mode: "verify-full"}}, "verify-full"},
	}
	for _, test := range tests {
		t.Run(test.why, func(t *testing.T) {
			c := mustConfigure(t, test.server, Options{})
			got := "disable"
			switch tls := c.TLSConfig; {
			case tls != nil && !tls.InsecureSkipVerify:
				got = "verify-full"
			case tls != nil && len(c.Fallbacks) > 0:
				got = "prefer"
			case tls != nil:
				got = "require"
			}
			if got != test.mode {
				t.Errorf("the mode is %s, want %s", got, test.mode)
			}
		})
	}
}

func TestSourceDatabaseReplacesThatOfTheURL(t *testing.T) {
	clean(t)
	for _, url := range []string{
		"postgres://u:p@127.0.0.1/shop", "postgres://127.0.0.1", "postgres://127.0.0.1?connect_timeout=3", "postgres://127.0.0.1/shop?dbname=x",
	} {
		s := config.Server{URL: url, Database: `we/ird "name" ü+%`}
		if c := mustConfigure(t, s, Options{}); c.Database != s.Database {
			t.Errorf("%s: the database is %q", url, c.Database)
		}
	}
	s := config.Server{Host: "127.0.0.1", User: `o'brien\`, Database: "a b"}
	if c := mustConfigure(t, s, Options{}); c.User != s.User || c.Database != s.Database {
		t.Errorf("quoting: %q, %q", c.User, c.Database)
	}
}

func TestTimeouts(t *testing.T) {
	clean(t)
	if c := mustConfigure(t, config.Server{Host: "127.0.0.1"}, Options{}); c.ConnectTimeout != 10*time.Second {
		t.Errorf("the timeout is %s", c.ConnectTimeout)
	}
	s := config.Server{URL: "postgres://127.0.0.1/a?connect_timeout=3"}
	if c := mustConfigure(t, s, Options{}); c.ConnectTimeout != 3*time.Second {
		t.Errorf("the timeout of the url is not used: %s", c.ConnectTimeout)
	}
}

func TestSecretsAreReadWhereTheyAreKept(t *testing.T) {
	clean(t)
	dir := t.TempDir()
	write(t, dir, "password", canary+"\r\n")
	write(t, dir, "two_lines", canary+"\n\n")
	t.Setenv("SLUICE_TEST_SECRET", canary)
	tests := []struct {
		secret config.Secret
		want   string
	}{
		{config.Secret{Env: "SLUICE_TEST_SECRET"}, canary},
		{config.Secret{File: "password"}, canary},
		{config.Secret{File: "two_lines"}, canary + "\n"},
		{config.Secret{File: filepath.Join(dir, "password")}, canary},
		{config.Secret{Command: []string{"printf", "%s\\n", canary}}, canary},
		{config.Secret{Command: []string{"cat", "password"}}, canary},
	}
	for _, test := range tests {
		got, err := Secret(t.Context(), &test.secret, Options{Dir: dir})
		if err != nil || got != test.want {
			t.Errorf("%+v: %q, %v", test.secret, got, err)
		}
	}
}

func TestASecretThatCannotBeReadIsNamedAndNotShown(t *testing.T) {
	clean(t)
	dir := t.TempDir()
	write(t, dir, "empty", "\n")
	write(t, dir, "fails.sh", "echo "+canary+"; echo "+canary+" >&2; exit 3\n")
	for _, secret := range []config.Secret{
		{Name: "pw", Env: "SLUICE_TEST_MISSING"},
		{Name: "pw", File: "missing"},
		{Name: "pw", File: "empty"},
		{Name: "pw", Command: []string{"no-such-command", canary}},
		{Name: "pw", Command: []string{"sh", "fails.sh"}},
		{Name: "pw", RDSIAM: true},
	} {
		s := config.Server{Role: "source", Name: "old", Host: "127.0.0.1", Password: &secret}
		_, err := configure(t.Context(), s, Options{Dir: dir})
		if err == nil {
			t.Errorf("%+v is read", secret)
			continue
		}
		f := Finding(s, err)
		if text := f.Summary + f.Detail + strings.Join(f.Fix, ""); strings.Contains(text, canary) || !strings.Contains(text, "secret.pw") {
			t.Errorf("%+v: %s", secret, text)
		}
	}
}

func TestNoPasswordIsInAnyErrorAboutSettings(t *testing.T) {
	clean(t)
	for _, url := range []string{
		"postgres://u:" + canary + "@127.0.0.1:notaport/a",
		"postgres://u:" + canary + "%zz@127.0.0.1/a",
		"postgres://u@127.0.0.1/a?password=" + canary + "&sslmode=wrong",
		"postgres://u:12:" + canary + "@127.0.0.1/a?sslmode=wrong",
		"postgres://127.0.0.1:" + canary + "/a",
		"postgres://127.0.0.1/a?" + canary,
		"postgres://127.0.0.1/a?target_session_attrs=" + canary,
	} {
		s := config.Server{Role: "source", Name: "old", URL: url}
		_, err := configure(t.Context(), s, Options{})
		if err == nil {
			t.Errorf("%s is accepted", url)
			continue
		}
		f := Finding(s, err)
		if text := err.Error() + f.Summary + f.Detail + strings.Join(f.Fix, ""); strings.Contains(text, canary) {
			t.Errorf("the password is shown: %s", text)
		}
	}
}

func TestAStatedFileThatIsMissingIsNamed(t *testing.T) {
	clean(t)
	s := config.Server{Role: "source", Name: "old", Host: "db.example", TLS: config.TLS{CA: "certs/ca.pem"}}
	_, err := configure(t.Context(), s, Options{Dir: "/nowhere"})
	if err == nil || !strings.Contains(Finding(s, err).Detail, "/nowhere/certs/ca.pem") {
		t.Errorf("error: %v", err)
	}
}

func TestConnectingIsCancelled(t *testing.T) {
	clean(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Server(config.Server{Role: "source", Name: "old", Host: "127.0.0.1", Port: 1}, Options{}).Connect(ctx, "test"); err == nil {
		t.Error("a cancelled context connects")
	}
}
