package executor_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"sluice/examples/sandbox"
	"sluice/executor"
	"sluice/planner"
	"sluice/planner/catalog"
)

// once plans without the changes: a run of it ends by itself.
var once = planner.Stages{Schema: true, Full: true}

// Tables of every shape, with the shortest and the longest rows.
func TestTablesOfAnyShapeAreLoaded(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	m := newMove(t, 0, 0)
	m.spec.Stages, m.chunkBytes = once, 64<<10
	hostile := catalog.Quote("a \"b\".c'd\\ \n—$$ select")
	var wide []string
	for i := range 1600 {
		wide = append(wide, fmt.Sprintf("c%d", i+1))
	}
	sandbox.Exec(t, m.source, `
		create table public.nothing (); insert into public.nothing default values; insert into public.nothing default values;
		create table public.only_identity (id int generated always as identity primary key); insert into public.only_identity default values;
		create table public.only_generated (g int generated always as (1) stored); insert into public.only_generated default values;
		create table public.wide (`+strings.Join(wide, " smallint, ")+` smallint); insert into public.wide (c1, c1600) values (1, 1600);
		create table public.parent (id int primary key); create table public.child (more text) inherits (public.parent);
		insert into public.parent values (1); insert into public.child values (2, 'x'), (3, null);
		create schema `+hostile+`; create table `+hostile+`.`+hostile+` (`+hostile+` text primary key, k text); insert into `+hostile+`.`+hostile+` values ('x', null);
		create table public.dropped (a int, b int, c int); insert into public.dropped values (1, 2, 3); alter table public.dropped drop column b;
		create table public.parts (id int, v text) partition by range (id);
		create table public.low partition of public.parts for values from (0) to (50); create table public.high (v text, id int); alter table public.parts attach partition public.high for values from (50) to (200);
		insert into public.parts select i, 'v' || i from generate_series(1, 100) i;
		create table public.keyless (id int, v text); insert into public.keyless select i % 7, repeat('x', i % 300) from generate_series(1, 10000) i;
		delete from public.keyless where id = 3;
		create table public.moved (id int, v text); insert into public.moved select i, 'v' from generate_series(1, 10000) i; update public.moved set v = 'w' where id % 2 = 0;
		create table public.long (id int, v text, b bytea); insert into public.long values (1, repeat('sluice ', 15000000), null), (2, null, decode(repeat('00ff', 1000000), 'hex'))`)
	if outcome, err := m.run(ctx, nil); err != nil || outcome != executor.Finished {
		t.Fatalf("outcome %q: %v", outcome, err)
	}
	m.equal(t)
	m.nothingLeft(t)
	if got := sandbox.Query(t, m.target, "select count(*) from only public.parent")[0]; got != "1" {
		t.Errorf("the parent has %s rows of its own, want 1", got)
	}
}

// An empty tsquery is a value like others, although no server receives it in
// binary (src/backend/utils/adt/tsquery.c, findoprnd).
func TestAnEmptyTsqueryIsLoaded(t *testing.T) {
	t.Parallel()
	m := newMove(t, 0, 0)
	m.spec.Stages = once
	sandbox.Exec(t, m.source, "create table public.t (id int primary key, q tsquery); insert into public.t values (1, ''), (2, '''a''')")
	if outcome, err := m.run(t.Context(), nil); err != nil {
		t.Fatalf("outcome %q: %v", outcome, err)
	}
	m.equal(t)
}

// A role that row security keeps from some rows gets none of them: an error,
// before or in the load, and never a table that is thinner.
func TestRowSecurityNeverThinsACopy(t *testing.T) {
	t.Parallel()
	m := newMove(t, 0, 0)
	m.spec.Stages = once
	config, _ := pgx.ParseConfig(m.source)
	role := "reader_" + config.Database
	sandbox.Exec(t, m.source, `
		create table public.t (id int primary key); insert into public.t values (1), (2);
		alter table public.t enable row level security; create policy p on public.t using (id = 1);
		create role `+role+` login; grant select on public.t to `+role)
	owner := m.source
	t.Cleanup(func() { sandbox.Exec(t, owner, "drop owned by "+role+"; drop role "+role) })
	m.source = strings.Replace(m.source, "postgres@", role+"@", 1)
	outcome, err := m.run(t.Context(), nil)
	if err == nil {
		t.Errorf("outcome %q, and %v rows on the target", outcome, sandbox.Query(t, m.target, "select count(*) from public.t"))
	}
	t.Log(err)
}

// startEncoded starts a source of another encoding.
func startEncoded(t *testing.T, encoding string) *move {
	t.Helper()
	server, err := sandbox.Start(t.Context(), sandbox.Options{Initdb: []string{"--encoding=" + encoding}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Stop(); err != nil {
			t.Error(err)
		}
	})
	m := &move{source: server.Database(t), target: sandbox.Shared(t, 0, "target").Database(t)}
	m.spec = spec(m.source)
	return m
}

// From LATIN1 the text is converted, in binary and as text, in the load and
// among the changes; and comparing does not take other bytes for other text.
func TestLatin1IsConverted(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	m := startEncoded(t, "LATIN1")
	m.spec.LargeTable, m.chunkBytes = 1, 8<<10
	sandbox.Exec(t, m.source, `
		create type public.mood as enum ('good');
		create table public."binary" (k text collate "C" primary key, v text, c "char", j jsonb);
		create table public.other (k text primary key, v text, m public.mood);
		insert into public."binary" select chr(i) || repeat('x', 400), chr(i), 'c', to_jsonb(chr(i)) from generate_series(32, 255) i;
		insert into public.other select chr(i), chr(i), 'good' from generate_series(32, 255) i`)
	m.whileFollowing(ctx, t, nil, func() {
		m.sameRows(t, "binary", "after the load")
		m.sameRows(t, "other", "after the load")
		sandbox.Exec(t, m.source, `update public."binary" set v = v || chr(255); update public.other set v = v || chr(255) where ascii(k) > 200;
			insert into public."binary" select chr(i) || 'new', chr(i) from generate_series(32, 255) i; delete from public."binary" where ascii(k) = 233`)
		m.drain(ctx, t)
		m.sameRows(t, "binary", "after the changes")
		m.sameRows(t, "other", "after the changes")
		m.verified(ctx, t)
	})
}

// A database in SQL_ASCII has bytes of any encoding in it. What is UTF-8 arrives
// as it is; what is not is refused with the table's name, and nothing altered.
func TestSQLASCIIIsTakenAsUTF8OrRefused(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	m := startEncoded(t, "SQL_ASCII")
	sandbox.Exec(t, m.source, `
		create table public.good (k text primary key, v text); insert into public.good values (E'\xc3\xbc', E'\xe2\x82\xac'), ('a', 'b');
		create table public.bad (k text primary key, v text); insert into public.bad values ('a', E'caf\xe9')`)
	m.spec.Stages = once
	_, err := m.run(ctx, nil)
	said := new(pgconn.PgError)
	if !errors.As(err, &said) || said.Code != "22021" || !strings.Contains(err.Error(), "public.bad") {
		t.Fatalf("error %v, want 22021 of public.bad", err)
	}
	sandbox.Exec(t, m.source, `update public.bad set v = E'caf\xc3\xa9'`)
	if outcome, err := m.run(ctx, nil); err != nil || outcome != executor.Finished {
		t.Fatalf("outcome %q: %v", outcome, err)
	}
	m.sameRows(t, "good", "after the load")
	m.sameRows(t, "bad", "after the load")
}

// A table that goes whole is written frozen; where somebody has put a row of his own
// into one that sluice made, that row stays.
func TestRowsOfAWholeTableAreFrozen(t *testing.T) {
	t.Parallel()
	m := newMove(t, 0, 0)
	m.spec.Stages = planner.Stages{Schema: true, Full: true}
	sandbox.Exec(t, m.source, `
		create table public.frozen (id int primary key, v text); insert into public.frozen select i, repeat('v', 1000) from generate_series(1, 3000) i;
		create table public.touched (id int primary key, v text); insert into public.touched select i, repeat('v', 1000) from generate_series(1, 3000) i;
		analyze`) // small tables go together, and are not
	if outcome, err := m.run(t.Context(), func(r *executor.Run) { r.Until = executor.UntilSchema }); err != nil || outcome != executor.Reached {
		t.Fatalf("outcome %q: %v", outcome, err)
	}
	sandbox.Exec(t, m.target, "insert into public.touched values (-1, 'by hand')")
	if outcome, err := m.run(t.Context(), nil); err != nil || outcome != executor.Finished {
		t.Fatalf("outcome %q: %v", outcome, err)
	}
	// The last pages may be there for rows to come.
	for query, want := range map[string]string{
		"select relallvisible * 10 > relpages * 9 from pg_class where oid = 'public.frozen'::regclass":   "t",
		"select relallvisible = 0 and relpages > 0 from pg_class where oid = 'public.touched'::regclass": "t",
		"select count(*) || ' ' || min(id) from public.touched":                                          "3001 -1",
	} {
		if got := sandbox.Query(t, m.target, query)[0]; got != want {
			t.Errorf("%s: %s, want %s", query, got, want)
		}
	}
}
