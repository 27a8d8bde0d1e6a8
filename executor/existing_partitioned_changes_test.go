package executor_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"sluice/examples/sandbox"
	"sluice/executor"
	"sluice/executor/load"
	"sluice/executor/replay"
	"sluice/planner"
	"sluice/planner/catalog"
)

const dayKey = "primary key (id, day, region)"

// fromMonthly is a move of months to what the target has.
func fromMonthly(t *testing.T, target, key string, mode planner.OnExisting) *live {
	t.Helper()
	return meetLedger(t, ledger(ledgerColumns, monthly, dayKey), ledger(otherColumns, target, key), mode)
}

// A row that fits no partition of the target is named, in the load and in the
// changes, and is there once it has one.
func TestARowWithoutAPartition(t *testing.T) {
	t.Parallel()
	l := fromMonthly(t, quarterly, dayKey, planner.ExistingTruncate)
	l.do("insert into public.ledger values (5001, '2026-08-08', 'eu', 'far')")
	_, err := l.run(l.ctx, nil)
	refusal[*load.RefusedError](t, err, "public.ledger_4", "id=5001", "day=2026-08-08", "no partition of relation", "23514")
	sandbox.Exec(t, l.target, "create table public.ledger_q3 partition of public.ledger for values from ('2026-07-01') to ('2026-10-01')")
	l.follow(nil)
	l.ledgers()

	l.do("insert into public.ledger values (5002, '2026-10-10', 'us', 'farther')")
	refusal[*replay.Divergence](t, l.failure(), "insert on public.ledger", "id=5002", "day=2026-10-10", "no partition of relation", "23514")
	sandbox.Exec(t, l.target, "create table public.ledger_q4 partition of public.ledger for values from ('2026-10-01') to ('2027-01-01')")
	l.follow(nil)
	l.ledgers()

	l.do("update public.ledger set day = '2027-01-01' where id = 5002")
	refusal[*replay.Divergence](t, l.failure(), "public.ledger", "id=5002", "no partition of relation", "23514")
	sandbox.Exec(t, l.target, "create table public.ledger_later partition of public.ledger default")
	l.follow(nil)
	l.ledgers()
	l.verified(l.ctx, t)
}

// TRUNCATE of a partition takes its rows and no other's, that of the table at the top
// all, before, between and behind other changes.
func TestTruncatesOfPartitionsThatTheTargetHasNot(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, target, key string }{{"plain", plain, dayKey}, {"quarterly", quarterly, dayKey}, {"hash", byHash, ""}} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			l := fromMonthly(t, c.target, c.key, planner.ExistingTruncate)
			l.spec.Tables = []planner.TableRule{{Table: catalog.Name{Schema: "public", Local: "ledger"}, Columns: []planner.ColumnRule{{Column: "day", To: "on day"}}}}
			sandbox.Exec(t, l.target, `alter table public.ledger rename day to "on day"`)
			l.follow(nil)
			same := func() {
				t.Helper()
				l.settle()
				on := sandbox.Query(t, l.source, "select row(id, day, region, v)::text from public.ledger order by 1")
				under := sandbox.Query(t, l.target, `select row(id, "on day", region, v)::text from public.ledger order by 1`)
				if strings.Join(on, "\n") != strings.Join(under, "\n") {
					t.Errorf("%d rows on the source, %d on the target, or others", len(on), len(under))
				}
				l.verified(l.ctx, t)
			}
			l.do("truncate public.ledger_1")
			same()
			l.do("insert into public.ledger values (7001, '2026-02-02', 'us', 'goes'); truncate public.ledger_2_rest, public.ledger_4; insert into public.ledger values (7001, '2026-02-02', 'us', 'comes'), (7002, '2026-05-05', 'eu', 'comes')")
			same()
			l.do("truncate public.ledger_2")
			same()
			if n := sandbox.Query(t, l.target, "select count(*) from public.ledger")[0]; n == "0" {
				t.Error("no row is left: the test shows nothing")
			}
			l.do("insert into public.ledger values (7003, '2026-01-01', 'eu', 'goes'); truncate public.ledger; insert into public.ledger values (7003, '2026-03-03', 'eu', 'comes')")
			same()
		})
	}
}

// Of a truncation while the partitions are read, some with it and some without, the
// rows go that were read before it.
func TestATruncationWhileOtherPartitionsAreLoaded(t *testing.T) {
	t.Parallel()
	l := fromMonthly(t, quarterly, dayKey, planner.ExistingTruncate)
	l.spec.LargeTable, l.chunkBytes = 1, 8<<10
	sandbox.Exec(t, l.source, ledgerRows(10000, 14000, strings.Repeat("x", 100)))
	copied := 0
	l.follow(func(r *executor.Run) {
		r.Settings.Workers = 1
		r.Point = func(reached string) {
			if reached != "load: after a chunk has committed" {
				return
			}
			switch copied++; copied {
			case 3, 6, 9:
				l.beside(fmt.Sprintf("truncate public.ledger_%d; insert into public.ledger select i, date '2026-01-01' + i %% 181, 'eu', 'between' from generate_series(%[2]d, %[2]d + 300) i", copied/3+copied/9, 20000+1000*copied))
			case 12:
				l.beside("truncate public.ledger; insert into public.ledger select i, date '2026-01-01' + i % 181, 'eu', 'last' from generate_series(40000, 40500) i")
			}
		}
	})
	if copied < 13 {
		t.Fatalf("%d chunks: the test shows nothing", copied)
	}
	l.ledgers()
	l.verified(l.ctx, t)
}

// Nothing tells the rows of a hash partition on the target: a truncation of one alone
// stops the run, of all it does not. Appended rows are a person's to delete.
func TestTruncatesThatTheTargetCannotFollow(t *testing.T) {
	t.Parallel()
	t.Run("hash", func(t *testing.T) {
		t.Parallel()
		l := meetLedger(t, ledger(ledgerColumns, byHash, "primary key (id)"), ledger(otherColumns, plain, "primary key (id)"), planner.ExistingTruncate)
		l.follow(nil)
		l.do("truncate public.ledger; insert into public.ledger values (1, '2026-01-01', 'eu', 'after')")
		l.ledgers()
		l.do("truncate public.ledger_h0, public.ledger_h1; insert into public.ledger values (2, '2026-01-01', 'eu', 'after'), (3, '2026-01-01', 'eu', 'after')")
		l.ledgers()
		l.do("truncate public.ledger_h1")
		refusal[*replay.PartTruncatedError](t, l.failure(), "public.ledger_h1", "sluice cleanup")
		if n := sandbox.Query(t, l.target, "select count(*) from public.ledger")[0]; n != "2" {
			t.Errorf("%s rows are on the target", n)
		}
	})
	t.Run("append", func(t *testing.T) {
		t.Parallel()
		l := fromMonthly(t, quarterly, dayKey, planner.ExistingAppend)
		l.follow(nil)
		l.do("update public.ledger set v = 'before' where id = 1; truncate public.ledger_1; insert into public.ledger values (9000, '2026-01-01', 'eu', 'after')")
		refused := refusal[*replay.TruncatedError](t, l.failure(), "public.ledger", "delete from", "2026-02-01")
		sandbox.Exec(t, l.target, refused.Rows)
		l.follow(nil)
		l.ledgers()
		l.verified(l.ctx, t)
		if n := sandbox.Query(t, l.target, "select count(*) from public.ledger where id between 2000 and 2099 and day >= '2026-02-01'")[0]; n == "0" {
			t.Error("the target's own rows of other months are gone")
		}
	})
}

// A crash at each point costs nothing: no part of the rows is there twice.
func TestOtherPartitionsSurviveACrash(t *testing.T) {
	t.Parallel()
	for _, mode := range []planner.OnExisting{planner.ExistingTruncate, planner.ExistingAppend} {
		for _, point := range []string{"step: before its commit", "load: before a chunk commits", "load: after a chunk has committed", "replay: before a commit"} {
			t.Run(string(mode)+", "+point, func(t *testing.T) {
				t.Parallel()
				l := fromMonthly(t, regions, "", mode) // with no key that would refuse a row twice
				l.spec.LargeTable, l.chunkBytes = 1, 8<<10
				stop := l.crowd(1, onLedger...)
				crashes := 0
				for n := range 3 {
					ctx, cancel := context.WithCancelCause(l.ctx)
					left := n
					_, err := l.run(ctx, func(r *executor.Run) {
						r.Settings.Workers = 1
						r.Until = executor.UntilCaughtUp
						r.Point = func(reached string) {
							if reached == point {
								if left--; left < 0 {
									cancel(fmt.Errorf("the test's crash"))
								}
							}
						}
					})
					if err != nil {
						crashes++
					}
					cancel(nil)
				}
				if crashes == 0 {
					t.Error("it never came to the point: the test shows nothing")
				}
				l.follow(nil)
				stop()
				l.ledgers()
				l.ownRows(mode)
				l.verified(l.ctx, t)
			})
		}
	}
}
