// Package consolidation is an example: two databases that become schemas of
// one, under other names, filtered and masked, while both are written to. The test does what the
// comment in its configuration says.
package consolidation

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"sluice/examples/sandbox"
)

func TestMain(m *testing.M) { os.Exit(sandbox.Main(m)) }

// company has the two databases, the one that takes both, and the command.
type company struct {
	t              *testing.T
	binary         string
	vars           []string
	shop, crm, one string // URLs
}

func newCompany(t *testing.T) *company {
	t.Helper()
	source, err := sandbox.Start(t.Context(), sandbox.Options{}) // of its own, for databases with these names
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := source.Stop(); err != nil {
			t.Error(err)
		}
	})
	target := sandbox.Shared(t, 0, "target")
	c := &company{t: t, binary: filepath.Join(t.TempDir(), "sluice"), shop: create(t, source, "shop"), crm: create(t, source, "crm"), one: target.Database(t)}
	c.vars = []string{"-var", "source=" + source.URL("postgres"), "-var", "target=" + c.one}
	if out, err := exec.Command("go", "build", "-o", c.binary, "sluice/cmd/sluice").CombinedOutput(); err != nil {
		t.Fatalf("building the command: %v\n%s", err, out)
	}
	return c
}

// create makes a database and fills it from the file of its name.
func create(t *testing.T, s *sandbox.Server, database string) (url string) {
	t.Helper()
	if err := s.Create(t.Context(), database); err != nil {
		t.Fatal(err)
	}
	script, err := os.ReadFile(database + ".sql")
	if err != nil {
		t.Fatal(err)
	}
	sandbox.Exec(t, s.URL(database), string(script))
	return s.URL(database)
}

// sluice runs the command, which must succeed, and returns what it prints.
func (c *company) sluice(args ...string) string {
	c.t.Helper()
	out, err := exec.CommandContext(c.t.Context(), c.binary, slices.Concat(args, c.vars)...).CombinedOutput()
	if err != nil {
		c.t.Fatalf("sluice %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// same compares a query of an old database with one of the new.
func (c *company) same(from, source, target string) {
	c.t.Helper()
	was, is := sandbox.Query(c.t, from, source), sandbox.Query(c.t, c.one, target)
	if !slices.Equal(was, is) || len(was) == 0 {
		c.t.Errorf("%s has %d rows, and %s %d others", source, len(was), target, len(is))
	}
}

func TestTwoDatabasesBecomeOne(t *testing.T) {
	c := newCompany(t)
	plan := c.sluice("plan")
	t.Log(plan)
	for _, words := range []string{`migration.company["crm"]`, `migration.company["shop"]`, "sales.orders", "was public.tbl_orders", "placed_at was placed_ts",
		`excluded by "public.tmp_*"`, "people.notes",
		"where placed_ts >= timestamptz '2025-01-01 00:00+00'", "mail is 'user' || id || '@masked.invalid'", "origin is 'crm'"} {
		if !strings.Contains(plan, words) {
			t.Errorf("the plan does not say %s\n%s", words, plan)
		}
	}

	ctx, stop := context.WithTimeout(t.Context(), 3*time.Minute)
	defer stop()
	var log bytes.Buffer
	apply := exec.CommandContext(ctx, c.binary, append([]string{"apply", "-auto-approve"}, c.vars...)...)
	apply.Stdout, apply.Stderr = &log, &log
	if err := apply.Start(); err != nil {
		t.Fatal(err)
	}
	for strings.Count(c.sluice("status"), "following") < 2 {
		select {
		case <-ctx.Done():
			t.Fatalf("the changes are not followed\n%s", log.String())
		case <-time.After(200 * time.Millisecond): // how often a person would look
		}
	}
	sandbox.Exec(t, c.shop, `update tbl_orders set state = 'paid', placed_ts = '2026-03-03' where id % 3 = 0;
		delete from tbl_orders where id % 7 = 0; insert into users values (101, 'new@example.com');
		update tbl_orders set placed_ts = '2024-12-31' where id % 11 = 0; update users set "Mail" = 'other@example.com' where id = 5`)
	sandbox.Exec(t, c.crm, `update users set seen_ts = now() where name = 'p7'; insert into tbl_notes ("Text") values ('later'); delete from tbl_notes where id < 10`)
	c.sluice("verify")
	c.sluice("cutover", "-auto-approve", `-target=migration.company["crm"]`)
	sandbox.Exec(t, c.shop, `insert into tbl_orders (user_id, amount) values (101, 7)`) // the shop is still open
	c.sluice("cutover", "-auto-approve")
	if err := apply.Wait(); err != nil {
		t.Fatalf("apply: %v\n%s", err, log.String())
	}

	c.same(c.shop, "select concat('user', id, '@masked.invalid', ' shop') from users order by id", "select concat(mail, ' ', origin) from sales.users order by id")
	const fresh = "placed_ts >= '2025-01-01 00:00+00'"
	c.same(c.shop, "select concat_ws(' ', id, user_id, state, amount::numeric(14,4), placed_ts) from tbl_orders where "+fresh+" order by id",
		"select concat_ws(' ', id, user_id, state, amount, placed_at) from sales.orders order by id")
	c.same(c.shop, "select concat_ws(' ', user_id, count(*), max(placed_ts)) from tbl_orders where state = 'new' and "+fresh+" group by user_id order by 1",
		"select concat_ws(' ', u.id, v.n, v.last) from sales.open_orders as v join sales.users as u on u.mail = v.mail order by 1")
	c.same(c.crm, "select concat_ws(' ', id, name, seen_ts, 'crm') from users as u order by id", "select concat_ws(' ', id, name, seen_at, origin) from people.users as u order by id")
	c.same(c.crm, `select concat_ws(' ', id, of, "Text") from tbl_notes order by id`, "select concat_ws(' ', id, of, text) from people.notes order by id")
	c.same(c.crm, "select concat_ws(' ', of, count(*)) from tbl_notes group by of order by of", "select concat_ws(' ', of, n) from people.note_counts order by of")
	if leaked := sandbox.Query(t, c.one, "select mail from sales.users where mail not like '%@masked.invalid'"); len(leaked) > 0 {
		t.Errorf("addresses that have left the old server: %v", leaked)
	}
	sandbox.Exec(t, c.one, "insert into sales.orders (user_id, amount) values (1, 1); insert into people.notes (text) values ('first of the new')")
	c.sluice("cleanup", "-auto-approve")
}
