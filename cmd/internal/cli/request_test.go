package cli

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"sluice/examples/sandbox"
	"sluice/executor"
	"sluice/executor/session"
	"sluice/planner"
	"sluice/state/postgres"
)

// The target restarts while an answer is waited for: the process that is asked
// outlasts that, and so does the one that asks.
func TestAnAnswerIsWaitedForWhileTheTargetIsAway(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	server, err := sandbox.Start(ctx, sandbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Stop(); err != nil {
			t.Error(err)
		}
	})
	target := session.At("target.new", server.Database(t))
	store, err := postgres.Acquire(ctx, func(ctx context.Context) (*pgx.Conn, error) { return target.Connect(ctx, "state") },
		postgres.Options{Address: "migration.shop", Holder: "test", Heartbeat: 10 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Release(ctx)

	lines := make(chan string, 2)
	type reply struct {
		result string
		err    error
	}
	answer := make(chan reply, 1)
	go func() {
		j := job{plan: &planner.Plan{Migration: "migration.shop"}, sides: sides{target: target}}
		result, err := (&app{}).ask(ctx, j, executor.RequestVerify, nil, func(line string) { lines <- line })
		answer <- reply{string(result), err}
	}()
	request := <-store.Requests()
	if err := store.Say(ctx, request.ID, "first"); err != nil {
		t.Fatal(err)
	}
	said := []string{<-lines}
	if err := server.Restart(ctx, sandbox.Immediate); err != nil {
		t.Fatal(err)
	}
	if err := store.Say(ctx, request.ID, "second"); err != nil {
		t.Fatal(err)
	}
	if err := store.Answer(ctx, request.ID, "equal", ""); err != nil {
		t.Fatal(err)
	}
	if got := <-answer; got != (reply{result: "equal"}) {
		t.Errorf("the answer is %+v", got)
	}
	if said = append(said, <-lines); !slices.Equal(said, []string{"first", "second"}) {
		t.Errorf("said was %q", said)
	}
}
