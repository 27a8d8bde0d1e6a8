package executor_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sluice/examples/sandbox"
	"sluice/executor"
	"sluice/executor/verify"
)

// compared asks for a comparison and returns what differs, by table.
func (m *move) compared(ctx context.Context, t *testing.T) map[string][]verify.Difference {
	t.Helper()
	return m.differ(ctx, t, nil)
}

// differ is what differs in the answer to a request to verify.
func (m *move) differ(ctx context.Context, t *testing.T, payload []byte) map[string][]verify.Difference {
	t.Helper()
	answer, err := m.ask(ctx, t, executor.RequestVerify, payload)
	if err != nil {
		t.Errorf("verifying: %v", err)
		return nil
	}
	var results []verify.Result
	if err := json.Unmarshal([]byte(answer), &results); err != nil || len(results) == 0 {
		t.Errorf("the answer %q: %v", answer, err)
	}
	differ := map[string][]verify.Difference{}
	for _, r := range results {
		if !r.Equal {
			differ[r.Table.Local] = append([]verify.Difference{}, r.Different...)
		}
	}
	return differ
}

// verified checks that a comparison finds both sides equal.
func (m *move) verified(ctx context.Context, t *testing.T) {
	t.Helper()
	if differ := m.compared(ctx, t); len(differ) > 0 {
		t.Errorf("they differ: %v", differ)
	}
}

// Promise 24: no false alarm while hundreds of transactions a second are
// written; then each row that was spoiled by hand is named, and no other.
func TestVerifyNeitherCriesWolfNorLies(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	m := newMove(t, 0, 0)
	m.spec.LargeTable, m.chunkBytes = smallTable, smallChunk
	m.loadShop(t, 1)
	sandbox.Exec(t, m.source, `
		create table public.spoiled (id int primary key, v text); insert into public.spoiled select i, 'v' || i from generate_series(1, 1000) i;
		create table public.emptied (id int primary key, v text)`)
	stop := m.write(ctx, t, 200)
	m.whileFollowing(ctx, t, nil, func() {
		truncating, cancel := context.WithCancel(ctx)
		truncated := make(chan struct{})
		go func() { // compared again, under new snapshots
			defer close(truncated)
			for truncating.Err() == nil {
				sandbox.Exec(t, m.source, "truncate public.emptied; insert into public.emptied select i, now() from generate_series(1, 50) i")
				select {
				case <-time.After(200 * time.Millisecond):
				case <-truncating.Done():
				}
			}
		}()
		for range 2 {
			m.verified(ctx, t)
		}
		cancel()
		<-truncated
		sandbox.Exec(t, m.target, `set session_replication_role = replica;
			update public.spoiled set v = '' where id = 17; delete from public.spoiled where id = 18; insert into public.spoiled values (-1, 'v')`)
		want := map[string][]verify.Difference{"spoiled": {
			{Key: "(-1)", What: "only on the target"}, {Key: "(17)", What: "different"}, {Key: "(18)", What: "only on the source"}}}
		if diff := cmp.Diff(want, m.compared(ctx, t)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		sandbox.Exec(t, m.target, "update public.spoiled set v = 'v17' where id = 17; insert into public.spoiled values (18, 'v18'); delete from public.spoiled where id = -1")
		stop()
		m.verified(ctx, t)
	})
}

// An unlogged table is not followed, and the plan says so: that its rows differ
// afterwards is no finding, and does not keep the cutover's gate closed.
func TestVerifyLeavesUnloggedTablesOut(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	m := newMove(t, 0, 0)
	sandbox.Exec(t, m.source, "create table public.kept (id int primary key); create unlogged table public.cache (id int primary key); insert into public.cache values (1)")
	m.whileFollowing(ctx, t, nil, func() {
		sandbox.Exec(t, m.source, "insert into public.kept values (1); insert into public.cache values (2)")
		m.verified(ctx, t)
	})
}

// A comparison needs a snapshot, for which the source waits until the running
// transactions have ended. The changes flow meanwhile: an idle transaction must
// not make the target lag.
func TestVerifyWaitsBesideTheChanges(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	server := ownServer(t, sandbox.Options{}) // a transaction that is open holds up every slot of a server
	m := &move{source: server.Database(t), target: sandbox.Shared(t, 0, "target").Database(t)}
	m.spec = spec(m.source)
	sandbox.Exec(t, m.source, "create table public.t (id int primary key)")
	m.whileFollowing(ctx, t, nil, func() {
		idle := connect(t, m.source)
		if _, err := idle.Exec(ctx, "begin"); err != nil {
			t.Error(err)
		}
		if _, err := idle.Exec(ctx, "insert into public.t values (1)"); err != nil {
			t.Error(err)
		}
		answer := make(chan error, 1)
		go func() {
			_, err := m.ask(ctx, t, executor.RequestVerify, nil)
			answer <- err
		}()
		// The comparison is waiting for the idle transaction.
		eventually(t, m.source, "select count(*) > 0 from pg_stat_activity where application_name = 'sluice barrier'", "t")
		sandbox.Exec(t, m.source, "insert into public.t values (2)")
		arrived := func() bool {
			give := time.After(5 * time.Second)
			for {
				if sandbox.Query(t, m.target, "select count(*) from public.t")[0] == "1" {
					return true
				}
				select {
				case <-give:
					return false
				case <-time.After(50 * time.Millisecond):
				}
			}
		}()
		if !arrived {
			t.Error("the changes stand still for as long as a transaction is open on the source")
		}
		if _, err := idle.Exec(ctx, "commit"); err != nil {
			t.Error(err)
		}
		if err := <-answer; err != nil {
			t.Error(err)
		}
	})
}

// An ALTER TABLE that rewrites rows and keeps the type sends nothing, and no
// definition tells. The certificate from before it must not open the gate.
func TestVerifyBeforeARewriteDoesNotOpenTheGate(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	m := newMove(t, 0, 0)
	sandbox.Exec(t, m.source, "create table public.t (id int primary key, v int); insert into public.t values (1, 1)")
	m.whileFollowing(ctx, t, nil, func() {
		m.verified(ctx, t)
		sandbox.Exec(t, m.source, "alter table public.t alter v type integer using v + 1")
		if err := m.cutOver(ctx, t); err == nil || !strings.Contains(err.Error(), "public.t") {
			t.Errorf("the cutover of rows that differ: %v", err)
		}
	})
}
