package executor_test

import (
	"context"
	"encoding/json"
	"slices"
	"testing"

	"sluice/examples/sandbox"
	"sluice/executor"
	"sluice/state"
)

// One worker has a chunk in hand and keeps it until a second one has another:
// which comes only when the run, in the middle of the load, is told to have two.
func TestWorkersChangeDuringTheLoad(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	m := newMove(t, 0, 0)
	m.spec.Stages.Incremental = false
	m.spec.LargeTable, m.chunkBytes = 1, 64<<10
	sandbox.Exec(t, m.source, `
		create table public.t (id int primary key, filler text default repeat('f', 150));
		insert into public.t select i from generate_series(1, 4000) i`)
	inHand := make(chan struct{})
	ended := make(chan struct{})
	go func() {
		_, err := m.run(ctx, func(r *executor.Run) {
			r.Settings.Workers = 1
			r.Point = func(name string) {
				if name == "load: before a chunk commits" {
					select {
					case inHand <- struct{}{}:
					case <-ctx.Done():
					}
				}
			}
		})
		if err != nil {
			t.Error(err)
		}
		close(ended)
	}()
	defer func() { cancel(); <-ended }()
	// No receiver yet: the one worker waits with its chunk.
	payload, err := json.Marshal(state.Settings{Workers: 2, RetryOther: 42})
	if err != nil {
		t.Fatal(err)
	}
	working := "select count(*) from pg_stat_activity where application_name = 'sluice copy' and state = 'idle in transaction' and datname = current_database()"
	eventually(t, m.target, working, "1")
	if _, err := m.ask(ctx, t, executor.RequestSettings, payload); err != nil {
		t.Fatal(err)
	}
	eventually(t, m.target, working, "2")
	if got := sandbox.Query(t, m.target, "select settings from sluice.lease"); !slices.Equal(got, []string{`{"load": {}, "changes": {}, "workers": 2, "retry_other": 42, "retry_connection": 0}`}) {
		t.Errorf("recorded is %v", got)
	}
	if _, err := m.ask(ctx, t, executor.RequestSettings, []byte("no JSON")); err == nil {
		t.Error("settings that cannot be read were taken")
	}
	for {
		select {
		case <-inHand:
			continue
		case <-ended:
			return
		}
	}
}

// At a row and a byte a second neither the load nor the changes get anywhere;
// without a limit both do, in the same run.
func TestThrottlesChangeInPlace(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	t.Cleanup(cancel)
	l := &live{move: newMove(t, 0, 0), t: t, ctx: ctx}
	sandbox.Exec(t, l.source, marksTable+`
		create table public.t (id int primary key, filler text default repeat('f', 150));
		insert into public.t select i from generate_series(1, 4000) i`)
	ask := func(s state.Settings) {
		t.Helper()
		payload, err := json.Marshal(s)
		if err == nil {
			_, err = l.ask(ctx, t, executor.RequestSettings, payload)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	slow := state.Throttle{Rows: 1, Bytes: 1}
	l.start(func(r *executor.Run) { r.Settings = state.Settings{Load: slow, Changes: slow} })
	eventually(t, l.target, "select count(*) from pg_stat_activity where query ilike 'copy%\"t\"%' and state = 'active' and datname = current_database()", "1")
	// The slot keeps WAL for as long as the load takes, and that is known meanwhile.
	sandbox.Exec(t, l.source, "create table public.unrelated as select i from generate_series(1, 10000) i; drop table public.unrelated")
	if err := l.until(ctx, func(state.State) bool {
		s := l.progress.Load().Snapshot()
		return s.Stream != nil && s.Stream.RetainedBytes > 100<<10 && s.Load.TablesDone == 0
	}); err != nil {
		t.Fatal(err)
	}
	if bytes := l.progress.Load().Snapshot().Load.Bytes; bytes > 64<<10 {
		t.Errorf("%d bytes were loaded at a byte a second", bytes)
	}
	ask(state.Settings{Changes: slow})
	if err := l.until(ctx, inPhase(state.Following)); err != nil {
		t.Fatal(err)
	}
	// The first one passes, and is seen; the next ones wait until it is paid for.
	l.do("update public.t set filler = 'changed' where id = 1")
	l.wait("select from public.t where filler = 'changed'")
	l.do("update public.t set filler = 'changed'")
	written := sandbox.Query(t, l.source, "select pg_current_wal_lsn()")[0]
	eventually(t, l.source, "select count(*) from pg_stat_replication r join pg_replication_slots s on s.active_pid = r.pid "+
		"where s.database = current_database() and r.sent_lsn >= '"+written+"'", "1")
	if got := sandbox.Query(t, l.target, "select count(*) from public.t where filler = 'changed'"); got[0] != "1" {
		t.Errorf("%s rows are changed at a byte a second", got[0])
	}
	ask(state.Settings{})
	l.same()
	l.rest()
}
