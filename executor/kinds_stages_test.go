package executor_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sync/errgroup"

	"sluice/examples/sandbox"
	"sluice/executor"
)

// Every kind goes with the changes, too, those that would fire for them at the
// cutover; then pg_dump says the same of both sides.
func TestEveryKindArrivesWithTheCutover(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	major := pgDumpMajor(t)
	m := newMove(t, major, major)
	m.spec.Owners, m.spec.Grants = true, true
	fillEveryKind(t, m, major)
	identify(t, m.source)
	before := sandbox.Dump(t, m.source)

	both, ctx := errgroup.WithContext(ctx)
	both.Go(func() error {
		outcome, err := m.run(ctx, nil)
		if err == nil && outcome != executor.CutOver {
			t.Errorf("outcome %q, want %q", outcome, executor.CutOver)
		}
		return err
	})
	both.Go(func() error { return m.cutOver(ctx, t) })
	if err := both.Wait(); err != nil {
		t.Fatal(err)
	}
	m.equal(t)
	m.nothingLeft(t)
	if diff := cmp.Diff(before, sandbox.Dump(t, m.target, "--exclude-schema=sluice")); diff != "" {
		t.Errorf("pg_dump differs (-source +target):\n%s", diff)
	}
}

// identify lets every table that holds rows tell them apart.
func identify(t *testing.T, url string) {
	t.Helper()
	for _, table := range sandbox.Query(t, url, `
		select c.oid::regclass from pg_class as c
		 where c.relkind = 'r' and c.relpersistence = 'p' and c.relnamespace::regnamespace::text not in ('pg_catalog', 'information_schema')
		   and (c.relreplident = 'n' or c.relreplident = 'd' and not exists (select from pg_index as i where i.indrelid = c.oid and i.indisprimary))
		   and not exists (select from pg_depend as d where d.objid = c.oid and d.deptype = 'e')`) {
		sandbox.Exec(t, url, "alter table "+table+" replica identity full")
	}
}
