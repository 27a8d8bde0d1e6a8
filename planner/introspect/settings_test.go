package introspect

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5/pgconn"

	"sluice/examples/sandbox"
	"sluice/planner/catalog"
)

// as is the URL of a database for another role.
func as(t testing.TB, dsn, role string) string {
	t.Helper()
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.User(role)
	return u.String()
}

// newRole makes a role that may log in and nothing else. It is dropped before
// the database is, so what was granted to it has to be revoked by then.
func newRole(t testing.TB, dsn, prefix string) string {
	t.Helper()
	role := prefix + "_" + sandbox.Query(t, dsn, "select oid from pg_database where datname = current_database()")[0]
	sandbox.Exec(t, dsn, "create role "+role+" login")
	t.Cleanup(func() { sandbox.Exec(t, dsn, "begin read write; drop owned by "+role+"; drop role "+role+"; commit") })
	return role
}

// Everything that a database, a role or a session can set and that changes how
// the server writes things.
func TestSettingsOfDatabaseRoleAndSessionChangeNothing(t *testing.T) {
	onEveryMajor(t, func(t *testing.T, server *sandbox.Server, major int) {
		dsn := server.Database(t)
		sandbox.Exec(t, dsn, script(t, "kinds.sql"))
		want := read(t, dsn)

		database := sandbox.Query(t, dsn, "select quote_ident(current_database())")[0]
		role := newRole(t, dsn, "hostile")
		sandbox.Exec(t, dsn, "alter role "+role+" superuser")
		alter := "begin read write;\n"
		for _, setting := range []string{
			`search_path = shop, public`,
			`quote_all_identifiers = on`,
			`datestyle = 'SQL, DMY'`,
			`intervalstyle = iso_8601`,
			`timezone = 'Asia/Kathmandu'`,
			`extra_float_digits = -10`,
			`bytea_output = escape`,
			`standard_conforming_strings = off`,
			`client_encoding = 'LATIN1'`,
			`default_transaction_read_only = on`,
			`default_transaction_isolation = serializable`,
			`default_transaction_deferrable = on`,
		} {
			alter += "alter role " + role + " set " + setting + ";\n"
			alter += "alter database " + database + " set " + setting + ";\n"
		}
		sandbox.Exec(t, dsn, alter+"commit")
		got := read(t, as(t, dsn, role))
		if diff := cmp.Diff(want.Objects, got.Objects); diff != "" {
			t.Errorf("-plain +hostile:\n%s", diff)
		}
	})
}

func TestReadLeavesTheSessionAsItWas(t *testing.T) {
	onEveryMajor(t, func(t *testing.T, server *sandbox.Server, _ int) {
		dsn := server.Database(t)
		sandbox.Exec(t, dsn, "create table t (a int primary key, b text default 'x')")
		conn := connect(t, dsn)
		state := func() (text string) {
			row := conn.QueryRow(t.Context(), `select string_agg(name || '=' || setting, ', ' order by name)
				from pg_settings where name not in ('transaction_isolation', 'transaction_read_only')`)
			if err := row.Scan(&text); err != nil {
				t.Fatal(err)
			}
			return text
		}
		before := state()
		if _, err := Read(t.Context(), conn); err != nil {
			t.Fatal(err)
		}
		if after := state(); after != before {
			t.Errorf("settings before\n%s\nand after\n%s", before, after)
		}
		if status := conn.PgConn().TxStatus(); status != 'I' {
			t.Errorf("the connection is left in transaction status %c", status)
		}
	})
}

func TestReadTakesNoLockThatWritersWaitFor(t *testing.T) {
	onEveryMajor(t, func(t *testing.T, server *sandbox.Server, _ int) {
		dsn := server.Database(t)
		sandbox.Exec(t, dsn, script(t, "kinds.sql"))
		// Whoever has written is still there, and has the strongest lock that lets others read.
		writer := connect(t, dsn)
		_, err := writer.Exec(t.Context(), `begin; lock table shop.customers in exclusive mode; lock table shop.orders in exclusive mode`)
		if err != nil {
			t.Fatal(err)
		}
		if c := read(t, dsn); len(c.Objects) < 50 {
			t.Errorf("read %d objects", len(c.Objects))
		}
	})
}

// Within a transaction of the caller's own there would be no snapshot of Read's own.
func TestErrorsSayWhatWasRead(t *testing.T) {
	t.Parallel()
	dsn := sandbox.Shared(t, 0, "source").Database(t)
	conn := connect(t, dsn)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Read(ctx, conn); !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "snapshot") {
		t.Errorf("cancelled: %v", err)
	}

	// What a query of ours may meet: a catalog that this role may not read.
	role := newRole(t, dsn, "blind")
	sandbox.Exec(t, dsn, "revoke select on pg_catalog.pg_trigger from public")
	_, err := Read(t.Context(), connect(t, as(t, dsn, role)))
	var pg *pgconn.PgError
	if !errors.As(err, &pg) || pg.Code != "42501" || !strings.HasPrefix(err.Error(), "reading triggers: ") {
		t.Errorf("without pg_trigger: %v", err)
	}
}

// A view with a hole in its catalog must not pass as a smaller database.
func TestReadIsOneSnapshot(t *testing.T) {
	onEveryMajor(t, func(t *testing.T, server *sandbox.Server, _ int) {
		dsn := server.Database(t)
		sandbox.Exec(t, dsn, "create table t0 (a int); create index i0 on t0 (a)")
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		writer := connect(t, dsn)
		go func() {
			defer close(done)
			for i := 1; ctx.Err() == nil; i++ {
				_, err := writer.PgConn().Exec(ctx, fmt.Sprintf(
					"begin; alter table t%d rename to t%d; alter index i%d rename to i%d; commit", i-1, i, i-1, i)).ReadAll()
				if err != nil && ctx.Err() == nil {
					done <- err
					return
				}
			}
		}()
		conn := connect(t, dsn)
		for range 20 {
			c, err := Read(t.Context(), conn)
			if err != nil {
				t.Fatal(err)
			}
			var tables, indexes []string
			for _, o := range c.Objects {
				switch o.Spec.(type) {
				case *catalog.Table:
					tables = append(tables, strings.TrimPrefix(o.ID.Name, "t"))
				case *catalog.Index:
					indexes = append(indexes, strings.TrimPrefix(o.ID.Name, "i"))
				}
			}
			if len(tables) != 1 || !slices.Equal(tables, indexes) {
				t.Errorf("read tables %s with indexes %s", tables, indexes)
			}
		}
		cancel()
		if err := <-done; err != nil {
			t.Fatal(err)
		}
	})
}
