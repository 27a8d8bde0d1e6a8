package introspect

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"sluice/examples/sandbox"
)

func TestTwoConnectionsReadWhatOneReads(t *testing.T) {
	onEveryMajor(t, func(t *testing.T, server *sandbox.Server, major int) {
		url, other := server.Database(t), server.Database(t)
		sandbox.Exec(t, url, `
			create table parent (id integer primary key, note text check (note <> ''));
			create table child (id serial primary key, parent integer not null references parent);
			create index on child (parent)`)
		want := read(t, url)
		for name, another := range map[string]func(context.Context) (*pgx.Conn, error){
			"both":                func(ctx context.Context) (*pgx.Conn, error) { return pgx.Connect(ctx, url) },
			"no room for another": func(context.Context) (*pgx.Conn, error) { return nil, errors.New("too many clients") },
			"another database":    func(ctx context.Context) (*pgx.Conn, error) { return pgx.Connect(ctx, other) },
		} {
			got, err := ReadTogether(t.Context(), connect(t, url), another)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if diff := cmp.Diff(want.Objects, got.Objects); diff != "" {
				t.Errorf("%s:\n%s", name, diff)
			}
		}
	})
}

func TestTwoConnectionsReadOneSnapshot(t *testing.T) {
	t.Parallel()
	url := sandbox.Shared(t, 0, "source").Database(t)
	sandbox.Exec(t, url, "create table t (id integer primary key)")
	got, err := ReadTogether(t.Context(), connect(t, url), func(ctx context.Context) (*pgx.Conn, error) {
		sandbox.Exec(t, url, "create table later (id integer primary key)")
		return pgx.Connect(ctx, url)
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range got.Objects {
		if o.ID.Table == "later" || o.ID.Name == "later" {
			t.Errorf("%s was created when the snapshot had been taken", o.ID)
		}
	}
}
