package configuration

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"sluice/examples/sandbox"
	"sluice/executor/session"
	"sluice/planner/catalog"
	"sluice/planner/introspect"
	"sluice/state"
)

func TestMain(m *testing.M) { os.Exit(sandbox.Main(m)) }

// kinds is an extension with rows of its own and of the user's, in tables of
// which one refers to the other.
var kinds = map[string]string{
	"kinds.control": "default_version = '1.0'\nrelocatable = true\n",
	"kinds--1.0.sql": `
		create sequence numbers;
		create sequence "never ""used""";
		create table kinds (id int primary key, "na""me" text, own boolean default true, twice int generated always as (id * 2) stored);
		create table settings (kind int references kinds, value text);
		create table internal (id int);
		insert into kinds values (1, 'of the extension', false), (2, 'of the extension', false);
		insert into settings values (1, 'by default');
		insert into internal values (1);
		select pg_extension_config_dump('numbers', '');
		select pg_extension_config_dump('"never ""used"""', '');
		select pg_extension_config_dump('kinds', 'where own order by id');
		select pg_extension_config_dump('settings', '');`,
}

// sides are two databases with the extension, of which the first is used.
func sides(t *testing.T) (source, target string, tables []catalog.ConfigurationTable) {
	t.Helper()
	server := sandbox.WithExtensions(t, kinds)
	source, target = server.Database(t), server.Database(t)
	sandbox.Exec(t, source, `create schema "ex""t"; create extension kinds schema "ex""t";
		set search_path = "ex""t";
		insert into kinds values (3, E'a\tb\\\n', true), (4, null, true);
		insert into settings values (3, 'set'), (4, null);
		update settings set value = 'changed' where kind = 1;
		delete from internal;
		select setval('numbers', 41)`)
	sandbox.Exec(t, target, `create schema "ex""t"; create extension kinds schema "ex""t"`)
	conn, err := pgx.Connect(t.Context(), source)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	c, err := introspect.Read(t.Context(), conn)
	if err != nil {
		t.Fatal(err)
	}
	return source, target, c.Find(catalog.ID{Kind: catalog.KindExtension, Name: "kinds"}).Spec.(*catalog.Extension).Configuration
}

func content(t *testing.T, url string) []string {
	t.Helper()
	return sandbox.Query(t, url, `select 'kind', k.id, k."na""me", k.own, k.twice from "ex""t".kinds k
		union all select 'setting', s.kind, s.value, null, null from "ex""t".settings s
		union all select 'number', n.last_value, n.is_called::text, null, null from "ex""t".numbers n
		union all select 'never', n.last_value, n.is_called::text, null, null from "ex""t"."never ""used""" n
		order by 1, 2`)
}

func TestTheUsersRowsAreCopiedAgainAndAgain(t *testing.T) {
	t.Parallel()
	source, target, tables := sides(t)
	for range 2 {
		if err := Copy(t.Context(), session.At("source", source), session.At("target", target), tables, state.Record{}); err != nil {
			t.Fatal(err)
		}
		if want, got := content(t, source), content(t, target); !slices.Equal(want, got) {
			t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
		if got := sandbox.Query(t, target, `select id from "ex""t".internal`); !slices.Equal(got, []string{"1"}) {
			t.Errorf("a table that is no configuration has %q", got)
		}
		sandbox.Exec(t, target, `insert into "ex""t".kinds values (9, 'of an earlier attempt', true)`)
	}
}

func TestTheCatalogKnowsTheTables(t *testing.T) {
	t.Parallel()
	_, _, tables := sides(t)
	in := func(local string) catalog.Name { return catalog.Name{Schema: `ex"t`, Local: local} }
	want := []catalog.ConfigurationTable{
		{Name: in("numbers"), Sequence: true},
		{Name: in(`never "used"`), Sequence: true},
		{Name: in("kinds"), Condition: "where own order by id", Columns: []string{"id", `na"me`, "own"}},
		{Name: in("settings"), Columns: []string{"kind", "value"}},
	}
	if !slices.EqualFunc(tables, want, func(a, b catalog.ConfigurationTable) bool {
		return a.Name == b.Name && a.Sequence == b.Sequence && a.Condition == b.Condition && slices.Equal(a.Columns, b.Columns)
	}) {
		t.Errorf("got %+v, want %+v", tables, want)
	}
}

func TestNothingIsHalfDone(t *testing.T) {
	t.Parallel()
	source, target, tables := sides(t)
	before := content(t, target)
	for name, c := range map[string]struct {
		breakIt, mend string
		url, code     string
	}{
		"the source":      {`alter table "ex""t".settings rename value to other`, `alter table "ex""t".settings rename other to value`, source, "42703"},
		"the target":      {`alter table "ex""t".settings add check (value <> 'set')`, `alter table "ex""t".settings drop constraint settings_value_check`, target, "23514"},
		"the record":      {`create table t ()`, `select setval('"ex""t".numbers', 1, false); drop table t`, target, ""},
		"target's column": {`alter table "ex""t".settings rename value to other`, `alter table "ex""t".settings rename other to value`, target, "42703"},
	} {
		sandbox.Exec(t, c.url, c.breakIt)
		record := state.Record{}
		if c.code == "" {
			record.SQL = "insert into public.t select where false"
		}
		err := Copy(t.Context(), session.At("source", source), session.At("target", target), tables, record)
		var pg *pgconn.PgError
		if c.code == "" && !errors.Is(err, session.ErrFenced) || c.code != "" && (!errors.As(err, &pg) || pg.Code != c.code || !strings.Contains(err.Error(), "settings")) {
			t.Errorf("%s: %v", name, err)
		}
		sandbox.Exec(t, c.url, c.mend)
		if after := content(t, target); !slices.Equal(before, after) {
			t.Errorf("%s: the target has\n%s", name, strings.Join(after, "\n"))
		}
	}
}
