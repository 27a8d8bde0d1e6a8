package introspect

import (
	"slices"
	"strings"
	"testing"

	"sluice/examples/sandbox"
	"sluice/planner/catalog"
)

func TestDependenciesOfOperatorsAndWhatUsesThem(t *testing.T) {
	onEveryMajor(t, func(t *testing.T, server *sandbox.Server, _ int) {
		url := server.Database(t)
		sandbox.Exec(t, url, `
			create schema far;
			create extension citext;
			create type e as enum ('a');
			create function same(e, e) returns boolean language sql immutable as 'select true';
			create function compare(e, e) returns int language sql immutable as 'select 1';
			create function step(e, e) returns e language sql immutable as 'select $1';
			create function finish(e) returns text language sql immutable as 'select null::text';
			create function role_of(int) returns name language sql stable as 'select current_user';
			create operator === (function = same, leftarg = e, rightarg = e, negator = operator(far.=/=));
			create operator <<< (function = same, leftarg = e, rightarg = e, commutator = operator(<<<));
			create operator far.~~~~ (function = citext_eq, leftarg = citext, rightarg = citext);
			create operator family loose using btree;
			alter operator family loose using btree add operator 1 < (int, bigint), operator 3 === (e, e);
			create operator class of_e for type e using btree family loose as
			  operator 1 <<<, function 1 compare(e, e);
			create operator class by_function for type citext using hash as operator 1 =, function 1 citext_hash(citext);
			create aggregate agg(e) (sfunc = step, stype = e, finalfunc = finish, sortop = operator(<<<));
			create table t (a int, e e, constraint x exclude (e of_e with <<<));
			create index i on t (e of_e);
			create view v as select t.a, agg(t.e) from t join t u on t.e === u.e group by t.a;
			create table log (a int);
			create rule r as on delete to t do also insert into log select v.a from v;
			create policy p on t using (role_of(a) = current_user and exists (select from log));
			create statistics far.s on a, e from t;
			create rule on_v as on insert to v do instead insert into log values (new.a);
			create function trigger() returns trigger language plpgsql as 'begin end';
			create table parts (a int) partition by list (a);
			create table part partition of parts for values in (1);
			create trigger tr after insert on parts for each row execute function trigger();
			alter table part disable trigger tr;
			alter trigger tr on parts depends on extension citext;`)
		c := read(t, url)
		for object, want := range map[string][]string{
			"operator public.===(public.e, public.e)":         {"function public.same(public.e, public.e)", "type public.e"},
			"operator public.<<<(public.e, public.e)":         {"function public.same(public.e, public.e)", "type public.e"},
			"operator far.~~~~(public.citext, public.citext)": {"extension citext"},
			"operator family public.loose(btree)":             {"operator public.===(public.e, public.e)"},
			"operator class public.of_e(btree)": {
				"function public.compare(public.e, public.e)", "operator public.<<<(public.e, public.e)",
				"operator family public.loose(btree)", "type public.e",
			},
			"operator class public.by_function(hash)": {"extension citext", "operator family public.by_function(hash)"},
			"aggregate public.agg(public.e)": {
				"function public.finish(public.e)", "function public.step(public.e, public.e)",
				"operator public.<<<(public.e, public.e)", "type public.e",
			},
			"constraint public.t.x": {"operator class public.of_e(btree)", "table public.t"},
			"index public.i":        {"operator class public.of_e(btree)", "table public.t"},
			"view public.v": {
				"aggregate public.agg(public.e)", "operator public.===(public.e, public.e)", "table public.t",
			},
			"rule public.t.r":         {"table public.log", "table public.t", "view public.v"},
			"rule public.v.on_v":      {"table public.log", "view public.v"},
			"policy public.t.p":       {"function public.role_of(integer)", "table public.log", "table public.t"},
			"statistics far.s":        {"table public.t"},
			"trigger public.parts.tr": {"extension citext", "function public.trigger()", "table public.part", "table public.parts"},
		} {
			if got := needs(t, c, object); !slices.Equal(got, want) {
				t.Errorf("%s needs\n  %s\nwant\n  %s", object, strings.Join(got, "\n  "), strings.Join(want, "\n  "))
			}
		}
		far := catalog.ID{Kind: catalog.KindSchema, Name: "far"} // in which the shell of the negator will be made
		operator := catalog.ID{Kind: catalog.KindOperator, Schema: "public", Name: "===", Args: "public.e, public.e"}
		if o := c.Find(operator); o == nil || !slices.Contains(o.Depends, far) {
			t.Errorf("an operator does not need its negator's schema: %+v", o)
		}
	})
}

// Until 13 an operator could stand behind its operand.
func TestPostfixOperatorsAreRead(t *testing.T) {
	onEveryMajor(t, func(t *testing.T, server *sandbox.Server, major int) {
		if major >= 14 {
			return
		}
		url := server.Database(t)
		sandbox.Exec(t, url, "create operator !!! (function = int4um, leftarg = int)")
		id := catalog.ID{Kind: catalog.KindOperator, Schema: "public", Name: "!!!", Args: "integer, NONE"}
		if got := find[*catalog.Operator](t, read(t, url), id); got.Left != "integer" || got.Right != "" {
			t.Errorf("it reads as %+v", got)
		}
	})
}
