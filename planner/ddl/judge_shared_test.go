package ddl

import (
	"fmt"
	"slices"
	"testing"

	"sluice/examples/sandbox"
	"sluice/planner/catalog"
)

// judged runs a test on each installed server, with a fresh source and target.
func judged(t *testing.T, test func(t *testing.T, server *sandbox.Server)) {
	t.Helper()
	t.Parallel()
	for _, major := range sandbox.Majors() {
		t.Run(fmt.Sprint(major), func(t *testing.T) {
			t.Parallel()
			test(t, sandbox.Shared(t, major, "source"))
		})
	}
}

// forDatabases runs a statement now and another when the databases that are
// made after it are gone: what they use is the whole server's.
func forDatabases(t *testing.T, server *sandbox.Server, make, drop string) {
	t.Helper()
	url := server.URL("postgres") + "&options=-c%20allow_in_place_tablespaces%3Don" // a directory of its own
	sandbox.Exec(t, url, make)
	t.Cleanup(func() { sandbox.Exec(t, url, drop) })
}

func TestTablespacesAreKept(t *testing.T) {
	judged(t, func(t *testing.T, server *sandbox.Server) {
		name := `ti"ghtly WHERE `
		forDatabases(t, server, "create tablespace "+catalog.Quote(name)+" location ''", "drop tablespace "+catalog.Quote(name))
		a, b := server.Database(t), server.Database(t)
		sandbox.Exec(t, a, `
			create table t (a integer, b integer, c box, " WHERE " text) tablespace "ti""ghtly WHERE ";
			create index i on t (a, lower(" WHERE " || ' WHERE ')) with (fillfactor = 70) tablespace "ti""ghtly WHERE " where " WHERE " <> ' WHERE ';
			create index whole on t (a) tablespace "ti""ghtly WHERE ";
			alter table t add constraint k primary key (a) include (b) with (fillfactor = 71) using index tablespace "ti""ghtly WHERE " deferrable;
			alter table t add constraint u unique (" WHERE ") using index tablespace "ti""ghtly WHERE ";
			alter table t add constraint x exclude using gist (c with &&) with (fillfactor = 72) using index tablespace "ti""ghtly WHERE "
			  where (" WHERE " <> ' WHERE ') initially deferred;
			create table p (a integer) partition by list (a);
			create table p1 partition of p for values in (1);
			create index of_parts on p (a) tablespace "ti""ghtly WHERE ";`)
		agree(t, a, b)
	})
}

func TestPoliciesNameRoles(t *testing.T) {
	judged(t, func(t *testing.T, server *sandbox.Server) {
		role := `ro"le; drop table x --'`
		forDatabases(t, server, "create role "+catalog.Quote(role), "drop role "+catalog.Quote(role))
		a, b := server.Database(t), server.Database(t)
		sandbox.Exec(t, a, `create table t (a integer); create policy p on t to pg_monitor, `+catalog.Quote(role))
		agree(t, a, b)
	})
}

// TestOperatorsAreMadeInAnyOrder: whichever comes first makes shells of those
// that it names, also in a schema where nothing else is.
func TestOperatorsAreMadeInAnyOrder(t *testing.T) {
	judged(t, func(t *testing.T, server *sandbox.Server) {
		a, b, c := server.Database(t), server.Database(t), server.Database(t)
		sandbox.Exec(t, a, `
			create schema far;
			create schema "far ""away";
			create operator === (function = int4eq, leftarg = int, rightarg = int, commutator = ===, negator = operator(far.=/=), hashes, merges);
			create operator far.=/= (function = int4ne, leftarg = int, rightarg = int, commutator = operator(far.=/=), negator = ===);
			create operator <<<< (function = int48lt, leftarg = int, rightarg = bigint, commutator = operator(far.>>>>));
			create operator far.>>>> (function = int84gt, leftarg = bigint, rightarg = int, commutator = <<<<,
			  negator = operator("far ""away".<==));
			create operator "far ""away".<== (function = int84le, leftarg = bigint, rightarg = int, negator = operator(far.>>>>));`)
		source := read(t, a)
		rebuild(t, b, source)
		sameCatalog(t, source, read(t, b))
		sameSet(t, "the server", system(t, a), system(t, b))

		objects := inOrder(source)
		slices.Reverse(objects)
		slices.SortStableFunc(objects, func(a, b *catalog.Object) int {
			return schemasFirst(a) - schemasFirst(b)
		})
		for _, o := range objects {
			if o.ID.Name != "public" {
				for _, sql := range Create(o, source.Server.Version) {
					sandbox.Exec(t, c, sql)
				}
			}
		}
		sameCatalog(t, source, read(t, c))
		sameSet(t, "the server, backwards", system(t, a), system(t, c))
	})
}

func schemasFirst(o *catalog.Object) int {
	if o.ID.Kind == catalog.KindSchema {
		return 0
	}
	return 1
}

// agree rebuilds what a holds in b, and lets the servers judge.
func agree(t *testing.T, a, b string) {
	t.Helper()
	source := read(t, a)
	rebuild(t, b, source)
	sameCatalog(t, source, read(t, b))
	sameSet(t, "the server", system(t, a), system(t, b))
	sameDump(t, a, b)
}
