package executor_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"sluice/examples/sandbox"
	"sluice/executor/load"
)

// Promise 2, of the load: a row that the target refuses stops its table, and the
// error names its key, or its place where it has none, what refused it, and no other
// value. The other tables are loaded; nothing is passed over. Once the row is
// another one on the source, the next run goes on.
func TestARefusedRowIsNamed(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	m := newMove(t, 0, 0)
	m.spec.LargeTable, m.chunkBytes = 1<<20, 128<<10
	sandbox.Exec(t, m.source, `
		create domain public.d as text;
		create table public.fine (id int primary key); insert into public.fine select generate_series(1, 1000);
		create table public.checked (id int primary key, v int, f text); insert into public.checked select i, case i when 17777 then -4711 else i end, repeat('f', 100) from generate_series(1, 20000) i;
		create table public.narrower (a int, b text, n numeric, primary key (b, a)); insert into public.narrower select i, 'k' || i, case i when 77 then 4711.4 else 1.0 end from generate_series(1, 200) i;
		create table public.filled (id numeric primary key, v int, f text); insert into public.filled select i, nullif(i, 12345), repeat('f', 100) from generate_series(1, 20000) i;
		create table public.loose (v public.d); alter table public.loose replica identity full; insert into public.loose select 'v' || i from generate_series(1, 4711) i;
		create table public.once (id int primary key, u int); insert into public.once select i, i % 99 from generate_series(1, 100) i`)
	_, err := m.run(ctx, at("slot: after its intent", 0, func() {
		sandbox.Exec(t, m.target, `
			alter table public.checked add constraint no_debts check (v >= 0);
			alter table public.narrower alter n type numeric(4, 1);
			alter table public.filled alter v set not null;
			alter domain public.d add constraint short check (value <> 'v4711');
			alter table public.once add constraint apart unique (u)`)
	}))
	for table, want := range map[string]struct{ row, code, by string }{
		"checked":  {"row id=17777: ", "23514", "no_debts"},
		"narrower": {"row b=k77, a=77: ", "22003", ""},
		"filled":   {"row id=12345: ", "23502", `"v"`},
		"loose":    {"row ctid=(", "23514", "short"},
		"once":     {"row Key (u)=(1) already exists.: ", "23505", "apart"},
	} {
		line := lineOf(err, "loading public."+table+":")
		if !strings.Contains(line, want.row) || !strings.Contains(line, "SQLSTATE "+want.code) || !strings.Contains(line, want.by) || strings.Contains(line, "4711") {
			t.Errorf("%s: %q, want %+v", table, line, want)
		}
	}
	if refused := new(load.RefusedError); !errors.As(err, &refused) || !errors.As(err, new(*pgconn.PgError)) {
		t.Errorf("error %v is no refusal", err)
	}
	if rows := sandbox.Query(t, m.target, "select (select count(*) from public.fine), (select count(*) from public.loose where v = 'v4711'), (select count(*) from public.once)"); rows[0] != "1000|0|0" {
		t.Errorf("of the tables and of what is refused there are %s rows", rows[0])
	}
	sandbox.Exec(t, m.source, `
		update public.checked set v = 0 where v < 0; update public.narrower set n = 2.0 where n > 2; update public.filled set v = 0 where v is null;
		update public.loose set v = '' where v = 'v4711'; update public.once set u = id`)
	m.whileFollowing(ctx, t, nil, func() {
		m.drain(ctx, t)
		m.equal(t)
	})
}

// lineOf is the line of an error that has these words.
func lineOf(err error, words string) string {
	if err == nil {
		return ""
	}
	for line := range strings.Lines(err.Error()) {
		if strings.Contains(line, words) {
			return line
		}
	}
	return ""
}

// What is refused whatever the rows are is no row's fault.
func TestARefusalOfAllRowsNamesNone(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	m := newThreeWays(t)
	_, err := m.run(ctx, at("slot: after its intent", 0, func() {
		sandbox.Exec(t, m.target, "alter table public.keys drop v")
	}))
	if line := lineOf(err, "loading public.keys:"); !strings.Contains(line, "42703") || strings.Contains(line, "its row") {
		t.Errorf("error %v", err)
	}
}
