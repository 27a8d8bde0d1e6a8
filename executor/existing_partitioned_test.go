package executor_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sluice/examples/sandbox"
	"sluice/planner"
)

// A table as both sides may have it, each partitioned in its own way, and with its
// columns in its own order. Half a year of days, in three regions.
const (
	ledgerColumns = "(id int not null, day date not null, region text not null, v text)"
	otherColumns  = "(region text not null, note text default 'mine', v text, id int not null, day date not null)"

	monthly = ` partition by range (day);
		create table public.ledger_1 partition of public.ledger for values from ('2026-01-01') to ('2026-02-01');
		create table public.ledger_2 partition of public.ledger for values from ('2026-02-01') to ('2026-03-01') partition by list (region);
		create table public.ledger_2_eu partition of public.ledger_2 for values in ('eu');
		create table public.ledger_2_rest partition of public.ledger_2 for values in ('us', 'asia');
		create table public.ledger_3 partition of public.ledger for values from ('2026-03-01') to ('2026-04-01');
		create table public.ledger_4 partition of public.ledger for values from ('2026-04-01') to (maxvalue);`
	quarterly = ` partition by range (day);
		create table public.ledger_1 partition of public.ledger for values from ('2026-01-01') to ('2026-04-01');
		create table public.ledger_q2 partition of public.ledger for values from ('2026-04-01') to ('2026-07-01');`
	regions = ` partition by list (region);
		create table public.ledger_eu partition of public.ledger for values in ('eu');
		create table public.ledger_us partition of public.ledger for values in ('us');
		create table public.ledger_rest partition of public.ledger default;`
	byHash = ` partition by hash (id);
		create table public.ledger_h0 partition of public.ledger for values with (modulus 2, remainder 0);
		create table public.ledger_h1 partition of public.ledger for values with (modulus 2, remainder 1);`
	plain = ";"
)

// layouts are pairs of them, with the key of each side.
var layouts = []struct{ name, source, sourceKey, target, targetKey string }{
	{"monthly to plain", monthly, "primary key (id, day, region)", plain, "primary key (id, day, region)"},
	{"plain to hash", plain, "primary key (id)", byHash, "primary key (id)"},
	{"plain to quarterly without its key", plain, "primary key (id)", quarterly, ""},
	{"monthly to quarterly", monthly, "primary key (id, day, region)", quarterly, "primary key (id, day, region)"},
	{"list to hash", regions, "primary key (id, region)", byHash, "primary key (id, region)"},
	{"monthly without a key to list", monthly, "", regions, ""},
}

// ledger is the table in one layout.
func ledger(columns, layout, key string) string {
	if key != "" {
		key = "alter table public.ledger add " + key + ";"
	}
	return "create table public.ledger " + columns + layout + key
}

// ledgerRows are rows of both halves of the year, a few of them twice.
func ledgerRows(from, to int, v string) string {
	return fmt.Sprintf(`insert into public.ledger (id, day, region, v)
		select i, date '2026-01-01' + i %% 181, (array['eu', 'us', 'asia'])[1 + i %% 3], '%s' from generate_series(%d, %d) i;`, v, from, to)
}

// onLedger moves rows between the partitions of both sides, too.
var onLedger = []string{
	"insert into public.ledger (id, day, region, v) values (1000000 + $n, date '2026-01-01' + abs($n) % 181, (array['eu', 'us', 'asia'])[1 + abs($n) % 3], 'new')",
	"update public.ledger set v = v || '+' where id = abs($n) % 900",
	"update public.ledger set day = date '2026-01-01' + abs($n) % 181, region = (array['eu', 'us', 'asia'])[1 + abs($n) % 3] where id = abs($n) % 900",
	"update public.ledger set id = id + 500000000 where id = 1000000 + $n - 9",
	"delete from public.ledger where id = 1000000 + $n - 20",
}

const ledgerQuery = "select row(id, day, region, v)::text from public.ledger where id not between 2000 and 2099 order by 1"

// ledgers compares the rows of both sides, but for those that the target alone has.
func (l *live) ledgers() {
	l.t.Helper()
	l.settle()
	if diff := cmp.Diff(sandbox.Query(l.t, l.source, ledgerQuery), sandbox.Query(l.t, l.target, ledgerQuery)); diff != "" {
		l.t.Errorf("the ledgers differ (-source +target):\n%.3000s", diff)
	}
}

// meetLedger makes a move between two layouts. Of an adopted table the rows are there,
// of others the target has some of its own, ids from 2000 to 2099.
func meetLedger(t *testing.T, source, target string, mode planner.OnExisting) *live {
	t.Helper()
	l := &live{move: newMove(t, 0, 0)}
	l.meetLedger(t, source, target, mode)
	return l
}

func (l *live) meetLedger(t *testing.T, source, target string, mode planner.OnExisting) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	t.Cleanup(cancel)
	l.t, l.ctx = t, ctx
	l.spec.Conflicts.OnExisting = mode
	rows := ledgerRows(1, 1500, "source")
	if !strings.Contains(source, "primary key") {
		rows += ledgerRows(1, 20, "source") // twice
	}
	sandbox.Exec(t, l.source, marksTable+source+rows)
	if mode == planner.ExistingAdopt {
		target += rows
	} else {
		target += ledgerRows(2000, 2099, "target")
	}
	sandbox.Exec(t, l.target, target)
}

// Promise 23: a table that is partitioned otherwise on the target takes the rows and
// the changes of all partitions of the source, whichever of them these are in and
// wherever they move to, on both sides.
func TestOtherPartitionsUnderLiveWrites(t *testing.T) {
	t.Parallel()
	for _, c := range layouts {
		for _, mode := range []planner.OnExisting{planner.ExistingTruncate, planner.ExistingAppend, planner.ExistingAdopt} {
			t.Run(c.name+", "+string(mode), func(t *testing.T) {
				t.Parallel()
				full := ""
				if c.sourceKey == "" {
					full = "do $$ declare t regclass; begin for t in select oid from pg_class where relname like 'ledger%' and relkind = 'r' loop execute format('alter table %s replica identity full', t); end loop; end $$;"
				}
				source := ledger(ledgerColumns, c.source, c.sourceKey) + full
				l := meetLedger(t, source, ledger(otherColumns, c.target, c.targetKey), mode)
				l.spec.LargeTable, l.chunkBytes = 1, 8<<10
				if mode == planner.ExistingAdopt {
					l.follow(nil) // what is written from here on comes behind the slot
				}
				stop := l.crowd(3, onLedger...)
				if mode != planner.ExistingAdopt {
					l.follow(nil)
				}
				l.rest()
				l.follow(nil)
				stop()
				l.ledgers()
				l.verified(l.ctx, t)
				l.ownRows(mode)
				l.rest()
				l.nothingLeft(t)
			})
		}
	}
}

// ownRows checks what became of the target's own rows.
func (l *live) ownRows(mode planner.OnExisting) {
	l.t.Helper()
	want := "0"
	if mode == planner.ExistingAppend {
		want = "100"
	}
	if n := sandbox.Query(l.t, l.target, "select count(*) from public.ledger where id between 2000 and 2099")[0]; n != want {
		l.t.Errorf("%s rows of the target's own are there, want %s", n, want)
	}
}
