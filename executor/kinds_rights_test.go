package executor_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sluice/examples/sandbox"
)

// granted makes objects of every kind that has privileges, with and without some.
const granted = `
create schema s; create schema bare;
grant usage on schema s to rights_reader;
create table s.t (id integer generated always as identity primary key, a text);
grant select on s.t to rights_reader;
grant update (a) on s.t to rights_reader with grant option;
create table s.bare (id serial primary key);
create view s.v as select id from s.t;
create sequence s.numbers;
revoke all on sequence s.numbers from current_user;
create function s.f() returns integer language sql as 'select 1';
revoke execute on function s.f() from public;
create function s.bare() returns integer language sql as 'select 1';
create procedure s.p() language sql as 'select 1';
create aggregate s.total(integer) (sfunc = int4pl, stype = integer);
create type s.mood as enum ('good');
revoke usage on type s.mood from public;
create type s.bare_type as (a integer);
create domain s.d as integer;
create foreign data wrapper rights_wrapper;
create server rights_server foreign data wrapper rights_wrapper;
create foreign table s.far (a integer) server rights_server;
create materialized view s.m as select 1 as a;
create trusted language rights_language handler plpgsql_call_handler;
grant usage on foreign server rights_server to rights_reader;`

// Default privileges of the target give nobody what the source's owner did not.
func TestDefaultPrivilegesOfTheTargetGiveNothing(t *testing.T) {
	t.Parallel()
	major := pgDumpMajor(t)
	m := newMove(t, major, major)
	m.spec.Stages.Incremental = false
	m.spec.Owners, m.spec.Grants = true, true
	m.roles(t, "rights_reader")
	sandbox.Exec(t, m.source, granted)
	for _, kind := range []string{"tables", "sequences", "functions", "types", "schemas"} {
		sandbox.Exec(t, m.target, "alter default privileges grant all on "+kind+" to public; alter default privileges grant all on "+kind+" to rights_reader with grant option")
	}
	sandbox.Exec(t, m.target, `alter default privileges revoke all on functions from public; alter default privileges revoke all on types from public;
		alter default privileges revoke insert on tables from current_user`)
	m.everythingGoes(t)
	without := func(url string) []string {
		return slices.DeleteFunc(sandbox.Dump(t, url, "--exclude-schema=sluice"), func(entry string) bool { return strings.Contains(entry, "Type: DEFAULT ACL;") })
	}
	if diff := cmp.Diff(without(m.source), without(m.target)); diff != "" {
		t.Errorf("pg_dump differs (-source +target):\n%s", diff)
	}
}
