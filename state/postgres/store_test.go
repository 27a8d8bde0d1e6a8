package postgres

import (
	"context"
	"errors"
	"slices"
	"testing"

	"sluice/examples/sandbox"
	"sluice/state"
)

func TestALostLockFencesEveryRecord(t *testing.T) {
	t.Parallel()
	url := database(t)
	way := &line{url: url}
	old := holdOver(t, way.connect, crm)
	before := records(old)
	way.orphan(t, old)
	conn := dial(t, url)
	if st := loaded(t, url, crm); st.Lease.Live || st.Lease.Holder != "test/1" {
		t.Errorf("the dead holder's lease is %+v", st.Lease)
	}

	next := hold(t, url, crm)
	if next.Epoch() != old.Epoch()+1 {
		t.Errorf("the next epoch is %d, after %d", next.Epoch(), old.Epoch())
	}
	for name, r := range before {
		if n := execute(t, conn, r); n != 0 {
			t.Errorf("%s from before the takeover hit %d rows", name, n)
		}
	}
	for name, r := range records(old) { // it does not know yet
		if n := execute(t, conn, r); n != 0 {
			t.Errorf("%s of a lost lock hit %d rows", name, n)
		}
	}
	st := loaded(t, url, crm)
	if len(st.Steps)+len(st.Chunks)+len(st.Certificates) != 0 || st.Position != (state.Position{}) {
		t.Errorf("a stale process has written %+v", st)
	}
	if err := next.Write(t.Context(), before["StepDone"]); !errors.Is(err, ErrFenced) {
		t.Errorf("Write of a stale record: %v", err)
	}
}

func TestAHeartbeatFindsAnotherEpoch(t *testing.T) {
	t.Parallel()
	url := database(t)
	s := hold(t, url, crm)
	sandbox.Exec(t, url, "update sluice.lease set epoch = epoch + 1")
	await(t, s.Lost(), "Lost")
	if !errors.Is(s.Err(), ErrFenced) {
		t.Errorf("Err is %v", s.Err())
	}
	if err := s.SetPhase(t.Context(), state.Schema, ""); !errors.Is(err, ErrFenced) {
		t.Errorf("SetPhase: %v", err)
	}
	if _, open := <-s.Requests(); open {
		t.Error("a request is delivered to nobody")
	}
}

func TestAPhaseIsSetWhileAChunkIsOpen(t *testing.T) {
	t.Parallel()
	url := database(t)
	s := hold(t, url, crm)
	tx, err := dial(t, url).Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	execute(t, tx.Conn(), s.ChunksDone(state.Chunk{Schema: "a", Table: "b"}))
	if err := s.SetPhase(t.Context(), state.FullLoad, ""); err != nil {
		t.Fatal(err)
	}
	// And the other way round: the record was made under an older version of the row.
	execute(t, tx.Conn(), s.ChunksDone(state.Chunk{Schema: "a", Table: "b", Number: 1}))
	if err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if st := loaded(t, url, crm); st.Phase != state.FullLoad || len(st.Chunks) != 2 {
		t.Errorf("the state is %+v", st)
	}
}

func TestHistorySaysWhoDidWhat(t *testing.T) {
	t.Parallel()
	url := database(t)
	s := hold(t, url, crm)
	for _, do := range []func() error{
		func() error { return s.Note(t.Context(), "apply sha256:1") },
		func() error { return s.SetPhase(t.Context(), state.Schema, "") },
		func() error { return s.SetPhase(t.Context(), state.Schema, "") },
		func() error { return s.SetPhase(t.Context(), state.Failed, "a \xff\x00 byte") },
		func() error { return s.Write(t.Context(), s.TableRestart("public", "orders")) },
		func() error { return s.Release(t.Context()) },
	} {
		if err := do(); err != nil {
			t.Fatal(err)
		}
	}
	got := sandbox.Query(t, url, "select holder, what from sluice.event order by id")
	want := []string{
		"test/1|took the lock", "test/1|apply sha256:1", "test/1|schema", "test/1|failed: a �� byte",
		"test/1|starts again: copy table public.orders", "test/1|released the lock",
	}
	if !slices.Equal(got, want) {
		t.Errorf("history is %q", got)
	}
	if st := loaded(t, url, crm); st.Phase != state.Failed || st.Error != "a �� byte" {
		t.Errorf("phase %q, error %q", st.Phase, st.Error)
	}
}

func TestReleaseEndsEverything(t *testing.T) {
	t.Parallel()
	url := database(t)
	s := hold(t, url, crm)
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Release(over); err != nil {
		t.Fatal(err)
	}
	if err := s.Release(t.Context()); err != nil {
		t.Errorf("a second Release: %v", err)
	}
	if err := s.Note(t.Context(), "late"); !errors.Is(err, errReleased) {
		t.Errorf("Note: %v", err)
	}
	for name, r := range records(s) {
		if n := execute(t, dial(t, url), r); n != 0 {
			t.Errorf("%s after Release hit %d rows", name, n)
		}
	}
	if s.Err() != nil {
		t.Errorf("Release is no loss: %v", s.Err())
	}
	hold(t, url, crm) // at once
}

// A cut-off statement would take the connection, and with it the lock.
func TestACancelledCallKeepsTheLock(t *testing.T) {
	t.Parallel()
	url := database(t)
	s := hold(t, url, crm)
	tx, err := dial(t, url).Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(t.Context(), "lock table sluice.event in access exclusive mode"); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	first := make(chan error, 1)
	go func() { first <- s.Note(ctx, "one") }()
	until(t, url, blocked, 1)
	cancel()
	if err := s.Note(ctx, "two"); !errors.Is(err, context.Canceled) {
		t.Errorf("Note: %v", err)
	}
	if err := tx.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := await(t, first, "note"); err != nil {
		t.Errorf("a statement that had begun: %v", err)
	}
	if err := s.Note(t.Context(), "three"); err != nil {
		t.Error(err)
	}
}

func TestStatusViewShowsARow(t *testing.T) {
	t.Parallel()
	url := database(t)
	s := hold(t, url, crm)
	status := func(columns string) string {
		return sandbox.Query(t, url, "select "+columns+" from sluice.status")[0]
	}
	all := "address, phase, reason, steps_done, chunks, rows, bytes, lsn, lag_bytes, lag_seconds, holder, live"
	if got, want := status(all), crm+`|planned||0|0|0|0|0/0|\N|\N|test/1|t`; got != want {
		t.Errorf("at first status is\n%s, not\n%s", got, want)
	}
	for _, r := range []state.Record{
		s.StepDone("one", ""), s.StepIntent("two", ""),
		s.ChunksDone(state.Chunk{Schema: "a", Table: "b", Number: 0, Rows: 3, Bytes: 30}),
		s.ChunksDone(state.Chunk{Schema: "a", Table: "b", Number: 1, Rows: 4, Bytes: 40}),
		s.Position(state.Position{LSN: 0x1_00000010}), s.SourceEnd(0x1_00000110),
	} {
		if err := s.Write(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := status(all), crm+`|planned||1|2|7|70|1/10|256|\N|test/1|t`; got != want {
		t.Errorf("then status is\n%s, not\n%s", got, want)
	}
	for _, r := range []state.Record{s.Position(state.Position{LSN: 32}), s.SourceEnd(32)} {
		if err := s.Write(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Release(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got, want := status("lag_bytes, lag_seconds, holder, live"), `0|0|\N|f`; got != want {
		t.Errorf("drained and released it is %s, not %s", got, want)
	}
}
