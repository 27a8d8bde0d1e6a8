package introspect

import (
	"bytes"
	"context"
	"net"
	"slices"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"sluice/examples/sandbox"
	"sluice/planner/catalog"
)

// listener keeps all that a server sends.
type listener struct {
	net.Conn
	mutex *sync.Mutex
	heard *bytes.Buffer // guarded by the mutex
}

func (l listener) Read(b []byte) (int, error) {
	n, err := l.Conn.Read(b)
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.heard.Write(b[:n])
	return n, err
}

const secrets = `
	create foreign data wrapper w options (service_key 'S3CRET', plain 'seen');
	create server s foreign data wrapper w options (api_token 'S3CRET', dsn 'user=me Password = S3CRET', host 'seen', keepalives '1');
	create user mapping for public server s options (user 'seen', password 'S3CRET', passwd 'S3CRET', passfile 'S3CRET',
	  "Client ""Secret" 'S3CRET', scram_client_key 'S3CRET', sslpassword 'S3CRET', private_id 'S3CRET',
	  aws_credentials 'S3CRET', uri 'mongodb://me:S3CRET@host', password_required 'false', motto 'seen=S');
	create foreign table t (a int) server s options (key 'seen', pwd 'S3CRET', url 'http://h/?a=b&access_token=S3CRET');`

// Nothing that is not read can end in a plan, a log or a core.
func TestSecretsDoNotLeaveTheServer(t *testing.T) {
	onEveryMajor(t, func(t *testing.T, server *sandbox.Server, _ int) {
		url := server.Database(t)
		sandbox.Exec(t, url, secrets)
		config, err := pgx.ParseConfig(url)
		if err != nil {
			t.Fatal(err)
		}
		var mutex sync.Mutex
		var heard bytes.Buffer
		dial := config.DialFunc
		config.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := dial(ctx, network, address)
			return listener{conn, &mutex, &heard}, err
		}
		conn, err := pgx.ConnectConfig(t.Context(), config)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close(context.WithoutCancel(t.Context())) })
		c, err := Read(t.Context(), conn)
		if err != nil {
			t.Fatal(err)
		}
		mutex.Lock()
		defer mutex.Unlock()
		if bytes.Contains(heard.Bytes(), []byte("S3CRET")) || !bytes.Contains(heard.Bytes(), []byte("host=seen")) {
			t.Error("the server sent a secret, or nothing was heard")
		}

		wrapper := find[*catalog.Wrapper](t, c, catalog.ID{Kind: catalog.KindWrapper, Name: "w"})
		foreign := find[*catalog.ForeignServer](t, c, catalog.ID{Kind: catalog.KindServer, Name: "s"})
		mapping := find[*catalog.UserMapping](t, c, catalog.ID{Kind: catalog.KindUserMapping, Name: "public", Args: "s"})
		table := find[*catalog.ForeignTable](t, c, in(catalog.KindForeignTable, "t"))
		for _, o := range []struct {
			what                           string
			options, want, secrets, behind []string
		}{
			{"wrapper", wrapper.Options, []string{"plain=seen"}, wrapper.Secrets, []string{"service_key"}},
			{"server", foreign.Options, []string{"host=seen", "keepalives=1"}, foreign.Secrets, []string{"api_token", "dsn"}},
			{"user mapping", mapping.Options, []string{"user=seen", "password_required=false", "motto=seen=S"}, mapping.Secrets,
				[]string{"password", "passwd", "passfile", `Client "Secret`, "scram_client_key", "sslpassword", "private_id", "aws_credentials", "uri"}},
			{"foreign table", table.Fetch, []string{"key=seen"}, table.Secrets, []string{"pwd", "url"}},
		} {
			if !slices.Equal(o.options, o.want) || !slices.Equal(o.secrets, o.behind) {
				t.Errorf("the %s has options %q without %q; want %q without %q", o.what, o.options, o.secrets, o.want, o.behind)
			}
		}
	})
}

// The view pg_user_mappings leaves out what a role may not see, and says nothing of it.
func TestUserMappingsThatARoleMayNotSeeAreMarked(t *testing.T) {
	onEveryMajor(t, func(t *testing.T, server *sandbox.Server, _ int) {
		url := server.Database(t)
		role := newRole(t, url, "mapped")
		sandbox.Exec(t, url, `
			create foreign data wrapper w;
			create server s foreign data wrapper w;
			create server granted foreign data wrapper w;
			grant usage on foreign server granted to `+role+`;
			create user mapping for public server s options (user 'a');
			create user mapping for public server granted options (user 'b');
			create user mapping for `+role+` server s options (user 'c');
			create user mapping for `+role+` server granted options (user 'd')`)
		check := func(c *catalog.Catalog, seen bool, name, server string) {
			t.Helper()
			mapping := find[*catalog.UserMapping](t, c, catalog.ID{Kind: catalog.KindUserMapping, Name: name, Args: server})
			if mapping.Hidden == seen || (len(mapping.Options) == 1) != seen {
				t.Errorf("the mapping of %s on %s is %+v", name, server, mapping)
			}
		}
		all := read(t, url)
		for _, server := range []string{"s", "granted"} {
			check(all, true, "public", server)
			check(all, true, role, server)
		}
		some := read(t, as(t, url, role))
		check(some, false, "public", "s")
		check(some, false, "public", "granted")
		check(some, false, role, "s")
		check(some, true, role, "granted")
	})
}

func TestForeignTablesNeedTheirServerAndParents(t *testing.T) {
	onEveryMajor(t, func(t *testing.T, server *sandbox.Server, _ int) {
		url := server.Database(t)
		sandbox.Exec(t, url, `
			create extension postgres_fdw;
			create foreign data wrapper w handler postgres_fdw_handler;
			create server s foreign data wrapper w;
			create server ours foreign data wrapper postgres_fdw;
			create user mapping for public server ours;
			create table parent (a int);
			create sequence numbers;
			create foreign table child (b int default nextval('numbers')) inherits (parent) server ours;
			create table parts (a int) partition by list (a);
			create foreign table part partition of parts for values in (1) server s;
			create table below (c int) inherits (child);
			create view v as select c.a from child c join part p using (a);
			create function of_row(part) returns int language sql as 'select 1'`)
		c := read(t, url)
		for object, want := range map[string][]string{
			"foreign data wrapper w":              {"extension postgres_fdw"},
			"server s":                            {"foreign data wrapper w"},
			"server ours":                         {"extension postgres_fdw"},
			"user mapping public(ours)":           {"server ours"},
			"foreign table public.child":          {"sequence public.numbers", "server ours", "table public.parent"},
			"foreign table public.part":           {"server s", "table public.parts"},
			"table public.below":                  {"foreign table public.child", "sequence public.numbers"},
			"view public.v":                       {"foreign table public.child", "foreign table public.part"},
			"function public.of_row(public.part)": {"foreign table public.part"},
		} {
			if got := needs(t, c, object); !slices.Equal(got, want) {
				t.Errorf("%s needs %q, want %q", object, got, want)
			}
		}
		if got := c.Find(catalog.ID{Kind: catalog.KindWrapper, Name: "postgres_fdw"}); got != nil {
			t.Errorf("the extension's wrapper is an object: %+v", got)
		}
	})
}
