package ddl

import (
	"fmt"
	"strings"
	"testing"

	"sluice/examples/sandbox"
	"sluice/planner/catalog"
)

// ownable makes one of each kind that has an owner, beside those of testdata/access.
const ownable = `
create schema k;
create trusted language "la""ng" handler plpgsql_call_handler;
create type k.composite as (a int);
create type k.range as range (subtype = int);
create type k.shell;
create collation k.collation (locale = 'C');
create conversion k.conversion for 'LATIN1' to 'UTF8' from iso8859_1_to_utf8;
create aggregate k.sum2(int) (sfunc = int4pl, stype = int, initcond = '0');
create aggregate k.many(*) (sfunc = int8inc, stype = bigint, initcond = '0');
create aggregate k.median(float8 order by "ORDER BY ""x" anyelement)
  (sfunc = ordered_set_transition, stype = internal, finalfunc = percentile_disc_final, finalfunc_extra);
create aggregate k.rank2(variadic "any" order by variadic "any")
  (sfunc = ordered_set_transition_multi, stype = internal, finalfunc = rank_final, finalfunc_extra, hypothetical);
create function k.op(int, text) returns boolean language sql immutable as 'select true';
create operator k.=== (leftarg = int, rightarg = text, function = k.op);
create operator family k.family using btree;
create operator class k.class for type int using hash family k.hash_family as operator 1 =, function 1 hashint4(int);
create text search dictionary k.dictionary (template = pg_catalog.simple);
create text search configuration k.configuration (copy = pg_catalog.simple);
create foreign data wrapper "wra""pper";
create server "ser""ver" foreign data wrapper "wra""pper";
create foreign table k.far (a int) server "ser""ver";
create table k.t (a int, b int);
create statistics k.stats (dependencies) on a, b from k.t;
select lo_create(4711);`

// TestEveryKindTakesItsOwnerAndGrants: the words that ALTER … OWNER and GRANT
// have for a kind, which are not always those of COMMENT.
func TestEveryKindTakesItsOwnerAndGrants(t *testing.T) {
	t.Parallel()
	id := func(kind catalog.Kind, name, args string) catalog.ID {
		return catalog.ID{Kind: kind, Schema: "k", Name: name, Args: args}
	}
	global := func(kind catalog.Kind, name string) catalog.ID { return catalog.ID{Kind: kind, Name: name} }
	kinds := []struct {
		id        catalog.ID
		spec      catalog.Spec
		privilege string // empty: the kind has none
	}{
		{global(catalog.KindLanguage, `la"ng`), &catalog.Language{}, "USAGE"},
		{id(catalog.KindType, "composite", ""), &catalog.Composite{}, "USAGE"},
		{id(catalog.KindType, "range", ""), &catalog.Range{}, "USAGE"},
		{id(catalog.KindType, "shell", ""), &catalog.Shell{}, ""},
		{id(catalog.KindCollation, "collation", ""), &catalog.Collation{}, ""},
		{id(catalog.KindConversion, "conversion", ""), &catalog.Conversion{}, ""},
		{id(catalog.KindAggregate, "sum2", "integer"), &catalog.Aggregate{}, "EXECUTE"},
		{id(catalog.KindAggregate, "many", ""), &catalog.Aggregate{}, "EXECUTE"},
		{id(catalog.KindAggregate, "median", `double precision ORDER BY "ORDER BY ""x" anyelement`), &catalog.Aggregate{}, "EXECUTE"},
		{id(catalog.KindAggregate, "rank2", `VARIADIC "any" ORDER BY VARIADIC "any"`), &catalog.Aggregate{}, "EXECUTE"},
		{id(catalog.KindOperator, "===", "integer, text"), &catalog.Operator{}, ""},
		{id(catalog.KindOperatorFamily, "family", "btree"), &catalog.OperatorFamily{}, ""},
		{id(catalog.KindOperatorClass, "class", "hash"), &catalog.OperatorClass{}, ""},
		{id(catalog.KindDictionary, "dictionary", ""), &catalog.Dictionary{}, ""},
		{id(catalog.KindConfiguration, "configuration", ""), &catalog.Configuration{}, ""},
		{global(catalog.KindWrapper, `wra"pper`), &catalog.Wrapper{}, "USAGE"},
		{global(catalog.KindServer, `ser"ver`), &catalog.ForeignServer{}, "USAGE"},
		{id(catalog.KindForeignTable, "far", ""), &catalog.ForeignTable{}, "SELECT"},
		{id(catalog.KindStatistics, "stats", ""), &catalog.Statistics{}, ""},
		{global(catalog.KindLargeObject, "4711"), &catalog.LargeObjects{}, "UPDATE"},
	}
	for _, major := range sandbox.Majors() {
		t.Run(fmt.Sprint(major), func(t *testing.T) {
			t.Parallel()
			url := sandbox.Shared(t, major, "source").Database(t)
			makeRoles(t, url)
			sandbox.Exec(t, url, strings.Replace(ownable, "create operator class", "create operator family k.hash_family using hash;\ncreate operator class", 1))
			granted := 0
			for _, kind := range kinds {
				o := catalog.Object{ID: kind.id, Owner: "somebody", Spec: kind.spec}
				if kind.privilege != "" {
					o.Grants = &catalog.Grants{List: []catalog.Grant{{Grantee: "sluice reader", Privilege: kind.privilege}}}
					granted++
				}
				// A wrapper's owner must be a superuser.
				statements := append([]string{Owner(&o, "sluice super")}, Grants(&o, "sluice super", renamed)...)
				sandbox.Exec(t, url, strings.ReplaceAll(strings.Join(statements, ";\n"), "renamed ", ""))
			}
			counts := sandbox.Query(t, url, `select refobjid::regrole, deptype, count(*) from pg_shdepend
				where dbid = (select oid from pg_database where datname = current_database()) group by 1, 2 order by 1, 2`)
			want := []string{fmt.Sprintf(`"sluice reader"|a|%d`, granted), fmt.Sprintf(`"sluice super"|o|%d`, len(kinds))}
			sameSet(t, "pg_shdepend", want, counts)
		})
	}
}
