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
	if got := sandbox.Query(t, m.target, "select settings from sluice.lease"); !slices.Equal(got, []string{`{"workers": 2, "retry_other": 42, "retry_connection": 0}`}) {
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
