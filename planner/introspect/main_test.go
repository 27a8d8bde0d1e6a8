package introspect

import (
	"context"
	"fmt"
	"os"
	"testing"

	"github.com/jackc/pgx/v5"

	"sluice/examples/sandbox"
	"sluice/planner/catalog"
)

func TestMain(m *testing.M) { os.Exit(sandbox.Main(m)) }

// onEveryMajor runs a test on each installed server.
func onEveryMajor(t *testing.T, test func(t *testing.T, server *sandbox.Server, major int)) {
	t.Helper()
	t.Parallel()
	for _, major := range sandbox.Majors() {
		t.Run(fmt.Sprint(major), func(t *testing.T) {
			t.Parallel()
			test(t, sandbox.Shared(t, major, "source"), major)
		})
	}
}

func connect(t testing.TB, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) }) // t.Context has ended by then
	return conn
}

func read(t testing.TB, url string) *catalog.Catalog {
	t.Helper()
	c, err := Read(t.Context(), connect(t, url))
	if err != nil {
		t.Fatal(err)
	}
	return c
}
