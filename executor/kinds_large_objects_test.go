package executor_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sluice/examples/sandbox"
	"sluice/executor"
	"sluice/planner/catalog"
	"sluice/state"
)

// roles makes roles on both servers, which other tests may have made as well.
func (m *move) roles(t *testing.T, names ...string) {
	t.Helper()
	for _, url := range []string{m.source, m.target} {
		for _, name := range names {
			sandbox.Exec(t, url, "do $do$ begin create role "+catalog.Quote(name)+"; exception when duplicate_object or unique_violation then null; end $do$")
		}
	}
}

// largeObjects is all that large objects are.
func largeObjects(t *testing.T, url string) []string {
	t.Helper()
	return sandbox.Query(t, url, `select oid, lomowner::regrole, lomacl, obj_description(oid, 'pg_largeobject'), md5(lo_get(oid)), length(lo_get(oid))
		from pg_largeobject_metadata order by oid`)
}

// Large objects travel with the rows that name them, with owners, privileges
// and comments.
func TestLargeObjectsArriveWithTheirTables(t *testing.T) {
	t.Parallel()
	for _, majors := range pairsOfMajors() {
		t.Run(majors.String(), func(t *testing.T) {
			t.Parallel()
			m := newMove(t, majors.source, majors.target)
			m.spec.Stages.Incremental = false
			m.spec.Owners, m.spec.Grants = true, true
			m.roles(t, `large "owner"`, "large_reader")
			sandbox.Exec(t, m.source, `
				create table public.files (id int primary key, content oid);
				insert into public.files select i, lo_from_bytea(0, decode(repeat(md5(i::text), i * 1000), 'hex')) from generate_series(0, 7) as i;
				insert into public.files values (100, lo_create(123456));
				do $$ declare o oid; begin
				  select content into o from public.files where id = 3;
				  execute format('alter large object %s owner to "large ""owner"""', o);
				  execute format('grant select on large object %s to large_reader with grant option', o);
				  execute format('comment on large object %s is ''it''''s \ large''', o);
				end $$;
				revoke all on large object 123456 from postgres;
				grant select on large object 123456 to public;
				comment on large object 123456 is 'empty'`)
			plan := m.everythingGoes(t)
			m.sameCatalogs(t, plan)
			if diff := cmp.Diff(largeObjects(t, m.source), largeObjects(t, m.target)); diff != "" {
				t.Errorf("large objects differ (-source +target):\n%s", diff)
			}
		})
	}
}

// dictionary is an extension with rows of the user's, in a table and a sequence.
var dictionary = map[string]string{
	"dictionary.control": "default_version = '1.0'\nrelocatable = true\n",
	"dictionary--1.0.sql": `
		create table words (word text primary key, own boolean default true);
		create sequence numbers;
		insert into words values ('theirs', false);
		select pg_extension_config_dump('words', 'where own');
		select pg_extension_config_dump('numbers', '');`,
}

// The rows that an extension leaves to its users are copied with the load and
// again at cutover.
func TestExtensionsRowsArrive(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	server := sandbox.WithExtensions(t, dictionary)
	m := &move{source: server.Database(t), target: server.Database(t)}
	m.spec = spec(m.source)
	sandbox.Exec(t, m.source, `create schema "ex""t"; create extension dictionary schema "ex""t";
		create table public.texts (id int primary key);
		insert into "ex""t".words values ('ours'), ('of ours'); select setval('"ex""t".numbers', 41);`)
	same := func(when string) {
		t.Helper()
		for _, sql := range []string{`select word, own from "ex""t".words order by word`, `select last_value, is_called from "ex""t".numbers`} {
			if diff := cmp.Diff(sandbox.Query(t, m.source, sql), sandbox.Query(t, m.target, sql)); diff != "" {
				t.Errorf("%s (-source +target):\n%s", when, diff)
			}
		}
	}
	ended := make(chan error, 1)
	go func() {
		outcome, err := m.run(ctx, nil)
		if err == nil && outcome != executor.CutOver {
			err = fmt.Errorf("outcome %q, want %q", outcome, executor.CutOver)
		}
		if err != nil {
			cancel()
		}
		ended <- err
	}()
	err := m.until(ctx, inPhase(state.Following))
	if err == nil {
		same("after the load")
		sandbox.Exec(t, m.source, `insert into "ex""t".words values ('late'); delete from "ex""t".words where word = 'ours'; select nextval('"ex""t".numbers')`)
		err = m.cutOver(ctx, t)
	}
	if ended := <-ended; ended != nil || err != nil {
		t.Fatalf("the run: %v; the cutover: %v", ended, err)
	}
	same("after the cutover")
	m.nothingLeft(t)
}
