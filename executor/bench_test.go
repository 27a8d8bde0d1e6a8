package executor_test

import (
	"flag"
	"fmt"
	"os/exec"
	"slices"
	"sync"
	"testing"
	"time"

	"sluice/examples/sandbox"
	"sluice/executor"
	"sluice/executor/slot"
	"sluice/executor/verify"
	"sluice/planner"
	"sluice/planner/catalog"
	"sluice/state"
)

// The figures of a run compare with each other only: both servers, the client
// and the peer share one machine.

const benchRows = 1_000_000

// BenchmarkLoad copies a table of pgbench's shape, without keys, from an empty
// target to ANALYZE; psql's raw binary pipe is the peer.
func BenchmarkLoad(b *testing.B) {
	m := newMove(b, 0, 0)
	sandbox.Exec(b, m.source, fmt.Sprintf(`
		create table public.accounts (aid int, bid int, abalance int, filler char(84));
		insert into public.accounts select i, i / 100000, 0, '' from generate_series(1, %d) i`, benchRows))
	m.spec.Stages = planner.Stages{Schema: true, Full: true}
	size := sandbox.Query(b, m.source, "select pg_relation_size('public.accounts')")
	var bytes int64
	if _, err := sscan(size[0], &bytes); err != nil {
		b.Fatal(err)
	}
	target := sandbox.Shared(b, 0, "target")
	b.Run("sluice", func(b *testing.B) {
		b.SetBytes(bytes)
		for b.Loop() {
			b.StopTimer()
			m.target = target.Database(b)
			b.StartTimer()
			if _, err := m.run(b.Context(), nil); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("psql", func(b *testing.B) {
		if _, err := exec.LookPath("psql"); err != nil {
			b.Skip("psql is not installed")
		}
		b.SetBytes(bytes)
		for b.Loop() {
			b.StopTimer()
			url := target.Database(b)
			sandbox.Exec(b, url, "create table public.accounts (aid int, bid int, abalance int, filler char(84))")
			b.StartTimer()
			pipe := fmt.Sprintf(`psql -qXc "copy public.accounts to stdout (format binary)" '%s' | psql -qXc "copy public.accounts from stdin (format binary)" -c "analyze public.accounts" '%s'`, m.source, url)
			if out, err := exec.CommandContext(b.Context(), "sh", "-c", pipe).CombinedOutput(); err != nil {
				b.Fatalf("%v: %s", err, out)
			}
		}
	})
}

const benchChanges = 50_000

// connections is how many write the changes: go test ./executor -bench Changes -connections 1
var connections = flag.Int("connections", 0, "how many connections write changes in benchmarks; 0: as by default")

// BenchmarkChanges drains a backlog of small transactions of one update each. How
// that compares with others is for examples/race to say.
func BenchmarkChanges(b *testing.B) {
	m := newMove(b, 0, 0)
	sandbox.Exec(b, m.source, benchAccounts)
	m.drains(b)
}

// BenchmarkChangesComputed is BenchmarkChanges with what the source computes; the
// plain one beside it is the peer.
func BenchmarkChangesComputed(b *testing.B) {
	for _, c := range []struct {
		name string
		rule planner.TableRule
	}{
		{"plain", planner.TableRule{}},
		{"value", valued(value("filler", "upper(filler)"))},
		{"filter of the key", where("aid > 0")},
		{"filter outside the key", where("abalance >= 0")},
	} {
		b.Run(c.name, func(b *testing.B) {
			m := newMove(b, 0, 0)
			sandbox.Exec(b, m.source, benchAccounts)
			c.rule.Table = catalog.Name{Schema: "public", Local: "accounts"}
			m.spec.Tables = []planner.TableRule{c.rule}
			m.drains(b)
		})
	}
}

const benchAccounts = `
	create table public.accounts (aid int primary key, bid int, abalance int, filler char(84));
	insert into public.accounts select i, i / 100000, 0, '' from generate_series(1, 100000) i;
	create procedure public.work(n int) language plpgsql as $$
	begin
		for i in 1..n loop
			update public.accounts set abalance = abalance + i % 100 where aid = 1 + (i * 7919) % 100000;
			commit;
		end loop;
	end $$`

// drains follows until the backlog is empty, again and again.
func (m *move) drains(b *testing.B) {
	if _, err := m.run(b.Context(), func(r *executor.Run) { r.Until = executor.UntilCaughtUp }); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		b.StopTimer()
		sandbox.Exec(b, m.source, fmt.Sprintf("call public.work(%d)", benchChanges))
		marker, err := slot.Marker(b.Context(), connect(b, m.source))
		if err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		stop := make(chan struct{})
		ended := make(chan error, 1)
		go func() {
			_, err := m.run(b.Context(), func(r *executor.Run) { r.Stop, r.Settings.Connections = stop, *connections })
			ended <- err
		}()
		if err := m.until(b.Context(), func(st state.State) bool { return st.Position.LSN >= uint64(marker) }); err != nil {
			b.Fatal(err)
		}
		close(stop)
		if err := <-ended; err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(benchChanges)*float64(b.N)/b.Elapsed().Seconds(), "changes/s")
}

// BenchmarkVerify compares a table of pgbench's shape; reading and hashing the same rows
// on both servers at once, without an answer to which of them differ, is the peer.
func BenchmarkVerify(b *testing.B) {
	m := newMove(b, 0, 0)
	tables := m.manyRows(b, benchRows)
	b.Run("sluice", func(b *testing.B) {
		for b.Loop() {
			if found := m.differing(b, tables); len(found) > 0 {
				b.Fatalf("different: %+v", found)
			}
		}
	})
	b.Run("scan", func(b *testing.B) {
		for b.Loop() {
			m.scan(b)
		}
	})
}

// manyRows makes a table with rows, loads it, and returns what there is to compare.
func (m *move) manyRows(t testing.TB, rows int) []verify.Table {
	t.Helper()
	m.spec.Stages = planner.Stages{Schema: true, Full: true}
	sandbox.Exec(t, m.source, fmt.Sprintf(`
		create table public.accounts (aid int primary key, bid int, abalance int, filler char(84));
		insert into public.accounts select i, i / 100000, 0, '' from generate_series(1, %d) i`, rows))
	if _, err := m.run(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	plan, err := m.plan(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return executor.Tables(plan)
}

// differing compares both sides, and returns what differs.
func (m *move) differing(t testing.TB, tables []verify.Table) (found []verify.Difference) {
	t.Helper()
	source, target := m.servers()
	results, err := verify.Compare(t.Context(), verify.Options{Source: source, Target: target}, tables)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range results {
		if r.Equal == (len(r.Different) > 0) {
			t.Errorf("the result contradicts itself: %+v", r)
		}
		found = append(found, r.Different...)
	}
	return found
}

// scan has both servers read and hash the rows.
func (m *move) scan(t testing.TB) {
	t.Helper()
	var sides sync.WaitGroup
	for _, url := range []string{m.source, m.target} {
		sides.Go(func() {
			sandbox.Query(t, url, "select count(*), sum(hashtext(t::text)) from public.accounts t")
		})
	}
	sides.Wait()
}

// Promise 24: one changed value is found among all rows, and named by its key; with -long
// among ten million.
func TestVerifyFindsOneValue(t *testing.T) {
	t.Parallel()
	rows := 100_000
	if *long {
		rows = 10_000_000
	}
	m := newMove(t, 0, 0)
	tables := m.manyRows(t, rows)
	key := rows*3/4 + 1
	sandbox.Exec(t, m.target, fmt.Sprintf("update public.accounts set filler = ' x' where aid = %d", key))
	began := time.Now()
	found := m.differing(t, tables)
	took := time.Since(began)
	if want := []verify.Difference{{Key: fmt.Sprintf("(%d)", key), What: "different"}}; !slices.Equal(found, want) {
		t.Errorf("found %+v, want %+v", found, want)
	}
	began = time.Now()
	m.scan(t)
	t.Logf("%d rows: compared in %s, read and hashed on both sides in %s", rows, took.Round(time.Millisecond), time.Since(began).Round(time.Millisecond))
}
