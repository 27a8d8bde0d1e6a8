package executor_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sluice/examples/sandbox"
	"sluice/executor"
	"sluice/planner"
)

// Promise 28, for every kind and for circles: what sluice created goes again,
// and nothing else does.
func TestCleanupDropsEveryKind(t *testing.T) {
	t.Parallel()
	major := pgDumpMajor(t)
	for name, fill := range map[string]func(m *move){
		"every kind": func(m *move) { fillEveryKind(t, m, major) },
		"circles":    func(m *move) { m.circles(t, major) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMove(t, major, major)
			m.spec.Stages.Incremental = false
			m.spec.Owners, m.spec.Grants = true, true
			sandbox.Exec(t, m.target, foreign)
			before := withoutPublic(sandbox.Dump(t, m.target))
			fill(m)
			if outcome, err := m.run(t.Context(), nil); err != nil || outcome != executor.Finished {
				t.Fatalf("%s: %v", outcome, err)
			}
			m.cleanUp(t, true)
			m.nothingIsLeftBehind(t)
			if diff := cmp.Diff(before, withoutPublic(sandbox.Dump(t, m.target))); diff != "" {
				t.Errorf("the target is not what it was (-before +after):\n%s", diff)
			}
		})
	}
}

// withoutPublic leaves out what the schema public is: sluice alters it, and did
// not create it.
func withoutPublic(dump []string) []string {
	return slices.DeleteFunc(dump, func(entry string) bool { return strings.Contains(entry, "-- Name: SCHEMA public;") })
}

// foreign is what is on a target that sluice did not make.
const foreign = `
create schema theirs;
create table theirs.t (id integer primary key references theirs.t);
create view theirs.v as select id from theirs.t;
create function theirs.f() returns setof theirs.v language sql as $$ select id from theirs.t $$;
create or replace view theirs.v as select f.id from theirs.f() as f;
alter default privileges in schema theirs grant select on tables to public;`

// What somebody has made since then of a type that sluice created keeps the
// type, and everything that it is made of.
func TestCleanupKeepsWhatOthersUse(t *testing.T) {
	t.Parallel()
	major := pgDumpMajor(t)
	m := newMove(t, major, major)
	m.circles(t, major)
	if outcome, err := m.run(t.Context(), nil); err != nil || outcome != executor.Finished {
		t.Fatalf("%s: %v", outcome, err)
	}
	sandbox.Exec(t, m.target, "create schema theirs; create table theirs.t (b bases.b, many bases.b[], r bases.r)")
	source, target, st, err := m.catalogs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	plan := planner.Cleanup(m.spec, source, target, st, true)
	if _, err := m.run(t.Context(), func(r *executor.Run) { r.Plan = plan }); err == nil || !strings.Contains(err.Error(), "2BP01") {
		t.Errorf("the cleanup ended with %v", err)
	}
	if got := sandbox.Query(t, m.target, "select string_agg(format_type(atttypid, atttypmod), ', ' order by attnum) from pg_attribute where attrelid = 'theirs.t'::regclass and attnum > 0 and not attisdropped"); got[0] != "bases.b, bases.b[], bases.r" {
		t.Errorf("theirs is %s", got[0])
	}
}
