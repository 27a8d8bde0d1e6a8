package shop

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"sluice/examples/sandbox"
)

func connector(url string) func(context.Context) (*pgx.Conn, error) {
	return func(ctx context.Context) (*pgx.Conn, error) { return pgx.Connect(ctx, url) }
}

// wantLedger asserts that the ledger is what the writers know of it.
func wantLedger(t *testing.T, url string, stats *Stats) {
	t.Helper()
	for _, w := range stats.Writers {
		var rows, first, last int64
		line := sandbox.Query(t, url, `select count(*), coalesce(min(n), 1), coalesce(max(n), 0)
			from public.ledger where writer = $1`, w.Writer)[0]
		if _, err := fmt.Sscanf(line, "%d|%d|%d", &rows, &first, &last); err != nil {
			t.Fatal(err)
		}
		if first != 1 || rows != last || last < w.Acknowledged || last > w.Attempted {
			t.Errorf("the ledger has %d rows, %d to %d, the writer knows %+v", rows, first, last, w)
		}
	}
}

func commits(s *Stats) (n int) {
	for _, c := range s.Commits {
		n += c
	}
	return n
}

func TestWritersAgreeWithTheLedger(t *testing.T) {
	t.Parallel()
	const transactions = 2000
	for _, major := range sandbox.Majors() {
		t.Run(fmt.Sprint(major), func(t *testing.T) {
			url := load(t, major, 1)
			before := sandbox.Query(t, url, "select category_id, name, products from public.category_sizes order by 1")
			stats, err := Write(t.Context(), connector(url), WriteOptions{Transactions: transactions, Seed: 1})
			if err != nil {
				t.Fatal(err)
			}
			if got := commits(stats); got != transactions {
				t.Errorf("%d transactions", got)
			}
			for state := range stats.Errors {
				if !Retriable(&pgconn.PgError{Code: state}) {
					t.Errorf("errors %v", stats.Errors)
				}
			}
			for _, k := range kinds {
				if stats.Commits[k.name] == 0 && k.name != "abandon" {
					t.Errorf("never: %s", k.name)
				}
			}
			wantLedger(t, url, stats)
			sandbox.Exec(t, url, "refresh materialized view public.category_sizes")
			after := sandbox.Query(t, url, "select category_id, name, products from public.category_sizes order by 1")
			if fmt.Sprint(before) != fmt.Sprint(after) {
				t.Error("the writers changed what the materialised view is of")
			}
			t.Logf("errors %v", stats.Errors)
		})
	}
}

func TestSecondWriteGoesOnInTheLedger(t *testing.T) {
	t.Parallel()
	url := load(t, 0, 1)
	for range 2 {
		stats, err := Write(t.Context(), connector(url), WriteOptions{Writers: 2, Transactions: 50})
		if err != nil {
			t.Fatal(err)
		}
		wantLedger(t, url, stats)
	}
	if got := sandbox.Query(t, url, "select count(*) from public.ledger"); got[0] != "100" {
		t.Errorf("%s transactions in the ledger", got[0])
	}
}

func TestEndOfContextFinishesTheTransactionInHand(t *testing.T) {
	t.Parallel()
	url := load(t, 0, 1)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		defer cancel()
		waitForCommits(t, url, 20)
	}()
	stats, err := Write(ctx, connector(url), WriteOptions{Rate: 500})
	if err != nil {
		t.Fatal(err)
	}
	wantLedger(t, url, stats)
	for _, w := range stats.Writers {
		if w.Attempted != w.Acknowledged && len(stats.Errors) == 0 {
			t.Errorf("its outcome is open: %+v", w)
		}
	}
}

// waitForCommits returns when the ledger has so many rows, or the test is over.
func waitForCommits(t *testing.T, url string, n int) {
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Error(err)
		return
	}
	defer conn.Close(context.WithoutCancel(t.Context()))
	for rows := 0; rows < n; {
		if err := conn.QueryRow(t.Context(), "select count(*) from public.ledger").Scan(&rows); err != nil {
			t.Error(err)
			return
		}
		pause(t.Context(), 5*time.Millisecond)
	}
}

func TestFencedWritersStopSilently(t *testing.T) {
	t.Parallel()
	fences := map[string]string{
		"25006": "set default_transaction_read_only = on",
		"P0001": "set app.fenced = on",
		"57P01": "",
	}
	for state, setting := range fences {
		t.Run(state, func(t *testing.T) {
			url := load(t, 0, 1)
			sandbox.Exec(t, url, `
				create function public.fence() returns trigger language plpgsql as $$
				begin
				  if current_setting('app.fenced', true) = 'on' then raise exception 'fenced'; end if;
				  return null;
				end $$;
				create trigger fence before insert on public.ledger execute function public.fence()`)
			connect := func(ctx context.Context) (*pgx.Conn, error) {
				conn, err := pgx.Connect(ctx, url)
				if err == nil {
					_, err = conn.Exec(ctx, setting)
				}
				return conn, err
			}
			if setting == "" {
				connect = connector(url)
				go func() {
					waitForCommits(t, url, 20)
					sandbox.Query(t, url, "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()")
				}()
			}
			stats, err := Write(t.Context(), connect, WriteOptions{})
			if err != nil {
				t.Fatal(err)
			}
			if stats.Errors[state]+stats.Errors[""] == 0 {
				t.Errorf("errors %v", stats.Errors)
			}
			wantLedger(t, url, stats)
		})
	}
}

func TestCrashOfTheServerLosesNothingAcknowledged(t *testing.T) {
	t.Parallel()
	s, err := sandbox.Start(t.Context(), sandbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Stop() })
	if err := s.Create(t.Context(), "shop"); err != nil {
		t.Fatal(err)
	}
	url := s.URL("shop")
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(Load(t.Context(), conn, 1), conn.Close(t.Context())); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	crashed := make(chan error, 1)
	var refused atomic.Bool
	go func() {
		defer cancel()
		waitForCommits(t, url, 50)
		err := s.Restart(t.Context(), sandbox.Immediate)
		waitForCommits(t, url, 500)
		crashed <- err
	}()
	stats, err := Write(ctx, connector(url), WriteOptions{OnError: func(err error) bool {
		if Refused(err) {
			refused.Store(true)
			return true
		}
		return Retriable(err)
	}})
	if err := errors.Join(err, <-crashed); err != nil {
		t.Fatal(err)
	}
	if !refused.Load() {
		t.Error("nobody noticed the crash")
	}
	wantLedger(t, url, stats)
	t.Logf("errors %v", stats.Errors)
}

func TestUnexpectedErrorEndsWrite(t *testing.T) {
	t.Parallel()
	url := load(t, 0, 1)
	sandbox.Exec(t, url, "alter table public.ledger rename to lost")
	_, err := Write(t.Context(), connector(url), WriteOptions{})
	var pg *pgconn.PgError
	if !errors.As(err, &pg) || pg.Code != "42P01" {
		t.Errorf("the error is %v", err)
	}
}

func TestEmptyShopIsRefused(t *testing.T) {
	t.Parallel()
	if _, err := Write(t.Context(), connector(load(t, 0, 0)), WriteOptions{}); err == nil {
		t.Error("an empty shop is written to")
	}
}

func BenchmarkWrite(b *testing.B) {
	url := load(b, 0, 1)
	b.ResetTimer()
	stats, err := Write(b.Context(), connector(url), WriteOptions{Transactions: b.N})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(commits(stats))/b.Elapsed().Seconds(), "tx/s")
}
