package planner

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"sluice/examples/sandbox"
	sample "sluice/examples/shop"
	"sluice/planner/catalog"
	"sluice/planner/introspect"
	"sluice/state"
)

func TestMain(m *testing.M) { os.Exit(sandbox.Main(m)) }

func connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.WithoutCancel(t.Context())) })
	return conn
}

func read(t *testing.T, conn *pgx.Conn) *catalog.Catalog {
	t.Helper()
	c, err := introspect.Read(t.Context(), conn)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// run runs a step's statements as the executor does; those with parameters with
// some values.
func run(t *testing.T, conn *pgx.Conn, s *Step) {
	t.Helper()
	runSQL(t, conn, s.ID, s.SQL)
}

func runSQL(t *testing.T, conn *pgx.Conn, what string, sql []string) {
	t.Helper()
	tx, err := conn.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, statement := range sql {
		var args []any
		if strings.Contains(statement, "$1") && strings.HasPrefix(statement, "select pg_catalog.setval") {
			args = []any{17, true}
		}
		if _, err := tx.Exec(t.Context(), statement, args...); err != nil {
			t.Fatalf("%s: %v\n%s", what, err, statement)
		}
	}
	if err := tx.Commit(t.Context()); err != nil {
		t.Fatalf("%s: %v", what, err)
	}
}

// servers are the shop on a server, and an empty database on another.
func servers(t *testing.T) (w *world, source, target *pgx.Conn) {
	t.Helper()
	source = connect(t, sandbox.Shared(t, 0, "source").Database(t))
	target = connect(t, sandbox.Shared(t, 0, "target").Database(t))
	if err := sample.Load(t.Context(), source, 0); err != nil {
		t.Fatal(err)
	}
	w = &world{spec: everything(), source: read(t, source), target: read(t, target)}
	w.spec.Include, w.spec.Exclude = []Pattern{pattern("*.*", 14)}, nil
	w.spec.Slot = "sluice_" + strings.ReplaceAll(w.source.Server.Database, "-", "_")
	for _, f := range w.build().Findings { // what has no identity gets one
		if f.Code == "C114" {
			w.spec.Tables = append(w.spec.Tables, TableRule{Table: f.Object.Qualified(), ReplicaIdentity: "full"})
		}
	}
	return w, source, target
}

// The plan blocks exactly where the server would refuse the application's own
// updates and deletes, which differs between 17 and 18.
func TestTheServerAgreesAboutGeneratedColumnsInAnIdentity(t *testing.T) {
	t.Parallel()
	majors := sandbox.Majors()
	for _, major := range majors[max(0, len(majors)-2):] {
		t.Run(fmt.Sprint(major), func(t *testing.T) {
			t.Parallel()
			source := connect(t, sandbox.Shared(t, major, "source").Database(t))
			_, err := source.Exec(t.Context(), `
				create table public.beside (a int primary key, g int generated always as (a * 2) stored);
				create table public.whole (a int, g int generated always as (a * 2) stored);
				alter table public.whole replica identity full;
				create table public.keyed (a int primary key, g int generated always as (a * 2) stored);
				alter table public.keyed replica identity full`, pgx.QueryExecModeSimpleProtocol)
			if err != nil {
				t.Fatal(err)
			}
			w := &world{spec: everything(), source: read(t, source), target: emptyTarget()}
			p := w.build()
			run(t, source, stepOf(p, "create publication sluice_shop"))
			for _, table := range []string{"beside", "whole", "keyed"} {
				_, err := source.Exec(t.Context(), "delete from public."+table)
				blocks := slices.ContainsFunc(p.Findings, func(f Finding) bool { return f.Code == "C114" && f.Object == in(catalog.KindTable, table) })
				if blocks != (err != nil) {
					t.Errorf("%s: the plan blocks: %t; the server: %v", table, blocks, err)
				}
			}
		})
	}
}

// The server accepts every statement in the plan's order, the plan is the same
// afterwards with everything done, and one of somebody who knows nothing of it
// has nothing to do.
func TestAServerTakesThePlansStatements(t *testing.T) {
	t.Parallel()
	w, source, target := servers(t)
	p := w.build()
	if p.Conflicts() > 0 {
		t.Fatalf("%+v", p.Findings)
	}
	for i := range p.Steps {
		s := &p.Steps[i]
		run(t, map[Side]*pgx.Conn{Source: source, Target: target}[s.Side], s)
	}
	w.done = doneBy(p, len(p.Steps))
	w.source, w.target = read(t, source), read(t, target)
	again := w.build()
	if again.Pending() > 0 || again.Conflicts() > 0 || again.ID != p.ID {
		t.Errorf("after the plan has run:\n%s%+v%v", outline(again), again.Findings, Stale(p, again))
	}

	fresh := *w
	fresh.done = state.State{}
	fresh.spec.Stages, fresh.spec.Tables = Stages{Schema: true}, nil
	for _, s := range fresh.build().Steps {
		if !slices.ContainsFunc(w.spec.Tables, func(r TableRule) bool { return tableID(r.Table) == s.Object }) {
			t.Errorf("still to do: %s: %s", s.ID, difference(fresh.source.Find(s.Object), fresh.target.Find(s.Object)))
		}
	}

	w.done.Phase = state.Following
	cutover := w.cutover()
	for i := range cutover.Steps {
		if s := &cutover.Steps[i]; s.Action != Terminate {
			run(t, map[Side]*pgx.Conn{Source: source, Target: target}[s.Side], s)
		}
	}
	readOnly, fence := cutover.Steps[1], fenceOfTables(cutover)
	for i := 0; i < 2; i++ { // it can run again
		run(t, source, &fence)
	}
	var table string
	for _, o := range w.source.Objects {
		if o.ID.Kind == catalog.KindTable {
			table = o.ID.Qualified().SQL()
		}
	}
	if _, err := source.Exec(t.Context(), "delete from "+table); err == nil || !strings.Contains(err.Error(), "25006") {
		t.Errorf("deleting behind the fence: %v", err)
	}
	runSQL(t, source, "undo of the fence", append(readOnly.Undo, fence.Undo...))
	if _, err := source.Exec(t.Context(), "truncate "+table+" cascade"); err != nil {
		t.Errorf("after the fence: %v", err)
	}
	if _, err := source.Exec(t.Context(), terminateSQL); err != nil {
		t.Error(err)
	}

	w.source, w.target = read(t, source), read(t, target)
	cleanup := w.cleanup(true)
	for i := range cleanup.Steps {
		s := &cleanup.Steps[i]
		run(t, map[Side]*pgx.Conn{Source: source, Target: target}[s.Side], s)
	}
	if left := read(t, target); len(left.Objects) > 1 {
		t.Errorf("%d objects are left on the target, the first is %s", len(left.Objects), left.Objects[0].ID)
	}
}
